"""Chapters that fail, kernels that die, runs that are ended: nothing hangs, nothing is left."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from report.sandbox import Sandbox

from loyalty_research.report.execute import without_paths


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until ``condition`` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def kernels(sandbox: Sandbox) -> list[psutil.Process]:
    return [item for item in sandbox.processes() if "ipykernel_launcher" in item.cmdline()]


@pytest.fixture
def lonely(tmp_path: Path) -> Sandbox:
    """Return a sandbox with the dangerous chapter only."""
    return Sandbox(tmp_path, ("other",))


def test_a_failing_chapter_says_where_and_why_and_spares_the_others(copied: Sandbox) -> None:
    made = copied.make("-p", "behave=raise")
    assert made.returncode == 1
    assert "Traceback" not in made.stderr
    assert made.stderr.rstrip().endswith("ValueError: no luck in file.py today")
    files = copied.files()
    english, chinese = files["en/other.html"].decode(), files["zh/other.html"].decode()
    reason = "ValueError: no luck in file.py today"
    assert f"The run stopped in the section “A dangerous section”. Reason: {reason}." in english
    assert f"运行在“危险的一节”一节停止。原因：{reason}。" in chinese
    assert "Sections therefore not reached: The last section." in english
    for page in (english, chinese):
        assert page.count("<img") == 1  # shown before it failed
        assert "Traceback" not in page
    assert "Customer profile" in files["en/profile.html"].decode()
    assert f"incomplete: {reason}" in files["en/index.html"].decode()
    assert b"/".join([b"", b"home", b"someone"]) not in b"".join(files.values())
    stopped = json.loads(files["manifest.json"])["skipped"][0]
    assert stopped["chapter"] == "other"
    assert "A dangerous section" in stopped["why"]
    # A failure is no result: it is executed again, and succeeds once its cause is gone.
    again = copied.make("-p", "behave=raise")
    assert again.returncode == 1
    assert "chapter other: failed" in again.stderr
    assert "rendering" not in again.stderr


def test_a_chapter_that_lacks_a_table_tells_its_message_only(lonely: Sandbox) -> None:
    made = lonely.make("-p", "behave=refuse", "--language", "en")
    assert made.returncode == 1
    assert "Reason: table survey is absent." in lonely.files()["en/other.html"].decode()


def test_a_killed_kernel_ends_its_chapter_only(copied: Sandbox) -> None:
    process = copied.start(
        "report", "tiny", "--out", str(copied.out), "-p", "behave=sleep", "--timeout", "120"
    )
    try:
        store = copied.cache / "runs" / "tiny" / "other"
        wait_for(lambda: [*store.glob(".*/store/*/result.json")])
        (kernel,) = kernels(copied)
        kernel.kill()
        started = time.monotonic()
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert time.monotonic() - started < 30
    assert process.returncode == 1
    assert "chapter other is incomplete: the kernel died" in errors
    page = copied.files()["en/other.html"].decode()
    assert "The run stopped in the section “A dangerous section”. Reason: the kernel ended" in page
    assert page.count("<img") == 1
    assert copied.processes() == []


def test_a_chapter_out_of_time_leaves_no_process(lonely: Sandbox) -> None:
    made = lonely.make("-p", "behave=spawn", "--timeout", "20", "--language", "en")
    assert made.returncode == 1
    assert "it took longer than 20 s" in made.stderr
    page = lonely.files()["en/other.html"].decode()
    assert "“A dangerous section”. Reason: it took longer than the limit of 20 s." in page
    assert page.count("<img") == 1
    assert lonely.processes() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_ended_run_leaves_the_report_before_it_and_no_process(
    copied: Sandbox, number: signal.Signals
) -> None:
    before = copied.files()
    scratch = copied.root / "scratch"  # its path is too long for sockets: ports are used here
    scratch.mkdir()
    process = copied.start(
        *("report", "tiny", "--out", str(copied.out), "-p", "behave=spawn", "--timeout", "120"),
        TMPDIR=str(scratch),
    )
    try:
        wait_for(lambda: len(kernels(copied)) == 1)
        wait_for(
            lambda: any("time.sleep(600)" in " ".join(p.cmdline()) for p in copied.processes())
        )
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    expected = {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGKILL: -signal.SIGKILL}
    assert process.returncode == expected[number]
    assert "Traceback" not in errors
    wait_for(lambda: copied.processes() == [], 15)
    assert copied.files() == before
    assert [*scratch.glob("loyalty-*")] == []
    if number is not signal.SIGKILL:
        assert [*(copied.cache / "runs" / "tiny" / "other").glob(".*")] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("no file /srv/a/b.csv here", "no file b.csv here"),
        ("'/a/b c/d.txt'", "'b c/d.txt'"),
        (r"D:\shops\me\x.csv: bad", "x.csv: bad"),
        ("1/2 and a/b and https://host/path/page", "1/2 and a/b and https://host/path/page"),
    ],
)
def test_paths_are_cut_to_their_last_part(text: str, kept: str) -> None:
    assert without_paths(text) == kept
