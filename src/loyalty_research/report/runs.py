"""Executions kept in the cache: where they lie, how they ended."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from loyalty_research.study.cache import make_private

KEPT = 3
"""How many executions of a chapter are kept."""
_OUTCOME = "outcome.json"
_DAY = 86400.0

Cause = Literal["", "error", "timeout", "kernel", "worker"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the execution of a chapter ended.

    Parameters
    ----------
    chapter, key
        Chapter and execute key.
    status
        ``ok`` or ``failed``.
    date
        Day of the execution, ISO; the report's date unless the brand file sets one.
    parameters
        What the notebook was run with.
    cause
        ``error`` raised by a cell, ``timeout``, ``kernel`` died, ``worker`` died; empty where ok.
    message
        One line: what failed, without trace.
    cell
        Identifier of the cell that failed; empty where unknown.
    seconds
        Limit of time, where that was the cause.
    """

    chapter: str
    key: str
    status: Literal["ok", "failed"]
    date: str
    parameters: dict[str, Any]
    cause: Cause = ""
    message: str = ""
    cell: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """An execution in the cache: its folder and its outcome."""

    folder: Path
    outcome: Outcome

    @property
    def notebook(self) -> Path:
        """The executed notebook; may be missing where the worker died."""
        return self.folder / "executed.ipynb"

    @property
    def store(self) -> Path:
        """Folder of the stored results."""
        return self.folder / "store"


def chapter_folder(cache: Path, brand: str, chapter: str) -> Path:
    """Return the folder of a chapter's executions."""
    return cache / "runs" / brand / chapter


def read_run(folder: Path) -> Run | None:
    """Return the execution in ``folder``; None where there is none that is complete."""
    try:
        data = json.loads((folder / _OUTCOME).read_text(encoding="utf-8"))
        outcome = Outcome(**data)
    except (OSError, ValueError, TypeError):
        return None
    run = Run(folder, outcome)
    if outcome.status == "ok" and not run.notebook.is_file():
        return None
    return run


def find_run(cache: Path, brand: str, chapter: str, key: str) -> Run | None:
    """Return the successful execution of ``key``; None where there is none."""
    run = read_run(chapter_folder(cache, brand, chapter) / key)
    if run is None or run.outcome.status != "ok" or run.outcome.key != key:
        return None
    return run


def new_folder(cache: Path, brand: str, chapter: str, key: str) -> Path:
    """Make an empty folder to execute in; :func:`keep` moves it to its place."""
    parent = make_private(chapter_folder(cache, brand, chapter))
    clean(parent)
    folder = parent / f".{key}.{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "store").mkdir(parents=True)
    return folder


def keep(folder: Path, outcome: Outcome) -> Run:
    """Write the outcome, move the folder to its place in one step, drop old executions."""
    text = json.dumps(dataclasses.asdict(outcome), ensure_ascii=False, indent=1)
    (folder / _OUTCOME).write_text(text, encoding="utf-8")
    place = folder.parent / outcome.key
    if place.exists():
        shutil.rmtree(place)
    folder.rename(place)
    os.utime(place)
    others = [item for item in folder.parent.iterdir() if not item.name.startswith(".")]
    others.sort(key=lambda item: item.stat().st_mtime, reverse=True)
    for item in others[KEPT:]:
        if item != place:
            shutil.rmtree(item, ignore_errors=True)
    return Run(place, outcome)


def clean(parent: Path) -> None:
    """Remove the hidden working folders in ``parent`` whose process is gone."""
    for item in parent.glob(".*.*"):
        if item.is_dir() and stale(item):
            shutil.rmtree(item, ignore_errors=True)


def stale(folder: Path) -> bool:
    """Tell whether the process that made a working folder, named at its end, is gone."""
    import psutil

    pid = folder.name.rpartition(".")[2]
    try:
        old = time.time() - folder.stat().st_mtime > _DAY
    except OSError:
        return False
    return old or not (pid.isdigit() and psutil.pid_exists(int(pid)))
