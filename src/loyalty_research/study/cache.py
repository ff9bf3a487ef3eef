"""Folders of the cache: private to the user, and complete or absent."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from loyalty_research.errors import DataError, problem

_UNFINISHED = ".unfinished-"
_DAY = 86400.0
KEEP_DAYS = 30
"""Tables that were not opened for so many days are removed."""


def make_private(folder: Path) -> Path:
    """Make ``folder`` and what is missing above it, readable by its owner only."""
    with _told(folder):
        missing = [item for item in (folder, *folder.parents) if not item.exists()]
        for item in reversed(missing):
            item.mkdir(mode=0o700, exist_ok=True)
    return folder


def working_folder(parent: Path, prefix: str = "") -> Path:
    """Make an empty folder of a name of its own in ``parent``, which is made where missing."""
    make_private(parent)
    with _told(parent):
        return Path(tempfile.mkdtemp(dir=parent, prefix=prefix))


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say which folder cannot be used, and how to name another."""
    try:
        yield
    except OSError as error:
        raise DataError(
            problem(
                "{folder}: nothing can be kept there: {reason}; set LOYALTY_CACHE to a folder that "
                "may be written",
                folder=folder,
                reason=error.strerror or error,
            )
        ) from error


def write_private(path: Path, text: str) -> None:
    """Write a small file at once, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).replace(path)


@contextmanager
def complete_folder(final: Path) -> Iterator[Path]:
    """Give a folder to fill that becomes ``final`` at the end, or vanishes where filling fails.

    Two processes may fill the same folder at the same time: the first to finish keeps it.
    """
    work = working_folder(final.parent.parent, _UNFINISHED)
    try:
        yield work
        lock_down(work)
        make_private(final.parent)
        try:
            work.rename(final)
        except OSError:
            if not final.is_dir():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def lock_down(folder: Path) -> None:
    """Make every file of ``folder`` readable by its owner only."""
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def remove_stale(final: Path) -> None:
    """Remove what was not opened for long, and what an interrupted run left behind a day ago."""
    now = time.time()
    unfinished = [(item, 1) for item in final.parent.parent.glob(f"{_UNFINISHED}*")]
    old = [(item, KEEP_DAYS) for item in final.parent.iterdir() if item != final]
    for item, days in unfinished + old:
        with suppress(OSError):
            if item.is_dir() and now - item.stat().st_mtime > days * _DAY:
                shutil.rmtree(item, ignore_errors=True)


def remove_spilled(folder: Path) -> None:
    """Remove what engines that were killed a day ago or more had spilled to ``folder``."""
    for item in folder.iterdir():
        with suppress(OSError):
            if time.time() - item.stat().st_mtime > _DAY:
                shutil.rmtree(item) if item.is_dir() else item.unlink()


def touch(folder: Path) -> None:
    """Note that ``folder`` was opened now."""
    with suppress(OSError):
        os.utime(folder)
