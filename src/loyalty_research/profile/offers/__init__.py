"""Which items go together, what to offer next, and to whom."""

from loyalty_research.profile.offers.actions import actions, brand_rules
from loyalty_research.profile.offers.actions_list import WrittenList, write_actions
from loyalty_research.profile.offers.holdout_flag import holdout_flags, holdout_key, is_held_out
from loyalty_research.profile.offers.next_products import NextProducts, next_products
from loyalty_research.profile.offers.pairs import pairs
from loyalty_research.profile.offers.recommend import Recommender
from loyalty_research.profile.offers.rules import RuleBook, load_rules
from loyalty_research.profile.offers.trading_up import trading_up

__all__ = [
    "NextProducts",
    "Recommender",
    "RuleBook",
    "WrittenList",
    "actions",
    "brand_rules",
    "holdout_flags",
    "holdout_key",
    "is_held_out",
    "load_rules",
    "next_products",
    "pairs",
    "trading_up",
    "write_actions",
]
