"""Analyses that several tests share: of the real supermarket, and of made shops."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

import loyalty_research as lr
from loyalty_research import profile
from loyalty_research.results import Result

PERIOD = ("2024-01-01", "2024-12-31")
OPTIONAL = [
    "units",
    "unit_sales",
    "store_id",
    "discount",
    "coupon_discount",
    "platform_discount",
    "discounted_sales",
]


def make_orders(customers: int = 60, *, seed: int = 1, unidentified: int = 25) -> pd.DataFrame:
    """Return a year of orders of a made shop, with every column a brand may bring."""
    rng = np.random.default_rng(seed)
    number = 1 + rng.poisson(rng.gamma(1.5, 5.0, customers))
    known = np.repeat(np.arange(1.0, customers + 1), number)
    who = np.concatenate([known, [np.nan] * unidentified])
    n = len(who)
    day = pd.Timestamp(PERIOD[0]) + pd.to_timedelta(rng.integers(0, 366, n), unit="D")
    cents = rng.integers(100, 9000, n)
    units = rng.integers(0, 6, n).astype(float)
    on_offer = rng.random(n) < 0.4
    return pd.DataFrame(
        {
            "order_id": np.arange(n),
            "customer_id": pd.array(who, dtype="Int64"),
            "ordered_at": day + pd.to_timedelta(rng.integers(8, 21, n), unit="h"),
            "net_sales": cents / 100,
            "units": np.where(rng.random(n) < 0.05, np.nan, units),
            "unit_sales": (cents * 0.75).astype(int) / 100,
            "store_id": rng.integers(1, 5, n),
            "discount": np.where(on_offer, cents // 5, 0) / 100,
            "coupon_discount": np.where(rng.random(n) < 0.1, 50, 0) / 100,
            "platform_discount": np.where(rng.random(n) < 0.05, 30, 0) / 100,
            "discounted_sales": np.where(on_offer, cents // 2, 0) / 100,
        }
    )


def analyse(orders: Any, period: Any = PERIOD, *, observed: bool | None = None) -> list[Result]:
    """Return every analysis of orders, in the order of the chapter."""
    end = getattr(period, "end", None) or period[1]
    start = getattr(period, "start", None) or period[0]
    scores = profile.rfm(orders, as_of=end, start=start)
    return [
        profile.board(orders, period=period),
        profile.concentration(orders, period=period, replicates=50),
        scores,
        profile.retention(orders, period=period, first_purchase_observed=observed),
        profile.timing(orders, period=period),
        profile.store_loyalty(orders, period=period),
        profile.prices(orders, period=period, segments=scores.table),
    ]


@functools.cache
def supermarket() -> lr.Brand:
    """Return the real sample brand, opened once."""
    return lr.open_brand("supermarket")


@functools.cache
def supermarket_results() -> Mapping[str, Result]:
    """Return every analysis of the sample brand by name, made once."""
    brand = supermarket()
    made = [profile.overview(brand), *analyse(brand.orders, brand.period)]
    return {result.name: result for result in made}


@functools.cache
def shop_results(name: str) -> Mapping[str, Result]:
    """Return every analysis of one of the made shops of :data:`SHOPS`."""
    orders, period, observed = SHOPS[name]()
    return {item.name: item for item in analyse(orders, period, observed=observed)}


def _bare() -> pd.DataFrame:
    orders = make_orders().drop(columns=OPTIONAL)
    return orders.assign(ordered_at=orders["ordered_at"].dt.date)


SHOPS = {
    "full": lambda: (make_orders(), PERIOD, True),
    "bare": lambda: (_bare(), PERIOD, False),
    "all_identified": lambda: (make_orders(unidentified=0), PERIOD, False),
    "none_identified": lambda: (make_orders(0, unidentified=50), PERIOD, False),
    "frequent": lambda: (make_orders(400, seed=3).query("customer_id < 90"), PERIOD, False),
    "five_customers": lambda: (make_orders(5, unidentified=1), PERIOD, True),
    "one_order": lambda: (make_orders(1, unidentified=0).head(1), PERIOD, True),
    "empty": lambda: (make_orders().head(0), PERIOD, True),
    "ten_days": lambda: (make_orders(900, seed=2), ("2024-05-01", "2024-05-10"), False),
}
"""Made shops by what is special about them: orders, period, first purchases observed."""
