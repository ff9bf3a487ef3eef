"""Made published figures: chains whose stores and customers are known."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from loyalty_research.brand import Facts, load_facts
from loyalty_research.brand.facts import FACTS_FILE
from loyalty_research.competitors import public_performance
from loyalty_research.engine import Context
from loyalty_research.results import Result

SIMULATED = Context(brand="made", currency="EUR", evidence="synthetic", provenance="world:made")


def opened(trade: str, facts: str | None = None, context: Context = SIMULATED) -> Any:
    """Return what the section reads of a brand."""
    return SimpleNamespace(context=context, file=SimpleNamespace(trade=trade, facts=facts))


@functools.cache
def public_results() -> list[Result]:
    """Return the section for every trade with figures, for one without, and for a made one."""
    facts = load_facts()
    trades = {trade for item in facts.brands.values() for trade in item.trades}
    owns = {"coffee": "luckin", "tea": "mixue"}
    made = [opened(trade, owns.get(trade)) for trade in (*sorted(trades), "music")]
    with tempfile.TemporaryDirectory() as home:
        quarters = load(next_quarter(), Path(home))
    return [
        *(public_performance(item, facts=facts) for item in made),
        public_performance(opened("tea"), facts=quarters),
    ]


def _texts(text: str) -> dict[str, str]:
    return {"zh": f"{text}（测）", "en": text}


def _measure(name: str, unit: str, **rest: Any) -> dict[str, Any]:
    texts = {"name": _texts(name), "definition": _texts(f"{name} counted")}
    return {**texts, "unit": unit, "family": name, **rest}


def file() -> dict[str, Any]:
    """Return a file of published figures: one chain that can be split, and others that cannot."""
    brands = {
        name: {"name": _texts(name), "trades": ["tea"], "currency": "CNY"}
        for name in ("splits", "bare", "shops", "sales", "apart", "other", "mean")
    }
    brands["other"]["trades"] = ["coffee"]
    brands["mean"]["trades"] = []
    points = {
        "splits_stores": ("splits", "stores", {"2023Q4": 80, "2024Q1": 100, "2024Q4": 160,
                                               "2025Q1": 150}),
        "splits_customers": ("splits", "customers", {"2024Q1": 1000, "2025Q1": 1800}),
        "bare_growth": ("bare", "growth", {"2025Q1": 4}),
        "shops_stores": ("shops", "stores", {"2025Q1": 5}),
        "sales_sales": ("sales", "sales", {"2024Q1": 5, "2025Q1": 6}),
        "apart_stores": ("apart", "stores", {"2024Q4": 5}),
        "apart_customers": ("apart", "customers", {"2025Q1": 6}),
        "apart_score": ("apart", "score", {"2024": 70, "2025": 71}),
        "mean_score": ("mean", "score", {"2025": 75}),
        "other_stores": ("other", "stores", {"2025Q1": 9}),
    }  # fmt: skip
    return {
        "brands": brands,
        "measures": {
            "stores": _measure("stores", "count"),
            "customers": _measure("customers", "persons", per_store=True),
            "sales": _measure("sales", "money", per_store=True),
            "growth": _measure("growth", "change", times=0.01),
            "score": _measure("score", "score"),
        },
        "series": {
            name: {
                "brand": brand,
                "measure": measure,
                "points": [
                    {"period": period, "value": value, "source": "T1"}
                    for period, value in several.items()
                ],
            }
            for name, (brand, measure, several) in points.items()
        },
        "indices": {
            "tea_index": {
                **{key: _texts(key) for key in ("name", "publisher", "sector", "country")},
                "trades": ["tea"],
                "measure": "score",
                "average": "mean",
            }
        },
        "sources": {"T1": {"title": "Tea", "grade": "B", "url": "https://tea.example/1"}},
    }


def next_quarter() -> dict[str, Any]:
    """Return the same file where customers are known of two quarters in a row only."""
    data = file()
    data["series"]["splits_customers"]["points"][0]["period"] = "2024Q4"
    return data


def load(data: dict[str, Any], home: Any) -> Facts:
    """Write a file of published figures and read it."""
    path = home / FACTS_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_facts(home)
