"""Designs proposed beside the present programme and candidates, and what to think of them."""

from loyalty_research.tiers.proposals.beliefs import beliefs
from loyalty_research.tiers.proposals.compute import proposals
from loyalty_research.tiers.proposals.decide import decide
from loyalty_research.tiers.proposals.months import months
from loyalty_research.tiers.proposals.moves import moves
from loyalty_research.tiers.proposals.options import Option, Proposals
from loyalty_research.tiers.proposals.paying import break_even

__all__ = [
    "Option",
    "Proposals",
    "beliefs",
    "break_even",
    "decide",
    "months",
    "moves",
    "proposals",
]
