"""The gamma-gamma model of spend: what a customer spends on an order, given the orders seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.profile.clv.estimates import Estimates
from loyalty_research.profile.clv.rows import read_rows
from loyalty_research.stats import Estimate
from loyalty_research.stats.buy_till_you_die import expected_mean

_LEVEL = 0.95
_SLOPE = 0.05
_NONE = Estimate(None, None, None, 0)
COLUMNS = ("frequency", "mean_spend")


@dataclass(frozen=True, slots=True, eq=False)
class GammaGamma(Estimates):
    """A fitted gamma-gamma model of spend.

    Parameters
    ----------
    left_out
        Customers who bought again, but whose mean spend is not positive.
    frequency_slope
        By what share mean spend rises with each doubling of frequency; the model takes it to be 0.
    """

    left_out: int = 0
    frequency_slope: Estimate = field(default=_NONE)

    @property
    def spend_depends_on_frequency(self) -> bool:
        """Whether spend moves with frequency: by 5 % or more a doubling, and not by chance."""
        slope = self.frequency_slope
        if slope.value is None or slope.low is None or slope.high is None:
            return False
        return abs(slope.value) >= _SLOPE and (slope.low > 0 or slope.high < 0)

    @property
    def population_mean(self) -> float:
        """Mean spend of an order over all customers: p v / (q - 1); infinite where q <= 1."""
        p, q, v = self.values
        return float(p * v / (q - 1)) if q > 1 else math.inf

    def expected_spend(self, s: Any) -> pd.Series:
        """Return the mean spend expected of each customer.

        Parameters
        ----------
        s
            Rows with frequency and mean_spend: pandas, or Ibis. Who has no order with an amount
            gets the population mean.

        Returns
        -------
        pandas.Series
            ``expected_spend``; index as in ``s``, for an Ibis table its customer_id. Infinite
            where the model has no mean: q at most 1 and no order.

        Notes
        -----
        p (v + x m) / (px + q - 1): the own mean m drawn towards that of all (eq. 5 of Fader &
        Hardie 2013).
        """
        frame = read_rows(s, COLUMNS)
        mean = frame["mean_spend"].to_numpy(dtype=float)
        x = np.where(mean > 0, frame["frequency"].to_numpy(dtype=float), 0.0)
        found = expected_mean(self.values, x, np.maximum(mean, 0.0))
        return pd.Series(found, index=frame.index, name="expected_spend")


def slope_on_frequency(
    values: np.ndarray, x: np.ndarray, mean: np.ndarray, customers: np.ndarray
) -> Estimate:
    """Estimate by what share mean spend rises with each doubling of frequency.

    Parameters
    ----------
    values
        p, q and v of the fitted model.
    x, mean, customers
        Shape (n,): orders, their mean amount, customers alike.

    Returns
    -------
    Estimate
        Without a value where all customers bought equally often.

    Notes
    -----
    Least squares of the mean on log2 x, weighted by the variance the model gives a mean of x
    orders, with White's errors, relative to the mean at the average of log2 x.
    """
    p, q, v = values
    level = p * v / max(q - 1, 0.05)
    between = 1 / max(q - 2, 0.05)
    weight = customers / (level**2 * (between + (1 + between) / (p * x)))
    log_x = np.log2(x)
    total = weight.sum()
    away = log_x - float(weight @ log_x) / total
    base = round(float(customers.sum()))
    spread = float(weight @ away**2)
    if spread <= 1e-12 * total:
        return Estimate(None, None, None, base)
    centre = float(weight @ mean) / total
    slope = float((weight * away) @ mean) / spread
    residual = mean - centre - slope * away
    error = math.sqrt(float((weight**2 / customers * away**2) @ residual**2)) / spread
    margin = float(norm.ppf(0.5 + _LEVEL / 2)) * error
    value, low, high = (float(item / centre) for item in (slope, slope - margin, slope + margin))
    return Estimate(value, low, high, base)
