"""What each customer did in the calibration, and in the holdout that forecasts are judged on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.profile.clv.summary import purchase_days, summarise_customers
from loyalty_research.profile.clv.windows import Windows
from loyalty_research.profile.common import valid_orders

_LEAST_WEEKS = 4.0
_DAY = dt.timedelta(days=1)


@reduction
def weekly_repeats(days: ir.Table, *, origin: str, seen_by: str) -> ir.Table:
    """Return purchase days a week of those first seen by a day, without the first one of each.

    Parameters
    ----------
    days
        One row a customer and purchase day.
    origin
        The day before the first week; purchases up to it are not counted.
    seen_by
        Last day on which a customer of the base was first seen.

    Returns
    -------
    ibis.expr.types.Table
        week (from 0), occasions.
    """
    whole = ibis.window(group_by="customer_id")
    rows = days.select("day", first=days.day.min().over(whole))
    zero = ibis.date(origin)
    kept = rows.filter(rows.first <= ibis.date(seen_by), rows.day > rows.first, rows.day > zero)
    weeks = kept.select(week=((kept.day.delta(zero, unit="day") - 1) / 7).floor().cast("int64"))
    return weeks.group_by("week").aggregate(occasions=weeks.count())


def count_windows(orders: Any, windows: Windows) -> pd.DataFrame:
    """Count what the customers of the base bought in the calibration and in the holdout.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales.
    windows
        Of :func:`~loyalty_research.profile.clv.windows.split_weeks`.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`~loyalty_research.profile.clv.summarise_customers` in weeks; with a holdout,
        holdout_orders and holdout_sales.

    Notes
    -----
    Where first purchases are observed, a customer's clock starts with the first purchase, and the
    base is everybody who had one by the split. Else it starts for all with the calibration, and
    the base is who was seen before: nobody of it is there because of what is then counted.
    """
    return summarise_customers(
        orders,
        calibration_end=windows.split,
        observation_end=windows.end if windows.holdout else None,
        start=None if windows.observed else windows.start,
        warm_up_start=windows.first,
        first_purchase_observed=windows.observed,
    )


def repeat_last(counts: pd.DataFrame, weeks: float) -> np.ndarray:
    """Forecast that each customer goes on at the pace of the calibration.

    Parameters
    ----------
    counts
        Of :func:`count_windows`.
    weeks
        Length of what is forecast.

    Returns
    -------
    numpy.ndarray
        Shape (n,): frequency / T x weeks, T at least four weeks.
    """
    followed = np.maximum(counts["T"].to_numpy(dtype=float), _LEAST_WEEKS)
    return counts["frequency"].to_numpy(dtype=float) / followed * weeks


def segment_mean(counts: pd.DataFrame, weeks: float) -> np.ndarray:
    """Forecast for each customer the mean of :func:`repeat_last` over an RFM class.

    Parameters
    ----------
    counts, weeks
        As in :func:`repeat_last`.

    Returns
    -------
    numpy.ndarray
        Shape (n,).

    Notes
    -----
    Eight classes: weeks since the last purchase, purchase days and net sales of the calibration,
    each at most or above its median.
    """
    marks = (
        counts["T"] - counts["recency"],
        counts["frequency"],
        counts["frequency"] * counts["mean_spend"],
    )
    above = [(values > values.median()).astype(int) for values in marks]
    rfm_class = above[0] * 4 + above[1] * 2 + above[2]
    own = pd.Series(repeat_last(counts, weeks), index=counts.index)
    return own.groupby(rfm_class).transform("mean").to_numpy(dtype=float)


def weekly_actual(orders: Any, windows: Windows) -> pd.DataFrame:
    """Return the purchase days of the base by week, from the calibration's first to the last.

    Parameters
    ----------
    orders, windows
        As in :func:`count_windows`.

    Returns
    -------
    pandas.DataFrame
        week (from 1), actual. Each customer's first purchase is left out where it starts the clock.
    """
    table = valid_orders(orders, "customer_id")
    table = table.filter(table.day <= ibis.literal(windows.end))
    if windows.first is not None:
        table = table.filter(table.day >= ibis.literal(windows.first))
    origin = windows.start - _DAY
    found = collect(
        weekly_repeats(
            purchase_days(table),
            origin=origin.isoformat(),
            seen_by=(windows.split if windows.observed else origin).isoformat(),
        ),
        sort_by=["week"],
    )
    weeks = windows.calibration + windows.holdout
    counts = found.set_index("week")["occasions"].reindex(range(weeks), fill_value=0)
    return pd.DataFrame({"week": np.arange(1, weeks + 1), "actual": counts.to_numpy(dtype=int)})


def weekly_expected(model: Any, clock_start: pd.Series, windows: Windows) -> np.ndarray:
    """Return the purchase days a fitted model expects of the base in each week.

    Parameters
    ----------
    model
        Of :func:`~loyalty_research.profile.clv.fit_nbd` or another; times in weeks.
    clock_start
        Of :func:`count_windows`.
    windows
        As in :func:`count_windows`.

    Returns
    -------
    numpy.ndarray
        Shape (weeks,): expected before anything but the clocks' start is known of a customer.
    """
    origin = pd.Timestamp(windows.start - _DAY)
    starts, customers = np.unique((clock_start - origin).dt.days.to_numpy(), return_counts=True)
    ends = np.arange(windows.calibration + windows.holdout + 1) * 7
    age = np.maximum(ends[:, None] - starts[None, :], 0)
    ages, place = np.unique(age, return_inverse=True)
    expected = np.asarray(model.expected_orders_new(ages / 7.0), dtype=float)
    return np.diff(expected[place.reshape(age.shape)] @ customers)
