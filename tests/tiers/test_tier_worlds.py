"""Worlds of the tier designer's proofs: their history, their rule change, their gains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from proofs._tier_worlds import RANGES, RESPONSES, TierWorld, drawn, programme, tier_world

from loyalty_research import tiers

FAMILIES = ("model", "other")


@pytest.fixture(scope="module", params=FAMILIES)
def world(request) -> TierWorld:
    return tier_world(3, family=request.param, customers=120)


def test_draws_lie_in_the_ranges_of_the_page() -> None:
    rng = np.random.default_rng(1)
    sets = pd.DataFrame([drawn(rng) for _ in range(2_000)])
    for name, (_, low, middle, high, _) in RANGES.items():
        own = sets[name][sets[name] != 0] if name in RESPONSES else sets[name]
        below, half, above = np.quantile(own, [0.05, 0.5, 0.95])
        room = 0.12 * (high - low) + 0.5 * (name == "H")
        assert half == pytest.approx(middle, abs=room), name
        assert above == pytest.approx(high, abs=room), name
        if low > 0 or name in ("q_0", "theta_1", "d_1"):
            assert below == pytest.approx(low, abs=room), name
    absent = (sets[list(RESPONSES)] == 0).to_numpy().mean()
    assert absent == pytest.approx(0.2, abs=0.02)


def test_draws_have_the_quantiles_of_the_package() -> None:
    rng = np.random.default_rng(2)
    mine = pd.DataFrame([drawn(rng) for _ in range(4_000)])
    theirs = pd.DataFrame([dict(one.values) for one in tiers.priors.draw(2, 4_000)])
    for name in RANGES:
        spread = theirs[name].std()
        one, other = (np.quantile(sets[name], [0.3, 0.5, 0.9]) for sets in (mine, theirs))
        apart = one - other
        assert (np.abs(apart) < 0.15 * spread + 1e-9).all(), name


def test_history_is_a_table_of_orders(world) -> None:
    orders = world.orders
    assert orders["order_id"].is_unique
    assert orders["ordered_at"].is_monotonic_increasing
    days = orders["ordered_at"].dt.date
    assert days.min() >= world.period[0]
    assert days.max() <= world.period[1]
    assert (orders["net_sales"] > 0).all()


def test_prices_change_on_the_day_of_the_change(world) -> None:
    used = world.orders[world.orders["points_used"] > 0]
    later = used["ordered_at"].dt.date >= world.change_on
    assert later.any()
    assert (~later).any()
    assert set(used.loc[later, "points_used"]) == {float(world.after.rewards[0].points)}
    assert set(used.loc[~later, "points_used"]) == {float(world.before.rewards[0].points)}


def test_keeping_the_present_gains_exactly_nothing(world) -> None:
    assert world.gain(world.after) == 0
    assert world.gain(programme(**world.present)) == 0
    other = programme(**world.present | {"price": 100 if world.present["price"] > 100 else 400})
    assert world.gain(other) != 0


def test_without_responses_generosity_only_costs() -> None:
    for family in FAMILIES:
        made = tier_world(5, family=family, customers=120, effect=False)
        rich = programme(**made.present | {"points": 2.5, "price": 100})
        assert made.gain(rich) < 0
        sales = made.outcome(rich).weekly["sales"][:40]
        np.testing.assert_allclose(sales, made.outcome(made.after).weekly["sales"][:40])


def test_the_same_number_is_the_same_world() -> None:
    one, other = (tier_world(4, customers=60) for _ in range(2))
    pd.testing.assert_frame_equal(one.orders, other.orders)
    assert not one.orders.equals(tier_world(5, customers=60).orders)
