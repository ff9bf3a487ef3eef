"""From a source's columns to canonical types, telling apart what is missing and what is wrong.

Text is read with our own casts, whatever a file's reader would have guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import zip_longest

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from loyalty_research.study.amounts import MONEY, amount_steps, whole_number
from loyalty_research.study.plan import ColumnPlan
from loyalty_research.study.texts import (
    NO_DATES,
    Step,
    half_width,
    present_text,
    stripped,
    trimmed,
)
from loyalty_research.study.times import time_steps
from loyalty_research.tables import Kind

ALLOWED: dict[Kind, str] = {
    "id": "text or whole numbers",
    "time": "time stamps such as 2024-03-01 18:30:00; date_order tells how 03/04/2024 is read",
    "date": "dates such as 2024-03-01; date_order tells how 03/04/2024 is read",
    "money": "finite amounts such as 12.50, ¥1,234.50 or (12.50)",
    "number": "finite numbers such as 12.5",
    "integer": "whole numbers",
    "text": "text",
    "flag": "true, false, 1, 0, yes, no, 是, 否",
}
_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "y", "t", "是"), "true"),
    **dict.fromkeys(("false", "0", "no", "n", "f", "否"), "false"),
}
_NUMERIC = ("string", "integer", "float", "decimal")
_TIMES = (*_NUMERIC, "timestamp", "date")
_SOURCES: dict[Kind, tuple[str, ...]] = {
    "id": (*_NUMERIC, "uuid"),
    "time": _TIMES,
    "date": _TIMES,
    "money": _NUMERIC,
    "number": _NUMERIC,
    "integer": _NUMERIC,
    "text": (*_NUMERIC, "uuid", "boolean", "date", "timestamp"),
    "flag": ("string", "boolean", "integer"),
}


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
    told = plan.timezone is not None or plan.epoch is not None
    return plan.column.kind in ("time", "date") and (zoned or told)


def cast_table(
    source: ir.Table,
    plans: Sequence[ColumnPlan],
    *,
    zone: str | None,
    kinds: Mapping[str, bool],
    keep: Mapping[str, str] | None = None,
) -> ir.Table:
    """Read the canonical columns of a source.

    Parameters
    ----------
    source
        Table with the source's own columns.
    plans
        Columns to read.
    zone
        The brand's time zone.
    kinds
        Whether identifiers of a name become text, since some table brings them as text.
    keep
        Columns of the source that stay beside, by the name they are given.

    Returns
    -------
    ibis.expr.types.Table
        For every column: itself, ``<column>__present`` (the source has a value), ``<column>__bad``
        (which cannot be read); ``<column>__less``, what is taken off, where something is.
    """
    parts = [
        _Part(f"_{place}_{number}", name, item, kinds.get(item.name, True))
        for place, item in enumerate(plans)
        for number, name in enumerate(item.every_source)
    ]
    beside = dict(keep or {})
    given = {part.name: part.source for part in parts}
    table = source.select(**{name: source[column] for name, column in {**given, **beside}.items()})
    for steps in zip_longest(*(part.steps(table[part.name].type(), zone) for part in parts)):
        added = [step(table) for step in steps if step is not None]
        table = table.mutate(**{name: value for one in added for name, value in one.items()})
    columns: dict[str, ir.Value] = {name: table[name] for name in beside}
    for place, item in enumerate(plans):
        columns |= _combined(table, f"_{place}", item)
    return table.select(**columns)


@dataclass(frozen=True, slots=True)
class _Part:
    """One source column on its way into a canonical one."""

    name: str
    source: str
    plan: ColumnPlan
    text_ids: bool

    def steps(self, kind: dt.DataType, zone: str | None) -> list[Step]:
        """Return the steps that end in ``<name>_value`` and ``<name>_present``."""
        name, plan = self.name, self.plan
        first: list[Step] = [lambda t: {name: _shaped(t[name])}]
        if kind.is_string() or kind.is_null():
            first.append(lambda t: {name: _given(t[name], plan)})
        elif plan.missing:
            first.append(lambda t: {name: _not_listed(t[name], plan)})
        if plan.values:
            kind = dt.string
            first.append(lambda t: {name: _translated(as_text(t[name]), plan)})
        if kind.is_null():
            kind = dt.string
        last: Step = lambda t: {f"{name}_present": _present(t[name], plan)}  # noqa: E731
        return [*first, *self._reading(kind, zone), last]

    def _reading(self, kind: dt.DataType, zone: str | None) -> list[Step]:
        name, value = self.name, f"{self.name}_value"
        wanted = self.plan.column.kind
        if wanted in ("time", "date"):
            return time_steps(name, kind, self.plan, zone)
        if wanted in ("money", "number", "integer"):
            target = MONEY if wanted == "money" else dt.float64
            if wanted == "integer" and kind.is_integer():
                return [lambda t: {value: t[name].cast("int64")}]
            return amount_steps(name, kind, target)
        if wanted == "id":
            return _id_steps(name, kind, as_text=self.text_ids)
        if wanted == "flag":
            return [lambda t: {value: _flag(t[name])}]
        return [lambda t: {value: as_text(t[name])}]


def _combined(table: ir.Table, prefix: str, plan: ColumnPlan) -> dict[str, ir.Value]:
    """Return a column from its parts: their sum, less what is taken off."""
    count = len(plan.sources)
    parts = [f"{prefix}_{number}" for number in range(len(plan.every_source))]
    values = [_finished(table[f"{part}_value"], plan) for part in parts]
    present = [table[f"{part}_present"] for part in parts]
    bad = [here & value.isnull() for here, value in zip(present, values, strict=True)]
    name = plan.name
    found = {
        f"{name}__present": ibis.or_(*present[:count]),
        f"{name}__bad": ibis.or_(*bad),
    }
    if len(parts) == 1:
        return {name: values[0], **found}
    kind = MONEY if plan.column.kind == "money" else values[0].type()
    total = _sum(values[:count])
    if plan.less:
        less = _sum(values[count:])
        total = total - less
        found[f"{name}__less"] = less.cast(kind)
    whole = ibis.ifelse(found[f"{name}__present"], total.cast(kind), ibis.null(kind))
    return {name: whole, **found}


def _finished(value: ir.Value, plan: ColumnPlan) -> ir.Value:
    if plan.column.kind == "date":
        return value.date()
    return whole_number(value) if plan.column.kind == "integer" else value


def _sum(values: Sequence[ir.Value]) -> ir.Value:
    zero = ibis.literal(0).cast(values[0].type())
    return reduce(lambda a, b: a + b, (ibis.coalesce(value, zero) for value in values))


def _shaped(raw: ir.Value) -> ir.Value:
    if raw.type().is_null():
        return raw.cast("string")
    return trimmed(raw) if raw.type().is_string() else raw


def _given(text: ir.StringValue, plan: ColumnPlan) -> ir.StringValue:
    words = plan.column.name != "text"  # in a comment, a dash or a word is what was said
    missing = (*plan.missing, *NO_DATES) if plan.column.kind in ("time", "date") else plan.missing
    return present_text(text, missing=missing, words=words, keep=set(plan.values))


def _not_listed(raw: ir.Value, plan: ColumnPlan) -> ir.Value:
    """Return a typed column whose values that are listed as missing are."""
    text = as_text(raw)
    if raw.type().is_timestamp() or raw.type().is_date():
        text = text.re_replace(r" 00:00:00(\+\d\d)?$", "")
    listed = [item.removesuffix(" 00:00:00") for item in plan.missing]
    return ibis.ifelse(text.isin(listed), ibis.null(raw.type()), raw)


def _present(raw: ir.Value, plan: ColumnPlan) -> ir.BooleanValue:
    present = raw.notnull()
    if raw.type().is_floating():
        present = present & ~raw.isnan()
    if plan.epoch is not None:  # 0 is what systems keep for "not yet"
        present = present & (as_text(raw) != "0")
    return ibis.coalesce(present, ibis.literal(False))


def _translated(text: ir.StringValue, plan: ColumnPlan) -> ir.StringValue:
    pairs = [(text == key, ibis.literal(value)) for key, value in plan.values.items()]
    return ibis.cases(*pairs, else_=text).nullif("")


def as_text(raw: ir.Value) -> ir.StringValue:
    """Write whole numbers without a point: one missing value turns a column into floats."""
    if raw.type().is_floating() or raw.type().is_decimal():
        whole = raw.try_cast("int64")
        exact = whole.notnull() & (whole.cast("float64") == raw.cast("float64"))
        return ibis.ifelse(exact, whole.cast("string"), raw.cast("string"))
    return raw if raw.type().is_string() else raw.cast("string")


def _id_steps(name: str, kind: dt.DataType, *, as_text: bool) -> list[Step]:
    value = f"{name}_value"
    if kind.is_uuid():
        return [lambda t: {value: t[name].cast("string")}]
    if not kind.is_string():
        whole: Step = lambda t: {value: whole_number(t[name])}  # noqa: E731
        written: Step = lambda t: {value: t[value].cast("string")}  # noqa: E731
        return [whole, written] if as_text else [whole]
    return [
        lambda t: {value: stripped(half_width(t[name]))},
        lambda t: {
            value: ibis.ifelse(
                t[value].contains("."), t[value].re_replace(r"^(\d+)\.0+$", r"\1"), t[value]
            )
        },
    ]


def _flag(raw: ir.Value) -> ir.BooleanValue:
    if raw.type().is_boolean():
        return raw
    text = as_text(raw).lower()
    pairs = [(text == key, ibis.literal(value)) for key, value in _FLAGS.items()]
    return ibis.cases(*pairs, else_=ibis.null("string")).cast("boolean")
