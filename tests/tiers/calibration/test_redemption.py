"""Redemption learned from orders that say what points they paid with."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from loyalty_research import tiers
from loyalty_research.tiers.calibration.redemption import (
    BINS,
    COUNTS,
    REDEMPTION,
    RICHEST,
    redemption_draws,
)

TRUE = {"q_0": 0.9, "q_1": 0.3, "q_2": 0.5}
"""The first is far above the range believed where nothing is known."""


def orders(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points over the price less 1, whether they expire soon, and whether it redeems."""
    rng = np.random.default_rng(8)
    richer = np.minimum(rng.exponential(0.6, n), RICHEST)
    soon = rng.random(n) < 0.2
    logit = TRUE["q_0"] + TRUE["q_1"] * richer + TRUE["q_2"] * soon
    return richer, soon, rng.random(n) < 1 / (1 + np.exp(-logit))


def counted(richer: np.ndarray, soon: np.ndarray, did: np.ndarray) -> np.ndarray:
    found = np.zeros((BINS, 2, COUNTS))
    place = (richer / RICHEST * (BINS - 1)).astype(int), soon.astype(int)
    np.add.at(found[..., 0], place, 1)
    np.add.at(found[..., 1], place, did)
    np.add.at(found[..., 2], place, richer)
    return found


def drawn(n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return redemption_draws(counted(*orders(n)), tiers.priors, rng, draws=400)


def test_many_orders_give_the_logistic_regression() -> None:
    richer, soon, did = orders(20_000)
    fit = sm.Logit(did.astype(float), sm.add_constant(np.column_stack([richer, soon]))).fit(disp=0)
    found = drawn(20_000)
    for name, middle, error in zip(REDEMPTION, fit.params, fit.bse, strict=True):
        assert found[name].mean() == pytest.approx(middle, abs=0.35 * error), name
        assert found[name].std() == pytest.approx(error, rel=0.2), name


def test_few_orders_leave_what_was_believed_wide() -> None:
    few, many = drawn(10), drawn(20_000)
    for name in REDEMPTION:
        assert few[name].std() > 3 * many[name].std(), name
    assert min(few["q_1"].min(), few["q_2"].min()) >= 0
