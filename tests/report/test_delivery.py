"""What a run delivers, and that nothing is done twice."""

from __future__ import annotations

import json
import shutil
import signal
import time
from pathlib import Path

import pytest
from report.sandbox import Sandbox

from loyalty_research.errors import ReportError
from loyalty_research.report.deliver import check_place, deliver, mend

HEAVY = ("papermill", "nbformat", "pandas", "numpy", "ibis", "duckdb", "matplotlib", "jinja2")
MAIN = "import sys\nfrom loyalty_research.cli import main\n"
POISON = """
import ibis.backends.duckdb as duckdb
import loyalty_research.engine.collect as door
import loyalty_research.report.execute as runner

def refuse(*args, **kwargs):
    raise AssertionError("the engine was asked")

duckdb.Backend.to_pyarrow = duckdb.Backend.execute = duckdb.Backend.raw_sql = refuse
door.collect = door.backend_of = runner.execute = refuse
"""


def test_every_file_of_a_report_is_there(delivered: Sandbox) -> None:
    pages = ("1_profile.ipynb", "2_other.ipynb", "index.html", "other.html", "profile.html")
    names = {f"{language}/{page}" for language in ("zh", "en") for page in pages}
    assert set(delivered.files()) == names | {
        "findings.json",
        "index.html",
        "manifest.json",
        "tables.xlsx",
    }


def test_findings_are_sorted_and_worded_in_both_languages(delivered: Sandbox) -> None:
    findings = json.loads(delivered.files()["findings.json"])
    ids = [item["id"] for item in findings]
    assert ids == sorted(ids)
    assert len(ids) == 8
    first = next(item for item in findings if item["id"] == "board_repurchase_rate")
    assert first["text_zh"] == "发现 board_repurchase_rate：42.1%（40.0%–44.0%）。"
    assert first["text_en"] == "Finding board_repurchase_rate: 42.1% (40.0%–44.0%)."
    assert first["estimate"] == 0.421


def test_no_delivered_file_tells_where_it_was_made(delivered: Sandbox) -> None:
    for name, content in delivered.files().items():
        for place in (str(delivered.root), "/secret/", str(Path.home()) + "/"):
            assert place.encode() not in content, name


def test_the_manifest_says_what_went_in_and_what_was_left_out(delivered: Sandbox) -> None:
    manifest = json.loads(delivered.files()["manifest.json"])
    assert [item["name"] for item in manifest["chapters"]] == ["profile", "other"]
    assert manifest["chapters"][0]["parameters"] == {"brand": "tiny"}
    assert set(manifest["inputs"]["tables"]) == {"transactions"}
    assert manifest["report_date"] == "2025-01-01"
    assert manifest["environment"]["duckdb"]
    assert {"finding", "question"} <= {key for item in manifest["skipped"] for key in item}
    assert all(item["why"] for item in manifest["skipped"])


def test_unchanged_is_told_fast_without_the_heavy_libraries(delivered: Sandbox) -> None:
    program = MAIN + (
        "status = main(sys.argv[1:])\n"
        f"print('heavy:', [name for name in {HEAVY!r} if name in sys.modules])\n"
        "sys.exit(status)"
    )
    before = {path: path.stat().st_mtime_ns for path in delivered.report.rglob("*")}
    started = time.perf_counter()
    again = delivered.make(program=program)
    took = time.perf_counter() - started
    assert again.returncode == 0
    assert again.stderr == "loyalty: unchanged: nothing executed, nothing rendered\n"
    assert again.stdout == "reports/tiny/index.html\nheavy: []\n"
    assert {path: path.stat().st_mtime_ns for path in delivered.report.rglob("*")} == before
    assert took < 3.0


def test_two_cold_runs_in_different_places_give_the_same_bytes(
    delivered: Sandbox, sandbox: Sandbox
) -> None:
    shutil.rmtree(sandbox.packages)  # the tree may be worked on while the tests run
    shutil.copytree(delivered.packages, sandbox.packages)
    assert sandbox.make("--jobs", "1").returncode == 0
    first, second = delivered.files(), sandbox.files()
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_a_changed_wording_renders_without_executing(copied: Sandbox) -> None:
    catalogue = copied.catalogue("en")
    text = catalogue.read_text("utf-8").replace("Finding rfm_best_share", "Best of all")
    catalogue.write_text(text, encoding="utf-8")
    before = copied.files()
    made = copied.make(program=MAIN + POISON + "sys.exit(main(sys.argv[1:]))")
    assert made.returncode == 0, made.stderr
    assert "numbers unchanged: rendered without executing" in made.stderr
    after = copied.files()
    assert b"Best of all: 50.0%." in after["en/profile.html"]
    assert b"Best of all" not in before["en/profile.html"]
    assert after["zh/profile.html"] == before["zh/profile.html"]


