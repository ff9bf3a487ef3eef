"""What may stand in a brand file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Chapter = Literal["profile"]
Separator = Literal[",", ";", "\t", "|", " "]
Adapter = Literal["yogurt_market", "yogurt_choice_sets"]
Scalar = StrictBool | StrictInt | StrictFloat | StrictStr | None
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _currency(code: str) -> str:
    if code not in get_global("all_currencies"):
        msg = "an ISO 4217 code in capitals, such as CNY, USD, EUR"
        raise ValueError(msg)
    return code


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = "a name of the time zone database, such as Asia/Shanghai, America/New_York, UTC"
        raise ValueError(msg) from error
    return name


def _date(value: object) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        msg = "a date such as 2024-12-31"
        raise ValueError(msg) from error


def _rule(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _both(value: object) -> object:
    return {"zh": value, "en": value} if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Currency = Annotated[str, AfterValidator(_currency)]
Zone = Annotated[str, AfterValidator(_zone)]
Day = Annotated[dt.date, BeforeValidator(_date)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Bilingual(_Section):
    """A text in both languages."""

    zh: Text
    en: Text


BothTexts = Annotated[Bilingual, BeforeValidator(_both)]


class Customers(_Section):
    """Whom a customer_id stands for."""

    unit: Literal["person", "household"]
    audience_word: Literal["会员", "顾客", "客户"] = "顾客"
    identifiers: Literal["public", "personal"]
    first_purchase_observed: StrictBool = False


class PeriodSpec(_Section):
    """First and last day of the report."""

    start: Day
    end: Day

    @model_validator(mode="after")
    def _ordered(self) -> PeriodSpec:
        if self.end < self.start:
            msg = "an end on or after the start"
            raise ValueError(msg)
        return self


class ReportSpec(_Section):
    """How the report is headed, on the cover and in the footer of every format.

    Parameters
    ----------
    title, client, prepared_by, confidentiality
        One text for both languages, or ``{zh, en}``.
    logo
        PNG or SVG in the brand's folder.
    colour
        ``#rrggbb`` of headings and rules; text in it must be readable on white.
    version
        Such as ``"1.0"``.
    date
        Of the report.
    """

    title: BothTexts | None = None
    client: BothTexts | None = None
    prepared_by: BothTexts | None = None
    confidentiality: BothTexts | None = None
    logo: Text | None = None
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None
    version: Text | None = None
    date: Day | None = None


class Promotion(_Section):
    """A promotion window: its first and last day."""

    name: BothTexts
    start: Day
    end: Day

    @model_validator(mode="after")
    def _ordered(self) -> Promotion:
        if self.end < self.start:
            msg = "an end on or after the start"
            raise ValueError(msg)
        return self


class MemberDays(_Section):
    """Days on which members get more: days of the week, or of the month."""

    weekdays: tuple[Weekday, ...] = ()
    days_of_month: tuple[Annotated[StrictInt, Field(ge=1, le=31)], ...] = ()


class ControlTotal(_Section):
    """What the client's own back office shows for a month; any subset of the three.

    Parameters
    ----------
    month
        Such as ``"2024-01"``.
    sales
        In the brand's currency.
    orders, members
        Counts; members are those who bought in the month.
    """

    month: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
    sales: StrictInt | StrictFloat | None = None
    orders: Annotated[StrictInt, Field(ge=0)] | None = None
    members: Annotated[StrictInt, Field(ge=0)] | None = None


class LifecycleDays(_Section):
    """The client's own rule of who is active, dormant and lost, by days without a purchase.

    Up to ``active`` days a customer is active, from ``dormant`` on dormant, from ``lost`` on lost.
    """

    active: Annotated[StrictInt, Field(ge=1)]
    dormant: Annotated[StrictInt, Field(ge=1)]
    lost: Annotated[StrictInt, Field(ge=1)]

    @model_validator(mode="after")
    def _ordered(self) -> LifecycleDays:
        if not self.active <= self.dormant < self.lost:
            msg = "active <= dormant < lost"
            raise ValueError(msg)
        return self


class SourceNote(_Section):
    """Where rows come from and under which licence."""

    name: Text
    licence: Text
    provenance: Bilingual


class Notice(_Section):
    """Something the reader must know about the data.

    The texts may print facts of the data, such as ``{orders}``; see ``study.facts``.
    """

    id: Code
    zh: Text
    en: Text


class ColumnRule(_Section):
    """Where a canonical column comes from.

    Parameters
    ----------
    column
        Name in the source.
    sum
        Names in the source that are added up, in place of ``column``.
    timezone
        Zone the source's time stamps are in, where it is not the brand's.
    at_most
        Values above it are not believed and become missing.
    values
        What the source's values mean.
    less
        Names in the source whose amounts are taken off, such as freight inside a payment.
    level
        ``order`` where the source repeats the order's value on each of its lines: it is counted
        once, shared out over the lines.
    date_order
        How dates such as 03/04/2024 are read: year, month and day first to last.
    epoch
        Unit of time stamps that are numbers counted from 1970-01-01 UTC.
    missing
        Values that stand for a missing one, beyond the usual ``-``, ``/``, ``无``, ``NULL``.
    """

    column: Text | None = None
    sum: Annotated[tuple[Text, ...], Field(min_length=2)] | None = None
    timezone: Zone | None = None
    at_most: StrictInt | StrictFloat | None = None
    values: dict[str, Scalar] | None = None
    less: Annotated[tuple[Text, ...], BeforeValidator(_several)] | None = None
    level: Literal["line", "order"] = "line"
    date_order: Literal["ymd", "mdy", "dmy"] | None = None
    epoch: Literal["seconds", "milliseconds"] | None = None
    missing: tuple[StrictStr, ...] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnRule:
        if (self.column is None) == (self.sum is None):
            msg = "either column or sum"
            raise ValueError(msg)
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the source columns."""
        return self.sum if self.sum is not None else (self.column or "",)


