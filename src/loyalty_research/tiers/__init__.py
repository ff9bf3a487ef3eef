"""Chapter 3, tier design: the present programme and candidates on the purchases as they were."""

from loyalty_research.tiers.attain import reach
from loyalty_research.tiers.cards import cards
from loyalty_research.tiers.compare import compare
from loyalty_research.tiers.gains import gains
from loyalty_research.tiers.levels import levels
from loyalty_research.tiers.reminders import reminders
from loyalty_research.tiers.replay import replay
from loyalty_research.tiers.replays import Replays, Run, replays
from loyalty_research.tiers.rewards import rewards

__all__ = [
    "Replays",
    "Run",
    "cards",
    "compare",
    "gains",
    "levels",
    "reach",
    "reminders",
    "replay",
    "replays",
    "rewards",
]
