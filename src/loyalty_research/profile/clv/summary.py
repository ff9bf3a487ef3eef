"""One row a customer, as the models of repeat purchase read it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any, Literal, get_args

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect, context_of, reduction
from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.profile.common import as_date, identified, valid_orders

Unit = Literal["day", "week", "month"]
Cohort = Literal["acquired", "established"]
DAYS: dict[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
"""Days in a unit of time."""


def summarise_customers(
    orders: Any,
    *,
    calibration_end: Any,
    observation_end: Any = None,
    unit: Unit = "week",
    start: Any = None,
    warm_up_start: Any = None,
    cohort: Cohort | None = None,
    first_purchase_observed: bool | None = None,
) -> pd.DataFrame:
    """Summarise purchases up to a day, and those after it, one row a customer.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales. Ibis, pandas, polars or Arrow.
    calibration_end
        Last day of what the models see.
    observation_end
        Last day of the holdout; None for none.
    unit
        Of recency and T: ``day``, ``week`` (7 days) or ``month`` (30.44 days).
    start
        First day on which purchases count. What lies before it is warm-up. None for no warm-up.
    warm_up_start
        First day of the warm-up; None for the first order there is.
    cohort
        ``acquired``: customers whose first purchase falls between ``start`` and
        ``calibration_end``; their clock begins with it, and it is not counted itself.
        ``established``: customers who bought in the warm-up; their clock begins with ``start``,
        and every purchase from then on counts. None takes ``acquired`` where first purchases are
        observed, else ``established``.
    first_purchase_observed
        Whether a customer's first order in the data is the first ever; None asks the brand.

    Returns
    -------
    pandas.DataFrame
        One row a customer, in order of customer_id: customer_id, clock_start (the day that T
        counts from), frequency (purchase days since), recency (from the clock's start to the last
        of them; 0 without one), T (to ``calibration_end``), mean_spend (net sales on a purchase day
        counted in frequency; 0 without one), and with a holdout holdout_orders (purchase days after
        ``calibration_end``) and holdout_sales.

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where days are out of order or a name is unknown, or where first purchases are not observed
        and no ``start`` is given: who is met in the middle of a history is no new customer.

    Notes
    -----
    Several orders of a day are one purchase: frequency counts days, as the CDNOW papers do.
    ``established`` needs no first purchase: purchases at a constant rate have no memory, and who
    belongs is not decided by the purchases that are then counted.

    References
    ----------
    Fader, Hardie & Lee 2005, Marketing Science 24(2), 275-284.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyalty_research import profile
    >>> days = pd.to_datetime(["2024-01-01", "2024-01-15", "2024-01-29"])
    >>> df = pd.DataFrame({"customer_id": 1, "net_sales": [5.0, 7.0, 3.0], "ordered_at": days})
    >>> s = profile.clv.summarise_customers(
    ...     df, calibration_end="2024-01-22", first_purchase_observed=True
    ... )
    >>> s[["frequency", "recency", "T"]].values.tolist()
    [[1.0, 2.0, 3.0]]
    """
    table = valid_orders(orders, "customer_id")
    observed = (
        context_of(table).first_purchase_observed
        if first_purchase_observed is None
        else first_purchase_observed
    )
    kind = cohort or ("acquired" if observed else "established")
    days = _days(calibration_end, observation_end, start, warm_up_start)
    raise_all(_wrong(days, unit, kind, observed=observed), ParameterError)
    if "warm_up_start" in days:
        table = table.filter(table.day >= ibis.literal(days["warm_up_start"]))
    texts = {name: day.isoformat() for name, day in days.items() if name != "warm_up_start"}
    counted = customer_histories(purchase_days(table), cohort=kind, **texts)
    return _in_unit(collect(counted, sort_by=["customer_id"]), DAYS[unit])


@reduction
def purchase_days(orders: ir.Table) -> ir.Table:
    """Return one row an identified customer and day: customer_id, day, net_sales."""
    known = identified(orders)
    return known.group_by("customer_id", "day").aggregate(net_sales=known.net_sales.sum())


@reduction
def customer_histories(
    days: ir.Table,
    *,
    calibration_end: str,
    cohort: Cohort,
    observation_end: str | None = None,
    start: str | None = None,
) -> ir.Table:
    """Return one row a customer of the cohort, times in days.

    Columns: customer_id, clock_start, frequency, recency_days, age_days, sales and, with a holdout,
    holdout_orders, holdout_sales.
    """
    end = ibis.date(calibration_end)
    whole = ibis.window(group_by="customer_id")
    rows = days.mutate(first_day=days.day.min().over(whole))
    if start is None:
        rows = rows.filter(rows.first_day <= end).mutate(clock_start=rows.first_day)
    elif cohort == "acquired":
        inside = (rows.first_day >= ibis.date(start)) & (rows.first_day <= end)
        rows = rows.filter(inside).mutate(clock_start=rows.first_day)
    else:
        before = dt.date.fromisoformat(start) - dt.timedelta(days=1)
        rows = rows.filter(rows.first_day < ibis.date(start))
        rows = rows.mutate(clock_start=ibis.date(before.isoformat()))
    counted = (rows.day > rows.clock_start) & (rows.day <= end)
    columns = {
        "clock_start": rows.clock_start.min(),
        "frequency": rows.count(where=counted),
        "last_day": rows.day.max(where=counted),
        "sales": rows.net_sales.sum(where=counted),
    }
    if observation_end is not None:
        ahead = (rows.day > end) & (rows.day <= ibis.date(observation_end))
        columns["holdout_orders"] = rows.count(where=ahead)
        columns["holdout_sales"] = rows.net_sales.sum(where=ahead)
    found = rows.group_by("customer_id").aggregate(**columns)
    found = found.mutate(
        recency_days=found.last_day.delta(found.clock_start, unit="day").fill_null(0),
        age_days=end.delta(found.clock_start, unit="day"),
    )
    return found.drop("last_day")


def _in_unit(rows: pd.DataFrame, days: float) -> pd.DataFrame:
    frequency = rows["frequency"].astype("int64")
    columns = {
        "customer_id": rows["customer_id"],
        "clock_start": pd.to_datetime(rows["clock_start"]),
        "frequency": frequency,
        "recency": rows["recency_days"] / days,
        "T": rows["age_days"] / days,
        "mean_spend": rows["sales"].fillna(0.0).astype(float) / frequency.clip(lower=1),
    }
    if "holdout_orders" in rows:
        columns["holdout_orders"] = rows["holdout_orders"].astype("int64")
        columns["holdout_sales"] = rows["holdout_sales"].fillna(0.0).astype(float)
    return pd.DataFrame(columns)


def _days(
    calibration_end: Any, observation_end: Any, start: Any, warm_up_start: Any
) -> dict[str, dt.date]:
    """Return the days that are given, by name, in the order they must have."""
    given = {
        "warm_up_start": warm_up_start,
        "start": start,
        "calibration_end": calibration_end,
        "observation_end": observation_end,
    }
    return {
        name: as_date(value, name=name)
        for name, value in given.items()
        if value is not None or name == "calibration_end"
    }


def _wrong(days: dict[str, dt.date], unit: str, cohort: str, *, observed: bool) -> list[Problem]:
    found = []
    names = list(days)
    for before, after in pairwise(names):
        if days[before] >= days[after]:
            found.append(
                problem(
                    "{after}: found {late}; it must come after {before} ({early})",
                    after=after,
                    late=days[after],
                    before=before,
                    early=days[before],
                )
            )
    for name, value, allowed in (("unit", unit, tuple(DAYS)), ("cohort", cohort, get_args(Cohort))):
        if value not in allowed:
            found.append(
                problem(
                    "{name}: found {found!r}; allowed: {allowed}",
                    name=name,
                    found=value,
                    allowed=", ".join(allowed),
                )
            )
    if "start" not in days and (not observed or cohort == "established"):
        found.append(
            problem(
                "customer summary: first purchases are not observed here, or the cohort is of "
                "established customers; give start=, the first day after a warm-up in which they "
                "are met, or first_purchase_observed=True where the first order is the first ever"
            )
        )
    return found
