"""Any file a client sends becomes one Parquet table: text as written, or as typed in the source.

Lazy, so that files can be found, and known by their content, without the heavy libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Converted": "loyalty_research.study.files.options",
    "FileNote": "loyalty_research.study.files.options",
    "FileOptions": "loyalty_research.study.files.options",
    "convert": "loyalty_research.study.files.conversion",
    "find_sources": "loyalty_research.study.files.finding",
}

__all__ = ["Converted", "FileNote", "FileOptions", "convert", "find_sources"]

if TYPE_CHECKING:
    from loyalty_research.study.files.conversion import convert
    from loyalty_research.study.files.finding import find_sources
    from loyalty_research.study.files.options import Converted, FileNote, FileOptions


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    msg = f"module 'loyalty_research.study.files' has no attribute {name!r}"
    raise AttributeError(msg)
