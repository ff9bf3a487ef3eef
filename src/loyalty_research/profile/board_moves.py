"""Comparisons as findings, values of the indicators, and tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from loyalty_research.findings import Column, Finding, Persons, TableView, Value
from loyalty_research.profile.board_compare import SHARES, TOTALS, Comparison
from loyalty_research.profile.common import Days, Stater
from loyalty_research.stats import Change, Estimate, holm
from loyalty_research.stats.intervals import LEVEL

_MOVES = 3
_UNITS = {"net_sales": "money", "buyers": "customers"}
_NAME = "board_move"
_COUNTED = ("now_count", "now_base", "then_count", "then_base")
_PERSONS = tuple(
    Persons(
        f"{side}_count",
        names=("indicator",),
        rows="share",
        of=f"{side}_base",
        rates=(side, "change"),
        hides=(side, "change", "low", "high"),
    )
    for side in ("now", "then")
)
_MONTHS = tuple(
    Persons(
        f"{side}_buyers",
        names=(f"{side}_month",),
        by=("indicator",),
        key="months",
        known_as=("month",),
    )
    for side in ("now", "then")
)


def with_changes(
    findings: Iterable[Finding], comparisons: Sequence[Comparison]
) -> tuple[Finding, ...]:
    """Return the findings, those stated carrying what they are compared with in their values."""
    found = []
    for item in findings:
        name = item.id.removeprefix("board_")
        extra: dict[str, Value] = {}
        for comparison in comparisons if item.status == "stated" else ():
            if name in comparison.changes:
                extra |= _values(comparison, name, item.unit)
        printed = {**item.values, **extra}  # noqa: PD011  a finding, no frame
        found.append(dataclasses.replace(item, values=printed) if extra else item)
    return tuple(found)


def _values(comparison: Comparison, name: str, unit: str) -> dict[str, Value]:
    change, key, kind = comparison.changes[name], comparison.key, _unit_of_change(name)
    values = {key: Value(change.value, kind), f"{key}_then": Value(change.then, unit)}
    if change.low is not None and change.high is not None:
        values |= {f"{key}_low": Value(change.low, kind), f"{key}_high": Value(change.high, kind)}
    if comparison.month:
        values[f"{key}_of"] = Value(comparison.now.start.isoformat()[:7], "month")
    return values


def change_columns(name: str, changes: Mapping[str, Change]) -> dict[str, Any]:
    """Return the columns of the summary that say how far an indicator moved."""
    found = changes.get(name, Change(None, None, None))
    return {
        "change": found.value,
        "change_low": found.low,
        "change_high": found.high,
        "change_unit": _unit_of_change(name),
    }


def _unit_of_change(name: str) -> str:
    return "point_change" if name in SHARES else "change"


def comparison_frame(comparison: Comparison, findings: Iterable[Finding]) -> pd.DataFrame:
    """Return one row an indicator: now, then, change, low, high, p_value, units, customers."""
    units = _UNITS | {item.id.removeprefix("board_"): item.unit for item in findings}
    order = {name: place for place, name in enumerate(units)}
    rows = [
        {
            "indicator": name,
            "now": change.now,
            "then": change.then,
            "change": change.value,
            "low": change.low,
            "high": change.high,
            "p_value": change.p_value,
            "unit": units[name],
            "change_unit": _unit_of_change(name),
            **_told(comparison, name),
            **(_of_month(comparison, name) if comparison.month else {}),
        }
        for name, change in sorted(comparison.changes.items(), key=lambda item: order[item[0]])
    ]
    numbers = ["now", "then", "change", "low", "high", "p_value"]
    names = ["indicator", *numbers, "unit", "change_unit", *_COUNTED]
    names += ["now_month", "then_month", "now_buyers", "then_buyers"] if comparison.month else []
    return pd.DataFrame(rows, columns=names).astype(dict.fromkeys(numbers, float))


def _told(comparison: Comparison, name: str) -> dict[str, int]:
    """Return the customers an indicator counts, and among how many, now and then."""
    sides = (side.get(name, side["buyers"]) for side in comparison.counted)
    return dict(zip(_COUNTED, (count for side in sides for count in side), strict=True))


def _of_month(comparison: Comparison, name: str) -> dict[str, Any]:
    """Return the months, and their buyers where an indicator adds up over months."""
    months = {
        f"{side}_month": days.iso[0][:7]
        for side, days in (("now", comparison.now), ("then", comparison.then))
    }
    now, then = (side["buyers"][0] if name in _UNITS else 0 for side in comparison.counted)
    return months | {"now_buyers": now, "then_buyers": then}


def comparison_table(comparison: Comparison, base: int) -> TableView:
    """Describe the table of a comparison."""
    return TableView(
        name=frame_name(comparison),
        key="board.comparison",
        frame=frame_name(comparison),
        columns=(
            Column("indicator", "label:indicator"),
            Column("now", "@unit", heading="now"),
            Column("then", "@unit", heading="then"),
            Column("change", "@change_unit", low="low", high="high", heading=comparison.kind),
        ),
        values=_spans(comparison),
        definitions=(comparison.kind, "percentage_point"),
        persons=(*_PERSONS, *_MONTHS) if comparison.month else _PERSONS,
        base=base,
        base_unit="customers",
        period=comparison.now.iso,
    )


def frame_name(comparison: Comparison) -> str:
    """Return the name of the comparison's frame."""
    return f"comparison_{comparison.key}"


