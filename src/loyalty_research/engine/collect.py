"""The one door out of the engine: run an expression, sort, round.

Groups leave the engine in a different order on each run, so every result is sorted by a unique key;
floats are rounded to 12 significant digits, so that the same data print the same bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from loyalty_research.engine.connect import backend_of

_counter = itertools.count(1)
_queries = 0
DIGITS = 12


def query_count() -> int:
    """Return how many expressions this process has run."""
    return _queries


def collect(expression: ir.Table, *, sort_by: Sequence[str]) -> pd.DataFrame:
    """Run ``expression`` and return it as a pandas frame.

    Parameters
    ----------
    expression
        Lazy table; at most one row a customer, never one a line.
    sort_by
        Columns that identify a row; the frame is sorted by them.

    Returns
    -------
    pandas.DataFrame
        Decimals as float64, strings as object columns, floats at 12 significant digits, a fresh
        range index.
    """
    global _queries
    _queries = next(_counter)
    arrow = _decimals_to_float(backend_of(expression).to_pyarrow(expression))
    if sort_by:
        arrow = _sorted(arrow, sort_by)
    return round_frame(arrow.to_pandas())


def stream(expression: ir.Table, *, sort_by: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Run ``expression`` and yield its rows in batches, sorted in the engine.

    For what is read once from beginning to end and may have a row for every order: whole numbers,
    texts and times, which leave the engine as they are.

    Parameters
    ----------
    expression
        Lazy table.
    sort_by
        Columns that identify a row.
    """
    global _queries
    _queries = next(_counter)
    yield from backend_of(expression).to_pyarrow_batches(expression.order_by(list(sort_by)))


@contextmanager
def kept(expression: ir.Table) -> Iterator[ir.Table]:
    """Keep the rows of ``expression`` in its engine while the block runs, to read them twice.

    Parameters
    ----------
    expression
        Lazy table.
    """
    backend = backend_of(expression)
    name = f"kept_{next(_counter)}"
    try:
        yield backend.create_table(name, expression, temp=True)
    finally:
        backend.drop_table(name, force=True)


def collect_one(expression: ir.Table) -> dict[str, Any]:
    """Run an expression of one row and return the row as a dict of plain Python values."""
    frame = collect(expression, sort_by=[])
    # Column by column: a row of whole and broken numbers would turn them all into floats.
    return {str(name): _plain(frame[name].iloc[0]) for name in frame.columns}


def round_significant(values: np.ndarray, digits: int = DIGITS) -> np.ndarray:
    """Round an array to ``digits`` significant digits; zeros, inf and nan are kept."""
    values = np.asarray(values, dtype=float)
    out = values.copy()
    usable = np.isfinite(values) & (values != 0)
    magnitude = np.floor(np.log10(np.abs(values[usable])))
    with np.errstate(over="ignore", invalid="ignore"):
        scale = 10.0 ** (digits - 1 - magnitude)
        rounded = np.round(values[usable] * scale) / scale
    out[usable] = np.where(np.isfinite(rounded), rounded, values[usable])
    return out


def round_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of ``frame`` whose float columns have 12 significant digits."""
    floats = {
        name: round_significant(frame[name].to_numpy())
        for name in frame.columns
        if pd.api.types.is_float_dtype(frame[name])
    }
    return frame.assign(**floats) if floats else frame


def _sorted(table: pa.Table, names: Sequence[str]) -> pa.Table:
    first = table.column(names[0])
    if len(names) == 1 and pa.types.is_integer(first.type) and not first.null_count:
        order = pa.array(np.argsort(first.to_numpy()))  # six times as quick as Arrow
        return table.combine_chunks().take(order)
    return table.sort_by([(name, "ascending") for name in names])


def _decimals_to_float(table: pa.Table) -> pa.Table:
    fields = [
        field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and np.isnan(value):
        return None
    return value
