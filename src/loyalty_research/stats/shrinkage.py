"""Shrink the estimates of many units towards their mean, by how far they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from loyalty_research.stats.intervals import LEVEL


@dataclass(frozen=True, slots=True)
class Shrunk:
    """Shrunk estimates of k units.

    Parameters
    ----------
    mean, spread
        Mean of the units' true values, and their standard deviation; 0 where the data show no
        difference beyond chance.
    value, low, high
        Shape (k,): shrunk estimates and their intervals.
    """

    mean: float
    spread: float
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def shrink(estimate: np.ndarray, error: np.ndarray, *, level: float = LEVEL) -> Shrunk:
    """Shrink by the normal-normal model with the spread by moments.

    Parameters
    ----------
    estimate, error
        Shape (k,): estimates of the units and their standard errors, all positive.
    level
        Coverage aimed at.

    Returns
    -------
    Shrunk

    Raises
    ------
    ValueError
        Where an error is not positive.

    Notes
    -----
    tau^2 = max(0, (Q - (k - 1)) / (sum w - sum w^2 / sum w)), w = 1 / error^2 (DerSimonian &
    Laird); value_i = b_i estimate_i + (1 - b_i) mean, b_i = tau^2 / (tau^2 + error_i^2). The
    interval adds the uncertainty of the mean.

    References
    ----------
    DerSimonian & Laird 1986, Controlled Clinical Trials 7(3), 177-188; Morris 1983, JASA 78(381).
    """
    y = np.asarray(estimate, dtype=float)
    s = np.asarray(error, dtype=float)
    if not len(y):
        empty = np.array([])
        return Shrunk(float("nan"), 0.0, empty, empty, empty)
    if np.any(s <= 0):
        msg = "standard errors must be positive"
        raise ValueError(msg)
    w = s**-2
    fixed = float(w @ y / w.sum())
    q = float(w @ (y - fixed) ** 2)
    scale = float(w.sum() - (w @ w) / w.sum())
    tau2 = max(0.0, (q - (len(y) - 1)) / scale) if scale > 0 else 0.0
    weight = 1 / (tau2 + s**2)
    mean = float(weight @ y / weight.sum())
    b = tau2 / (tau2 + s**2)
    value = b * y + (1 - b) * mean
    variance = b * s**2 + (1 - b) ** 2 / weight.sum()
    margin = norm.ppf(0.5 + level / 2) * np.sqrt(variance)
    return Shrunk(mean, float(np.sqrt(tau2)), value, value - margin, value + margin)
