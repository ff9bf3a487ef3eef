"""Check how a brand file maps its columns onto the canonical tables.

Works on the file as read, so that its problems are told together with those of the schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from loyalty_research.errors import Problem, problem
from loyalty_research.tables import TABLES, Column, Table

_ATTRIBUTE = re.compile(r"^[a-z][a-z0-9_]*$")
_ONLY_FOR = {
    "timezone": ("time", "date"),
    "date_order": ("time", "date"),
    "epoch": ("time", "date"),
    "sum": ("money", "number", "integer"),
    "less": ("money", "number", "integer"),
    "at_most": ("money", "number", "integer"),
    "values": ("text", "flag"),
}


def check_tables(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem for every table, column or rule that cannot be mapped."""
    tables = data.get("tables")
    if isinstance(tables, dict):
        for name, spec in tables.items():
            if name not in TABLES:
                yield _unknown(f"tables.{name}", "unknown table", str(name), TABLES)
            elif isinstance(spec, dict):
                yield from _check_table(TABLES[name], spec)
                yield from _check_only(str(name), spec, tables)
        if "transactions" not in tables and not data.get("period"):
            yield problem("period: missing; a brand without transactions has to give it")
    definitions = data.get("definitions")
    if isinstance(definitions, dict):
        for name in definitions:
            yield problem(
                "definitions.{name}: unknown key; allowed: none, no definition has a variant yet",
                name=name,
            )


def _check_table(table: Table, spec: Mapping[str, Any]) -> Iterator[Problem]:
    columns = spec.get("columns")
    if not isinstance(columns, dict):
        return
    place = f"tables.{table.name}.columns"
    orders = spec.get("orders")
    beside = orders.get("columns") if isinstance(orders, dict) else None
    both = [*columns, *(beside if isinstance(beside, dict) else ())]
    for column in table.columns:
        if column.required and column.name not in both:
            yield problem("{place}: required column {name} missing", place=place, name=column.name)
    yield from _check_columns(table, columns, place)
    yield from _check_rows(table, spec, both)
    if isinstance(beside, dict):
        yield from _check_columns(table, beside, f"tables.{table.name}.orders.columns")
        yield from _check_join(table, columns, beside)
    elif orders is not None and table.name != "transactions":
        yield problem("tables.{name}.orders: allowed in transactions only", name=table.name)
    yield from _check_status(table, spec, both)


def _check_columns(table: Table, columns: Mapping[str, Any], place: str) -> Iterator[Problem]:
    for name, rule in columns.items():
        known = next((item for item in table.columns if item.name == name), None)
        if known is None and not is_attribute(table, str(name), columns):
            yield _unknown(f"{place}.{name}", "unknown column", str(name), table.names)
        elif isinstance(rule, dict):
            yield from _check_rule(f"{place}.{name}", known or Column(str(name), "text"), rule)


def _check_join(
    table: Table, columns: Mapping[str, Any], beside: Mapping[str, Any]
) -> Iterator[Problem]:
    """Both files need the order number, and no other column may stand in both."""
    if table.name != "transactions":
        yield problem("tables.{name}.orders: allowed in transactions only", name=table.name)
    for place, given in (("columns", columns), ("orders.columns", beside)):
        if "order_id" not in given:
            yield problem(
                "tables.transactions.{place}.order_id: missing; the two files are joined on it",
                place=place,
            )
    twice = sorted((set(columns) & set(beside)) - {"order_id"})
    if twice:
        yield problem(
            "tables.transactions.orders.columns: {names} also stand in columns; allowed: in one "
            "of the two",
            names=", ".join(twice),
        )


