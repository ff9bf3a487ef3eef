"""Channels: the mix, customers of several, and moves of the main one, each by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.profile.channels_alike import at_same_orders
from loyalty_research.profile.channels_moves import OTHER

HALF = pd.Timestamp("2024-07-02")  # of 366 days


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(200, seed=12)


@pytest.fixture(scope="module")
def result(orders):
    return profile.channels(orders, period=PERIOD)


def test_mix(orders, result) -> None:
    found = result.summary().set_index("channel")
    want = orders.groupby("channel")["net_sales"].agg(["size", "sum"])
    assert found["orders"].to_dict() == want["size"].to_dict()
    assert found["net_sales"].to_dict() == pytest.approx(want["sum"].to_dict())
    assert found["share_sales"].sum() == pytest.approx(1)
    assert found["net_sales"].is_monotonic_decreasing
    buyers = orders.dropna(subset="customer_id").groupby("channel")["customer_id"].nunique()
    assert found["buyers"].to_dict() == buyers.to_dict()


def test_several(orders, result) -> None:
    known = orders.dropna(subset="customer_id")
    used = known.groupby("customer_id")["channel"].nunique()
    sales = known.groupby("customer_id")["net_sales"].sum()
    found = result.frames["several"].set_index("channels_used")
    assert found["customers"].to_dict() == {
        "one": int((used == 1).sum()),
        "several": int((used > 1).sum()),
    }
    assert found.loc["several", "spend"] == pytest.approx(sales[used > 1].mean())
    item = {item.id: item for item in result.findings}["channel_several"]
    assert item.estimate == pytest.approx((used > 1).mean())
    assert item.at_stake == pytest.approx(sales[used > 1].sum())
    printed = {name: value.value for name, value in dict(item.values).items()}
    assert printed["same_low"] < printed["same"] < printed["same_high"]
    assert printed["verdict"] == str(not printed["same_low"] <= 0 <= printed["same_high"])


def test_spend_at_the_same_number_of_orders() -> None:
    people = pd.DataFrame(
        {
            "channels": [1, 1, 2, 1, 2, 2, 1, 2, 2],
            "orders": [2, 2, 2, 3, 3, 3, 4, 4, 9],  # four: too few; nine: of several only
            "net_sales": [10.0, 20.0, 30.0, 40.0, 25.0, 35.0, 50.0, 60.0, 999.0],
        }
    )
    found = at_same_orders(people)
    # Both numbers of orders weigh 1 * 2 / 3; the pooled variances are both 50.
    ratio = (30 + 30) / (15 + 40)
    error = (2 / 3) * (50 * (1 + ratio**2 / 2) + 50 * (1 / 2 + ratio**2)) ** 0.5 / (2 / 3 * 55)
    assert found.value == pytest.approx(ratio - 1)
    assert found.high == pytest.approx(ratio - 1 + 1.959964 * error)
    assert found.base == 6
    assert at_same_orders(people[people["orders"] == 9]).value is None
    assert at_same_orders(people[people["orders"] == 4]).value is None
    assert at_same_orders(people[people["channels"] == 1]).value is None


def test_moves(orders, result) -> None:
    known = orders.dropna(subset="customer_id")
    early = known["ordered_at"] < HALF
    main = {}
    for name, part in (("first", known[early]), ("last", known[~early])):
        spent = part.groupby(["customer_id", "channel"])["net_sales"].sum()
        main[name] = spent.groupby("customer_id").idxmax().map(lambda pair: pair[1])
    both = pd.DataFrame(main).dropna()
    want = both.value_counts().to_dict()
    moves = result.frames["moves"]
    found = moves.set_index(["from_channel", "to_channel"])["observed"].to_dict()
    assert found == want
    item = {item.id: item for item in result.findings}["channel_moved"]
    changed = both["first"] != both["last"]
    assert item.estimate == pytest.approx(changed.mean())
    assert item.base == len(both)
    ids = known["customer_id"].isin(changed[changed].index)
    assert item.at_stake == pytest.approx(known.loc[ids, "net_sales"].sum())


def test_small_channels_stand_together() -> None:
    orders = pd.DataFrame(
        {
            "customer_id": range(80),
            "ordered_at": pd.Timestamp("2024-03-01"),
            "net_sales": [10.0 - place % 8 for place in range(80)],
            "channel": [f"c{place % 8}" for place in range(80)],
        }
    )
    found = profile.channels(orders, period=PERIOD).summary()
    assert found["channel"].tolist() == ["c0", "c1", "c2", "c3", "c4", "c5", OTHER]
    assert found["orders"].sum() == 80
    assert found["net_sales"].sum() == pytest.approx(orders["net_sales"].sum())


def test_nobody_moves(orders) -> None:
    still = orders.assign(channel=(orders["customer_id"].fillna(0) % 2).map({0: "a", 1: "b"}))
    made = profile.channels(still, period=PERIOD)
    assert {item.id: item.reason for item in made.findings}["channel_moved"] == "no_move"
    assert "moves" not in {chart.name for chart in made.charts}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda frame: frame.drop(columns="channel"), "no_channel"),
        (lambda frame: frame.assign(channel="store"), "one_channel"),
        (lambda frame: frame.head(0), "not_computable"),
    ],
)
def test_what_cannot_be_told_is_withheld(orders, change, reason) -> None:
    made = profile.channels(change(orders), period=PERIOD)
    assert [item.reason for item in made.findings] == [reason]


def test_the_figure_of_moves_names_the_channels(result) -> None:
    figure = result.plot("moves", language="en")
    texts = {text.get_text() for text in figure.axes[0].texts}
    assert {"Store", "Online", "App"} <= texts
