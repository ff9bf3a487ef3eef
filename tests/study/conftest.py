"""A small shop whose files a test may spoil."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

LINES = """order,buyer,at,paid,cut,item,pieces
A1,zoe,2024-03-01 10:00:00,10.00,1.00,p1,2
A1,zoe,2024-03-01 10:00:00,5.50,0,p2,1
A2,bob,2024-03-02 18:30:00,0.00,2.00,p1,1
A3,,2024-03-03 09:15:00,7.25,0,p9,1
A4,bob,2024-04-01 12:00:00,3.00,0,p2,250
"""
PRODUCTS = """item,title,group
p1,Tea,Drinks
p2,Soap,
"""
SETTINGS: dict[str, Any] = {
    "name": {"zh": "小店", "en": "Small shop"},
    "trade": "grocery",
    "currency": "CNY",
    "timezone": "Asia/Shanghai",
    "customers": {"unit": "person", "identifiers": "public"},
    "evidence": "observed",
    "tables": {
        "transactions": {
            "source": "lines.csv",
            "columns": {
                "order_id": "order",
                "customer_id": "buyer",
                "ordered_at": "at",
                "amount": "paid",
                "discount": "cut",
                "product_id": "item",
                "quantity": {"column": "pieces", "at_most": 100},
            },
        },
        "products": {
            "source": "products.csv",
            "columns": {"product_id": "item", "name": "title", "category": "group"},
        },
    },
}


@dataclass
class Shop:
    """A home folder with one brand, ``shop``."""

    home: Path
    cache: Path
    settings: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(SETTINGS))

    @property
    def folder(self) -> Path:
        return self.home / "data" / "brands" / "shop"

    @property
    def columns(self) -> dict[str, Any]:
        return self.settings["tables"]["transactions"]["columns"]

    def save(self) -> None:
        text = yaml.safe_dump(self.settings, allow_unicode=True)
        (self.folder / "brand.yaml").write_text(text, encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def leftovers(self) -> list[str]:
        """Files the cache holds, notes of fingerprints aside."""
        found = (self.cache / "brands").rglob("*")
        return sorted(item.name for item in found)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = Shop(tmp_path / "home", tmp_path / "cache")
    made.folder.mkdir(parents=True)
    made.write("lines.csv", LINES)
    made.write("products.csv", PRODUCTS)
    made.save()
    monkeypatch.setenv("LOYALTY_HOME", str(made.home))
    monkeypatch.setenv("LOYALTY_CACHE", str(made.cache))
    return made


@pytest.fixture(scope="session")
def project_home() -> Iterator[None]:
    """Point LOYALTY_HOME at this repository for the tests on the real sample."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(Path(__file__).resolve().parents[2]))
        yield
