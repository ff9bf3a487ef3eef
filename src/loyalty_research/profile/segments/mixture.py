"""Gaussian mixtures with one covariance for all segments, many weightings at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_ROUNDS = 25
_RIDGE = 0.05


@dataclass(frozen=True, slots=True)
class Mixture:
    """Mixtures of n customers with k components under w weightings.

    Parameters
    ----------
    shares
        Shape (w, k): size of each component.
    means
        Shape (w, k, d).
    covariance
        Shape (w, d, d): common to the components.
    labels
        Shape (w, n): the likeliest component of every customer.
    log_likelihood
        Shape (w,): weighted mean a customer.
    """

    shares: np.ndarray
    means: np.ndarray
    covariance: np.ndarray
    labels: np.ndarray
    log_likelihood: np.ndarray


def fit_mixture(
    rows: np.ndarray, weights: np.ndarray, labels: np.ndarray, *, segments: int
) -> Mixture:
    """Fit by expectation maximisation from given labels.

    Parameters
    ----------
    rows
        Shape (n, d): scaled features.
    weights
        Shape (w, n): how often each customer stands in each weighting; 0 leaves out.
    labels
        Shape (w, n): where each weighting starts, as k-means gives them.
    segments
        Number of components.

    Returns
    -------
    Mixture

    Notes
    -----
    25 rounds. The common covariance keeps a component from closing in on tied customers; 0.05 is
    added to its diagonal. Segments are then groups around different places, not a dense core and
    its outskirts.

    References
    ----------
    Dempster, Laird & Rubin 1977; McLachlan & Peel 2000, section 3.
    """
    chances = (labels == np.arange(segments)[:, None, None]).astype(float)
    for _ in range(_ROUNDS):
        shares, means, covariance = _maximise(rows, weights, chances)
        chances, log_sums = expect(rows, shares, means, covariance)
    fit = (weights * log_sums).sum(axis=1) / weights.sum(axis=1)
    return Mixture(shares, means, covariance, chances.argmax(axis=0), fit)


def expect(
    rows: np.ndarray, shares: np.ndarray, means: np.ndarray, covariance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the chance of each component (k, w, n) and the log density of each customer (w, n)."""
    count, k, d = means.shape
    root = np.linalg.cholesky(covariance)
    inverse = np.linalg.inv(root)
    pulled = means @ (np.swapaxes(inverse, 1, 2) @ inverse)  # S^-1 m, (w, k, d)
    offset = np.log(np.maximum(shares, 1e-300)) - 0.5 * (pulled * means).sum(axis=2)
    log = (np.swapaxes(pulled, 0, 1).reshape(k * count, d) @ rows.T).reshape(k, count, len(rows))
    log += offset.T[:, :, None]
    top = log.max(axis=0)
    log -= top
    np.exp(log, out=log)
    sums = log.sum(axis=0)
    log /= sums
    whitened = (inverse.reshape(count * d, d) @ rows.T).reshape(count, d, len(rows))
    squares = (whitened**2).sum(axis=1)
    constant = 0.5 * d * np.log(2 * np.pi) + np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return log, np.log(sums) + top - 0.5 * squares - constant[:, None]


def _maximise(
    rows: np.ndarray, weights: np.ndarray, chances: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    k, count, n = chances.shape
    d = rows.shape[1]
    held = chances * weights
    mass = np.maximum(held.sum(axis=2), 1e-9).T  # (w, k)
    total = weights.sum(axis=1)
    sums = np.swapaxes((held.reshape(k * count, n) @ rows).reshape(k, count, d), 0, 1)
    means = sums / mass[:, :, None]
    between = np.swapaxes(sums, 1, 2) @ means  # sum of mass x mean x mean'
    products = (weights[:, None, :] * rows.T) @ rows
    covariance = (products - between) / total[:, None, None]
    covariance = (covariance + np.swapaxes(covariance, 1, 2)) / 2 + _RIDGE * np.eye(d)
    return mass / total[:, None], means, covariance
