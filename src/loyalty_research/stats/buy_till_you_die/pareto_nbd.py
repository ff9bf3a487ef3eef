"""Pareto/NBD: gamma purchase rates, and exponential lifetimes with gamma rates."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, exprel, gammaln, psi

from loyalty_research.stats.buy_till_you_die.histories import Histories, by_value, total
from loyalty_research.stats.buy_till_you_die.maximum import LogLikelihood

PARAMETERS = ("r", "alpha", "s", "beta")
LIMITS = ((1, 1, 0, 0), (0, 0, 1, 1), (0, 0, -1, 0), (0, 0, 0, 1), (0, 0, -1, -1))
"""Equal rates; equal risks of leaving; nobody leaves (twice); all leave at once or never."""
_BLOCK = 2_048
_ENOUGH = 40.0  # decades, in powers of e, after which the rest of the integral is nothing
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_POINTS, _WEIGHTS = (_POINTS + 1) / 2, _WEIGHTS / 2


def log_likelihood(histories: Histories) -> LogLikelihood:
    """Return the log-likelihood as a function of the logarithms of r, alpha, s and beta.

    Notes
    -----
    A customer contributes ln G(r + x) - ln G(r) + r ln alpha + s ln beta + ln(w + s I) with
    w = (alpha + T)^-(r + x) (beta + T)^-s and I = integral from t_x to T of
    (alpha + t)^-(r + x) (beta + t)^-(s + 1) dt, which is the integral behind the hypergeometric
    functions of the papers; by Gauss and Legendre over ln(min(alpha, beta) + t).

    References
    ----------
    Schmittlein, Morrison & Colombo 1987, Management Science 33(1), 1-24; Fader & Hardie 2005, A
    note on deriving the Pareto/NBD model and related expressions.
    """
    rows = np.stack([histories.x, histories.recency, histories.age, histories.customers])
    counts, weight = by_value(histories.x, histories.customers)

    def function(logs: np.ndarray) -> tuple[float, np.ndarray]:
        r, alpha, s, beta = theta = np.exp(logs)
        n = weight.sum()
        value = total(weight, gammaln(r + counts) - gammaln(r))
        value += n * (r * np.log(alpha) + s * np.log(beta))
        slope = np.array(
            [
                total(weight, psi(r + counts) - psi(r)) + n * np.log(alpha),
                n * r / alpha,
                n * np.log(beta),
                n * s / beta,
            ]
        )
        for start in range(0, rows.shape[1], _BLOCK):
            one = slice(start, start + _BLOCK)
            part, tilt = _block(theta, rows[:, one])
            value += part
            slope += tilt
        return float(value), slope * theta

    return function


def _block(theta: np.ndarray, rows: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the sum of ln(w + s I) and its gradient."""
    x, recency, age, n = rows
    r, alpha, s, beta = theta
    shape, log_alpha, log_beta = r + x, np.log(alpha + age), np.log(beta + age)
    stays = -shape * log_alpha - s * log_beta
    log_integral, means = _integral(theta, x, recency, age)
    odds = np.log(s) + log_integral - stays
    gone = expit(odds) * n
    here = n - gone
    value = total(n, np.logaddexp(0.0, odds) + stays)
    slope = np.array(
        [
            total(gone, means[0]) - total(here, log_alpha),
            total(gone, means[1]) - total(here, shape / (alpha + age)),
            gone.sum() / s + total(gone, means[2]) - total(here, log_beta),
            total(gone, means[3]) - total(here, s / (beta + age)),
        ]
    )
    return value, slope


def _integral(
    theta: np.ndarray, x: np.ndarray, recency: np.ndarray, age: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return ln I (n,) and its derivatives by r, alpha, s and beta."""
    r, alpha, s, beta = theta
    shape = (r + x)[:, None]
    least = min(alpha, beta)
    fall = np.minimum(
        (alpha + recency) * np.expm1(np.minimum(_ENOUGH / (r + x), 700.0)),
        (beta + recency) * np.expm1(min(_ENOUGH / (s + 1), 700.0)),
    )
    reach = np.minimum(age - recency, fall)
    width = np.log1p(reach / (least + recency))
    power = (least + recency)[:, None] * np.exp(width[:, None] * _POINTS)  # least + t
    by_alpha, by_beta = power + (alpha - least), power + (beta - least)
    log_power = np.log(least + recency)[:, None] + width[:, None] * _POINTS
    log_alpha = log_power if alpha <= beta else np.log(by_alpha)
    log_beta = log_power if beta < alpha else np.log(by_beta)
    logs = log_power - shape * log_alpha - (s + 1) * log_beta
    top = logs[:, :1]
    parts = np.exp(logs - top) * _WEIGHTS
    whole = parts.sum(axis=1)
    with np.errstate(divide="ignore"):  # who has just bought leaves no time to have left in
        log_integral = np.log(whole * width) + top[:, 0]
    means = (
        -_summed(parts, log_alpha) / whole,
        -(r + x) * _summed(parts, 1 / by_alpha) / whole,
        -_summed(parts, log_beta) / whole,
        -(s + 1) * _summed(parts, 1 / by_beta) / whole,
    )
    return log_integral, means


def _summed(parts: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", parts, values)


def p_alive(theta: np.ndarray, histories: Histories) -> np.ndarray:
    """Return the chance (n,) that a customer with this history has not left: w / (w + s I)."""
    r, alpha, s, beta = theta
    alive = np.empty(len(histories.x))
    for start in range(0, len(alive), _BLOCK):
        one = slice(start, start + _BLOCK)
        x, age = histories.x[one], histories.age[one]
        log_integral, _ = _integral(theta, x, histories.recency[one], age)
        stays = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
        alive[one] = expit(stays - np.log(s) - log_integral)
    return alive


def future(theta: np.ndarray, x: np.ndarray, age: np.ndarray, ahead: float) -> np.ndarray:
    """Return E[Y] (n,) of the purchases of a customer who is still there.

    Notes
    -----
    The time left is Pareto with shape s and scale beta + T; E[Y] = (r + x) / (alpha + T) E[time
    spent], of the ``ahead`` at most.
    """
    r, alpha, s, beta = theta
    return (r + x) / (alpha + age) * _time_spent(s, beta + age, ahead)


def future_pairs(theta: np.ndarray, x: np.ndarray, age: np.ndarray, ahead: float) -> np.ndarray:
    """Return E[Y(Y - 1)] (n,) of the purchases of a customer who is still there.

    Notes
    -----
    (r + x)(r + x + 1) / (alpha + T)^2 E[time spent squared], the mean square being 2 times the
    integral of z (1 + z / (beta + T))^-s over z up to ``ahead``.
    """
    r, alpha, s, beta = theta
    scale = beta + age
    span = np.log1p(ahead / scale)
    v = span[:, None] * _POINTS  # z = scale (exp(v) - 1)
    inner = (np.expm1(v) * np.exp((1 - s) * v) * _WEIGHTS).sum(axis=1)
    return (r + x) * (r + x + 1) / (alpha + age) ** 2 * 2 * scale**2 * span * inner


def ahead_of_new(theta: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return E[X(t)] (n,): repeat purchases of a customer up to ``time`` after the first."""
    r, alpha, s, beta = theta
    return r / alpha * _time_spent(s, beta, np.asarray(time, dtype=float))


def _time_spent(s: float, scale: np.ndarray | float, ahead: np.ndarray | float) -> np.ndarray:
    """Return the mean of a Pareto lifetime cut off at ``ahead``."""
    span = np.log1p(ahead / scale)
    return scale * span * exprel((1 - s) * span)
