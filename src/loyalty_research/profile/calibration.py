"""Which published figure fixed what in simulated rows, and how far these are from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from loyalty_research.brand import load_facts
from loyalty_research.findings import Column, Finding, TableView, Value
from loyalty_research.profile.calibration_rows import Compared, compare
from loyalty_research.profile.calibration_totals import totals_of
from loyalty_research.profile.common import CHAPTER, Days, Stater, as_days
from loyalty_research.results import Result

if TYPE_CHECKING:
    from loyalty_research.study import Brand

_SECTION = "calibration"
_EMPTY = ("parameter_zh", "parameter_en", "simulated", "fact", "distance")


def calibration(brand: Brand, *, period: Any = None) -> Result:
    """Compare a simulated brand with the published figures its parameters were fitted to.

    Parameters
    ----------
    brand
        A brand whose file has the key ``calibration``; of any other the result is empty.
    period
        A period to compare within; None for the brand's.

    Returns
    -------
    Result
        Frames ``summary`` (one row a figure: parameter, figure with period and grade, what it was
        used for, the simulated total, distance), ``sources`` (title, grade, periods of the figures
        quoted), ``parameters`` (how figures fixed each),
        ``assumed`` (parameters that no figure fixes: value and why) and ``unknown`` (what was
        looked for and not found).

    Raises
    ------
    ParameterError
        Where the brand file names a figure that is not in ``data/facts/performance.yaml``.

    Notes
    -----
    Distance = simulated / published - 1; of growth, the factors 1 + growth are compared. A figure
    that gives a bound is compared with the bound itself.
    """
    days = as_days(brand.period if period is None else period)
    plan = brand.file.calibration if brand.file else None
    if brand.file is None or plan is None:
        return _result(brand, pd.DataFrame(columns=[*_EMPTY]), (), ())
    facts = load_facts()
    rows = list(compare(plan.rows, facts, totals_of(brand, days)))
    summary = pd.DataFrame([dataclasses.asdict(row) for row in rows]).drop(columns="sources")
    assumed = _texts(plan.assumed, "parameter", "value", "why")
    missing = facts.of(brand.file.facts).unknown if brand.file.facts else ()
    unknown = pd.DataFrame(
        [{"what_zh": item.zh, "what_en": item.en} for item in missing],
        columns=["what_zh", "what_en"],
    )
    orders = int(dict(brand.quality.facts).get("orders") or 0)
    state = Stater(brand.context, _SECTION, days.iso)
    return _result(
        brand,
        summary,
        tuple(_findings(state, rows, len(assumed), orders)),
        _tables(orders, days, assumed=len(assumed), unknown=len(unknown)),
        sources=_sources(rows),
        parameters=_texts(plan.rows, "parameter", "how"),
        assumed=assumed,
        unknown=unknown,
    )


def _texts(rows: Sequence[Any], *names: str) -> pd.DataFrame:
    """Return texts of rows, a column for each name and language."""
    return pd.DataFrame(
        [
            {
                f"{name}_{language}": getattr(getattr(row, name), language)
                for name in names
                for language in ("zh", "en")
            }
            for row in rows
        ]
    )


def _sources(rows: Sequence[Compared]) -> pd.DataFrame:
    """Return one row a source: its grade, and the periods of the figures it is quoted for."""
    periods: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        for source in row.sources:
            periods.setdefault((source.title, source.grade), {})[source.period] = None
    return pd.DataFrame(
        [
            {"source": title, "grade": grade, "when": ", ".join(when)}
            for (title, grade), when in periods.items()
        ]
    )


def _result(
    brand: Brand,
    summary: pd.DataFrame,
    findings: tuple[Finding, ...],
    tables: tuple[TableView, ...],
    **more: pd.DataFrame,
) -> Result:
    return Result(
        name=_SECTION,
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": summary, **more},
        findings=findings,
        tables=tables,
        context=brand.context,
    )


def _findings(state: Stater, rows: list[Compared], assumed: int, orders: int) -> Iterator[Finding]:
    base: dict[str, Any] = {
        "definition": "calibration",
        "method": "count",
        "base": orders,
        "base_unit": "orders",
    }
    for row in rows:
        if row.use == "scale" and row.scale is not None:
            yield state(
                f"calibration_scale_{row.measure}",
                float(f"{row.scale:.3g}"),
                unit="rounded",
                subject=f"calibration_scale_{row.measure}",
                **base,
            )
    for use in ("fitted", "checked"):
        known = [row for row in rows if row.use == use and row.distance is not None]
        if known:
            far = max(known, key=lambda row: abs(row.distance or 0))
            yield state(
                f"calibration_{use}",
                far.distance,
                unit="change",
                subject=f"calibration_{use}",
                values={
                    "rows": Value(len(known), "count"),
                    "measure": Value(far.measure, "label:calibration_measure"),
                    "when": Value(far.when, "text"),
                    "fact": Value(far.fact, far.unit),
                    "simulated": Value(far.simulated, far.unit),
                },
                **base,
            )
    yield state(
        "calibration_unknown",
        float(assumed),
        unit="count",
        subject="calibration_unknown",
        **base,
    )


def _tables(orders: int, days: Days, *, assumed: int, unknown: int) -> tuple[TableView, ...]:
    columns = {
        "summary": (
            Column("fact_{language}", "text", heading="public_figure"),
            Column("when", "text", heading="figure_period"),
            Column("fact", "@unit", heading="published"),
            Column("simulated", "@unit", heading="simulated"),
            Column("distance", "change", heading="distance"),
            Column("use", "label:calibration_use", heading="used_as"),
            Column("grade", "text", heading="source_grade"),
        ),
        "sources": (
            Column("source", "text"),
            Column("grade", "text", heading="source_grade"),
            Column("when", "text", heading="figures_of"),
        ),
        "parameters": (
            Column("parameter_{language}", "text", heading="parameter"),
            Column("how_{language}", "text", heading="how_fixed"),
        ),
        "assumed": (
            Column("parameter_{language}", "text", heading="parameter"),
            Column("value_{language}", "text", heading="assumed_value"),
            Column("why_{language}", "text", heading="why_assumed"),
        ),
        "unknown": (Column("what_{language}", "text", heading="not_public"),),
    }
    there = {"summary": 1, "sources": 1, "parameters": 1, "assumed": assumed, "unknown": unknown}
    return tuple(
        TableView(
            name=name,
            key=f"calibration.{name}",
            frame=name,
            columns=shown,
            persons=(),  # totals of the whole model, and texts
            base=orders,
            base_unit="orders",
            period=days.iso,
            definitions=("calibration",) if name == "summary" else (),
        )
        for name, shown in columns.items()
        if there[name]
    )
