"""Rows of customers in, checked: what the models need of them, and how equal ones are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import as_table, collect, reduction, require_columns
from loyalty_research.errors import DataError, MissingTableError, Problem, problem, raise_all
from loyalty_research.stats.buy_till_you_die import Histories

TIMES = ("frequency", "recency", "T")
COUNT = "customers"
_TABLE = "customer summary"
_HAIR = 1e-9  # by which a recency may exceed T, in T: rounding of days to weeks


@reduction
def equal_rows(rows: ir.Table, *, columns: tuple[str, ...]) -> ir.Table:
    """Return rows equal in ``columns`` once, with ``customers``, the number of them."""
    number = rows[COUNT].sum() if COUNT in rows.columns else rows.count()
    return rows.group_by(list(columns)).aggregate(customers=number.cast("float64"))


def read_rows(data: Any, columns: tuple[str, ...], *, grouped: bool = False) -> pd.DataFrame:
    """Return the rows of customers as pandas, checked for numbers that can be.

    Parameters
    ----------
    data
        pandas frame or Ibis table, one row a customer, or one a group of equal ones that has their
        number in ``customers``.
    columns
        Columns of numbers that are needed.
    grouped
        Whether equal rows of an Ibis table may come as one, counted by the engine.

    Raises
    ------
    DataError
        Listing every column that is missing or holds what cannot be.
    """
    if isinstance(data, pd.DataFrame):
        frame = data
        missing = [name for name in columns if name not in frame.columns]
        if missing:
            raise MissingTableError(
                problem(
                    "{name}: missing column(s) {missing}; the table has {found}",
                    name=_TABLE,
                    missing=", ".join(missing),
                    found=", ".join(map(str, frame.columns)),
                )
            )
    else:
        frame = _collected(as_table(data, name=_TABLE), columns, grouped=grouped)
    if frame.empty:
        raise DataError(problem("customer summary: no customer"))
    numbers = [*columns, COUNT] if COUNT in frame.columns else list(columns)
    raise_all(_wrong(frame, numbers), DataError)
    return frame


def histories_of(frame: pd.DataFrame) -> Histories:
    """Return a frame's histories, one a row."""
    x, recency, age = (frame[name].to_numpy(dtype=float) for name in TIMES)
    return Histories(x, np.minimum(recency, age), age, counts_of(frame))


def counts_of(frame: pd.DataFrame) -> np.ndarray:
    """Return the number of customers of each row (n,)."""
    if COUNT in frame.columns:
        return frame[COUNT].to_numpy(dtype=float)
    return np.ones(len(frame))


def _collected(table: ir.Table, columns: tuple[str, ...], *, grouped: bool) -> pd.DataFrame:
    require_columns(table, columns, name=_TABLE)
    if grouped:
        return collect(equal_rows(table, columns=columns), sort_by=list(columns))
    key = ["customer_id"] if "customer_id" in table.columns else list(columns)
    frame = collect(table, sort_by=key)
    return frame.set_index("customer_id", drop=False) if "customer_id" in frame else frame


def _wrong(frame: pd.DataFrame, columns: list[str]) -> Iterator[Problem]:
    """Yield what cannot be in columns of numbers."""
    sound = True
    for name in columns:
        values = frame[name]
        numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        if not numeric:
            yield problem(
                "{table}: column {column} has type {found}; allowed: a number",
                table=_TABLE,
                column=name,
                found=values.dtype,
            )
        elif not np.isfinite(values.to_numpy(dtype=float, na_value=np.nan)).all():
            yield _count(name, ~np.isfinite(values.to_numpy(dtype=float, na_value=np.nan)), _GAP)
        elif name != "mean_spend" and (values < 0).any():
            yield _count(name, values < 0, "negative")
        else:
            continue
        sound = False
    if not sound:
        return
    if "frequency" in columns and (frame["frequency"] % 1 != 0).any():
        yield _count("frequency", frame["frequency"] % 1 != 0, "not a whole number")
    if COUNT in columns and not (frame[COUNT] > 0).all():
        yield _count(COUNT, frame[COUNT] == 0, "zero")
    if set(TIMES) <= set(columns):
        late = frame["recency"] > frame["T"] * (1 + _HAIR)
        if late.any():
            yield _count("recency", late, "above T")
        unbought = (frame["frequency"] == 0) & (frame["recency"] > 0)
        if unbought.any():
            yield _count("recency", unbought, "above 0 with a frequency of 0")


_GAP = "missing or not finite"


def _count(column: str, wrong: Any, what: str) -> Problem:
    return problem(
        "{table}: column {column}: {rows} row(s) hold a value that is {what}",
        table=_TABLE,
        column=column,
        rows=int(np.asarray(wrong).sum()),
        what=what,
    )
