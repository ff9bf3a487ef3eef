"""The programme's accounts against a slow replay from the sales, customer by customer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd
import pytest

from loyalty_research import worlds
from loyalty_research.worlds.world import World


@pytest.fixture(scope="module", params=[("bakery", False), ("bakery", True), ("renewal", True)])
def world(request: pytest.FixtureRequest) -> World:
    name, change = request.param
    # Three years, so that points of several quarters expire and tiers are lost again.
    return worlds.make(
        name, seed=4, customers=250, end="2025-12-31", programme={"rule_change": change}
    )


def quarter_end(day: dt.date) -> dt.date:
    """Return the last day of the same quarter a year later."""
    month = (day.month - 1) // 3 * 3 + 3
    following = dt.date(day.year + 1 + month // 12, month % 12 + 1, 1)
    return following - dt.timedelta(days=1)


@dataclass
class Account:
    """Lots by expiry, spend by year, and what was posted."""

    lots: dict[dt.date, int] = field(default_factory=lambda: defaultdict(int))
    spent: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    posted: list[tuple[dt.datetime, int, str]] = field(default_factory=list)
    tier_of_year: dict[int, int] = field(default_factory=dict)

    def expire(self, before: dt.date) -> None:
        for last in sorted(self.lots):
            if last < before and self.lots[last]:
                at = dt.datetime.combine(last + dt.timedelta(days=1), dt.time())
                self.posted.append((at, -self.lots[last], "expire"))
                self.lots[last] = 0

    def redeem(self, at: dt.datetime, cost: int) -> None:
        assert sum(self.lots.values()) >= cost
        self.posted.append((at, -cost, "redeem"))
        for last in sorted(self.lots):
            taken = min(self.lots[last], cost)
            self.lots[last] -= taken
            cost -= taken


def replay(world: World) -> dict[int, Account]:
    """Return every member's account, from lines and joining dates alone."""
    programme = world.parameters.programme
    days = (world.parameters.end - world.parameters.start).days + 1
    change = world.parameters.start + dt.timedelta(days=days // 2)
    customers = world.tables["customers"].to_pandas().set_index("customer_id")["joined_on"].dropna()
    lines = world.tables["transactions"].to_pandas().dropna(subset="customer_id")
    accounts = {int(who): Account() for who in customers.index}
    for (who, _), order in lines.groupby(["customer_id", "order_id"], sort=True):
        at = order["ordered_at"].iloc[0].to_pydatetime()
        if int(who) not in accounts or at.date() < customers[int(who)]:
            continue
        account = accounts[int(who)]
        rule = programme.rules[-1] if at.date() >= change else programme.rule
        account.expire(at.date())
        if order["points_used"].sum():
            assert order["points_used"].sum() == rule.reward_cost
            account.redeem(at, rule.reward_cost)
        paid = int(order["amount"].sum() * 100)
        account.spent[at.year] += paid
        points = int(order["amount"].sum()) * rule.points_per_unit
        if points:
            account.lots[quarter_end(at.date())] += points
            account.posted.append((at, points, "earn"))
    for account in accounts.values():
        account.expire(world.parameters.end)
    return accounts


def test_every_posting_and_balance(world: World) -> None:
    accounts = replay(world)
    points = world.tables["points"].to_pandas()
    assert set(points["reason"]) == {"earn", "redeem", "expire"}
    posted = {
        who: list(zip(part["at"].dt.to_pydatetime(), part["delta"], part["reason"], strict=True))
        for who, part in points.groupby("customer_id")
    }
    assert len(posted) > 50
    for who, account in accounts.items():
        assert sorted(posted.get(who, [])) == sorted(account.posted), who
        assert sum(delta for _, delta, _ in posted.get(who, [])) == sum(account.lots.values())
    assert (points.groupby("customer_id")["delta"].cumsum() >= 0).all()


def test_points_say_when_they_expire(world: World) -> None:
    points = world.tables["points"].to_pandas()
    earned = points[points["reason"] == "earn"]
    wanted = [quarter_end(at.date()) for at in earned["at"]]
    assert pd.to_datetime(earned["expires_on"]).dt.date.tolist() == wanted
    assert points["expires_on"].isna().equals(points["reason"] != "earn")


def test_tiers_follow_the_spend_of_calendar_years(world: World) -> None:
    programme = world.parameters.programme
    names = [item.zh for item in programme.tiers]
    tiers = world.tables["customers"].to_pandas().set_index("customer_id")["tier"].dropna()
    last = world.parameters.end.year

    def reached(spent: int, rule: object) -> int:
        return sum(spent >= limit for limit in rule.thresholds)

    kept = 0
    for who, account in replay(world).items():
        now = reached(account.spent[last], programme.rules[-1])
        before = reached(account.spent[last - 1], programme.rules[-1])
        assert tiers[who] == names[max(now, before)], who
        kept += before > now
    assert kept > 0
    assert tiers.nunique() == len(names)


def test_a_reward_is_a_free_product_of_the_order(world: World) -> None:
    lines = world.tables["transactions"].to_pandas()
    free = lines[lines["points_used"] > 0]
    assert (free["amount"] == 0).all()
    assert (free["discount"] == 0).all()  # paid with points: no price cut
    assert (free["list_amount"] > 0).all()
    names = world.tables["products"].to_pandas().set_index("product_id")["name_en"]
    assert set(free["product_id"].map(names)) == {world.parameters.programme.reward_product}
    bought = lines[lines["points_used"] == 0]
    paid = bought["list_amount"] - bought["discount"] - bought["coupon_discount"]
    assert (paid == bought["amount"]).all()
    assert (lines["amount"] >= Decimal(0)).all()
