"""The likelihood beside its closed form, and beside a sum over all weeks of leaving."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pytest
from scipy.special import digamma, gammaln, polygamma
from tiers.calibration.weeks import NONE, panel, states

from loyalty_research.tiers.calibration.likelihood import (
    Likelihood,
    closed_form,
    in_order,
    prepare,
)
from loyalty_research.tiers.calibration.panel import Panel, sample

WEEKS = 60
NOBODY_LEAVES = -60.0
ALL = NONE | {
    "beta_V": 1.5,
    "theta_P": 0.4,
    "theta_T": 0.3,
    "theta_R": 0.2,
    "theta_L": 0.3,
    "beta_B": 2.0,
    "theta_1": -0.1,
    "psi": 0.6,
    "nu": 0.3,
    "d_1": -0.3,
    "d_V": 4.0,
    "d_L": 0.4,
}


def bought(n: int = 300, *, seed: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(0.8, 0.25, (n, 1)), (n, WEEKS))


def base(
    likelihood: Likelihood, *, leaving: float, shape: float = 0, scale: float = 0
) -> np.ndarray:
    given = likelihood.start.copy()
    given[0] = leaving
    given[1:3] += shape, scale
    return given


@pytest.mark.parametrize(("shape", "scale", "close"), [(0, 0, 1e-4), (0.05, -0.1, 2e-2)])
def test_quadrature_meets_the_closed_form(shape, scale, close) -> None:
    """Without dropout and differences between people; near the rates the nodes are made for."""
    orders = bought()
    likelihood = prepare(panel(orders))
    given = base(likelihood, leaving=NOBODY_LEAVES, shape=shape, scale=scale)
    found = likelihood.customers(in_order(NONE), given)
    want = closed_form(
        orders.sum(axis=1).astype(float),
        np.full(len(orders), float(WEEKS)),
        shape=float(np.exp(given[1])),
        scale=float(np.exp(given[2])),
    )
    assert np.abs(found - want).max() < close


def test_closed_form_with_known_multiples() -> None:
    orders = bought()
    x = panel(orders).covariates.copy()
    x[:, 30:, 0] = 0.2  # value per unit of spend
    season = 1 + 0.2 * np.sin(np.arange(WEEKS) / 8)
    likelihood = prepare(panel(orders, covariates=x), season=season)
    given = base(likelihood, leaving=NOBODY_LEAVES)
    found = likelihood.customers(in_order(NONE | {"beta_V": 1.5}), given)
    m = np.where(np.arange(WEEKS) >= 30, np.exp(1.5 * np.float32(0.2)), 1.0) * season
    shape, scale = float(np.exp(given[1])), float(np.exp(given[2]))
    want = closed_form(
        orders.sum(axis=1).astype(float), np.full(len(orders), m.sum()), shape=shape, scale=scale
    ) + (orders * np.log(m)).sum(axis=1)
    assert np.abs(found - want).max() < 1e-3


def slow(p: Panel, i: int, theta: Mapping[str, float], given: np.ndarray) -> float:
    """Return one customer's log likelihood: an integral over the rate, a sum over the leaving."""
    shape, scale = float(np.exp(given[1])), float(np.exp(given[2]))
    middle, spread = digamma(shape) - np.log(scale), np.sqrt(polygamma(1, shape))
    n = p.orders[i, p.begins[i] :]
    x = p.covariates[i, p.begins[i] :].astype(float)

    def likelihood(rate: float) -> float:
        z = float(np.clip((np.log(rate) - middle) / spread, -3, 3))
        own = {k: max(theta[k] + theta["theta_1"] * z, 0) for k in ("theta_P", "theta_T")}
        points = np.exp(theta["kappa"] * np.maximum(x[:, 1], -700)) * (x[:, 1] > -1e5)
        near = [np.exp(-0.5 * ((x[:, k] - np.log(rate)) / theta["sigma_T"]) ** 2) for k in (2, 3)]
        reward, loss = (np.exp(-x[:, k] / theta[t]) for k, t in ((4, "tau_R"), (5, "tau_L")))
        benefit = (x[:, 6] + x[:, 7] / rate) * np.exp(-theta["nu"] * x[:, 8])
        benefit = np.minimum(benefit, 0.25)
        plain = theta["beta_V"] * x[:, 0] + theta["theta_R"] * reward
        plain += theta["beta_B"] * benefit - theta["theta_L"] * loss
        m0 = np.exp(np.clip(plain, -1.5, 1.5))
        pressed = plain + own["theta_P"] * points + own["theta_T"] * np.maximum(*near)
        m = np.exp(np.clip(pressed, -1.5, 1.5))
        window, carried, mean = int(theta["window"]), 0.0, np.zeros(len(n))
        lifts = np.maximum(m - m0, 0)
        for t in range(len(n)):
            owed = theta["psi"] * lifts[max(t - window, 0) : t].sum() / window + carried
            paid = min(owed, max(m[t] - 0.05, 0))
            carried = owed - paid
            mean[t] = rate * (m[t] - paid)
        logit = given[0] + theta["d_1"] * z - theta["d_V"] * benefit + theta["d_L"] * loss
        p_leave = 1 / (1 + np.exp(-logit))
        stays = np.cumprod(np.concatenate([[1.0], 1 - p_leave]))
        weekly = np.concatenate([[0.0], np.cumsum(n * np.log(mean) - mean)])
        last = int(np.flatnonzero(n)[-1]) if n.any() else -1
        total = stays[-1] * np.exp(weekly[-1])
        for t in range(last + 1, len(n)):
            total += stays[t] * p_leave[t] * np.exp(weekly[t])
        return float(total)

    def density(log_rate: float) -> float:
        log = shape * np.log(scale) - gammaln(shape) + shape * log_rate - scale * np.exp(log_rate)
        return float(np.exp(log)) * likelihood(float(np.exp(log_rate)))

    places = np.linspace(-14, 3, 500)
    return float(np.log(np.trapezoid([density(one) for one in places], places)))


