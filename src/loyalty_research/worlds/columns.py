"""Arrow columns out of whole numbers: money, times, days and words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from loyalty_research.worlds.random import Flags, Integers

_MONEY = pa.decimal128(18, 4)
_EPOCH = dt.date(1970, 1, 1)
_DAY = 86_400


def money(cents: Integers) -> pa.Array:
    """Return cents as DECIMAL(18, 4) currency units."""
    words = np.empty((len(cents), 2), dtype="<i8")
    words[:, 0] = cents * 100
    words[:, 1] = words[:, 0] >> 63
    return pa.Array.from_buffers(_MONEY, len(cents), [None, pa.py_buffer(words)])


def times(start: dt.date, second: Integers) -> pa.Array:
    """Return local time stamps, to the second."""
    return pa.array((second + (start - _EPOCH).days * _DAY).astype("datetime64[s]"))


def days(start: dt.date, day: Integers, missing: Flags | None = None) -> pa.Array:
    """Return dates, counted from ``start``."""
    moved = (day + (start - _EPOCH).days).astype(np.int32)
    return pa.array(moved, mask=missing).cast(pa.date32())


def words(names: Sequence[str], which: Integers, missing: Flags | None = None) -> pa.Array:
    """Return one of ``names`` for each position, dictionary encoded."""
    codes = pa.array(which.astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.string()))


def numbers(values: Integers, missing: Flags | None = None) -> pa.Array:
    """Return whole numbers."""
    return pa.array(values, mask=missing)
