"""Models of repeat purchase and spend, on arrays: fits, and what they say about customers."""

from loyalty_research.stats.buy_till_you_die.family import FAMILIES, Family, FamilyName
from loyalty_research.stats.buy_till_you_die.fit import Fitted, fit_amounts, fit_histories
from loyalty_research.stats.buy_till_you_die.gamma_gamma import expected_mean
from loyalty_research.stats.buy_till_you_die.histories import Histories, gathered

__all__ = [
    "FAMILIES",
    "Family",
    "FamilyName",
    "Fitted",
    "Histories",
    "expected_mean",
    "fit_amounts",
    "fit_histories",
    "gathered",
]
