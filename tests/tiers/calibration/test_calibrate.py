"""Calibration from end to end: too little to learn from, states of real orders, draws."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from programme_shop import easy, late, shop
from tiers.simulation.crowds import coffee, crowd

import loyalty_research as lr
from loyalty_research import tiers
from loyalty_research.errors import ParameterError, sentence
from loyalty_research.tiers.calibration import history
from loyalty_research.tiers.calibration import kernel_likelihood as kernel
from loyalty_research.tiers.calibration.calibrated import table_of
from loyalty_research.tiers.calibration.mixing import effective_draws
from loyalty_research.tiers.simulation.terms import NAMES

CHANGE = "2024-02-01"


@pytest.fixture(scope="module")
def little() -> tiers.Calibration:
    return tiers.calibrate(shop(), easy(), late(), CHANGE)


def test_too_little_to_learn_from_keeps_the_priors(little) -> None:
    assert not little.calibrated
    assert not little.trusted
    assert little.responses is tiers.priors
    told = " ".join(str(reason) for reason in little.reasons)
    assert "4 whole weeks before the rule change; at least 26" in told
    assert "customers with a reward after the rule change; at least 1000" in told
    assert set(little.not_moved) == set(NAMES)
    assert set(little.rests_on_priors) == set(little.table["about"])


def test_reasons_are_told_in_chinese(little) -> None:
    for reason in little.reasons:
        assert "未校准" in sentence(reason, "zh")
        assert "before" not in sentence(reason, "zh")


def test_table_has_a_row_a_parameter_with_prior_and_posterior(little) -> None:
    frame = little.summary()
    assert tuple(frame["parameter"]) == NAMES
    assert (frame["prior_low"] <= frame["prior_median"]).all()
    assert (frame["low"] <= frame["high"]).all()
    assert set(frame["rests_on"]) == {"prior"}


def test_evidence_alone_moves_what_it_is_about() -> None:
    campaign = pd.DataFrame([{"term": "theta_P", "estimate": 0.3, "low": 0.28, "high": 0.32}])
    found = tiers.calibrate(shop(), easy(), late(), CHANGE, evidence=campaign)
    assert not found.calibrated
    moved = found.table.set_index("parameter")
    assert moved["moved"].to_dict() == {name: name == "theta_P" for name in NAMES}
    assert moved.loc["theta_P", "median"] == pytest.approx(0.3, abs=0.01)
    values = [one["theta_P"] for one in found.responses.draw(1, 50)]
    assert min(values) > 0.25


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("2023-12-31", "change_on is 2023-12-31; allowed: a day after 2024-01-01"),
        ("2024-05-01", "before 2024-04-01"),
    ],
)
def test_a_change_outside_the_history_is_refused(change, told) -> None:
    with pytest.raises(ParameterError, match=told):
        tiers.calibrate(shop(), easy(), late(), change)


def test_bad_arguments_are_told_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        tiers.calibrate(
            shop(), easy(), late(), CHANGE, customers=1, steps=1, redemption="sometimes"
        )
    assert len(caught.value.problems) == 3


def test_a_population_without_a_past_is_refused() -> None:
    with pytest.raises(ParameterError, match="no past"):
        tiers.calibrate(crowd(10), easy(), late(), CHANGE)
    with pytest.raises(ParameterError, match="until goes with a brand"):
        tiers.calibrate(crowd(10), easy(), late(), CHANGE, until="2024-02-10")


def test_a_forecast_beyond_the_history_is_refused() -> None:
    with pytest.raises(ParameterError, match="12 weeks from 2024-03-01"):
        tiers.check_forecast(shop(), tiers.priors, easy(), "2024-03-01")


def who_spends(people: tiers.Population, amount: float) -> int:
    """Return the place of a customer with orders of that amount."""
    return int(np.flatnonzero(people.templates.means == amount)[0])


def test_states_by_hand() -> None:
    """Two orders of 50 i yuan on 10 January and 10 February; easy: 100 points for 10 yuan.

    Kind 1 holds 50 of 100 points between its orders, kind 10 holds 500 and redeems 100 with its
    second order, which brings 500 more: 900 are left, the next price is not above the anchor.
    """
    people = history.recorded_people(shop())
    made = history.observe(people, easy(), dt.date(2024, 1, 1), 13, redemption="at_once")
    x = made.states
    first, last = who_spends(people, 50), who_spends(people, 500)
    assert made.orders[first].nonzero()[0].tolist() == [1, 5]
    assert (made.levels[first, :2] == -1).all()
    assert (made.levels[first, 2:] == 0).all()
    assert x[first, 3, kernel.LOG_SHARE] == pytest.approx(np.log(0.5))
    assert x[first, 1, kernel.LOG_SHARE] == -kernel.FAR
    # 10 yuan for 100 points: a tenth of the spend; fewer than five orders count as five.
    assert x[first, 3, kernel.VALUE] == pytest.approx(0.1 / 5)
    # Level 1 at 800 yuan: 750 are missing with 51 weeks to go, in orders of 50 yuan.
    weeks = (dt.date(2024, 12, 31) - dt.date(2024, 1, 22)).days + 1
    assert x[first, 3, kernel.RISE] == pytest.approx(np.log(750 / (weeks / 7) / 50), abs=1e-5)
    assert made.rewards[last].nonzero()[0].tolist() == [5]
    # Monday 12 February is two days after the reward.
    assert x[last, 6, kernel.REWARD] == pytest.approx(2 / 7)
    assert x[last, 5, kernel.REWARD] == kernel.FAR
    assert made.levels[last, -1] == 1


def test_what_lies_before_the_first_week_is_lived_but_not_counted() -> None:
    people = history.recorded_people(shop())
    made = history.observe(people, easy(), dt.date(2024, 2, 5), 8, redemption="none")
    assert made.orders.sum(axis=0).tolist() == [people.size, *[0] * 7]
    assert (made.levels[:, 0] >= 0).all()


def test_states_change_with_the_rules() -> None:
    people = history.recorded_people(shop())
    panel = history.make_panel(
        people, easy(), late(), dt.date(2024, 2, 5), redemption="none", most=1_000
    )
    assert panel.change == 5
    kind = np.exp(panel.covariates[:, :, kernel.LOG_SHARE])
    own = who_spends(people, 50)
    assert kind[own, 4] == pytest.approx(50 / 100)
    assert kind[own, 5] == pytest.approx(50 / 300)
    assert panel.begins[own] == 2


def test_calibrated_responses_go_where_priors_go() -> None:
    sets = tiers.priors.draw(3, 9)
    made = tiers.CalibratedResponses(sets=sets)
    assert made.median()["theta_T"] == np.median([one["theta_T"] for one in sets])
    assert made.median()["H"] == int(made.median()["H"])
    assert made.draw(1, 9) != made.draw(2, 9)
    assert {id(one) for one in made.draw(1, 9)} == {id(one) for one in sets}
    run = tiers.simulate(crowd(30), coffee(), responses=made, periods=8, draws=3)
    assert run.responses == made.median()


def test_what_no_week_tells_never_counts_as_moved() -> None:
    rng = np.random.default_rng(1)
    prior = {name: rng.random(500) for name in NAMES}
    posterior = {name: prior[name] * 0.1 for name in NAMES}
    frame = table_of(tiers.priors, prior, posterior, told=("psi", "q_0"))
    assert set(frame.loc[frame["moved"], "parameter"]) == {"psi", "q_0"}


def test_effective_draws_of_known_chains() -> None:
    rng = np.random.default_rng(1)
    free = rng.normal(size=(500, 4, 1))
    slow = free.copy()
    for step in range(1, 500):
        slow[step] = 0.9 * slow[step - 1] + 0.19**0.5 * free[step]
    apart = free + np.arange(4)[:, None] * 3.0
    # Autocorrelation of .9: one in nineteen draws counts.
    assert effective_draws(free) == pytest.approx(2_000, rel=0.2)
    assert effective_draws(slow) == pytest.approx(2_000 / 19, rel=0.4)
    assert effective_draws(apart) < 20


def test_the_brand_of_a_world_is_calibrated_from_end_to_end(monkeypatch) -> None:
    """A price that halves, few customers: the number asked for is lowered for the test."""
    module = import_module("loyalty_research.tiers.calibration.calibrate")
    monkeypatch.setattr(module, "REWARDED", 50)
    rng = np.random.default_rng(4)
    rows = [
        {
            "order_id": f"{who}-{week}-{number}",
            "customer_id": f"c{who:03d}",
            "ordered_at": pd.Timestamp("2023-01-02") + pd.Timedelta(days=7 * week + number),
            "amount": 20.0,
        }
        for who, rate in enumerate(rng.gamma(2, 0.2, 150))
        for week, count in enumerate(rng.poisson(rate, 60))
        for number in range(count)
    ]
    brand = lr.Brand.from_frames(
        transactions=pd.DataFrame(rows),
        currency="CNY",
        name="made",
        period=("2023-01-02", "2024-02-25"),
        identifiers="public",
        provenance="made by a random number generator",
    )
    found, again = (
        tiers.calibrate(brand, late(), easy(), "2023-08-07", steps=20) for _ in range(2)
    )
    assert found.calibrated
    assert found.panel is not None
    assert found.panel.change == 31
    pd.testing.assert_frame_equal(found.table, again.table)
    assert found.responses.draw(1, 5) == again.responses.draw(1, 5)
    assert not found.table.set_index("parameter").loc["zeta", "moved"]
