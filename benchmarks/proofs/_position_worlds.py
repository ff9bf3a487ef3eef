"""Households that buy brands, with kinds of households and ways of buying; from urns."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

SHARES = (0.35, 0.25, 0.15, 0.12, 0.08, 0.05)
"""Of the brands, where nothing is planted."""
LEANING = 3
"""Place of the brand that one kind of household likes more in planted worlds."""
_KINDS = (4, 3)
"""Levels of two attributes of households."""


@dataclass(frozen=True)
class World:
    """A market of households.

    Parameters
    ----------
    told
        What it is, for the page.
    households
        How many.
    total
        S: how alike households choose; small for households that keep to brands of their own.
    liked
        By how much the first kind of household likes the leaning brand more; 0 for no association.
    """

    told: str
    households: int
    total: float
    liked: float = 0.0

    def units(self, rng: np.random.Generator) -> np.ndarray:
        """Return purchases (n, j, k) by household, brand and attribute; buyers only.

        Attributes: two kinds of households, and whether a purchase was on promotion, which some
        households look for more than others, whatever the brand.
        """
        found = []
        for _ in range(self.households):
            kinds = [int(rng.integers(count)) for count in _KINDS]
            bought = int(rng.poisson(rng.gamma(1.0, 8.0)))
            if bought:
                seeks = float(rng.beta(1.0, 2.0))
                found.append(self._household(rng, kinds, bought, seeks))
        return np.array(found)

    def _household(
        self, rng: np.random.Generator, kinds: list[int], bought: int, seeks: float
    ) -> np.ndarray:
        balls = [self.total * share for share in SHARES]
        if kinds[0] == 0:
            balls[LEANING] *= 1 + self.liked
        brands = []
        for chance in rng.random(bought).tolist():  # Polya's urn: a brand drawn goes back doubled
            edges = list(accumulate(balls))
            brands.append(bisect(edges, chance * edges[-1]))
            balls[brands[-1]] += 1
        columns = [kinds[0], _KINDS[0] + kinds[1]]
        table = np.zeros((len(SHARES), sum(_KINDS) + 2))
        np.add.at(table, (np.repeat(brands, 2), np.tile(columns, bought)), 1)
        np.add.at(table, (brands, sum(_KINDS) + (rng.random(bought) < seeks)), 1)
        return table


NULLS = (
    World("households that choose alike", 400, 3.0),
    World("households that keep to their brands", 400, 0.7),
    World("a small panel", 120, 1.5),
)
PLANTED = World("one kind likes a brand of 12 % four times as much", 500, 2.0, 3.0)
