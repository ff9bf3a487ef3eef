"""The command line: statuses, messages, and what goes to which stream."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from report.sandbox import BRAND, Sandbox

import loyalty_research
from loyalty_research.cli import main
from loyalty_research.cli.check import aligned


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these tests read English, whatever the locale; tests/test_ui.py reads both."""
    monkeypatch.setenv("LOYALTY_UI", "en")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Return a home folder that this process works on."""
    sandbox = Sandbox(tmp_path)
    monkeypatch.setenv("LOYALTY_HOME", str(sandbox.home))
    monkeypatch.setenv("LOYALTY_CACHE", str(sandbox.cache))
    monkeypatch.delenv("LOYALTY_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    return sandbox


def test_brands_are_listed_one_a_line(home: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    other = home.brand.parent / "another"
    other.mkdir()
    (other / "brand.yaml").write_text(BRAND, encoding="utf-8")
    assert main(["brands"]) == 0
    assert capsys.readouterr() == ("another\ntiny\n", "")


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"loyalty {loyalty_research.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["reports"],
        ["check"],
        ["report", "tiny", "--language", "fr"],
        ["report", "tiny", "--jobs", "0"],
        ["report", "tiny", "--timeout", "-1"],
        ["report", "tiny", "--timeout", "soon"],
    ],
)
def test_wrong_arguments_have_status_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report", "tiney"], "tiney"),
        (["check", "tiney"], "did you mean 'tiny'?"),
        (["report", "tiny", "--chapter", "profil"], "did you mean 'profile'?"),
        (["report", "tiny", "-p", "bin=5"], "did you mean 'bins'?"),
        (["report", "tiny", "-p", "profile.bins=five"], "found 'five' (text)"),
        (["report", "tiny", "-p", "bins"], "allowed: [chapter.]name=value"),
    ],
)
def test_a_mistake_is_one_line_status_two_and_nothing_written(
    home: Sandbox, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert main(arguments) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    assert len(errors.splitlines()) == 1
    assert errors.startswith("loyalty: ")
    assert told in errors
    assert not (home.home / "reports").exists()


def test_every_problem_has_its_line(home: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "tiny", "-p", "bin=5", "-p", "other.behave=3"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert all(line.startswith("loyalty: ") for line in errors)
    assert not (home.home / "reports").exists()


def test_mistakes_in_the_data_end_the_run_before_any_chapter(
    home: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.brand / "transactions.csv").write_text("order,at,amount\n1,yesterday,3\n")
    assert main(["report", "tiny"]) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    assert "transactions.csv" in errors
    assert "Traceback" not in errors
    assert "chapter " not in errors
    assert not (home.home / "reports").exists()


def test_a_folder_that_is_no_report_is_not_touched(
    home: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(home.brand.rglob("*"))
    assert main(["report", "tiny", "--out", str(home.brand.parent)]) == 2
    assert "is no report" in capsys.readouterr().err
    assert sorted(home.brand.rglob("*")) == before


@pytest.mark.usefixtures("home")
def test_check_prints_the_balance_and_the_checks(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["check", "tiny"])
    out, errors = capsys.readouterr()
    assert (status, errors) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["table", "read", "kept", "dropped"]
    assert lines[1].split() == ["transactions", "60", "60", "0"]
    assert lines[3].split() == [
        *("severity", "table", "check", "rows", "share", "action", "what", "to", "do")
    ]


def test_check_has_status_one_with_warnings(
    home: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    period = "period: {start: 2024-02-01, end: 2024-12-31}\n"
    (home.brand / "brand.yaml").write_text(BRAND + period, encoding="utf-8")
    assert main(["check", "tiny"]) == 1
    assert "date outside the period" in capsys.readouterr().out


def test_columns_are_aligned() -> None:
    assert aligned(("a", "bb"), [("xyz", "1")], right=(1,)) == "a    bb\nxyz   1"


def test_an_error_of_the_program_is_told_without_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> int:
        raise RuntimeError("something\nlong")

    monkeypatch.delenv("LOYALTY_DEBUG", raising=False)
    monkeypatch.setattr("loyalty_research.cli.entry.run", broken)
    assert main(["brands"]) == 70
    errors = capsys.readouterr().err.splitlines()
    assert errors[0] == "loyalty: RuntimeError: something"
    assert "LOYALTY_DEBUG=1" in errors[1]
    monkeypatch.setenv("LOYALTY_DEBUG", "1")
    with pytest.raises(RuntimeError):
        main(["brands"])


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_have_their_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: signal.Signals,
    status: int,
) -> None:
    monkeypatch.setattr("loyalty_research.cli.entry.run", lambda _: os.kill(os.getpid(), number))
    # A job in the background inherits SIGINT ignored; here it must arrive.
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main(["brands"]) == status
    finally:
        signal.signal(signal.SIGINT, interrupt)
    assert signal.getsignal(signal.SIGTERM) is before
    assert "unchanged" in capsys.readouterr().err


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    for place in range(3000):
        folder = sandbox.brand.parent / f"brand_{place:05d}_{'x' * 40}"
        folder.mkdir()
        (folder / "brand.yaml").touch()
    command = f"{sys.executable} -m loyalty_research brands | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env=sandbox.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.startswith("brand_00000")
    assert done.returncode == 0
