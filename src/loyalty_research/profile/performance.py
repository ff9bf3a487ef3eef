"""What is published of the brand: company releases and press, beside its own data."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loyalty_research.brand import BrandFacts, FactPoint, FactSeries
from loyalty_research.engine import Context
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import CHAPTER
from loyalty_research.profile.performance_frames import (
    both,
    change_unit,
    days_of,
    fact_frames,
    of_usual_kind,
    told_unit,
)
from loyalty_research.profile.performance_views import performance_charts, performance_tables
from loyalty_research.results import Result

if TYPE_CHECKING:
    from loyalty_research.study import Brand

_SECTION = "performance"


def performance(brand: Brand, *, facts: BrandFacts | None = None) -> Result:
    """Set out what is published of a brand: members, stores, sales, each with its source.

    Parameters
    ----------
    brand
        A brand as opened by :func:`loyalty_research.open_brand`; its file says by ``facts`` what it
        is called in ``data/facts/performance.yaml``.
    facts
        In place of those the brand file names.

    Returns
    -------
    Result
        Frames ``summary`` (a published figure each: measure, period, value, source, grade, date),
        ``measures`` (definitions), ``sources``, ``unknown`` (looked for and not found); for every
        measure drawn ``series_<measure>`` and its rows of the summary, ``points_<measure>``; the
        rows of all others, ``others``. Empty where nothing is named: the section is left out.

    Notes
    -----
    A published figure is neither estimated nor checked here, so it has no interval; its grade of
    evidence is ``published``. Every measure is drawn on its own: registered, active and monthly
    customers are counted differently and never share an axis. A change on the year before is
    stated where both figures are plain numbers of the same measure and kind of period; bounds
    ("over 300 million"), figures from before a restatement and such that do not compare are listed
    and neither drawn nor compared.
    """
    named = facts if facts is not None else brand.facts
    context = _context(brand.context, named)
    frames = fact_frames(named)
    if named is None or not named.series:
        return Result(
            name="performance",
            chapter=CHAPTER,
            section=_SECTION,
            frames={"summary": frames["summary"]},
            context=context,
        )
    real = ("public_real",) if brand.context.evidence == "synthetic" else ()
    return Result(
        name="performance",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=tuple(_findings(named)),
        charts=performance_charts(named, frames, notes=real),
        tables=performance_tables(named, frames, notes=real),
        context=context,
    )


def _context(own: Context, facts: BrandFacts | None) -> Context:
    """Return the context of published figures: real even where the brand's rows are simulated."""
    return dataclasses.replace(
        own,
        evidence="published",
        provenance="",
        public=True,
        currency=facts.about.currency if facts else own.currency,
    )


def _findings(facts: BrandFacts) -> Iterator[Finding]:
    for series in facts.series:
        told = [point for point in series.points if point.caution is None]
        if told:
            yield _latest(series, of_usual_kind(told)[-1])


def _latest(series: FactSeries, point: FactPoint) -> Finding:
    """State the latest figure of a series, and the change on the year before where there is one."""
    unit = told_unit(series.measure)
    values = {
        "name": Value(both(series.measure.name), "bilingual"),
        "when": Value(point.period.code, "text"),
        "grade": Value(point.grade, "label:fact_grade"),
        "latest": Value(point.amount, unit),
    }
    growth = series.measure.unit == "change"
    template, estimate = f"performance_{'growth' if growth else 'latest'}", point.amount
    before = _year_before(series, point)
    if point.bound is not None:
        template = "performance_bound"
        values["bound"] = Value(point.bound, "label:fact_bound")
    elif before is not None:
        template = "performance_change"
        change = change_unit(series.measure)
        estimate = _change(point, before, change)
        unit = change
        values |= {
            "before": Value(before.amount, told_unit(series.measure)),
            "before_when": Value(before.period.code, "text"),
        }
    derived = [item for item in (point, before) if item is not None and item.derived]
    if derived and point.bound is None and not growth:
        template += "_derived"
        values["derived_when"] = Value(derived[0].period.code, "text")
        values["formula"] = Value(derived[0].derived, "text")
    return Finding(
        id=f"performance_{series.measure_id}",
        template=template,
        chapter=CHAPTER,
        section=_SECTION,
        subject=f"performance_{series.measure_id}",
        estimate=estimate,
        unit=unit,
        base=len(series.points),
        base_unit="figures",
        definition="published_figure",
        period=days_of(point.period.first, point.period.last),
        method="published",
        evidence="published",
        values=values,
    )


def _year_before(series: FactSeries, point: FactPoint) -> FactPoint | None:
    """Return the figure of the same period a year earlier, where both may be compared."""
    if not point.is_plain or series.measure.unit == "change":
        return None
    by_months = {item.period.months: item for item in series.points if item.is_plain}
    return by_months.get(point.period.year_before)


def _change(point: FactPoint, before: FactPoint, unit: str) -> float:
    if unit == "point_change":
        return point.amount - before.amount
    return point.amount / before.amount - 1
