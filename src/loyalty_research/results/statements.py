"""Sentences and indicators that tell how few somebody is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Finding, TableView, Value

_STATEMENT = {"value", "unit", "base", "base_unit"}
_AMOUNTS = {"customers", "money", "money_change"}
_SHARES = {"share", "change", "point_change"}
_COMPARED = "_then"
"""Ends the names of values of another period, which no sentence prints."""
STATED = ("value", "low", "high", "base", "change", "change_low", "change_high")
"""Columns of a statement that say something, as far as it has them."""


def is_statements(frame: pd.DataFrame) -> bool:
    """Tell whether each row of a frame is a statement with a unit and a base of its own."""
    return set(frame.columns) >= _STATEMENT


def telling_statements(
    rows: Sequence[Mapping[str, Any]], numbers: set[float], limit: int
) -> Iterator[int]:
    """Yield the rows of statements that tell a small group, or a number hidden elsewhere."""
    for place, row in enumerate(rows):
        if set(row) >= _STATEMENT:
            value = Value(row["value"], str(row["unit"]))
            change = Value(row.get("change"), str(row.get("change_unit")))
            small = _is_small([value], int(row["base"]), str(row["base_unit"]), limit)
            if small or _any_of([value, change], numbers):
                yield place


def tells_small_group(item: Finding | Chart | TableView, limit: int) -> bool:
    """Tell whether what an item prints gives away a group of 1 to ``limit`` - 1 persons.

    Counts of persons, shares of the base, and differences of two such counts are looked at: 98 of
    100 who came back leave two who did not.
    """
    values = list(item.values.values())  # noqa: PD011  no frame
    if isinstance(item, Finding):
        values.append(Value(item.estimate, item.unit))
    return _is_small(values, item.base, item.base_unit, limit)


def repeats(item: Finding | Chart | TableView, numbers: set[float]) -> bool:
    """Tell whether an item prints a number that a table hides."""
    values = list(item.values.values())  # noqa: PD011  no frame
    if isinstance(item, Finding):
        values += [Value(number, item.unit) for number in (item.estimate, item.low, item.high)]
        values.append(Value(item.at_stake, "money"))
        if item.base_unit == "customers" and item.status == "stated":
            values.append(Value(item.base, "customers"))
    return _any_of(values, numbers)


def safe(finding: Finding, numbers: set[float], limit: int) -> Finding:
    """Return a finding as it may be stated: whole, without what it is compared with, or withheld.

    Parameters
    ----------
    finding
        As the analysis made it.
    numbers
        Numbers that tables hide.
    limit
        Smallest group shown.
    """
    printed = finding.values.items()  # noqa: PD011  no frame
    kept = {name: value for name, value in printed if not name.endswith(_COMPARED)}
    for item in (finding, dataclasses.replace(finding, values=kept)):
        if not tells_small_group(item, limit) and not repeats(item, numbers):
            return item
    return withhold(finding)


def withhold(finding: Finding) -> Finding:
    """Return a finding withheld because it would tell a small group; nothing of it is left."""
    return dataclasses.replace(
        finding,
        status="withheld",
        reason="disclosure",
        estimate=None,
        low=None,
        high=None,
        level=None,
        at_stake=None,
        base=0,
        values={},
    )


def _any_of(values: Iterable[Value], numbers: set[float]) -> bool:
    return any(
        float(f"{float(value.value):.12g}") in numbers
        for value in values
        if isinstance(value.value, (int, float)) and value.value and _is_telling(value)
    )


def _is_telling(value: Value) -> bool:
    """Tell whether a number is not one that many cells hold by chance."""
    number = value.value
    whole = not isinstance(number, (int, float)) or float(number).is_integer()
    return value.unit in _AMOUNTS or (value.unit in _SHARES and not whole)


def _is_small(values: Iterable[Value], base: int, base_unit: str, limit: int) -> bool:
    if base_unit == "orders":
        orders = [base, *_counts(values, "orders")]
        people = _counts(values, "customers")
        return any(0 < size < limit for size in [*orders, *people])
    found = set(_counts(values, "customers"))
    if base_unit == "customers" and base:
        found |= {base, *_of_base(values, base)}
    differences = {abs(one - other) for one, other in combinations(found, 2)}
    orders = _counts(values, "orders")
    return any(0 < size < limit for size in found | differences | set(orders))


def _counts(values: Iterable[Value], unit: str) -> list[int]:
    return [
        round(value.value)
        for value in values
        if value.unit == unit
        and isinstance(value.value, (int, float))
        and float(value.value).is_integer()  # infinite and missing ones are not
    ]


def _of_base(values: Iterable[Value], base: int) -> Iterator[int]:
    """Yield the counts behind shares of the base: 0.98 of 100 is 98."""
    for value in values:
        number = value.value
        if value.unit != "share" or not isinstance(number, (int, float)):
            continue
        count = number * base
        if math.isfinite(count) and abs(count - round(count)) < 1e-9 * base:
            yield round(count)