class FileSpec(_Section):
    """Which file or files a table is read from, and how.

    What is not given is found out from the file itself.

    Parameters
    ----------
    source
        A path, several, or patterns such as ``2024-*.csv``; ``package:<distribution>/<path>``; or
        the address of a database, such as ``postgresql://user@host/base``.
    encoding
        Of text files: ``utf-8``, ``gb18030``, ``utf-16``.
    separator
        Of text files; a blank stands for any number of them.
    sheets
        Of a workbook; all visible ones with the same heading are stacked where not given.
    table
        Of a database.
    heading_row
        Row of the headings, counted from 1; what stands above is a title.
    skip_rows
        Rows below the heading that explain and hold no data, counted from 1 in the file.
    row_number
        Name of a column to add that counts the rows from 1, for files without an identifier.
    adapter
        Reads a data package whose file has a shape of its own.
    """

    source: Annotated[tuple[Text, ...], BeforeValidator(_several), Field(min_length=1)]
    encoding: Text | None = None
    separator: Separator | None = None
    sheets: Annotated[tuple[Text, ...], BeforeValidator(_several)] | None = None
    table: Text | None = None
    heading_row: Annotated[StrictInt, Field(ge=1)] | None = None
    skip_rows: tuple[Annotated[StrictInt, Field(ge=1)], ...] = ()
    row_number: Text | None = None
    adapter: Adapter | None = None


Columns = dict[str, Annotated[ColumnRule, BeforeValidator(_rule)]]


class OrdersSpec(FileSpec):
    """An order-level file beside a line-level one, joined to it on ``order_id``.

    Its amounts belong to the order and are shared out over its lines.
    """

    columns: Columns


class TableSpec(FileSpec):
    """Where a canonical table comes from.

    Parameters
    ----------
    columns
        Where each canonical column comes from.
    sale_status
        Values of ``status`` that are sales.
    refunded
        Values of ``after_sales`` that mean that the whole line was refunded.
    not_customers
        Values of ``customer_id`` that are no customer, such as walk-ins: they count as not
        identified.
    not_goods
        Lines that are no sale of goods, such as recharges and fees: values by canonical column,
        or, under ``order_id_starts``, the beginnings of order numbers. Left out and counted.
    only
        The lines that belong to the brand: values by canonical column, of transactions or of
        another table, such as ``products.category``. The others are left out and counted.
    orders
        An order-level file, joined on ``order_id``.
    """

    columns: Columns
    sale_status: tuple[Text, ...] | None = None
    refunded: tuple[Text, ...] = ()
    not_customers: tuple[Text, ...] = ()
    not_goods: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    only: dict[Text, Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(default_factory=dict)
    orders: OrdersSpec | None = None


class BrandFile(_Section):
    """A brand file, checked.

    ``brand`` is the name of its folder, ``path`` the file, ``folder`` the folder.

    Parameters
    ----------
    period
        First and last day of the report; those of the data where not given.
    compare
        The period to compare with: the one before, the same dates a year earlier, or its days.
    calendar
        ``cn`` for the public holidays of mainland China.
    promotions, member_days
        Promotion windows, and days on which members get more.
    fiscal_year_start
        Month the fiscal year begins with, 1 to 12.
    control_totals
        The client's own totals, which the report is reconciled with.
    lifecycle_days
        The client's own rule of who is active, dormant and lost.
    """

    name: BothTexts
    trade: Code
    currency: Currency
    timezone: Zone
    customers: Customers
    evidence: Literal["observed", "synthetic"]
    period: PeriodSpec | None = None
    compare: Literal["none", "previous", "last_year"] | PeriodSpec = "none"
    calendar: Literal["none", "cn"] = "none"
    week_start: Weekday = "monday"
    fiscal_year_start: Annotated[StrictInt, Field(ge=1, le=12)] = 1
    promotions: tuple[Promotion, ...] = ()
    member_days: MemberDays = Field(default_factory=MemberDays)
    control_totals: tuple[ControlTotal, ...] = ()
    lifecycle_days: LifecycleDays | None = None
    chapters: dict[Chapter, dict[Code, Scalar]] = Field(default_factory=dict)
    report: ReportSpec = Field(default_factory=ReportSpec)
    definitions: dict[str, str] = Field(default_factory=dict)
    sources: tuple[SourceNote, ...] = ()
    notices: tuple[Notice, ...] = ()
    tables: Annotated[dict[str, TableSpec], Field(min_length=1)]

    _path: Path = PrivateAttr(default=Path("brand.yaml"))

    def model_post_init(self, context: Any) -> None:
        """Keep the path that the loader hands over as validation context."""
        if isinstance(context, dict) and "path" in context:
            self._path = context["path"]

    @property
    def path(self) -> Path:
        """The file itself."""
        return self._path

    @property
    def folder(self) -> Path:
        """The brand's folder."""
        return self._path.parent

    @property
    def brand(self) -> str:
        """Name of the brand's folder."""
        return self._path.parent.name

    @property
    def week_start_number(self) -> int:
        """0 for Monday, 6 for Sunday."""
        return _WEEK.index(self.week_start)
