"""A made shop for the action list: a year of purchases, with whatever the rules may ask for."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import loyalty_research as lr

PERIOD = ("2024-01-01", "2024-12-31")
CATEGORIES = ("cake", "bread")


def shop_frames(customers: int = 300, *, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Return lines, products and customers; a quarter of the customers stop in the middle."""
    rng = np.random.default_rng(seed)
    gap = rng.gamma(2.0, 12.0, customers) + 4
    start = rng.integers(0, 320, customers)
    stop = np.where(rng.random(customers) < 0.25, start + 120, 400)
    rows = []
    for who in range(customers):
        day = float(start[who])
        while day < min(stop[who], 366):
            rows.append((f"C{who:05d}", int(day), who))
            day += 1 + rng.exponential(gap[who])
    lines = pd.DataFrame(rows, columns=["customer_id", "day", "who"])
    n = len(lines)
    product = rng.integers(0, 8, n)
    quantity = rng.integers(1, 3, n)
    price = 5.0 + 4.0 * product
    list_amount = np.round(price * quantity, 2)
    cut = np.where((lines["who"] % 4 == 0) | (rng.random(n) < 0.1), 0.25, 0.0)
    transactions = pd.DataFrame(
        {
            "order_id": np.arange(n),
            "customer_id": lines["customer_id"],
            "ordered_at": pd.Timestamp(PERIOD[0]) + pd.to_timedelta(lines["day"], unit="D"),
            "product_id": product,
            "quantity": quantity,
            "amount": np.round(list_amount * (1 - cut), 2),
            "discount": np.round(list_amount * cut, 2),
            "channel": rng.choice(["store", "online"], n),
        }
    )
    products = pd.DataFrame(
        {
            "product_id": np.arange(8),
            "name": [f"product {number}" for number in range(8)],
            "category": [CATEGORIES[number % 2] for number in range(8)],
            "cost": 2.0 + 2.0 * np.arange(8),
        }
    )
    people = pd.DataFrame(
        {
            "customer_id": [f"C{who:05d}" for who in range(customers)],
            "birthday_month": rng.integers(1, 13, customers),
        }
    )
    return {"transactions": transactions, "products": products, "customers": people}


@cache
def shop(customers: int = 300, *, seed: int = 1, **settings: object) -> lr.Brand:
    """Return the shop as a brand."""
    frames = shop_frames(customers, seed=seed)
    return open_shop(frames, **settings)


def open_shop(frames: dict[str, pd.DataFrame], **settings: object) -> lr.Brand:
    """Return frames as a brand of a shop."""
    given: dict = {
        "currency": "CNY",
        "name": "shop",
        "period": PERIOD,
        "identifiers": "public",
        "first_purchase_observed": True,
    }
    return lr.Brand.from_frames(**frames, **(given | settings))
