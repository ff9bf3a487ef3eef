"""Stability and fit of every number of segments, on customers and on structureless ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.profile.segments.agreement import adjusted_rand
from loyalty_research.profile.segments.kmeans import fit_kmeans
from loyalty_research.profile.segments.mixture import fit_mixture

METHODS = ("kmeans", "mixture")
NUMBERS = tuple(range(2, 9))
RESAMPLES = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """Stability and fit, each of shape (methods, numbers of segments).

    Parameters
    ----------
    stability
        Mean adjusted Rand index of the grouping with those found in bootstrap samples.
    fit
        k-means: logarithm of all variance over that within segments. Mixture: gain in the Bayesian
        information criterion over one segment, a customer.
    """

    stability: np.ndarray
    fit: np.ndarray


def measure(rows: np.ndarray, *, rng: np.random.Generator) -> Measured:
    """Measure both methods at each number of segments.

    Parameters
    ----------
    rows
        Shape (n, d): scaled features.
    rng
        Source of bootstrap samples and starts.
    """
    n, d = rows.shape
    weights = np.ones((1 + RESAMPLES, n))
    weights[1:] = rng.multinomial(n, np.full(n, 1 / n), RESAMPLES)
    total = float(((rows - rows.mean(axis=0)) ** 2).sum() / n)
    single = fit_mixture(rows, weights[:1], np.zeros((1, n), dtype=int), segments=1)
    stability, fit = np.empty((2, len(NUMBERS))), np.empty((2, len(NUMBERS)))
    for place, k in enumerate(NUMBERS):
        parts = fit_kmeans(rows, weights, segments=k, rng=rng)
        mixture = fit_mixture(rows, weights, parts.labels, segments=k)
        stability[0, place] = _stability(parts.labels, k)
        stability[1, place] = _stability(mixture.labels, k)
        fit[0, place] = np.log(total / parts.within[0])
        gain = mixture.log_likelihood[0] - single.log_likelihood[0]
        fit[1, place] = 2 * gain - (k - 1) * (d + 1) * np.log(n) / n
    return Measured(stability, fit)


def _stability(labels: np.ndarray, k: int) -> float:
    return float(np.mean([adjusted_rand(labels[0], other, segments=k) for other in labels[1:]]))
