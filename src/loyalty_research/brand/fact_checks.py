"""What is wrong between the parts of the file of published figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loyalty_research.brand.fact_file import FactBrand, FactFile, IndexRow, Measure, SeriesRow
from loyalty_research.brand.fact_periods import ALLOWED, FactPeriod, parse_period
from loyalty_research.brand.fact_series import not_found
from loyalty_research.errors import Problem, problem

_RANGES = {
    "persons": (0.0, float("inf"), "0 or more"),
    "count": (0.0, float("inf"), "0 or more"),
    "share": (0.0, 1.0, "a share from 0 to 1 after times, such as 93.1 with times 0.01"),
    "score": (0.0, 100.0, "a score from 0 to 100"),
}
"""By unit: smallest and largest amount, and how a message tells them."""


def fact_mistakes(file: FactFile) -> Iterator[Problem]:
    """Yield names that stand for nothing, figures that stand twice or cannot be, and mixed kinds.

    Parameters
    ----------
    file
        A document that fits its model.
    """
    yield from _same_names(file)
    seen: dict[tuple[str, str], str] = {}
    for name, row in file.series.items():
        yield from known(f"series.{name}.brand", row.brand, file.brands)
        yield from known(f"series.{name}.measure", row.measure, file.measures)
        first = seen.setdefault((row.brand, row.measure), name)
        if first != name:
            yield problem(
                "series.{name}: brand and measure are those of series.{first}; allowed: one "
                "series for a brand and measure",
                name=name,
                first=first,
            )
        if row.brand in file.brands and row.measure in file.measures:
            yield from _without_currency(name, row, file)
            yield from _beyond(name, row, file.measures[row.measure])
        yield from _wrong_points(name, row, file)
    for index, item in file.indices.items():
        yield from _wrong_index(f"indices.{index}", item, file)
    for place, found in enumerate(file.unknown):
        yield from known(f"unknown.{place}.brand", found.brand, file.brands)


def known(key: str, found: str, allowed: Mapping[str, object]) -> Iterator[Problem]:
    """Yield a problem where a name stands for nothing."""
    if found not in allowed:
        yield not_found(key, found, allowed)


def _same_names(file: FactFile) -> Iterator[Problem]:
    """Yield measures that a reader could not tell apart: two definitions under one name."""
    for language in ("zh", "en"):
        seen: dict[str, str] = {}
        for name, item in file.measures.items():
            text = getattr(item.name, language)
            first = seen.setdefault(text, name)
            if first != name:
                yield problem(
                    "measures.{name}.name.{language}: found {found}, the name of measures.{first}; "
                    "allowed: a name of its own for each definition",
                    name=name,
                    language=language,
                    found=repr(text),
                    first=first,
                )


def _wrong_points(name: str, row: SeriesRow, file: FactFile) -> Iterator[Problem]:
    brand = file.brands.get(row.brand)
    codes: list[str] = []
    months: dict[tuple[str, int, int], str] = {}
    for place, item in enumerate(row.points):
        key = f"series.{name}.points.{place}"
        yield from known(f"{key}.source", item.source, file.sources)
        if item.period in codes:
            yield problem(
                "{key}: found {period} a second time; allowed: one figure for a period",
                key=f"{key}.period",
                period=item.period,
            )
            continue
        codes.append(item.period)
        period = _period(item.period, brand)
        if period is None:
            yield problem(
                "{key}: found {found}; allowed: {allowed}",
                key=f"{key}.period",
                found=repr(item.period),
                allowed=ALLOWED,
            )
            continue
        own = (period.kind.removeprefix("fiscal_"), period.first, period.last)
        first = months.setdefault(own, item.period)
        if first != item.period:
            yield problem(
                "{key}: found {period}, which has the months of {first}; allowed: one figure for "
                "a period",
                key=f"{key}.period",
                period=item.period,
                first=first,
            )


def _period(code: str, brand: FactBrand | None) -> FactPeriod | None:
    try:
        return parse_period(code, fiscal_year_ends=brand.fiscal_year_ends if brand else 12)
    except ValueError:
        return None


def _beyond(name: str, row: SeriesRow, measure: Measure) -> Iterator[Problem]:
    """Yield figures that their unit cannot have."""
    if measure.unit not in _RANGES:
        return
    low, high, allowed = _RANGES[measure.unit]
    for place, item in enumerate(row.points):
        if not low <= round(item.value * measure.times, 9) <= high:
            yield problem(
                "{key}: found {found}; allowed: {allowed}",
                key=f"series.{name}.points.{place}.value",
                found=item.value,
                allowed=allowed,
            )


def _without_currency(name: str, row: SeriesRow, file: FactFile) -> Iterator[Problem]:
    if file.measures[row.measure].unit == "money" and file.brands[row.brand].currency is None:
        yield problem(
            "brands.{brand}.currency: missing; series.{name} is an amount of money",
            brand=row.brand,
            name=name,
        )


def _wrong_index(key: str, item: IndexRow, file: FactFile) -> Iterator[Problem]:
    """Yield indices that show nothing and say no reason, or name what is not there."""
    if (item.measure is None) == (item.withheld is None):
        yield problem(
            "{key}: found {found}; allowed: measure (its scores) or withheld (why none is shown)",
            key=key,
            found="neither" if item.measure is None else "both",
        )
    if item.measure is not None:
        yield from known(f"{key}.measure", item.measure, file.measures)
        unit = file.measures[item.measure].unit if item.measure in file.measures else "score"
        if unit != "score":
            yield problem(
                "{key}: found {found}; allowed: {allowed}",
                key=f"{key}.measure",
                found=f"{item.measure}, {unit}",
                allowed="a measure whose unit is score",
            )
    if item.average is not None:
        yield from known(f"{key}.average", item.average, file.brands)
    if item.source is not None:
        yield from known(f"{key}.source", item.source, file.sources)
    elif item.withheld is not None:
        yield problem("{key}: missing", key=f"{key}.source")
