"""With which periods the board is compared: the one named, or months inside the period."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect_one, context_of
from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.board_compare import Comparison, compare
from loyalty_research.profile.board_dates import kind_of, last_months
from loyalty_research.profile.board_members import member_counts, members_of
from loyalty_research.profile.board_moves import no_comparison
from loyalty_research.profile.board_second import SecondPurchase, second_purchase
from loyalty_research.profile.board_side import (
    Extras,
    Side,
    days_seen,
    extras_of,
    order_days,
    side_of,
)
from loyalty_research.profile.common import Days, Stater, as_days, valid_orders, within

_UNCOVERED = 0.05  # of the days of a compared period, before its first or after its last order


@dataclass(frozen=True, slots=True)
class Inputs:
    """The tables of a board.

    Parameters
    ----------
    orders, earlier
        Orders of the period, and those of the compared one where they stand apart.
    members
        Join dates; None where unknown.
    observed
        Whether first purchases are observed.
    days
        The period.
    window
        Length of the active window in days.
    """

    orders: ir.Table
    earlier: ir.Table | None
    members: ir.Table | None
    observed: bool
    days: Days
    window: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Comparisons, the first being the main one, and why another was not made."""

    comparisons: list[Comparison] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)


def inputs_of(
    orders: ir.Table, compared_orders: Any, customers: Any, days: Days, window: int
) -> Inputs:
    """Return the checked tables of a board."""
    earlier = None if compared_orders is None else valid_orders(compared_orders, "customer_id")
    observed = context_of(orders).first_purchase_observed
    return Inputs(orders, earlier, members_of(customers), observed, days, window)


def compared_days(compare: Any, compared_orders: Any, days: Days) -> Days | None:
    """Return the compared period, checked to lie before the period.

    Raises
    ------
    ParameterError
        Where it is no period, does not end before ``days`` starts, or orders come without one.
    """
    if compare is None:
        if compared_orders is not None:
            raise ParameterError(
                problem("compared_orders: given without compare=(first day, last day)")
            )
        return None
    then = as_days(compare, name="compare")
    if then.end >= days.start:
        raise ParameterError(
            problem(
                "compare: found {first} to {last}; allowed: a period that ends before {start}, "
                "the first day of the period",
                first=then.start,
                last=then.end,
                start=days.start,
            )
        )
    return then


def second_of(inputs: Inputs, days: Days) -> SecondPurchase | None:
    """Return the curve of the second purchase of a period."""
    return second_purchase(
        days_seen(inputs.orders, inputs.earlier),
        days,
        observed=inputs.observed,
        joined=inputs.members,
    )


def comparisons_of(
    state: Stater, inputs: Inputs, now: tuple[Side, SecondPurchase | None], then: Days | None
) -> Compared:
    """Compare with the period named; with months inside the period where none can be."""
    refused = []
    if then is not None:
        found = _with_period(state, inputs, now, then)
        if isinstance(found, Comparison):
            return Compared([found])
        refused.append(found)
    limit = state.context.base_limit
    return Compared(_months(inputs, limit), refused)


def _with_period(
    state: Stater, inputs: Inputs, now: tuple[Side, SecondPurchase | None], then: Days
) -> Comparison | Finding:
    side, second = now
    table = inputs.orders if inputs.earlier is None else inputs.earlier
    kind = kind_of(side.days, then)
    if kind is None:
        return no_comparison(state, "periods_differ", side.days, then)
    edges = collect_one(order_days(within(table, then)))
    if pd.isna(edges["first_day"]):
        return no_comparison(state, "compared_empty", side.days, then)
    first, last = (pd.Timestamp(edges[name]).date() for name in ("first_day", "last_day"))
    missing = max((first - then.start).days, (then.end - last).days)
    if missing > max(3, _UNCOVERED * then.count):
        seen = {"first": Value(first.isoformat(), "date"), "last": Value(last.isoformat(), "date")}
        return no_comparison(state, "compared_incomplete", side.days, then, **seen)
    other = side_of(table, then)
    if len(other.customers) < state.context.base_limit:
        few = Value(len(other.customers), "customers")
        return no_comparison(state, "compared_too_small", side.days, then, buyers=few)
    extras = [
        _extras(inputs, source, days, known_from=days.start, second=curve)
        for source, days, curve in (
            (inputs.orders, side.days, second),
            (table, then, second_of(inputs, then)),
        )
    ]
    return compare(kind, (side, extras[0]), (other, extras[1]), month=False)


def _months(inputs: Inputs, limit: int) -> list[Comparison]:
    """Compare the last whole month with the month before and the same month a year before."""
    read: dict[Days, tuple[Side, Extras]] = {}

    def month(days: Days) -> tuple[Side, Extras]:
        if days not in read:
            extras = _extras(inputs, inputs.orders, days, known_from=inputs.days.start)
            read[days] = side_of(inputs.orders, days), extras
        return read[days]

    found = []
    for kind, last, before in last_months(inputs.days):
        pair = month(last), month(before)
        if min(len(side.customers) for side, _ in pair) >= limit:
            found.append(compare(kind, *pair, month=True))
    return found


def _extras(
    inputs: Inputs,
    table: ir.Table,
    days: Days,
    *,
    known_from: dt.date,
    second: SecondPurchase | None = None,
) -> Extras:
    counts = member_counts(inputs.members, days)
    return extras_of(
        table,
        days,
        window=inputs.window,
        known_from=known_from,
        joined=None if counts is None else int(counts["joined"] or 0),
        second=second,
    )
