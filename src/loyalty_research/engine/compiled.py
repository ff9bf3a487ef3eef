"""Loops that are compiled: machine code is made once and kept in the cache folder.

What is compiled stands in modules called ``kernel*.py``, and they are imported only where a loop
runs: Numba takes a while to load. Its own variable ``NUMBA_CACHE_DIR`` names another place for the
code, which several caches can share.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import config, types

from loyalty_research.brand import cache_folder

F = TypeVar("F", bound=Callable[..., Any])
_PACKAGE = Path(__file__).parents[1]
_OPTIONS: dict[str, Any] = {
    "nogil": True,  # partitions run side by side
    "error_model": "numpy",  # divisors are guarded by hand
    "_nrt": False,  # nothing is allocated inside: no references are counted
}


def compiled(function: F) -> F:
    """Compile a function that compiled loops call; it cannot be called from Python.

    Whole numbers written in the code are taken as any whole number: Numba would compile the
    function anew for each of them.
    """
    return _called(function)


def inlined(function: F) -> F:
    """Compile a function into each place that calls it: tuples of arrays are handed on for free."""
    return _called(function, forceinline=True)


def _called(function: F, **more: Any) -> F:
    options = _OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True} | more
    dispatcher = numba.njit(**options)(function)
    template = dispatcher.get_call_template
    dispatcher.get_call_template = lambda args, kws: template(
        [types.unliteral(arg) for arg in args], kws
    )
    return dispatcher


def compiled_once(function: F) -> F:
    """Compile a loop that Python calls, and keep its code for the next run."""
    return numba.njit(**_OPTIONS, cache=_can_keep())(function)


@cache
def _can_keep() -> bool:
    """Point Numba's cache to a folder of these kernels; tell whether it can be written.

    Numba notices a change of the module that a loop stands in, not of those it calls; so the
    folder is named after all of them.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for file in sorted(_PACKAGE.rglob("kernel*.py")):
        digest.update(file.read_bytes())
    place = os.environ.get("NUMBA_CACHE_DIR") or cache_folder() / "compiled"
    folder = Path(place) / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    return True
