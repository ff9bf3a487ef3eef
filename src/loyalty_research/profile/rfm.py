"""Who buys recently, often and much: scores, the grid, and the eight classes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction, round_significant
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
from loyalty_research.profile.rfm_views import rfm_charts, rfm_tables
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, ratio, ratio_sums, scores_from_ranks, twice_mid_rank

_SECTION = "rfm"
_SCORES = ("r_score", "f_score", "m_score")
_METRICS = ("recency_days", "occasions", "net_sales")
CLASSES = ("111", "011", "101", "001", "110", "010", "100", "000")
"""Classes by high (1) or low (0) recency, frequency, money; important ones first."""
_CELLS = 16  # more than score levels: a cell of the grid as one number
Cut = Literal["median", "mean"]


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
    metrics = collect(base, sort_by=["customer_id"])
    first = as_date(start, name="start") if start is not None else _first_day(metrics, end)
    days = Days(first, end)
    measures = _measures(metrics)
    chosen = _chosen_cuts(cuts, measures)
    ranks = _ranks(metrics)
    customers = _scored(metrics, ranks, bins, chosen)
    state = stater(table, _SECTION, days)
    summary = _summary(customers)
    frames = {
        "summary": summary,
        "grid": _grid(customers),
        "sensitivity": _sensitivity(customers, ranks, bins),
        "cuts": _cut_frame(customers, measures, chosen),
    }
    return Result(
        name="rfm",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=_findings(state, customers, frames),
        charts=drawable(rfm_charts(frames, len(customers), bins, days), state.context),
        tables=rfm_tables(len(customers), days),
        references=("hughes1994rfm", "fader2005rfm"),
        context=state.context,
        table=rfm_classes(rfm_scores(base, bins=bins), cuts=chosen).drop("orders"),
    )


@reduction
def rfm_metrics(orders: ir.Table, *, as_of: str) -> ir.Table:
    """Return one row a customer: recency_days, occasions, net_sales, orders, first_day."""
    totals = customer_totals(orders)
    return totals.select(
        "customer_id",
        recency_days=ibis.date(as_of).delta(totals.last_day, unit="day"),
        occasions=totals.occasions,
        net_sales=totals.net_sales,
        orders=totals.orders,
        first_day=totals.first_day,
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
    return scored.mutate(segment=texts[0].concat(texts[1], texts[2])).drop("first_day")


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
    elif set(cuts) != set(_METRICS):
        problems.append(
            problem(
                "cuts: found {found}; own values need {needed}",
                found=", ".join(map(str, cuts)) or "nothing",
                needed=", ".join(_METRICS),
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


def _first_day(metrics: pd.DataFrame, end: dt.date) -> dt.date:
    return end if metrics.empty else as_date(metrics["first_day"].min())


def _measures(metrics: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return (mean, median) of each metric; 0 where there is no customer."""
    if metrics.empty:
        return dict.fromkeys(_METRICS, (0.0, 0.0))
    found = {}
    for name in _METRICS:
        values = metrics[name].to_numpy(dtype=float)
        mean, median = round_significant(np.array([values.mean(), np.median(values)]))
        found[name] = (float(mean), float(median))
    return found


