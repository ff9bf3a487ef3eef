"""How unequally sales are spread over customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loyalty_research.stats.intervals import LEVEL, Estimate

# Resamples: 1,000 for panels, fewer where a million customers make each one slow and the interval
# narrow anyway.
_REPLICATES = ((20_000, 1000), (200_000, 400), (10**12, 200))


@dataclass(frozen=True, slots=True)
class Concentration:
    """Concentration of sales.

    Parameters
    ----------
    gini
        0 where everybody spends the same, towards 1 where one customer spends all.
    top
        Share of sales of the top share of customers, by that share.
    """

    gini: Estimate
    top: dict[float, Estimate]


def lorenz_curve(sales: np.ndarray, points: int = 101) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of sales held by the top share of customers.

    Parameters
    ----------
    sales
        Shape (n,): net sales of each customer, not negative.
    points
        Number of points on the curve.

    Returns
    -------
    tuple of numpy.ndarray
        Shares of customers, best first, and their shares of sales; shape (points,) each.
    """
    shares = np.linspace(0, 1, points)
    descending = np.sort(np.asarray(sales, dtype=float))[::-1]
    return shares, _top(descending, np.ones_like(descending), shares)


def concentration(
    sales: np.ndarray,
    *,
    shares: Sequence[float] = (0.1, 0.2, 0.5),
    seed: int,
    level: float = LEVEL,
    replicates: int | None = None,
) -> Concentration:
    """Estimate the Gini coefficient and the top customers' share, with bootstrap intervals.

    Parameters
    ----------
    sales
        Shape (n,): net sales of each customer over the period, not negative.
    shares
        Top shares of customers.
    seed
        Seed of the resampling.
    level
        Coverage aimed at.
    replicates
        Number of resamples of customers; None chooses by n (1,000 up to 20,000 customers).

    Returns
    -------
    Concentration

    Notes
    -----
    Gini = sum_i (2i - n - 1) y_(i) / (n sum y), y ascending. The bound of the top share within the
    customer at the margin is interpolated, so that 20 % of 7 customers exists. Percentile bootstrap
    over customers by multinomial weights, on values sorted once.

    References
    ----------
    Gastwirth 1972; Efron 1979.
    """
    descending = np.sort(np.asarray(sales, dtype=float))[::-1]
    n = len(descending)
    wanted = np.asarray(shares, dtype=float)
    if n == 0 or descending.sum() <= 0:
        nothing = Estimate(None, None, None, n, level)
        return Concentration(nothing, dict.fromkeys(map(float, wanted), nothing))
    ones = np.ones(n)
    gini = _gini(descending, ones)
    top = _top(descending, ones, wanted)
    count = replicates or next(number for limit, number in _REPLICATES if n <= limit)
    rng = np.random.default_rng(seed)
    draws = np.empty((count, 1 + len(wanted)))
    for index in range(count):
        weights = np.bincount(rng.integers(0, n, n), minlength=n).astype(float)
        draws[index, 0] = _gini(descending, weights)
        draws[index, 1:] = _top(descending, weights, wanted)
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    estimates = [
        Estimate(float(value), float(first), float(last), n, level)
        for value, first, last in zip([gini, *top], low, high, strict=True)
    ]
    return Concentration(estimates[0], dict(zip(map(float, wanted), estimates[1:], strict=True)))


def _gini(descending: np.ndarray, weights: np.ndarray) -> float:
    total = weights.sum()
    held = np.cumsum(weights * descending)
    if held[-1] <= 0:
        return 0.0
    before = np.concatenate(([0.0], held[:-1]))
    # Area between the descending Lorenz curve and equality, twice.
    return float((weights * (held + before)).sum() / (total * held[-1]) - 1)


def _top(descending: np.ndarray, weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    people = np.concatenate(([0.0], np.cumsum(weights)))
    held = np.concatenate(([0.0], np.cumsum(weights * descending)))
    if held[-1] <= 0:  # a resample of customers without sales: nobody holds more than another
        return shares.copy()
    return np.interp(shares * people[-1], people, held) / held[-1]
