"""Whatever a ledger could not replay is refused: each mistake names key, finding and way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from programmes.files import load, small

from loyalty_research.errors import ProgrammeError, sentences

Change = Callable[[dict[str, Any]], object]


def put(path: str, value: object) -> Change:
    """Return what sets the value at a dotted path; a number is a place in a list."""

    def change(data: Any) -> None:
        *place, last = (int(part) if part.isdigit() else part for part in path.split("."))
        for part in place:
            data = data[part]
        data[last] = value

    return change


def add(path: str, value: object) -> Change:
    def change(data: Any) -> None:
        for part in path.split("."):
            data = data[part]
        data.append(value)

    return change


BACK = {
    "id": "back",
    "name": "Back",
    "source_wallet": "coins",
    "target_wallet": "points",
    "take": 1,
    "give": 1,
}
CARD_SOURCE = {"T1": {"title": "Tea", "grade": "B"}}
MISTAKES: dict[str, tuple[list[Change], str]] = {
    "unknown wallet": ([put("earn.0.wallets", ["pionts"])], "earn.spend.wallets.*mean 'points'"),
    "unknown wallet of a reward": ([put("rewards.0.wallet", "stars")], "cup.wallet.*'stars'"),
    "unknown metric wallet": ([put("tiers.wallet", "stars")], "tiers.wallet.*'stars'"),
    "unknown wallet of a conversion": (
        [put("conversions.0.source_wallet", "stars")],
        "conversions.to_coins.source_wallet",
    ),
    "unknown level in by_tier": ([put("earn.0.by_tier", {"gld": 2})], "by_tier.*mean 'gold'"),
    "unknown level in where": ([put("earn.0.where", {"tiers": ["vip"]})], "where.tiers.*'vip'"),
    "unknown level in never_for": (
        [put("wallets.points.expiry.never_for", ["vip"])],
        "wallets.points.expiry.never_for.*'vip'",
    ),
    "unknown level of a benefit": ([put("benefits.0.tiers", ["vip"])], "cake.tiers.*'vip'"),
    "unknown level of a reward": (
        [put("rewards.0.where", {"tiers": ["vip"]})],
        "rewards.cup.where.tiers.*'vip'",
    ),
    "unknown partner": ([put("earn.0.partner", "bank")], "earn.spend.partner.*none"),
    "unknown source": ([put("earn.0.source", ["T9"])], "earn.spend.source.*'T9'"),
    "id twice": ([put("rewards.0.id", "spend")], "rewards.spend: the id stands for earn.spend"),
    "published without source": (
        [put("origin", "published")],
        "rewards.cup: neither source nor assumed",
    ),
    "dates in the wrong order": (
        [put("effective_from", "2024-02"), put("effective_to", "2024-01")],
        "effective_to: found 2024-01",
    ),
    "no such day": ([put("effective_from", "2024-02-31")], "effective_from: found '2024-02-31'"),
    "nothing earned": ([put("earn", [])], "earn: missing"),
    "metric wallet missing": ([put("tiers.wallet", None)], "tiers.wallet: found nothing"),
    "wallet without metric": ([put("tiers.metric", "spend")], "tiers.wallet: found growth"),
    "base above zero": ([put("tiers.levels.0.threshold", 5)], "levels.base.threshold: found 5"),
    "overlapping levels": (
        [put("tiers.levels.2.threshold", 100)],
        "tiers.levels.gold.threshold: found 100; allowed: above 100, where silver begins",
    ),
    "keeping harder than reaching": (
        [put("tiers.levels.1.requalify", 120)],
        "requalify: found 120; allowed: at most the threshold, 100",
    ),
    "keeping easier than the level below": (
        [put("tiers.levels.2.requalify", 20)],
        "tiers.levels.gold.requalify: found 20; allowed: at least 80, which keeps silver",
    ),
    "for life below the threshold": (
        [put("tiers.levels.2.for_life_at", 200)],
        "for_life_at: found 200; allowed: at least the threshold, 300",
    ),
    "nothing leads to a level": (
        [add("tiers.levels", {"id": "vip", "name": "VIP"})],
        "tiers.levels.vip: nothing leads to it",
    ),
    "threshold out of reach": (
        [put("earn.0.cap", {"points": 10, "per": "year"})],
        "tiers.levels.silver.threshold: found 100; allowed: at most 20,",
    ),
    "visits out of reach": (
        [
            put("tiers.metric", "visits"),
            put("tiers.wallet", None),
            put("tiers.window", {"months": 1}),
        ],
        "tiers.levels.silver.threshold: found 100; allowed: at most 31",
    ),
    "half an order": (
        [
            put("tiers.metric", "orders"),
            put("tiers.wallet", None),
            put("tiers.levels.1.requalify", 2.5),
        ],
        "requalify: found 2.5; allowed: orders is counted with 0 decimal places",
    ),
    "while without rolling": (
        [put("tiers.validity", {"kind": "while"})],
        "tiers.validity.kind: found while; allowed: kind: rolling",
    ),
    "while with requalify": (
        [put("tiers.validity", {"kind": "while"}), put("tiers.window", {"kind": "rolling"})],
        "tiers.levels.silver.requalify: found 80; allowed: none",
    ),
    "while with grace": (
        [
            put("tiers.validity", {"kind": "while"}),
            put("tiers.window", {"kind": "rolling"}),
            put("tiers.grace_days", 3),
        ],
        "tiers.grace_days: found 3",
    ),
    "while at the end of a period": (
        [
            put("tiers.validity", {"kind": "while"}),
            put("tiers.window", {"kind": "rolling"}),
            put("tiers.upgrade", "period_end"),
        ],
        "tiers.upgrade: found period_end",
    ),
    "while with soft landing": (
        [
            put("tiers.validity", {"kind": "while"}),
            put("tiers.window", {"kind": "rolling"}),
            put("tiers.soft_landing", True),
        ],
        "tiers.soft_landing: found true",
    ),
    "windows of months": (
        [put("tiers.validity", {"kind": "months", "months": 3, "windows": 1})],
        "tiers.validity.windows: found 1",
    ),
    "price finer than the wallet": ([put("rewards.0.points", 2.5)], "cup.points: found 2.5"),
    "half a point a visit": (
        [put("earn.0.per", "visit"), put("earn.0.points", 0.5)],
        "earn.spend.points: found 0.5",
    ),
    "conversion finer than the wallet": (
        [put("conversions.0.give", 0.125)],
        "conversions.to_coins.give: found 0.125",
    ),
    "cap finer than the wallet": (
        [put("earn.0.cap", {"points": 9999.5, "per": "day"})],
        "earn.spend.cap.points: found 9999.5",
    ),
    "circle": ([add("conversions", BACK)], "points -> coins -> points is a circle"),
    "circle of one": (
        [put("conversions.0.target_wallet", "points"), put("conversions.0.give", 1)],
        "points -> points is a circle",
    ),
    "expiry before use": (
        [put("earn.0.pending_days", 91)],
        "earn.spend.pending_days: found 91; allowed: at most 90",
    ),
    "expiry before conversion": (
        [put("wallets.points.expiry.days", 0), put("conversions.0.at", "month")],
        "conversions.to_coins.at: found month; allowed: once",
    ),
    "reward of a wallet nobody fills": (
        [put("conversions", []), put("rewards.0.wallet", "coins")],
        "rewards.cup.wallet: found coins; allowed: a wallet that a rule earns",
    ),
    "reward for growth": (
        [put("rewards.0.wallet", "growth")],
        "rewards.cup.wallet: found growth; allowed: a wallet that is not qualifying",
    ),
    "reward out of reach": (
        [put("earn.0.cap", {"points": 20, "per": "ever"}), put("tiers", None)],
        "rewards.cup.points: found 50; allowed: at most 20",
    ),
    "cash off nothing": (
        [put("rewards.0.kind", "cash"), put("rewards.0.most_of_order", 0)],
        "rewards.cup.most_of_order: found 0",
    ),
}  # fmt: skip


def mistakes_of(data: dict[str, Any], home: Path) -> tuple[list[str], list[str]]:
    with pytest.raises(ProgrammeError) as error:
        load(data, home)
    return sentences(error.value, "en"), sentences(error.value, "zh")


def test_the_small_programme_is_right(tmp_path: Path) -> None:
    assert load(small(), tmp_path).rewards[0].id == "cup"


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told(tmp_path: Path, name: str) -> None:
    changes, expected = MISTAKES[name]
    data = small()
    for change in changes:
        change(data)
    if name.endswith("nobody fills") or name == "reward out of reach":
        data["benefits"] = []
    english, chinese = mistakes_of(data, tmp_path)
    assert any(re.search(expected, line) for line in english), english
    assert all("tea_club.yaml: " in line for line in english)
    assert all(re.search("[\u4e00-\u9fff]", line) for line in chinese), chinese


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    data = small()
    data["rewards"][0]["wallet"] = "stars"
    data["tiers"]["levels"][2]["threshold"] = 50
    data["conversions"].append(BACK)
    english, _ = mistakes_of(data, tmp_path)
    assert len(english) == 4  # keeping gold would be easier than keeping silver, too


def test_a_card_may_know_less(tmp_path: Path) -> None:
    data = small()
    data |= {"status": "card", "earn": [], "conversions": []}
    data["tiers"]["levels"].append({"id": "vip", "name": "VIP"})
    assert load(data, tmp_path).status == "card"


def test_what_cannot_be_bounded_is_not_refused(tmp_path: Path) -> None:
    data = small()
    data["earn"][0]["cap"] = {"points": 10, "per": "year"}
    data["earn"].append(
        {"id": "visit", "name": "Visit", "wallets": ["growth"], "per": "visit", "points": 1}
    )
    data["rewards"][0]["points"] = 20
    assert load(data, tmp_path).tiers is not None


def test_points_that_never_meet_buy_nothing(tmp_path: Path) -> None:
    """Ten points a month that live 90 days: at most four months of them are held at once."""
    data = small()
    data["earn"] = [
        {
            "id": "visit",
            "name": "Visit",
            "wallets": ["points", "growth"],
            "per": "visit",
            "points": 10,
            "cap": {"points": 10, "per": "month"},
        }
    ]
    data["tiers"]["levels"] = data["tiers"]["levels"][:2]
    data["benefits"] = []
    data["rewards"][0]["points"] = 60
    english, _ = mistakes_of(data, tmp_path)
    assert [line for line in english if "could never be bought" in line]
    data["rewards"][0]["points"] = 40
    assert load(data, tmp_path).rewards