def _check_rows(table: Table, spec: Mapping[str, Any], columns: Iterable[str]) -> Iterator[Problem]:
    """Rules about rows need the column they read, and are for transactions only."""
    needs = {"refunded": "after_sales", "not_customers": "customer_id"}
    for key, column in needs.items():
        if spec.get(key) and table.name != "transactions":
            yield problem(
                "tables.{name}.{key}: allowed in transactions only", name=table.name, key=key
            )
        elif spec.get(key) and column not in columns:
            yield problem(
                "tables.{name}.columns.{column}: missing; {key} needs it",
                name=table.name,
                column=column,
                key=key,
            )
    goods = spec.get("not_goods")
    for name in goods if isinstance(goods, dict) else ():
        column = "order_id" if name == "order_id_starts" else name
        if column not in columns:
            yield problem(
                "tables.{name}.not_goods.{key}: found no column of that name; allowed: a mapped "
                "column, or order_id_starts",
                name=table.name,
                key=name,
            )


def _check_only(
    table: str, spec: Mapping[str, Any], tables: Mapping[str, Any]
) -> Iterator[Problem]:
    """Which lines are the brand's is told by a mapped column, or one of a table that is joined."""
    rules = spec.get("only")
    if not isinstance(rules, dict) or not rules:
        return
    if table != "transactions":
        yield problem("tables.{name}.{key}: allowed in transactions only", name=table, key="only")
        return
    own = _mapped(spec)
    for rule in map(str, rules):
        other, _, column = rule.rpartition(".")
        key = TABLES[other].key if other in TABLES else ()
        joined = len(key) == 1 and key[0] in own and other in tables
        if column not in (_mapped(tables.get(other)) if joined else own if not other else ()):
            yield problem(
                "tables.transactions.only.{rule}: found no column of that name; allowed: a mapped "
                "column of transactions, or <table>.<column> of a mapped table whose key "
                "transactions carry, such as products.category",
                rule=rule,
            )


def _mapped(spec: Any) -> set[str]:
    """Return the canonical columns a table maps, those of its order-level file included."""
    found: set[str] = set()
    for part in (spec, spec.get("orders") if isinstance(spec, dict) else None):
        columns = part.get("columns") if isinstance(part, dict) else None
        found |= set(columns) if isinstance(columns, dict) else set()
    return found


def is_attribute(table: Table, name: str, given: Iterable[str]) -> bool:
    """Tell whether ``name`` may be an attribute of its own, beyond the canonical columns.

    Not where it looks like a canonical column that is not ``given``: that is a slip.
    """
    free = [column for column in table.names if column not in set(given)]
    slip = get_close_matches(name, free, n=1, cutoff=0.85)
    return table.extra and bool(_ATTRIBUTE.match(name)) and not slip


def _check_rule(place: str, column: Column, rule: Mapping[str, Any]) -> Iterator[Problem]:
    for key, kinds in _ONLY_FOR.items():
        if rule.get(key) is not None and column.kind not in kinds:
            yield problem(
                "{place}.{key}: found for a column of kind {kind}; allowed for: {kinds}",
                place=place,
                key=key,
                kind=column.kind,
                kinds=", ".join(kinds),
            )


def _check_status(
    table: Table, spec: Mapping[str, Any], columns: Iterable[str]
) -> Iterator[Problem]:
    place = f"tables.{table.name}"
    if table.name != "transactions":
        if spec.get("sale_status") is not None:
            yield problem("{place}.sale_status: allowed in transactions only", place=place)
    elif ("status" in columns) and not spec.get("sale_status"):
        yield problem(
            "{place}.sale_status: missing; with a status column, list the values that are sales",
            place=place,
        )
    elif spec.get("sale_status") and "status" not in columns:
        yield problem("{place}.columns.status: missing; sale_status needs it", place=place)


def _unknown(place: str, what: str, name: str, allowed: Iterable[str]) -> Problem:
    near = get_close_matches(name, list(allowed), n=1)
    return problem(
        "{place}: {what}; allowed: {allowed}{near}",
        place=place,
        what=what,
        allowed=", ".join(allowed),
        near=f"; did you mean {near[0]}?" if near else "",
    )
