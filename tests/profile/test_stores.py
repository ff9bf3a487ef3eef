"""Stores beside the chain: rates, groups, and no ranking where chance explains the order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders, supermarket_results, supermarket_sql
from scipy.stats import binomtest

from loyalty_research import profile
from loyalty_research.stats import shrink

LEVEL = 0.05


def chain(seed: int, rates: np.ndarray, *, buyers: int = 80) -> pd.DataFrame:
    """Return buyers of stores, each of whom comes a second day at the store's own rate."""
    rng = np.random.default_rng(seed)
    store = np.repeat(np.arange(len(rates)), buyers)
    twice = rng.random(len(store)) < rates[store]
    visits = pd.DataFrame({"customer_id": np.arange(len(store)), "store_id": store})
    visits = pd.concat([visits.assign(day=0), visits[twice].assign(day=40)])
    return visits.assign(
        ordered_at=pd.Timestamp(PERIOD[0]) + pd.to_timedelta(visits["day"], unit="D"), net_sales=5.0
    ).drop(columns="day")


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    made = make_orders(250, seed=71, unidentified=60)
    rng = np.random.default_rng(4)
    # Store 9 has few buyers, store 8 none that is known, and some orders no store.
    store = made["store_id"].mask(made.index % 90 == 0, 9).astype("Int64")
    store = store.mask(made["customer_id"].isna() & (rng.random(len(made)) < 0.3), 8)
    return made.assign(store_id=store.mask(made.index % 31 == 0))


@pytest.fixture(scope="module")
def result(orders):
    return profile.stores(orders, period=PERIOD)


def by_store(orders: pd.DataFrame) -> pd.DataFrame:
    rows = orders[orders["store_id"].notna()]
    days = rows.assign(day=rows["ordered_at"].dt.normalize())
    visits = days.dropna(subset="customer_id").groupby(["store_id", "customer_id"])["day"].nunique()
    return pd.DataFrame(
        {
            "orders": rows.groupby("store_id").size(),
            "identified": rows.groupby("store_id")["customer_id"].count(),
            "net_sales": rows.groupby("store_id")["net_sales"].sum(),
            "buyers": visits.groupby("store_id").size(),
            "repeaters": (visits >= 2).groupby("store_id").sum(),
        }
    ).fillna({"buyers": 0, "repeaters": 0})


def test_rates_are_shrunk(orders, result) -> None:
    want = by_store(orders)
    want = want[want["buyers"] >= 30]
    found = result.frames["stores"].set_index("store_id")
    assert found.index.tolist() == want.index.tolist()
    for name in ("orders", "net_sales", "buyers", "repeaters"):
        assert found[name].to_numpy(dtype=float) == pytest.approx(want[name].to_numpy(dtype=float))
    share = want["identified"] / want["orders"]
    assert found["identified_share"].to_numpy(dtype=float) == pytest.approx(share.to_numpy())
    assert (share < 1).all()
    rate = (want["repeaters"] / want["buyers"]).to_numpy()
    pooled = want["repeaters"].sum() / want["buyers"].sum()
    error = np.sqrt(pooled * (1 - pooled) / want["buyers"].to_numpy())
    shrunk = shrink(rate, error)
    assert found["rate"].to_numpy() == pytest.approx(rate)
    for name, values in (("shrunk", shrunk.value), ("low", shrunk.low), ("high", shrunk.high)):
        assert found[name].to_numpy() == pytest.approx(values)
    (item,) = result.findings
    assert item.estimate == pytest.approx(shrunk.mean)
    # A customer of several stores is one customer in the base.
    there = orders[orders["store_id"].isin(want.index)]
    assert item.base == there["customer_id"].nunique() < want["buyers"].sum()


def test_groups_hold_every_store_once(orders, result) -> None:
    want, summary = by_store(orders), result.summary().set_index("group")
    assert summary.index.tolist() == ["above", "alike", "below", "small"]
    assert summary["stores"].sum() == len(want)
    assert summary["net_sales"].sum() == pytest.approx(want["net_sales"].sum())
    assert summary["share_sales"].sum() == pytest.approx(1)
    small = want[want["buyers"] < 30]
    assert set(small.index) == {8, 9}
    row = summary.loc["small"]
    assert row["stores"] == 2
    assert row["net_sales"] == pytest.approx(small["net_sales"].sum())
    share = small["identified"].sum() / small["orders"].sum()
    assert row["identified_share"] == pytest.approx(share)
    assert not set(small.index) & set(result.frames["stores"]["store_id"])


def test_stores_that_differ_are_told_apart() -> None:
    rates = np.array([0.5] * 18 + [0.95, 0.05])
    made = profile.stores(chain(1, rates), period=PERIOD)
    group = made.frames["stores"].set_index("store_id")["group"]
    assert (group[18], group[19]) == ("above", "below")
    assert binomtest(int((group[:18] != "alike").sum()), 18, LEVEL).pvalue > 0.001
    (item,) = made.findings
    printed = {name: value.value for name, value in dict(item.values).items()}
    assert printed["told"] == (group != "alike").sum() == printed["above"] + printed["below"]


def test_alike_stores_are_told_apart_no_oftener_than_the_level() -> None:
    worlds, stores = 30, 20
    wrong = 0
    for seed in range(worlds):
        made = profile.stores(chain(300 + seed, np.full(stores, 0.6), buyers=40), period=PERIOD)
        told = made.findings[0].values["told"].value  # noqa: PD011
        wrong += told > 0
        if not told:
            summary = made.summary().set_index("group")
            assert summary.loc["alike", "stores"] == stores
    # Not of twenty stores, but of whole chains: a figure that names one is the exception.
    assert binomtest(wrong, worlds, LEVEL, alternative="greater").pvalue > 0.01


def test_no_order_is_given_among_stores(result) -> None:
    frame = result.frames["stores"]
    assert frame["store_id"].is_monotonic_increasing
    assert not {"rank", "place"} & set(frame.columns)
    printed = {column.name for view in result.tables for column in view.columns}
    assert "store_id" not in printed


def test_what_cannot_be_told_is_withheld(orders) -> None:
    two = orders[orders["store_id"].isin([1, 2])]
    for frame, reason in (
        (orders.drop(columns="store_id"), "no_store"),
        (two, "few_stores"),
        (orders.head(0), "few_stores"),
        (orders[orders["customer_id"].isna()], "few_stores"),
    ):
        made = profile.stores(frame, period=PERIOD)
        (item,) = made.findings
        assert (item.status, item.reason) == ("withheld", reason)
        assert made.charts == made.tables == ()


def test_supermarket() -> None:
    made = supermarket_results()["store_board"]
    want = (
        supermarket_sql()
        .execute(
            """select store, sum(n)::int orders, sum(paid)::double net_sales, count(*) buyers,
                sum((days >= 2)::int)::int repeaters
            from (select store, who, count(*) n, count(distinct day) as days, sum(paid) paid
                  from orders group by 1, 2) group by 1 order by 1"""
        )
        .df()
    )
    assert len(want) == made.summary()["stores"].sum() == 457
    enough = want[want["buyers"] >= 30].reset_index(drop=True)
    found = made.frames["stores"]
    assert found["store_id"].tolist() == enough["store"].tolist()
    for name in ("orders", "buyers", "repeaters"):
        assert found[name].tolist() == enough[name].tolist()
    assert found["net_sales"].to_numpy() == pytest.approx(enough["net_sales"].to_numpy())
    assert (found["identified_share"] == 1).all()
