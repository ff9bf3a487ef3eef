"""Connections to the embedded engine."""

from __future__ import annotations

import functools
import itertools

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend
from ibis.common.exceptions import IbisError

_SETTINGS = {
    # Only extensions inside the wheel: nothing is downloaded at run time.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": True,
}
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
        Such as ``"4GB"``; None leaves the engine's own choice.
    temp_directory
        Where the engine spills what exceeds its memory; None leaves its own choice.
    keep_order
        Keep rows in the order of their file, which costs speed.

    Returns
    -------
    ibis.backends.BaseBackend
        A DuckDB backend.
    """
    settings: dict[str, object] = {**_SETTINGS, "preserve_insertion_order": keep_order}
    if threads is not None:
        settings["threads"] = threads
    if memory_limit is not None:
        settings["memory_limit"] = memory_limit
    if temp_directory is not None:
        settings["temp_directory"] = temp_directory
    backend = ibis.duckdb.connect(**settings)
    # Ibis takes two in-memory databases with the same settings for one and the same; tables of two
    # brands would then be mixed up silently.
    backend.db_identity = f"loyalty-research-{next(_numbers)}"
    return backend


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
