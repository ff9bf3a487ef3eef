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
    """How the report is headed."""

    title: Bilingual | None = None
    date: Day | None = None


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
    """

    column: Text | None = None
    sum: Annotated[tuple[Text, ...], Field(min_length=2)] | None = None
    timezone: Zone | None = None
    at_most: StrictInt | StrictFloat | None = None
    values: dict[str, Scalar] | None = None

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


class TableSpec(_Section):
    """Where a canonical table comes from."""

    source: Text
    columns: dict[str, Annotated[ColumnRule, BeforeValidator(_rule)]]
    sale_status: tuple[Text, ...] | None = None


class BrandFile(_Section):
    """A brand file, checked.

    ``brand`` is the name of its folder, ``path`` the file, ``folder`` the folder.
    """

    name: Bilingual
    trade: Code
    currency: Currency
    timezone: Zone
    customers: Customers
    evidence: Literal["observed", "synthetic"]
    period: PeriodSpec | None = None
    calendar: Literal["none"] = "none"
    week_start: Weekday = "monday"
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