def test_every_term_beside_the_slow_sum() -> None:
    orders = bought(12)[:, :20]
    orders[:, 12:] *= np.arange(12)[:, None] % 2  # every second customer falls silent
    p = panel(orders, covariates=states(12, 20), begins=np.arange(12) % 3)
    likelihood = prepare(p, nodes=40)
    given = base(likelihood, leaving=-3.0)
    found = likelihood.customers(in_order(ALL), given)
    want = [slow(p, i, ALL, given) for i in range(12)]
    assert found == pytest.approx(want, abs=0.02)


@pytest.mark.parametrize("name", [name for name, value in ALL.items() if value != NONE[name]])
def test_every_response_acts(name) -> None:
    p = panel(bought(40)[:, :20], covariates=states(40, 20))
    likelihood = prepare(p)
    given = base(likelihood, leaving=-3.0)
    without = likelihood.customers(in_order(ALL | {name: NONE[name]}), given)
    assert np.abs(likelihood.customers(in_order(ALL), given) - without).max() > 1e-6


def test_what_is_known_at_a_week_does_not_depend_on_later_ones() -> None:
    p = panel(bought(50), covariates=states(50, WEEKS), begins=np.arange(50) % 40)
    early = p.until(30)
    assert (early.begins < 30).all()
    later = dataclasses.replace(p, orders=np.where(np.arange(WEEKS) >= 30, 9, p.orders)).until(30)
    given = base(prepare(early), leaving=-3.0)
    one, two = (prepare(item).customers(in_order(ALL), given) for item in (early, later))
    assert one == pytest.approx(two, abs=1e-9)


def test_a_sample_is_the_same_in_any_order_and_grows() -> None:
    keys = np.arange(1_000, dtype=np.uint64) * np.uint64(7919)
    few, many = keys[sample(keys, most=100)], keys[sample(keys, most=300)]
    turned = keys[::-1]
    assert len(few) == 100
    assert set(few) <= set(many)
    assert set(turned[sample(turned, most=100)]) == set(few)
