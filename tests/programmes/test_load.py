"""Programme files are read whole, and every mistake of the file is told at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from programmes.files import ROOT, load, small

from loyalty_research.errors import ProgrammeError, sentences
from loyalty_research.programmes.load import (
    list_programmes,
    load_family,
    load_programme,
    programme_digest,
)


def test_a_file_is_named_by_itself(tmp_path: Path) -> None:
    programme = load(small(), tmp_path)
    assert programme.id == "tea_club"
    assert programme.path == tmp_path / "data" / "programmes" / "tea_club.yaml"
    assert load_programme(programme.path) == programme
    assert list_programmes(tmp_path) == ["tea_club"]


def test_numbers_are_read_as_typed() -> None:
    programme = load_programme("starbucks_us_2026", ROOT)
    assert str(programme.earn[0].by_tier["gold"]) == "1.2"


def test_on_is_a_word_not_true(tmp_path: Path) -> None:
    data = small()
    gift = {"id": "gift", "name": "Gift", "wallets": ["points"], "on": "join", "points": 5}
    data["earn"].append(gift)
    path = load(data, tmp_path).path
    text = path.read_text(encoding="utf-8")
    assert "'on': join" in text  # the writer quotes what a reader of YAML 1.1 takes for true
    path.write_text(text.replace("'on': join", "on: join"), encoding="utf-8")
    assert load_programme("tea_club", tmp_path).earn[1].on == "join"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ProgrammeError) as error:
        load_programme("starbuks_us_2026", ROOT)
    (line,) = sentences(error.value, "en")
    assert "did you mean starbucks_us_2026" in line
    assert "data/programmes" in line


def test_a_file_that_is_no_yaml_is_a_programme_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("name: [", encoding="utf-8")
    with pytest.raises(ProgrammeError, match=r"line 1: not readable as YAML"):
        load_programme(path)
    with pytest.raises(ProgrammeError, match="cannot be read"):
        load_programme(tmp_path / "missing.yaml")


def test_every_wrong_key_is_told_at_once(tmp_path: Path) -> None:
    data = small()
    data["origin"] = "made_up"
    data["wallets"]["points"]["expiry"]["rule"] = "sometimes"
    data["earn"][0]["pts"] = 3
    data["rewards"][0]["cost"] = -1
    with pytest.raises(ProgrammeError) as error:
        load(data, tmp_path)
    told = sentences(error.value, "en")
    assert len(told) == 4
    assert all("tea_club.yaml: " in line for line in told)
    assert any("rewards.0.cost: found -1" in line for line in told)
    assert any("earn.0.pts: unknown key" in line for line in told)


def test_a_change_of_the_file_is_seen(tmp_path: Path) -> None:
    before = load(small(), tmp_path)
    data = small()
    data["earn"][0]["points"] = 2
    after = load(data, tmp_path)
    assert after.earn[0].points == 2
    assert programme_digest(before) != programme_digest(after)


def test_comments_and_blanks_do_not_count(tmp_path: Path) -> None:
    first = load(small(), tmp_path)
    digest = programme_digest(first)
    text = first.path.read_text(encoding="utf-8")
    first.path.write_text(f"# a comment\n\n{text}", encoding="utf-8")
    assert programme_digest(load_programme("tea_club", tmp_path)) == digest
    assert programme_digest(load(small(), tmp_path, "other_club")) != digest


def test_states_of_a_family_come_in_order(tmp_path: Path) -> None:
    assert [item.id for item in load_family("starbucks_us", ROOT)] == [
        "starbucks_us_2019",
        "starbucks_us_2023",
        "starbucks_us_2026",
    ]
    assert load_family("no_such_family", ROOT) == ()
    for name, start, end in (("one", "2020", "2021-06"), ("two", "2021-06-30", None)):
        dates = {"family": "club", "effective_from": start, "effective_to": end}
        load({**small(), **dates}, tmp_path, name)
    with pytest.raises(ProgrammeError, match="one holds to 2021-06 and two from 2021-06-30"):
        load_family("club", tmp_path)


def test_reading_a_programme_imports_nothing_heavy() -> None:
    """The reader by itself: the package's other public names may bring what they need."""
    code = """
import sys, types
import loyalty_research
package = types.ModuleType("loyalty_research.programmes")
package.__path__ = [f"{loyalty_research.__path__[0]}/programmes"]
sys.modules[package.__name__] = package
from loyalty_research.programmes.load import load_programme, programme_digest
programme_digest(load_programme("tesco_clubcard"))
print([name for name in ("pandas", "numpy", "ibis", "duckdb", "numba") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
