"""What may stand in the file of published figures, data/facts/performance.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from loyalty_research.brand.fields import Bilingual, Code, Currency, Section, Text

FactUnit = Literal["persons", "count", "share", "change", "money", "number", "score"]
Bound = Literal["over", "nearly", "about", "at_most"]
Caution = Literal["pre_restatement", "not_comparable", "undefined"]
SourceDate = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


class FactBrand(Section):
    """A brand with published figures.

    Parameters
    ----------
    currency
        Of its amounts.
    fiscal_year_ends
        Last month of its fiscal year.
    trades
        Trades in which its figures stand beside those of other brands; none for one that has the
        scores of an index only.
    """

    name: Bilingual
    trades: tuple[Code, ...] = ()
    currency: Currency | None = None
    fiscal_year_ends: Annotated[StrictInt, Field(ge=1, le=12)] = 12


class Measure(Section):
    """What is counted: figures of one measure are counted the same way.

    Parameters
    ----------
    name, definition
        Who or what is counted, how and when.
    unit
        How its values are printed.
    times
        What a value as published is multiplied by to count single persons, things or currency
        units, or to be a share: 1000000 for millions, 0.01 for per cent.
    family
        Measures that are mistaken for each other, such as the many counts of members.
    per_store
        Whether it counts what all stores of the measure ``stores`` did, so that it may be divided
        by their number.
    """

    name: Bilingual
    definition: Bilingual
    unit: FactUnit
    times: StrictInt | StrictFloat = 1
    family: Code
    per_store: StrictBool = False


class FactSource(Section):
    """A page a figure was read from.

    Parameters
    ----------
    grade
        ``A`` company filing or release, or its verbatim copy; ``B`` established news or trade
        press; ``C`` a summary at second hand, to be checked before print.
    date
        Of the page, as far as it tells; missing where it does not.
    """

    title: Text
    grade: Literal["A", "B", "C"]
    date: SourceDate | None = None
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]


class PointRow(Section):
    """A figure.

    Parameters
    ----------
    period
        Code of the period; see :data:`loyalty_research.brand.fact_periods.ALLOWED`.
    value
        As published, in the measure's unit.
    source
        Identifier of the source.
    derived
        Formula, where no source prints the value itself.
    bound
        Where the source gives a bound or a rounded number only.
    caution
        Why the value is neither drawn nor compared.
    """

    period: Text
    value: StrictInt | StrictFloat
    source: Text
    derived: Text | None = None
    bound: Bound | None = None
    caution: Caution | None = None
    note: Bilingual | None = None


class SeriesRow(Section):
    """The figures of one brand and measure."""

    brand: Code
    measure: Code
    points: Annotated[tuple[PointRow, ...], Field(min_length=1)]
    note: Bilingual | None = None


class IndexRow(Section):
    """A satisfaction index of a sector.

    Parameters
    ----------
    name, publisher, sector, country
        Which index, who publishes it, what it covers and where.
    trades
        Trades whose reports tell of it.
    measure
        Its scores; missing where they are not shown.
    average
        The brand that stands for the mean of the sector.
    withheld, source
        Why its scores are not shown, and where that was read.
    """

    name: Bilingual
    publisher: Bilingual
    sector: Bilingual
    country: Bilingual
    trades: Annotated[tuple[Code, ...], Field(min_length=1)]
    measure: Code | None = None
    average: Code | None = None
    withheld: Bilingual | None = None
    source: Text | None = None


class Unknown(Section):
    """What was looked for and not found."""

    brand: Code
    what: Bilingual


class FactFile(Section):
    """The file as a whole."""

    brands: dict[Code, FactBrand]
    measures: dict[Code, Measure]
    series: dict[Code, SeriesRow]
    indices: dict[Code, IndexRow] = Field(default_factory=dict)
    unknown: tuple[Unknown, ...] = ()
    sources: dict[Text, FactSource]
