"""Means and covariances of answers, of the sample and of respondents drawn again from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

CHUNK = 250
"""Draws whose moments are held at once."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of B samples of p items.

    Parameters
    ----------
    means
        Shape (B, p).
    covariances
        Shape (B, p, p), divided by n - 1 (by n less the mean square weight where weighted).
    """

    means: np.ndarray
    covariances: np.ndarray

    @property
    def correlations(self) -> np.ndarray:
        """Shape (B, p, p); an item that is constant in a sample correlates with nothing."""
        # Rounding may leave a constant item a variance just below 0.
        spread = np.sqrt(np.maximum(np.diagonal(self.covariances, axis1=1, axis2=2), 0))
        scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-12)
        found = self.covariances * scale[:, :, None] * scale[:, None, :]
        places = np.arange(found.shape[1])
        found[:, places, places] = 1
        return found

    @property
    def flat(self) -> np.ndarray:
        """Shape (B,): whether some item is constant."""
        smallest = np.diagonal(self.covariances, axis1=1, axis2=2).min(axis=1)
        return np.asarray(smallest <= 1e-24)


def moments_of(values: np.ndarray, counts: np.ndarray) -> Moments:
    """Return the moments of samples that take each row some number of times.

    Parameters
    ----------
    values
        Shape (n, p).
    counts
        Shape (B, n): how often, or with which weight, each row counts.

    Notes
    -----
    All cross products of a row are laid out once, so that the moments of every sample are one
    product of matrices. Weights enter as frequencies scaled to n.
    """
    rows, width = values.shape
    centre = values.mean(axis=0)
    away = values - centre
    upper = np.triu_indices(width)
    products = away[:, upper[0]] * away[:, upper[1]]
    total = counts.sum(axis=1)
    means = counts @ away / total[:, None]
    squares = np.empty((len(counts), width, width))
    squares[:, upper[0], upper[1]] = counts @ products / total[:, None]
    squares[:, upper[1], upper[0]] = squares[:, upper[0], upper[1]]
    covariances = (squares - means[:, :, None] * means[:, None, :]) * (rows / max(rows - 1, 1))
    return Moments(means + centre, covariances)


def sample_moments(values: np.ndarray, weights: np.ndarray | None = None) -> Moments:
    """Return the moments of the sample itself, B = 1.

    Parameters
    ----------
    values
        Shape (n, p).
    weights
        Shape (n,), positive; None for equal ones.
    """
    counts = np.ones(len(values)) if weights is None else weights
    return moments_of(values, counts[None, :])


def drawn_moments(
    values: np.ndarray,
    *,
    draws: int,
    rng: np.random.Generator,
    weights: np.ndarray | None = None,
) -> Iterator[Moments]:
    """Yield the moments of respondents drawn with replacement, in chunks of draws.

    Parameters
    ----------
    values
        Shape (n, p).
    draws
        Samples of n respondents each.
    rng
        Source of randomness.
    weights
        Shape (n,): every time a respondent is drawn it counts with its weight.

    References
    ----------
    Efron 1979, Annals of Statistics 7(1), 1-26.
    """
    rows = len(values)
    for start in range(0, draws, CHUNK):
        size = min(CHUNK, draws - start)
        picks = rng.integers(rows, size=(size, rows)) + np.arange(size)[:, None] * rows
        counts = np.bincount(picks.ravel(), minlength=size * rows).reshape(size, rows).astype(float)
        yield moments_of(values, counts if weights is None else counts * weights)