def test_the_second_language_asks_the_engine_nothing(copied: Sandbox) -> None:
    before = copied.files()
    shutil.rmtree(copied.report)
    program = MAIN + POISON + "sys.exit(main(sys.argv[1:]))"
    made = copied.make("--language", "en", program=program)
    assert made.returncode == 0, made.stderr
    only = copied.files()
    assert not [name for name in only if name.startswith("zh/")]
    assert only["findings.json"] == before["findings.json"]
    assert copied.make(program=program).returncode == 0
    assert copied.files() == before


def test_a_damaged_report_is_rendered_again(copied: Sandbox) -> None:
    before = copied.files()
    (copied.report / "zh" / "index.html").write_text("damaged", encoding="utf-8")
    (copied.report / "en" / "profile.html").unlink()
    made = copied.make()
    assert "rendered without executing" in made.stderr
    assert copied.files() == before


def test_one_changed_parameter_executes_one_chapter(copied: Sandbox) -> None:
    made = copied.make("-p", "profile.bins=4")
    assert made.returncode == 0, made.stderr
    assert "chapter profile: done" in made.stderr
    assert "chapter other" not in made.stderr
    assert b"Board (4 bins)" in copied.files()["en/profile.html"]


def test_one_chapter_alone_leaves_out_what_has_not_run(sandbox: Sandbox) -> None:
    made = sandbox.make("--chapter", "other", "--language", "zh")
    assert made.returncode == 0, made.stderr
    assert "chapter profile" not in made.stderr
    files = sandbox.files()
    assert "zh/other.html" in files
    assert "zh/profile.html" not in files
    manifest = json.loads(files["manifest.json"])
    assert {"chapter": "profile", "why": "not asked for"} in manifest["skipped"]


def test_a_kill_while_delivering_leaves_the_report_before_it(copied: Sandbox) -> None:
    before = copied.files()
    program = MAIN + (
        "import os, signal\nimport loyalty_research.report.deliver as deliver\n"
        "deliver._swap = lambda fresh, place: os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    killed = copied.make("--language", "en", program=program)
    assert killed.returncode == -signal.SIGKILL
    assert copied.files() == before
    assert [item.name for item in copied.out.glob(".tiny.new.*")]
    assert copied.make().returncode == 0
    assert sorted(item.name for item in copied.out.iterdir()) == ["index.html", "tiny"]
    assert copied.files() == before


def test_a_report_set_aside_returns(tmp_path: Path) -> None:
    aside = tmp_path / ".tiny.old.999999999"
    aside.mkdir()
    (aside / "index.html").write_text("kept", encoding="utf-8")
    mend(tmp_path / "tiny")
    assert (tmp_path / "tiny" / "index.html").read_text(encoding="utf-8") == "kept"
    assert [item.name for item in tmp_path.iterdir()] == ["tiny"]


@pytest.mark.parametrize("exchange", [True, False])
def test_a_new_report_takes_the_place_of_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    if not exchange:
        monkeypatch.setattr("loyalty_research.report.deliver._exchange", lambda *_: False)
    place = tmp_path / "tiny"
    deliver(place, {"zh/old.html": b"1"}, {})
    deliver(place, {"zh/new.html": b"2"}, {})
    assert sorted(item.name for item in place.rglob("*")) == ["manifest.json", "new.html", "zh"]
    assert [item.name for item in tmp_path.iterdir()] == ["tiny"]


def test_what_is_no_report_is_not_replaced(tmp_path: Path) -> None:
    place = tmp_path / "tiny"
    place.mkdir()
    check_place(place)
    (place / "brand.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(ReportError, match="is no report"):
        check_place(place)
    with pytest.raises(ReportError):
        deliver(place, {"index.html": b""}, {})
    assert [item.name for item in tmp_path.rglob("*")] == ["tiny", "brand.yaml"]
