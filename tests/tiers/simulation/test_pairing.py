"""Designs are compared on the same random numbers."""

from __future__ import annotations

import numpy as np
import pytest
from tiers.simulation.crowds import coffee, crowd

from loyalty_research import tiers
from loyalty_research.tiers.simulation import chunks
from loyalty_research.tiers.simulation.hashed import uniforms

OFF, MEDIAN = tiers.priors.off(), tiers.priors.median()


def test_an_identical_design_differs_by_exactly_zero() -> None:
    first = tiers.simulate(crowd(), coffee(), draws=2, periods=52)
    again = tiers.simulate(crowd(), coffee(), draws=2, periods=52)
    summary = first.compare(again).summary().set_index("measure")
    bounds = ["difference", "low_responses", "high_responses"]
    assert (summary[bounds].fillna(0.0) == 0.0).all().all()
    assert summary.loc["gain", "low"] == summary.loc["gain", "high"] == 0.0


def test_without_responses_designs_sell_the_same() -> None:
    one = tiers.simulate(crowd(), coffee(), responses=OFF)
    other = tiers.simulate(crowd(), coffee("tea_tiers_example"), responses=OFF)
    assert (one.done.people["net"] == other.done.people["net"]).all()
    assert one.totals["margin"] == other.totals["margin"]
    assert one.totals["reward_cost"] != other.totals["reward_cost"]


def test_results_do_not_depend_on_the_number_of_threads(monkeypatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 37)
    made = [tiers.simulate(crowd(), coffee(), threads=threads) for threads in (1, 3)]
    assert (made[0].done.people == made[1].done.people).all()
    assert (made[0].done.weeks == made[1].done.weeks).all()
    monkeypatch.undo()
    whole = tiers.simulate(crowd(), coffee(), threads=1)
    assert (whole.done.people == made[0].done.people).all()


def test_a_sample_keeps_its_random_numbers() -> None:
    every = tiers.simulate(crowd(400), coffee(), responses=OFF)
    part = tiers.simulation.sample_of(crowd(400), 100)
    assert 60 < part.size < 140
    small = tiers.simulate(part, coffee(), responses=OFF)
    assert (small.done.people == every.done.people[part.keys]).all()


def test_the_loop_and_numpy_hash_alike() -> None:
    there = tiers.simulate(crowd(alive=0.5), coffee(), seed=7)
    u = uniforms(7, there.population.keys, purpose="alive")
    assert ((u < 0.5) == (there.done.people["left_week"] != -2)).all()
    assert abs(np.corrcoef(u, uniforms(8, there.population.keys, purpose="alive"))[0, 1]) < 0.2


def paired(responses: tiers.Responses) -> tuple[float, float]:
    """Return the mean of orders gained over no responses, and its standard error."""
    people = crowd(4_000, dropout=0.0)
    base = tiers.simulate(people, coffee(), responses=OFF)
    made = tiers.simulate(people, coffee(), responses=responses)
    weeks = min(len(base.done.weeks), len(made.done.weeks))
    assert weeks == len(base.done.weeks) == len(made.done.weeks)
    more = made.done.people["orders"].astype(float) - base.done.people["orders"]
    return float(more.mean()), float(more.std() / np.sqrt(len(more)))


def test_pressure_that_is_all_borrowed_gains_nothing() -> None:
    pressure = OFF.replace(theta_P=0.4, theta_T=0.4, c=0.5)
    gained, error = paired(pressure)
    assert gained > 10 * error
    borrowed, error = paired(pressure.replace(psi=1.0))
    assert abs(borrowed) < 4 * error
    assert abs(borrowed) < 0.05 * gained


def test_borrowed_orders_have_no_larger_baskets() -> None:
    responses = OFF.replace(theta_P=0.4, theta_T=0.4, c=0.5, psi=1.0)
    made = tiers.simulate(crowd(), coffee(), responses=responses, keep_orders=True)
    rows = made.done.orders
    assert (rows[:, 2] == made.population.templates.amounts[rows[:, 3]]).all()


@pytest.mark.parametrize("name", ["beta_V", "theta_P", "theta_T", "theta_R"])
def test_a_response_brings_orders(name) -> None:
    gained, error = paired(OFF.replace(**{name: 0.4 if name != "beta_V" else 2.0}))
    assert gained > 4 * error


def test_the_past_of_the_present_programme_is_taken_off() -> None:
    responses = OFF.replace(theta_R=0.2)
    plain = tiers.simulate(crowd(2_000), coffee(), responses=responses)
    past = np.zeros((2_000, 6))
    past[:, 3] = 0.5
    less = tiers.simulate(crowd(2_000, past=past), coffee(), responses=responses)
    ratio = less.totals["orders"] / plain.totals["orders"]
    assert ratio == pytest.approx(np.exp(-0.1), rel=0.04)
