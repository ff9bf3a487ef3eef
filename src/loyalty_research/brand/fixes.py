"""What the brand changed on a day, and which complaints it was about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from loyalty_research.brand.fields import BothTexts, Day, Section
from loyalty_research.errors import Problem, problem

Aspect = Literal[
    "product",
    "price",
    "service",
    "waiting",
    "delivery",
    "app",
    "hygiene",
    "environment",
    "membership",
]
"""What customers write about."""


def _some(aspects: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
    if not aspects:
        msg = "at least one aspect, such as waiting"
        raise ValueError(msg)
    return aspects


class Fix(Section):
    """A change the brand made: its first day, and the aspects of complaints it was meant for."""

    name: BothTexts
    on: Day
    aspects: Annotated[tuple[Aspect, ...], AfterValidator(_some)]


def check_fixes(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem for every fix that has no day before it, or none after, in the period."""
    period, fixes = data.get("period"), data.get("fixes")
    if not isinstance(period, Mapping) or not isinstance(fixes, list):
        return
    start, end = _day(period.get("start")), _day(period.get("end"))
    for place, fix in enumerate(fixes):
        day = _day(fix.get("on")) if isinstance(fix, Mapping) else None
        if start is None or end is None or day is None or start < day <= end:
            continue
        yield problem(
            "fixes.{place}.on: found {found}, a day outside the period; allowed: after {start}, "
            "up to {end}",
            place=place,
            found=day,
            start=start,
            end=end,
        )


def _day(value: object) -> dt.date | None:
    """Return a day; None for what is none, of which the key's own check tells."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return None
