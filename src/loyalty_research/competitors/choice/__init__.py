"""Which brand is chosen: price, promotion, preference, and what carries over from before.

    k = choice.open_choices(b, period=b.period)
    lr.show(choice.brand_choice(k))

Choice models need what was on offer, the tables ``market`` and ``choice_sets``: a till does not
know the prices of brands that were not bought.
"""

from loyalty_research.competitors.choice.carried import Carried, fit_carried
from loyalty_research.competitors.choice.classes import ClassFit, choose_classes, fit_classes
from loyalty_research.competitors.choice.design import Design, make_design
from loyalty_research.competitors.choice.draws import Told, told
from loyalty_research.competitors.choice.elasticities import PriceResponse, price_response
from loyalty_research.competitors.choice.logit import LogitFit, fit_logit
from loyalty_research.competitors.choice.occasions import Occasions, read_occasions
from loyalty_research.competitors.choice.opened import Choices, open_choices
from loyalty_research.competitors.choice.responses import brand_choice
from loyalty_research.competitors.choice.sources import repeat_sources
from loyalty_research.competitors.choice.split import split_repeat

__all__ = [
    "Carried",
    "Choices",
    "ClassFit",
    "Design",
    "LogitFit",
    "Occasions",
    "PriceResponse",
    "Told",
    "brand_choice",
    "choose_classes",
    "fit_carried",
    "fit_classes",
    "fit_logit",
    "make_design",
    "open_choices",
    "price_response",
    "read_occasions",
    "repeat_sources",
    "split_repeat",
    "told",
]
