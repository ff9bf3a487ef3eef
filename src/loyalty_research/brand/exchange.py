"""Exchange rates with their source: the file data/facts/exchange_rates.yaml, read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, StrictFloat, StrictInt, model_validator

from loyalty_research.brand.checked_file import changed, read_checked
from loyalty_research.brand.fact_file import FactSource
from loyalty_research.brand.fact_periods import ALLOWED, parse_period
from loyalty_research.brand.fact_series import not_found
from loyalty_research.brand.fields import Currency, Section, Text
from loyalty_research.brand.home import find_home, shown
from loyalty_research.errors import BrandFileError, Problem, problem, raise_all

RATES_FILE = Path("data", "facts", "exchange_rates.yaml")
_PLACES = Decimal("1e-8")
_Number = Annotated[StrictInt | StrictFloat, Field(gt=0)]


class RateRow(Section):
    """A rate, the way its source prints it.

    Parameters
    ----------
    for_one_base
        Units of the currency for one unit of the base.
    in_base
        Units of the base for one unit of the currency.
    source
        Identifier of the source.
    """

    for_one_base: _Number | None = None
    in_base: _Number | None = None
    source: Text

    @model_validator(mode="after")
    def _one_way(self) -> RateRow:
        if (self.for_one_base is None) == (self.in_base is None):
            msg = "for_one_base or in_base, one of the two"
            raise ValueError(msg)
        return self

    @property
    def exact(self) -> Fraction:
        """Units of the currency for one unit of the base."""
        if self.for_one_base is not None:
            return Fraction(str(self.for_one_base))
        return 1 / Fraction(str(self.in_base))


class RateFile(Section):
    """The file as a whole: every rate is the average of ``period``."""

    base: Currency
    period: Text
    rates: dict[Currency, RateRow]
    sources: dict[Text, FactSource]


@dataclass(frozen=True, slots=True)
class Rate:
    """A currency's rate and where it was read.

    Parameters
    ----------
    currency
        ISO 4217 code.
    units
        Units of it for one unit of the base.
    printed, is_for_base
        The number as its source prints it, and whether it counts units for one of the base.
    title, grade, date, url
        Of the source.
    """

    currency: str
    units: Fraction
    printed: float
    is_for_base: bool
    title: str
    grade: str
    date: str
    url: str


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """All rates of a project.

    Parameters
    ----------
    base
        Currency all others are told in.
    period
        Code of the period they are averages of.
    rates
        By currency, without the base.
    path
        The file.
    """

    base: str
    period: str
    rates: Mapping[str, Rate]
    path: Path

    def check(self, currencies: Iterable[str]) -> None:
        """Make sure that every currency has a rate.

        Raises
        ------
        BrandFileError
            One problem for each that has none: names the currency, the file and what to add.
        """
        lacking = sorted({*currencies} - {self.base, *self.rates})
        raise_all(
            (
                problem(
                    "currency {currency} has no exchange rate in {file}; add under rates: "
                    "{currency}: {{for_one_base: <units for one {base}, average of {period}>, "
                    "source: <id>}}, and the source under sources",
                    currency=item,
                    file=shown(self.path),
                    base=self.base,
                    period=self.period,
                )
                for item in lacking
            ),
            BrandFileError,
        )

    def factor(self, source: str, target: str) -> Decimal:
        """Return what one unit of ``source`` is in ``target``, to eight decimal places.

        Raises
        ------
        BrandFileError
            Where one of them has no rate.
        """
        if source == target:
            return Decimal(1)
        self.check((source, target))
        exact = self._units(target) / self._units(source)
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(_PLACES)

    def _units(self, currency: str) -> Fraction:
        return Fraction(1) if currency == self.base else self.rates[currency].units


def load_rates(home: Path | None = None) -> ExchangeRates:
    """Read and check the exchange rates of a project.

    Parameters
    ----------
    home
        Folder that holds ``data/facts``; None for that of the project in use.

    Raises
    ------
    BrandFileError
        With every problem of the file.
    """
    path = (home or find_home()) / RATES_FILE
    return _load(path, changed(path))


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> ExchangeRates:
    """Read the file; ``_changed`` tells one state of it from the next."""
    file = read_checked(path, RateFile, mistakes=_mistakes)
    rates = {name: _rate(name, row, file.sources[row.source]) for name, row in file.rates.items()}
    return ExchangeRates(file.base, file.period, rates, path)


def _rate(currency: str, row: RateRow, source: FactSource) -> Rate:
    return Rate(
        currency=currency,
        units=row.exact,
        printed=float(row.for_one_base or row.in_base or 0),
        is_for_base=row.for_one_base is not None,
        title=source.title,
        grade=source.grade,
        date=source.date or "",
        url=source.url,
    )


def _mistakes(file: RateFile) -> Iterator[Problem]:
    if file.base in file.rates:
        yield problem(
            "rates.{currency}: it is the base; allowed: every other currency", currency=file.base
        )
    for name, row in file.rates.items():
        if row.source not in file.sources:
            yield not_found(f"rates.{name}.source", row.source, file.sources)
    try:
        parse_period(file.period)
    except ValueError:
        yield problem(
            "{key}: found {found}; allowed: {allowed}",
            key="period",
            found=repr(file.period),
            allowed=ALLOWED,
        )
