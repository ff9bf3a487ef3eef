"""The split of repeat rates adds up and finds what was planted; elasticities are slopes."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from competitors.choice.panels import BRANDS, panel

from loyalty_research.competitors.choice import (
    fit_carried,
    price_response,
    split_repeat,
    told,
)
from loyalty_research.competitors.choice.split import mixed_chances

MADE = panel(9, households=100, bought=15, carry_over=1.0)


@pytest.fixture(scope="module")
def carried():
    return fit_carried(MADE.occasions, seed=1, starts=2, shuffles=6)


def test_parts_add_up_to_the_rate_of_the_model(carried) -> None:
    found = split_repeat(carried.occasions, carried.design_held, carried.held, weights=np.ones(100))
    assert np.allclose(found[:, :4].sum(axis=1), found[:, 4], atol=1e-12)
    assert np.allclose(found[:, 0], 0.25)
    own = carried.occasions
    after = np.array([(own.before == place).sum() for place in range(len(BRANDS))])
    observed = (own.chosen == own.before)[own.before >= 0].mean()
    assert after @ found[:, 4] / after.sum() == pytest.approx(observed, abs=0.03)


def test_parts_are_those_of_the_planted_utilities(carried) -> None:
    """The truth: the same terms switched off in the utilities behind each purchase."""
    found = split_repeat(carried.occasions, carried.design_held, carried.held, weights=np.ones(100))
    parts = dict(zip("lpc", (MADE.liking, MADE.priced, MADE.carried), strict=True))
    worth = {}
    for size in range(4):
        for on in itertools.combinations("lpc", size):
            power = np.exp(sum((parts[name] for name in on), np.zeros(MADE.liking.shape)))
            chance = power / power.sum(axis=1, keepdims=True)
            worth[on] = [chance[MADE.occasions.before == b, b].mean() for b in range(4)]
    truth = np.zeros((4, 3))
    for order in itertools.permutations("lpc"):
        for step, name in enumerate(order):
            before, after = (
                tuple(n for n in "lpc" if n in order[:end]) for end in (step, step + 1)
            )
            truth[:, "lpc".index(name)] += np.subtract(worth[after], worth[before])
    truth /= math.factorial(3)
    assert np.allclose(found[:3, 1:4], truth[:3], atol=0.08)


def test_elasticities_are_what_a_small_rise_in_price_does(carried) -> None:
    ones = np.ones(100)
    found = price_response(carried.occasions, carried.design_held, carried.held, weights=ones)
    design, place = carried.design_held, carried.design_held.names.index("price")
    now = mixed_chances(design, carried.held, given=design.given).sum(axis=0)
    for brand in range(4):
        features = design.features.copy()
        features[:, brand, place] *= 1 + 1e-5
        moved = type(design)(design.names, design.brands, features, design.on_offer, design.chosen,
                             design.household, design.given)  # fmt: skip
        then = mixed_chances(moved, carried.held, given=design.given).sum(axis=0)
        assert np.allclose(found.elasticity[:, brand], (then / now - 1) / 1e-5, atol=1e-3)


def test_purchases_lost_go_to_others(carried) -> None:
    found = price_response(
        carried.occasions, carried.design_held, carried.held, weights=np.ones(100)
    )
    now = mixed_chances(carried.design_held, carried.held, given=carried.design_held.given)
    assert np.allclose(now.sum(axis=0) @ found.elasticity, 0, atol=1e-9)
    assert (np.diag(found.elasticity) < 0).all()


def test_intervals_span_both_ends_and_the_estimate(carried) -> None:
    found = told(carried, draws=3, seed=1)
    low, high = found.interval("split")
    assert (low <= found.lower["split"]).all()
    assert (high >= found.upper["split"]).all()
    assert (found.lower["split"] <= found.found["split"]).all()
    assert (found.errors["split"][:, 1:] > 0).all()
    assert 0 <= found.agreed <= 1
