"""Read source files into the engine, and type them; every mistake is told at once."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

import duckdb
import ibis.expr.types as ir
from ibis.backends import BaseBackend
from ibis.common.exceptions import IbisError

from loyalty_research.engine import collect, collect_one
from loyalty_research.errors import DataError, Problem, problem
from loyalty_research.study.casting import (
    ALLOWED,
    can_read,
    cast_column,
    needs_zone,
    type_family,
)
from loyalty_research.study.plan import ColumnPlan, Settings, TablePlan
from loyalty_research.study.quality import Check, check

_SEPARATORS = (",", ";", "\t", "|")
_TIMES = ("time", "date")


def read_source(backend: BaseBackend, path: Path, plan: TablePlan) -> ir.Table:
    """Return a source file as a table: Parquet as typed there, UTF-8 CSV as text.

    Raises
    ------
    DataError
        Where the file cannot be read as what its ending says.
    """
    name = f"source_{plan.name}"
    if not path.stat().st_size:
        raise DataError(_empty(plan))
    try:
        if path.suffix.lower() == ".parquet":
            return backend.read_parquet(str(path), table_name=name)
        # Nothing is left to the reader's guesses: a broken line would change them.
        separator, heading = _heading(path, plan)
        return backend.read_csv(
            str(path),
            table_name=name,
            columns=dict.fromkeys(heading, "VARCHAR"),
            auto_detect=False,
            header=True,
            sep=separator,
            quote='"',
            escape='"',
        )
    except (duckdb.Error, IbisError, UnicodeDecodeError) as error:
        raise DataError(_unreadable(error, path, plan)) from error


def _heading(path: Path, plan: TablePlan) -> tuple[str, list[str]]:
    """Return the separator that the heading line shows most often, and the names in it."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        line = stream.readline()
    separator = max(_SEPARATORS, key=line.count)
    found = next(csv.reader([line], delimiter=separator), [])
    names = [name or f"column{number}" for number, name in enumerate(found, 1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            problem(
                "{place}: the heading names {names} twice; allowed: each name once",
                place=plan.place,
                names=", ".join(map(repr, twice)),
            )
        )
    return separator, names


def _empty(plan: TablePlan) -> Problem:
    return problem("{place}: the table is empty; at least one row is needed", place=plan.place)


def _unreadable(error: Exception, path: Path, plan: TablePlan) -> Problem:
    kind = "Parquet" if path.suffix.lower() == ".parquet" else "UTF-8 CSV with a heading line"
    return problem(
        "{place}: cannot be read as {kind}: {reason}",
        place=plan.place,
        kind=kind,
        reason=_first_line(error, path),
    )


def _first_line(error: Exception, path: Path) -> str:
    text = str(error).replace(str(path), path.name).strip()
    return text.splitlines()[0] if text else type(error).__name__


def check_columns(source: ir.Table, plan: TablePlan, settings: Settings) -> Iterator[Problem]:
    """Yield a problem for every planned column that is absent or of a type that cannot be read."""
    schema = source.schema()
    for item in plan.columns:
        for name in item.sources:
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
                text = kind.is_string() or kind.is_uuid() or kind.is_null()
                kinds[item.name] = kinds.get(item.name, False) or text
    return kinds


def typed_table(
    source: ir.Table, plan: TablePlan, settings: Settings, kinds: Mapping[str, bool]
) -> ir.Table:
    """Return the canonical columns of a source, typed; what cannot be read is missing."""
    return source.select(
        **{
            item.name: cast_column(
                source, item, zone=settings.timezone, text_ids=kinds.get(item.name, True)
            ).value
            for item in plan.columns
        }
    )


def probe(
    source: ir.Table,
    path: Path,
    plan: TablePlan,
    settings: Settings,
    kinds: Mapping[str, bool],
) -> tuple[list[Check], list[Problem]]:
    """Count what is missing or cannot be read, column by column, in one pass over the file."""
    casts = {
        item.name: cast_column(
            source, item, zone=settings.timezone, text_ids=kinds.get(item.name, True)
        )
        for item in plan.columns
    }
    measures: dict[str, ir.Value] = {"rows": source.count()}
    for name, cast in casts.items():
        measures[f"{name}__present"] = cast.present.sum()
        measures[f"{name}__bad"] = cast.bad.sum()
    try:
        row = collect_one(source.aggregate(**measures))
    except duckdb.Error as error:
        return [], [_unreadable(error, path, plan)]
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
            problems.append(_bad_values(source, plan, item, casts[item.name].bad, bad, rows))
        if not item.column.nullable:
            checks.append(check(plan.name, "null_key", missing, rows, column=item.name))
            if missing:
                problems.append(_missing_values(plan, item, missing, rows))
    return checks, problems


def _bad_values(
    source: ir.Table, plan: TablePlan, item: ColumnPlan, bad: ir.Value, count: int, rows: int
) -> Problem:
    import ibis

    columns = {f"value_{i}": source[name].cast("string") for i, name in enumerate(item.sources)}
    numbered = source.select(bad=bad, row=ibis.row_number() + 1, **columns)
    first = numbered.filter(numbered.bad).order_by("row").limit(1)
    found = collect(first, sort_by=["row"]).iloc[0]
    return problem(
        "{place}: column {name} for {column}: {count} of {rows} value(s) cannot be read, first "
        "{value} in data row {row}; allowed: {allowed}",
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
