"""The kernel a chapter runs in: the Python that renders the report, nothing else.

The kernel named ``python3`` on a user's machine may belong to another environment. Here the
running interpreter is started, over sockets in a private folder, so that kernels that start at
the same moment cannot compete for a port.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

_LONGEST = 80
"""Longest folder in which a socket may lie; with a longer one, ports are used."""


class RunKernelManager(AsyncKernelManager):
    """Starts ``sys.executable`` as the kernel."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """What is started."""
        return KernelSpec(
            argv=[
                sys.executable,
                "-Xfrozen_modules=off",
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
                "--HistoryManager.enabled=False",
            ],
            display_name="Python 3",
            language="python",
        )


def manager_class(folder: Path) -> type[AsyncKernelManager]:
    """Return a manager whose connection lies in ``folder``."""

    class Manager(RunKernelManager):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.connection_file = str(folder / "kernel.json")
            if sys.platform != "win32" and len(str(folder)) < _LONGEST:
                self.transport = "ipc"
                self.ip = str(folder / "socket")

    return Manager
