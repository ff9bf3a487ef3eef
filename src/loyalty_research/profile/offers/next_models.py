"""Ways to rank items for a customer: two simple ones, item to item, and factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse
from scipy.linalg import eigh

SHRINKAGE = 1000.0
FACTORS = 8
"""Both were set on the third quarter of supermarket and candy, which no report judges by."""
SIMPLE = ("popular", "own_most")
MODELS = ("item_to_item", "factors")


class Ranker(Protocol):
    """Scores items; higher comes first. Scores compare within a customer only."""

    def scores(self, days: sparse.csr_matrix) -> np.ndarray:
        """Return scores, shape (customers, items), of customers' days with a purchase."""
        ...


@dataclass(frozen=True, slots=True)
class Popular:
    """Items by the share of customers who bought them, the same for everybody.

    Parameters
    ----------
    share
        Shape (items,).
    """

    share: np.ndarray

    def scores(self, days: sparse.csr_matrix) -> np.ndarray:
        """Return the share of each item in every row."""
        return np.repeat(self.share[None, :], days.shape[0], axis=0)


@dataclass(frozen=True, slots=True)
class OwnMost:
    """Items by the customer's own days with a purchase; the more popular where these are equal.

    Parameters
    ----------
    share
        Shape (items,): share of customers who bought the item.
    """

    share: np.ndarray

    def scores(self, days: sparse.csr_matrix) -> np.ndarray:
        """Return days plus half the share, which is below one day."""
        return days.toarray() + self.share[None, :] / 2


@dataclass(frozen=True, slots=True)
class ItemToItem:
    """Items by what the customer bought of others, as a ridge regression of each item on them.

    Parameters
    ----------
    weights
        Shape (items, items): row bought, column scored; the diagonal is 1.
    """

    weights: np.ndarray

    def scores(self, days: sparse.csr_matrix) -> np.ndarray:
        """Return log(1 + days), plus its weighted sums over the other items."""
        return np.asarray(_weighted(days) @ self.weights)


@dataclass(frozen=True, slots=True)
class Factors:
    """Items by the customer's row of the standardised matrix, as few factors give it.

    Parameters
    ----------
    share, spread
        Shape (items,): share of customers who bought the item, and its standard deviation.
    loadings
        Shape (items, factors): right singular vectors.
    """

    share: np.ndarray
    spread: np.ndarray
    loadings: np.ndarray

    def scores(self, days: sparse.csr_matrix) -> np.ndarray:
        """Return p + s z V V' with z = (x - p) / s, x telling whether the item was bought."""
        scaled = self.loadings / self.spread[:, None]
        own = _held(days) @ scaled - self.share @ scaled
        return np.asarray(self.share + (own @ self.loadings.T) * self.spread)


def fit_rankers(days: sparse.csr_matrix) -> dict[str, Ranker]:
    """Fit every way of ranking to customers' days with a purchase, shape (customers, items)."""
    share = _share(days)
    return {
        "popular": Popular(share),
        "own_most": OwnMost(share),
        "item_to_item": fit_item_to_item(days),
        "factors": fit_factors(days),
    }


def fit_item_to_item(days: sparse.csr_matrix, *, shrinkage: float = SHRINKAGE) -> ItemToItem:
    """Fit a ridge regression of each item's log(1 + days) on those of all others.

    Parameters
    ----------
    days
        Shape (customers, items), sparse.
    shrinkage
        Penalty of the regressions' squared coefficients, in customers.

    Notes
    -----
    With G = X'X + shrinkage I and P its inverse, the coefficient of item i for item j is
    -P_ij / P_jj.

    References
    ----------
    Steck 2019, WWW '19, 3251-3257, eq. (8).
    """
    weighted = _weighted(days)
    gram = np.asarray((weighted.T @ weighted).toarray(), dtype=np.float64)
    inverse = np.linalg.inv(gram + shrinkage * np.eye(len(gram)))
    weights = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(weights, 1.0)
    return ItemToItem(weights.astype(np.float32))


def fit_factors(days: sparse.csr_matrix, *, factors: int = FACTORS) -> Factors:
    """Fit a truncated singular value decomposition of the standardised 0-1 matrix.

    Parameters
    ----------
    days
        Shape (customers, items), sparse.
    factors
        How many; at most a quarter of the items, and one at least.

    Notes
    -----
    The right singular vectors are the first eigenvectors of the items' correlations, which need the
    counts of pairs only.

    References
    ----------
    Cremonesi, Koren & Turrin 2010, RecSys '10, 39-46.
    """
    held = _held(days)
    customers, items = max(days.shape[0], 1), days.shape[1]
    both = np.asarray((held.T @ held).toarray(), dtype=np.float64) / customers
    share = np.diag(both).copy()
    spread = np.sqrt(np.maximum(share * (1 - share), 1 / customers))
    correlation = (both - np.outer(share, share)) / np.outer(spread, spread)
    chosen = max(1, min(factors, items // 4))
    _, loadings = eigh(correlation, subset_by_index=[items - chosen, items - 1])
    kept = (np.ascontiguousarray(array, dtype=np.float32) for array in (share, spread, loadings))
    return Factors(*kept)


def _share(days: sparse.csr_matrix) -> np.ndarray:
    counts = np.bincount(days.indices, minlength=days.shape[1])
    return np.asarray(counts / max(days.shape[0], 1), dtype=np.float32)


def _weighted(days: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.log1p(days.data), days.indices, days.indptr), shape=days.shape)


def _held(days: sparse.csr_matrix) -> sparse.csr_matrix:
    ones = np.ones(len(days.data), dtype=np.float32)
    return sparse.csr_matrix((ones, days.indices, days.indptr), shape=days.shape)
