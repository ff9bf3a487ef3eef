"""Time until the next purchase: gaps of which a customer has many, and events that come once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from loyalty_research.stats.intervals import LEVEL, Estimate, proportion


@dataclass(frozen=True, slots=True)
class GapSurvival:
    """Share of customers who have not come back, by days since a purchase.

    Parameters
    ----------
    days
        Shape (m,): 0, 1, 2, ...
    survival, low, high
        Shape (m,): estimate and pointwise interval.
    quantiles
        Days by which a share of customers is back, by that share.
    base
        Number of customers.
    """

    days: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    quantiles: dict[float, Estimate]
    base: int

    def returned_by(self, day: int, *, level: float = LEVEL) -> Estimate:
        """Return the share back within ``day`` days of a purchase.

        Parameters
        ----------
        day
            Days since the purchase, from 0.
        level
            Coverage of the bounds.

        Returns
        -------
        Estimate
            ``value`` None where nobody was followed for so long and not everybody is back.
        """
        at = min(day, len(self.days) - 1)
        if day > at and self.survival[at] > 1e-12:
            return Estimate(None, None, None, self.base, level)
        return Estimate(
            float(1 - self.survival[at]),
            float(1 - self.high[at]),
            float(1 - self.low[at]),
            self.base,
            level,
        )


def gap_survival(
    day: np.ndarray,
    group: np.ndarray,
    returned: np.ndarray,
    silent: np.ndarray,
    *,
    base: int,
    quantiles: tuple[float, ...] = (0.25, 0.5, 0.75, 0.95),
    level: float = LEVEL,
) -> GapSurvival:
    """Estimate the survival of recurrent gaps by Wang and Chang's weighted product limit.

    Each customer's completed gaps share a weight of one; a customer without a completed gap enters
    once, censored. Pooling gaps unweighted would let the most frequent buyers speak for everybody,
    and the mean of completed gaps alone ignores who has not come back yet.

    Parameters
    ----------
    day
        Shape (k,): length of the gap in whole days, at least 1.
    group
        Shape (k,): group of customers, for the interval.
    returned
        Shape (k,): weight of gaps that ended with a purchase.
    silent
        Shape (k,): weight of gaps still open.
    base
        Number of customers.
    quantiles
        Shares back for which the day is wanted.
    level
        Coverage aimed at.

    Returns
    -------
    GapSurvival

    Notes
    -----
    S(t) = prod_{s <= t} (1 - d(s) / r(s)), d and r weighted. Variance: jackknife over groups of
    customers. Bounds of a quantile: days where the pointwise bounds cross it (Brookmeyer &
    Crowley).

    References
    ----------
    Wang & Chang 1999, JASA 94(445), 146-153.
    """
    if len(day) == 0:
        empty = np.array([0.0])
        nothing = Estimate(None, None, None, base, level)
        return GapSurvival(empty, empty + 1, empty, empty + 1, dict.fromkeys(quantiles, nothing), 0)
    length = int(day.max()) + 1
    codes, places = np.unique(group, return_inverse=True)
    events = np.zeros((len(codes), length))
    exits = np.zeros((len(codes), length))
    np.add.at(events, (places, day.astype(int)), returned)
    np.add.at(exits, (places, day.astype(int)), returned + silent)
    all_events, all_exits = events.sum(axis=0), exits.sum(axis=0)
    survival = _product_limit(all_events, all_exits)
    leave_one = _product_limit(all_events - events, all_exits - exits)
    groups = len(codes)
    if groups > 1:
        spread = ((leave_one - leave_one.mean(axis=0)) ** 2).sum(axis=0)
        error = np.sqrt((groups - 1) / groups * spread)
        margin = float(norm.ppf(0.5 + level / 2)) * error
        low, high = np.clip(survival - margin, 0, 1), np.clip(survival + margin, 0, 1)
    else:
        low, high = np.full(length, np.nan), np.full(length, np.nan)
    found = {
        share: Estimate(
            _crossing(survival, 1 - share),
            _crossing(low, 1 - share),
            _crossing(high, 1 - share),
            base,
            level,
        )
        for share in quantiles
    }
    return GapSurvival(np.arange(length, dtype=float), survival, low, high, found, base)


def _product_limit(events: np.ndarray, exits: np.ndarray) -> np.ndarray:
    at_risk = np.flip(np.cumsum(np.flip(exits, axis=-1), axis=-1), axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        hazard = np.where(at_risk > 1e-12, events / at_risk, 0.0)
    return np.cumprod(1 - np.clip(hazard, 0, 1), axis=-1)


def _crossing(survival: np.ndarray, level: float) -> float | None:
    below = np.flatnonzero(survival <= level + 1e-12)
    return float(below[0]) if len(below) else None


@dataclass(frozen=True, slots=True)
class ProductLimit:
    """Share of units without an event, by days followed.

    Parameters
    ----------
    days
        Shape (m,): 0, 1, 2, ...
    survival
        Shape (m,): estimate.
    greenwood
        Shape (m,): variance of its logarithm (Greenwood's sum).
    at_risk
        Shape (m,): units still followed, without an event before the day.
    ended
        Number of units with the event.
    base
        Number of units.
    """

    days: np.ndarray
    survival: np.ndarray
    greenwood: np.ndarray
    at_risk: np.ndarray
    ended: int
    base: int

    def reached_by(self, day: int, *, level: float = LEVEL) -> Estimate:
        """Return the share with an event within ``day`` days.

        Parameters
        ----------
        day
            Days followed, from 0.
        level
            Coverage aimed at.

        Returns
        -------
        Estimate
            ``value`` None where nobody was followed for so long and not everybody has had it.

        Notes
        -----
        Bounds on the scale of log(-log S) with Greenwood's variance, which keeps them within 0 and
        1. Where nobody or everybody has had an event that variance says nothing: Wilson's bounds,
        on the units still followed then, or on those who have had it.
        """
        at = self._place(day)
        if at is None:
            return Estimate(None, None, None, self.base, level)
        survival = float(self.survival[at])
        if survival <= 0:
            return replace(proportion(self.ended, self.ended, level=level), base=self.base)
        if survival >= 1:
            nobody = proportion(0, round(float(self.at_risk[at])), level=level)
            return replace(nobody, base=self.base)
        z = float(norm.ppf(0.5 + level / 2))
        width = z * float(np.sqrt(self.greenwood[at])) / abs(np.log(survival))
        low, high = survival ** np.exp(-width), survival ** np.exp(width)
        return Estimate(1 - survival, 1 - float(low), 1 - float(high), self.base, level)

    def error_at(self, day: int) -> float | None:
        """Return the standard error of the share within ``day`` days.

        None where nobody was followed for so long, or everybody has had the event.
        """
        at = self._place(day)
        if at is None or self.survival[at] <= 0:
            return None
        return float(self.survival[at] * np.sqrt(self.greenwood[at]))

    def _place(self, day: int) -> int | None:
        """Return the place of ``day`` on the curve; None beyond what was followed."""
        last = len(self.days) - 1
        if day <= last:
            return day
        return last if last >= 0 and self.survival[last] <= 0 else None


def product_limit(day: np.ndarray, ended: np.ndarray, followed: np.ndarray) -> ProductLimit:
    """Estimate the share without an event by Kaplan and Meier, units that are still open censored.

    Parameters
    ----------
    day
        Shape (k,): days to the event, or to the end of observation.
    ended
        Shape (k,): number of units with the event on that day.
    followed
        Shape (k,): number of units whose observation ends on that day without one; they count as
        followed on the day itself.

    Returns
    -------
    ProductLimit

    Notes
    -----
    S(t) = prod_{s <= t} (1 - d(s) / r(s)); Greenwood's sum is sum_{s <= t} d / (r (r - d)).

    References
    ----------
    Kaplan & Meier 1958; Kalbfleisch & Prentice 2002, section 1.4 (bounds).

    Examples
    --------
    >>> found = product_limit([1, 2, 3], [1, 1, 0], [0, 0, 2])
    >>> found.reached_by(2).value
    0.5
    """
    day = np.asarray(day, dtype=int)
    if len(day) == 0:
        none = np.array([], dtype=float)
        return ProductLimit(none, none, none, none, 0, 0)
    ended, followed = np.asarray(ended, dtype=float), np.asarray(followed, dtype=float)
    length = int(day.max()) + 1
    events = np.bincount(day, weights=ended, minlength=length)
    exits = np.bincount(day, weights=ended + followed, minlength=length)
    at_risk = np.flip(np.cumsum(np.flip(exits)))
    survival = _product_limit(events, exits)
    with np.errstate(invalid="ignore", divide="ignore"):
        terms = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
    return ProductLimit(
        days=np.arange(length, dtype=float),
        survival=survival,
        greenwood=np.cumsum(terms),
        at_risk=at_risk,
        ended=round(float(events.sum())),
        base=round(float(exits.sum())),
    )
