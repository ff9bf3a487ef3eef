"""The programmes a chapter is about, as cards: rules, sources and what is unknown."""

from __future__ import annotations

from typing import Any

from loyalty_research.results import Result
from loyalty_research.tiers.common import empty, given
from loyalty_research.tiers.replays import Replays

_SECTION = "programme_cards"


def cards(brand: Any, programmes: Any = None, *, replays: Replays | None = None) -> Result:
    """Show the rules of the brand's programme and its candidates."""
    return empty(given(brand, programmes, replays), _SECTION)