def _chosen_cuts(
    cuts: Cut | Mapping[str, float], measures: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    if isinstance(cuts, str):
        return {name: measures[name][cuts == "median"] for name in _METRICS}
    return {name: float(value) for name, value in cuts.items()}


def _ranks(metrics: pd.DataFrame) -> list[np.ndarray]:
    """Return the ranks behind r_score, f_score and m_score; higher is better."""
    return [
        twice_mid_rank(-metrics["recency_days"].to_numpy()),
        twice_mid_rank(metrics["occasions"].to_numpy()),
        twice_mid_rank(metrics["net_sales"].to_numpy()),
    ]


def _scored(
    metrics: pd.DataFrame, ranks: list[np.ndarray], bins: int, cuts: Mapping[str, float]
) -> pd.DataFrame:
    """Add scores and class: what the lazy table holds, from one trip to the engine."""
    scores = {
        name: scores_from_ranks(rank, bins) for name, rank in zip(_SCORES, ranks, strict=True)
    }
    recent = metrics["recency_days"].to_numpy() <= cuts["recency_days"]
    often = metrics["occasions"].to_numpy() >= cuts["occasions"]
    much = metrics["net_sales"].to_numpy() >= cuts["net_sales"]
    place = 4 * recent.astype(np.int8) + 2 * often + much
    codes = [f"{code:03b}" for code in range(len(CLASSES))]
    segment = pd.Categorical.from_codes(place, codes)  # type: ignore[call-overload]
    return metrics.assign(**scores, segment=segment)


def _summary(customers: pd.DataFrame) -> pd.DataFrame:
    """Size and sales of each class that has customers, with intervals of the share of sales."""
    sales = customers["net_sales"].to_numpy(dtype=float)
    orders = customers["orders"].to_numpy(dtype=float)
    whole, squares = float(sales.sum()), float(sales @ sales)
    rows = []
    for code, inside in _members(customers["segment"]).items():
        mine, counts = sales[inside], orders[inside]
        total, own = float(mine.sum()), float(mine @ mine)
        share = ratio_sums(len(sales), x=whole, y=total, xx=squares, yy=own, xy=own)
        value = ratio(mine, counts)
        rows.append(
            {
                "segment": code,
                "customers": len(inside),
                "share_customers": len(inside) / len(sales),
                "net_sales": total,
                "share_sales": share.value,
                "share_sales_low": share.low,
                "share_sales_high": share.high,
                "order_value": value.value,
                "order_value_low": value.low,
                "order_value_high": value.high,
                "recency_days": float(np.median(customers["recency_days"].to_numpy()[inside])),
                "occasions": float(np.median(customers["occasions"].to_numpy()[inside])),
            }
        )
    columns = ["segment", "customers", "share_customers", "net_sales", "share_sales"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def _members(segment: pd.Series) -> dict[str, np.ndarray]:
    """Return the places of each class's customers, classes in the order of CLASSES."""
    order = np.argsort(segment.cat.codes.to_numpy(), kind="stable")
    counts = np.bincount(segment.cat.codes.to_numpy(), minlength=len(CLASSES))
    parts = np.split(order, np.cumsum(counts)[:-1])
    found = dict(zip(segment.cat.categories, parts, strict=True))
    return {code: found[code] for code in CLASSES if len(found[code])}


def _grid(customers: pd.DataFrame) -> pd.DataFrame:
    recent, often = (customers[name].to_numpy() for name in ("r_score", "f_score"))
    cells = recent * _CELLS + often
    count = np.bincount(cells)
    sales = np.bincount(cells, weights=customers["net_sales"].to_numpy(dtype=float))
    filled = np.flatnonzero(count)
    return pd.DataFrame(
        {
            "r_score": filled // _CELLS,
            "f_score": filled % _CELLS,
            "customers": count[filled],
            "net_sales": sales[filled],
            "share_customers": count[filled] / max(len(customers), 1),
            "sales_per_customer": sales[filled] / count[filled],
        }
    )


def _sensitivity(customers: pd.DataFrame, ranks: list[np.ndarray], bins: int) -> pd.DataFrame:
    """Share of customers and sales with the top score in all three, by number of bins."""
    sales = customers["net_sales"].to_numpy(dtype=float)
    total = float(sales.sum()) or 1.0
    rows = []
    for number in sorted({3, 4, 5, 6, 8, 10, bins}):
        top = np.logical_and.reduce([scores_from_ranks(rank, number) == number for rank in ranks])
        rows.append(
            {
                "bins": number,
                "customers": int(top.sum()),
                "share_customers": float(top.mean()) if len(top) else 0.0,
                "share_sales": float(sales[top].sum()) / total,
            }
        )
    return pd.DataFrame(rows)


def _cut_frame(
    customers: pd.DataFrame,
    measures: Mapping[str, tuple[float, float]],
    chosen: Mapping[str, float],
) -> pd.DataFrame:
    """Cut points used, beside mean and median, and the share at or above each."""
    rows = []
    for name in _METRICS:
        values = customers[name].to_numpy(dtype=float)
        high = values <= chosen[name] if name == "recency_days" else values >= chosen[name]
        rows.append(
            {
                "metric": name,
                "unit": {"recency_days": "days", "occasions": "occasions"}.get(name, "money"),
                "cut": chosen[name],
                "median": measures[name][1],
                "mean": measures[name][0],
                "share_high": float(high.mean()) if len(values) else 0.0,
            }
        )
    return pd.DataFrame(rows)


def _findings(
    state: Stater, customers: pd.DataFrame, frames: Mapping[str, pd.DataFrame]
) -> tuple[Finding, ...]:
    if customers.empty:
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
            row["share_sales"], row["share_sales_low"], row["share_sales_high"], len(customers)
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
    if len(customers):
        found.append(
            state(
                "rfm_bins",
                float(sensitivity["share_sales"].iloc[-1]),
                unit="share",
                definition="rfm",
                method="mid_rank",
                base=len(customers),
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
