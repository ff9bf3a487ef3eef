"""How the dates of a source are written, settled by its values where they settle it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import collect_one
from loyalty_research.intake import values as look
from loyalty_research.intake.notes import note
from loyalty_research.intake.recognise import Guess
from loyalty_research.intake.source import Source

DateOrder = Literal["ymd", "mdy", "dmy"]
_SHORT = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{2,4})"
_HAN = re.compile(r"[\u4e00-\u9fff]")
_MONTH_FIRST = ("America/", "US/")


def with_date_order(
    guess: Guess, source: Source, *, given: DateOrder | None, timezone: str
) -> Guess:
    """Return a guess of a time column with the rule its values need.

    Parameters
    ----------
    guess
        Of a column of times or dates.
    source
        Where it stands.
    given
        The order named by hand: taken where the year does not come first.
    timezone
        The brand's; tells how an ambiguous date is read where nothing else does.
    """
    sample = source.column(guess.heading).sample
    unit = look.epoch_of(sample)
    if unit is not None:
        return guess.ruled(epoch=unit).told(note("date.epoch", unit=note(f"date.{unit}")))
    found = _parts(source.rows, guess.heading)
    if not found["short"]:
        serial = next(filter(look.is_serial, sample), None)
        return guess.told(note("date.serial", example=serial)) if serial else guess
    if given is not None:
        return guess.ruled(date_order=given).told(note("date.given", order=given))
    example = next((value for value in sample if re.match(_SHORT, value)), "")
    settled = _settled(found)
    if settled is not None:
        return guess.ruled(date_order=settled).told(
            note("date.settled", order=settled, example=example)
        )
    default = _default(guess.heading, found, timezone)
    doubtful = replace(guess, confidence="guess").ruled(date_order=default)
    return doubtful.told(note("date.ambiguous", order=default, example=example))


def _parts(rows: ir.Table, heading: str) -> dict[str, int]:
    """Return how many dates do not begin with a year, and the largest of their three parts."""
    text = rows[heading]
    short = text.re_search(_SHORT)
    parts = {
        f"part_{place}": text.re_extract(_SHORT, place).try_cast("int64").max(where=short)
        for place in (1, 2, 3)
    }
    found = collect_one(rows.aggregate(short=ibis.coalesce(short.sum(), 0), **parts))
    return {name: int(value or 0) for name, value in found.items()}


def _settled(found: dict[str, int]) -> DateOrder | None:
    first, second, third = (found[f"part_{place}"] for place in (1, 2, 3))
    if first > 31:
        return "ymd"
    if second > 12:
        return "mdy" if third > 31 or first <= 12 else None
    if first > 12 and third > 31:
        return "dmy"
    return None


def _default(heading: str, found: dict[str, int], timezone: str) -> DateOrder:
    if _HAN.search(heading) and found["part_3"] <= 31:
        return "ymd"
    return "mdy" if timezone.startswith(_MONTH_FIRST) else "dmy"
