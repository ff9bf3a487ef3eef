"""A small shop in yuan, and programmes written by hand, for the tests of the comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from loyalty_research.programmes.schema import Programme
from loyalty_research.study import Brand

PERIOD = ("2024-01-01", "2024-12-31")
ORDERS = [
    # customer, day, yuan
    (1, "2024-01-10", 100),
    (1, "2024-02-10", 200),
    (1, "2024-03-10", 50),
    (2, "2024-05-01", 30),
    (3, "2024-01-10", 120),
    (3, "2024-01-11", 80),
]


def brand(orders: list[tuple[int, str, float]] | None = None, **rest: Any) -> Brand:
    """Return a shop of public customers."""
    rows = orders or ORDERS
    lines = pd.DataFrame(
        {
            "order_id": range(1, len(rows) + 1),
            "customer_id": [f"c{who}" for who, _, _ in rows],
            "ordered_at": [f"{day} 12:00:00" for _, day, _ in rows],
            "amount": [float(amount) for _, _, amount in rows],
            "product_id": ["p1"] * len(rows),
            "quantity": [1] * len(rows),
        }
    )
    given = {"currency": "CNY", "identifiers": "public", "period": PERIOD, **rest}
    return Brand.from_frames(transactions=lines, **given)


def programme(name: str, **rest: Any) -> Programme:
    """Return a published programme: a point for a unit of its currency, one reward."""
    text = {"zh": name, "en": name}
    data = {
        "name": text,
        "operator": text,
        "market": text,
        "trade": "toys",
        "currency": "CNY",
        "origin": "published",
        "wallets": {"points": {"name": text, "decimals": 2}},
        "earn": [{"id": "spend", "name": text, "wallets": ["points"], "points": 1}],
        "rewards": [{**reward("gift", 10), "value": 2}],
        **rest,
    }
    return Programme.model_validate(data, context={"path": Path(f"{name}.yaml")})


def reward(name: str, points: float, **rest: Any) -> dict[str, Any]:
    text = {"zh": name, "en": name}
    return {
        "id": name,
        "name": text,
        "wallet": "points",
        "points": points,
        "kind": "product",
        **rest,
    }
