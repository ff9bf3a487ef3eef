"""What draws from the posterior: slices, the emulator, chains, and what normal numbers mean."""

from __future__ import annotations

import numpy as np
import pytest
from tiers.calibration.weeks import panel

from loyalty_research import tiers
from loyalty_research.tiers.calibration.calibrated import table_of
from loyalty_research.tiers.calibration.emulator import make_emulator
from loyalty_research.tiers.calibration.latents import WINDOW, make_latents
from loyalty_research.tiers.calibration.likelihood import RESPONSES, prepare
from loyalty_research.tiers.calibration.mixing import effective_draws, r_hat
from loyalty_research.tiers.calibration.posterior import metropolis, sample_posterior
from loyalty_research.tiers.calibration.slices import slice_chains
from loyalty_research.tiers.simulation.terms import NAMES


def test_slices_find_a_normal_posterior() -> None:
    """A standard normal times exp(-(x - m)' A (x - m) / 2): precision 1 + A, mean by it."""
    rng = np.random.default_rng(1)
    middle, extra = np.array([1.0, -2.0, 0.0, 0.5]), np.array([9.0, 1.0, 0.0, 100.0])
    found = slice_chains(
        rng.standard_normal((2_000, 4)),
        lambda x: -0.5 * (extra * (x - middle) ** 2).sum(axis=1),
        rng=rng,
        sweeps=15,
    )
    assert found.mean(axis=0) == pytest.approx(extra * middle / (1 + extra), abs=0.08)
    assert found.std(axis=0) == pytest.approx((1 + extra) ** -0.5, rel=0.08)


def test_slices_keep_a_jump_in_proportion() -> None:
    """Below 0 three times as likely as above: three quarters of the draws lie there."""
    rng = np.random.default_rng(2)
    found = slice_chains(
        rng.standard_normal((4_000, 1)),
        lambda x: np.where(x[:, 0] < 0, np.log(3.0), 0.0),
        rng=rng,
        sweeps=10,
    )
    assert (found < 0).mean() == pytest.approx(0.75, abs=0.03)


def test_an_emulator_foresees_a_smooth_function_and_ignores_other_inputs() -> None:
    rng = np.random.default_rng(3)
    inputs = rng.standard_normal((250, 5)) * np.array([1.0, 20.0, 0.1, 1.0, 1.0])

    def truth(x: np.ndarray) -> np.ndarray:
        return np.sin(x[:, 0]) * 2 + (x[:, 1] / 20) ** 2 + 7

    made = make_emulator(inputs[:200], truth(inputs[:200]), rng)
    left = truth(inputs[200:]) - made(inputs[200:])
    assert left.std() < 0.1 * truth(inputs).std()
    assert made.inverse[3] < 0.2 * made.inverse[0]  # a long length


def test_chains_correct_proposals_that_are_too_wide() -> None:
    """Standard normal proposals, a target of mean .5 and standard deviation .6."""
    rng = np.random.default_rng(4)
    offers = rng.standard_normal((6_000, 4))
    ratio = -0.5 * ((offers - 0.5) / 0.6) ** 2 + 0.5 * offers**2
    at, accepted = metropolis(ratio, rng)
    draws = offers[at, np.arange(4)]
    assert draws.mean() == pytest.approx(0.5, abs=0.03)
    assert draws.std() == pytest.approx(0.6, abs=0.03)
    assert 0.4 < accepted < 0.9
    assert r_hat(draws[:, :, None])[0] < 1.01


def test_r_hat_of_chains_that_disagree_in_place_or_width() -> None:
    rng = np.random.default_rng(5)
    free = rng.standard_normal((400, 4, 1))
    assert r_hat(free)[0] < 1.02
    assert r_hat(free + np.arange(4)[:, None])[0] > 1.2
    assert r_hat(free * np.array([1.0, 1.0, 1.0, 4.0])[:, None])[0] > 1.1
    assert r_hat(np.cumsum(free, axis=0))[0] > 1.2
    assert effective_draws(np.repeat(free[:40], 10, axis=0))[0] < 250


@pytest.mark.parametrize("name", ["theta_P", "kappa", "psi", "d_1"])
def test_normal_numbers_have_the_prior(name) -> None:
    rng = np.random.default_rng(6)
    latents = make_latents(tiers.priors, (name,))
    values = latents.values(rng.standard_normal((20_000, 2)))[:, 0]
    drawn = np.array([one[name] for one in tiers.priors.draw(6, 20_000)])
    places = np.linspace(0.02, 0.98, 9)
    spread = drawn.std()
    assert np.quantile(values, places) == pytest.approx(
        np.quantile(drawn, places), abs=0.06 * spread
    )
    assert (values == 0).mean() == pytest.approx((drawn == 0).mean(), abs=0.01)


