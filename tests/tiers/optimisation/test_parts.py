"""Parts of the search that need no simulation: the space, the front, regret, the decision."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from shop_of_designs import LEVEL, PRICE, crowd, present

from loyalty_research.errors import ParameterError
from loyalty_research.tiers import priors
from loyalty_research.tiers.optimisation import Limits, space
from loyalty_research.tiers.optimisation.constraints import rules_broken
from loyalty_research.tiers.optimisation.decide import decided, lowest
from loyalty_research.tiers.optimisation.regret import regrets, sensitivities
from loyalty_research.tiers.optimisation.search import Scored, begin, front, halve, refine


def test_a_choice_becomes_rules_and_nothing_else_changes() -> None:
    made = space(
        present(),
        {PRICE: [80, 120], "wallets.points.expiry.months": {"low": 6, "high": 24, "step": 6}},
    )
    assert (made.size, made.sizes) == (8, (2, 4))
    changed = made.programme((1, 0))
    assert (changed.rewards[0].points, changed.wallets["points"].expiry.months) == (120, 6)
    assert changed.tiers == present().tiers
    assert made.values((0, 3)) == {PRICE: 80.0, "wallets.points.expiry.months": 24.0}


def test_rules_that_contradict_each_other_are_no_design() -> None:
    base = present()
    made = space(base, {"tiers.levels.base.threshold": [0, 500]})
    assert made.programme((0,)) is not None
    assert made.programme((1,)) is None


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ({}, "nothing moves"),
        ({"rewards.cake.points": [1]}, "leads to no number"),
        ({"rewards.drink.kind": [1]}, "leads to no number"),
        ({PRICE: {"low": 9, "high": 3, "step": 1}}, "low at most high"),
        ({PRICE: {"low": 1, "high": 3}}, "low, high and step"),
        ({PRICE: []}, "values, or low, high and step"),
        ({PRICE: 5}, "cannot be used"),
    ],
)
def test_a_space_that_cannot_be_used(moves, told) -> None:
    with pytest.raises(ParameterError, match=told):
        space(present(), moves)


def test_all_mistakes_of_a_space_at_once() -> None:
    with pytest.raises(ParameterError) as found:
        space(present(), {"a.b": [1], PRICE: []})
    assert len(found.value.problems) == 2


def test_limits_of_the_rules() -> None:
    people = crowd()
    assert rules_broken(present(), people, Limits()) == ()
    far = space(present(), {LEVEL: [90_000]}).programme((0,))
    assert rules_broken(far, people, Limits()) == ("unreachable",)
    rich = space(present(), {PRICE: [15]}).programme((0,))
    assert rules_broken(rich, people, Limits()) == ("reward_rate",)
    assert rules_broken(present(), people, Limits(reward_rate=0.05)) == ("reward_rate",)


def test_front_is_what_nothing_dominates() -> None:
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 4, (30, 3)).astype(float)
    slow = [not any((other >= row).all() and (other > row).any() for other in rows) for row in rows]
    np.testing.assert_array_equal(front(rows), slow)


def test_search_finds_the_top_of_a_hill() -> None:
    sizes = (30, 30, 30)
    noise = np.random.default_rng(2).normal(size=4_000)

    def score(choice, size):
        hill = -sum((place - top) ** 2 for place, top in zip(choice, (22, 7, 15), strict=True))
        each = np.full(size, hill / size) + noise[:size] * 0.001
        return Scored(each, np.array([each.sum()]), 0.0)

    first = begin(sizes, 1)
    assert len(first) < 100
    left = halve(first, score, [1_000, 2_000, 4_000])
    assert len(left) < len(first)
    found = refine(left, score, 4_000, sizes, lambda _: True)
    assert (22, 7, 15) in found


def test_a_small_space_is_looked_at_as_a_whole() -> None:
    assert begin((3, 4), 1) == list(product(range(3), range(4)))


def test_regret_by_hand() -> None:
    told = regrets(np.array([[3.0, -1.0], [1.0, -2.0]]))
    assert told["pays"].tolist() == [0.5, 0.5, 0.0]
    assert told["expected_regret"].tolist() == [0.5, 2.0, 1.5]
    assert told["worst_regret"].tolist() == pytest.approx([0.95, 2.0, 2.85])


@pytest.mark.parametrize(
    ("gains", "evidence", "told"),
    [
        ([[1.0] * 20, [2.0] * 20], "posterior", (1, "change")),
        ([[1.0] * 20, [2.0] * 20], "thin", (1, "cannot_tell")),
        ([[1.0] * 20, [2.0] * 20], "priors", (1, "priors_alone")),
        ([[-1.0] * 20], "priors", (-1, "priors_alone")),
        ([[-1.0] * 20, [0.0] * 20], "posterior", (-1, "keep")),
        ([[-1.0] * 4 + [2.0] * 16], "posterior", (0, "cannot_tell")),
        ([[0.1], [0.3]], "known", (1, "change")),
        ([[-0.1], [0.0]], "known", (-1, "keep")),
    ],
)
def test_decision(gains, evidence, told) -> None:
    assert decided(np.array(gains), evidence) == told


def test_a_doubtful_design_does_not_hide_a_sure_one() -> None:
    doubtful = [-1.0] * 4 + [9.0] * 16
    sure = [1.0] * 20
    assert decided(np.array([doubtful, sure]), "posterior") == (1, "change")
    assert decided(np.array([doubtful, sure]), "known") == (0, "change")


@pytest.mark.parametrize(("noise", "verdict"), [(0.9, "change"), (1.1, "cannot_tell")])
def test_simulation_noise_counts(noise, verdict) -> None:
    assert decided(np.array([[1.0] * 20]), "posterior", np.array([noise]))[1] == verdict


def test_deviations_are_added_as_squares() -> None:
    gains = np.linspace(0, 10, 101)[None, :]
    assert lowest(gains) == pytest.approx([0.5])
    assert lowest(gains, np.array([6.0])) == pytest.approx([5 - np.hypot(4.5, 6)])


def test_sensitivity_names_the_parameter_that_matters() -> None:
    sets = priors.draw(3, 400)
    gains = np.array([10 * item["theta_P"] + 0.5 * item["psi"] for item in sets])
    found = sensitivities(sets, gains, ["psi", "theta_P", "kappa"])
    assert found["parameter"][0] == "theta_P"
    assert found["share"][0] > 0.8
    assert found.set_index("parameter")["share"]["kappa"] < 0.1
    assert sensitivities(sets[:10], gains[:10], ["psi"]).empty
