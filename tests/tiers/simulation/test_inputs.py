"""Mistakes are told in one message each."""

from __future__ import annotations

import pytest
from tiers.simulation.crowds import coffee, crowd

from loyalty_research import LoyaltyError, tiers


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"margin": 0.0}, "margin is 0.0; allowed: above 0 and at most 1"),
        ({"margin": 1.2}, "margin is 1.2; allowed: above 0 and at most 1"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"alive": 1.5}, "alive is 1.5"),
        ({"season": [1.0, 0.0]}, "season is 0.0"),
    ],
)
def test_a_population_that_cannot_be(given, told) -> None:
    with pytest.raises(LoyaltyError, match=told):
        crowd(3, **given)


def test_a_population_without_customers_or_purchases() -> None:
    with pytest.raises(LoyaltyError, match="no customer"):
        tiers.population_of([])
    with pytest.raises(LoyaltyError, match="amount"):
        tiers.population_of([0.1], amount=0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"periods": 0}, "periods is 0; allowed: a whole number of weeks from 1"),
        ({"start": "never"}, "start is 'never'"),
        ({"redemption": "observed"}, "redemption is 'observed'"),
        ({"start": "carry"}, "needs present="),
        ({"discount": -0.1}, "not below 0"),
    ],
)
def test_a_simulation_that_cannot_be(given, told) -> None:
    with pytest.raises(LoyaltyError, match=told):
        tiers.simulate(crowd(3), coffee(), **given)


def test_a_prior_turned_round() -> None:
    with pytest.raises(LoyaltyError, match=r"prior of theta_P: range 0\.4 to 0\.1"):
        tiers.priors.with_range("theta_P", 0.4, 0.1)
    with pytest.raises(LoyaltyError, match="unknown parameter theta_X"):
        tiers.priors.off().replace(theta_X=1.0)
    with pytest.raises(LoyaltyError, match="psi is 2"):
        tiers.priors.off().replace(psi=2.0)


def test_unlike_simulations_are_not_compared() -> None:
    one = tiers.simulate(crowd(30), coffee(), periods=4)
    other = tiers.simulate(crowd(30), coffee(), periods=4, seed=2)
    with pytest.raises(LoyaltyError, match="differ in seed"):
        one.compare(other)


def test_another_currency() -> None:
    with pytest.raises(LoyaltyError, match="is in CNY, the population in GBP"):
        tiers.simulate(crowd(3, currency="GBP"), coffee())


def test_draws_keep_to_their_ranges() -> None:
    drawn = tiers.priors.draw(seed=1, n=4_000)
    for item in tiers.priors.parameters:
        values = sorted(one[item.name] for one in drawn)
        there = [value for value in values if value != 0.0] if item.response else values
        absent = 1 - len(there) / len(values)
        assert absent == pytest.approx(0.2 if item.response else 0.0, abs=0.02)
        assert item.bounds[0] <= there[0]
        assert there[-1] <= item.bounds[1]
        if item.name not in ("psi", "H"):
            inside = [item.low <= value <= item.high for value in there]
            assert sum(inside) / len(inside) > 0.88, item.name
            assert there[len(there) // 2] == pytest.approx(
                item.median, abs=0.1 * (item.high - item.low)
            )
