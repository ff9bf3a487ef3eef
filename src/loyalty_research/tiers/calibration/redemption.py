"""How likely an order redeems that can, learned from orders that say what points they paid with."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_expit

from loyalty_research.tiers.calibration.panel import Floats
from loyalty_research.tiers.calibration.slices import slice_chains
from loyalty_research.tiers.simulation.priors import Priors

REDEMPTION = ("q_0", "q_1", "q_2")
BINS = 101
"""Of the points held over the lowest price, less 1, from 0 to 5."""
RICHEST = 5.0
COUNTS = 3
"""Of orders that could redeem: how many, how many did, and the sum of what the bins are made of."""
_WIDER = 3.0
_SWEEPS = 30
_RANGE_SDS = 3.29
"""Standard deviations of a normal in its 90 % range."""


def redemption_draws(
    counts: Floats, priors: Priors, rng: np.random.Generator, *, draws: int
) -> dict[str, Floats]:
    """Return draws of ``q_0``, ``q_1``, ``q_2`` given the orders that could redeem.

    Parameters
    ----------
    counts
        ``[BINS, 2, COUNTS]``, the second axis: whether points expire soon.
    priors
        Their 90 % ranges are what is believed where nothing is known. Here, where orders tell, they
        are taken for three times as wide, so that they hold nobody back who redeems more often.
    rng
        Randomness.
    draws
        How many; a chain each.

    Notes
    -----
    Logistic regression, ``logit P = q_0 + q_1 (balance / price - 1) + q_2 1{expiry soon}``, of all
    orders of members that could redeem. Given the ledger's states it shares nothing with the weekly
    orders, so that draws of both can be put side by side. Customers are taken to be alike in it.
    Chains begin at draws of the normal approximation.
    """
    able, did, sums = (counts[..., k].ravel() for k in range(COUNTS))
    there = able > 0
    able, did = able[there], did[there]
    richer = sums[there] / able
    soon = np.tile([0.0, 1.0], BINS)[there]
    items = [priors[name] for name in REDEMPTION]
    middle = np.array([(item.low + item.high) / 2 for item in items])
    spread = np.array([_WIDER * (item.high - item.low) / _RANGE_SDS for item in items])
    least, greatest = np.array([item.bounds for item in items]).T

    def values(numbers: Floats) -> Floats:
        return np.clip(middle + spread * numbers, least, greatest)

    def log_factor(numbers: Floats) -> Floats:
        q = values(numbers)
        logit = q[:, [0]] + q[:, [1]] * richer + q[:, [2]] * soon
        return np.asarray((did * log_expit(logit) + (able - did) * log_expit(-logit)).sum(axis=1))

    def loss(numbers: Floats) -> float:
        return 0.5 * float(numbers @ numbers) - float(log_factor(numbers[None])[0])

    mode = minimize(loss, np.zeros(len(items)), method="BFGS")
    begun = rng.multivariate_normal(mode.x, mode.hess_inv, draws)
    numbers = slice_chains(begun, log_factor, rng=rng, sweeps=_SWEEPS)
    return dict(zip(REDEMPTION, values(numbers).T, strict=True))
