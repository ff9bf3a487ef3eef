"""Customer value: how often customers will buy, whether they are still there, what they are worth.

Words of its own, which elsewhere mean something else: frequency is the number of repeat purchase
days, recency the time from the first to the last, T the age of a customer.
"""

from loyalty_research.profile.clv.customer_model import CustomerModel
from loyalty_research.profile.clv.customer_value import customer_value
from loyalty_research.profile.clv.models import (
    fit_bg_nbd,
    fit_gamma_gamma,
    fit_mbg_nbd,
    fit_nbd,
    fit_pareto_nbd,
)
from loyalty_research.profile.clv.spend import GammaGamma
from loyalty_research.profile.clv.summary import summarise_customers

__all__ = [
    "CustomerModel",
    "GammaGamma",
    "customer_value",
    "fit_bg_nbd",
    "fit_gamma_gamma",
    "fit_mbg_nbd",
    "fit_nbd",
    "fit_pareto_nbd",
    "summarise_customers",
]
