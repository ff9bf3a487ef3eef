"""Connections to the embedded engine."""

from __future__ import annotations

import functools
import itertools
import os
import re
import uuid
from contextlib import suppress
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend
from ibis.common.exceptions import IbisError

from loyalty_research.brand import cache_folder
from loyalty_research.errors import ParameterError, problem

_SETTINGS = {
    # Only extensions inside the wheel: nothing is downloaded at run time.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": True,
}
MEMORY_VARIABLE = "LOYALTY_MEMORY"
MEMORY = "800MB"
"""What the engine keeps in memory before it spills to disk; measured: no slower than 3 GB."""
_numbers = itertools.count(1)


def connect(
    *,
    threads: int | None = None,
    memory_limit: str | None = None,
    temp_directory: str | None = None,
    keep_order: bool = False,
) -> BaseBackend:
    """Open an in-memory DuckDB that installs nothing and is deterministic in its sums.

    Parameters
    ----------
    threads
        Number of threads; None leaves the engine's own choice.
    memory_limit
        Such as ``"4GB"``; None takes ``LOYALTY_MEMORY``, else 800 MB. What exceeds it is spilled,
        so that memory does not grow with the lines.
    temp_directory
        Folder in which the engine spills, to a folder of this connection's own: two that share
        one write over each other's files. None for a folder in the cache.
    keep_order
        Keep rows in the order of their file, which costs speed.

    Returns
    -------
    ibis.backends.BaseBackend
        A DuckDB backend.

    Raises
    ------
    ParameterError
        Where the memory limit is no size.
    """
    settings: dict[str, object] = {**_SETTINGS, "preserve_insertion_order": keep_order}
    if threads is not None:
        settings["threads"] = threads
    settings["memory_limit"] = _checked(memory_limit or os.environ.get(MEMORY_VARIABLE, MEMORY))
    settings["temp_directory"] = _spill_folder(temp_directory or cache_folder() / "spill")
    backend = ibis.duckdb.connect(**settings)
    # Ibis takes two in-memory databases with the same settings for one and the same; tables of two
    # brands would then be mixed up silently.
    backend.db_identity = f"loyalty-research-{next(_numbers)}"
    return backend


def _spill_folder(parent: str | Path) -> str:
    """Return a folder no other connection has; the engine makes and removes it when it spills."""
    with suppress(OSError):  # where nothing can be written, all must fit into memory
        Path(parent).mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(Path(parent) / f"{os.getpid()}-{uuid.uuid4().hex}")


def _checked(limit: str) -> str:
    if re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", limit):
        return limit
    raise ParameterError(
        problem(
            "{variable}: found {found!r}; allowed: a size such as 800MB or 4GB",
            variable=MEMORY_VARIABLE,
            found=limit,
        )
    )


@functools.cache
def _own() -> BaseBackend:
    return connect()


def backend_of(expression: ir.Expr) -> BaseBackend:
    """Return the backend an expression runs on; the shared embedded one for in-memory tables."""
    backends, _ = expression._find_backends()
    if len(backends) == 1:
        return backends[0]
    if not backends:
        return _own()
    msg = "The tables belong to different connections; open them through one brand."
    raise IbisError(msg)
