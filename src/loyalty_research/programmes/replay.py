"""Replay a programme's rules over purchases that really happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from loyalty_research.engine import as_table, collect_one, context_of, kept, stream
from loyalty_research.errors import DataError, problem
from loyalty_research.programmes import kernel_codes as codes
from loyalty_research.programmes.arguments import checked_arguments, period_of
from loyalty_research.programmes.asks import Terms, columns_of
from loyalty_research.programmes.batches import replay_batches
from loyalty_research.programmes.entries import (
    SORTED_BY,
    count_entries,
    entries_within,
    event_entries,
    goods_of,
    is_lines,
    joining_entries,
    lines_to_orders,
    order_entries,
    orders_as_given,
)
from loyalty_research.programmes.ledger import Ledger
from loyalty_research.programmes.plan import make_plan
from loyalty_research.programmes.plan_rows import event_kinds
from loyalty_research.programmes.schema import Programme


@dataclass(frozen=True, slots=True)
class Given:
    """Tables and words of one replay, as checked."""

    rows: ir.Table
    programme: Programme
    events: ir.Table | None
    joined: ir.Table | None
    customers: ir.Table | None
    products: ir.Table | None
    terms: Terms


def replay(
    rows: Any,
    programme: Programme,
    *,
    events: Any = None,
    joined: Any = None,
    customers: Any = None,
    period: Any = None,
    redemption: str = "none",
    paid: str | None = None,
    terms: Mapping[str, Any] | None = None,
    products: Any = None,
    week_start: int = 0,
) -> Ledger:
    """Replay a programme over purchases: who would have earned, reached and redeemed what.

    Nothing is assumed about behaviour: nobody buys more, less or elsewhere because of the rules.
    docs/ledger.md says what every rule does.

    Parameters
    ----------
    rows
        Lines (order_id, customer_id, ordered_at, amount; optionally refund_amount, product_id,
        quantity, channel, store_id, partner, points_used) or orders (order_id, customer_id,
        ordered_at, net_sales; optionally units and the like): an Ibis table, pandas or polars
        frame, or Arrow table. Times are those of the brand's own zone.
    programme
        As :func:`load_programme` returns it.
    events
        customer_id, at, kind; optionally amount (currency units) and partner.
    joined
        customer_id, joined_on. None: everyone joins with the first order or event.
    customers
        customer_id, optionally birthday_month (1 to 12); entries of others are left out and
        counted.
    period
        First and last day, as a pair or as an object with ``start`` and ``end``. None: the first
        and last day with an order or event.
    redemption
        ``none``, ``at_once`` (the open reward with the highest value a point), the id of a reward
        that everybody saves for, or ``observed`` (the rows' own ``points_used``).
    paid
        Id of a paid level that every member holds.
    terms
        The brand's own values by the term that rules use: a list, or as ``terms`` of a brand,
        lists by categories, products, channels and stores.
    products
        product_id, category; needed where rules look at categories.
    week_start
        0 for Monday.

    Returns
    -------
    Ledger
        Frames of balances, levels, months, rewards and so on, and lazy postings.

    Raises
    ------
    ParameterError
        With every argument that cannot be used at once.
    MissingTableError
        Where a table lacks a column.
    DataError
        Where there is nothing to replay, or an amount is too large to be counted exactly.

    Examples
    --------
    >>> ledger = replay(orders, programme, redemption="at_once")  # doctest: +SKIP
    >>> ledger.balances  # doctest: +SKIP
    """
    given = Given(
        rows=as_table(rows, name="rows"),
        programme=programme,
        events=_table(events, "events"),
        joined=_table(joined, "joined"),
        customers=_table(customers, "customers"),
        products=_table(products, "products"),
        terms={term: _own_values(values) for term, values in (terms or {}).items()},
    )
    never_met = checked_arguments(given, redemption=redemption, paid=paid, period=period)
    found = _found(given)
    with kept(found) as entries:
        counts = _counted(given, entries, period_of(period))
        days = period_of(period) or _days_of(counts)
        plan = make_plan(
            programme,
            period=days,
            redemption=redemption,
            paid=paid,
            joined=given.joined is not None,
            week_start=week_start,
        )
        done = replay_batches(_stream(given, entries, days), plan)
    return Ledger(
        programme=programme,
        period=days,
        redemption=redemption,
        paid=paid,
        notes=_notes(counts, done.book.counts, given.joined is not None),
        never_met=never_met,
        context=context_of(given.rows),
        plan=plan,
        done=done,
        batches=lambda: _stream(given, found, days),
    )


def _table(data: Any, name: str) -> ir.Table | None:
    return None if data is None else as_table(data, name=name)


def _own_values(values: Any) -> tuple[str, ...]:
    lists = values.values() if isinstance(values, Mapping) else [values]
    return tuple(str(value) for own in lists for value in own)


def _found(given: Given) -> ir.Table:
    """Return entries of orders and events, whoever's and whenever."""
    asks = columns_of(given.programme)
    if is_lines(given.rows):
        categories = any(where.categories or where.not_categories for where in goods_of(asks))
        orders = lines_to_orders(
            given.rows,
            goods=goods_of(asks),
            terms=given.terms,
            products=given.products if categories else None,
        )
    else:
        orders = orders_as_given(given.rows)
    redeemable = [w for w in given.programme.wallets.values() if w.kind != "qualifying"]
    point = 10 ** redeemable[0].decimals if redeemable else 1
    entries = order_entries(orders, asks=asks, terms=given.terms, point=point)
    if given.events is None:
        return entries
    kinds = event_kinds(given.programme)
    return ibis.union(
        entries, event_entries(given.events, asks=asks, kinds=kinds, like=entries), distinct=False
    )


def _counted(given: Given, found: ir.Table, days: tuple[dt.date, dt.date] | None) -> dict[str, Any]:
    """Return counts of entries; refuse amounts too large to be counted exactly."""
    start, end = (None, None) if days is None else (day.isoformat() for day in days)
    counts = collect_one(count_entries(found, start=start, end=end, customers=given.customers))
    largest = counts["largest"] or 0
    if largest > codes.LIMIT:
        raise DataError(
            problem(
                "rows: an order or event of {found:,}; allowed: at most {most:,}, so that all is "
                "counted exactly",
                found=largest / codes.E4,
                most=codes.LIMIT // codes.E4,
            )
        )
    return counts


def _stream(
    given: Given, found: ir.Table, days: tuple[dt.date, dt.date]
) -> Iterator[pa.RecordBatch]:
    """Yield all entries of the period in order, joining among them."""
    start, end = days[0].isoformat(), days[1].isoformat()
    if given.joined is not None:
        joining = joining_entries(
            given.joined, start=start, end=end, asks=columns_of(given.programme), like=found
        )
        found = ibis.union(found, joining, distinct=False)
    within = entries_within(found, start=start, end=end, customers=given.customers)
    return stream(within, sort_by=SORTED_BY)


def _days_of(counts: dict[str, Any]) -> tuple[dt.date, dt.date]:
    if counts["first"] is None:
        raise DataError(
            problem("rows: no order or event of a known customer; there is nothing to replay")
        )
    return _day(counts["first"]), _day(counts["last"])


def _day(value: Any) -> dt.date:
    return value if type(value) is dt.date else value.date()


def _notes(counts: dict[str, Any], looped: Any, by_table: bool) -> dict[str, int]:
    never = int(looped[codes.NEVER_JOINED])
    return {
        "without_customer": int(counts["without_customer"]),
        "outside_period": int(counts["outside_period"]),
        "unknown_customers": int(counts["unknown_customers"]),
        "before_joining": int(looped[codes.BEFORE_JOINING]),
        "unknown_joined" if by_table else "only_returns": never,
        "observed_short": int(looped[codes.SHORT]),
    }
