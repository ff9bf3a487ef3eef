"""Kinds of values that stand in the project's YAML files: texts, codes, days, currencies, zones."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
)

Scalar = StrictBool | StrictInt | StrictFloat | StrictStr | None


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


def several(value: object) -> object:
    """Return one text as a tuple of one."""
    return (value,) if isinstance(value, str) else value


def _both(value: object) -> object:
    return {"zh": value, "en": value} if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Currency = Annotated[str, AfterValidator(_currency)]
Zone = Annotated[str, AfterValidator(_zone)]
Day = Annotated[dt.date, BeforeValidator(_date)]


class Section(BaseModel):
    """A section of a file: unknown keys are refused, what is read cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Bilingual(Section):
    """A text in both languages."""

    zh: Text
    en: Text


BothTexts = Annotated[Bilingual, BeforeValidator(_both, json_schema_input_type=Bilingual | Text)]
