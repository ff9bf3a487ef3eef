"""Spend of users of several channels beside users of one who have as many orders."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.stats import Estimate
from loyalty_research.stats.intervals import LEVEL


def at_same_orders(customers: pd.DataFrame) -> Estimate:
    """Estimate spend through several channels against spend through one at as many orders.

    Parameters
    ----------
    customers
        One row a customer: channels (used), orders, net_sales.

    Returns
    -------
    Estimate
        0.1 = 10 % more; ``base`` counts the customers compared. Value None where no number of
        orders has customers of both kinds.

    Notes
    -----
    With n users of several channels and N of one at a number of orders, it weighs n N / (n + N),
    the inverse of the variance of a difference of two means; numbers of orders with fewer than
    three customers, or with one kind only, are left out. R = sum w y_several / sum w y_one, and
    var(R) = sum w^2 s^2 (1 / n + R^2 / N) / (sum w y_one)^2, s^2 pooled over both kinds.
    """
    several = customers["channels"] >= 2
    kind = several.map({False: "one", True: "several"}).rename("kind")
    rows = customers.groupby(["orders", kind])["net_sales"].agg(["size", "mean", "var"])
    sizes, means, spreads = (
        rows[name].unstack("kind").reindex(columns=["one", "several"])
        for name in ("size", "mean", "var")
    )
    alike = (sizes.notna().all(axis=1) & (sizes.sum(axis=1) >= 3)).to_numpy()
    if not alike.any():
        return Estimate(None, None, None, 0)
    return _compared(*(frame[alike].fillna(0.0).to_numpy() for frame in (sizes, means, spreads)))


def _compared(sizes: np.ndarray, means: np.ndarray, spreads: np.ndarray) -> Estimate:
    """Compare by number of orders (rows) users of one channel and of several (columns)."""
    count = sizes.sum(axis=1)
    pooled = (spreads * (sizes - 1)).sum(axis=1) / (count - 2)
    weight = sizes.prod(axis=1) / count
    one, several = (float(weight @ means[:, place]) for place in (0, 1))
    if one <= 0:
        return Estimate(None, None, None, 0)
    value = several / one
    parts = weight**2 * pooled * (1 / sizes[:, 1] + value**2 / sizes[:, 0])
    margin = float(norm.ppf(0.5 + LEVEL / 2)) * math.sqrt(parts.sum()) / one
    return Estimate(value - 1, value - 1 - margin, value - 1 + margin, int(count.sum()))
