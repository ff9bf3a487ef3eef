"""Codes of the periods that published figures are about, as months."""

from __future__ import annotations

import re
from dataclasses import dataclass

ALLOWED = (
    "2024, 2024H1, 2024Q3, 2024-06, 2024M1-9 (first nine months), FY2024 or FY2024Q1 "
    "(fiscal year named by the year it ends in)"
)
_YEAR = 12


@dataclass(frozen=True, slots=True)
class _Form:
    """How one kind of period is written, and how many of them a year has."""

    pattern: str
    code: str
    in_year: int = 1


_FORMS = {
    "year": _Form(r"(\d{4})", "{year:04d}"),
    "half": _Form(r"(\d{4})H([12])", "{year:04d}H{number}", 2),
    "quarter": _Form(r"(\d{4})Q([1-4])", "{year:04d}Q{number}", 4),
    "month": _Form(r"(\d{4})-(0[1-9]|1[0-2])", "{year:04d}-{number:02d}", 12),
    "months": _Form(r"(\d{4})M1-([2-9]|1[01])", "{year:04d}M1-{number}"),
    "fiscal_year": _Form(r"FY(\d{4})", "FY{year:04d}"),
    "fiscal_quarter": _Form(r"FY(\d{4})Q([1-4])", "FY{year:04d}Q{number}", 4),
}


@dataclass(frozen=True, slots=True)
class FactPeriod:
    """A period by its first and last month, counted from year 0.

    Parameters
    ----------
    code
        As it stands in the file, such as ``2024Q3``.
    kind
        ``year``, ``half``, ``quarter``, ``month``, ``months`` (first months of a year),
        ``fiscal_year`` or ``fiscal_quarter``. Only periods of one kind are compared.
    first, last
        Months since year 0, both included. A figure as of a day belongs to its last month.
    year, number
        As the code has them; the number of a quarter, half or month, 1 for a year, or how many
        months ``months`` has.
    """

    code: str
    kind: str
    first: int
    last: int
    year: int
    number: int = 1

    @property
    def year_before(self) -> tuple[str, int, int]:
        """Kind, first and last month of the same period a year earlier."""
        return self.kind, self.first - _YEAR, self.last - _YEAR

    @property
    def months(self) -> tuple[str, int, int]:
        """Kind, first and last month."""
        return self.kind, self.first, self.last

    def later(self, months: int) -> FactPeriod:
        """Return the period of the same kind so many months later; a whole number of periods."""
        form = _FORMS[self.kind]
        steps = months * form.in_year // _YEAR
        place = self.year * form.in_year + steps + (self.number - 1 if form.in_year > 1 else 0)
        year = place // form.in_year
        number = place % form.in_year + 1 if form.in_year > 1 else self.number
        code = form.code.format(year=year, number=number)
        return FactPeriod(code, self.kind, self.first + months, self.last + months, year, number)


def parse_period(code: str, *, fiscal_year_ends: int = _YEAR) -> FactPeriod:
    """Return the period a code stands for.

    Parameters
    ----------
    code
        See :data:`ALLOWED`.
    fiscal_year_ends
        Last month of the fiscal year, 1 to 12; years and quarters without FY are those of the
        calendar.

    Raises
    ------
    ValueError
        Where the code is none of those allowed; its text lists them.
    """
    for kind, form in _FORMS.items():
        if match := re.fullmatch(form.pattern, code):
            year, number = (*(int(part) for part in match.groups()), 1)[:2]
            shift = fiscal_year_ends - _YEAR if kind.startswith("fiscal") else 0
            length = number if kind == "months" else _YEAR // form.in_year
            before = 0 if form.in_year == 1 else (number - 1) * length
            first = year * _YEAR + before + shift
            return FactPeriod(code, kind, first, first + length - 1, year, number)
    raise ValueError(ALLOWED)
