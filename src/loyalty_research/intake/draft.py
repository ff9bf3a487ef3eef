"""What a table of the brand file will say, drafted from its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import ibis.expr.types as ir

from loyalty_research.intake import values as look
from loyalty_research.intake.amounts import with_freight, with_levels
from loyalty_research.intake.dates import DateOrder, with_date_order
from loyalty_research.intake.notes import Note, note
from loyalty_research.intake.recognise import Guess, Recognised, recognise
from loyalty_research.intake.rows import RowRules
from loyalty_research.intake.source import Source
from loyalty_research.intake.vocabulary import System, normalise, system_of
from loyalty_research.intake.whole import (
    cast_source,
    readable,
    with_refunds,
    without_repeating,
)
from loyalty_research.tables import TABLES

_KEYS = ("order_id", "customer_id", "product_id", "line_id", "store_id")
_MOST_ITEMS = 20
_OF_LINES = ("quantity", "product_id", "product_name", "line_id", "after_sales")
_OF_PAYMENT = (
    "amount",
    "list_amount",
    "discount",
    "coupon_discount",
    "platform_discount",
    "refund_amount",
    "coupon",
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What was given on the command line.

    Parameters
    ----------
    timezone
        Of the brand.
    date_order
        How dates such as 03/04/2024 are read; None where the values have to tell.
    columns
        Headings named by hand: by table and canonical column.
    """

    timezone: str
    date_order: DateOrder | None = None
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableDraft:
    """A table of the brand file, drafted.

    Parameters
    ----------
    name
        Canonical table.
    source
        Its files.
    lines
        Their rows, cast, with canonical names.
    guesses
        What stands for what, by canonical column.
    refused
        Why headings with a fitting name were not taken, by canonical column.
    unused
        Headings that stand for nothing.
    system
        The system the export looks like.
    attributes
        Headings kept under a name of their own, by that name.
    orders
        The order-level file beside it.
    rows
        Which rows count; None where the table has no such rules.
    """

    name: str
    source: Source
    lines: ir.Table
    guesses: Mapping[str, Guess]
    refused: Mapping[str, tuple[Note, ...]]
    unused: tuple[str, ...]
    system: System | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    orders: TableDraft | None = None
    rows: RowRules | None = None

    @property
    def every_guess(self) -> dict[str, Guess]:
        """Guesses, those of the order-level file included."""
        beside = self.orders.guesses if self.orders else {}
        return {**beside, **self.guesses}

    def missing(self) -> list[str]:
        """Return the required columns that were not found."""
        required = [item.name for item in TABLES[self.name].columns if item.required]
        return [name for name in required if name not in self.every_guess]

    def home_of(self, column: str) -> TableDraft | None:
        """Return the file's draft that a column stands in."""
        if column in self.guesses:
            return self
        return self.orders if self.orders and column in self.orders.guesses else None


def draft_table(name: str, source: Source, choices: Choices) -> TableDraft:
    """Draft a table from one source: names, values of the whole file, dates, amounts."""
    found = recognise(name, source.columns, given=_given(name, source, choices))
    found = _without_lost(found, source)
    refused = dict(found.refused)
    guesses = _with_dates(found, source, choices)
    lines = source.rows
    if guesses:
        lines = cast_source(name, guesses, source, timezone=choices.timezone)
        guesses = readable(name, guesses, refused, lines)
    if name == "transactions":
        guesses = without_repeating(guesses, refused, lines)
        guesses = with_refunds(guesses, lines)
        guesses = with_freight(with_levels(guesses, lines), lines)
    attributes = _items(found.unused, source) if name == "survey" else {}
    return TableDraft(
        name=name,
        source=source,
        lines=lines,
        guesses=guesses,
        refused=refused,
        unused=tuple(item for item in found.unused if item not in attributes.values()),
        system=system_of(item.heading for item in source.columns),
        attributes=attributes,
    )


def _given(name: str, source: Source, choices: Choices) -> dict[str, str]:
    headings = {item.heading for item in source.columns}
    return {
        column: heading
        for column, heading in choices.columns.get(name, {}).items()
        if heading in headings
    }


def _without_lost(found: Recognised, source: Source) -> Recognised:
    """Refuse identifiers whose last digits a spreadsheet has lost."""
    lost = {heading for item in source.converted.notes for heading in item.lost_digits}
    guesses, refused = dict(found.guesses), dict(found.refused)
    for name in _KEYS:
        guess = guesses.get(name)
        if guess is None:
            continue
        column = source.column(guess.heading)
        if guess.heading in lost or column.share(look.is_science) > 0:
            del guesses[name]
            told = note("not.lost_digits", heading=guess.heading, column=name)
            refused[name] = (*refused.get(name, ()), told)
    return Recognised(found.table, guesses, refused, found.unused)


def _with_dates(found: Recognised, source: Source, choices: Choices) -> dict[str, Guess]:
    columns = TABLES[found.table]
    return {
        name: with_date_order(guess, source, given=choices.date_order, timezone=choices.timezone)
        if columns.column(name).kind in ("time", "date")
        else guess
        for name, guess in found.guesses.items()
    }


def _items(unused: tuple[str, ...], source: Source) -> dict[str, str]:
    """Return the answers of a survey: columns of few different numbers, by a name of their own."""
    items: dict[str, str] = {}
    for heading in unused:
        column = source.column(heading)
        if column.distinct <= _MOST_ITEMS and column.mostly(look.is_amount):
            plain = normalise(heading)
            fits = plain.isascii() and plain.isidentifier() and plain not in items
            items[plain if fits else f"item_{len(items) + 1:02d}"] = heading
    return items


def with_orders(lines: TableDraft, orders: TableDraft) -> TableDraft:
    """Return the draft of a line-level and an order-level file, each column from one of them."""
    keep_lines, keep_orders = dict(lines.guesses), dict(orders.guesses)
    paid_by_line = "amount" in lines.guesses
    for name in set(lines.guesses) & set(orders.guesses) - {"order_id"}:
        by_line = name in _OF_LINES or (name in _OF_PAYMENT and paid_by_line)
        first, second = (lines, orders) if by_line else (orders, lines)
        if first.guesses[name].confidence == "guess" != second.guesses[name].confidence:
            by_line = not by_line
        del (keep_orders if by_line else keep_lines)[name]
    told = {
        name: tuple(item for item in (*lines.refused.get(name, ()), *orders.refused.get(name, ())))
        for name in {*lines.refused, *orders.refused}
        if name not in keep_lines and name not in keep_orders
    }
    return replace(
        lines, guesses=keep_lines, refused=told, orders=replace(orders, guesses=keep_orders)
    )
