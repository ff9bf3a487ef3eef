"""The board of a world, opened as a brand, against a slow and obvious count of its lines."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

import pytest

import loyalty_research as lr
from loyalty_research import profile, worlds
from loyalty_research.report.build import Request, plan
from loyalty_research.study.worlds import world_folder
from loyalty_research.worlds.world import World

WORLDS = {
    "exponential": ("bakery", {"seed": 3, "customers": 150}),
    "renewal": ("renewal", {"seed": 3, "customers": 120}),
}


@pytest.fixture(scope="module", params=list(WORLDS))
def both(request: pytest.FixtureRequest, tmp_path_factory) -> tuple[World, lr.Brand]:
    name, given = WORLDS[request.param]
    query = "&".join(f"{key}={value}" for key, value in given.items())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_CACHE", str(tmp_path_factory.mktemp("cache")))
        return worlds.make(name, **given), lr.open_brand(f"world:{name}?{query}")


def slowly(world: World) -> dict[str, float]:
    """Return the board's indicators, one line after the other."""
    paid: dict[int, Decimal] = defaultdict(Decimal)
    pieces: dict[int, int] = defaultdict(int)
    whose: dict[int, int | None] = {}
    day_of: dict[int, dt.date] = {}
    for line in world.tables["transactions"].to_pylist():
        order = line["order_id"]
        paid[order] += line["amount"]
        pieces[order] += line["quantity"]
        whose[order] = line["customer_id"]
        day_of[order] = line["ordered_at"].date()
    valid = [order for order in paid if paid[order] > 0]
    known = [order for order in valid if whose[order] is not None]
    days: dict[int, set[dt.date]] = defaultdict(set)
    for order in known:
        days[whose[order]].add(day_of[order])
    last = world.parameters.end
    late = last - dt.timedelta(days=89)
    early = late - dt.timedelta(days=90)
    before = {who for who, seen in days.items() if any(early <= day < late for day in seen)}
    after = {who for who, seen in days.items() if any(late <= day for day in seen)}
    sales = sum((paid[order] for order in valid), Decimal(0))
    of_known = sum((paid[order] for order in known), Decimal(0))
    return {
        "identified_share": len(known) / len(valid),
        "member_share_of_sales": float(of_known / sales),
        "active_customers": len(after),
        "repurchase_rate": sum(len(seen) >= 2 for seen in days.values()) / len(days),
        "repeat_retention": len(before & after) / len(before),
        "purchase_frequency": sum(len(seen) for seen in days.values()) / len(days),
        "order_value": float(sales) / len(valid),
        "spend_per_customer": float(of_known) / len(days),
        "orders_per_customer": len(known) / len(days),
        "units_per_order": sum(pieces[order] for order in valid) / len(valid),
        "unit_price": float(sales) / sum(pieces[order] for order in valid),
    }


def test_every_indicator(both: tuple[World, lr.Brand]) -> None:
    world, brand = both
    board = profile.board(brand.orders, period=brand.period).summary().set_index("indicator")
    found = board["value"].to_dict()
    for name, value in slowly(world).items():
        assert board.loc[name, "status"] == "stated", name
        assert found[name] == pytest.approx(value, rel=1e-9), name


def test_second_purchase_rate_of_those_seen_for_long(both: tuple[World, lr.Brand]) -> None:
    """Where nobody is censored, Kaplan-Meier is a share: first purchases 90 days before the end."""
    world, brand = both
    cut = world.parameters.end - dt.timedelta(days=90)
    days: dict[int, set[dt.date]] = defaultdict(set)
    for line in world.tables["transactions"].to_pylist():
        if line["customer_id"] is not None:
            days[line["customer_id"]].add(line["ordered_at"].date())
    old = [sorted(seen) for seen in days.values() if min(seen) <= cut]
    again = [len(seen) > 1 and (seen[1] - seen[0]).days <= 90 for seen in old]
    board = profile.board(brand.orders, period=brand.period).summary().set_index("indicator")
    row = board.loc["second_purchase_rate"]
    assert row["status"] == "stated"
    assert row["low"] - 0.02 <= sum(again) / len(again) <= row["high"] + 0.02


