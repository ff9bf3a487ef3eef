"""Loyalty programmes as data, and the ledger that replays any of them on real purchases.

    p = lr.programmes.load_programme("starbucks_us_2026")
    ledger = lr.programmes.replay(b.orders, p, redemption="at_once")
    ledger.balances

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Ledger": "ledger",
    "Programme": "schema",
    "attainability": "attainable",
    "card": "card",
    "complexity": "complexity",
    "cost_of": "cost",
    "list_programmes": "load",
    "load_programme": "load",
    "replay": "replay",
}
_MODULES = ("accounting", "run_off")

__all__ = [
    "Ledger",
    "Programme",
    "accounting",
    "attainability",
    "card",
    "complexity",
    "cost_of",
    "list_programmes",
    "load_programme",
    "replay",
    "run_off",
]

if TYPE_CHECKING:
    from loyalty_research.programmes import accounting, run_off
    from loyalty_research.programmes.attainable import attainability
    from loyalty_research.programmes.card import card
    from loyalty_research.programmes.complexity import complexity
    from loyalty_research.programmes.cost import cost_of
    from loyalty_research.programmes.ledger import Ledger
    from loyalty_research.programmes.load import list_programmes, load_programme
    from loyalty_research.programmes.replay import replay
    from loyalty_research.programmes.schema import Programme


for _name, _home in _HOMES.items():  # TODO integrator: plain imports once all modules stand
    try:
        globals()[_name] = getattr(import_module(f"{__name__}.{_home}"), _name)
    except (ModuleNotFoundError, AttributeError):
        pass
for _name in _MODULES:
    try:
        globals()[_name] = import_module(f"{__name__}.{_name}")
    except ModuleNotFoundError:
        pass
