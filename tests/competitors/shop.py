"""A small shop in yuan, and programmes written by hand, for the tests of the comparison."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pandas as pd

from loyalty_research import competitors
from loyalty_research.programmes.schema import Programme
from loyalty_research.results import Result
from loyalty_research.study import Brand

PERIOD = ("2024-01-01", "2024-12-31")
SECTIONS = (
    competitors.rules,
    competitors.returns,
    competitors.curves,
    competitors.first_rewards,
    competitors.paid,
    competitors.others,
    competitors.evolution,
    competitors.basis,
)
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


def busy_shop(**rest: Any) -> Brand:
    """Return a shop of 320 customers, who buy once to eight times."""
    orders = [
        (who, f"2024-{month:02d}-{1 + who % 28:02d}", 10 + who % 90)
        for who in range(1, 321)
        for month in range(1, 2 + who % 8)
    ]
    return brand(orders, **rest)


def many_programmes() -> list[Programme]:
    """Return programmes that between them reach every sentence of the chapter."""
    cash = {**reward("off", 0.01, value=0.01), "kind": "cash"}
    back = {"id": "back", "name": "back", "wallets": ["points"], "points": 0.05}
    levels = [
        {"id": name, "name": name, "threshold": threshold, "fee": fee and {"amount": fee}}
        for name, threshold, fee in (("basic", 0, 5), ("plus", None, 12))
    ]
    steps = [{"id": "low", "name": "low", "threshold": 0}, {"id": "up", "name": "up"}]
    steps[1]["threshold"] = 200
    return [
        programme("exact", tiers={"levels": steps}),
        programme("bounded", rewards=[reward("gift", 40, value=2, value_is="at_most")]),
        programme("silent", rewards=[reward("toy", 30)]),
        programme("far", rewards=[reward("car", 90_000, value=500)]),
        programme("one_fee", earn=[back], rewards=[cash], tiers={"levels": levels[:1]}),
        programme("maximum", earn=[back], rewards=[cash | {"value_is": "at_most"}],
                  tiers={"levels": levels[:1]}),
        programme("two_fees", earn=[back | {"by_tier": {"plus": 0.1}}], rewards=[cash],
                  tiers={"levels": levels}),
        programme("old", family="chain", effective_from="2020", effective_to="2022"),
        programme("new", family="chain", effective_from="2023", rewards=[reward("gift", 60)]),
        programme("coffee", trade="coffee", currency="USD"),
    ]  # fmt: skip


@functools.cache
def comparison_results(identifiers: str = "public") -> list[Result]:
    """Return every section of a comparison, and of brands that have nothing to compare."""
    trade = {"trade": "toys", "programmes": many_programmes()}
    shop = busy_shop(identifiers=identifiers)
    full = competitors.compare(shop, period=PERIOD, **trade)
    empty = competitors.compare(shop, period=PERIOD, trade="toys", programmes=[])
    return [section(found) for found in (full, empty) for section in SECTIONS]
