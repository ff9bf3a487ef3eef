"""The programmes a chapter is about, as cards: rules, sources and what is unknown."""

from __future__ import annotations

from typing import Any

from loyalty_research.programmes.card import cards as programme_cards
from loyalty_research.results import Result
from loyalty_research.tiers.common import CHAPTER, empty, given
from loyalty_research.tiers.replays import Replays

_SECTION = "programme_cards"


def cards(brand: Any, programmes: Any = None, *, replays: Replays | None = None) -> Result:
    """Show the rules of the brand's programme and its candidates.

    Parameters
    ----------
    brand
        An opened brand.
    programmes
        Programmes; None for the brand's own and its candidates.
    replays
        What :func:`replays` returned; the other arguments are not looked at then.

    Returns
    -------
    Result
        Tables of the rules, of what they rest on and of what is unknown; programmes that cannot be
        replayed are among them. Nothing where no programme is named.
    """
    made = given(brand, programmes, replays)
    if not made.programmes:
        return empty(made, _SECTION)
    return programme_cards(
        made.programmes,
        chapter=CHAPTER,
        section=_SECTION,
        context=made.context,
        period=made.days.iso,
    )
