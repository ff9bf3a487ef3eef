"""Which rows of the transactions count: statuses, refunds, customers, goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loyalty_research.intake.meanings import (
    HeavyBuyer,
    ValueCount,
    count_values,
    heavy_buyers,
    matching,
    refunded,
    statuses,
)
from loyalty_research.intake.vocabulary import StatusGroup, System, meaning

if TYPE_CHECKING:
    from loyalty_research.intake.draft import TableDraft

_GOODS = ("product_name", "product_id")


@dataclass(frozen=True, slots=True)
class RowRules:
    """Which rows count, each value with how often it stands in the file.

    Parameters
    ----------
    statuses
        Statuses by what they mean; None where there is no status column.
    refunded
        After-sales values that mean a whole refund.
    not_customers
        Values that are no customer.
    heavy
        Ids with more orders than a person has, to be asked about; they count.
    house
        Ids that can only be the store's own cards; they are no customers.
    not_goods, maybe_not_goods
        Lines that are no goods, left out; lines to be asked about, left in. By canonical column.
    recharge_starts
        Beginnings of order numbers of recharges.
    """

    statuses: Mapping[StatusGroup, list[ValueCount]] | None = None
    refunded: list[ValueCount] = field(default_factory=list)
    not_customers: list[ValueCount] = field(default_factory=list)
    heavy: list[HeavyBuyer] = field(default_factory=list)
    house: list[HeavyBuyer] = field(default_factory=list)
    not_goods: Mapping[str, list[ValueCount]] = field(default_factory=dict)
    maybe_not_goods: Mapping[str, list[ValueCount]] = field(default_factory=dict)
    recharge_starts: tuple[str, ...] = ()

    @property
    def sale_status(self) -> tuple[str, ...]:
        """Statuses that are sales."""
        return tuple(item.value for item in (self.statuses or {}).get("sale", ()))


def row_rules(draft: TableDraft, sale_status: Sequence[str] = ()) -> RowRules:
    """Look through the whole file for the values that decide which rows count.

    Parameters
    ----------
    draft
        Of the transactions.
    sale_status
        Statuses that are sales, whatever is known of them.
    """
    refunds = "refund_amount" in draft.every_guess or "plus" in _amount_rule(draft)
    systems = [item for item in (draft.system, draft.orders and draft.orders.system) if item]
    system = systems[0] if systems else None
    status = _counts(draft, "status")
    walk_ins = _matching(draft, "customer_id", "not_customers")
    heavy = _heavy(draft, frozenset(item.value for item in walk_ins))
    return RowRules(
        statuses=None if status is None else _sorted(status, system, refunds, sale_status),
        refunded=refunded(_counts(draft, "after_sales") or [], refunds=refunds),
        not_customers=walk_ins,
        heavy=[item for item in heavy if not item.house],
        house=[item for item in heavy if item.house],
        not_goods=_goods(draft, "not_goods"),
        maybe_not_goods=_goods(draft, "maybe_not_goods"),
        recharge_starts=tuple(start for item in systems for start in item.recharge_starts),
    )


def _sorted(
    counts: list[ValueCount], system: System | None, refunds: bool, sale_status: Sequence[str]
) -> dict[StatusGroup, list[ValueCount]]:
    named = [item for item in counts if item.value in sale_status]
    rest = [item for item in counts if item.value not in sale_status]
    groups = statuses(rest, system=system, refunds=refunds)
    return {**groups, "sale": [*named, *groups["sale"]]}


def _amount_rule(draft: TableDraft) -> Mapping[str, object]:
    guess = draft.every_guess.get("amount")
    return guess.rule if guess else {}


def _counts(draft: TableDraft, column: str) -> list[ValueCount] | None:
    home = draft.home_of(column)
    return None if home is None else count_values(home.guesses, home.lines, column)


def _matching(draft: TableDraft, column: str, words: str) -> list[ValueCount]:
    home = draft.home_of(column)
    if home is None:
        return []
    return matching(home.guesses, home.lines, column, meaning(words))


def _heavy(draft: TableDraft, known: frozenset[str]) -> list[HeavyBuyer]:
    home = draft.home_of("customer_id")
    return [] if home is None else heavy_buyers(home.guesses, home.lines, known=known)


def _goods(draft: TableDraft, words: str) -> dict[str, list[ValueCount]]:
    for column in _GOODS:
        found = _matching(draft, column, words)
        if found:
            return {column: found}
    return {}
