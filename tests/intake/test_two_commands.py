"""A stranger's export becomes a report by two commands, as typed by who has just installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from intake import exports

ROOT = Path(__file__).resolve().parents[2]
BRAND = "甜品 一店"


def made_orders() -> list[exports.Order]:
    """Return three months of a till where four orders in ten are walk-ins."""
    drawn = exports.made_orders(20, count=2000, people=250, walk_ins=0.4, freight=False)
    return [order for order in drawn if order.state == "paid"]


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``loyalty`` in a home folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "loyalty_research", "--ui", "zh", *arguments],
        cwd=home,
        env=os.environ
        | {
            "LOYALTY_HOME": str(home),
            "LOYALTY_CACHE": str(home / "cache"),
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONIOENCODING": "utf-8",
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    """Return the home folder after both commands, their outputs, and the truth of March."""
    home = tmp_path_factory.mktemp("home")
    (home / "data" / "brands").mkdir(parents=True)
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    orders = made_orders()
    file = exports.till(home, orders)
    first = run(home, "new", BRAND, "--transactions", str(file))
    asked = ("--period", "2024-03", "--compare", "previous")
    second = run(home, "report", BRAND, "--format", "html,single", *asked)
    march = exports.truth_of(order for order in orders if order.at.month == 3)
    return home, first, second, march


def test_both_commands_end_well(made) -> None:
    _, first, second, _ = made
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr


def test_the_numbers_of_the_period_are_those_planted(made) -> None:
    home, _, _, march = made
    text = (home / "reports" / BRAND / "findings.json").read_text(encoding="utf-8")
    findings = {item["id"]: item for item in json.loads(text)}
    base = findings["data_base"]
    assert base["estimate"] == march.orders
    assert base["values"]["customers"]["value"] == march.buyers
    assert base["values"]["sales"]["value"] == pytest.approx(float(march.net_sales), abs=1e-9)
    assert findings["board_repurchase_rate"]["estimate"] == pytest.approx(march.repurchase_rate)


def test_the_period_before_stands_beside_the_numbers(made) -> None:
    home, _, _, _ = made
    page = (home / "reports" / BRAND / "zh" / "index.html").read_text(encoding="utf-8")
    assert "环比" in page


def test_the_report_speaks_both_languages_and_names_no_member(made) -> None:
    home, _, _, _ = made
    place = home / "reports" / BRAND
    for name in (f"{BRAND}_zh.html", f"{BRAND}_en.html", "zh/profile.html", "en/profile.html"):
        assert (place / name).stat().st_size > 10_000
    buyers = {f"VIP{order.buyer[-6:]}" for order in made_orders() if order.buyer}
    assert buyers
    for path in place.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert [buyer for buyer in buyers if buyer in text] == []
