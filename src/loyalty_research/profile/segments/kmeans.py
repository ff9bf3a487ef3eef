"""k-means on weighted customers, many weightings at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MOST_ROUNDS = 60
_CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class Partition:
    """Partitions of n customers into k groups under w weightings.

    Parameters
    ----------
    centres
        Shape (w, k, d).
    labels
        Shape (w, n): the nearest centre of every customer, of weight zero too.
    within
        Shape (w,): weighted mean squared distance to the nearest centre.
    """

    centres: np.ndarray
    labels: np.ndarray
    within: np.ndarray


def fit_kmeans(
    rows: np.ndarray, weights: np.ndarray, *, segments: int, rng: np.random.Generator
) -> Partition:
    """Partition customers by Lloyd's rounds from k-means++ starts, one start a weighting.

    Parameters
    ----------
    rows
        Shape (n, d): scaled features.
    weights
        Shape (w, n): how often each customer stands in each weighting; 0 leaves out.
    segments
        Number of groups.
    rng
        Source of the starts.

    Returns
    -------
    Partition

    Notes
    -----
    A group that loses all its customers keeps its centre. Ends where no label changes, or after 60
    rounds.

    References
    ----------
    Lloyd 1982; Arthur & Vassilvitskii 2007 (k-means++).
    """
    centres = _starts(rows, weights, segments, rng)
    labels, _ = nearest(rows, centres)
    for _ in range(_MOST_ROUNDS):
        centres = _means(rows, weights, labels, centres)
        moved, _ = nearest(rows, centres)
        if np.array_equal(moved, labels):
            break
        labels = moved
    labels, distances = nearest(rows, centres)
    within = (weights * distances).sum(axis=1) / weights.sum(axis=1)
    return Partition(centres, labels, within)


def nearest(rows: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest of ``centres`` (w, k, d) and the squared distance, each (w, n)."""
    count, k, d = centres.shape
    flat = np.swapaxes(centres, 0, 1).reshape(k * count, d)
    # |x - c|^2 less |x|^2, which does not matter for which centre is nearest.
    partial = (flat @ (-2 * rows.T)).reshape(k, count, len(rows))
    partial += (flat**2).sum(axis=1).reshape(k, count, 1)
    labels = partial.argmin(axis=0)
    return labels, np.maximum(partial.min(axis=0) + (rows**2).sum(axis=1), 0.0)


def _starts(
    rows: np.ndarray, weights: np.ndarray, segments: int, rng: np.random.Generator
) -> np.ndarray:
    """Choose greedy k-means++ centres: of four drawn, the one that leaves the least distance."""
    centres = rows[_drawn(weights, 1, rng)]
    _, distances = nearest(rows, centres)
    while centres.shape[1] < segments:
        drawn = rows[_drawn(weights * distances, _CANDIDATES, rng)]  # (w, candidates, d)
        apart = (rows**2).sum(axis=1) + (drawn**2).sum(axis=2)[:, :, None] - 2 * drawn @ rows.T
        left = np.minimum(np.maximum(apart, 0.0), distances[:, None, :])
        best = (left @ weights[:, :, None])[:, :, 0].argmin(axis=1)
        every = np.arange(len(weights))
        distances = left[every, best]
        centres = np.concatenate([centres, drawn[every, best][:, None, :]], axis=1)
    return centres


def _drawn(chances: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw ``count`` customers of each weighting by their chances; the last where all are zero."""
    sums = np.cumsum(chances, axis=1)
    points = rng.random((len(chances), count)) * sums[:, -1:]
    places = [
        np.searchsorted(own, point, side="right") for own, point in zip(sums, points, strict=True)
    ]
    return np.minimum(np.array(places), chances.shape[1] - 1)


def _means(
    rows: np.ndarray, weights: np.ndarray, labels: np.ndarray, centres: np.ndarray
) -> np.ndarray:
    count, k, d = centres.shape
    held = (labels == np.arange(k)[:, None, None]) * weights  # (k, w, n)
    mass = held.sum(axis=2)
    sums = (held.reshape(k * count, -1) @ rows).reshape(k, count, d)
    kept = np.swapaxes(centres, 0, 1)
    means = np.divide(sums, mass[:, :, None], out=kept.copy(), where=mass[:, :, None] > 0)
    return np.swapaxes(means, 0, 1)
