"""Invented customers for tests of the simulator."""

from __future__ import annotations

from typing import Any

import numpy as np

from loyalty_research import tiers
from loyalty_research.programmes.load import load_programme
from loyalty_research.programmes.schema import Programme

START = "2024-01-03"
COFFEE = ("coffee_tiers_example", "coffee_points_example", "tea_tiers_example")
"""Programmes that ask for no products: orders alone replay them."""


def crowd(n: int = 300, *, seed: int = 1, **rest: Any) -> tiers.Population:
    """Return customers of unlike rates and amounts; Wednesday comes first."""
    random = np.random.default_rng(seed)
    given = {"dropout": 0.005, "start": START, "currency": "CNY", "margin": 0.6, **rest}
    return tiers.population_of(
        random.gamma(0.8, 0.4, n) + 0.001, amount=random.gamma(5, 6, (n, 3)).round(2), **given
    )


def coffee(name: str = COFFEE[0]) -> Programme:
    """Return a programme of the library."""
    return load_programme(name)
