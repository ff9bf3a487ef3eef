"""What a world is made of: every parameter, with its unit, as data."""

from loyalty_research.worlds.parameters.base import Words
from loyalty_research.worlds.parameters.marketing import (
    Campaign,
    Programme,
    Promotion,
    Responses,
    Rule,
)
from loyalty_research.worlds.parameters.shop import (
    Basket,
    Category,
    Channel,
    People,
    Place,
    Product,
    Shop,
)
from loyalty_research.worlds.parameters.timing import (
    Entry,
    ExponentialTiming,
    Festival,
    RenewalTiming,
    Seasons,
)
from loyalty_research.worlds.parameters.voices import (
    Benefits,
    Construct,
    Events,
    Feedback,
    Fix,
    Market,
    Survey,
)
from loyalty_research.worlds.parameters.whole import Parameters

__all__ = [
    "Basket",
    "Benefits",
    "Campaign",
    "Category",
    "Channel",
    "Construct",
    "Entry",
    "Events",
    "ExponentialTiming",
    "Feedback",
    "Festival",
    "Fix",
    "Market",
    "Parameters",
    "People",
    "Place",
    "Product",
    "Programme",
    "Promotion",
    "RenewalTiming",
    "Responses",
    "Rule",
    "Seasons",
    "Shop",
    "Survey",
    "Words",
]
