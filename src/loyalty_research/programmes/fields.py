"""What the sections of a programme file share: exact amounts, sources, and when a rule applies."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, model_validator

from loyalty_research.brand.fields import Bilingual, BothTexts, Code, Day, Section, Text

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Spell = Literal["day", "week", "month", "quarter", "year", "ever"]
MOST = 10**9
PLACES = 4
"""Decimal places of money and, at most, of points."""


def _exact(value: object) -> object:
    """Return a number as it is typed: 1.2 is twelve tenths, not the nearest binary fraction."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        msg = "a number such as 1.2"
        raise ValueError(msg)
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) > MOST or number != round(number, PLACES):
        msg = f"a number with at most {PLACES} decimal places, not above {MOST:,}"
        raise ValueError(msg)
    return number


Exact = Annotated[Decimal, BeforeValidator(_exact, json_schema_input_type=float)]
Amount = Annotated[Exact, Field(ge=0)]
Positive = Annotated[Exact, Field(gt=0)]
Share = Annotated[Exact, Field(ge=0, le=1)]
Count = Annotated[StrictInt, Field(ge=1)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


class Source(Section):
    """A page a rule was read from.

    Parameters
    ----------
    title
        Of the page.
    grade
        ``A`` official terms, filing or release; ``B`` established news or trade press; ``C`` at
        second hand, to be checked before print.
    date
        Of the page; missing where it does not tell.
    url
        Its address; missing where there is none to give.
    """

    title: Text
    grade: Literal["A", "B", "C"]
    date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None


class Rule(Section):
    """What every rule carries: its name, where it was read, and what had to be assumed.

    Parameters
    ----------
    id
        Unique within the programme.
    name
        How a member would call it.
    source
        Ids of the programme's sources; empty for one's own design.
    assumed
        What no source says and was set for the replay; printed with the rule.
    """

    id: Code
    name: BothTexts
    source: tuple[Text, ...] = ()
    assumed: Bilingual | None = None


class DateRange(Section):
    """First and last day.

    Parameters
    ----------
    start, end
        Both included.
    """

    start: Day
    end: Day

    @model_validator(mode="after")
    def _ordered(self) -> DateRange:
        if self.end < self.start:
            msg = "an end on or after the start"
            raise ValueError(msg)
        return self

    def holds(self, day: dt.date) -> bool:
        """Tell whether ``day`` lies within."""
        return self.start <= day <= self.end


class Where(Section):
    """Which lines and orders a rule is about; all that is given must hold.

    Names of categories, products, channels and stores are the brand's own, or terms that the
    brand file explains under ``terms``, such as ``drink`` or ``delivery``.

    Parameters
    ----------
    categories, products
        Lines of these count, others do not. Such a rule needs lines.
    not_categories
        Lines of these do not count. Needs lines as well.
    channels, not_channels, stores
        Orders through these, or not through these.
    weekdays, days_of_month, dates
        On these days, in the brand's time zone.
    hours
        From (included) and to (excluded), such as ``["07:00", "11:00"]``.
    tiers
        Members of these levels at the moment.
    birthday_month
        In the month of the member's birthday.
    """

    categories: tuple[Text, ...] = ()
    products: tuple[Text, ...] = ()
    not_categories: tuple[Text, ...] = ()
    channels: tuple[Text, ...] = ()
    not_channels: tuple[Text, ...] = ()
    stores: tuple[Text, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    days_of_month: tuple[Annotated[StrictInt, Field(ge=1, le=31)], ...] = ()
    dates: tuple[DateRange, ...] = ()
    hours: tuple[Clock, Clock] | None = None
    tiers: tuple[Code, ...] = ()
    birthday_month: StrictBool = False

    @model_validator(mode="after")
    def _ordered(self) -> Where:
        if self.hours and self.hours[0] >= self.hours[1]:
            msg = "hours from an earlier to a later time of the same day"
            raise ValueError(msg)
        return self

    @property
    def needs_lines(self) -> bool:
        """Whether it looks at products."""
        return bool(self.categories or self.products or self.not_categories)
