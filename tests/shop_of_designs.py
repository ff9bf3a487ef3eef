"""A small population and a programme whose best design is plain to see."""

from __future__ import annotations

from typing import Any

import numpy as np

from loyalty_research import tiers
from loyalty_research.programmes.schema import Programme

PRICE = "rewards.drink.points"
LEVEL = "tiers.levels.gold.threshold"
TIMES: dict[str, Any] = {"periods": 12, "start": "fresh"}


def crowd(n: int = 250) -> tiers.Population:
    rng = np.random.default_rng(8)
    return tiers.population_of(
        rng.gamma(1.5, 0.4, n) + 0.02,
        amount=rng.lognormal(3, 0.3, (n, 4)).round(2),
        dropout=0.004,
        member=rng.random(n) < 0.8,
        start="2026-01-05",
        margin=0.6,
    )


def present(**changes: Any) -> Programme:
    rules = {
        "name": "P", "operator": "O", "market": "M", "trade": "tea", "currency": "CNY",
        "origin": "invented",
        "wallets": {"points": {"name": "Points", "expiry": {"rule": "fixed", "months": 12}}},
        "earn": [{"id": "spend", "name": "S", "wallets": ["points"], "points": 1,
                  "by_tier": {"gold": 1.5}}],
        "tiers": {"window": {"kind": "calendar", "months": 3},
                  "validity": {"kind": "window", "windows": 1},
                  "levels": [{"id": "base", "name": "B", "threshold": 0},
                             {"id": "gold", "name": "G", "threshold": 300}]},
        "rewards": [{"id": "drink", "name": "D", "wallet": "points", "points": 100,
                     "kind": "product", "value": 12}],
    }  # fmt: skip
    return Programme.model_validate(rules | changes)
