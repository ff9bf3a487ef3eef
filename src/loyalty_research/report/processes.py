"""Processes that a report run starts, and how they end: none may be left behind.

A kernel runs in a session of its own, so signalling the worker's group does not reach it. The tree
is collected first, then killed; kernels whose worker has died are found by what was remembered.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from contextlib import suppress

import psutil

_GRACE = 5.0


class Tree:
    """A started process with every descendant seen so far.

    Parameters
    ----------
    process
        What ``subprocess.Popen`` returned.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._seen: set[psutil.Process] = set()

    def look(self) -> None:
        """Remember the descendants that live now."""
        with suppress(psutil.NoSuchProcess):
            self._seen.update(psutil.Process(self.process.pid).children(recursive=True))

    def kill_descendants(self) -> None:
        """Kill every descendant, but not the process itself."""
        self.look()
        end(self._seen)

    def kill(self) -> None:
        """Kill the process and every descendant, and reap them."""
        self.look()
        if self.process.poll() is None:
            self.process.kill()
        end(self._seen)
        self.process.wait()
        end(self._seen)


def end(processes: Iterable[psutil.Process]) -> None:
    """Kill ``processes`` and what they started meanwhile; wait until they are gone."""
    doomed: set[psutil.Process] = set()
    for process in processes:
        with suppress(psutil.Error):
            doomed.update(process.children(recursive=True))
        doomed.add(process)
    for process in doomed:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(doomed, timeout=_GRACE)


def end_children() -> None:
    """Kill every descendant of this process."""
    end(psutil.Process().children(recursive=True))
