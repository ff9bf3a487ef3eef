"""Lines of progress for work that takes more than a moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

Say = Callable[[str, str], None]
"""Takes the stage (reading, checking, building) and the table it is about; empty for all."""
QUIET_SECONDS = 2.0


class Progress(Protocol):
    """Takes the stage that begins, and the table it is about."""

    def __call__(self, stage: str, table: str = "") -> None:
        """Note that a stage begins."""


def silent(stage: str, table: str = "") -> None:
    """Say nothing."""


class Patient:
    """Says a stage only once the work has lasted for a while.

    Parameters
    ----------
    say
        Where the lines go.
    seconds
        How long nothing is said.
    """

    def __init__(self, say: Say, *, seconds: float = QUIET_SECONDS) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._late = False
        self._stage: tuple[str, str] | None = None
        self._timer = threading.Timer(seconds, self._begin)
        self._timer.daemon = True

    def __enter__(self) -> Patient:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def __call__(self, stage: str, table: str = "") -> None:
        """Note that a stage begins; say so where the work has lasted long."""
        with self._lock:
            self._stage = (stage, table)
            if self._late:
                self._say(stage, table)

    def _begin(self) -> None:
        with self._lock:
            self._late = True
            if self._stage is not None:
                self._say(*self._stage)
