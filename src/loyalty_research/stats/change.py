"""How far a total or a ratio moved between two periods that share customers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from loyalty_research.stats.intervals import LEVEL


@dataclass(frozen=True, slots=True)
class Loose:
    """Sums over units that belong to one period only, such as orders without a customer.

    Parameters
    ----------
    x, y, xx, yy, xy
        Sums of x, y, their squares and their product.
    """

    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    yy: float = 0.0
    xy: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """A ratio of one period: a numerator and a denominator for every customer of both periods.

    Parameters
    ----------
    y
        Shape (n,): numerator of each customer; 0 where not seen in this period.
    x
        Shape (n,): denominator; None where the total of ``y`` itself is compared.
    loose
        Units of this period that are no customer of either.
    """

    y: np.ndarray
    x: np.ndarray | None = None
    loose: Loose = Loose()


@dataclass(frozen=True, slots=True)
class Change:
    """A change between two periods.

    Parameters
    ----------
    now, then
        Value of each period; None where it has none.
    value, low, high
        Relative change (0.1 = +10 %) or difference; bounds None where they cannot be given.
    p_value
        Two-sided, for no change; None without bounds.
    base
        Customers seen in either period.
    """

    now: float | None
    then: float | None
    value: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    base: int = 0


def changed(now: Part, then: Part, *, relative: bool, level: float = LEVEL) -> Change:
    """Estimate how far a ratio (or total) moved, with customers as the sampled units.

    Parameters
    ----------
    now, then
        The two periods, with the same customers in the same order.
    relative
        Whether the change is relative, for amounts and counts; a difference otherwise, for shares.
    level
        Coverage aimed at.

    Returns
    -------
    Change
        ``value`` None where a period has no denominator, or a relative change starts from zero or
        less.

    Notes
    -----
    Linearisation over customers of both periods: with R = sum y / sum x and u_i = (y_i - R x_i) /
    sum x, var(R1 - R0) = n / (n - 1) * sum (u_i1 - u_i0)^2, so that what a customer does in both
    periods is not taken for independent. A relative change is linearised on the scale of
    logarithms. Loose units add their own variances.
    """
    base = len(now.y)
    first, second = _linear(then), _linear(now)
    if first is None or second is None:
        return Change(second and second[0], first and first[0], None, base=base)
    (r0, u0, extra0), (r1, u1, extra1) = first, second
    if relative and (r0 <= 0 or r1 <= 0):
        return Change(r1, r0, None, base=base)
    value = r1 / r0 - 1 if relative else r1 - r0
    scale0, scale1 = (r0, r1) if relative else (1.0, 1.0)
    apart = u1 / scale1 - u0 / scale0
    spread = base / (base - 1) * float(apart @ apart) if base > 1 else 0.0
    error = math.sqrt(spread + extra1 / scale1**2 + extra0 / scale0**2)
    return moved(r1, r0, value, error=error, base=base, relative=relative, level=level)


def moved(
    now: float,
    then: float,
    value: float,
    *,
    error: float,
    base: int,
    relative: bool,
    level: float = LEVEL,
) -> Change:
    """Return a change with the bounds of a standard error.

    Parameters
    ----------
    now, then, value
        Both values and the change.
    error
        Standard error of the difference, or of the logarithm of the quotient where ``relative``.
    base
        Number of customers.
    relative
        Whether the change is relative.
    level
        Coverage aimed at.
    """
    if error <= 0:
        return Change(now, then, value, base=base)
    margin = float(norm.ppf(0.5 + level / 2)) * error
    middle = math.log1p(value) if relative else value
    low, high = middle - margin, middle + margin
    if relative:
        low, high = math.expm1(low), math.expm1(high)
    chance = float(2 * norm.sf(abs(middle) / error))
    return Change(now, then, value, low, high, chance, base)


def _linear(part: Part) -> tuple[float, np.ndarray, float] | None:
    """Return the ratio, each customer's influence on it, and the variance of loose units."""
    loose = part.loose
    y = np.asarray(part.y, dtype=float)
    if part.x is None:
        return float(y.sum()) + loose.y, y, loose.yy
    x = np.asarray(part.x, dtype=float)
    total = float(x.sum()) + loose.x
    if total <= 0:
        return None
    value = (float(y.sum()) + loose.y) / total
    spread = loose.yy - 2 * value * loose.xy + value * value * loose.xx
    return value, (y - value * x) / total, max(spread, 0.0) / total**2
