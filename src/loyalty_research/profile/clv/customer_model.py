"""Fitted models of repeat purchase: what they expect of customers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import gamma

from loyalty_research.errors import (
    DataError,
    MissingTableError,
    ParameterError,
    Problem,
    problem,
)
from loyalty_research.profile.clv.estimates import Estimates
from loyalty_research.profile.clv.rows import TIMES, histories_of, read_rows
from loyalty_research.profile.clv.spend import GammaGamma
from loyalty_research.stats.buy_till_you_die import FAMILIES, Family, Histories

_STEP = 1e-4  # in a parameter's logarithm
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True, slots=True, eq=False)
class CustomerModel(Estimates):
    """A fitted model of repeat purchase; times are in the unit of the rows it was fitted to.

    Parameters
    ----------
    dropout_gain
        Log-likelihood above the same model without dropout; 0 for the NBD.
    dropout_identified
        Whether the data tell dropout from none: p_alive says something only then. False for the
        NBD, which knows no dropout.
    """

    dropout_gain: float = 0.0
    dropout_identified: bool = False

    @property
    def _family(self) -> Family:
        return FAMILIES[self.name]  # type: ignore[index]

    def p_alive(self, s: Any) -> pd.Series:
        """Return the chance that each customer has not left for good.

        Parameters
        ----------
        s
            Rows with frequency, recency and T: pandas, or Ibis.

        Returns
        -------
        pandas.Series
            ``p_alive``; index as in ``s``, for an Ibis table its customer_id.

        Notes
        -----
        1 for all in the NBD. Where ``dropout_identified`` is False, the numbers are a matter of
        form.
        """
        frame = read_rows(s, TIMES)
        alive = self._family.p_alive(self.values, histories_of(frame))
        return pd.Series(alive, index=frame.index, name="p_alive")

    def expected_orders(self, s: Any, *, periods: float) -> pd.Series:
        """Return the purchases expected of each customer in the time ahead.

        Parameters
        ----------
        s
            Rows with frequency, recency and T: pandas, or Ibis.
        periods
            Time ahead, in the unit of T.

        Returns
        -------
        pandas.Series
            ``expected_orders``; index as for :meth:`p_alive`.

        Notes
        -----
        E[Y(t) | x, t_x, T] = P(alive) E[Y(t) | alive]: eq. (10) of Fader, Hardie & Lee 2005 for
        BG/NBD; the conditional trend (r + x) t / (alpha + T) for the NBD.
        """
        frame = read_rows(s, TIMES)
        mean = _expected(self._family, self.values, histories_of(frame), _time(periods))
        return pd.Series(mean, index=frame.index, name="expected_orders")

    def expected_orders_new(self, periods: Any) -> Any:
        """Return the repeat purchases expected of a new customer in the time after the first.

        Parameters
        ----------
        periods
            Time since the first purchase, in the unit of T: a number, or an array of them.

        Returns
        -------
        float or numpy.ndarray
        """
        times = np.asarray(periods, dtype=float)
        if not (np.isfinite(times).all() and (times >= 0).all()):
            raise ParameterError(_no_time(periods))
        found = self._family.ahead_of_new(self.values, times.ravel()).reshape(times.shape)
        return float(found) if found.ndim == 0 else found

    def expected_total(
        self, s: Any, *, periods: float, groups: Any = None, level: float = 0.95
    ) -> pd.DataFrame:
        """Return the purchases that customers make together, with an interval for what will come.

        Parameters
        ----------
        s
            Rows with frequency, recency and T: pandas, or Ibis.
        periods
            Time ahead, in the unit of T.
        groups
            Name of a column of ``s``, or one label a row; None for one total.
        level
            Coverage aimed at.

        Returns
        -------
        pandas.DataFrame
            group, customers, expected, se_parameters, sd_customers, low, high.

        Notes
        -----
        The interval is of the number that will be seen: se_parameters is the error of the
        estimates (delta method), sd_customers the spread of what customers do when the parameters
        are known (their own rate, their leaving, and chance). Bounds are those of a gamma
        distribution with this mean and the variance of both. That the model may be wrong is not in
        it.
        """
        frame = read_rows(s, TIMES)
        names = _labels(frame, groups)
        codes, labels = pd.factorize(names, sort=True)
        histories, time = histories_of(frame), _time(periods)
        n = histories.customers

        def total(values: np.ndarray) -> np.ndarray:
            return np.bincount(codes, n * values, minlength=len(labels))

        shifts = np.eye(len(self.params)) * _STEP
        slopes = np.array([total(self._moved(histories, time, one)) for one in shifts])
        spread = np.einsum("kg,kl,lg->g", slopes, self.covariance, slopes)
        given = self._family, self.values, histories, time
        expected, chance = total(_expected(*given)), total(_variance(*given))
        low, high = _bounds(expected, spread + chance, level)
        return pd.DataFrame(
            {
                "group": labels,
                "customers": np.rint(total(np.ones(len(n)))).astype("int64"),
                "expected": expected,
                "se_parameters": np.sqrt(spread),
                "sd_customers": np.sqrt(chance),
                "low": low,
                "high": high,
            }
        )

    def discounted_value(
        self,
        s: Any,
        *,
        spend: GammaGamma,
        periods: float,
        discount_rate_per_period: float,
        margin: float,
    ) -> pd.Series:
        """Return the discounted margin expected of each customer over a stated time.

        Parameters
        ----------
        s
            Rows with frequency, recency, T and mean_spend: pandas, or Ibis.
        spend
            Of :func:`fit_gamma_gamma`.
        periods
            Time ahead, in the unit of T; what comes after it is left out.
        discount_rate_per_period
            Such as 0.001 a week; 0 for none.
        margin
            Share of sales that is left, above 0 and at most 1.

        Returns
        -------
        pandas.Series
            ``discounted_value``, in the money of mean_spend; index as for :meth:`p_alive`.

        Notes
        -----
        margin x E[spend] x integral over 0 to periods of (1 + d)^-t dE[Y(t)]: each purchase is
        discounted from its own day. Spend is taken as independent of frequency.
        """
        frame = read_rows(s, (*TIMES, "mean_spend"))
        time = _time(periods)
        problems = _wrong_rates(discount_rate_per_period, margin)
        if problems:
            raise ParameterError(*problems)
        amount = spend.expected_spend(frame).to_numpy(dtype=float)
        if not np.isfinite(amount).all():
            raise DataError(
                problem(
                    "discounted value: the spend model has no finite mean (q = {q:.3g}, at most "
                    "1); give a summary of customers who bought again only",
                    q=spend.params["q"],
                )
            )
        histories, rate = histories_of(frame), math.log1p(discount_rate_per_period)

        def orders(until: float) -> np.ndarray:
            return _expected(self._family, self.values, histories, until)

        # By parts: what is bought by the end, and what is gained by buying earlier.
        value = math.exp(-rate * time) * orders(time)
        for point, weight in zip((_POINTS + 1) / 2 * time, _WEIGHTS / 2 * time, strict=True):
            value = value + weight * rate * math.exp(-rate * point) * orders(float(point))
        return pd.Series(margin * amount * value, index=frame.index, name="discounted_value")

    def _moved(self, histories: Histories, time: float, shift: np.ndarray) -> np.ndarray:
        """Return how expected purchases change with the logarithms of the parameters."""
        up = _expected(self._family, self.values * np.exp(shift), histories, time)
        down = _expected(self._family, self.values * np.exp(-shift), histories, time)
        return (up - down) / (2 * shift.sum())


def _expected(family: Family, values: np.ndarray, histories: Histories, ahead: float) -> np.ndarray:
    """Return the mean (n,) of each customer's purchases, leaving included."""
    alive = family.p_alive(values, histories)
    return alive * family.future(values, histories.x, histories.age, ahead)


