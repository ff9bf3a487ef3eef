"""Proofs: claims of the reports, tested where the truth is known.

A proof is a module ``proofs/NAME.py`` with

``TITLE``
    the question it answers, a heading of docs/validation.md, in plain words;
``run(*, small: bool) -> Proof``
    which does the work. ``small`` is the version for the tests: seconds, fewer worlds, the same
    code and the same rule for the verdict. Seeds are fixed; nothing is drawn from the clock.

``python benchmarks/validate.py NAME`` runs it and writes its section; ``tests/test_proofs.py``
runs the small version of every module and asserts its verdict. Modules that begin with an
underscore, and ``common``, are no proofs.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Proof", "ProofModule", "load", "names"]

_HELPERS = {"common"}


@dataclass(frozen=True)
class Proof:
    """What a proof found.

    Parameters
    ----------
    text
        Markdown: what was simulated, seeds, counts, exact intervals, tables. No heading above
        the third level.
    passed
        Whether everything the proof asks was met. A proof that falls short says so here.
    """

    text: str
    passed: bool


class ProofModule(Protocol):
    """A module of this package."""

    TITLE: str

    def run(self, *, small: bool) -> Proof:
        """Do the work."""
        ...


def names() -> list[str]:
    """Return the names of all proofs, in alphabetical order."""
    found = (item.name for item in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if name not in _HELPERS and not name.startswith("_"))


def load(name: str) -> ProofModule:
    """Import one proof."""
    module: ProofModule = importlib.import_module(f"{__name__}.{name}")  # type: ignore[assignment]
    return module
