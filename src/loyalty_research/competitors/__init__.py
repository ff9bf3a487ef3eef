"""Chapter 4: what published programmes would have paid a brand's customers for their purchases.

    c = competitors.compare(b, period=b.period)
    lr.show(competitors.returns(c))

No behaviour is assumed: every programme sees the same orders, as they were. Brands of a category
beside each other: :mod:`~loyalty_research.competitors.market`.
"""

from loyalty_research.competitors import choice, market, position
from loyalty_research.competitors.basis import basis
from loyalty_research.competitors.brand_switching import brand_switching
from loyalty_research.competitors.compare import Comparison, compare
from loyalty_research.competitors.curves import curves
from loyalty_research.competitors.evolution import evolution
from loyalty_research.competitors.first import first_rewards
from loyalty_research.competitors.fitting import LeftOut
from loyalty_research.competitors.others import others
from loyalty_research.competitors.paid import paid
from loyalty_research.competitors.public import public_performance
from loyalty_research.competitors.replays import Outcome
from loyalty_research.competitors.returns import returns
from loyalty_research.competitors.rules import rules

__all__ = [
    "Comparison",
    "LeftOut",
    "Outcome",
    "basis",
    "brand_switching",
    "choice",
    "compare",
    "curves",
    "evolution",
    "first_rewards",
    "market",
    "others",
    "paid",
    "position",
    "public_performance",
    "returns",
    "rules",
]
