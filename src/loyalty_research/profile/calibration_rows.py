"""Rows of the comparison of simulated totals with published figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loyalty_research.brand import Facts
from loyalty_research.brand.calibration import CalibrationRow, FactOf
from loyalty_research.brand.fact_periods import FactPeriod, parse_period
from loyalty_research.profile.calibration_totals import Totals, days_of

UNITS = {
    "monthly_customers": "rounded",
    "spend_per_monthly_customer": "money",
    "stores": "count",
    "channel_share": "share",
    "same_store_growth": "change",
    "item_price": "money",
    "pieces": "rounded",
    "pieces_per_store_day": "number",
}


@dataclass(frozen=True, slots=True)
class Quoted:
    """A source, its grade, and the period it is quoted for."""

    title: str
    grade: str
    period: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A published figure and the simulated total beside it.

    Parameters
    ----------
    measure, use
        As in the brand file.
    parameter_zh, parameter_en
        What was fixed.
    fact_zh, fact_en, when
        The figure's name and period.
    fact, simulated, unit
        Both as they are printed; simulated None where the rows do not cover the months.
    distance
        Simulated over published, less one; None for what sets the scale.
    scale
        Published over simulated, for what sets the scale.
    grade
        Of the figure's source; the lowest where it has several.
    sources
        What the figure was read from.
    """

    measure: str
    use: str
    parameter_zh: str
    parameter_en: str
    fact_zh: str
    fact_en: str
    when: str
    fact: float
    simulated: float | None
    unit: str
    distance: float | None
    scale: float | None
    grade: str
    sources: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure as a level to compare: of growth, the factor."""

    level: float
    growth: bool
    when: str
    months: tuple[int, ...]
    before: tuple[int, ...]
    names: tuple[str, str]
    sources: tuple[Quoted, ...]


def compare(rows: Sequence[CalibrationRow], facts: Facts, totals: Totals) -> Iterator[Compared]:
    """Yield a row for each published figure, those that set the scale first.

    Raises
    ------
    ParameterError
        Where a figure is not there.
    """
    scales: dict[str, float] = {}
    ordered = sorted(rows, key=lambda row: row.use != "scale")
    for row in ordered:
        figures = _figures(row, facts)
        levels = [_simulated(row, figure, totals) for figure in figures]
        if row.use != "scale":
            for figure, level in zip(figures, levels, strict=True):
                yield _row(row, figure, level, scales.get(row.measure, 1.0))
            continue
        whole = _together(figures)
        known = [level for level in levels if level is not None]
        mean = sum(known) / len(known) if len(known) == len(figures) else None
        found = _row(row, whole, mean, 1.0)
        if found.scale is not None:
            scales[row.measure] = found.scale
        yield found


def _row(row: CalibrationRow, figure: _Figure, level: float | None, scale: float) -> Compared:
    setting = row.use == "scale"
    level = None if level is None else level * scale
    less = 1.0 if figure.growth else 0.0
    unit = "change" if figure.growth else UNITS[row.measure]
    return Compared(
        measure=row.measure,
        use=row.use,
        parameter_zh=row.parameter.zh,
        parameter_en=row.parameter.en,
        fact_zh=figure.names[0],
        fact_en=figure.names[1],
        when=figure.when,
        fact=_printed(figure.level - less, unit),
        simulated=None if level is None else _printed(level - less, unit),
        unit=unit,
        distance=None if level is None or setting else level / figure.level - 1,
        scale=figure.level / level if level and setting else None,
        grade=max(item.grade for item in figure.sources),
        sources=figure.sources,
    )


def _printed(value: float, unit: str) -> float:
    """Return a value with no more digits than a release of the company would give."""
    return float(f"{value:.3g}") if unit == "rounded" else value


def _simulated(row: CalibrationRow, figure: _Figure, totals: Totals) -> float | None:
    now = totals.of(row.measure, figure.months, channel=row.channel)
    if not figure.before or now is None:
        return now
    then = totals.of(row.measure, figure.before, channel=row.channel)
    return now / then if then else None


def _together(figures: Sequence[_Figure]) -> _Figure:
    """Return the mean of several figures as one."""
    first, last = figures[0], figures[-1]
    if first is last:
        return first
    return _Figure(
        level=sum(item.level for item in figures) / len(figures),
        growth=first.growth,
        when=f"{first.when}–{last.when}",
        months=(),
        before=(),
        names=first.names,
        sources=tuple(source for item in figures for source in item.sources),
    )


def _figures(row: CalibrationRow, facts: Facts) -> list[_Figure]:
    if row.stated is not None:
        period = parse_period(row.stated.period)
        months, before = _months(row, period, None)
        stated = row.stated
        return [
            _Figure(
                level=float(stated.value),
                growth=False,
                when=period.code,
                months=months,
                before=before,
                names=(row.parameter.zh, row.parameter.en),
                sources=(Quoted(stated.title, stated.grade, period.code),),
            )
        ]
    assert row.fact is not None
    return [_published(row, row.fact, code, facts) for code in row.fact.period]


def _published(row: CalibrationRow, fact: FactOf, code: str, facts: Facts) -> _Figure:
    points = [facts.point(fact.series, code)]
    level = points[0].amount
    names = [facts.series[fact.series].measure.name]
    months = range(points[0].period.first, points[0].period.last + 1)
    if fact.per is not None:
        points.append(facts.point(fact.per, fact.per_period or code))
        level /= points[-1].amount
        names.append(facts.series[fact.per].measure.name)
    if fact.each is not None:
        level /= len(months) if fact.each == "month" else sum(days_of(item) for item in months)
    growth = row.measure == "same_store_growth"
    if growth:
        level += 1
    over = None
    if fact.over is not None:
        points.append(facts.point(fact.series, fact.over))
        level /= points[-1].amount
        over, growth = points[-1].period, True
    now, before = _months(row, points[0].period, over)
    return _Figure(
        level=level,
        growth=growth,
        when=code if over is None else f"{code} / {over.code}",
        months=now,
        before=before,
        names=(" ÷ ".join(item.zh for item in names), " ÷ ".join(item.en for item in names)),
        sources=tuple(Quoted(item.title, item.grade, item.period.code) for item in points),
    )


def _months(
    row: CalibrationRow, period: FactPeriod, over: FactPeriod | None
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the simulated months, and those before that they are divided by."""
    if row.simulated is not None:
        period = parse_period(row.simulated.period)
        over = parse_period(row.simulated.over) if row.simulated.over else None
    now = tuple(range(period.first, period.last + 1))
    return now, () if over is None else tuple(range(over.first, over.last + 1))
