"""What the rules of offers may ask about a customer: the facts, their kinds and units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from loyalty_research.profile.lifecycle import STAGES

VALUE_BANDS = ("high", "middle", "low")
STAGES_AHEAD = ("active", *STAGES[-3:])
TIMINGS = ("now", "own_rhythm", "birthday", "festival")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a customer.

    Parameters
    ----------
    kind
        ``choice`` one of `choices`, ``text`` any text, ``number``.
    unit
        How a reason prints it.
    choices
        Allowed values of a ``choice``.
    need
        Key of what would tell it where it is not known.
    """

    kind: Literal["choice", "text", "number"]
    unit: str
    choices: tuple[str, ...] = ()
    need: str = "orders"


def _text(unit: str, need: str) -> Fact:
    return Fact("text", unit, need=need)


def _number(unit: str, need: str = "orders") -> Fact:
    return Fact("number", unit, need=need)


FACTS: Mapping[str, Fact] = {
    "stage": Fact("choice", "label:stage", STAGES),
    "value_band": Fact("choice", "label:value_band", VALUE_BANDS),
    "stage_next": Fact("choice", "label:stage", STAGES_AHEAD, need="forecasts"),
    "chance_quieter": _number("share", "forecasts"),
    "forecast_weeks": _number("count", "forecasts"),
    "segment": _text("label:traits", "segments"),
    "tier": _text("label:tier", "tier"),
    "channel": _text("label:channel", "channel"),
    "recommended": _text("label:category", "recommended"),
    "occasions": _number("occasions"),
    "net_sales": _number("money"),
    "order_value": _number("money"),
    "silence_days": _number("days"),
    "usual_gap_days": _number("days"),
    "days_to_expected": _number("days"),
    "days_since_first": _number("days", "first_purchase"),
    "share_on_offer": _number("share", "discount"),
    "offer_rank": _number("share", "discount"),
    "price_index": _number("times", "prices"),
    "next_tier": _text("label:tier", "tiers"),
    "missing_for_tier": _number("money", "tiers"),
    "share_missing_for_tier": _number("share", "tiers"),
    "birthday_month": _number("count", "birthday"),
    "months_to_birthday": _number("count", "birthday"),
    "festival": _text("label:festival", "calendar"),
    "days_to_festival": _number("days", "calendar"),
}
"""Facts by name; one that the brand's data cannot tell makes a rule not evaluated."""
