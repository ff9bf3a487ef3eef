"""What a programme costs, item by item, against sums by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from programmes.points_history import History, ledger_of, month, programme

from loyalty_research.programmes.cost import cost_by_month, cost_of, cost_summary

NAME = {"zh": "名", "en": "Name"}


def benefit(name: str, per: str, **rest: Any) -> dict[str, Any]:
    return {"id": name, "name": NAME, "per": per} | rest


RULES = programme(
    earn=[
        {"id": "spend", "name": NAME, "wallets": ["points"], "points": 1},
        {"id": "bank", "name": NAME, "wallets": ["status", "points"], "points": 1,
         "partner": "bank"},
        {"id": "fuel", "name": NAME, "wallets": ["points"], "points": 1, "partner": "fuel"},
    ],
    wallets={"points": {"name": NAME, "decimals": 1}, "status": {"name": NAME}},
    partners={
        "bank": {"name": NAME, "pays_per_point": 0.01, "gets_per_point": 0.008},
        "fuel": {"name": NAME},
    },
    tiers={
        "levels": [
            {"id": "base", "name": NAME, "threshold": 0},
            {"id": "gold", "name": NAME, "threshold": 100},
            {"id": "plus", "name": NAME, "fee": {"amount": 120, "months": 12}},
        ]
    },
    rewards=[
        {"id": "off", "name": NAME, "wallet": "points", "points": 100, "kind": "voucher",
         "value": 5, "cost": 4},
        {"id": "cup", "name": NAME, "wallet": "points", "points": 50, "kind": "product",
         "value": 3, "value_is": "at_most"},
        {"id": "flight", "name": NAME, "wallet": "points", "points": 1000, "kind": "partner",
         "partner": "bank"},
        {"id": "wash", "name": NAME, "wallet": "points", "points": 10, "kind": "partner",
         "partner": "fuel"},
    ],
    benefits=[
        benefit("delivery", "order", tiers=["gold"], cost=6, value=8, take_up=0.25),
        benefit("coupon", "month", cost=1, take_up=0.5),
        benefit("gift", "year", tiers=["gold", "plus"], cost=24, take_up=1),
        benefit("cake", "birthday", cost=10, take_up=0.5),
        benefit("kit", "upgrade", tiers=["gold"], cost=7, take_up=1),
        benefit("hello", "join", cost=2, take_up=1),
        benefit("lounge", "order", tiers=["gold"], take_up=1),
        benefit("parking", "month", cost=3),
    ],
)  # fmt: skip


def two_months(**changes: Any) -> SimpleNamespace:
    """January and February: 10 base and 4 gold members, 2 pay; five of them bank customers."""
    jan, feb = month(0), month(1)
    levels = ("base", "gold", "plus")
    held = {
        "programme": RULES,
        "units": {"points": 10, "status": 1},
        "customers": pd.DataFrame({"customer_id": range(16)}),
        "rewards": pd.DataFrame(
            [(jan, "off", 3, 3000, 15.0, 12.0), (feb, "off", 2, 2000, 10.0, 8.0),
             (feb, "cup", 4, 2000, 12.0, np.nan), (feb, "flight", 1, 10_000, np.nan, np.nan),
             (feb, "wash", 1, 100, np.nan, np.nan)],
            columns=["month", "reward", "redemptions", "points", "value", "cost"],
        ),
        "activity": pd.DataFrame(
            [(at, tier, 20, 500.0, joined, birthdays)
             for at, joined in ((jan, 5), (feb, 1))
             for tier, birthdays in zip(levels, (2, 1, 0), strict=True)],
            columns=["month", "tier", "orders", "net_sales", "joined", "birthdays"],
        ),
        "members": pd.DataFrame(
            [(at, tier, count) for at in (jan, feb)
             for tier, count in zip(levels, (10, 4, 2), strict=True)],
            columns=["month", "tier", "members"],
        ),
        "moves": pd.DataFrame(
            [(jan, "", "base", 12), (jan, "base", "gold", 3), (jan, "", "gold", 1),
             (feb, "plus", "gold", 2), (feb, "gold", "base", 1)],
            columns=["month", "from_tier", "to_tier", "members"],
        ),
        "earned": pd.DataFrame(
            [(jan, "spend", "points", 50, 9000), (jan, "bank", "points", 5, 4000),
             (jan, "bank", "status", 5, 400), (feb, "fuel", "points", 2, 100)],
            columns=["month", "rule", "wallet", "postings", "points"],
        ),
    }  # fmt: skip
    return ledger_of(History(), months=2, run_off=pd.DataFrame(), **(held | changes))


def costs(ledger: Any) -> dict[tuple[str, str], float]:
    return {(row.item, row.tier): row.amount for row in cost_of(ledger).itertuples()}


BY_HAND = {
    ("off", ""): 20,  # 12 + 8
    ("delivery", "gold"): 60,  # 2 months x 20 orders x 0.25 x 6
    ("coupon", "base"): 10,  # 2 x 10 x 0.5 x 1
    ("coupon", "gold"): 4,
    ("coupon", "plus"): 2,
    ("gift", "gold"): 16,  # 2 x 4 members, a twelfth of 24 each
    ("gift", "plus"): 8,
    ("cake", "base"): 20,  # 2 x 2 birthdays x 0.5 x 10
    ("cake", "gold"): 10,
    ("cake", "plus"): 0,
    ("kit", "gold"): 28,  # 3 from base, 1 on joining; the 2 from plus came down
    ("hello", "base"): 12,  # (5 + 1) x 2
    ("hello", "gold"): 12,
    ("hello", "plus"): 12,
    ("plus", "plus"): -40,  # 2 x 2 members x 10 a month
    ("flight", ""): 8,  # 1,000 points x 0.008
    ("bank", ""): -4,  # 400 redeemable points x 0.01; the status points are the same ones
}


def test_items_by_hand() -> None:
    found = costs(two_months())
    assert {name: found[name] for name in BY_HAND} == pytest.approx(BY_HAND)


def test_what_is_unknown_is_listed_and_in_no_total() -> None:
    frame = cost_of(two_months())
    unknown = frame[~frame["known"]]
    missing = dict(zip(unknown["item"], unknown["missing"], strict=True))
    assert missing == {
        "cup": "cost",
        "wash": "price",
        "lounge": "cost",
        "parking": "take_up",
        "fuel": "price",
    }
    assert unknown["amount"].isna().all()
    found = cost_summary(two_months())
    assert found.known_cost == pytest.approx(sum(BY_HAND.values()))
    assert set(found.unknown) == set(missing)


def test_birthdays_nobody_knows_are_not_free() -> None:
    activity = two_months().activity.assign(birthdays=0)
    frame = cost_of(two_months(activity=activity)).set_index("item")
    assert not frame.loc["cake", "known"].any()
    assert set(frame.loc["cake", "missing"]) == {"birthdays"}


def test_points_used_as_the_orders_tell_have_no_known_cost() -> None:
    observed = pd.DataFrame(
        [(month(0), "observed", 7, 700, 0.0, np.nan)], columns=two_months().rewards.columns
    )
    frame = cost_of(two_months(rewards=observed)).set_index("item")
    assert not frame.loc["observed", "known"]
    assert np.isnan(frame.loc["observed", "value"])
    assert frame.loc["observed", "uses"] == 7


def test_months_add_up_to_the_items() -> None:
    ledger = two_months()
    months, items = cost_by_month(ledger), cost_of(ledger)
    assert months["amount"].sum() == pytest.approx(items["amount"].sum())
    assert months.loc[months["month"] == month(0), "amount"].sum() != 0
    assert months["month"].is_monotonic_increasing


def test_totals() -> None:
    found = cost_summary(two_months())
    assert found.members == 16
    assert found.net_sales == 3000
    assert found.reward_value == 37
    assert found.reward_rate == pytest.approx(37 / 3000)
    assert found.cost_per_member == pytest.approx(sum(BY_HAND.values()) / 16)
    assert found.at_most  # the value of the cup is a published maximum


def test_a_programme_in_which_nothing_happened() -> None:
    empty = ledger_of(
        History(),
        months=1,
        run_off=pd.DataFrame(),
        activity=two_months().activity.iloc[:0],
        members=two_months().members.iloc[:0],
    )
    assert cost_of(empty).empty
    found = cost_summary(empty)
    assert (found.known_cost, found.reward_rate, found.cost_per_member) == (0, None, None)
