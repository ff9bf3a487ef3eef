"""NBD: gamma purchase rates, and nobody leaves (the conditional trend)."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, psi

from loyalty_research.stats.buy_till_you_die.histories import Histories, by_value, total
from loyalty_research.stats.buy_till_you_die.maximum import LogLikelihood

PARAMETERS = ("r", "alpha")
LIMITS = ((1, 1),)
"""Equal rates."""


def log_likelihood(histories: Histories) -> LogLikelihood:
    """Return the log-likelihood as a function of the logarithms of r and alpha.

    Notes
    -----
    A customer contributes ln G(r + x) - ln G(r) + r ln alpha - (r + x) ln(alpha + T): of the
    times of the purchases, as in the models with dropout, not of their number, so that the
    log-likelihoods of the same customers compare.

    References
    ----------
    Ehrenberg 1959; Goodhardt & Ehrenberg 1967.
    """
    x, age, n = histories.x, histories.age, histories.customers
    counts, weight = by_value(x, n)
    base = n.sum()

    def function(logs: np.ndarray) -> tuple[float, np.ndarray]:
        r, alpha = theta = np.exp(logs)
        log_age, shape = np.log(alpha + age), r + x
        late = total(n, log_age)
        value = total(weight, gammaln(r + counts) - gammaln(r)) + base * r * np.log(alpha)
        slope = np.array(
            [
                total(weight, psi(r + counts) - psi(r)) + base * np.log(alpha) - late,
                base * r / alpha - total(n, shape / (alpha + age)),
            ]
        )
        return float(value - total(n, shape * log_age)), slope * theta

    return function


def p_alive(_: np.ndarray, histories: Histories) -> np.ndarray:
    """Return ones (n,)."""
    return np.ones(len(histories.x))


def future(theta: np.ndarray, x: np.ndarray, age: np.ndarray, ahead: float) -> np.ndarray:
    """Return E[Y] (n,): (r + x) t / (alpha + T), the own rate drawn towards that of all."""
    r, alpha = theta
    return (r + x) * ahead / (alpha + age)


def future_pairs(theta: np.ndarray, x: np.ndarray, age: np.ndarray, ahead: float) -> np.ndarray:
    """Return E[Y(Y - 1)] (n,): (r + x)(r + x + 1) (t / (alpha + T))^2."""
    r, alpha = theta
    return (r + x) * (r + x + 1) * (ahead / (alpha + age)) ** 2


def ahead_of_new(theta: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return E[X(t)] (n,): r t / alpha."""
    r, alpha = theta
    return r / alpha * np.asarray(time, dtype=float)
