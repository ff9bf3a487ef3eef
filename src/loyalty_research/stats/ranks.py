"""Scores by rank in which tied values score equally."""

from __future__ import annotations

import numpy as np


def twice_mid_rank(values: np.ndarray) -> np.ndarray:
    """Return twice the mid-rank share's numerator: 2 x (number below) + (number equal).

    Parameters
    ----------
    values
        Shape (n,): any sortable numbers.

    Returns
    -------
    numpy.ndarray
        Shape (n,), integers from 1 to 2n - 1, equal for equal values; no rounding is involved.
    """
    place, count = _places(np.asarray(values))
    return (2 * (np.cumsum(count) - count) + count)[place]


def scores_from_ranks(twice: np.ndarray, bins: int) -> np.ndarray:
    """Return scores from 1 to ``bins``: 1 + floor(bins x mid-rank share).

    Parameters
    ----------
    twice
        Shape (n,): as :func:`twice_mid_rank` returns.
    bins
        Number of score levels.
    """
    return twice * bins // (2 * max(len(twice), 1)) + 1


def _places(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each value's place among the distinct values, and how often each of them stands."""
    if len(values) and np.issubdtype(values.dtype, np.integer):
        lowest = int(values.min())
        if int(values.max()) - lowest <= 4 * len(values):  # counting beats sorting
            place = values - lowest
            return place, np.bincount(place)
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return place, count
