"""The data of a view as typed columns: what a workbook or a CSV file holds.

A table view names its columns; a chart's are found in what it draws. Neither holds text of a
language: headings are keys of the catalogues, units are those of the findings.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, TableView
from loyalty_research.language import Translator

WORDS = {"text", "date", "month"}
_VALUES = ("y", "value")
"""Roles that an interval belongs to."""
_NAMED_BY = {"origin": "from_band", "target": "to_band"}
"""Roles that are drawn by number, and the column that holds the name, where the frame has it."""
_SHARES = {"lorenz"}
"""Kinds of figures whose values are shares, so that their encoding names no unit."""


@dataclass(frozen=True, slots=True)
class DataColumn:
    """A column of numbers, days or words.

    Parameters
    ----------
    name
        Column of the frame; ``{language}`` stands for ``zh`` or ``en``.
    unit
        Unit of the findings, ``label:<domain>``, or ``@<column>`` to read it row by row.
    headings
        Keys of the catalogues; the first that exists is the heading.
    low, high
        Columns of the interval; empty for none.
    """

    name: str
    unit: str
    headings: tuple[str, ...]
    low: str = ""
    high: str = ""

    def heading(self, words: Translator) -> str:
        """Return the heading in one language; the column's name where there is none."""
        key = next((item for item in self.headings if words.has(item)), None)
        return self.name if key is None else words.text(key)

    def unit_of(self, row: Mapping[Any, Any]) -> str:
        """Return the unit of the value in ``row``."""
        if not self.unit.startswith("@"):
            return self.unit
        return str(plain(row[self.unit.removeprefix("@")]) or "text")


def columns_of(view: Chart | TableView, frame: pd.DataFrame) -> tuple[DataColumn, ...]:
    """Return the columns of a view's data.

    Parameters
    ----------
    view
        A table, or a figure.
    frame
        The frame it names.
    """
    if isinstance(view, TableView):
        return tuple(
            DataColumn(
                column.name,
                column.unit,
                (f"column.{column.heading or column.name}",),
                column.low,
                column.high,
            )
            for column in view.columns
        )
    return tuple(_drawn(view, frame))


def _drawn(chart: Chart, frame: pd.DataFrame) -> Iterator[DataColumn]:
    """Yield the columns a chart draws, as its encoding names them."""
    encode = chart.encode
    bounds = encode.get("low", ""), encode.get("high", "")
    seen: set[str] = set(bounds)
    for role, named in encode.items():
        if role.endswith(("unit", "label", "order")):
            continue
        names = [named] if isinstance(named, str) else named if _is_list(named) else []
        if _NAMED_BY.get(role) in frame.columns:
            names = [_NAMED_BY[role]]
        for name in names:
            if name.replace("{language}", "zh") not in frame.columns or name in seen:
                continue
            seen.add(name)
            label = "" if _is_list(named) else _label_of(chart, role)
            axis = (f"column.{label}", f"axis.{label}") if label else ()
            low, high = bounds if role in _VALUES else ("", "")
            yield DataColumn(name, _unit_of(chart, role), (*axis, f"column.{name}"), low, high)


def _label_of(chart: Chart, role: str) -> str:
    """Return the name of the axis a role stands on; empty for none."""
    encode = chart.encode
    if role == "value":
        return str(encode.get("scale_label", "" if "x" in encode else encode.get("x_label", "")))
    return str(encode.get(f"{role}_label", ""))


def _is_list(named: Any) -> bool:
    return isinstance(named, (list, tuple)) and all(isinstance(item, str) for item in named)


def _unit_of(chart: Chart, role: str) -> str:
    """Return the unit of a role: its own, else that of the values; categories are words."""
    encode = chart.encode
    if f"{role}_unit" in encode:
        return str(encode[f"{role}_unit"])
    if role == "group" and "domain" in encode:
        return f"label:{encode['domain']}"
    if chart.kind in _SHARES:
        return "share"
    categories = {"x", "y", *_NAMED_BY} if "value" in encode else {"x", *_NAMED_BY}
    return "text" if role in categories else str(encode.get("unit", "number"))


def plain(value: Any) -> Any:
    """Return a frame's value as plain Python; None where it is missing."""
    if hasattr(value, "isoformat"):
        return None if value != value else value.isoformat()[:10]
    if hasattr(value, "item"):
        value = value.item()
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def typed(value: Any, unit: str) -> str | float | int | dt.date | None:
    """Return a frame's value as its unit wants it: a number, a day, or words.

    Parameters
    ----------
    value
        As read from a frame.
    unit
        A unit that stands for numbers, ``date``, ``month`` (its first day), ``text`` or a label.

    Returns
    -------
    str, number, datetime.date or None
        None where missing; percentage points are counted in points, 0.012 becomes 1.2.
    """
    value = plain(value)
    if value is None or value == "":
        return None
    if unit in {"date", "month"}:
        text = str(value)
        return dt.date.fromisoformat(f"{text}-01" if len(text) == 7 else text[:10])
    if is_words(unit):
        return value if unit == "text" and isinstance(value, (int, float)) else str(value)
    try:
        number = float(value)
    except ValueError:  # a word among numbers is shown as it is
        return str(value)
    if unit in {"percentage_point", "point_change"}:
        number = float(f"{number * 100:.12g}")
    return int(number) if number.is_integer() else number


def is_words(unit: str) -> bool:
    """Tell whether a unit stands for words or codes, not for numbers or days."""
    return unit == "text" or unit.startswith("label:")
