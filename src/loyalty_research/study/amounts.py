"""Amounts and numbers as tables write them: currency signs, separators, brackets."""

from __future__ import annotations

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from loyalty_research.study.texts import Step, half_width

MONEY = dt.Decimal(18, 4)
_SIGNED = (
    r"^(\(|[-+])?\s*(¥|\$|€|RMB|CNY)?\s*[-+]?\s*(\d{1,3}([, ]\d{3})+|\d+)?(\.\d+)?"
    r"\s*(元|圆|RMB|CNY)?\s*(\)|-)?$"
)
_EXACT = 2.0**53


def amount_steps(name: str, kind: dt.DataType, target: dt.DataType) -> list[Step]:
    """Return the steps that read an amount or number from ``name`` into ``<name>_value``.

    Parameters
    ----------
    name
        Column of text or numbers.
    kind
        Its type.
    target
        ``DECIMAL(18, 4)`` or a double; what is not finite cannot be read.
    """
    fast, rest, value = f"{name}_fast", f"{name}_rest", f"{name}_value"
    if not kind.is_string():
        return [lambda t: {value: finite(t[name].try_cast(target))}]
    nothing = ibis.null("string")
    return [
        lambda t: {fast: t[name].try_cast(target)},
        # What the engine's own cast has read is left out from here on: it costs nothing more.
        lambda t: {rest: ibis.ifelse(t[fast].isnull(), t[name], nothing)},
        lambda t: {rest: half_width(t[rest])},
        lambda t: {rest: t[rest].replace("￥", "¥").upper()},
        lambda t: {rest: ibis.ifelse(_usable(t[rest]), _signed(t[rest]), nothing)},
        lambda t: {value: finite(ibis.coalesce(t[fast], t[rest].try_cast(target)))},
    ]


def whole_number(number: ir.Value) -> ir.Value:
    """Return a number as an integer; missing where it has decimals or is too large to be exact."""
    if number.type().is_integer():
        return number.cast("int64")
    whole = number.try_cast("int64")
    exact = (number.abs() <= _EXACT) & (whole.cast("float64") == number.cast("float64"))
    return ibis.ifelse(exact, whole, ibis.null("int64"))


def finite(number: ir.Value) -> ir.Value:
    """Return a number; missing where it is not finite."""
    if not number.type().is_floating():
        return number
    return ibis.ifelse(number.isnan() | number.isinf(), ibis.null(number.type()), number)


def _signed(text: ir.StringValue) -> ir.StringValue:
    digits = text.re_replace(r"[^0-9.]", "")
    below = text.re_search(r"-|^\(.*\)$")
    return ibis.ifelse(below, ibis.literal("-").concat(digits), digits)


def _usable(text: ir.StringValue) -> ir.BooleanValue:
    odd = text.re_search(r"-.*-|^\([^)]*$|^[^(]*\)$")
    return text.re_search(_SIGNED) & text.re_search(r"\d") & ~odd
