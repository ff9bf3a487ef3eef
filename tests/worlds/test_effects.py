"""Planted effects are found by an oracle that sees what is hidden, and not by one that does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from worlds import oracle
from worlds.oracle import Seen

from loyalty_research import worlds
from loyalty_research.worlds.world import World

EFFECTS = {
    "member": "member_effect",
    "points": "points_pressure",
    "tier": "tier_pressure",
    "reward": "rewarded_behaviour",
}
QUIET = {"promotions": [], "campaigns": [], "survey": None, "feedback": None, "events": None}


@pytest.fixture(scope="module")
def club() -> World:
    """A bakery with its programme, but no campaign."""
    return worlds.make("bakery", seed=3, customers=5000, **QUIET)


def strength(world: World) -> np.ndarray:
    gaps, customers = (world.hidden[name].to_pandas() for name in ("gaps", "customers"))
    z = gaps["customer_id"].map(customers.set_index("customer_id")["z"])
    return np.clip(1 + world.truth["response_slope"].value * z.to_numpy(), 0, 2)


def test_programme_effects(club: World) -> None:
    found = oracle.responses(club.hidden["gaps"].to_pandas(), strength(club))
    for name, key in EFFECTS.items():
        assert found[name].holds(club.truth[key].value), (name, found[name])
    assert found["points"].error < club.truth["points_pressure"].value / 5


def test_the_oracle_finds_nothing_where_nothing_is() -> None:
    gaps = worlds.null(seed=3, customers=1500).hidden["gaps"].to_pandas()
    for name, seen in oracle.responses(gaps).items():
        assert seen.holds(0.0), (name, seen)
        assert seen.error < 0.1


def test_members_select_themselves(club: World) -> None:
    """Joining grows with the rate, so that the naive difference is a multiple of the effect."""
    customers = club.hidden["customers"].to_pandas()
    fit = np.polyfit(customers["z"], customers["ever_joins"], 1)
    assert fit[0] > 0.1
    rates = customers.groupby("ever_joins")["rate"].mean()
    assert np.log(rates[True] / rates[False]) > 5 * club.truth["member_effect"].value
    # Whether somebody would join explains nothing beyond the rate: no effect before joining.
    outside = club.hidden["gaps"].to_pandas().query("member == 0")
    ever = outside["customer_id"].map(customers.set_index("customer_id")["ever_joins"])
    expected = outside["rate"] * (outside["ends"] - outside["begins"])
    count = outside["closed"][ever].sum()
    assert Seen(count / expected[ever].sum(), np.sqrt(count) / expected[ever].sum()).holds(1.0)


def shifted(share: float, points: float = 0.5) -> World:
    """Return bakeries on the same random numbers, with pressure that moves purchases forward."""
    responses = {"member": 0, "points": points, "tier": 0, "reward": 0, "slope": 0}
    return worlds.make(
        "bakery",
        seed=6,
        customers=1500,
        timing={"dropout": None},
        programme={"responses": {**responses, "shifted": share}},
        **QUIET,
    )


def test_what_is_all_shifted_is_no_gain() -> None:
    """Same random numbers, so that all purchases differ only by what is borrowed at the end."""
    bought = {
        name: world.hidden["customers"].to_pandas()["purchases"]
        for name, world in {
            "none": shifted(0.0, points=0.0),
            "all": shifted(1.0),
            "kept": shifted(0.0),
        }.items()
    }
    kept = bought["kept"].sum() - bought["none"].sum()
    moved = bought["all"].sum() - bought["none"].sum()
    assert kept > 0.05 * bought["none"].sum()
    assert 0 <= moved < 0.25 * kept


@pytest.fixture(scope="module")
def shop() -> World:
    """A bakery with campaigns, but no programme."""
    return worlds.make(
        "bakery", seed=5, customers=9000, programme=None, survey=None, feedback=None, events=None
    )


@pytest.mark.parametrize(("name", "number"), [("Come-back coupon", 1), ("Regulars' thank-you", 2)])
def test_campaign_lift(shop: World, name: str, number: int) -> None:
    customers = shop.hidden["customers"].to_pandas().set_index("customer_id")
    reached = customers[f"reached_{number}"]
    weight = np.exp(shop.truth[f"campaign_{number}_intent"].value * customers["intent"])
    window = oracle.window_of(shop, name)
    with_it = oracle.rate_in_window(shop, window, reached, weight)
    without = oracle.rate_in_window(shop, window, ~reached, weight)
    assert with_it.holds(1 + shop.truth[f"campaign_{number}_lift"].value), with_it
    assert without.holds(1.0), without


def test_targeting_misleads_who_does_not_see_it(shop: World) -> None:
    """The second campaign reaches those who intend to buy anyway, so it seems to do more."""
    customers = shop.hidden["customers"].to_pandas().set_index("customer_id")
    reached, nothing = customers["reached_2"], pd.Series(1.0, index=customers.index)
    window = oracle.window_of(shop, "Regulars' thank-you")
    with_it = oracle.rate_in_window(shop, window, reached, nothing).estimate
    without = oracle.rate_in_window(shop, window, ~reached, nothing).estimate
    assert with_it / without - 1 > 1.5 * shop.truth["campaign_2_lift"].value
    assert customers["intent"][reached].mean() > customers["intent"][~reached].mean() + 0.3


def test_targeting_by_recency_reaches_those_long_away(shop: World) -> None:
    window = oracle.window_of(shop, "Come-back coupon")
    gaps = shop.hidden["gaps"].to_pandas()
    customers = shop.hidden["customers"].to_pandas().set_index("customer_id")
    open_ = gaps[(gaps["begins"] < window.opens) & (gaps["ends"] > window.opens)]
    away = (window.opens - open_["begins"]) / 30
    chance = 0.9 / (1 + np.exp(-(-1.0 + 0.4 * away)))
    reached = open_["customer_id"].map(customers["reached_1"])
    error = np.sqrt((chance * (1 - chance)).sum())
    assert reached.sum() == pytest.approx(chance.sum(), abs=3.5 * error)
    assert away[reached].mean() > away[~reached].mean()


def test_promotion_lift_goes_with_sensitivity() -> None:
    world = worlds.make(
        "null",
        seed=2,
        customers=4000,
        promotions=[
            {
                "name": {"zh": "促销", "en": "Promotion"},
                "category": "one",
                "starts_after": 200,
                "days": 60,
                "depth": 30,
                "lift": 0.8,
                "pull": 0.5,
            }
        ],
        campaigns=[],
        programme=None,
    )
    customers = world.hidden["customers"].to_pandas().set_index("customer_id")
    window = oracle.window_of(world, "Promotion")
    weight = 1 + world.truth["promotion_1_lift"].value * customers["sensitivity"]
    everybody = pd.Series(True, index=customers.index)
    assert oracle.rate_in_window(world, window, everybody, weight).holds(1.0)
    lines = world.tables["transactions"].to_pandas().dropna(subset="customer_id")
    day = (lines["ordered_at"] - pd.Timestamp(world.parameters.start)).dt.days
    inside = lines[day.between(200, 259)]
    in_it = inside["product_id"] <= 2
    assert (inside["discount"].astype(float) > 0).equals(in_it)
    own = inside["customer_id"].astype(int).map(customers["sensitivity"])
    share = world.store.menus[0, :2].sum()
    chance = share + (1 - share) * 0.5 * own
    error = np.sqrt((chance * (1 - chance)).sum())
    assert in_it.sum() == pytest.approx(chance.sum(), abs=3.5 * error)


def test_baskets_grow_with_the_gap_in_the_second_family() -> None:
    world = worlds.make(
        "renewal",
        seed=2,
        customers=2500,
        programme=None,
        basket={"gap_effect": 0.6, "level_shape": None},
        **QUIET,
    )
    gaps = world.hidden["gaps"].to_pandas().query("closed")
    sizes = (
        world.tables["transactions"]
        .to_pandas()
        .dropna(subset="customer_id")
        .groupby("order_id")
        .size()
    )
    order = gaps["customer_id"] * 10_000 + gaps["number"] + 1
    gap = np.minimum((gaps["ends"] - gaps["begins"]) * gaps["rate"], 3)
    mean = world.parameters.basket.extra_lines * (1 + 0.6 * (gap - 1))
    most = world.parameters.basket.most_lines
    wanted = 1 + sum(np.exp(-lines / mean) for lines in range(1, most))
    found = order.map(sizes)
    error = np.sqrt(((found - wanted) ** 2).sum())
    assert found.sum() == pytest.approx(wanted.sum(), abs=3.5 * error)
    assert found[gap > 1.5].mean() > found[gap < 0.5].mean() + 0.1


def test_trends_of_the_second_family() -> None:
    world = worlds.make(
        "renewal", seed=2, customers=1500, programme=None, timing={"trend_sd": 0.5}, **QUIET
    )
    gaps = world.hidden["gaps"].to_pandas()
    customers = world.hidden["customers"].to_pandas().set_index("customer_id")
    own = gaps["customer_id"].map(customers["rate"])
    drift = gaps["customer_id"].map(customers["trend"]) * gaps["begins"] / 365
    assert np.log(gaps["rate"] / own).to_numpy() == pytest.approx(drift.to_numpy(), abs=1e-6)
    assert customers["trend"].std() == pytest.approx(0.5, rel=0.1)
