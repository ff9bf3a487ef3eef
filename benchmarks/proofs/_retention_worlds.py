"""Shops whose customers buy at random, with and without features that go with buying again."""

from __future__ import annotations

import numpy as np
import pandas as pd

START = pd.Timestamp("2023-01-02")
WEEKS = 78
PERIOD = ("2023-01-02", "2024-06-30")
KINDS = ("alike", "rhythm", "planted", "steady")


def shop(seed: int, *, customers: int, kind: str) -> pd.DataFrame:
    """Return orders of a shop.

    Parameters
    ----------
    seed
        Of the draw.
    customers
        Number of customers.
    kind
        ``alike``: all buy at one rate for ever, so that nothing tells who buys next. ``steady``:
        rates differ between customers, and nobody leaves. ``rhythm``:
        rates differ between customers and some leave, so that the times of purchases tell all
        there is. ``planted``: as ``rhythm``, and who buys mostly at a discount leaves soon.

    Notes
    -----
    Spend, discounts, stores and channels differ between customers, and go with nothing else except
    where planted. Purchases are a Poisson process in continuous time; leaving is exponential.
    """
    rng = np.random.default_rng([20261122, seed, KINDS.index(kind)])
    days = WEEKS * 7
    rate = np.full(customers, 1 / 25) if kind == "alike" else rng.gamma(1.5, 1 / 25, customers)
    liking = rng.beta(0.7, 0.7, customers)
    leaving = np.zeros(customers)
    if kind == "rhythm":
        leaving[:] = 1 / 700
    if kind == "planted":
        leaving = np.where(liking > 0.5, 1 / 90, 1 / 3000)
    # Customers come in all through the first year and leave at their own time.
    late = kind in {"rhythm", "planted"}
    begun = rng.uniform(0, 365, customers) if late else np.zeros(customers)
    life = np.where(leaving > 0, rng.exponential(1 / np.maximum(leaving, 1e-12)), np.inf)
    gone = np.minimum(begun + life, days)
    count = rng.poisson(rate * np.maximum(gone - begun, 0))
    who = np.repeat(np.arange(customers), count)
    at = rng.uniform(begun[who], gone[who])
    spend = rng.gamma(6.0, 4.0, customers)
    stores = rng.integers(1, 5, customers)
    online = rng.beta(1.0, 2.0, customers)
    n = len(who)
    sales = np.round(spend[who] * rng.gamma(8.0, 1 / 8.0, n), 2) + 0.01
    return pd.DataFrame(
        {
            "customer_id": who + 1,
            "ordered_at": START + pd.to_timedelta(np.floor(at), unit="D"),
            "net_sales": sales,
            "discount": np.where(rng.random(n) < liking[who], 1.0, 0.0),
            "store_id": rng.integers(0, stores[who]),
            "channel": np.where(rng.random(n) < online[who], "online", "store"),
        }
    )
