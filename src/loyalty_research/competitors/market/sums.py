"""The sums of the NBD-Dirichlet over the number of category purchases, on arrays.

Every sum runs until what is left of the purchases is below :data:`TAIL`: cut at a fixed number it
goes wrong as soon as the period grows (at four quarters the reference's 50 terms lose 1.2 % of the
category rate).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, gammaln
from scipy.stats import nbinom

TAIL = 1e-12
"""Share of all purchases that a sum may leave out."""


@dataclass(frozen=True, slots=True)
class BrandSums:
    """What the model expects of brands; every array has shape (j,).

    Parameters
    ----------
    penetration
        Share of households that buy the brand.
    purchases
        Purchases of the brand a household, buyers or not.
    category
        Category purchases of its buyers, over all households.
    sole
        Share of households that buy this brand and no other.
    """

    penetration: np.ndarray
    purchases: np.ndarray
    category: np.ndarray
    sole: np.ndarray

    @property
    def frequency(self) -> np.ndarray:
        """Purchases a buyer of the brand."""
        return self.purchases / self.penetration

    @property
    def category_rate(self) -> np.ndarray:
        """Category purchases a buyer of the brand."""
        return self.category / self.penetration

    @property
    def requirements(self) -> np.ndarray:
        """Share of category requirements: the brand's part of its buyers' category purchases."""
        return self.purchases / self.category

    @property
    def sole_buyers(self) -> np.ndarray:
        """Share of the brand's buyers who buy no other."""
        return self.sole / self.penetration


def totals(mean: float, shape: float, *, truncated: bool = False) -> np.ndarray:
    """Return the chances of 0, 1, 2, ... category purchases (NBD).

    Parameters
    ----------
    mean, shape
        M and K: purchases a household, and how alike households are.
    truncated
        Whether households without a purchase are left out, and the chances of the others add up
        to one.

    Returns
    -------
    numpy.ndarray
        Shape (n + 1,), with n so large that less than :data:`TAIL` of the purchases lie beyond.
    """
    chance = shape / (shape + mean)
    # n P(n) / M is the same distribution with K + 1, moved by one.
    last = 1 + int(nbinom.isf(TAIL, shape + 1, chance))
    found: np.ndarray = nbinom.pmf(np.arange(last + 1), shape, chance)
    if truncated:
        found[0] = 0.0
        found = found / found.sum()
    return found


def brand_sums(chances: np.ndarray, alpha: np.ndarray, total: float) -> BrandSums:
    """Return what brands of the given weights can expect.

    Parameters
    ----------
    chances
        Shape (n + 1,): of 0, 1, ... category purchases.
    alpha
        Shape (j,): weights of brands, S times their share.
    total
        S, the sum of the weights of all brands of the market.
    """
    alpha = np.asarray(alpha, dtype=float)
    count = np.arange(len(chances), dtype=float)
    bought = 1 - never(count, alpha, total)
    every = np.exp(
        gammaln(alpha + count[1:, None])
        - gammaln(alpha)
        - gammaln(total + count[1:, None])
        + gammaln(total)
    )
    return BrandSums(
        penetration=chances @ bought,
        purchases=float(chances @ count) * alpha / total,
        category=(chances * count) @ bought,
        sole=chances[1:] @ every,
    )


def never(count: np.ndarray, alpha: np.ndarray, total: float) -> np.ndarray:
    """Return the chance, shape (n, j), that none of ``count`` purchases is of a brand.

    Notes
    -----
    Gamma(S) Gamma(S - a + n) / (Gamma(S - a) Gamma(S + n)); a brand that is the whole market is
    bought with the first purchase.
    """
    rest = total - np.asarray(alpha, dtype=float)
    count = np.asarray(count, dtype=float)[:, None]
    whole = rest <= 1e-12 * total
    safe = np.where(whole, 1.0, rest)
    log = gammaln(safe + count) - gammaln(safe) - gammaln(total + count) + gammaln(total)
    return np.where(whole, count == 0, np.exp(log))


def distribution(chances: np.ndarray, alpha: float, total: float, *, last: int) -> np.ndarray:
    """Return the chances of 0, 1, ..., ``last`` purchases of a brand, and of more than ``last``.

    Notes
    -----
    Beta-binomial given the category purchases, summed over them.
    """
    count = np.arange(len(chances), dtype=float)[:, None]
    times = np.arange(last + 1, dtype=float)[None, :]
    left = np.maximum(count - times, 0.0)
    log = (
        gammaln(count + 1)
        - gammaln(times + 1)
        - gammaln(left + 1)
        + betaln(alpha + times, total - alpha + left)
        - betaln(alpha, total - alpha)
    )
    found = chances @ np.where(times <= count, np.exp(log), 0.0)
    return np.append(found, max(float(chances.sum() - found.sum()), 0.0))