def _spans(comparison: Comparison) -> dict[str, Value]:
    spans = {"now": comparison.now, "then": comparison.then}
    dates = {
        f"{name}_{edge}": Value(day, "date")
        for name, days in spans.items()
        for edge, day in zip(("start", "end"), days.iso, strict=True)
    }
    return {"kind": Value(comparison.kind, "label:comparison"), **dates}


def move_findings(
    state: Stater, comparisons: Sequence[Comparison], frames: Mapping[str, pd.DataFrame]
) -> list[Finding]:
    """Return the changes that go beyond chance over all indicators together, surest first."""
    return [move for item in comparisons for move in _moves(state, item, frames[frame_name(item)])]


def _moves(state: Stater, comparison: Comparison, frame: pd.DataFrame) -> list[Finding]:
    tested = frame[frame["p_value"].notna()]
    if not comparison.same_length:
        tested = tested[~tested["indicator"].isin(TOTALS)]
    base = max((comparison.changes[name].base for name in tested["indicator"]), default=0)
    if base:
        passed = holm(tested["p_value"].to_numpy())
        beyond = tested[passed].sort_values(["p_value", "indicator"], kind="stable")
        if len(beyond):
            return [_move(state, comparison, row) for row in beyond.head(_MOVES).to_dict("records")]
    reason = "no_difference" if base else "not_computable"
    spans = _spans(comparison)
    return [state.withheld(_NAME, reason, definition=comparison.kind, base=base, values=spans)]


def _move(state: Stater, comparison: Comparison, row: dict[Any, Any]) -> Finding:
    name = str(row["indicator"])
    change = comparison.changes[name]
    found = state(
        _NAME,
        Estimate(change.value, change.low, change.high, change.base, LEVEL),
        unit=row["change_unit"],
        definition=comparison.kind,
        method="linearised_change",
        subject=f"move_{name}",
        values={
            **_spans(comparison),
            "indicator": Value(name, "label:indicator"),
            "now": Value(change.now, row["unit"]),
            "then": Value(change.then, row["unit"]),
        },
    )
    return dataclasses.replace(found, id=f"{_NAME}_{name}")


def no_comparison(state: Stater, reason: str, now: Days, then: Days, **values: Value) -> Finding:
    """Return the finding that says why a period is not compared."""
    spans = {
        "days": Value(now.count, "days"),
        "compared_days": Value(then.count, "days"),
        "then_start": Value(then.iso[0], "date"),
        "then_end": Value(then.iso[1], "date"),
    }
    return state.withheld("board_compared", reason, definition="compared", values=spans | values)
