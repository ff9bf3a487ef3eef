"""Who buys recently, often and much: scores, the grid, and the eight classes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.errors import ParameterError, problem, raise_all
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_date,
    as_days,
    customer_totals,
    drawable,
    stater,
    valid_orders,
    within,
)
from loyalty_research.profile.rfm_frames import (
    CLASSES,
    METRICS,
    customers_of,
    measures_of,
    rfm_frames,
)
from loyalty_research.profile.rfm_views import rfm_charts, rfm_tables
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "rfm"
Cut = Literal["median", "mean"]
__all__ = ["CLASSES", "rfm", "rfm_classes", "rfm_metrics", "rfm_scores"]


def rfm(
    orders: Any,
    *,
    as_of: Any,
    bins: int = 5,
    cuts: Cut | Mapping[str, float] = "median",
    start: Any = None,
) -> Result:
    """Score customers by recency, frequency and money, and put them into eight classes.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales. Ibis, pandas, polars or Arrow.
    as_of
        Last day of the window; recency counts from it.
    bins
        Number of score levels, 2 to 10.
    cuts
        Where "high" begins in the eight classes: ``median``, ``mean`` of the customers, or own
        values ``{"recency_days": 30, "occasions": 4, "net_sales": 500.0}``.
    start
        First day of the window; None takes all orders up to ``as_of``.

    Returns
    -------
    Result
        ``table``: one row a customer, lazy (customer_id, recency_days, occasions, net_sales,
        r_score, f_score, m_score, segment). Frames: ``summary`` (one row a class), ``grid``
        (r_score x f_score), ``sensitivity`` (bins), ``cuts``.

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where ``bins``, ``cuts`` or ``as_of`` is not allowed.

    Notes
    -----
    F counts occasions (customer x day), not orders. Score = 1 + floor(bins x mid-rank share), the
    mid-rank share being (customers worse + half of those equal) / all: tied customers score
    equally, so levels need not be of equal size. "High" means at or above the cut (recency: at or
    below). Intervals treat the customers as a sample and the cuts as given.

    References
    ----------
    Hughes 1994; Fader, Hardie & Lee 2005.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyalty_research import profile
    >>> days = pd.to_datetime(["2024-01-02", "2024-01-09", "2024-01-03"])
    >>> df = pd.DataFrame(
    ...     {"customer_id": [1, 1, 2], "net_sales": [5.0, 7.0, 3.0], "ordered_at": days}
    ... )
    >>> profile.rfm(df, as_of="2024-01-31", bins=2).summary()["segment"].tolist()
    ['111', '000']
    """
    _check(bins, cuts)
    table = valid_orders(orders, "customer_id")
    end = as_date(as_of)
    table = table.filter(table.day <= ibis.literal(end))
    if start is not None:
        table = within(table, as_days((start, end)))
    base = rfm_metrics(table, as_of=end.isoformat())
    customers = customers_of(collect(base, sort_by=["customer_id"]))
    oldest = dt.timedelta(days=int(customers.age_days.max(initial=0)))
    days = Days(end - oldest if start is None else as_date(start, name="start"), end)
    measures = measures_of(customers)
    chosen = _chosen_cuts(cuts, measures)
    frames = rfm_frames(customers, measures, bins=bins, cuts=chosen)
    state = stater(table, _SECTION, days)
    return Result(
        name="rfm",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=_findings(state, len(customers), frames),
        charts=drawable(rfm_charts(frames, len(customers), bins, days), state.context),
        tables=rfm_tables(len(customers), days),
        references=("hughes1994rfm", "fader2005rfm"),
        context=state.context,
        table=rfm_classes(rfm_scores(base, bins=bins), cuts=chosen).drop("orders"),
    )


@reduction
def rfm_metrics(orders: ir.Table, *, as_of: str) -> ir.Table:
    """Return one row a customer: recency_days, occasions, net_sales, orders, age_days."""
    totals = customer_totals(orders)
    return totals.select(
        "customer_id",
        recency_days=ibis.date(as_of).delta(totals.last_day, unit="day"),
        occasions=totals.occasions,
        net_sales=totals.net_sales,
        orders=totals.orders,
        age_days=ibis.date(as_of).delta(totals.first_day, unit="day"),
    )


@reduction
def rfm_scores(metrics: ir.Table, *, bins: int) -> ir.Table:
    """Add r_score, f_score and m_score from 1 to ``bins``; tied customers score equally."""
    number = ibis.window()
    scores = {}
    for name, column in (
        ("r_score", -metrics.recency_days),
        ("f_score", metrics.occasions),
        ("m_score", metrics.net_sales),
    ):
        below = ibis.rank().over(ibis.window(order_by=column))
        ties = column.count().over(ibis.window(group_by=column))
        # Twice the mid-rank, in integers: no engine rounds it differently.
        scores[name] = (((2 * below + ties) * bins) // (2 * metrics.count().over(number)) + 1).cast(
            "int64"
        )
    return metrics.mutate(**scores)


@reduction
def rfm_classes(scored: ir.Table, *, cuts: Mapping[str, float]) -> ir.Table:
    """Add ``segment``: 1 or 0 for high or low recency, frequency and money."""
    flags = (
        scored.recency_days <= cuts["recency_days"],
        scored.occasions >= cuts["occasions"],
        scored.net_sales.cast("float64") >= cuts["net_sales"],
    )
    texts = [flag.ifelse("1", "0") for flag in flags]
    return scored.mutate(segment=texts[0].concat(texts[1], texts[2])).drop("age_days")


def _check(bins: Any, cuts: Any) -> None:
    problems = []
    if isinstance(bins, bool) or not isinstance(bins, int) or not 2 <= bins <= 10:
        problems.append(problem("bins: found {found!r}; allowed: 2 to 10", found=bins))
    if isinstance(cuts, str):
        if cuts not in {"median", "mean"}:
            problems.append(
                problem("cuts: found {found!r}; allowed: median, mean or own values", found=cuts)
            )
    elif not isinstance(cuts, Mapping):
        problems.append(
            problem("cuts: found {found!r}; allowed: median, mean or own values", found=cuts)
        )
    elif set(cuts) != set(METRICS):
        problems.append(
            problem(
                "cuts: found {found}; own values need {needed}",
                found=", ".join(map(str, cuts)) or "nothing",
                needed=", ".join(METRICS),
            )
        )
    else:
        problems += [
            problem("cuts: {name}: found {found!r}; allowed: a number", name=name, found=value)
            for name, value in cuts.items()
            if isinstance(value, bool)
            or not isinstance(value, (int, float))
            or not math.isfinite(value)
        ]
    raise_all(problems, ParameterError)


def _chosen_cuts(
    cuts: Cut | Mapping[str, float], measures: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    if isinstance(cuts, str):
        return {name: measures[name][cuts == "median"] for name in METRICS}
    return {name: float(value) for name, value in cuts.items()}


def _findings(
    state: Stater, customers: int, frames: Mapping[str, pd.DataFrame]
) -> tuple[Finding, ...]:
    if not customers:
        return (state.withheld("rfm_best_share", "not_computable", definition="rfm8"),)
    classes = frames["summary"].set_index("segment").to_dict("index")
    found = []
    for template, code, task in (
        ("rfm_best_share", "111", "retain"),
        ("rfm_lapsing_value", "011", "win_back"),
        ("rfm_developing_value", "101", "activate"),
    ):
        if code not in classes:
            continue
        row = classes[code]
        share = Estimate(
            row["share_sales"], row["share_sales_low"], row["share_sales_high"], customers
        )
        found.append(
            state(
                template,
                share,
                unit="share",
                definition="rfm8",
                method="linearised_ratio",
                # The share is a statement about the class: its base is the customers in it.
                base=int(row["customers"]),
                subject=template,
                task=task,
                group=code,
                at_stake=float(row["net_sales"]),
                values={
                    "class": Value(code, "label:rfm8"),
                    "people": Value(int(row["customers"]), "customers"),
                    "share_customers": Value(float(row["share_customers"]), "share"),
                    "sales": Value(float(row["net_sales"]), "money"),
                    "order_value": Value(float(row["order_value"]), "money"),
                    "recency": Value(float(row["recency_days"]), "days"),
                },
            )
        )
    sensitivity = frames["sensitivity"]
    found.append(
        state(
            "rfm_bins",
            float(sensitivity["share_sales"].iloc[-1]),
            unit="share",
            definition="rfm",
            method="mid_rank",
            base=customers,
            subject="rfm_bins",
            values={
                "few": Value(int(sensitivity["bins"].iloc[0]), "count"),
                "many": Value(int(sensitivity["bins"].iloc[-1]), "count"),
                "share_few": Value(float(sensitivity["share_sales"].iloc[0]), "share"),
                "people_few": Value(float(sensitivity["share_customers"].iloc[0]), "share"),
                "people_many": Value(float(sensitivity["share_customers"].iloc[-1]), "share"),
            },
        )
    )
    return tuple(found)
