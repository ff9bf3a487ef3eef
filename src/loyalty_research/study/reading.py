"""Bring converted sources into the engine, and type them; every mistake is told at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

import duckdb
import ibis.expr.types as ir
from ibis.backends import BaseBackend
from ibis.common.exceptions import IbisError

from loyalty_research.engine import collect, collect_one
from loyalty_research.errors import DataError, Problem, problem
from loyalty_research.study.casting import ALLOWED, can_read, cast_table, needs_zone, type_family
from loyalty_research.study.plan import ColumnPlan, Settings, TablePlan
from loyalty_research.study.quality import Check, check
from loyalty_research.study.rows import TAKEN

_TIMES = ("time", "date")


def read_source(backend: BaseBackend, path: Path, plan: TablePlan, name: str) -> ir.Table:
    """Return a Parquet file as a table called ``source_<name>``.

    Raises
    ------
    DataError
        Where the file cannot be read.
    """
    try:
        if not path.stat().st_size:
            raise DataError(_empty(plan))
        return backend.read_parquet(str(path), table_name=f"source_{name.replace('.', '_')}")
    except (duckdb.Error, IbisError) as error:
        raise DataError(_unreadable(error, path, plan)) from error


def _empty(plan: TablePlan) -> Problem:
    return problem("{place}: the table is empty; at least one row is needed", place=plan.place)


def _unreadable(error: Exception, path: Path, plan: TablePlan) -> Problem:
    return problem(
        "{place}: cannot be read as {kind}: {reason}",
        place=plan.place,
        kind="Parquet",
        reason=_first_line(error, path),
    )


def _first_line(error: Exception, path: Path) -> str:
    text = str(error).replace(str(path), path.name).strip()
    return text.splitlines()[0] if text else type(error).__name__


def check_columns(
    source: ir.Table, plan: TablePlan, settings: Settings, lost_digits: Collection[str] = ()
) -> Iterator[Problem]:
    """Yield a problem for every planned column that is absent or of a type that cannot be read."""
    schema = source.schema()
    for item in plan.columns:
        if item.column.kind == "id" and set(item.sources) & set(lost_digits):
            yield _lost_digits(item, plan)
        for name in item.every_source:
            if name not in schema:
                yield _missing_column(item, name, list(schema.names), plan)
            elif not can_read(item, schema[name]):
                yield problem(
                    "{place}: column {name} for {column}: found type {found}; allowed: {allowed}",
                    place=plan.place,
                    name=name,
                    column=item.name,
                    found=type_family(schema[name]),
                    allowed=ALLOWED[item.column.kind],
                )
            elif settings.timezone is None and needs_zone(item, schema[name]):
                yield problem(
                    "{place}: column {name} carries a time zone; give timezone=, such as "
                    "'Asia/Shanghai', to say in which zone its times are told",
                    place=plan.place,
                    name=name,
                )


def _lost_digits(item: ColumnPlan, plan: TablePlan) -> Problem:
    return problem(
        "{place}: column {name} for {column}: its numbers have more than 15 digits and were kept "
        "as numbers, so that the last digits are lost and different ones have become equal; "
        "export the file anew as CSV, or with this column as text",
        place=plan.place,
        name=" + ".join(item.sources),
        column=item.name,
    )


def _missing_column(item: ColumnPlan, name: str, found: list[str], plan: TablePlan) -> Problem:
    near = get_close_matches(name, found, n=1)
    return problem(
        "{place}: no column {name!r} for {column}; the file has: {found}{near}",
        place=plan.place,
        name=name,
        column=item.name,
        found=", ".join(found),
        near=f"; did you mean {near[0]!r}?" if near else "",
    )


def text_ids(sources: Mapping[str, ir.Table], plans: Mapping[str, TablePlan]) -> dict[str, bool]:
    """Tell for each identifier whether it becomes text, as it does where any table brings text."""
    kinds: dict[str, bool] = {}
    for name, plan in plans.items():
        schema = sources[name].schema()
        for item in plan.columns:
            if item.column.kind == "id":
                kind = schema[item.sources[0]]
                text = kind.is_string() or kind.is_uuid() or kind.is_null() or bool(item.values)
                kinds[item.name] = kinds.get(item.name, False) or text
    return kinds


def typed_table(cast: ir.Table, plan: TablePlan) -> ir.Table:
    """Return the canonical columns of a cast table; what cannot be read is missing.

    Where something is taken off an amount, it stands beside it as ``_taken_off``.
    """
    typed = {item.name: cast[item.name] for item in plan.columns}
    if "amount__less" in cast.columns:
        typed[TAKEN] = cast["amount__less"]
    return cast.select(**typed)


def probe(
    source: ir.Table, cast: ir.Table, plan: TablePlan, zone: str | None
) -> tuple[list[Check], list[Problem]]:
    """Count what is missing or cannot be read, column by column, in one pass over the file."""
    measures: dict[str, ir.Value] = {"rows": cast.count()}
    for item in plan.columns:
        measures[f"{item.name}__present"] = cast[f"{item.name}__present"].sum()
        measures[f"{item.name}__bad"] = cast[f"{item.name}__bad"].sum()
    try:
        row = collect_one(cast.aggregate(**measures))
    except duckdb.Error as error:
        return [], [_unreadable(error, Path(), plan)]
    rows = int(row["rows"])
    if not rows:
        return [], [_empty(plan)]
    checks, problems = [], []
    for item in plan.columns:
        bad = int(row[f"{item.name}__bad"] or 0)
        missing = rows - int(row[f"{item.name}__present"] or 0)
        code = "unreadable_time" if item.column.kind in _TIMES else "wrong_type"
        checks.append(check(plan.name, code, bad, rows, column=item.name))
        if bad:
            problems.append(_bad_values(source, plan, item, (bad, rows), zone))
        if not item.column.nullable and (plan.name != "transactions" or item.name == "order_id"):
            checks.append(check(plan.name, "null_key", missing, rows, column=item.name))
            if missing:
                problems.append(_missing_values(plan, item, missing, rows))
    return checks, problems


def _bad_values(
    source: ir.Table, plan: TablePlan, item: ColumnPlan, counts: tuple[int, int], zone: str | None
) -> Problem:
    import ibis

    count, rows = counts
    shown = {f"value_{place}": name for place, name in enumerate(item.every_source)}
    cast = cast_table(source, [item], zone=zone, kinds={}, keep=shown)
    columns = {name: cast[name].cast("string") for name in shown}
    numbered = cast.select(bad=cast[f"{item.name}__bad"], row=ibis.row_number() + 1, **columns)
    first = numbered.filter(numbered.bad).order_by("row").limit(1)
    found = collect(first, sort_by=["row"]).iloc[0]
    return problem(
        "{place}: column {name} for {column}: {count} of {rows} value(s) cannot be read, first "
        "{value} in data row {row}; allowed: {allowed}; correct the source, or list a value that "
        "stands for none under missing",
        place=plan.place,
        name=" + ".join(item.sources),
        column=item.name,
        count=f"{count:,}",
        rows=f"{rows:,}",
        value=" and ".join(repr(found[name]) for name in columns),
        row=f"{int(found['row']):,}",
        allowed=ALLOWED[item.column.kind],
    )


def _missing_values(plan: TablePlan, item: ColumnPlan, count: int, rows: int) -> Problem:
    return problem(
        "{place}: column {name} for {column}: {count} of {rows} value(s) missing; allowed: none",
        place=plan.place,
        name=" + ".join(item.sources),
        column=item.name,
        count=f"{count:,}",
        rows=f"{rows:,}",
    )
