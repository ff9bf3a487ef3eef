"""A world without effects has none: everything that could differ is compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from loyalty_research import worlds
from loyalty_research.worlds.world import World

LEVEL = 1e-3


@pytest.fixture(scope="module", params=["null", "bakery", "renewal"])
def world(request: pytest.FixtureRequest) -> World:
    return worlds.null(request.param, seed=21, customers=1500)


def test_nothing_that_is_planted_is_an_effect(world: World) -> None:
    ones = {"factor"}
    effects = ("lift", "slope", "intent", "pull", "depth", "pressure", "effect", "trend", "path_")
    for name, planted in world.truth.items():
        if planted.unit in ones:
            assert planted.value == 1, name
        if any(word in name for word in effects) or name in ("shifted", "rewarded_behaviour"):
            assert planted.value == 0, name


def test_nobody_leaves_and_sales_stand_still(world: World) -> None:
    customers = world.hidden["customers"].to_pandas()
    assert customers["alive"].all()
    orders = world.tables["transactions"].to_pandas().drop_duplicates("order_id")
    orders = orders.dropna(subset="customer_id")
    days = world.clock.days
    day = (orders["ordered_at"] - pd.Timestamp(world.parameters.start)).dt.days
    # Each customer is a unit: purchases in the second half less those in the first.
    moved = (
        pd.Series(np.where(day < days // 2, -1, 1), index=orders["customer_id"])
        .groupby(level=0)
        .sum()
    )
    assert stats.ttest_1samp(moved, moved.sum() * 0).pvalue > LEVEL
    assert abs(moved.mean()) < 0.05 * len(orders) / len(moved)


def test_groups_differ_by_chance_only(world: World) -> None:
    customers = world.hidden["customers"].to_pandas().set_index("customer_id")
    bought = customers["purchases"]
    described = world.tables["customers"].to_pandas().set_index("customer_id")
    told = described.join(bought)
    for column in ("gender", "age_band", "place", "join_source"):
        groups = [part["purchases"] for _, part in told.groupby(column, observed=True)]
        assert stats.kruskal(*groups).pvalue > LEVEL, column
    for column in (item for item in customers.columns if item.startswith("reached_")):
        reached = customers[column]
        assert stats.mannwhitneyu(bought[reached], bought[~reached]).pvalue > LEVEL, column
    ever = customers["ever_joins"]
    assert stats.mannwhitneyu(customers["rate"][ever], customers["rate"][~ever]).pvalue > LEVEL


def test_constructs_of_the_survey_are_unrelated() -> None:
    world = worlds.null("bakery", seed=21, customers=3000, survey={"share": 0.5})
    constructs = world.hidden["survey"].to_pandas().drop(columns="customer_id")
    related = constructs.corr().to_numpy()[np.triu_indices(constructs.shape[1], 1)]
    assert abs(related).max() < 4 / np.sqrt(len(constructs))
