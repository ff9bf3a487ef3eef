"""The register of reductions: every lazy expression an analysis is built from.

A test compiles each for another engine (PySpark), so that what is written here stays portable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import ibis.expr.types as ir

F = TypeVar("F", bound=Callable[..., ir.Table])
REDUCTIONS: dict[str, Callable[..., ir.Table]] = {}
"""Reductions by ``module.function``; each takes a table first and returns a lazy table."""


def reduction(function: F) -> F:
    """Register ``function``, which maps a table to a lazy table and runs nothing.

    Guard divisors, take dates before differences in days, use neither raw SQL nor a function that
    only one engine has.
    """
    name = f"{function.__module__.removeprefix('loyalty_research.')}.{function.__name__}"
    REDUCTIONS[name] = function
    return function
