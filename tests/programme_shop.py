"""A shop small enough to count by hand, and two programmes for it.

Forty customers, four of each spend: those of kind i = 1..10 buy twice, on 10 January and on
10 February 2024, for 50 i yuan each time; so each kind is a tenth of the members.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

import loyalty_research as lr
from loyalty_research.programmes.schema import Expiry, Programme

KINDS, EACH = range(1, 11), 4
PERIOD = ("2024-01-01", "2024-03-31")


def lines() -> pd.DataFrame:
    """Return the lines of the shop, one an order."""
    rows = [
        {
            "order_id": f"{kind:02d}{twin}{visit}",
            "customer_id": f"c{kind:02d}{twin}",
            "ordered_at": f"2024-{visit:02d}-10 12:00",
            "amount": 50.0 * kind,
        }
        for kind in KINDS
        for twin in range(EACH)
        for visit in (1, 2)
    ]
    return pd.DataFrame(rows).assign(ordered_at=lambda x: pd.to_datetime(x["ordered_at"]))


def shop(*, identifiers: str = "public", **tables: Any) -> Any:
    """Return the shop, opened."""
    return lr.Brand.from_frames(
        transactions=lines(),
        currency="CNY",
        name="shop",
        period=PERIOD,
        identifiers=identifiers,
        provenance="made by hand",
        **tables,
    )


def programme(
    name: str, *, price: int, value: float | None, thresholds: tuple[int, ...], **more: Any
) -> Programme:
    """Return a programme: a point a yuan, one reward, levels by spend in the calendar year."""
    levels = [
        {"id": f"l{place}", "name": {"zh": f"{place}级", "en": f"Level {place}"}, "threshold": at}
        for place, at in enumerate(thresholds)
    ]
    document: dict[str, Any] = {
        "name": {"zh": f"方案{name}", "en": f"Plan {name}"},
        "operator": {"zh": "小店", "en": "Shop"},
        "market": {"zh": "中国", "en": "China"},
        "trade": "coffee",
        "currency": "CNY",
        "origin": "proposal",
        "wallets": {"points": {"name": {"zh": "积分", "en": "Points"}}},
        "earn": [
            {
                "id": "spend",
                "name": {"zh": "消费", "en": "Spend"},
                "wallets": ["points"],
                "points": 1,
            }
        ],
        "rewards": [
            {
                "id": "treat",
                "name": {"zh": "赠品", "en": "A treat"},
                "wallet": "points",
                "points": price,
                "kind": "product",
                **({} if value is None else {"value": value, "cost": value / 2}),
            }
        ],
        **({"tiers": {"levels": levels}} if levels else {}),
        **more,
    }
    return Programme.model_validate(document, context={"path": Path(f"{name}.yaml")})


def easy(name: str = "easy") -> Programme:
    """Return a programme with a small reward soon, and one level above the base at 800 yuan."""
    return programme(name, price=100, value=10, thresholds=(0, 800))


def late(name: str = "late") -> Programme:
    """Return a programme with a large reward late, and levels at 500 and 1000 yuan."""
    return programme(name, price=300, value=40, thresholds=(0, 500, 1000))


def tiers_results() -> list[Any]:
    """Return results of the chapter that between them use all its sentences."""
    from loyalty_research import tiers

    strict = programme("strict", price=10**6, value=10, thresholds=(0, 10**6))
    brief = programme("brief", price=100, value=10, thresholds=())
    points = brief.wallets["points"]
    lapsing = points.model_copy(update={"expiry": Expiry(rule="fixed", days=40)})
    brief = brief.model_copy(update={"wallets": {"points": lapsing}})
    brief._path = Path("brief.yaml")
    known = programme("known", price=100, value=10, thresholds=()).model_copy(
        update={"status": "card"}
    )
    known._path = Path("known.yaml")
    brand = shop()
    sections = (tiers.compare, tiers.levels, tiers.reach, tiers.rewards, tiers.gains)
    listed = [
        tiers.replays(brand, [late(), easy(), strict, known]),
        tiers.replays(brand, [brief, late()]),
        tiers.replays(brand, [easy()], redemption="none"),
        tiers.replays(brand),
    ]
    results = [section(brand, replays=made) for made in listed for section in sections]
    return [*results, tiers.reminders(brand, replays=listed[0])]
