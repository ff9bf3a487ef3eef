"""Which file is read, for the messages; and whether it stays as it is while it is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from loyalty_research.errors import DataError, problem

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Where:
    """The key of the brand file that names the source, and the file as it is shown."""

    place: str
    file: str

    def inside(self, name: str) -> Where:
        """Return the place of a member of an archive, or of a sheet."""
        return replace(self, file=f"{self.file}: {name}")

    @property
    def of(self) -> dict[str, str]:
        """The fields ``place`` and ``file`` of a problem."""
        return {"place": self.place, "file": self.file}


class Meter:
    """Count of bytes read, told to whoever asks."""

    def __init__(self, progress: Progress | None, total: int | None) -> None:
        self._progress, self._total, self._read = progress, total, 0

    def add(self, count: int) -> None:
        """Tell that ``count`` more bytes were read."""
        self._read += count
        if self._progress is not None:
            read = self._read if self._total is None else min(self._read, self._total)
            self._progress(read, self._total)


def size_of(path: Path) -> int:
    """Return the size of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


@contextmanager
def unchanged(path: Path, where: Where) -> Iterator[None]:
    """Refuse a file that is not the same after it was read."""
    before = _state(path)
    try:
        yield
    except DataError:
        if _state(path) != before:
            raise _changed(where) from None
        raise
    if _state(path) != before:
        raise _changed(where)


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _changed(where: Where) -> DataError:
    return DataError(
        problem(
            "{place}: {file}: changed while it was read; copy it, or wait until it is complete, "
            "and try again",
            **where.of,
        )
    )
