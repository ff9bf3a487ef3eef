"""BG/NBD and MBG/NBD: gamma purchase rates, and a beta chance to leave after each purchase.

The two differ in ``shift`` only: 0 where nobody can leave before the first repeat purchase
(BG/NBD), 1 where the chance to leave exists after the first purchase as well (MBG/NBD).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit, gammaln, psi

from loyalty_research.stats.buy_till_you_die.histories import Histories, by_value, distinct, total
from loyalty_research.stats.buy_till_you_die.maximum import LogLikelihood

PARAMETERS = ("r", "alpha", "a", "b")
LIMITS = ((1, 1, 0, 0), (0, 0, 1, 1), (0, 0, -1, 0), (0, 0, 0, 1), (0, 0, -1, -1))
"""Equal rates; equal chances to leave; nobody leaves (twice); all leave at once or never."""
_BLOCK = 8_192
_CELLS = 65_536
_STEP, _REACH = 0.3, 36.0  # of the logit of p: between nodes, and powers of e to what is nothing


def log_likelihood(histories: Histories, *, shift: int) -> LogLikelihood:
    """Return the log-likelihood as a function of the logarithms of r, alpha, a and b.

    Notes
    -----
    With y = x + shift and w(t) = (alpha + t)^-(r + x), a customer contributes
    ln G(r + x) - ln G(r) + r ln alpha + ln B(a, b + y) - ln B(a, b)
    + ln(w(T) + [y > 0] w(t_x) a / (b + y - 1)).

    References
    ----------
    Fader, Hardie & Lee 2005, Marketing Science 24(2), eq. (6); Batislam, Denizel & Filiztekin
    2007, International Journal of Research in Marketing 24(3), 201-209.
    """
    x, n = histories.x, histories.customers
    counts, weight = by_value(x, n)
    mortal = x + shift > 0
    rows = np.stack([x, histories.recency, histories.age, n])[:, mortal]
    ages, size = histories.age[~mortal], n[~mortal]

    def function(logs: np.ndarray) -> tuple[float, np.ndarray]:
        r, alpha = (theta := np.exp(logs))[:2]
        value, slope = _by_count(theta, counts, weight, shift)
        if len(ages):  # without a repeat purchase nobody has left
            late = total(size, np.log(alpha + ages))
            value -= r * late
            slope -= [late, r * total(size, 1 / (alpha + ages)), 0.0, 0.0]
        for start in range(0, rows.shape[1], _BLOCK):
            one = slice(start, start + _BLOCK)
            part, tilt = _block(theta, rows[:, one], shift)
            value += part
            slope += tilt
        return value, slope * theta

    return function


def _by_count(
    theta: np.ndarray, x: np.ndarray, weight: np.ndarray, shift: int
) -> tuple[float, np.ndarray]:
    """Return what depends on the number of purchases only."""
    r, alpha, a, b = theta
    y, n = x + shift, weight.sum()
    terms = gammaln(r + x) - gammaln(r) + gammaln(a + b) - gammaln(a + b + y)
    value = total(weight, terms + gammaln(b + y) - gammaln(b)) + n * r * np.log(alpha)
    both = psi(a + b) - psi(a + b + y)
    slope = np.array(
        [
            total(weight, psi(r + x) - psi(r)) + n * np.log(alpha),
            n * r / alpha,
            total(weight, both),
            total(weight, both + psi(b + y) - psi(b)),
        ]
    )
    return float(value), slope


def _block(theta: np.ndarray, rows: np.ndarray, shift: int) -> tuple[float, np.ndarray]:
    """Return the sum of ln(w(T) + w(t_x) a / (b + y - 1)) and its gradient."""
    x, recency, age, n = rows
    r, alpha, a, b = theta
    shape, stay = r + x, b + x + (shift - 1)
    log_age = np.log(alpha + age)
    spread = log_age - np.log(alpha + recency)
    odds = np.log(a / stay) + shape * spread
    small = np.exp(-np.abs(odds))
    left = np.where(odds > 0, 1.0, small) / (1 + small) * n
    value = total(n, np.maximum(odds, 0) + np.log1p(small) - shape * log_age)
    late = shape / (alpha + age)
    slope = np.array(
        [
            total(left, spread) - total(n, log_age),
            total(left, late - shape / (alpha + recency)) - total(n, late),
            left.sum() / a,
            -total(left, 1 / stay),
        ]
    )
    return value, slope


def p_alive(theta: np.ndarray, histories: Histories, *, shift: int) -> np.ndarray:
    """Return the chance (n,) that a customer with this history has not left.

    Notes
    -----
    1 / (1 + [y > 0] a / (b + y - 1) ((alpha + T) / (alpha + t_x))^(r + x)).
    """
    r, alpha, a, b = theta
    x, y = histories.x, histories.x + shift
    stay = np.where(y > 0, b + y - 1, 1.0)
    odds = np.log(a / stay) + (r + x) * np.log(
        (alpha + histories.age) / (alpha + histories.recency)
    )
    return np.where(y > 0, expit(-odds), 1.0)


def future(
    theta: np.ndarray, x: np.ndarray, age: np.ndarray, ahead: float, *, shift: int
) -> np.ndarray:
    """Return E[Y] (n,) of the purchases of a customer who is still there.

    Notes
    -----
    Given the chance p to leave after a purchase, which is Beta(a, b + y), and u = ahead /
    (alpha + T), c = r + x: E[Y | p] = (1 - (1 + pu)^-c) / p. The mean over p is taken by the
    trapezoidal rule over ln(p / (1 - p)), after a line through both ends has been taken off:
    stable where the hypergeometric function of the papers is not.
    """
    r, alpha, a, b = theta
    return _averaged(_once, r + x, ahead / (alpha + age), a, b + x + shift)


def future_pairs(
    theta: np.ndarray, x: np.ndarray, age: np.ndarray, ahead: float, *, shift: int
) -> np.ndarray:
    """Return E[Y(Y - 1)] (n,) of the purchases of a customer who is still there.

    Notes
    -----
    As :func:`future`, of E[Y(Y - 1) | p] =
    2 (1 - p) (1 - (1 + pu)^-(c + 1) (1 + (c + 1) pu)) / p^2.
    """
    r, alpha, a, b = theta
    return _averaged(_twice, r + x, ahead / (alpha + age), a, b + x + shift)


def ahead_of_new(theta: np.ndarray, time: np.ndarray, *, shift: int) -> np.ndarray:
    """Return E[X(t)] (n,): repeat purchases of a customer up to ``time`` after the first."""
    r, alpha, a, b = theta
    u = np.asarray(time, dtype=float) / alpha
    mean = _averaged(_once, np.full(u.shape, r), u, a, np.full(u.shape, b + shift))
    return mean * (b / (a + b)) ** shift


Moment = Callable[
    [np.ndarray, np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]
]
"""Of c, u (n, 1), p and 1 - p (m,): a moment given p (n, m), and its values at p = 0 and 1."""


def _once(
    c: np.ndarray, u: np.ndarray, p: np.ndarray, _: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return E[Y | p]."""
    return -np.expm1(-c * np.log1p(p * u)) / p, c * u, -np.expm1(-c * np.log1p(u))


