"""Position: where brands stand among kinds of buyers and ways of buying, and how sure that is.

    m = competitors.market.open_markets(b, period=b.period)
    lr.show(competitors.position.brand_positions(m, brand=b))

A table of counts alone is mapped by ``position.correspondence(table)``.
"""

from loyalty_research.competitors.position.correspondence import Correspondence, correspondence
from loyalty_research.competitors.position.opened import Attribute, Position, open_positions
from loyalty_research.competitors.position.resampled import Resampled, resampled
from loyalty_research.competitors.position.section import brand_positions
from loyalty_research.competitors.position.strengths import brand_strengths

__all__ = [
    "Attribute",
    "Correspondence",
    "Position",
    "Resampled",
    "brand_positions",
    "brand_strengths",
    "correspondence",
    "open_positions",
    "resampled",
]
