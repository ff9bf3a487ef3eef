"""Made shops: three kinds of customers that can be told apart, or none. Everything is simulated."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from loyalty_research.profile.segments import find_segments
from loyalty_research.results import Result

TESTS = 19
PERIOD = ("2024-01-01", "2024-12-31")
KINDS = pd.DataFrame(
    {
        "rate": [110.0, 45.0, 40.0],  # purchase days a year
        "value": [18.0, 95.0, 35.0],  # net sales an order
        "weekend": [0.12, 0.75, 0.30],
        "early": [0.80, 0.55, 0.15],
        "offer": [0.15, 0.20, 0.75],
        "share": [0.4, 0.25, 0.35],
    }
)
"""Regulars of the morning, families of the weekend, hunters of offers in the evening."""


def planted_kinds(customers: int, *, seed: int) -> np.ndarray:
    """Return the kind of each customer, 0 to 2."""
    return np.random.default_rng([seed, 1]).choice(3, customers, p=KINDS["share"])


def shop_of_kinds(kinds: np.ndarray, *, seed: int, mixed: bool = False) -> pd.DataFrame:
    """Return a year of orders; ``mixed`` deals each trait from another customer's kind.

    Mixed customers have the same traits one by one, and no kinds.
    """
    rng = np.random.default_rng([seed, 2])
    n = len(kinds)
    own = {
        name: KINDS[name].to_numpy()[rng.permutation(kinds) if mixed else kinds]
        for name in ("rate", "value", "weekend", "early", "offer")
    }
    number = rng.poisson(own["rate"] * rng.gamma(12, 1 / 12, n))
    who = np.repeat(np.arange(n), number)
    value = own["value"] * np.exp(rng.normal(0, 0.15, n))

    def happens(name: str) -> np.ndarray:
        share = rng.beta(own[name] * 40, (1 - own[name]) * 40)
        return rng.random(len(who)) < share[who]

    weekend, early, offer = happens("weekend"), happens("early"), happens("offer")
    day = np.where(weekend, rng.integers(5, 7, len(who)), rng.integers(0, 5, len(who)))
    hour = np.where(early, rng.integers(7, 14, len(who)), rng.integers(14, 22, len(who)))
    at = pd.Timestamp(PERIOD[0]) + pd.to_timedelta(rng.integers(0, 52, len(who)) * 7 + day, "D")
    sales = (value[who] * np.exp(rng.normal(0, 0.4, len(who)))).round(2)
    return pd.DataFrame(
        {
            "order_id": np.arange(len(who)),
            "customer_id": who,
            "ordered_at": at + pd.to_timedelta(hour, unit="h"),
            "net_sales": sales,
            "discount": np.where(offer, (sales / 5).round(2), 0.0),
            "discounted_sales": np.where(offer, sales, 0.0),
        }
    )


def shop_of_movers(kinds: np.ndarray, *, seed: int, share: float = 0.2) -> pd.DataFrame:
    """Return a year in whose second half a share of the customers are of the next kind."""
    moves = np.random.default_rng([seed, 3]).random(len(kinds)) < share
    parts = [
        shop_of_kinds(kinds, seed=seed),
        shop_of_kinds(np.where(moves, (kinds + 1) % 3, kinds), seed=seed),
    ]
    middle = pd.Timestamp("2024-07-01")
    rows = [
        parts[0][parts[0]["ordered_at"] < middle],
        parts[1][parts[1]["ordered_at"] >= middle],
    ]
    return pd.concat(rows, ignore_index=True).assign(order_id=lambda made: np.arange(len(made)))


@functools.cache
def segment_results() -> dict[str, Result]:
    """Return what is found of kinds, of customers without, and of some that change their kind."""
    kinds = planted_kinds(260, seed=3)
    shops = {
        "kinds": shop_of_kinds(kinds, seed=3),
        "no_kinds": shop_of_kinds(planted_kinds(230, seed=5), seed=5, mixed=True),
        "movers": shop_of_movers(kinds, seed=3),
    }
    return {name: find_segments(shop, period=PERIOD, tests=TESTS) for name, shop in shops.items()}
