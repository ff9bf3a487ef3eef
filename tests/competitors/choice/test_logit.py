"""The conditional logit against published numbers, another implementation, and bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from competitors.choice.panels import panel
from competitors.choice.panels import tables as tables_of

import loyalty_research as lr
from loyalty_research.competitors.choice import fit_logit, make_design, read_occasions
from loyalty_research.errors import DataError, MissingTableError

REFERENCE = {
    "price": (-0.36658, 0.02437),
    "promoted": (0.49143, 0.12006),
    "Dannon": (-0.73457, None),
    "Hiland": (-4.45017, None),
    "Weight Watchers": (-1.37576, None),
}


@pytest.fixture(scope="module")
def yogurt():
    brand = lr.open_brand("yogurt")
    return read_occasions(brand.market, brand.choice_sets)


def test_yogurt_is_that_of_the_references(yogurt) -> None:
    fit = fit_logit(make_design(yogurt, carry="none", base="Yoplait"))
    for name, (value, error) in REFERENCE.items():
        place = fit.names.index(name)
        assert fit.coefficients[place] == pytest.approx(value, abs=6e-6)
        if error is not None:
            assert np.sqrt(fit.naive[place, place]) == pytest.approx(error, abs=6e-6)
    assert fit.log_likelihood == pytest.approx(-2656.888, abs=6e-4)
    assert fit.null == pytest.approx(-3343.742, abs=6e-4)
    assert (fit.households, fit.purchases) == (100, 2412)


def test_the_base_changes_no_chance(yogurt) -> None:
    one, other = (fit_logit(make_design(yogurt, base=base)) for base in ("Yoplait", "Hiland"))
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-6)
    assert one.estimate("price").value == pytest.approx(other.estimate("price").value, abs=1e-8)


def test_purchases_of_one_household_are_not_independent(yogurt) -> None:
    fit = fit_logit(make_design(yogurt, carry="none"))
    assert (np.diag(fit.covariance) > 2 * np.diag(fit.naive)).all()


def test_more_households_alike_narrow_the_interval() -> None:
    wide, narrow = (
        fit_logit(make_design(panel(1, households=size, bought=5, spread=0.0).occasions))
        for size in (50, 800)
    )
    ratio = np.diag(wide.covariance) / np.diag(narrow.covariance)
    assert np.median(ratio) == pytest.approx(16, rel=0.5)


def test_smoothed_purchases_of_one_household_begin_equal_and_forget() -> None:
    design = make_design(panel(1, households=3, bought=4).occasions, carry="loyalty")
    loyalty = design.features[:, :, design.names.index("carry_over")]
    first = design.starts
    assert np.allclose(loyalty[first], 1 / 4)
    assert np.allclose(loyalty.sum(axis=1), 1)
    for row in first + 1:
        bought = np.arange(4) == design.chosen[row - 1]
        assert np.allclose(loyalty[row], 0.8 / 4 + 0.2 * bought)


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    return tables_of(panel(3, households=12, bought=6).occasions)


def test_tables_give_the_panel_they_were_made_of() -> None:
    market, sets = tables()
    read = read_occasions(market.sample(frac=1, random_state=1), sets.sample(frac=1))
    own = panel(3, households=12, bought=6).occasions
    order = [own.brands.index(name) for name in read.brands]
    assert np.array_equal(np.array(read.brands)[read.chosen], np.array(own.brands)[own.chosen])
    assert np.array_equal(read.before == -1, own.before == -1)
    assert np.allclose(read.price, own.price[:, order])
    assert np.array_equal(read.promoted, own.promoted[:, order])
    assert not any(read.left_out.values())


def test_choice_sets_without_the_brand_bought_are_left_out_and_counted() -> None:
    market, sets = tables()
    bought = sets.merge(market, on=["occasion_id", "brand"]).head(5)
    gone = sets["occasion_id"].isin(bought["occasion_id"]) & sets.set_index(
        ["occasion_id", "brand"]
    ).index.isin(bought.set_index(["occasion_id", "brand"]).index)
    read = read_occasions(market, sets[~gone])
    assert read.left_out["not_offered"] == 5
    assert len(read.chosen) == len(market) - 5


def test_prices_of_zero_are_left_out_and_counted() -> None:
    market, sets = tables()
    sets.loc[[0, 4, 9], "price"] = 0.0
    sets.loc[40, "price"] = np.nan
    assert read_occasions(market, sets).left_out["no_price"] == 4


def test_brands_beyond_the_largest_are_left_out_and_counted() -> None:
    market, sets = tables()
    read = read_occasions(market, sets, brands=2)
    assert len(read.brands) == 2
    assert read.left_out["other_brand"] == (~market["brand"].isin(read.brands)).sum()


def test_of_many_households_some_are_drawn_the_same_each_time() -> None:
    market, sets = tables()
    one, two = (read_occasions(market, sets, purchases=30) for _ in range(2))
    assert one.households == 5
    assert one.all_households == 12
    assert np.array_equal(one.chosen, two.chosen)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda market, sets: (market[market["brand"] == "a"], sets), "at least two"),
        (lambda market, sets: (market[market["sequence"] == 1], sets), "nobody bought twice"),
        (lambda market, sets: (market, sets.assign(price=0.0)), "no purchase has a choice set"),
    ],
)
def test_what_cannot_be_used_is_said(change, words) -> None:
    with pytest.raises(DataError, match=words):
        read_occasions(*change(*tables()))


def test_prices_that_never_differ_are_said() -> None:
    market, sets = tables()
    occasions = read_occasions(market, sets.assign(price=2.5))
    with pytest.raises(DataError, match="price never differs"):
        make_design(occasions)


def test_a_price_that_is_the_promotion_is_said() -> None:
    market, sets = tables()
    occasions = read_occasions(market, sets.assign(price=9.0 - sets["promoted"]))
    with pytest.raises(DataError, match="price, promoted"):
        fit_logit(make_design(occasions))


@pytest.mark.parametrize("name", ["sequence", "household_id"])
def test_a_missing_column_is_named(name) -> None:
    market, sets = tables()
    with pytest.raises(MissingTableError, match=name):
        read_occasions(market.drop(columns=name), sets)
