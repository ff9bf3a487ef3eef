"""A small programme as plain values, and the file that holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from loyalty_research.programmes.load import FOLDER, load_programme
from loyalty_research.programmes.schema import Programme

ROOT = Path(__file__).resolve().parents[2]


def small() -> dict[str, Any]:
    """Return a programme with a rule of each kind, nothing wrong with it."""
    return {
        "name": "Tea club",
        "operator": "Tea house",
        "market": "Here",
        "trade": "tea",
        "currency": "CNY",
        "origin": "proposal",
        "wallets": {
            "points": {"name": "Points", "expiry": {"rule": "fixed", "days": 90}},
            "growth": {"name": "Growth", "kind": "qualifying"},
            "coins": {"name": "Coins", "decimals": 2},
        },
        "earn": [
            {"id": "spend", "name": "Spend", "wallets": ["points", "growth"], "points": 1},
        ],
        "conversions": [
            {
                "id": "to_coins",
                "name": "To coins",
                "source_wallet": "points",
                "target_wallet": "coins",
                "take": 10,
                "give": 0.5,
            }
        ],
        "tiers": {
            "metric": "wallet",
            "wallet": "growth",
            "levels": [
                {"id": "base", "name": "Base", "threshold": 0},
                {"id": "silver", "name": "Silver", "threshold": 100, "requalify": 80},
                {"id": "gold", "name": "Gold", "threshold": 300},
            ],
        },
        "rewards": [
            {
                "id": "cup",
                "name": "A cup",
                "wallet": "points",
                "points": 50,
                "kind": "product",
                "value": 5,
            }
        ],
        "benefits": [{"id": "cake", "name": "Cake", "tiers": ["gold"], "per": "birthday"}],
    }


def load(data: dict[str, Any], home: Path, name: str = "tea_club") -> Programme:
    """Write the programme below ``home`` and read it."""
    path = home / FOLDER / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_programme(name, home)
