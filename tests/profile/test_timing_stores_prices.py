"""When, where and at what price customers buy, against obvious references."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.errors import DataError
from loyalty_research.stats import share_of


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(300, seed=14)


def test_weekdays_and_hours(orders) -> None:
    result = profile.timing(orders, period=PERIOD)
    stamp = orders["ordered_at"]
    found = result.frames["hours"].set_index(["weekday", "hour"])["orders"]
    want = orders.groupby([stamp.dt.day_of_week, stamp.dt.hour]).size()
    assert found.to_dict() == want.to_dict()
    by_day = result.summary().set_index("weekday")
    assert by_day["orders"].to_dict() == stamp.dt.day_of_week.value_counts().to_dict()
    assert by_day["share"].sum() == pytest.approx(1)
    means = orders.groupby(stamp.dt.day_of_week)["net_sales"].mean()
    assert by_day["order_value"].to_dict() == pytest.approx(means.to_dict())
    item, part = result.findings
    clock = stamp.dt.hour.value_counts()
    printed = item.values  # noqa: PD011
    assert item.estimate == pytest.approx(clock.max() / len(orders))
    assert printed["hour"].value == clock.idxmax()
    assert printed["weekend"].value == pytest.approx((stamp.dt.day_of_week >= 5).mean())
    assert item.base == len(orders)
    edges = [0, 5, 10, 14, 17, 21, 24]
    names = ["night", "breakfast", "lunch", "afternoon", "evening", "night"]
    parts = pd.cut(stamp.dt.hour, edges, right=False, labels=names, ordered=False).value_counts()
    dayparts = result.frames["dayparts"].set_index("daypart")
    assert dayparts["orders"].to_dict() == parts[parts > 0].to_dict()
    assert part.estimate == pytest.approx(parts.max() / len(orders))
    assert dict(part.values)["daypart"].value == parts.idxmax()


@pytest.mark.parametrize("kind", ["dates", "midnights"])
def test_days_without_a_clock(orders, kind) -> None:
    day = orders["ordered_at"].dt.normalize()
    dated = orders.assign(ordered_at=day.dt.date if kind == "dates" else day)
    result = profile.timing(dated, period=PERIOD)
    assert [(item.status, item.reason) for item in result.findings] == [
        ("withheld", "no_time_of_day")
    ]
    assert "hours" not in {chart.name for chart in result.charts}
    assert result.summary()["orders"].sum() == len(orders)


def main_share(orders: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for who, part in orders[orders["customer_id"].notna()].groupby("customer_id"):
        stores = part.groupby("store_id")["net_sales"].sum()
        if len(part) >= 2:
            rows.append((who, stores.max(), stores.sum(), len(stores)))
    return pd.DataFrame(rows, columns=["who", "main", "sales", "stores"])


def test_main_store(orders) -> None:
    result = profile.store_loyalty(orders, period=PERIOD)
    people = main_share(orders)
    want = share_of(people["main"], people["sales"])
    (item,) = result.findings
    assert (item.estimate, item.low, item.high) == pytest.approx((want.value, want.low, want.high))
    assert item.base == len(people) == result.summary()["customers"].sum()
    share = people["main"] / people["sales"]
    printed = item.values  # noqa: PD011
    assert printed["faithful"].value == pytest.approx((share >= 0.9).mean())
    assert printed["stores"].value == people["stores"].median()
    bands = np.minimum((share * 10).astype(int), 9).value_counts()
    found = result.summary().set_index("band")["customers"]
    assert found[found > 0].to_dict() == bands.to_dict()
    assert result.summary()["net_sales"].sum() == pytest.approx(people["sales"].sum())


def on_offer(orders: pd.DataFrame) -> pd.DataFrame:
    known = orders[orders["customer_id"].notna()]
    coupons = known["coupon_discount"] + known["platform_discount"]
    rows = known.assign(
        reduction=known["discount"] + known["coupon_discount"], with_coupon=coupons > 0
    )
    return rows.groupby("customer_id").agg(
        sales=("net_sales", "sum"),
        offer=("discounted_sales", "sum"),
        reduction=("reduction", "sum"),
        coupons=("with_coupon", "sum"),
        orders=("net_sales", "size"),
    )


def test_prices(orders) -> None:
    scores = profile.rfm(orders, as_of=PERIOD[1])
    result = profile.prices(orders, period=PERIOD, segments=scores.table)
    people = on_offer(orders)
    row = result.summary().set_index("segment").loc["all"]
    depth = people["reduction"].sum() / (people["sales"] + people["reduction"]).sum()
    assert row["share_on_offer"] == pytest.approx(people["offer"].sum() / people["sales"].sum())
    assert row["discount_depth"] == pytest.approx(depth)
    assert row["coupon_orders"] == pytest.approx(people["coupons"].sum() / people["orders"].sum())
    want = share_of(people["offer"], people["sales"])
    assert (row["share_on_offer_low"], row["share_on_offer_high"]) == pytest.approx(
        (want.low, want.high), rel=1e-7
    )
    bands = np.minimum((people["offer"] / people["sales"] * 10).astype(int), 9)
    found = result.frames["bands"].set_index("band")["customers"]
    assert found[found > 0].to_dict() == bands.value_counts().to_dict()
    # Classes are the customers of the whole, once each.
    classes = result.summary().iloc[1:]
    assert classes["customers"].sum() == row["customers"] == len(people)
    assert classes["net_sales"].sum() == pytest.approx(row["net_sales"])
    stated = {item.id: item for item in result.findings}
    concerned = people.loc[people["offer"] > 0, "sales"].sum()
    assert stated["price_discounted_share"].at_stake == pytest.approx(concerned)


@pytest.mark.parametrize(("shift", "name"), [(0.35, "price_gap"), (0.0, "price_no_gap")])
def test_a_difference_is_only_told_where_its_interval_leaves_zero(shift, name) -> None:
    rng = np.random.default_rng(1)
    # Money does not part the groups: a price cut lowers what is paid.
    codes = ["111", "000", "110", "001"]
    people = pd.DataFrame({"customer_id": range(200), "segment": codes * 50})
    frequent = people["segment"].str.startswith("11")
    share = rng.uniform(0.2, 0.6, 200) + shift * frequent
    orders = people.assign(
        ordered_at=pd.Timestamp("2024-05-01"),
        net_sales=100.0,
        discount=1.0,
        discounted_sales=(100 * share).round(2),
    )
    made = profile.prices(orders, period=PERIOD, segments=people)
    item = {item.id: item for item in made.findings}[name]
    by_group = (orders["discounted_sales"] / 100).groupby(frequent).mean()
    assert item.estimate == pytest.approx(by_group[True] - by_group[False])
    assert (item.low * item.high > 0) == (name == "price_gap")


def test_without_a_column_of_line_sales_whole_orders_count(orders) -> None:
    bare = orders.drop(columns="discounted_sales")
    row = profile.prices(bare, period=PERIOD).summary().iloc[0]
    known = bare[bare["customer_id"].notna()]
    cut = known[["discount", "coupon_discount", "platform_discount"]].sum(axis=1) > 0
    want = known.loc[cut, "net_sales"].sum() / known["net_sales"].sum()
    assert row["share_on_offer"] == pytest.approx(want)


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        (pd.DataFrame({"customer_id": [1, 1], "segment": ["111", "000"]}), "several rows"),
        (pd.DataFrame({"customer_id": ["a"], "segment": ["111"]}), "another type"),
        (pd.DataFrame({"customer": [1]}), "customer_id, segment"),
    ],
)
def test_wrong_segments(orders, segments, message) -> None:
    with pytest.raises(DataError, match=message):
        profile.prices(orders, period=PERIOD, segments=segments)


@pytest.mark.parametrize(
    ("analysis", "missing", "reason"),
    [
        (profile.store_loyalty, ["store_id"], "no_store"),
        (
            profile.prices,
            ["discount", "coupon_discount", "platform_discount"],
            "no_discount",
        ),
    ],
)
def test_an_absent_column_is_told_not_raised(orders, analysis, missing, reason) -> None:
    result = analysis(orders.drop(columns=missing), period=PERIOD)
    assert [item.reason for item in result.findings] == [reason]
    assert result.charts == ()
