"""What must be known about a table beyond its rows: currency, evidence, who the rows are about.

A brand attaches its context to the connection its tables live on; an analysis asks for it by table,
so that functions keep plain signatures and a table from anywhere still works.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Literal

import ibis.expr.types as ir
from ibis.backends import BaseBackend

from loyalty_research.engine.connect import backend_of

Evidence = Literal["observed", "adjusted", "experimental", "assumed", "synthetic", "published"]


@dataclass(frozen=True, slots=True)
class Context:
    """Facts about a brand's tables that its findings carry along.

    Parameters
    ----------
    brand
        Folder name of the brand; empty for a bare table.
    currency
        ISO 4217 code; None where unknown: amounts are then printed without a unit.
    evidence
        Grade of the rows: ``observed`` or ``synthetic``; ``published`` for figures of others.
    customer_unit
        ``person`` or ``household``: what one customer_id stands for.
    audience_word
        Chinese word for the customers in the report (会员, 顾客, 客户).
    public
        Whether the identifiers are public research or synthetic data, exempt from the disclosure
        limit.
    first_purchase_observed
        Whether a customer's first purchase in the data is the first ever.
    provenance
        Short name of the source.
    week_start
        0 for Monday.
    margin
        Share of net sales that is left after the cost of goods; None where unknown.
    disclosure_limit, base_limit
        Smallest group of persons shown; smallest base a finding is stated on.
    """

    brand: str = ""
    currency: str | None = None
    evidence: Evidence = "observed"
    customer_unit: Literal["person", "household"] = "person"
    audience_word: str = "顾客"
    public: bool = False
    first_purchase_observed: bool = False
    provenance: str = ""
    week_start: int = 0
    margin: float | None = None
    disclosure_limit: int = 10
    base_limit: int = 30
    definitions: dict[str, str] = field(default_factory=dict)


DEFAULT_CONTEXT = Context()
_CONTEXTS: weakref.WeakKeyDictionary[BaseBackend, Context] = weakref.WeakKeyDictionary()


def attach_context(backend: BaseBackend, context: Context) -> None:
    """Remember ``context`` for every table of ``backend``."""
    _CONTEXTS[backend] = context


def context_of(table: ir.Table) -> Context:
    """Return the context of the connection ``table`` lives on, or the default one."""
    return _CONTEXTS.get(backend_of(table), DEFAULT_CONTEXT)
