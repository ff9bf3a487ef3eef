"""Market structure: brands of a category, and what brands of their size would have anyway.

    m = market.open_markets(b, period=b.period)
    lr.show(market.loyalty(m))

The model alone needs no brand: ``market.fit_dirichlet(...)`` from published figures,
``market.fit_dirichlet_households(counts)`` from households.
"""

from loyalty_research.competitors.market.dirichlet import Dirichlet
from loyalty_research.competitors.market.households import (
    HouseholdDirichlet,
    fit_dirichlet_households,
)
from loyalty_research.competitors.market.loyalty import loyalty
from loyalty_research.competitors.market.moments import MomentDirichlet, fit_dirichlet
from loyalty_research.competitors.market.movement import movement
from loyalty_research.competitors.market.opened import Category, Markets, open_markets
from loyalty_research.competitors.market.panel import Panel
from loyalty_research.competitors.market.shared import shared_buyers
from loyalty_research.competitors.market.sizes import brand_sizes

__all__ = [
    "Category",
    "Dirichlet",
    "HouseholdDirichlet",
    "Markets",
    "MomentDirichlet",
    "Panel",
    "brand_sizes",
    "fit_dirichlet",
    "fit_dirichlet_households",
    "loyalty",
    "movement",
    "open_markets",
    "shared_buyers",
]
