"""Dates and times as tables write them, read as local time stamps."""

from __future__ import annotations

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from loyalty_research.study.plan import ColumnPlan
from loyalty_research.study.texts import Step, half_width

_OFFSET = r"\d\d:\d\d.*(Z|UTC|[+-]\d\d(:?\d\d)?)$"
_SERIALS = (32874.0, 73415.0)
"""Excel's day numbers of 1990-01-01 and 2100-12-31."""
_EXCEL_TO_EPOCH = 25569
_AFTERNOON = r"下午|晚上|傍晚|中午|PM|P\.M\."
_MORNING = r"上午|凌晨|早上|清晨|AM|A\.M\."
_PARTS = r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*"
_ORDERS = {
    "mdy": (rf"^{_PARTS}(\d{{4}})", r"\3-\1-\2"),
    "dmy": (rf"^{_PARTS}(\d{{4}})", r"\3-\2-\1"),
    "ymd": (r"^(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})(\s|$)", r"20\1-\2-\3\4"),
}
_SHORT = {
    "mdy": (rf"^{_PARTS}(\d{{2}})(\s|$)", r"20\3-\1-\2\4"),
    "dmy": (rf"^{_PARTS}(\d{{2}})(\s|$)", r"20\3-\2-\1\4"),
}
_REWRITES = (
    (r"(星期|周)[一二三四五六日天]", ""),
    (r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?[\sT]*", r"\1-\2-\3 "),
    (r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3"),
    (r"^(\d{4})(\d{2})(\d{2})\s?(\d{2}):?(\d{2}):?(\d{2})$", r"\1-\2-\3 \4:\5:\6"),
    (r"^(\d{4})(\d{2})(\d{2})\s?(\d{2}):?(\d{2})$", r"\1-\2-\3 \4:\5"),
    (r"(\d)\s*[时時点點]\s*", r"\1:"),
    (r"(\d)\s*分\s*", r"\1:"),
    (r"秒", ""),
    (r":\s*$", ""),
    (r"^(\d{4}-\d{1,2}-\d{1,2} \d{1,2})$", r"\1:00"),
    (r"\s+", " "),
)


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def _at_zone(zone: dt.string, at: dt.Timestamp(timezone="UTC")) -> dt.timestamp:  # type: ignore[valid-type]
    """Tell a moment in the local time of ``zone``."""


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def _from_zone(zone: dt.string, at: dt.timestamp) -> dt.Timestamp(timezone="UTC"):  # type: ignore[valid-type]
    """Return the moment a local time stamp of ``zone`` stands for."""


@ibis.udf.scalar.builtin(name="make_timestamp")  # type: ignore[untyped-decorator]
def _stamp(microseconds: dt.int64) -> dt.timestamp:
    """Return the time stamp so many microseconds after 1970-01-01."""


def time_steps(name: str, kind: dt.DataType, plan: ColumnPlan, zone: str | None) -> list[Step]:
    """Return the steps that read local time stamps from ``name`` into ``<name>_value``.

    Parameters
    ----------
    name
        Column of text, numbers, dates or time stamps.
    kind
        Its type.
    plan
        Says the order of day and month, the unit of numbers and the zone of the source.
    zone
        Zone in which times are told; None where none was given.
    """
    value = f"{name}_value"
    if plan.epoch is not None and (kind.is_numeric() or kind.is_string()):
        return [lambda t: {value: _of_count(t[name].try_cast("float64"), plan, zone)}]
    if kind.is_numeric():
        return _number_steps(name, plan, zone)
    if kind.is_string():
        return _text_steps(name, plan, zone)
    if kind.is_timestamp() and kind.timezone is not None:
        return [lambda t: {value: _at_zone(zone, t[name])}]
    plain = dt.Timestamp(scale=6)
    return [
        lambda t: {value: _shift(t[name].cast(plain).cast("timestamp"), plan.timezone, zone)},
    ]


def _text_steps(name: str, plan: ColumnPlan, zone: str | None) -> list[Step]:
    fast, rest, half, value = (f"{name}_{part}" for part in ("fast", "rest", "half", "value"))
    zoned, written = f"{name}_zoned", f"{name}_written"
    nothing, never = ibis.null("string"), ibis.null("timestamp")
    return [
        # Read as a year, the day of 12/05/24 would be believed: it is left to the rewriting.
        lambda t: {
            fast: ibis.ifelse(t[name].re_search(r"^\d{4}\D"), t[name].try_cast("timestamp"), never),
            zoned: t[name].re_search(_OFFSET),
        },
        lambda t: {rest: ibis.ifelse(t[fast].isnull(), t[name], nothing)},
        lambda t: {rest: half_width(t[rest])},
        lambda t: {rest: t[rest].strip().upper()},
        lambda t: {
            written: _rewritten(t[rest], plan),
            half: ibis.cases(
                (t[rest].re_search(_AFTERNOON), "after"),
                (t[rest].re_search(_MORNING), "before"),
                else_="",
            ),
        },
        lambda t: {
            written: ibis.ifelse(
                t[written].re_search(r"^\d{4}-"), t[written].try_cast("timestamp"), never
            )
        },
        lambda t: {
            written: ibis.ifelse(
                t[rest].re_search(r"^\d{5}(\.\d+)?$"),
                _of_serial(t[rest].try_cast("float64")),
                _of_half_day(t[written], t[half]),
            )
        },
        lambda t: {written: _shift(ibis.coalesce(t[fast], t[written]), plan.timezone, zone)},
        lambda t: {value: _with_offset(t[written], t[name], t[zoned], zone)},
    ]


def _with_offset(
    local: ir.Value, raw: ir.StringValue, zoned: ir.BooleanValue, zone: str | None
) -> ir.Value:
    """Return a time stamp that tells its own offset in ``zone``; missing without one."""
    if zone is None:
        return ibis.ifelse(zoned, ibis.null("timestamp"), local)
    moment = ibis.ifelse(zoned, raw, ibis.null("string")).try_cast(dt.Timestamp(timezone="UTC"))
    return ibis.ifelse(zoned, _at_zone(zone, moment), local)


def _rewritten(text: ir.StringValue, plan: ColumnPlan) -> ir.StringValue:
    """Return a text as the engine's own cast reads it, without the half of the day."""
    clean = text.re_replace(rf"{_AFTERNOON}|{_MORNING}", " ")
    if plan.date_order is not None:
        for rule in (_ORDERS[plan.date_order], _SHORT.get(plan.date_order)):
            clean = clean.re_replace(*rule) if rule else clean
    for pattern, written in _REWRITES:
        clean = clean.re_replace(pattern, written)
    return clean.strip()


def _of_half_day(stamp: ir.Value, half: ir.StringValue) -> ir.Value:
    """Return a time stamp of a clock of twelve hours as one of twenty-four."""
    hour = stamp.hour()
    hours = ibis.cases(
        ((half == "after") & (hour < 12) & (hour > 0), 12),
        ((half == "before") & (hour == 12), -12),
        else_=0,
    )
    return stamp + hours.as_interval("h")


def _of_count(number: ir.Value, plan: ColumnPlan, zone: str | None) -> ir.Value:
    """Return the time stamp of a count from 1970; missing for 0, which stands for "not yet"."""
    scale = 1_000_000 if plan.epoch == "seconds" else 1_000
    moment = _stamp((number * scale).round().try_cast("int64"))
    local = moment if zone is None else _shift(moment, plan.timezone or "UTC", zone)
    return ibis.ifelse(number == 0, ibis.null("timestamp"), local)


def _number_steps(name: str, plan: ColumnPlan, zone: str | None) -> list[Step]:
    """Read Excel's day numbers, and dates written as numbers such as 20240301."""
    digits, value = f"{name}_digits", f"{name}_value"

    def compact(t: ir.Table) -> dict[str, ir.Value]:
        text = t[name].try_cast("int64").cast("string")
        for pattern, written in _REWRITES[2:5]:
            text = text.re_replace(pattern, written)
        return {digits: ibis.ifelse(text.contains("-"), text, ibis.null("string"))}

    def read(t: ir.Table) -> dict[str, ir.Value]:
        days = t[name].cast("float64")
        serial = days.between(*_SERIALS)
        found = ibis.ifelse(serial, _of_serial(days), t[digits].try_cast("timestamp"))
        return {value: _shift(found, plan.timezone, zone)}

    return [compact, read]


def _of_serial(days: ir.Value) -> ir.Value:
    seconds = ((days - _EXCEL_TO_EPOCH) * 86400).round().try_cast("int64")
    inside = days.between(*_SERIALS)
    return ibis.ifelse(inside, _stamp(seconds * 1_000_000), ibis.null("timestamp"))


def _shift(local: ir.Value, source_zone: str | None, zone: str | None) -> ir.Value:
    if source_zone is None or zone is None or source_zone == zone:
        return local
    return _at_zone(zone, _from_zone(source_zone, local))
