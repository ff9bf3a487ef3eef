"""Lift of every pair, plain and against volume alone, with intervals by customer and error rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm, pearson3

from loyalty_research.profile.offers.pairs_null import Expected, expected_both
from loyalty_research.profile.offers.pairs_rows import Counts
from loyalty_research.stats import proportion

LEAST_EXPECTED = 5
"""Customers expected, at least, to hold both, either one alone, and neither: else not tested."""
RATE = 0.05
"""Share of false ones among the pairs said to go together, on average."""
LEAST_ODDS = 1.25
"""Odds ratio against volume alone from which a pair is said to go together: less is of no use, and
near what bands blur. Unlike the lift it has room where nearly everybody holds an item."""
_Z = float(norm.ppf(0.975))


def pair_frame(counts: Counts) -> pd.DataFrame:
    """Return one row a pair that is tested.

    Returns
    -------
    pandas.DataFrame
        Columns place, other, customers (who hold both), support with its interval, lift (plain)
        with its interval, expected (by volume alone), adjusted (customers / expected) with its
        interval, odds (odds ratio of both items / the one by volume alone), p (two-sided), q
        (Benjamini and Hochberg), together, apart.

    Notes
    -----
    Plain lift = P(A and B) / (P(A) P(B)) over all customers. Intervals of both lifts linearise the
    logarithm over customers: with margins estimated, a customer's term of log(O / E) is
    ab / O - (a P_b + b P_a - P_a P_b) / E. The test compares O with E by Pearson's type III
    distribution of the same variance and skewness, with a half for continuity.
    """
    expected = expected_both(counts.customers, counts.buyers)
    observed = counts.both.sum(axis=0)
    first, second = np.triu_indices(counts.buyers.shape[1], 1)
    tested = _smallest(counts, expected.both[first, second], first, second) >= LEAST_EXPECTED
    first, second = first[tested], second[tested]
    held = observed[first, second]
    wanted = expected.both[first, second]
    plain, plain_error = _plain(counts, first, second)
    error = _error(counts, expected.held, first, second, wanted)
    odds = _odds(counts, held, first, second) / _odds(counts, wanted, first, second)
    adjusted = held / wanted
    p = _p_values(held, expected, first, second)
    q = false_discovery_control(p) if len(p) else p
    support = [proportion(int(item), counts.everybody) for item in held]
    known = held > 0
    return pd.DataFrame(
        {
            "place": first,
            "other": second,
            "customers": held.astype(int),
            "support": [item.value for item in support],
            "support_low": [item.low for item in support],
            "support_high": [item.high for item in support],
            "lift": plain,
            "lift_low": np.where(known, plain * np.exp(-_Z * plain_error), np.nan),
            "lift_high": np.where(known, plain * np.exp(_Z * plain_error), np.nan),
            "expected": wanted,
            "adjusted": adjusted,
            "adjusted_low": np.where(known, adjusted * np.exp(-_Z * error), np.nan),
            "adjusted_high": np.where(known, adjusted * np.exp(_Z * error), np.nan),
            "odds": odds,
            "p": p,
            "q": q,
            "together": (q <= RATE) & (odds >= LEAST_ODDS),
            "apart": (q <= RATE) & (odds <= 1 / LEAST_ODDS),
        }
    )


def _plain(counts: Counts, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return plain lift and the standard error of its logarithm."""
    share = counts.buyers.sum(axis=0) / counts.everybody
    one = Counts(
        counts.everybody,
        np.array([counts.everybody]),
        counts.buyers.sum(axis=0, keepdims=True),
        counts.both.sum(axis=0, keepdims=True),
    )
    wanted = counts.everybody * share[first] * share[second]
    lift = one.both[0, first, second] / wanted
    return lift, _error(one, share[None, :], first, second, wanted)


def _error(
    counts: Counts, chance: np.ndarray, first: np.ndarray, second: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """Return the standard error of log(O / E), customers as the sampled units."""
    both = counts.both[:, first, second]
    only, other = counts.buyers[:, first] - both, counts.buyers[:, second] - both
    neither = counts.customers[:, None] - both - only - other
    a, b = chance[:, first], chance[:, second]
    observed = np.maximum(both.sum(axis=0), 1)
    terms = (
        (both, 1 / observed - (a + b - a * b) / wanted),
        (only, -(b - a * b) / wanted),
        (other, -(a - a * b) / wanted),
        (neither, a * b / wanted),
    )
    return np.sqrt(sum((number * term**2).sum(axis=0) for number, term in terms))


def _smallest(
    counts: Counts, both: np.ndarray, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """Return the smallest cell of each pair's table, given who is expected to hold both."""
    total = counts.buyers.sum(axis=0)
    only, other = total[first] - both, total[second] - both
    cells = (both, only, other, counts.everybody - both - only - other)
    return np.asarray(np.minimum.reduce(cells))


def _odds(counts: Counts, both: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the odds ratio of holding both items, with a half added to every cell."""
    total = counts.buyers.sum(axis=0)
    only, other = total[first] - both, total[second] - both
    neither = counts.everybody - both - only - other
    cells = (np.maximum(cell, 0) + 0.5 for cell in (both, neither, only, other))
    same, none, one, two = cells
    return same * none / (one * two)


def _p_values(
    held: np.ndarray, expected: Expected, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    variance = np.maximum(expected.variance[first, second], 1e-12)
    deviation = np.sqrt(variance)
    skew = expected.third[first, second] / variance**1.5
    gap = held - expected.both[first, second]
    z = np.sign(gap) * np.maximum(np.abs(gap) - 0.5, 0) / deviation
    tail = np.where(z > 0, pearson3.sf(z, skew), pearson3.cdf(z, skew))
    return np.clip(2 * tail, 0, 1)
