"""Hashed uniforms of docs/simulator.md."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
ALIVE, DROPOUT, ORDERS, TEMPLATE, REDEEM, JOIN, RESPONSE, PAST_REDEEM, SAMPLE, RATE = range(1, 11)


def mix(x: Words) -> Words:
    """Mix 64 bits."""
    x = x ^ (x >> np.uint64(30))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    x = x ^ (x >> np.uint64(27))
    x = x * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


class Numbers:
    """Uniforms of customers with the given keys."""

    def __init__(self, seed: int, keys: Words) -> None:
        with np.errstate(over="ignore"):
            start = mix(np.array([np.uint64(seed) + GOLDEN], dtype=np.uint64))
            self._base = mix(start + keys.astype(np.uint64) * GOLDEN)

    def __call__(
        self, week: int, purpose: int, number: Any = 0, rows: Integers | None = None
    ) -> Floats:
        """Return one uniform for each customer (or row), by week, purpose and number."""
        code = np.asarray(number, dtype=np.uint64) + np.uint64((week << 28) | (purpose << 20))
        base = self._base if rows is None else self._base[rows]
        words = mix(base + np.atleast_1d(code + np.uint64(1)) * GOLDEN)
        return np.asarray(((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)

    def normal(self, term: int) -> Floats:
        """Return the standard normal of each customer for a term."""
        radius = np.sqrt(-2 * np.log(self(0, RESPONSE, 2 * term)))
        return np.asarray(radius * np.cos(2 * np.pi * self(0, RESPONSE, 2 * term + 1)))
