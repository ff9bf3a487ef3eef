"""Stored value: shares by hand, recharges never sales, the balance withheld."""

from __future__ import annotations

import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.stats import proportion


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(200, seed=14)


@pytest.fixture(scope="module")
def result(orders):
    return profile.stored_value(orders, period=PERIOD)


def test_share_and_users(orders, result) -> None:
    found = {item.id: item for item in result.findings}
    share = orders["stored_value_used"].sum() / orders["net_sales"].sum()
    assert found["stored_value_share"].estimate == pytest.approx(share)
    known = orders.dropna(subset="customer_id").groupby("customer_id")
    used = known["stored_value_used"].sum() > 0
    want = proportion(int(used.sum()), len(used))
    users = found["stored_value_users"]
    assert (users.estimate, users.low, users.high) == (want.value, want.low, want.high)
    assert users.at_stake == pytest.approx(known["net_sales"].sum()[used].sum())
    assert found["stored_value_outstanding"].reason == "no_recharges"


def test_groups_and_months(orders, result) -> None:
    known = orders.dropna(subset="customer_id")
    people = known.groupby("customer_id").agg(
        used=("stored_value_used", "sum"),
        sales=("net_sales", "sum"),
        days=("ordered_at", lambda at: at.dt.normalize().nunique()),
    )
    summary = result.summary().set_index("user")
    for user, group in people.groupby(people["used"] > 0):
        row = summary.loc[int(user)]
        assert row["customers"] == len(group)
        assert row["spend"] == pytest.approx(group["sales"].mean())
        assert row["repurchase"] == pytest.approx((group["days"] >= 2).mean())
    months = result.frames["months"].set_index("month")
    key = orders["ordered_at"].dt.strftime("%Y-%m")
    used, sales = (orders.groupby(key)[name].sum() for name in ("stored_value_used", "net_sales"))
    assert months["share"].to_dict() == pytest.approx((used / sales).to_dict())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda frame: frame.drop(columns="stored_value_used"), "no_stored_value"),
        (lambda frame: frame.assign(stored_value_used=0.0), "no_stored_value_used"),
        (
            lambda frame: frame.assign(stored_value_used=frame["net_sales"] * 2),
            "stored_value_beyond_sales",
        ),
        (lambda frame: frame.head(0), "not_computable"),
    ],
)
def test_what_cannot_be_told_is_withheld(orders, change, reason) -> None:
    made = profile.stored_value(change(orders), period=PERIOD)
    assert [item.reason for item in made.findings] == [reason]
    assert made.charts == ()
