"""Structureless customers: the same margins, ties and rank correlations, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

_PASSES = 4
_BLOCKS = 4


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A Gaussian copula that has the margins and rank correlations of some customers.

    Parameters
    ----------
    margins
        Shape (n, d): the features of the customers, each column sorted.
    root
        Shape (d, d): Cholesky root of the correlations of the latent normal features.
    """

    margins: np.ndarray
    root: np.ndarray

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Return as many customers, shape (n, d): the very values of each column, dealt anew.

        The latent draws are made to have exactly the correlations of the root: given those, a
        Gaussian sample is distributed like this one.
        """
        return _dealt(self.margins, _latent(len(self.margins), self.root, rng))


def fit_surrogate(rows: np.ndarray, *, rng: np.random.Generator) -> Surrogate:
    """Fit the Gaussian copula of customers, ties included.

    Parameters
    ----------
    rows
        Shape (n, d): features, none constant.
    rng
        Source of the draws by which the latent correlations are found.

    Notes
    -----
    Starts from 2 sin(pi r / 6), which is right without ties, and then corrects the latent
    correlations by what the rank correlations of draws lack, four times.

    References
    ----------
    Cario & Nelson 1997 (normal to anything).
    """
    margins = np.sort(rows, axis=0)
    wanted = _rank_correlations(rows)
    correlations = _proper(2 * np.sin(np.pi / 6 * wanted))
    ranks = rankdata(margins, axis=0)
    for _ in range(_PASSES):
        root = np.linalg.cholesky(correlations)
        drawn = [_dealt(ranks, _latent(len(rows), root, rng)) for _ in range(_BLOCKS)]
        reached = np.mean([np.corrcoef(block, rowvar=False) for block in drawn], axis=0)
        correlations = _proper(correlations + wanted - reached)
    return Surrogate(margins, np.linalg.cholesky(correlations))


def _rank_correlations(rows: np.ndarray) -> np.ndarray:
    return np.corrcoef(rankdata(rows, axis=0), rowvar=False)


def _latent(count: int, root: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    draws = rng.standard_normal((count, len(root)))
    draws -= draws.mean(axis=0)
    own = np.linalg.cholesky(draws.T @ draws / count)
    return np.linalg.solve(own, draws.T).T @ root.T


def _dealt(margins: np.ndarray, latent: np.ndarray) -> np.ndarray:
    places = latent.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.take_along_axis(margins, places, axis=0)


def _proper(matrix: np.ndarray) -> np.ndarray:
    """Return the nearest correlation matrix by clipping eigenvalues."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    matrix = (vectors * np.maximum(values, 1e-4)) @ vectors.T
    scale = np.sqrt(np.diag(matrix))
    return matrix / np.outer(scale, scale)
