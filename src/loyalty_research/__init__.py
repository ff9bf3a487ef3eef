"""loyalty_research: check customer-loyalty advice on a brand's own data.

    import loyalty_research as lr
    from loyalty_research import competitors, drivers, profile, programmes, tiers

    b = lr.open_brand("supermarket")
    r = profile.rfm(b.orders, as_of=b.period.end, bins=5)
    lr.show(r)

The package is lazy: nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "Brand": "loyalty_research.study",
    "LoyaltyError": "loyalty_research.errors",
    "Result": "loyalty_research.results",
    "attempt": "loyalty_research.results",
    "export_persons": "loyalty_research.study.private",
    "list_brands": "loyalty_research.brand",
    "open_brand": "loyalty_research.study",
    "set_language": "loyalty_research.language",
    "show": "loyalty_research.results",
}
_PACKAGES = ("competitors", "drivers", "profile", "programmes", "tiers")

__all__ = [
    "Brand",
    "LoyaltyError",
    "Result",
    "attempt",
    "competitors",
    "drivers",
    "export_persons",
    "list_brands",
    "open_brand",
    "profile",
    "programmes",
    "set_language",
    "show",
    "tiers",
]

if TYPE_CHECKING:
    from loyalty_research import profile
    from loyalty_research.brand import list_brands
    from loyalty_research.errors import LoyaltyError
    from loyalty_research.language import set_language
    from loyalty_research.results import Result, attempt, show
    from loyalty_research.study import Brand, open_brand
    from loyalty_research.study.private import export_persons


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _PACKAGES:
        return import_module(f"loyalty_research.{name}")
    msg = f"module 'loyalty_research' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
