"""Concentration of sales over customers and over lengths of the period."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile

CLOSE = 1e-9


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(120, seed=6)


def spent(orders: pd.DataFrame, start: str) -> np.ndarray:
    rows = orders[orders["customer_id"].notna() & (orders["ordered_at"] >= start)]
    return np.sort(rows.groupby("customer_id")["net_sales"].sum().to_numpy())[::-1]


def gini(sales: np.ndarray) -> float:
    return np.abs(sales[:, None] - sales).sum() / (2 * len(sales) * sales.sum())


def test_measures_and_curve(orders) -> None:
    result = profile.concentration(orders, period=PERIOD, replicates=100)
    sales = spent(orders, PERIOD[0])
    found = result.summary().set_index("measure")
    assert len(sales) == 120  # so that every share is a whole number of customers
    for name, count in (("top10", 12), ("top20", 24), ("top50", 60)):
        assert found.loc[name, "value"] == pytest.approx(sales[:count].sum() / sales.sum())
    assert found.loc["gini", "value"] == pytest.approx(gini(sales))
    assert ((found["low"] <= found["value"]) & (found["value"] <= found["high"])).all()
    curve = result.frames["lorenz"].set_index("share_customers")["share_sales"]
    assert curve[0.2] == pytest.approx(found.loc["top20", "value"])
    stated = {item.id: item for item in result.findings}["concentration_top20"]
    assert stated.at_stake == pytest.approx(sales[:24].sum())
    assert (stated.low, stated.high) == tuple(found.loc["top20", ["low", "high"]])


def test_lengths(orders) -> None:
    lengths = profile.concentration(orders, period=PERIOD, replicates=20).frames["lengths"]
    assert lengths["months"].tolist() == [1, 3, 6, 12]
    starts = ["2024-12-01", "2024-10-01", "2024-07-01", "2024-01-01"]
    for row, start in zip(lengths.itertuples(), starts, strict=True):
        sales = spent(orders, start)
        assert row.customers == len(sales)
        assert row.gini == pytest.approx(gini(sales))


@pytest.mark.parametrize(
    ("end", "start"),
    [
        ("2024-03-30", "2024-02-29"),  # 31 March less a month, within February
        ("2024-02-29", "2024-02-01"),
        ("2024-03-15", "2024-02-16"),
        ("2024-01-31", "2024-01-01"),
    ],
)
def test_a_month_back_from_any_day(end, start) -> None:
    days = pd.date_range("2023-12-01", "2024-12-31")
    orders = pd.DataFrame({"customer_id": range(len(days)), "ordered_at": days, "net_sales": 1.0})
    made = profile.concentration(orders, period=("2023-12-01", end), replicates=5)
    want = (pd.Timestamp(end) - pd.Timestamp(start)).days + 1
    assert made.frames["lengths"].loc[0, "customers"] == want


def test_customers_without_positive_sales_are_left_out(orders) -> None:
    refunds = orders.head(40).assign(customer_id=range(9001, 9041), net_sales=-5.0)
    plain, more = (
        profile.concentration(rows, period=PERIOD, replicates=20)
        for rows in (orders, pd.concat([orders, refunds]))
    )
    pd.testing.assert_frame_equal(plain.summary(), more.summary())


def test_the_last_month_alone_needs_its_own_base() -> None:
    orders = make_orders(60, seed=1)
    made = profile.concentration(orders, period=PERIOD, replicates=20)
    item = {item.id: item for item in made.findings}["concentration_length"]
    assert item.base == made.frames["lengths"].loc[0, "customers"] < 30
    assert (item.status, item.reason) == ("withheld", "base_too_small")
