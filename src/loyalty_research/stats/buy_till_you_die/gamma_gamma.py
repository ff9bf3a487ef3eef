"""Gamma-gamma: amounts of a customer vary around a mean of the customer's own."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, psi

from loyalty_research.stats.buy_till_you_die.histories import total
from loyalty_research.stats.buy_till_you_die.maximum import LogLikelihood

PARAMETERS = ("p", "q", "v")
LIMITS = ((0, 1, 1), (1, 0, -1))
"""Equal means of all customers; equal amounts of each."""


def log_likelihood(x: np.ndarray, mean: np.ndarray, customers: np.ndarray) -> LogLikelihood:
    """Return the log-likelihood as a function of the logarithms of p, q and v.

    Parameters
    ----------
    x, mean, customers
        Shape (n,): purchases of a customer, their mean amount (positive), customers of this kind.

    Notes
    -----
    A customer contributes ln G(px + q) - ln G(px) - ln G(q) + q ln v + (px - 1) ln m + px ln x
    - (px + q) ln(xm + v).

    References
    ----------
    Fader, Hardie & Lee 2005, Journal of Marketing Research 42(4), 415-430; Fader & Hardie 2013,
    The gamma-gamma model of monetary value, eq. (1a).
    """
    n = customers
    counts, place = np.unique(x, return_inverse=True)
    weight = np.bincount(place, weights=n)
    log_x, log_mean = np.log(counts), np.log(mean)
    by_x = np.bincount(place, weights=n * log_mean)
    constant, base = total(n, log_mean), n.sum()

    def function(logs: np.ndarray) -> tuple[float, np.ndarray]:
        p, q, v = theta = np.exp(logs)
        px = p * counts
        shape = px[place] + q
        log_sum = np.log(x * mean + v)
        value = total(weight, gammaln(px + q) - gammaln(px) - gammaln(q) + px * log_x)
        value += base * q * np.log(v) + total(px, by_x) - constant - total(n, shape * log_sum)
        each = psi(px + q)
        slope = np.array(
            [
                total(weight * counts, each - psi(px) + log_x)
                + total(counts, by_x)
                - total(n, x * log_sum),
                total(weight, each - psi(q)) + base * np.log(v) - total(n, log_sum),
                base * q / v - total(n, shape / (x * mean + v)),
            ]
        )
        return float(value), slope * theta

    return function


def expected_mean(theta: np.ndarray, x: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return E[a customer's mean amount | x amounts with this mean] (n,).

    Notes
    -----
    p (v + x m) / (px + q - 1); infinite where px + q is not above 1.
    """
    p, q, v = theta
    below = p * np.asarray(x, dtype=float) + q - 1
    with np.errstate(divide="ignore"):
        return np.where(below > 0, p * (v + x * mean) / np.where(below > 0, below, 1.0), np.inf)
