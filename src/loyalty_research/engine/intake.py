"""Tables in: Ibis, pandas, polars or Arrow, checked for the columns an analysis needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.expr.operations import DatabaseTable, Field, Filter, Impure

from loyalty_research.errors import DataError, MissingTableError, ParameterError, problem


def as_table(data: Any, *, name: str = "orders") -> ir.Table:
    """Return ``data`` as an Ibis table.

    Parameters
    ----------
    data
        Ibis table, pandas or polars DataFrame, polars LazyFrame, or Arrow table.
    name
        What the table is, for the error message.

    Raises
    ------
    ParameterError
        Where ``data`` is none of these.
    """
    if isinstance(data, ir.Table):
        return data
    if type(data).__module__.startswith(("pandas", "polars", "pyarrow")):
        try:
            return ibis.memtable(data)
        except (TypeError, NotImplementedError, ValueError) as error:
            raise DataError(
                problem("{name}: cannot be read as a table: {reason}", name=name, reason=error)
            ) from error
    raise ParameterError(
        problem(
            "{name}: found {found}; allowed: an Ibis table, a pandas or polars DataFrame, "
            "or an Arrow table",
            name=name,
            found=type(data).__name__,
        )
    )


def is_stored(table: ir.Table, name: str, *, narrowed_by: Collection[str] = ()) -> bool:
    """Return whether ``table`` is the table ``name`` of its engine, with its columns as they are.

    Parameters
    ----------
    table
        Lazy table.
    name
        Name of the table it may be.
    narrowed_by
        Columns by which rows may have been left out; by any other, it counts as another table.
    """
    operation = table.op()
    while isinstance(operation, Filter):
        used = [node for item in operation.predicates for node in item.find((Field, Impure))]
        if not all(isinstance(node, Field) and node.name in narrowed_by for node in used):
            return False
        operation = operation.parent
    return isinstance(operation, DatabaseTable) and operation.name == name


def require_columns(table: ir.Table, columns: Sequence[str], *, name: str = "orders") -> None:
    """Raise one MissingTableError that lists every column of ``columns`` the table lacks."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise MissingTableError(
            problem(
                "{name}: missing column(s) {missing}; the table has {found}",
                name=name,
                missing=", ".join(missing),
                found=", ".join(table.columns),
            )
        )
