"""The random numbers of the compiled loop, on arrays."""

from __future__ import annotations

import numpy as np

from loyalty_research.programmes.kernel_state import Ints

PURPOSES = (
    "alive", "dropout", "orders", "template", "redeem", "join", "response", "past_redeem", "sample",
    "rate",
)  # fmt: skip
"""Numbered from 1."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def uniforms(seed: int, keys: Ints, *, purpose: str, week: int = 0, number: int = 0) -> np.ndarray:
    """Return a number above 0 and below 1 for each customer.

    Parameters
    ----------
    seed
        Of the simulation.
    keys
        Shape (n,): of the customers.
    purpose
        One of :data:`PURPOSES`.
    week, number
        As docs/simulator.md has them.
    """
    code = (week << 28) | (PURPOSES.index(purpose) + 1 << 20) | number
    with np.errstate(over="ignore"):
        base = _mix(
            _mix(np.array([seed]).astype(np.uint64) + _GOLDEN) + keys.astype(np.uint64) * _GOLDEN
        )
        mixed = _mix(base + np.uint64(code + 1) * _GOLDEN)
    return ((mixed >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def _mix(x: np.ndarray) -> np.ndarray:
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))