def test_the_window_is_whole_weeks() -> None:
    latents = make_latents(tiers.priors, ())
    values = latents.values(np.random.default_rng(7).standard_normal((500, 1)))[:, 0]
    assert latents.names == (WINDOW,)
    assert set(values) <= set(range(1, 17))
    assert latents.every(values[:, None])[:, RESPONSES.index(WINDOW)].tolist() == values.tolist()


def test_weeks_that_tell_nothing_leave_prior_and_evidence() -> None:
    """Few customers: d_1 stays at its prior; with evidence, where prior and evidence put it."""
    rng = np.random.default_rng(8)
    orders = rng.poisson(rng.gamma(1.5, 0.3, (150, 1)), (150, 40))
    prior = np.array([one["d_1"] for one in tiers.priors.draw(3, 20_000)])
    for evidence, weight in (
        (None, np.ones(len(prior))),
        ({"d_1": (-0.4, 0.05)}, np.exp(-0.5 * ((prior + 0.4) / 0.05) ** 2)),
    ):
        found = sample_posterior(
            prepare(panel(orders)), tiers.priors, seed=1, steps=100, evidence=evidence
        )
        assert found.informed == ("d_1",)
        want = np.average(prior, weights=weight)
        sd = np.sqrt(np.average((prior - want) ** 2, weights=weight))
        assert found.of("d_1").mean() == pytest.approx(want, abs=0.4 * sd)
        assert found.of("d_1").std() == pytest.approx(sd, rel=0.35)
        assert found.accepted > 0.5


def test_a_response_that_acts_is_found_and_the_rest_is_named() -> None:
    """Value per spend of .2 in the second half of the weeks doubles the orders: log 2 / .2 = 3.5.

    Beyond what the prior holds likely: beta_V goes to its upper end, and no pressure is told of.
    """
    rng = np.random.default_rng(9)
    x = panel(np.zeros((400, 60))).covariates.copy()
    x[::2, 30:, 0] = 0.2
    rates = rng.gamma(2.0, 0.2, (400, 1)) * np.exp(1.8 * x[:, :, 0])
    made = panel(rng.poisson(rates), covariates=x)
    found = sample_posterior(prepare(made), tiers.priors, seed=2, steps=60)
    assert found.informed == ("beta_V", "d_1")
    low, high = np.quantile(found.of("beta_V"), (0.05, 0.95))
    assert low < 1.8 < high
    prior = {name: np.array([one[name] for one in tiers.priors.draw(1, 2_000)]) for name in NAMES}
    draws = {name: rng.choice(values, 200) for name, values in prior.items()}
    draws["beta_V"] = found.of("beta_V")
    frame = table_of(tiers.priors, prior, draws, told=found.informed)
    calibration = tiers.Calibration(True, (), tiers.priors, frame)
    assert "beta_V" not in calibration.not_moved
    assert {name for name in NAMES if name not in found.informed} <= set(calibration.not_moved)
    assert "generosity" not in calibration.rests_on_priors
    assert {"pressure", "shifting", "after_reward"} <= set(calibration.rests_on_priors)


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        (lambda x: x, False),
        (lambda x: 0.9 * x + 0.1 * np.median(x), False),  # a little narrower
        (lambda x: 0.7 * x + 0.3 * np.median(x), True),  # narrower
        (lambda x: x + 0.3 * x.std(), False),  # a little further
        (lambda x: x + 0.6 * x.std(), True),  # further
    ],
)
def test_what_counts_as_moved(change, moved) -> None:
    prior = {name: np.random.default_rng(10).normal(1, 1, 5_000) for name in NAMES}
    after = dict(prior) | {"kappa": change(prior["kappa"])}
    frame = table_of(tiers.priors, prior, after, told=NAMES).set_index("parameter")
    assert frame["moved"].drop("kappa").sum() == 0
    assert frame.loc["kappa", "moved"] == moved


@pytest.mark.parametrize(
    ("effective", "largest", "trusted"),
    [(400.0, 1.01, True), (30.0, 1.01, False), (400.0, 1.2, False)],
)
def test_a_calibration_is_trusted_with_enough_draws_of_chains_that_agree(
    effective, largest, trusted
) -> None:
    sets = tiers.priors.draw(1, 3)
    made = tiers.CalibratedResponses(sets=sets, effective=effective, r_hat=largest)
    assert made.trusted == trusted
