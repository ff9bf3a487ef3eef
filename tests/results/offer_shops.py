"""Results of pairs, trading up and what to offer next that reach every sentence."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

import loyalty_research as lr
from loyalty_research.profile import offers
from loyalty_research.results import Result

PERIOD = ("2024-01-01", "2024-12-30")
ITEMS = 16


def lines(customers: int, *, partners: float = 0.0, tastes: bool = False) -> pd.DataFrame:
    """Return lines of customers with tastes of their own, or of items with a partner each.

    ``partners`` is the share of purchases that are the partner of the one before.
    """
    rng = np.random.default_rng(3)
    share = rng.dirichlet(np.full(ITEMS, 4.0))
    number = 6 + rng.poisson(rng.gamma(2.0, 4.0, customers))
    own = rng.gamma(np.broadcast_to(8 * share, (customers, ITEMS))) if tastes else share
    own = np.broadcast_to(own / own.sum(axis=-1, keepdims=True), (customers, ITEMS))
    who = np.repeat(np.arange(customers), number)
    item = (rng.random(len(who))[:, None] > own.cumsum(axis=1)[who]).sum(axis=1).clip(0, ITEMS - 1)
    follows = (rng.random(len(who)) < partners) & (np.diff(who, prepend=-1) == 0)
    for place in np.flatnonzero(follows):
        item[place] = (item[place - 1] + ITEMS // 2) % ITEMS
    day = np.concatenate([np.sort(rng.integers(0, 365, size)) for size in number])
    return pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": pd.Timestamp(PERIOD[0]) + pd.to_timedelta(day, unit="D"),
            "amount": 5.0 + item % 3,
            "quantity": 1 + rng.integers(0, 2, len(who)),
            "product_id": item,
            "category": "all",
        }
    )


@functools.cache
def offer_results() -> dict[str, tuple[Result, ...]]:
    """Return results by what was planted."""
    shops = {
        "independent items": lines(400),
        "partners": lines(1200, partners=0.5),
        "own tastes": lines(3000, tastes=True),
        "few customers": lines(8),
    }
    found = {
        name: (
            offers.pairs(shop, period=PERIOD, level="product"),
            offers.next_products(shop, period=PERIOD, level="product"),
            offers.trading_up(shop, period=PERIOD, level="category"),
        )
        for name, shop in shops.items()
    }
    one = shops["few customers"].head(1)
    market = lr.open_brand("supermarket")
    found["supermarket"] = (offers.next_products(market, period=market.period),)
    found["one line"] = (offers.pairs(one, period=PERIOD, level="product"),)
    return found
