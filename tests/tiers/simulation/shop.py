"""An invented shop with channels, hours and categories: each customer's orders are all alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from programme_shop import programme

import loyalty_research as lr
from loyalty_research.programmes.schema import Programme

PERIOD = ("2023-01-02", "2023-12-31")
CHANNELS, HOURS = ("app", "counter"), (8, 12, 19)


def lines(customers: int = 80, *, seed: int = 3) -> pd.DataFrame:
    """Return two lines an order: coffee, and for every second customer tea, else cake."""
    random = np.random.default_rng(seed)
    rows = []
    for who in range(customers):
        amount = round(float(random.uniform(5, 40)), 2)
        weekday = int(random.integers(0, 7))
        hour = HOURS[who % 3]
        for week in np.flatnonzero(random.random(52) < random.uniform(0.05, 0.6)):
            day = pd.Timestamp(PERIOD[0]) + pd.Timedelta(days=7 * int(week) + weekday)
            at = day + pd.Timedelta(hours=hour, minutes=30)
            rows += [
                {
                    "order_id": f"{who:03d}-{week:02d}",
                    "customer_id": f"c{who:03d}",
                    "ordered_at": at,
                    "amount": amount * share,
                    "quantity": quantity,
                    "product_id": product,
                    "channel": CHANNELS[who % 2],
                }
                for product, share, quantity in (
                    ("coffee", 1.0, 1),
                    (("tea", "cake")[who % 2], 2.0, 2),
                )
            ]
    return pd.DataFrame(rows)


def products() -> pd.DataFrame:
    """Return the products and their categories."""
    return pd.DataFrame(
        {"product_id": ["coffee", "tea", "cake"], "category": ["drinks", "drinks", "food"]}
    )


def shop(rows: pd.DataFrame) -> Any:
    """Return the shop, opened."""
    return lr.Brand.from_frames(
        transactions=rows,
        products=products(),
        currency="CNY",
        name="shop",
        period=PERIOD,
        identifiers="public",
        provenance="made by hand",
    )


def asking() -> Programme:
    """Return a programme that asks all there is to ask of an order."""
    both = {"wallets": ["points"], "points": 1}
    asks = {
        "drinks": {"where": {"categories": ["drinks"]}, "minimum": 10},
        "app": {"where": {"channels": ["app"], "hours": ["08:00", "12:00"]}, "points": 2},
        "tuesday": {"where": {"weekdays": ["tuesday"]}, "per": "order", "points": 20},
        "first": {"where": {"days_of_month": [1, 2, 3, 4, 5]}, "per": "visit", "points": 15},
        "items": {"per": "item", "where": {"not_categories": ["drinks"]}, "points": 7},
        "spring": {
            "where": {"dates": [{"start": "2024-03-01", "end": "2024-04-30"}]},
            "minimum": 50,
            "points": 3,
        },
    }
    earn = [
        {"id": name, "name": {"zh": "规则", "en": name}, **both, **more}
        for name, more in asks.items()
    ]
    return programme("asking", price=200, value=20, thresholds=(0, 400, 1200), earn=earn)
