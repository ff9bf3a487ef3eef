"""Open a brand: its tables, checked and ready, on an embedded engine.

Lazy, so that a fingerprint can be taken without the heavy libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Brand": "loyalty_research.study.brand",
    "BrandFingerprint": "loyalty_research.study.fingerprint",
    "Period": "loyalty_research.study.period",
    "Quality": "loyalty_research.study.quality",
    "brand_fingerprint": "loyalty_research.study.fingerprint",
    "build_orders": "loyalty_research.study.orders",
    "looks_repeated": "loyalty_research.study.levels",
    "open_brand": "loyalty_research.study.opening",
}

__all__ = [
    "Brand",
    "BrandFingerprint",
    "Period",
    "Quality",
    "brand_fingerprint",
    "build_orders",
    "looks_repeated",
    "open_brand",
]

if TYPE_CHECKING:
    from loyalty_research.study.brand import Brand
    from loyalty_research.study.fingerprint import BrandFingerprint, brand_fingerprint
    from loyalty_research.study.levels import looks_repeated
    from loyalty_research.study.opening import open_brand
    from loyalty_research.study.orders import build_orders
    from loyalty_research.study.period import Period
    from loyalty_research.study.quality import Quality


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    msg = f"module 'loyalty_research.study' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
