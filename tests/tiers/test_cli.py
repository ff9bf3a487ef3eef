"""``loyalty replay``: a table, CSV files on request, and refusals in one line each."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from programme_shop import easy, late, lines, repeat_lines

from loyalty_research.cli import main
from loyalty_research.programmes.schema import Programme

BRAND = """\
name: {zh: 小店, en: Shop}
trade: coffee
currency: CNY
timezone: Asia/Shanghai
customers: {unit: person, identifiers: public, first_purchase_observed: true}
evidence: observed
period: {start: 2024-01-01, end: 2024-03-31}
tables:
  transactions:
    source: lines.csv
    columns: {order_id: order_id, ordered_at: ordered_at, amount: amount, customer_id: customer_id}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home folder with the shop and two programmes of its own."""
    home = tmp_path / "home"
    folder = home / "data" / "brands" / "shop"
    folder.mkdir(parents=True)
    (folder / "brand.yaml").write_text(BRAND, "utf-8")
    lines().to_csv(folder / "lines.csv", index=False)
    (home / "data" / "programmes").mkdir()
    for programme in (easy(), late()):
        write(home / "data" / "programmes" / f"{programme.id}.yaml", programme)
    monkeypatch.setenv("LOYALTY_HOME", str(home))
    monkeypatch.setenv("LOYALTY_UI", "en")
    monkeypatch.delenv("LOYALTY_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    return home


def write(path: Path, programme: Programme) -> None:
    """Write a programme as a file; JSON is YAML as well."""
    path.write_text(json.dumps(plain(programme.model_dump(exclude_defaults=True))), "utf-8")


def plain(value: Any) -> Any:
    """Return decimals as the numbers that are typed into a file."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def columns(text: str, name: str) -> list[str]:
    """Return the cells of a line of the printed table."""
    line = next(line for line in text.splitlines() if line.startswith(name))
    return line.removeprefix(name).split()


@pytest.mark.usefixtures("home")
def test_two_programmes_side_by_side(capsys) -> None:
    assert main(["replay", "shop", "--programme", "easy", "--against", "late"]) == 0
    printed = capsys.readouterr().out
    assert columns(printed, "Reach a first reward") == ["100.0%", "80.0%"]
    assert columns(printed, "Reward rate") == ["1.6%", "3.6%"]  # 360 and 800 of 22,000 yuan
    assert columns(printed, "Known cost") == ["CN¥180.00", "CN¥400.00"]
    assert "no behaviour assumed" in printed
    assert "50.0% (35.2%–64.8%) of customers" in printed.replace("members", "customers")


def test_one_programme_in_chinese(home, capsys) -> None:
    path = home / "data" / "programmes" / "late.yaml"
    assert main(["replay", "shop", "--programme", str(path), "--ui", "zh"]) == 0
    printed = capsys.readouterr().out
    assert columns(printed, "够到首个奖励") == ["80.0%"]
    assert "按既有购买回放，不假设任何行为变化。" in printed


@pytest.mark.usefixtures("home")
def test_tables_as_csv(tmp_path, capsys) -> None:
    out = tmp_path / "tables"
    given = ["replay", "shop", "--programme", "easy", "--against", "late", "--out", str(out)]
    assert main(given) == 0
    named = [Path(line) for line in capsys.readouterr().out.splitlines() if line.endswith(".csv")]
    assert sorted(named) == sorted(out.iterdir())
    levels = rows(out / "programme_levels_levels.csv")
    assert [float(row["Members"]) for row in levels] == [28, 12, 16, 20, 4]
    gains = rows(out / "programme_gains_deciles.csv")
    assert {row["Difference"] for row in gains} == {"…"}  # four members are below the base limit
    assert not any("c01" in path.read_text("utf-8-sig") for path in named)  # no person


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--programme", "unknown"], "unknown"),
        (["--programme", "easy", "--against", "missing.yaml"], "missing.yaml"),
        (["--programme", "easy", "--redemption", "dance"], "dance"),
        (["--programme", "easy", "--period", "2024-13"], "2024-13"),
    ],
)
def test_refusals_are_one_line_each(capsys, given, told) -> None:
    assert main(["replay", "shop", *given]) == 2
    lines_told = [
        line for line in capsys.readouterr().err.splitlines() if not line.endswith(("…", "..."))
    ]
    assert any(told in line for line in lines_told)
    assert not any("Traceback" in line for line in lines_told)
    assert all(line.startswith("loyalty: ") for line in lines_told)


@pytest.mark.usefixtures("home")
def test_a_file_in_place_of_the_folder_is_refused(tmp_path, capsys) -> None:
    (tmp_path / "taken").write_text("x")
    given = ["replay", "shop", "--programme", "easy", "--out", str(tmp_path / "taken")]
    assert main(given) == 2
    assert "taken" in capsys.readouterr().err


SIMULATE = ("simulate", "shop", "--programme", "easy", "--periods", "8", "--draws", "10")


@pytest.fixture
def regulars(home: Path) -> Path:
    """Put a shop with regular customers in the place of the small one."""
    folder = home / "data" / "brands" / "shop"
    repeat_lines().to_csv(folder / "lines.csv", index=False)
    text = BRAND.replace("end: 2024-03-31", "end: 2024-06-30")
    (folder / "brand.yaml").write_text(text, "utf-8")
    return home


@pytest.mark.usefixtures("regulars")
def test_simulate_says_break_even_first_and_that_nothing_was_observed(tmp_path, capsys) -> None:
    arguments = [*SIMULATE, "--against", "late", "--margin", "0.5", "--out", str(tmp_path / "t")]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert said.index("margin of 50.0%") < said.index("Simulated over 8 weeks")
    assert "none of it was observed" in said
    assert "the data cannot tell" in said
    written = (tmp_path / "t" / "programme_forecast_risk.csv").read_text("utf-8-sig")
    head, row, *_ = csv.reader(written.splitlines())
    assert "Draws that pay" in head
    assert row[0] == "Plan late"


@pytest.mark.usefixtures("home")
def test_simulate_without_a_margin_names_the_key(capsys) -> None:
    assert main(list(SIMULATE)) == 0
    said = capsys.readouterr().out
    assert "margin:" in said
    assert "Simulated over" not in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--margin", "1.5"), "margin is 1.5"),
        (("--margin", "0.5", "--draws", "3"), "draws 3"),
        (("--margin", "0.5", "--periods", "0"), "periods is 0"),
    ],
)
@pytest.mark.usefixtures("regulars")
def test_simulate_refuses_in_one_line(given, said, capsys) -> None:
    assert main([*SIMULATE, *given]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if said in line]
    assert len(lines) == 1


def test_simulate_says_why_a_programme_cannot_be_simulated(home, capsys) -> None:
    card = easy("card").model_copy(update={"status": "card"})
    write(home / "data" / "programmes" / "card.yaml", card)
    assert main(["simulate", "shop", "--programme", "card"]) == 0
    printed = capsys.readouterr().out
    assert "too little is known of the rules" in printed
    assert "Plan card" in printed
