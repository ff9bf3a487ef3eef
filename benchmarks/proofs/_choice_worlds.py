"""Households that choose among brands, their likings normal and their carry-over known."""

from __future__ import annotations

import numpy as np

from loyalty_research.competitors.choice import Occasions

BRANDS = ("a", "b", "c")
LIKED, PRICE, PROMOTED = np.array([0.0, 0.4, -0.6]), -0.5, 0.8
UNSEEN = 10
"""Purchases of each household before the panel begins."""


def world(
    seed: int, *, households: int, bought: float, spread: float, carry_over: float
) -> Occasions:
    """Simulate a panel.

    Parameters
    ----------
    bought
        Purchases of a household on average, geometric from 3 on.
    spread
        Standard deviation of likings over households; 0: all alike, and all respond to price alike.
    carry_over
        Added to the utility of the brand bought the time before.
    """
    rng = np.random.default_rng([seed, households])
    rows = [
        row
        for household in range(households)
        for row in _household(rng, household, bought, spread, carry_over)
    ]
    household, chosen, before, price, promoted = (
        np.array(part) for part in zip(*rows, strict=True)
    )
    everything = np.ones(price.shape, dtype=bool)
    return Occasions(BRANDS, household, chosen, before, everything, price, promoted, {},
                     households)  # fmt: skip


def _household(
    rng: np.random.Generator, number: int, bought: float, spread: float, carry_over: float
) -> list[tuple[int, int, int, np.ndarray, np.ndarray]]:
    size = len(BRANDS)
    liking = LIKED + spread * rng.standard_normal(size)
    slope = PRICE * np.exp(0.3 * rng.standard_normal() * (spread > 0))
    seen, last, rows = 2 + rng.geometric(1 / (bought - 2)), -1, []
    for turn in range(seen + UNSEEN):
        price = 5 + rng.standard_normal(size)
        promoted = (rng.random(size) < 0.2).astype(float)
        felt = liking + slope * price + PROMOTED * promoted + rng.gumbel(size=size)
        if last >= 0:
            felt[last] += carry_over
        before, last = last, int(felt.argmax())
        if turn >= UNSEEN:
            rows.append((number, last, before if turn > UNSEEN else -1, price, promoted))
    return rows