def _variance(family: Family, values: np.ndarray, histories: Histories, ahead: float) -> np.ndarray:
    """Return the variance (n,) of each customer's purchases, the parameters being known."""
    alive = family.p_alive(values, histories)
    rows = histories.x, histories.age
    mean = alive * family.future(values, *rows, ahead)
    return np.maximum(alive * family.future_pairs(values, *rows, ahead) + mean - mean**2, 0.0)


def _labels(frame: pd.DataFrame, groups: Any) -> np.ndarray:
    """Return the group of each row."""
    if groups is None:
        return np.full(len(frame), "all", dtype=object)
    if isinstance(groups, str):
        if groups not in frame.columns:
            raise MissingTableError(
                problem(
                    "{name}: missing column(s) {missing}; the table has {found}",
                    name="customer summary",
                    missing=groups,
                    found=", ".join(map(str, frame.columns)),
                )
            )
        return frame[groups].to_numpy()
    labels = np.asarray(groups)
    if labels.shape != (len(frame),):
        raise ParameterError(
            problem(
                "groups: found {found} label(s); needed: one for each of the {rows} rows",
                found=labels.size,
                rows=len(frame),
            )
        )
    return labels


def _bounds(mean: np.ndarray, variance: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the quantiles of gamma distributions with these means and variances."""
    sure = (variance <= 0) | (mean <= 0)
    spread = np.where(sure, 1.0, variance)
    middle = np.where(sure, 1.0, mean)
    low, high = (
        gamma.ppf(0.5 + side * level / 2, middle**2 / spread, scale=spread / middle)
        for side in (-1, 1)
    )
    return np.where(sure, mean, low), np.where(sure, mean, high)


def _time(periods: Any) -> float:
    """Return a time ahead as a number."""
    if isinstance(periods, bool) or not isinstance(periods, Real):
        raise ParameterError(_no_time(periods))
    time = float(periods)
    if not math.isfinite(time) or time < 0:
        raise ParameterError(_no_time(periods))
    return time


def _no_time(periods: Any) -> Problem:
    return problem("periods: found {found!r}; allowed: a number, 0 or more", found=periods)


def _wrong_rates(discount: float, margin: float) -> list[Problem]:
    found = []
    if not (math.isfinite(discount) and discount >= 0):
        found.append(
            problem(
                "discount_rate_per_period: found {found!r}; allowed: a number, 0 or more",
                found=discount,
            )
        )
    if not 0 < margin <= 1:
        found.append(
            problem("margin: found {found!r}; allowed: above 0 and at most 1", found=margin)
        )
    return found
