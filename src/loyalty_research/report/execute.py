"""Runs chapters: one worker process each, watched, ended after its time, never left behind."""

from __future__ import annotations

import functools
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loyalty_research import errors
from loyalty_research.report import runs
from loyalty_research.report.chapters import Chapter
from loyalty_research.report.dates import today
from loyalty_research.report.processes import Tree

_TICK = 0.1
_GRACE = 15.0
"""Seconds a worker gets to write down what it has after its kernel was ended."""
_QUIET = 20.0
"""Seconds after which a running chapter says again that it is running."""
_PATH = re.compile(r"(?<![\w.:/])(?:[A-Za-z]:)?(?:[/\\][^\s/\\'\",:;()]+)+[/\\]([^\s/\\'\",:;()]+)")


@dataclass(frozen=True, slots=True)
class Job:
    """A chapter to execute."""

    chapter: Chapter
    key: str
    parameters: Mapping[str, Any]


@dataclass(slots=True)
class _Running:
    job: Job
    folder: Path
    runtime: Path
    tree: Tree
    started: float
    shown: int = -1
    said: float = 0.0
    stopped_at: float | None = None
    result: runs.Run | None = field(default=None)


def execute(
    jobs: Sequence[Job],
    *,
    brand: str,
    home: Path,
    cache: Path,
    workers: int = 2,
    timeout: float = 1800.0,
    say: Callable[..., None],
) -> dict[str, runs.Run]:
    """Execute ``jobs`` and return the runs by chapter; a failed chapter is a run as well.

    Parameters
    ----------
    jobs
        What to run.
    brand, home, cache
        Name of the brand, the home folder and the cache folder.
    workers
        How many chapters run at the same time.
    timeout
        Seconds a chapter may take.
    say
        Takes the key of a line of progress and what it prints.
    """
    waiting = list(jobs)
    running: list[_Running] = []
    done: dict[str, runs.Run] = {}
    try:
        while waiting or running:
            while waiting and len(running) < max(1, workers):
                running.append(_start(waiting.pop(0), brand=brand, home=home, cache=cache))
            _import_ahead()
            for item in running:
                _watch(item, timeout=timeout, say=say)
                if item.result is not None:
                    done[item.job.chapter.name] = item.result
            running = [item for item in running if item.result is None]
            time.sleep(_TICK)
    finally:
        for item in running:
            item.tree.kill()
            shutil.rmtree(item.runtime, ignore_errors=True)
            shutil.rmtree(item.folder, ignore_errors=True)
    return done


@functools.cache
def _import_ahead() -> None:
    """Import what rendering needs while the chapters run and this process would only wait."""
    for name in ("loyalty_research.report.rendering", "loyalty_research.charts.draw"):
        importlib.import_module(name)


def _start(job: Job, *, brand: str, home: Path, cache: Path) -> _Running:
    folder = runs.new_folder(cache, brand, job.chapter.name, job.key)
    runtime = Path(tempfile.mkdtemp(prefix="loyalty-"))
    (folder / "input.ipynb").write_bytes(job.chapter.content)
    (folder / "job.json").write_text(
        json.dumps({"parameters": dict(job.parameters), "runtime": str(runtime)}), encoding="utf-8"
    )
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "loyalty_research.report.worker", str(folder / "job.json")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(folder / "store", home, runtime),
            start_new_session=True,
        )
    return _Running(job, folder, runtime, Tree(process), time.monotonic())


def _environment(store: Path, home: Path, runtime: Path) -> dict[str, str]:
    variables = dict(os.environ)
    if variables.get("PYTHONPATH"):  # the worker does not run where the command was given
        parts = variables["PYTHONPATH"].split(os.pathsep)
        variables["PYTHONPATH"] = os.pathsep.join(str(Path(part).absolute()) for part in parts)
    variables |= {
        "LOYALTY_STORE": str(store),
        "LOYALTY_HOME": str(home),
        "IPYTHONDIR": str(runtime / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(runtime / "jupyter"),
        "TMPDIR": str(runtime),  # a kernel that is killed cannot remove what it left there
        "PYTHONHASHSEED": "0",
    }
    variables.pop("PYTHONSTARTUP", None)  # what a user's shell does has no place in a report
    return variables


def _watch(item: _Running, *, timeout: float, say: Callable[..., None]) -> None:
    now = time.monotonic()
    item.tree.look()
    ended = item.tree.process.poll() is not None
    _progress(item, now, say)
    if not ended and item.stopped_at is None and now - item.started > timeout:
        item.stopped_at = now
        item.tree.kill_descendants()  # the worker then writes down what it has
    late = item.stopped_at is not None and now - item.stopped_at > _GRACE
    if ended or late:
        item.tree.kill()
        item.result = _finish(item, timeout)
        took = time.monotonic() - item.started
        outcome = item.result.outcome
        key = "progress.done" if outcome.status == "ok" else "progress.failed"
        values = {"reason": outcome.message} if outcome.status != "ok" else {}
        say(key, chapter=outcome.chapter, seconds=f"{took:.0f}", **values)


def _progress(item: _Running, now: float, say: Callable[..., None]) -> None:
    shown = sum(1 for _ in (item.folder / "store").glob("*/result.json"))
    if shown == item.shown and now - item.said < _QUIET:
        return
    item.shown, item.said = shown, now
    chapter = item.job.chapter
    total = max(chapter.expected, shown)
    took = f"{now - item.started:.0f}"
    say("progress.results", chapter=chapter.name, shown=shown, total=total, seconds=took)


def _finish(item: _Running, timeout: float) -> runs.Run:
    status = _status(item.folder)
    job = item.job
    outcome = runs.Outcome(
        chapter=job.chapter.name,
        key=job.key,
        status="ok" if status["status"] == "ok" else "failed",
        date=today(),
        parameters=dict(job.parameters),
    )
    if outcome.status == "failed":
        cause: runs.Cause = "timeout" if item.stopped_at is not None else status["cause"]
        outcome = runs.Outcome(
            chapter=outcome.chapter,
            key=outcome.key,
            status="failed",
            date=outcome.date,
            parameters=outcome.parameters,
            cause=cause,
            message=_message(cause, status, timeout, _last_line(item.folder / "worker.log")),
            cell=status["cell"],
            seconds=timeout if cause == "timeout" else 0.0,
        )
    shutil.rmtree(item.runtime, ignore_errors=True)
    for name in ("job.json", "status.json", "input.ipynb"):
        (item.folder / name).unlink(missing_ok=True)
    return runs.keep(item.folder, outcome)


def _status(folder: Path) -> dict[str, Any]:
    try:
        status: dict[str, Any] = json.loads((folder / "status.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"status": "failed", "cause": "worker", "name": "", "text": "", "cell": ""}
    return status


def _message(cause: runs.Cause, status: Mapping[str, Any], timeout: float, last: str) -> str:
    if cause == "timeout":
        return f"it took longer than {timeout:g} s"
    if cause == "kernel":
        return "the kernel died"
    if cause == "worker":
        return without_paths(
            f"the worker process died: {last}" if last else "the worker process died"
        )
    name = str(status["name"])
    family = getattr(errors, name, None)
    lines = [line.strip() for line in str(status["text"]).splitlines() if line.strip()]
    if isinstance(family, type) and issubclass(family, errors.LoyaltyError):
        return without_paths("; ".join(lines[:5]))
    return without_paths(f"{name}: {lines[0]}" if lines else name)


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def without_paths(text: str) -> str:
    """Return ``text`` with absolute paths cut down to their last part."""
    return _PATH.sub(r"\1", text)
