"""How many customers must be left untouched before an effect that pays can be told from chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.stats import norm

LEVEL, POWER = 0.05, 0.80
LEAST_SHARE, MOST_SHARE = 0.05, 0.50
_STEP = 0.01
_Z = float(norm.isf(LEVEL / 2)), float(norm.isf(1 - POWER))


@dataclass(frozen=True, slots=True)
class Stakes:
    """What an offer costs and a purchase brings, as shares of an order's value.

    Parameters
    ----------
    margin
        Contribution margin.
    offer
        Value of the offer, paid for every purchase made with it.
    contact
        Cost of reaching one customer.
    """

    margin: float
    offer: float
    contact: float


def smallest_paying(base: float, stakes: Stakes) -> float | None:
    """Return the smallest gain in the share of customers who buy that pays for the offer.

    Parameters
    ----------
    base
        Share who buy within the horizon without the offer.
    stakes
        Costs and margin as shares of an order.

    Returns
    -------
    float or None
        Difference of two shares; None where the offer takes all of the margin, or not even
        everybody's buying would pay for it.

    Notes
    -----
    A gain d brings d x margin and costs contact + (base + d) x offer, since whoever would have
    bought takes the offer too: d = (contact + base x offer) / (margin - offer).

    Examples
    --------
    >>> smallest_paying(0.2, Stakes(margin=0.3, offer=0.1, contact=0.0))
    0.1
    """
    if stakes.margin <= stakes.offer:
        return None
    gain = (stakes.contact + base * stakes.offer) / (stakes.margin - stakes.offer)
    gain = round(gain, 12)
    return gain if base + gain < 1 else None


def customers_needed(base: float, gain: float, share: float) -> int:
    """Return how many customers, untouched ones included, tell a gain from chance.

    Parameters
    ----------
    base
        Share who buy without the offer.
    gain
        Difference of two shares to be detected.
    share
        Share left untouched, between 0 and 1.

    Returns
    -------
    int
        For a two-sided test at 5 % with a power of 80 %.

    Notes
    -----
    n = (z_(1 - a/2) sqrt(p q (1/h + 1/(1 - h))) + z_(1 - b) sqrt(p0 q0 / h + p1 q1 / (1 - h)))^2
    / d^2 with p0 = base, p1 = base + d, p = h p0 + (1 - h) p1, without a correction for
    continuity.

    References
    ----------
    Fleiss, Tytun & Ury 1980, Biometrics 36(2), 343-346.
    """
    return math.ceil(_needed(base, gain, share))


def detectable(customers: int, base: float, share: float) -> float | None:
    """Return the smallest gain that a number of customers tells from chance; None for no gain.

    Parameters
    ----------
    customers
        Customers on the list, untouched ones included.
    base, share
        As in :func:`customers_needed`, whose inverse this is.
    """
    most = 1 - base - 1e-9
    if customers < 2 or most <= 1e-6 or _needed(base, most, share) > customers:
        return None
    low = 1e-9
    return float(brentq(lambda gain: _needed(base, gain, share) - customers, low, most))


def holdout_share(customers: int, base: float, gain: float | None) -> float:
    """Return the share to leave untouched, in whole per cent.

    Parameters
    ----------
    customers
        Customers on the list.
    base
        Share who buy without the offer.
    gain
        The smallest gain that pays; None where there is none.

    Returns
    -------
    float
        The smallest share from 5 % to 50 % with which the gain is detected; 50 %, which detects
        most, where even that is not enough.
    """
    if gain is None or gain <= 0:
        return MOST_SHARE
    steps = round((MOST_SHARE - LEAST_SHARE) / _STEP)
    for step in range(steps + 1):
        share = round(LEAST_SHARE + step * _STEP, 2)
        if _needed(base, gain, share) <= customers:
            return share
    return MOST_SHARE


def _needed(base: float, gain: float, share: float) -> float:
    after = base + gain
    mean = share * base + (1 - share) * after
    chance = _Z[0] * math.sqrt(mean * (1 - mean) / (share * (1 - share)))
    own = math.sqrt(base * (1 - base) / share + max(after * (1 - after), 0.0) / (1 - share))
    return ((chance + _Z[1] * own) / gain) ** 2
