"""Loyalty programmes as data, and the ledger that replays any of them on real purchases.

p = lr.programmes.load_programme("starbucks_us_2026")
ledger = lr.programmes.replay(b.orders, p, redemption="at_once")
ledger.balances
"""

from loyalty_research.programmes import accounting, run_off
from loyalty_research.programmes.attainable import attainability
from loyalty_research.programmes.card import card, cards
from loyalty_research.programmes.changes import changes
from loyalty_research.programmes.complexity import complexity
from loyalty_research.programmes.cost import cost_by_month, cost_of, cost_summary
from loyalty_research.programmes.ledger import Ledger
from loyalty_research.programmes.load import list_programmes, load_family, load_programme
from loyalty_research.programmes.mechanics import mechanics
from loyalty_research.programmes.replay import replay
from loyalty_research.programmes.schema import Programme
from loyalty_research.programmes.writing import write_programme

__all__ = [
    "Ledger",
    "Programme",
    "accounting",
    "attainability",
    "card",
    "cards",
    "changes",
    "complexity",
    "cost_by_month",
    "cost_of",
    "cost_summary",
    "list_programmes",
    "load_family",
    "load_programme",
    "mechanics",
    "replay",
    "run_off",
    "write_programme",
]
