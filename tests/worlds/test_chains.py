"""The coffee chain and the tea chain: what their presets say is in their tables."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

import pandas as pd
import pytest

from loyalty_research import worlds
from loyalty_research.errors import ParameterError
from loyalty_research.worlds.feedback import _bank
from loyalty_research.worlds.world import World

CHAINS = ("luckin", "mixue")
HAN = re.compile(r"[一-鿿]")
START = dt.date(2024, 1, 1)
CHANGE = dt.date(2025, 1, 1)


@cache
def made(name: str) -> World:
    return worlds.make(name, customers=1500)


@cache
def lines_of(name: str) -> pd.DataFrame:
    """Return transactions with amounts in cents."""
    table = made(name).tables["transactions"].to_pandas()
    for column in ("amount", "list_amount", "discount", "coupon_discount"):
        table[column] = (table[column] * 100).astype(int)
    return table


@pytest.fixture(params=CHAINS)
def world(request: pytest.FixtureRequest) -> World:
    return made(request.param)


@pytest.fixture
def lines(world: World) -> pd.DataFrame:
    return lines_of(world.name)


def test_same_seed_same_numbers_in_chunks_of_any_size(world: World) -> None:
    again = worlds.make(world.name, customers=1500)
    for name in ("transactions", "customers", "points", "stores", "feedback"):
        parts = [part[name] for part in again.parts(chunk=611) if name in part]
        rows = [row for part in parts for row in part.to_pylist()]
        assert rows == world.tables[name].to_pylist(), name


def test_two_years_around_a_dated_change_of_the_rule(world: World) -> None:
    parameters = world.parameters
    assert (parameters.start, parameters.end) == (START, dt.date(2025, 12, 31))
    assert world.truth["rule_change_day"].value == (CHANGE - START).days
    first, later = parameters.programme.rules
    points = world.tables["points"].to_pandas()
    spent = points[points["reason"] == "redeem"]
    after = spent["at"] >= pd.Timestamp(CHANGE)
    assert set(-spent.loc[~after, "delta"]) == {first.reward_cost}
    assert set(-spent.loc[after, "delta"]) == {later.reward_cost}
    assert first.reward_cost < later.reward_cost


def test_products_channels_and_tiers_are_named_in_chinese(world: World, lines) -> None:
    products = world.tables["products"].to_pandas()
    assert products[["name", "category"]].map(lambda text: bool(HAN.search(text))).all(axis=None)
    assert not products[["name_en", "category_en"]].map(HAN.search).any(axis=None)
    assert set(lines["channel"]) == {item.name.zh for item in world.parameters.shop.channels}
    tiers = world.tables["customers"].to_pandas()["tier"].dropna()
    assert set(tiers) <= {item.zh for item in world.parameters.programme.tiers}
    texts = world.tables["feedback"].to_pandas()["text"]
    assert len(texts) > 50
    assert texts[~texts.isin(_bank()["signs"])].map(lambda text: bool(HAN.search(text))).all()


def test_truth_holds_every_rule_and_share(world: World) -> None:
    parameters, truth = world.parameters, world.truth
    for which, rule in enumerate(parameters.programme.rules, start=1):
        assert truth[f"rule_{which}_reward_cost"].value == rule.reward_cost
        for tier, threshold in enumerate(rule.thresholds, start=2):
            assert truth[f"rule_{which}_tier_{tier}"].value == threshold / 100
    for number, channel in enumerate(parameters.shop.channels, start=1):
        assert truth[f"channel_{number}_share"].value == channel.share
    opening = sum(place.opening for place in parameters.shop.places)
    assert truth["stores_opening"].value == opening > 0
    assert truth["established_share"].value == parameters.entry.established_share


def test_no_store_sells_before_it_opens(world: World, lines) -> None:
    stores = world.tables["stores"].to_pandas().set_index("store_id")
    opened = pd.to_datetime(stores["opened_on"])
    later = opened[opened > pd.Timestamp(START)]
    assert len(later) == world.truth["stores_opening"].value
    assert not later.groupby(stores["city"]).apply(lambda days: days.duplicated().any()).any()
    first = lines.groupby("store_id")["ordered_at"].min()
    assert (first >= opened.reindex(first.index)).all()
    assert set(later.index) <= set(first.index)


def test_who_was_there_before_had_joined_before(world: World) -> None:
    traits = world.hidden["customers"].to_pandas().set_index("customer_id")
    customers = world.tables["customers"].to_pandas().set_index("customer_id")
    joined = pd.to_datetime(customers["joined_on"]).dropna()
    early = joined < pd.Timestamp(START)
    share = world.parameters.entry.established_share
    assert share - 0.1 < early.mean() < share + 0.15  # they have more time to be seen
    first = world.tables["transactions"].to_pandas().groupby("customer_id")["ordered_at"].min()
    late = joined[~early]
    assert (first.reindex(late.index).dt.normalize() <= late).all()
    assert set(joined.index) <= set(traits.index)


def test_every_line_adds_up(lines) -> None:
    reward = lines["points_used"] > 0
    assert reward.any()
    assert (lines.loc[reward, ["amount", "discount", "coupon_discount"]] == 0).all(axis=None)
    paid = lines["list_amount"] - lines["discount"] - lines["coupon_discount"]
    assert (paid == lines["amount"])[~reward].all()
    assert lines["coupon"].notna().equals(lines["coupon_discount"] > 0)


def test_coffee_is_ordered_online_with_a_coupon_and_delivered_more_from_april() -> None:
    world, lines = made("luckin"), lines_of("luckin")
    assert lines["customer_id"].notna().all()
    orders = lines.drop_duplicates("order_id")
    later = orders["ordered_at"] >= pd.Timestamp("2025-04-01")
    shares = (orders["channel"] == "外卖").groupby(later).mean()
    assert shares[False] == pytest.approx(0.17, abs=0.03)
    assert shares[True] == pytest.approx(0.31, abs=0.03)
    coupon = world.parameters.shop.coupon
    used = lines["coupon"] == coupon.name.zh
    assert used.mean() > 0.8
    left = lines["list_amount"] - lines["discount"]
    assert (lines["coupon_discount"] == left * coupon.percent // 100)[used].all()


def test_few_change_their_channel_when_shares_change() -> None:
    same = worlds.make("luckin", customers=1500, shop={"later_channels": None})
    one, two = (
        item.tables["transactions"].to_pandas().drop_duplicates("order_id").set_index("order_id")
        for item in (made("luckin"), same)
    )
    assert one.index.equals(two.index)
    moved = one["channel"] != two["channel"]
    assert not moved[one["ordered_at"] < pd.Timestamp("2025-04-01")].any()
    after = moved[one["ordered_at"] >= pd.Timestamp("2025-04-01")].mean()
    assert after == pytest.approx(0.06 + 0.14, abs=0.04)  # App to mini-programme to delivery


def test_tea_is_sold_at_the_counter_to_people_nobody_knows() -> None:
    lines = lines_of("mixue")
    unknown = lines["customer_id"].isna()
    assert set(lines.loc[unknown, "channel"]) == {"柜台点单"}
    assert 0.15 < unknown.mean() < 0.4


def test_seasons_of_tea_peak_in_summer_and_a_little_in_winter() -> None:
    months = worlds.make("mixue").parameters.seasons.months
    summer, winter = months[6], max(months[0], months[11])
    assert summer == max(months)
    assert months[2] < winter < summer
    assert months[9] < winter


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shop": {"later_channels": {"after": 5, "shares": [1.0]}}}, ["a later share of each"]),
        (
            {
                "shop": {
                    "places": [{"name": {"zh": "甲", "en": "A"}, "stores": 1, "opening": 1}],
                }
            },
            ["fewer stores that open later"],
        ),
    ],
)
def test_impossible_shops_are_refused(changes, words) -> None:
    with pytest.raises(ParameterError) as caught:
        worlds.make("luckin", **changes)
    for word in words:
        assert word in str(caught.value)
