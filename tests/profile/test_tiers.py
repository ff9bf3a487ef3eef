"""Tiers: members, buyers, sales and rates by hand; what one snapshot cannot tell."""

from __future__ import annotations

from dataclasses import dataclass, field

import ibis
import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD

from loyalty_research import profile
from loyalty_research.stats import difference, proportion, ratio


@dataclass
class Made:
    """A brand of orders and, where given, customers."""

    orders: ibis.Table
    tables: dict[str, ibis.Table] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.tables

    @property
    def customers(self) -> ibis.Table:
        return self.tables["customers"]


def brand(orders: pd.DataFrame, customers: pd.DataFrame | None = None) -> Made:
    tables = {} if customers is None else {"customers": ibis.memtable(customers)}
    return Made(ibis.memtable(orders), tables)


ORDERS = pd.DataFrame(
    [
        # 40 gold members buy twice for 30, 50 silver once for 10 and every fifth of them twice.
        *((who, day, 30.0) for who in range(1, 41) for day in (3, 60)),
        *((who, 10, 10.0) for who in range(41, 91)),
        *((who, 90, 10.0) for who in range(41, 91, 5)),
        *((who, 20, 5.0) for who in range(301, 304)),  # no tier
    ],
    columns=["customer_id", "day", "net_sales"],
).assign(
    ordered_at=lambda frame: pd.Timestamp(PERIOD[0]) + pd.to_timedelta(frame.pop("day"), unit="D")
)
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": range(1, 301),
        "tier": ["gold"] * 40 + ["silver"] * 250 + ["black"] * 8 + [None] * 2,
    }
)


@pytest.fixture(scope="module")
def result():
    return profile.tiers(brand(ORDERS, CUSTOMERS), period=PERIOD)


def test_by_hand(result) -> None:
    found = result.summary().set_index("tier")
    assert found.index.tolist() == ["gold", "silver", "black", "none"]  # by spend; unknown last
    assert found["members"].tolist() == [40, 250, 8, 0]
    assert found["buyers"].tolist() == [40, 50, 0, 3]
    assert found["share_members"].dropna().sum() == pytest.approx(1)
    assert found["net_sales"].tolist() == [2400.0, 600.0, 0.0, 15.0]
    assert found.loc["gold", "share_sales"] == pytest.approx(2400 / 3015)
    assert found.loc["silver", "active"] == pytest.approx(0.2)
    spend = ratio(np.where(np.arange(50) % 5, 10.0, 20.0), np.ones(50))
    assert found.loc["silver", ["spend", "spend_low", "spend_high"]].tolist() == pytest.approx(
        [spend.value, spend.low, spend.high]
    )
    assert found["repurchase"].tolist()[:2] == [1.0, 0.2]
    assert found.loc["black", ["spend", "repurchase"]].isna().all()


def test_findings(result) -> None:
    found = {item.id: item for item in result.findings}
    share = found["tier_share"]
    assert share.estimate == pytest.approx(2400 / 3015)
    assert (share.at_stake, share.base) == (2400.0, 40)
    gap = difference(proportion(40, 40), proportion(10, 50))
    stated = found["tier_repurchase"]
    assert (stated.estimate, stated.low, stated.high) == pytest.approx(
        (gap.value, gap.low, gap.high)
    )
    assert found["tier_moves"].reason == "one_snapshot"


def test_rates_of_few_are_named_as_such(result) -> None:
    (view,) = result.tables
    by_column = {item.column: item for item in view.persons}
    assert by_column["buyers"].rates == ("spend", "repurchase")
    assert by_column["members"].names == ("tier",)


def test_no_difference_is_stated_where_chance_explains_it() -> None:
    same = ORDERS[ORDERS["customer_id"] <= 40]
    mixed = CUSTOMERS.head(40).assign(tier=["a", "b"] * 20)
    made = profile.tiers(brand(same, mixed), period=PERIOD)
    assert [item.reason for item in made.findings] == ["few_tiers", "one_snapshot"]
    orders = pd.concat([same, same.assign(customer_id=same["customer_id"] + 400)])
    both = pd.concat([mixed, mixed.assign(customer_id=mixed["customer_id"] + 400)])
    made = profile.tiers(brand(orders, both), period=PERIOD)
    found = {item.id: item.reason for item in made.findings}
    assert found["tier_repurchase"] == "no_difference"


@pytest.mark.parametrize(
    ("customers", "reason"),
    [
        (None, "no_customers_table"),
        (CUSTOMERS.drop(columns="tier"), "no_tier"),
        (CUSTOMERS.assign(tier="one"), "one_tier"),
    ],
)
def test_what_is_missing_is_told_not_raised(customers, reason) -> None:
    made = profile.tiers(brand(ORDERS, customers), period=PERIOD)
    assert [item.reason for item in made.findings] == [reason]
    assert made.charts == made.tables == ()
