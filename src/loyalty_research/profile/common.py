"""What every section of the profile shares: period, valid orders, totals of customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import (
    Context,
    as_table,
    context_of,
    is_stored,
    reduction,
    require_columns,
)
from loyalty_research.errors import DataError, ParameterError, Problem, problem, raise_all
from loyalty_research.findings import Chart, Finding, Value, state
from loyalty_research.stats import Estimate
from loyalty_research.tables import ORDERS

CHAPTER = "profile"
_MONEY = "decimal(18, 4)"
_AMOUNTS = {column.name for column in ORDERS.columns if column.kind == "money"}


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day of a period, both included."""

    start: dt.date
    end: dt.date

    @property
    def count(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1

    @property
    def iso(self) -> tuple[str, str]:
        """Both days as ISO strings."""
        return self.start.isoformat(), self.end.isoformat()

    def halves(self) -> tuple[Days, Days]:
        """Return two halves of equal length; an odd day in the middle belongs to neither."""
        half = dt.timedelta(days=self.count // 2 - 1)
        return Days(self.start, self.start + half), Days(self.end - half, self.end)


def as_days(period: Any, *, name: str = "period") -> Days:
    """Return ``period`` (a brand's period or a pair of dates) as :class:`Days`.

    ``name`` is what messages call it.

    Raises
    ------
    ParameterError
        Where it is neither, or ends before it starts.
    """
    if isinstance(period, (list, tuple)):
        pair = tuple(period)
    else:
        pair = tuple(getattr(period, name, None) for name in ("start", "end"))
    if len(pair) != 2 or None in pair:
        raise ParameterError(
            problem(
                "{name}: found {found!r}; allowed: (first day, last day)", name=name, found=period
            )
        )
    days = Days(as_date(pair[0], name=name), as_date(pair[1], name=name))
    if days.count < 1:
        raise ParameterError(
            problem(
                "{name}: it ends ({end}) before it starts ({start})",
                name=name,
                start=days.start,
                end=days.end,
            )
        )
    return days


def as_date(value: Any, *, name: str = "as_of") -> dt.date:
    """Return ``value`` (date, datetime or ISO text) as a date.

    Raises
    ------
    ParameterError
        Where it is not a date.
    """
    missing = value != value  # NaT calls itself a time stamp
    if isinstance(value, dt.datetime) and not missing:
        return value.date()
    if isinstance(value, dt.date) and not missing:
        return value
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ParameterError(
            problem(
                "{name}: found {found!r}; allowed: a date such as 2024-12-31",
                name=name,
                found=value,
            )
        ) from None


def valid_orders(orders: Any, *columns: str) -> ir.Table:
    """Return ``orders`` as an Ibis table that has a ``day``, checked for ``columns``.

    Amounts of money that come as floats become decimals, as ingest makes them: sums of floats
    depend on the order of adding, and two customers who spent the same would no longer tie.

    Raises
    ------
    DataError
        Listing every column that is missing, or of a type that cannot be used.
    """
    table = as_table(orders, name="orders")
    require_columns(table, ["ordered_at", "net_sales", *columns], name="orders")
    raise_all(_wrong_types(table), DataError)
    money = {
        name: table[name].cast(_MONEY)
        for name in table.columns
        if name in _AMOUNTS and table[name].type().is_floating()
    }
    if "day" not in table.columns:
        stamp = table.ordered_at
        money["day"] = stamp if stamp.type().is_date() else stamp.date()
    return table.mutate(**money) if money else table


def _wrong_types(table: ir.Table) -> Iterator[Problem]:
    kind = table.ordered_at.type()
    if not (kind.is_date() or kind.is_timestamp()):
        yield problem(
            "orders: column ordered_at has type {found}; allowed: date or time stamp", found=kind
        )
    for name in table.columns:
        if name in _AMOUNTS and not table[name].type().is_numeric():
            yield problem(
                "orders: column {name} has type {found}; allowed: a number",
                name=name,
                found=table[name].type(),
            )


def within(orders: ir.Table, days: Days) -> ir.Table:
    """Return the orders of a period."""
    return orders.filter(
        orders.day >= ibis.literal(days.start), orders.day <= ibis.literal(days.end)
    )


def present(column: ir.Value) -> ir.BooleanValue:
    """Return whether a value is there."""
    return column.notnull()


def identified(orders: ir.Table) -> ir.Table:
    """Return the orders that carry a customer identity."""
    return orders.filter(present(orders.customer_id))


@reduction
def customer_totals(orders: ir.Table) -> ir.Table:
    """Return one row an identified customer: orders, occasions (days), sales, first and last day.

    Columns: customer_id, orders, occasions, net_sales, first_day, last_day.
    """
    known = identified(orders)
    marked = "counts_occasion" in orders.columns
    # With some orders of a day left out, the marked one might be among them.
    if marked and is_stored(orders, ORDERS.name, narrowed_by=("day", "customer_id")):
        return totals_by_mark(known)
    return totals_by_day(known)


@reduction
def totals_by_mark(orders: ir.Table) -> ir.Table:
    """Return what :func:`customer_totals` does, from whole days of orders as ingest marks them."""
    return orders.group_by("customer_id").aggregate(
        orders=orders.count(),
        occasions=orders.count(where=orders.counts_occasion),
        net_sales=orders.net_sales.sum(),
        first_day=orders.day.min(),
        last_day=orders.day.max(),
    )


@reduction
def totals_by_day(orders: ir.Table) -> ir.Table:
    """Return what :func:`customer_totals` does, from any orders."""
    # Days first, then customers: counting distinct days needs memory for every day.
    days = orders.group_by("customer_id", "day").aggregate(
        orders=orders.count(), net_sales=orders.net_sales.sum()
    )
    return days.group_by("customer_id").aggregate(
        orders=days.orders.sum(),
        occasions=days.count(),
        net_sales=days.net_sales.sum(),
        first_day=days.day.min(),
        last_day=days.day.max(),
    )


def early_share(customers: pd.DataFrame, days: Days) -> dict[str, Value]:
    """How many were already there in the first month: the sign of established shoppers."""
    early = pd.to_datetime(customers["first_day"]) < pd.Timestamp(days.start) + pd.DateOffset(
        months=1
    )
    return {"early": Value(float(early.mean()) if len(customers) else None, "share")}


def month_index(day: Any) -> Any:
    """Return months since year 0 of an Ibis date: consecutive months differ by 1."""
    return day.year() * 12 + (day.month() - 1)


def month_text(index: int) -> str:
    """Return ``YYYY-MM`` of a month index."""
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


@dataclass(frozen=True, slots=True)
class Stater:
    """States findings of one section with the same period, context and defaults."""

    context: Context
    section: str
    period: tuple[str, str]

    def __call__(
        self,
        template: str,
        estimate: Estimate | float | None,
        *,
        unit: str,
        definition: str,
        method: str,
        base: int | None = None,
        base_unit: str = "customers",
        subject: str = "",
        values: Mapping[str, Value] | None = None,
        **rest: Any,
    ) -> Finding:
        """Return a finding whose id is its template; withheld below the base limit."""
        if not isinstance(estimate, Estimate):
            estimate = Estimate(estimate, None, None, base or 0)
        size = estimate.base if base is None else base
        if estimate.value is None and rest.get("status") != "withheld":
            reason = rest.get("reason") or "not_computable"
            rest |= {"status": "withheld", "reason": reason, "at_stake": None}
        finding = Finding(
            id=template,
            template=template,
            chapter=CHAPTER,
            section=self.section,
            subject=subject or self.section,
            estimate=estimate.value,
            low=estimate.low,
            high=estimate.high,
            level=estimate.level if estimate.low is not None else None,
            unit=unit,
            base=int(size),
            base_unit=base_unit,
            definition=definition,
            period=self.period,
            method=method,
            evidence=self.context.evidence,
            provenance=self.context.provenance,
            values=values or {},
            **rest,
        )
        return state(finding, base_limit=self.context.base_limit)

    def withheld(
        self,
        template: str,
        reason: str,
        *,
        definition: str,
        base: int = 0,
        base_unit: str = "customers",
        values: Mapping[str, Value] | None = None,
        **rest: Any,
    ) -> Finding:
        """Return a finding that says why its number is not given."""
        return self(
            template,
            None,
            unit="number",
            definition=definition,
            method="none",
            base=base,
            base_unit=base_unit,
            values=values,
            status="withheld",
            reason=reason,
            **rest,
        )


def drawable(charts: Iterable[Chart], context: Context) -> tuple[Chart, ...]:
    """Return the figures whose base is large enough; below it the withheld finding stands alone."""
    return tuple(chart for chart in charts if chart.base >= context.base_limit)


def stater(table: ir.Table, section: str, days: Days) -> Stater:
    """Return the :class:`Stater` of a section."""
    return Stater(context_of(table), section, days.iso)
