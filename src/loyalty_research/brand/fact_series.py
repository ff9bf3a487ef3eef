"""Published figures of brands, each with its source, date and grade."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from loyalty_research.brand.fact_file import (
    Bound,
    Caution,
    FactBrand,
    FactSource,
    IndexRow,
    Measure,
    Unknown,
)
from loyalty_research.brand.fact_periods import FactPeriod
from loyalty_research.brand.fields import Bilingual
from loyalty_research.errors import ParameterError, Problem, problem


@dataclass(frozen=True, slots=True)
class FactPoint:
    """A published figure.

    Parameters
    ----------
    period
        What it is about.
    value
        As published, in the measure's unit, such as 93.1 (million).
    amount
        The same in persons, things, currency units or as a share, such as 93,100,000.
    source, title, grade, date, url
        Where it was read: identifier, title, ``A`` to ``C``, date of the page (empty where it tells
        none) and address.
    derived
        Formula where no source prints the value; empty where one does.
    bound
        ``over``, ``nearly``, ``about`` or ``at_most`` where the source gives no plain number.
    caution
        Why it is neither drawn nor compared; None for most.
    note
        What else must be known.
    """

    period: FactPeriod
    value: float
    amount: float
    source: str
    title: str
    grade: Literal["A", "B", "C"]
    date: str
    url: str
    derived: str = ""
    bound: Bound | None = None
    caution: Caution | None = None
    note: Bilingual | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is a number that may be drawn and compared."""
        return self.bound is None and self.caution is None


@dataclass(frozen=True, slots=True)
class FactSeries:
    """The published figures of one brand and measure, by the end of their period."""

    id: str
    brand: str
    name: Bilingual
    measure_id: str
    measure: Measure
    points: tuple[FactPoint, ...]
    note: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class BrandFacts:
    """What is published of one brand.

    Parameters
    ----------
    brand, about
        Identifier and description.
    series
        In the order of the file.
    unknown
        What was looked for and not found.
    """

    brand: str
    about: FactBrand
    series: tuple[FactSeries, ...]
    unknown: tuple[Bilingual, ...]

    @property
    def digest(self) -> str:
        """Hash of all of it: another one where a figure, a source or a wording has changed."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Facts:
    """All published figures of a project.

    Parameters
    ----------
    brands, measures, series
        By identifier.
    unknown
        What was looked for and not found.
    indices
        Satisfaction indices, by identifier.
    sources
        Pages the figures were read from, by identifier.
    """

    brands: Mapping[str, FactBrand]
    measures: Mapping[str, Measure]
    series: Mapping[str, FactSeries]
    unknown: tuple[Unknown, ...]
    indices: Mapping[str, IndexRow] = field(default_factory=dict)
    sources: Mapping[str, FactSource] = field(default_factory=dict)

    def series_of(self, brand: str) -> tuple[FactSeries, ...]:
        """Return the series of a brand, in the order of the file.

        Raises
        ------
        ParameterError
            Where the file has no such brand; names the nearest.
        """
        if brand not in self.brands:
            raise ParameterError(not_found("brand", brand, self.brands))
        return tuple(item for item in self.series.values() if item.brand == brand)

    def of(self, brand: str) -> BrandFacts:
        """Return all that is published of a brand.

        Raises
        ------
        ParameterError
            Where the file has no such brand; names the nearest.
        """
        series = self.series_of(brand)
        unknown = tuple(item.what for item in self.unknown if item.brand == brand)
        return BrandFacts(brand, self.brands[brand], series, unknown)

    def in_trade(self, trade: str) -> tuple[BrandFacts, ...]:
        """Return what is published of the brands of a trade, in the order of the file."""
        return tuple(self.of(name) for name, item in self.brands.items() if trade in item.trades)

    def point(self, series_id: str, period: str) -> FactPoint:
        """Return the figure of a series for a period code.

        Raises
        ------
        ParameterError
            Where there is no such series, or it has no figure for the period.
        """
        if series_id not in self.series:
            raise ParameterError(not_found("series", series_id, self.series))
        points = {item.period.code: item for item in self.series[series_id].points}
        if period not in points:
            raise ParameterError(not_found(f"series {series_id}, period", period, points))
        return points[period]


def not_found(key: str, found: str, known: Mapping[str, object]) -> Problem:
    """Return the problem of a name that stands for nothing, with the nearest that do."""
    near = get_close_matches(found, known, n=3) or list(known)
    return problem(
        "{key}: found {found}; allowed: {allowed}",
        key=key,
        found=repr(found),
        allowed=", ".join(near[:10]) or "none",
    )
