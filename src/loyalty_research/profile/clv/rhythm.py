"""Whether purchases are spread at random, as all the models take them to be."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.profile.clv.summary import purchase_days
from loyalty_research.profile.clv.windows import Windows
from loyalty_research.profile.common import valid_orders
from loyalty_research.stats import Estimate, ratio

_GAPS = 2


@reduction
def gap_squares(days: ir.Table, *, split: str, start: str | None = None) -> ir.Table:
    """Return one row a customer: number of gaps between purchase days, their sum and squares.

    Parameters
    ----------
    days
        One row a customer and purchase day.
    split, start
        Last and first day looked at; None for no first.

    Returns
    -------
    ibis.expr.types.Table
        customer_id, gaps, span (days from the first to the last purchase), squares (sum of the
        squared gaps).
    """
    rows = days.filter(days.day <= ibis.date(split))
    if start is not None:
        rows = rows.filter(rows.day >= ibis.date(start))
    before = rows.day.lag(1).over(ibis.window(group_by="customer_id", order_by="day"))
    rows = rows.select("customer_id", gap=rows.day.delta(before, unit="day"))
    rows = rows.filter(rows.gap.notnull())
    return rows.group_by("customer_id").aggregate(
        gaps=rows.count(), span=rows.gap.sum(), squares=(rows.gap * rows.gap).sum()
    )


def excess_of_squares(gaps: pd.DataFrame) -> Estimate:
    """Estimate how much larger squared gaps are than those of purchases spread at random.

    Parameters
    ----------
    gaps
        Rows of :func:`gap_squares`.

    Returns
    -------
    Estimate
        Relative to chance, with an interval over customers: below 0 for gaps that are more even
        than chance, above 0 for purchases that come in bursts. Without a value where nobody has
        two gaps.

    Notes
    -----
    Given a customer's first and last purchase and their number, a Poisson process puts the others
    anywhere in between alike, whatever the rate, and whether or not the customer has left since:
    NBD, BG/NBD, MBG/NBD and Pareto/NBD agree on it. On days, each choice of days is then as likely
    as any other, and k gaps over N days have the expected sum of squares
    2 (N - k)(N - k - 1) / (k + 1) + 3 (N - k) + k. Each customer weighs one.

    References
    ----------
    Greenwood 1946, Journal of the Royal Statistical Society 109(2), 85-110.
    """
    rows = gaps[(gaps["gaps"] >= _GAPS) & (gaps["span"] > gaps["gaps"])]
    k, span = (rows[name].to_numpy(dtype=float) for name in ("gaps", "span"))
    free = span - k
    expected = 2 * free * (free - 1) / (k + 1) + 3 * free + k
    # What is left of squares when all gaps are as even as can be does not tell chance from rhythm.
    least = span**2 / k
    return ratio((rows["squares"].to_numpy() - expected) / (expected - least), np.ones(len(rows)))


def measure_rhythm(orders: Any, windows: Windows) -> Estimate:
    """Estimate :func:`excess_of_squares` of the customers who bought in the calibration.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales.
    windows
        Of :func:`~loyalty_research.profile.clv.windows.split_weeks`.
    """
    table = purchase_days(valid_orders(orders, "customer_id"))
    start = None if windows.observed else windows.start.isoformat()
    gaps = collect(
        gap_squares(table, split=windows.split.isoformat(), start=start), sort_by=["customer_id"]
    )
    return excess_of_squares(gaps)
