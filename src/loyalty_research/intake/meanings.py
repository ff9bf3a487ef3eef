"""What the values of a source mean: which are sales, refunds, no customers, no goods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import collect, collect_one
from loyalty_research.intake.recognise import Guess
from loyalty_research.intake.vocabulary import StatusGroup, System, Words, meaning, status_group

_MOST_VALUES = 300
_HEAVY_SHARE = 0.005
_HEAVY_ORDERS = 50
_HEAVY_DAY = 20
_HOUSE_SHARE = 0.1
_HOUSE_TIMES = 10


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value, the rows that have it, and their amount where that is known."""

    value: str
    rows: int
    amount: float | None = None
    refund: float | None = None


@dataclass(frozen=True, slots=True)
class HeavyBuyer:
    """An id with more orders than a person has; it may be the store's own card.

    ``house`` where it can be nothing else: a tenth of all orders or more, and ten times as many as
    the median customer has.
    """

    value: str
    orders: int
    share: float
    day: int
    house: bool = False


def count_values(guesses: Mapping[str, Guess], lines: ir.Table, column: str) -> list[ValueCount]:
    """Return the values of a column with rows, amount and refund, most frequent first.

    Parameters
    ----------
    guesses
        By canonical column.
    lines
        The source, cast.
    column
        Canonical column.
    """
    table = _with_amounts(guesses, lines, column)
    return _counted(table.filter(table.value.notnull()))


def statuses(
    counts: list[ValueCount], *, system: System | None, refunds: bool
) -> dict[StatusGroup, list[ValueCount]]:
    """Sort statuses into sales, no sales and unknown ones.

    A returned order stays a sale where its refund is known and taken off.
    """
    groups: dict[StatusGroup, list[ValueCount]] = {"sale": [], "no_sale": [], "unknown": []}
    for item in counts:
        group = status_group(item.value, system)
        if group == "returned":
            group = "sale" if refunds and item.refund else "no_sale"
        groups[group].append(item)
    return groups


def refunded(counts: list[ValueCount], *, refunds: bool) -> list[ValueCount]:
    """Return the after-sales values that mean a whole refund the refund column does not hold."""
    known = meaning("refunded")
    return [item for item in counts if known.know(item.value) and not (refunds and item.refund)]


def matching(
    guesses: Mapping[str, Guess], lines: ir.Table, column: str, words: Words
) -> list[ValueCount]:
    """Return the values of a column that have one of these meanings."""
    table = _with_amounts(guesses, lines, column)
    plain = table.value.lower().re_replace(r"\s+", "")
    held = plain.isin(sorted(words.exact))
    if words.words:
        held = held | plain.re_search("|".join(re.escape(word) for word in words.words))
    return _counted(table.filter(held))


def heavy_buyers(
    guesses: Mapping[str, Guess], lines: ir.Table, *, known: frozenset[str]
) -> list[HeavyBuyer]:
    """Return the ids with more orders than a person has: of all orders, or on one day."""
    if not {"customer_id", "order_id", "ordered_at"} <= guesses.keys():
        return []
    table = lines.select(value=lines.customer_id, order=lines.order_id, day=lines.ordered_at.date())
    table = table.filter(table.value.notnull())
    days = table.group_by("value", "day").aggregate(orders=table.order.nunique())
    who = days.group_by("value").aggregate(total=days.orders.sum(), most=days.orders.max())
    every = who.mutate(share=who.total / who.total.sum().over())
    typical = float(collect_one(who.aggregate(median=who.total.median()))["median"] or 0)
    many = (every.share > _HEAVY_SHARE) & (every.total >= _HEAVY_ORDERS)
    top = every.filter(many | (every.most > _HEAVY_DAY)).order_by([ibis.desc("total"), "value"])
    frame = collect(top.limit(20), sort_by=["value"]).sort_values(
        ["total", "value"], ascending=[False, True]
    )
    return [
        HeavyBuyer(
            str(row["value"]),
            int(row["total"]),
            float(row["share"]),
            int(row["most"]),
            house=_is_house(int(row["total"]), float(row["share"]), typical),
        )
        for row in frame.to_dict("records")
        if str(row["value"]) not in known
    ]


def _is_house(orders: int, share: float, typical: float) -> bool:
    many = orders >= _HEAVY_ORDERS and orders >= _HOUSE_TIMES * typical
    return many and share >= _HOUSE_SHARE


def _with_amounts(guesses: Mapping[str, Guess], lines: ir.Table, column: str) -> ir.Table:
    """Return value, amount and refund by row; by order and value where amounts are repeated."""
    names = {"amount": "amount", "refund": "refund_amount"}
    amounts = {name: lines[of] for name, of in names.items() if of in guesses}
    table = lines.select(value=lines[column].cast("string"), **amounts)
    paid = guesses.get("amount")
    if paid is None or not paid.rule.get("level") or "order_id" not in guesses:
        return table.mutate(rows=1)
    table = lines.select(order=lines.order_id, value=lines[column].cast("string"), **amounts)
    once = {name: table[name].max() for name in amounts}
    return table.group_by("order", "value").aggregate(rows=table.count(), **once)


def _counted(table: ir.Table) -> list[ValueCount]:
    amounts = [name for name in ("amount", "refund") if name in table.columns]
    groups = table.group_by("value").aggregate(
        **{name: table[name].sum() for name in ("rows", *amounts)}
    )
    top = groups.order_by([ibis.desc("rows"), "value"]).limit(_MOST_VALUES)
    frame = collect(top, sort_by=["value"])
    ordered = frame.sort_values(["rows", "value"], ascending=[False, True])
    return [
        ValueCount(
            str(row["value"]),
            int(row["rows"]),
            amount=_number(row["amount"]) if "amount" in amounts else None,
            refund=_number(row["refund"]) if "refund" in amounts else None,
        )
        for row in ordered.to_dict("records")
    ]


def _number(value: float | None) -> float:
    return 0.0 if value is None or value != value else float(value)
