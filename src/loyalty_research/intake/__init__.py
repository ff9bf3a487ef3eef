"""From the files a brand is sent with to a first brand file: what is in them, and how sure that is.

Lazy, so that the command line can offer it without the heavy libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Choices": "loyalty_research.intake.draft",
    "Request": "loyalty_research.intake.request",
    "Started": "loyalty_research.intake.start",
    "Totals": "loyalty_research.intake.proof",
    "remarks": "loyalty_research.intake.brand_draft",
    "start_brand": "loyalty_research.intake.start",
    "totals_of": "loyalty_research.intake.proof",
}

__all__ = ["Choices", "Request", "Started", "Totals", "remarks", "start_brand", "totals_of"]

if TYPE_CHECKING:
    from loyalty_research.intake.brand_draft import remarks
    from loyalty_research.intake.draft import Choices
    from loyalty_research.intake.proof import Totals, totals_of
    from loyalty_research.intake.request import Request
    from loyalty_research.intake.start import Started, start_brand


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    msg = f"module 'loyalty_research.intake' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
