"""Programmes the brand ran before the present one: each change of rules has its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from loyalty_research.brand.fields import Code, Day, Section
from loyalty_research.errors import Problem, problem


class EarlierProgramme(Section):
    """A programme of data/programmes that the brand ran before, and its last day."""

    programme: Code
    until: Day


def check_earlier(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong between earlier programmes, the present one and the period."""
    listed = data.get("earlier_programmes")
    if not isinstance(listed, list) or not listed:
        return
    if not data.get("programme"):
        yield problem(
            "earlier_programmes: found {count}, and no key programme; name the present programme "
            "under programme",
            count=len(listed),
        )
    days = [_day(item.get("until")) if isinstance(item, Mapping) else None for item in listed]
    for place in range(1, len(days)):
        before, day = days[place - 1], days[place]
        if before is not None and day is not None and day <= before:
            yield problem(
                "earlier_programmes.{place}.until: found {found}; allowed: after {before}, the "
                "earliest programme first",
                place=place,
                found=day,
                before=before,
            )
    yield from _outside(data.get("period"), days)


def _outside(period: object, days: list[dt.date | None]) -> Iterator[Problem]:
    if not isinstance(period, Mapping):
        return
    start, end = _day(period.get("start")), _day(period.get("end"))
    for place, day in enumerate(days):
        if start is None or end is None or day is None or start <= day < end:
            continue
        yield problem(
            "earlier_programmes.{place}.until: found {found}, so that the rules do not change "
            "within the period; allowed: from {start} on, before {end}",
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
