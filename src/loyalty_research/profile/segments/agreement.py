"""How far two groupings of the same customers agree, beyond chance."""

from __future__ import annotations

import numpy as np


def adjusted_rand(first: np.ndarray, second: np.ndarray, *, segments: int) -> float:
    """Return the adjusted Rand index of two labellings.

    Parameters
    ----------
    first, second
        Shape (n,): labels from 0 to ``segments`` - 1.
    segments
        Number of labels.

    Returns
    -------
    float
        1 for the same grouping, 0 on average for unrelated ones; 1 where both put everybody into
        one group.

    References
    ----------
    Hubert & Arabie 1985, Journal of Classification 2, 193-218.
    """
    table = np.bincount(first * segments + second, minlength=segments * segments)
    table = table.reshape(segments, segments).astype(float)
    both = _pairs(table).sum()
    rows, columns = _pairs(table.sum(axis=1)).sum(), _pairs(table.sum(axis=0)).sum()
    expected = rows * columns / _pairs(np.array(float(len(first))))
    most = (rows + columns) / 2
    return 1.0 if most == expected else float((both - expected) / (most - expected))


def _pairs(counts: np.ndarray) -> np.ndarray:
    return counts * (counts - 1) / 2
