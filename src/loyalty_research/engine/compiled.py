"""Loops that are compiled: machine code is made once and kept in the cache folder.

What is compiled stands in modules called ``kernel*.py``, and they are imported only where a loop
runs: Numba takes a while to load.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

from loyalty_research.brand import cache_folder

F = TypeVar("F", bound=Callable[..., Any])
_PACKAGE = Path(__file__).parents[1]


def compiled(function: F) -> F:
    """Compile a loop; without the interpreter's lock, so that partitions run side by side."""
    return numba.njit(
        nogil=True, _nrt=False, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)  # type: ignore[no-any-return]


def compiled_once(function: F) -> F:
    """Compile a loop that is called from Python, and keep its code for the next run."""
    return numba.njit(nogil=True, _nrt=False, error_model="numpy", cache=_can_keep())(function)  # type: ignore[no-any-return]


@cache
def _can_keep() -> bool:
    """Point Numba's cache to a folder of these kernels; tell whether it can be written.

    Numba notices a change of the module that a loop stands in, not of those it calls; so the
    folder is named after all of them.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for file in sorted(_PACKAGE.rglob("kernel*.py")):
        digest.update(file.read_bytes())
    folder = cache_folder() / "compiled" / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    numba.config.CACHE_DIR = str(folder)
    return True
