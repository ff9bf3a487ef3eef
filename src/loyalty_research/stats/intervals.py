"""Intervals of shares and of ratios of sums, with customers as the unit that is sampled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its interval and the number of independent units behind it.

    Parameters
    ----------
    value, low, high
        Estimate and bounds; None where the data cannot give them.
    base
        Number of customers (or other independent units).
    level
        Coverage the interval aims at.
    """

    value: float | None
    low: float | None
    high: float | None
    base: int
    level: float = LEVEL


def proportion(successes: int, base: int, *, level: float = LEVEL) -> Estimate:
    """Estimate a share of independent units with Wilson's interval.

    Parameters
    ----------
    successes, base
        Units that have the property; all units.
    level
        Coverage aimed at.

    Returns
    -------
    Estimate
        ``value`` None where ``base`` is 0.

    References
    ----------
    Brown, Cai & DasGupta 2001, Statistical Science 16(2), eq. (4).
    """
    if base == 0:
        return Estimate(None, None, None, 0, level)
    low, high = proportion_confint(successes, base, alpha=1 - level, method="wilson")
    value = successes / base
    # At 0 and 1 rounding would put the bound a hair on the wrong side of the estimate.
    low, high = max(0.0, min(float(low), value)), min(1.0, max(float(high), value))
    return Estimate(value, low, high, int(base), level)


def ratio_sums(
    n: int, *, x: float, y: float, xx: float, yy: float, xy: float, level: float = LEVEL
) -> Estimate:
    """Estimate sum(y) / sum(x) from the moments of customers' totals.

    Customers are the sampled units, so orders of one customer may resemble each other as much as
    they like. The engine reduces any number of lines to these five sums.

    Parameters
    ----------
    n
        Number of customers.
    x, y, xx, yy, xy
        Sums over customers of x, y, their squares and their product.
    level
        Coverage aimed at.

    Returns
    -------
    Estimate
        Bounds None where ``n`` < 2.

    Notes
    -----
    Linearisation (Taylor): with R = y/x and residuals d_i = y_i - R x_i,
    var(R) = n / (n - 1) * sum(d_i^2) / x^2.
    """
    if n == 0 or x == 0:
        return Estimate(None, None, None, n, level)
    value = y / x
    if n < 2:
        return Estimate(value, None, None, n, level)
    residual = max(yy - 2 * value * xy + value * value * xx, 0.0)
    error = math.sqrt(n / (n - 1) * residual) / abs(x)
    margin = float(norm.ppf(0.5 + level / 2)) * error
    return Estimate(value, value - margin, value + margin, n, level)


def ratio(y: np.ndarray, x: np.ndarray, *, level: float = LEVEL) -> Estimate:
    """Estimate sum(y) / sum(x) from customers' totals; see :func:`ratio_sums`.

    Parameters
    ----------
    y, x
        Shape (n,): totals of each customer.
    level
        Coverage aimed at.
    """
    y = np.asarray(y, dtype=float)
    x = np.asarray(x, dtype=float)
    return ratio_sums(
        len(x),
        x=float(x.sum()),
        y=float(y.sum()),
        xx=float(x @ x),
        yy=float(y @ y),
        xy=float(x @ y),
        level=level,
    )


def share_of(part: np.ndarray, whole: np.ndarray, *, level: float = LEVEL) -> Estimate:
    """Estimate the share sum(part) / sum(whole) of customers' totals, bounds within 0 and 1.

    Parameters
    ----------
    part, whole
        Shape (n,): totals of each customer, 0 <= part <= whole.
    level
        Coverage aimed at.

    Returns
    -------
    Estimate
        With the bounds of :func:`as_share`.
    """
    return as_share(ratio(part, whole, level=level))


def as_share(found: Estimate) -> Estimate:
    """Give the linearised estimate of a share bounds that stay within 0 and 1.

    Returns
    -------
    Estimate
        As it was where it has no bounds, or does not lie between 0 and 1.

    Notes
    -----
    With the standard error s of the share p, the bounds of log(p / (1 - p)) are
    -+ z s / (p (1 - p)), carried back: wider on the side that has room.

    References
    ----------
    Korn & Graubard 1998, Survey Methodology 24(2), 193-201.
    """
    value = found.value
    if value is None or found.high is None or not 0 < value < 1:
        return found
    centre = math.log(value / (1 - value))
    margin = (found.high - value) / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-(centre + side * margin))) for side in (-1, 1))
    return Estimate(value, low, high, found.base, found.level)


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Estimate first - second of two independent groups from their intervals.

    Returns
    -------
    Estimate
        ``base`` is the smaller of the two; None bounds where either has none.

    Notes
    -----
    The margins towards each side add in squares (MOVER), which intervals of shares need: they are
    not symmetric.

    References
    ----------
    Zou & Donner 2008, Statistics in Medicine 27(10), 1693-1702.
    """
    base = min(first.base, second.base)
    if first.value is None or second.value is None:
        return Estimate(None, None, None, base, first.level)
    value = first.value - second.value
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return Estimate(value, None, None, base, first.level)
    down = math.hypot(first.value - first.low, second.high - second.value)
    up = math.hypot(first.high - first.value, second.value - second.low)
    return Estimate(value, value - down, value + up, base, first.level)
