"""Markets whose truth is known: households that choose by Polya's urn, and a planted niche brand.

Written without the code that fits: households buy by a negative binomial, and choose one purchase
after another, each brand with a chance of its weight plus what was bought of it so far. That is the
Dirichlet-multinomial, without a Dirichlet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DEVOTED, FAITH = 0.05, 0.9
"""Share of households devoted to the niche brand, and their chance to buy it each time."""


@dataclass(frozen=True)
class World:
    """A market.

    Parameters
    ----------
    told
        What it is.
    mean, shape, total
        M, K and S.
    shares
        Of the brands.
    households
        Of the panel, those without a purchase included.
    buyers_only
        Whether households without a purchase are left out of what is seen.
    niche
        Place of a brand that some households are devoted to; -1 for none.
    """

    told: str
    mean: float
    shape: float
    total: float
    shares: tuple[float, ...]
    households: int
    buyers_only: bool = False
    niche: int = -1

    def counts(self, rng: np.random.Generator, households: int = 0) -> np.ndarray:
        """Return purchases by household and brand."""
        size = households or self.households
        chance = self.shape / (self.shape + self.mean)
        bought = rng.negative_binomial(self.shape, chance, size)
        devoted = rng.random(size) < (DEVOTED if self.niche >= 0 else 0.0)
        counts = np.zeros((size, len(self.shares)), dtype=np.int64)
        weights = self.total * np.array(self.shares)
        for turn in range(int(bought.max())):
            still = np.flatnonzero(bought > turn)
            urn = np.cumsum(weights + counts[still], axis=1)
            choice = (rng.random(len(still))[:, None] * urn[:, -1:] >= urn).sum(axis=1)
            faithful = devoted[still] & (rng.random(len(still)) < FAITH)
            choice[faithful] = self.niche
            counts[still, choice] += 1
        return counts[bought > 0] if self.buyers_only else counts


_SHARES = (0.35, 0.25, 0.15, 0.12, 0.08, 0.05)
WORLDS = (
    World("all households, unlike in what they choose", 3.0, 0.8, 1.3, _SHARES, 2_000),
    World("buyers only, rather alike", 8.0, 1.2, 4.0, _SHARES, 1_500, buyers_only=True),
)
NICHE = World("a niche brand", 3.0, 0.8, 1.3, _SHARES, 2_000, niche=4)
