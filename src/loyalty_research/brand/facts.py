"""Read the file of published figures, and list everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from loyalty_research.brand.checked_file import changed, read_checked
from loyalty_research.brand.fact_checks import fact_mistakes, known
from loyalty_research.brand.fact_file import FactBrand, FactFile, Measure, PointRow, SeriesRow
from loyalty_research.brand.fact_periods import parse_period
from loyalty_research.brand.fact_series import FactPoint, Facts, FactSeries
from loyalty_research.brand.home import find_home
from loyalty_research.errors import Problem, problem

FACTS_FILE = Path("data", "facts", "performance.yaml")
_DIGITS = 12


def facts_path(home: Path | None = None) -> Path:
    """Return where the published figures of a project stand; the file may be missing."""
    return (home or find_home()) / FACTS_FILE


def load_facts(home: Path | None = None) -> Facts:
    """Read and check the published figures of a project.

    Parameters
    ----------
    home
        Folder that holds ``data/facts``; None for that of the project in use.

    Raises
    ------
    BrandFileError
        With every problem of the file: each names the file, the key, what was found and what is
        allowed.
    """
    path = facts_path(home)
    return _load(path, changed(path))


def check_facts(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem where ``facts`` of a brand file names no brand with published figures.

    Parameters
    ----------
    data
        The brand file as read; what is no text is left to the schema.
    """
    found = data.get("facts")
    if not isinstance(found, str):
        return
    path = facts_path()
    if not path.is_file():
        yield problem(
            "facts: found {found}; there is no file {place} that would hold the figures",
            found=repr(found),
            place=FACTS_FILE.as_posix(),
        )
        return
    yield from known("facts", found, load_facts().brands)


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> Facts:
    """Read the file; ``_changed`` tells one state of it from the next."""
    file = read_checked(path, FactFile, mistakes=fact_mistakes)
    return Facts(
        brands=file.brands,
        measures=file.measures,
        series={name: _series(name, row, file) for name, row in file.series.items()},
        unknown=file.unknown,
        indices=file.indices,
        sources=file.sources,
    )


def _series(name: str, row: SeriesRow, file: FactFile) -> FactSeries:
    brand, measure = file.brands[row.brand], file.measures[row.measure]
    points = [_point(item, brand, measure, file) for item in row.points]
    return FactSeries(
        id=name,
        brand=row.brand,
        name=brand.name,
        measure_id=row.measure,
        measure=measure,
        points=tuple(sorted(points, key=lambda item: (item.period.last, -item.period.first))),
        note=row.note,
    )


def _point(row: PointRow, brand: FactBrand, measure: Measure, file: FactFile) -> FactPoint:
    source = file.sources[row.source]
    return FactPoint(
        period=parse_period(row.period, fiscal_year_ends=brand.fiscal_year_ends),
        value=float(row.value),
        amount=float(f"{row.value * measure.times:.{_DIGITS}g}"),
        source=row.source,
        title=source.title,
        grade=source.grade,
        date=source.date or "",
        url=source.url,
        derived=row.derived or "",
        bound=row.bound,
        caution=row.caution,
        note=row.note,
    )