def _twice(
    c: np.ndarray, u: np.ndarray, p: np.ndarray, stays: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return E[Y(Y - 1) | p], without loss of digits where pu is small."""
    k, y = c + 1, p * u
    near = k * c * y**2 / 2 * (1 - 2 * (k + 1) * y / 3)
    far = -np.expm1(np.log1p(k * y) - k * np.log1p(y))
    inner = np.where(k * y < 1e-5, near, far)
    return 2 * stays * inner / p**2, c * k * u**2, np.zeros_like(u)


def _averaged(moment: Moment, c: np.ndarray, u: np.ndarray, a: float, b: np.ndarray) -> np.ndarray:
    """Return a moment (n,) averaged over p, equal rows computed once."""
    one_each, place = distinct(c, u)  # b goes with c
    rows = np.column_stack([c, u, b])[one_each]
    found, nodes = np.empty(len(rows)), _nodes(rows, a)
    size = max(_CELLS // len(nodes), 1)
    for start in range(0, len(rows), size):
        found[start : start + size] = _integral(moment, rows[start : start + size], a, nodes)
    return found[place]


def _nodes(rows: np.ndarray, a: float) -> np.ndarray:
    """Return logits of p that reach to where nothing is left, as close as the beta is narrow."""
    if not len(rows):
        return np.zeros(2)
    c, u, b = rows.T
    low = -np.log(1 + a + b.max() + ((c + 1) * u).max()) - _REACH / (1 + a)
    high = np.log(2 + a) + _REACH / (1 + b.min())
    step = min(_STEP, 0.6 / np.sqrt(1 + min(a, float(b.max()))))
    return np.arange(low, high + step, step)


def _integral(moment: Moment, rows: np.ndarray, a: float, nodes: np.ndarray) -> np.ndarray:
    c, u, b = rows.T[:, :, None]
    p, stays = expit(nodes), expit(-nodes)
    log_p, log_stays = -np.logaddexp(0, -nodes), -np.logaddexp(0, nodes)
    log_beta = gammaln(a) + gammaln(b) - gammaln(a + b)
    density = np.exp(a * log_p + b * log_stays - log_beta) * (nodes[1] - nodes[0])
    given, start, end = moment(c, u, p, stays)
    leaves = a / (a + b)
    line = (start * (1 - leaves) + end * leaves)[:, 0]
    return np.maximum(line + (density * (given - start * stays - end * p)).sum(axis=1), 0.0)
