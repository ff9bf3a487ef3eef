"""The frames of RFM, computed from the customers' metrics as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.engine import round_significant
from loyalty_research.stats import as_share, ratio, ratio_sums, scores_from_ranks, twice_mid_rank

METRICS = ("recency_days", "occasions", "net_sales")
CLASSES = ("111", "011", "101", "001", "110", "010", "100", "000")
"""Classes by high (1) or low (0) recency, frequency, money; important ones first."""
_CELLS = 16  # more than score levels: a cell of the grid as one number


@dataclass(frozen=True, slots=True)
class Customers:
    """Metrics of n customers, each array of shape (n,), in the order of their identifiers.

    Parameters
    ----------
    recency_days, age_days
        Days from the last and the first purchase to the last day of the window.
    occasions
        Days with a purchase.
    net_sales, orders
        Sales and number of orders, as floats.
    """

    recency_days: np.ndarray
    age_days: np.ndarray
    occasions: np.ndarray
    net_sales: np.ndarray
    orders: np.ndarray

    def __len__(self) -> int:
        return len(self.net_sales)


def customers_of(metrics: pd.DataFrame) -> Customers:
    """Return a collected frame of :func:`~loyalty_research.profile.rfm.rfm_metrics` as arrays."""
    return Customers(
        recency_days=metrics["recency_days"].to_numpy(),
        age_days=metrics["age_days"].to_numpy(),
        occasions=metrics["occasions"].to_numpy(),
        net_sales=metrics["net_sales"].to_numpy(dtype=float),
        orders=metrics["orders"].to_numpy(dtype=float),
    )


def measures_of(customers: Customers) -> dict[str, tuple[float, float]]:
    """Return (mean, median) of each metric; 0 where there is no customer."""
    if not len(customers):
        return dict.fromkeys(METRICS, (0.0, 0.0))
    found = {}
    for name in METRICS:
        values = getattr(customers, name).astype(float)
        mean, median = round_significant(np.array([values.mean(), np.median(values)]))
        found[name] = (float(mean), float(median))
    return found


def rfm_frames(
    customers: Customers,
    measures: Mapping[str, tuple[float, float]],
    *,
    bins: int,
    cuts: Mapping[str, float],
) -> dict[str, pd.DataFrame]:
    """Return the frames of the result: summary, grid, sensitivity and cuts.

    Parameters
    ----------
    customers
        Metrics of the customers.
    measures
        Mean and median of each metric.
    bins
        Number of score levels.
    cuts
        Where "high" begins, by metric.
    """
    high = {
        "recency_days": customers.recency_days <= cuts["recency_days"],
        "occasions": customers.occasions >= cuts["occasions"],
        "net_sales": customers.net_sales >= cuts["net_sales"],
    }
    ranks = [  # of r_score, f_score and m_score; higher is better
        twice_mid_rank(-customers.recency_days),
        twice_mid_rank(customers.occasions),
        twice_mid_rank(customers.net_sales),
    ]
    return {
        "summary": _summary(customers, high),
        "grid": _grid(customers, ranks, bins),
        "sensitivity": _sensitivity(customers, ranks, bins),
        "cuts": _cut_frame(high, measures, cuts),
    }


def _summary(customers: Customers, high: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Size and sales of each class that has customers, with intervals of the share of sales."""
    sales = customers.net_sales
    whole, squares = float(sales.sum()), float(sales @ sales)
    rows = []
    for code, inside in _members(high).items():
        mine, counts = sales[inside], customers.orders[inside]
        total, own = float(mine.sum()), float(mine @ mine)
        share = as_share(ratio_sums(len(sales), x=whole, y=total, xx=squares, yy=own, xy=own))
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
                "recency_days": float(np.median(customers.recency_days[inside])),
                "occasions": float(np.median(customers.occasions[inside])),
            }
        )
    columns = ["segment", "customers", "share_customers", "net_sales", "share_sales"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def _members(high: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the places of each class's customers, classes in the order of CLASSES."""
    recent, often, much = (high[name] for name in METRICS)
    place = 4 * recent.astype(np.int8) + 2 * often.astype(np.int8) + much
    order = np.argsort(place, kind="stable")
    counts = np.bincount(place, minlength=len(CLASSES))
    parts = np.split(order, np.cumsum(counts)[:-1])
    return {code: parts[int(code, 2)] for code in CLASSES if len(parts[int(code, 2)])}


def _grid(customers: Customers, ranks: list[np.ndarray], bins: int) -> pd.DataFrame:
    recent, often = (scores_from_ranks(rank, bins) for rank in ranks[:2])
    cells = recent * _CELLS + often
    count = np.bincount(cells)
    sales = np.bincount(cells, weights=customers.net_sales)
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


def _sensitivity(customers: Customers, ranks: list[np.ndarray], bins: int) -> pd.DataFrame:
    """Share of customers and sales with the top score in all three, by number of bins."""
    sales = customers.net_sales
    total = float(sales.sum()) or 1.0
    worst = np.minimum(np.minimum(ranks[0], ranks[1]), ranks[2])  # decides the lowest score
    rows = []
    for number in sorted({3, 4, 5, 6, 8, 10, bins}):
        top = scores_from_ranks(worst, number) == number
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
    high: Mapping[str, np.ndarray],
    measures: Mapping[str, tuple[float, float]],
    cuts: Mapping[str, float],
) -> pd.DataFrame:
    """Cut points used, beside mean and median, and the share at or above each."""
    rows = [
        {
            "metric": name,
            "unit": {"recency_days": "days", "occasions": "occasions"}.get(name, "money"),
            "cut": cuts[name],
            "median": measures[name][1],
            "mean": measures[name][0],
            "share_high": float(high[name].mean()) if len(high[name]) else 0.0,
        }
        for name in METRICS
    ]
    return pd.DataFrame(rows)
