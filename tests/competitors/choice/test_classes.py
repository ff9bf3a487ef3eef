"""Latent classes: the likelihood's slopes, planted classes, and carry-over that is none."""

from __future__ import annotations

import numpy as np
import pytest
from competitors.choice.panels import panel

from loyalty_research.competitors.choice import (
    choose_classes,
    fit_carried,
    fit_classes,
    fit_logit,
    make_design,
)
from loyalty_research.competitors.choice.classes import refitted
from loyalty_research.competitors.choice.mixture import evaluate, prior_of, shape_of


@pytest.fixture(scope="module")
def unlike():
    """Households unlike each other, nothing carried over."""
    return fit_carried(
        panel(5, households=80, bought=15, spread=2.0).occasions, seed=1, starts=2, shuffles=8
    )


def test_slopes_and_curvature_are_those_of_the_likelihood() -> None:
    design = make_design(panel(2, households=15, bought=6).occasions)
    shape, rng = shape_of(design, 3), np.random.default_rng(1)
    prior = prior_of(design, fit_logit(design).coefficients)
    values, weights = 0.3 * rng.standard_normal(shape.size), rng.random(15)
    here = evaluate(design, shape, prior, values, weights)
    width = 1e-5
    ends = [
        [evaluate(design, shape, prior, values + side * move, weights) for side in (1, -1)]
        for move in width * np.eye(shape.size)
    ]
    slope = [(up.value - down.value) / (2 * width) for up, down in ends]
    curve = [(up.slope - down.slope) / (2 * width) for up, down in ends]
    assert np.allclose(here.slope, slope, atol=1e-5)
    assert np.allclose(here.observed, -np.array(curve), atol=1e-4)


def test_one_class_is_the_logit() -> None:
    design = make_design(panel(2, households=40).occasions)
    one, logit = fit_classes(design, classes=1, seed=1), fit_logit(design)
    assert one.log_likelihood == pytest.approx(logit.log_likelihood, abs=1e-6)
    assert np.allclose(one.coefficients[0], logit.coefficients, atol=1e-4)
    for name in ("price", "carry_over"):
        assert one.estimate(name).low == pytest.approx(logit.estimate(name).low, abs=5e-3)


def test_weights_count_households() -> None:
    design = make_design(panel(2, households=40).occasions)
    fit = fit_classes(design, classes=2, seed=1)
    once, thrice = (refitted(design, fit, count * np.ones(40)) for count in (1, 3))
    assert thrice.log_likelihood == pytest.approx(3 * once.log_likelihood, rel=1e-3)


def test_two_planted_classes_are_found() -> None:
    rng = np.random.default_rng(4)
    one = panel(6, households=90, bought=12, spread=0.0).occasions
    design = make_design(one)
    likings = np.where((one.household < 30)[:, None], [3.0, 0, 0, 0], [0, 0, 2.0, 0])
    utility = likings - 0.4 * one.price + rng.gumbel(size=one.price.shape)
    chosen = utility.argmax(axis=1)
    before = np.where(one.before < 0, -1, np.roll(chosen, 1))
    planted = make_design(
        type(one)(one.brands, one.household, chosen, before, one.on_offer, one.price,
                  one.promoted, {}, 90)
    )  # fmt: skip
    best, tried = choose_classes(planted, seed=1, starts=3, most=3)
    assert best.classes == 2
    assert [fit.classes for fit in tried] == [1, 2, 3]
    assert best.sizes.min() == pytest.approx(1 / 3, abs=0.04)
    sure = best.membership.max(axis=1)
    assert (sure > 0.9).mean() > 0.95
    assert design.households == 90


def test_differences_of_households_look_like_carry_over_to_a_model_without_them(unlike) -> None:
    alike = unlike.tried[0].estimate("carry_over")
    assert alike.low > 0.8
    assert unlike.free.mean("carry_over") < alike.value / 4


def test_nothing_carried_over_is_called_nothing(unlike) -> None:
    found = unlike.estimate()
    assert found.low < 0 < found.high
    assert abs(unlike.ends[0]) < 0.2
    assert found.value < 0.25


def test_a_planted_carry_over_is_found() -> None:
    found = fit_carried(panel(7, spread=1.5, carry_over=1.0).occasions, seed=1, starts=2,
                        shuffles=8)  # fmt: skip
    interval = found.estimate()
    assert interval.low < 1.0 < interval.high
    assert found.value == pytest.approx(1.0, abs=0.25)
    assert found.tried[0].mean("carry_over") > 1.4


def test_shuffling_keeps_each_households_purchases() -> None:
    own = panel(8, households=10, bought=6, carry_over=2.0).occasions
    mixed = own.shuffled(np.random.default_rng(1))
    for household in range(10):
        rows = own.household == household
        assert sorted(own.chosen[rows]) == sorted(mixed.chosen[rows])
        assert np.array_equal(mixed.before[rows][1:], mixed.chosen[rows][:-1])
    pairs = {(own.price[i, own.chosen[i]], own.chosen[i]) for i in range(len(own.chosen))}
    assert pairs == {(mixed.price[i, c], c) for i, c in enumerate(mixed.chosen)}
