"""From a source's columns to canonical types, telling apart what is missing and what is wrong.

Text is read with our own casts, whatever a file's reader would have guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from loyalty_research.study.plan import ColumnPlan
from loyalty_research.tables import Kind

MONEY = dt.Decimal(18, 4)
ALLOWED: dict[Kind, str] = {
    "id": "text or whole numbers",
    "time": "time stamps such as 2024-03-01 18:30:00",
    "date": "dates such as 2024-03-01",
    "money": "amounts such as 12.50, without currency sign and thousands separator",
    "number": "numbers such as 12.5",
    "integer": "whole numbers",
    "text": "text",
    "flag": "true, false, 1, 0, yes, no, 是, 否",
}
_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "y", "t", "是"), "true"),
    **dict.fromkeys(("false", "0", "no", "n", "f", "否"), "false"),
}
_OFFSET = r"\d\d:\d\d.*(Z|UTC|[+-]\d\d(:?\d\d)?)$"
_EXACT = 2.0**53
_NUMERIC = ("string", "integer", "float", "decimal")
_SOURCES: dict[Kind, tuple[str, ...]] = {
    "id": (*_NUMERIC, "uuid"),
    "time": ("string", "timestamp", "date"),
    "date": ("string", "timestamp", "date"),
    "money": _NUMERIC,
    "number": _NUMERIC,
    "integer": _NUMERIC,
    "text": (*_NUMERIC, "uuid", "boolean", "date", "timestamp"),
    "flag": ("string", "boolean", "integer"),
}


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def _at_zone(zone: dt.string, at: dt.Timestamp(timezone="UTC")) -> dt.timestamp:  # type: ignore[valid-type]
    """Tell a moment in the local time of ``zone``."""


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def _from_zone(zone: dt.string, at: dt.timestamp) -> dt.Timestamp(timezone="UTC"):  # type: ignore[valid-type]
    """Return the moment a local time stamp of ``zone`` stands for."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A column as read: its value, whether the source has one, and whether it cannot be read."""

    value: ir.Value
    present: ir.BooleanValue
    bad: ir.BooleanValue


def type_family(kind: dt.DataType) -> str:
    """Return the family of a source type; its own name where it has none."""
    if kind.is_floating():
        return "float"
    for name in ("string", "integer", "decimal", "timestamp", "date", "boolean", "uuid"):
        if getattr(kind, f"is_{name}")():
            return name
    return str(kind)


def can_read(plan: ColumnPlan, kind: dt.DataType) -> bool:
    """Tell whether a source column of type ``kind`` may stand for the planned column."""
    return kind.is_null() or type_family(kind) in _SOURCES[plan.column.kind]


def needs_zone(plan: ColumnPlan, kind: dt.DataType) -> bool:
    """Tell whether reading the column needs the brand's time zone."""
    zoned = kind.is_timestamp() and kind.timezone is not None
    return plan.column.kind in ("time", "date") and (zoned or plan.timezone is not None)


def cast_column(
    source: ir.Table, plan: ColumnPlan, *, zone: str | None, text_ids: bool = True
) -> Cast:
    """Read one canonical column.

    Parameters
    ----------
    source
        Table with the source's own columns.
    plan
        Column to read.
    zone
        The brand's time zone.
    text_ids
        Whether identifiers of this name become text, since some table brings them as text.
    """
    parts = [_cast_one(source[name], plan, zone=zone, text_ids=text_ids) for name in plan.sources]
    if len(parts) == 1:
        return parts[0]
    zero = ibis.literal(0).cast(parts[0].value.type())
    total = reduce(lambda a, b: a + b, (ibis.coalesce(part.value, zero) for part in parts))
    present = reduce(lambda a, b: a | b, (part.present for part in parts))
    bad = reduce(lambda a, b: a | b, (part.bad for part in parts))
    kind = MONEY if plan.column.kind == "money" else parts[0].value.type()
    return Cast(ibis.ifelse(present, total.cast(kind), ibis.null(kind)), present, bad)


def _cast_one(raw: ir.Value, plan: ColumnPlan, *, zone: str | None, text_ids: bool) -> Cast:
    kind = plan.column.kind
    if raw.type().is_null():
        raw = raw.cast("string")
    if plan.values:
        raw = _translated(_as_text(raw), plan)
    if raw.type().is_string():
        raw = raw.strip().nullif("")
    present = raw.notnull()
    if raw.type().is_floating():
        present = present & ~raw.isnan()
    readers: dict[str, Callable[[], ir.Value]] = {
        "id": lambda: _identifier(raw, text_ids),
        "time": lambda: _time(raw, plan.timezone, zone),
        "date": lambda: _time(raw, plan.timezone, zone).date(),
        "money": lambda: raw.try_cast(MONEY),
        "number": lambda: _number(raw),
        "integer": lambda: _integer(raw),
        "text": lambda: _as_text(raw),
        "flag": lambda: _flag(raw),
    }
    value = readers[kind]()
    return Cast(value, present, present & value.isnull())


def _translated(text: ir.StringValue, plan: ColumnPlan) -> ir.StringValue:
    clean = text.strip()
    pairs = [(clean == key, ibis.literal(value)) for key, value in plan.values.items()]
    return ibis.cases(*pairs, else_=clean)


def _as_text(raw: ir.Value) -> ir.StringValue:
    """Write whole numbers without a point: one missing value turns a column into floats."""
    if raw.type().is_floating() or raw.type().is_decimal():
        whole = raw.try_cast("int64")
        finite = whole.notnull() & (whole.cast("float64") == raw.cast("float64"))
        return ibis.ifelse(finite, whole.cast("string"), raw.cast("string"))
    return raw if raw.type().is_string() else raw.cast("string")


def _integer(raw: ir.Value) -> ir.Value:
    if raw.type().is_integer():
        return raw.cast("int64")
    number = _number(raw)
    whole = number.try_cast("int64")
    exact = (number.abs() <= _EXACT) & (whole.cast("float64") == number)
    return ibis.ifelse(exact, whole, ibis.null("int64"))


def _number(raw: ir.Value) -> ir.Value:
    number = raw.try_cast("float64")
    return ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number)


def _identifier(raw: ir.Value, text_ids: bool) -> ir.Value:
    if raw.type().is_string() or raw.type().is_uuid():
        return _as_text(raw)
    whole = _integer(raw)
    return whole.cast("string") if text_ids else whole


def _time(raw: ir.Value, source_zone: str | None, zone: str | None) -> ir.Value:
    kind = raw.type()
    if kind.is_string():
        local = _shift(raw.try_cast("timestamp"), source_zone, zone)
        if zone is None:
            return ibis.ifelse(raw.re_search(_OFFSET), ibis.null("timestamp"), local)
        moment = raw.try_cast(dt.Timestamp(timezone="UTC"))
        return ibis.ifelse(raw.re_search(_OFFSET), _at_zone(zone, moment), local)
    if kind.is_timestamp() and kind.timezone is not None:
        return _at_zone(zone, raw)
    return _shift(raw.cast(dt.Timestamp(scale=6)).cast("timestamp"), source_zone, zone)


def _shift(local: ir.Value, source_zone: str | None, zone: str | None) -> ir.Value:
    if source_zone is None or source_zone == zone:
        return local
    return _at_zone(zone, _from_zone(source_zone, local))


def _flag(raw: ir.Value) -> ir.BooleanValue:
    if raw.type().is_boolean():
        return raw
    text = _as_text(raw).lower()
    pairs = [(text == key, ibis.literal(value)) for key, value in _FLAGS.items()]
    return ibis.cases(*pairs, else_=ibis.null("string")).cast("boolean")