def test_a_world_is_marked_as_simulated(both: tuple[World, lr.Brand]) -> None:
    world, brand = both
    assert brand.context.evidence == "synthetic"
    assert brand.context.public
    assert "模拟数据" in brand.title("zh")
    assert "simulated" in brand.title("en")
    result = profile.board(brand.orders, period=brand.period)
    assert {finding.evidence for finding in result.findings} == {"synthetic"}
    kept = brand.quality.balance.set_index("table")
    assert (kept["dropped"] == 0).all()
    for name, table in world.tables.items():
        assert kept.loc[name, "kept"] == len(table), name


def test_one_address_is_one_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path))
    short = world_folder("world:null?customers=30&seed=2")
    assert short.name == "world-null-customers30-seed2"
    assert world_folder("world:null?seed=2&customers=30") == short
    deep = world_folder("world:null?customers=30&programme.redeem=0.1")
    assert deep != short
    assert deep.parent == short.parent


def test_changes_and_no_effects_by_address(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path))
    brand = lr.open_brand("world:bakery?null=true&customers=60&end=2023-06-30&walk_ins=0")
    assert brand.period.iso == ("2023-01-01", "2023-06-30")
    wanted = worlds.null("bakery", customers=60, end="2023-06-30", walk_ins=0)
    assert brand.transactions.count().execute() == len(wanted.tables["transactions"])
    assert not brand.has("redemptions")  # a table without rows is no table of a brand


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "world:bakry",
            ["bakry", "bakery, grocery, luckin, mixue, null, renewal", "did you mean 'bakery'?"],
        ),
        ("world:bakery?seed", ["seed", "key=value"]),
        ("world:bakery?seed=1&seed=2", ["seed is given more than once"]),
        ("world:bakery?basket=1&basket.extra_lines=2", ["basket is given as a whole and in part"]),
        (
            "world:bakery?customers=many&colour=red",
            ["customers", "'many'", "colour", "unknown key"],
        ),
        ("world:bakery?end=2020-01-01", ["an end on or after the start"]),
        ("world:null?programme.rule_change=true", ["programme", "later_rule"]),
    ],
)
def test_mistakes_are_told_all_at_once(address, words, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path))
    with pytest.raises(lr.LoyaltyError) as caught:
        lr.open_brand(address)
    for word in words:
        assert word in str(caught.value)


BRAND = """
name: { zh: 演示茶饮（模拟数据）, en: Tea to show (simulated) }
trade: tea
currency: CNY
timezone: Asia/Shanghai
customers: { unit: person, identifiers: public }
evidence: synthetic
tables:
  transactions:
    source: "world:renewal?customers=40&seed=5#TABLE"
    columns: { order_id: order_id, ordered_at: ordered_at, amount: amount }
"""


def test_a_brand_file_may_name_a_world_as_its_source(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "brand.yaml"
    path.write_text(BRAND.replace("TABLE", "transactions"), encoding="utf-8")
    lines = worlds.make("renewal", customers=40, seed=5).tables["transactions"]
    assert lr.open_brand(str(path)).transactions.count().execute() == len(lines)
    path.write_text(BRAND.replace("TABLE", "sales"), encoding="utf-8")
    with pytest.raises(lr.LoyaltyError, match="'sales'; allowed after #: campaigns, choice_sets"):
        lr.open_brand(str(path))


def test_a_report_asks_for_the_world_again_by_its_address(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path / "cache"))
    address = "world:null?customers=30&seed=2"
    todo = plan(Request(brand=address, out=tmp_path / "reports"))
    assert todo.parameters["profile"]["brand"] == address
    assert todo.place.name == "world-null-customers30-seed2"
    assert plan(Request(brand=address, out=tmp_path / "reports")).keys == todo.keys
