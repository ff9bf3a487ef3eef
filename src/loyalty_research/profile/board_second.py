"""How many new customers come back a second time, where it is known who is new."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, collect_one, reduction
from loyalty_research.findings import Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import Days, Stater, early_share, identified, present
from loyalty_research.profile.retention import gap_weights
from loyalty_research.stats import ProductLimit, product_limit

WITHIN = (30, 60, 90)
MAIN = 90
_LONG_GAP = 0.99
_CLOSED = 31  # days without any order before the period that still count as a history
Basis = Literal["observed", "joined", "history"]


@dataclass(frozen=True, slots=True)
class SecondPurchase:
    """Days from the first purchase to the second, and what tells who is new."""

    limit: ProductLimit
    basis: Basis


def second_purchase(
    seen: ir.Table, days: Days, *, observed: bool, joined: ir.Table | None
) -> SecondPurchase | None:
    """Return the curve of the second purchase; None where nothing tells who is new.

    Parameters
    ----------
    seen
        Orders of the period and of what is known before it: customer_id, day.
    days
        The period; who has not come back on its last day is censored.
    observed
        Whether a customer's first purchase in the data is the first ever.
    joined
        Customers with joined_on; None where the brand has none.
    """
    until = seen.filter(seen.day <= ibis.literal(days.end))
    span = {"start": days.start.isoformat(), "as_of": days.end.isoformat()}
    basis: Basis
    if observed:
        basis, counts = "observed", second_gaps(until, **span)
    elif joined is not None:
        basis, counts = "joined", joined_gaps(until, joined=joined, **span)
    elif _has_history(until, days):
        basis, counts = "history", second_gaps(until, **span)
    else:
        return None
    frame = collect(counts, sort_by=["gap_days"])
    limit = product_limit(*(frame[name].to_numpy() for name in ("gap_days", "ended", "followed")))
    return SecondPurchase(limit, basis)


def _has_history(until: ir.Table, days: Days) -> bool:
    """Tell whether the days before the period reach back further than customers stay away."""
    edges = collect_one(history_edges(until, start=days.start.isoformat()))
    if pd.isna(edges["first_day"]):
        return False
    first, last = (pd.Timestamp(edges[name]).date() for name in ("first_day", "last_day"))
    if days.start - last > dt.timedelta(days=_CLOSED):
        return False
    gaps = collect(
        gap_weights(until, as_of=days.end.isoformat(), groups=1),
        sort_by=["gap_days", "customer_group"],
    )
    weight = gaps["returned"].to_numpy(dtype=float)
    if not len(weight) or weight.sum() <= 0:
        return False
    place = int(np.searchsorted(np.cumsum(weight) / weight.sum(), _LONG_GAP - 1e-12))
    return (days.start - first).days >= int(gaps["gap_days"].iloc[place])


@reduction
def history_edges(orders: ir.Table, *, start: str) -> ir.Table:
    """Return one row: the first and the last day with an identified order before ``start``."""
    known = identified(orders)
    before = known.filter(known.day < ibis.date(start))
    return before.aggregate(first_day=before.day.min(), last_day=before.day.max())


def _first_two(orders: ir.Table) -> ir.Table:
    """Return one row a customer: customer_id, first_day, second_day (missing where none yet)."""
    days = identified(orders).select("customer_id", "day").distinct()
    by_customer = ibis.window(group_by="customer_id", order_by="day")
    rows = days.mutate(
        second_day=days.day.lead(1).over(by_customer),
        first_day=days.day.min().over(ibis.window(group_by="customer_id")),
    )
    return rows.filter(rows.day == rows.first_day).select("customer_id", "first_day", "second_day")


def _gap_counts(firsts: ir.Table, start: str, as_of: str) -> ir.Table:
    new = firsts.filter(firsts.first_day >= ibis.date(start))
    back = present(new.second_day)
    rows = new.select(
        ended=back.cast("int64"),
        gap_days=back.ifelse(
            new.second_day.delta(new.first_day, unit="day"),
            ibis.date(as_of).delta(new.first_day, unit="day"),
        ),
    )
    return rows.group_by("gap_days").aggregate(
        ended=rows.ended.sum(), followed=(1 - rows.ended).sum()
    )


@reduction
def second_gaps(orders: ir.Table, *, start: str, as_of: str) -> ir.Table:
    """Count customers first seen from ``start`` on by days to the second purchase, or followed.

    Columns: gap_days, ended (came back after that many days), followed (not yet back).
    """
    return _gap_counts(_first_two(orders), start, as_of)


@reduction
def joined_gaps(orders: ir.Table, *, joined: ir.Table, start: str, as_of: str) -> ir.Table:
    """Count as :func:`second_gaps` does, of those who joined from ``start`` on.

    A purchase before the day of joining shows that a customer was there already: such customers
    are left out.
    """
    firsts = _first_two(orders)
    joins = joined.select(member=joined.customer_id, joined_on=joined.joined_on)
    both = firsts.inner_join(joins, firsts.customer_id == joins.member)
    new = both.filter(both.joined_on >= ibis.date(start), both.joined_on <= both.first_day)
    return _gap_counts(new, start, as_of)


def second_frame(found: SecondPurchase | None) -> pd.DataFrame:
    """Return the shares back within each number of days, with bounds and the customers told."""
    rates = [(day, found.limit.reached_by(day)) for day in WITHIN] if found else []
    rows = [
        {"days": day, "share": item.value, "low": item.low, "high": item.high}
        for day, item in rates
    ]
    frame = pd.DataFrame(rows, columns=["days", "share", "low", "high"])
    frame = frame.astype({"days": int, "share": float, "low": float, "high": float})
    return frame.assign(returned=(frame["share"] * (found.limit.base if found else 0)).round())


def second_finding(
    state: Stater, found: SecondPurchase | None, customers: pd.DataFrame, days: Days
) -> Finding:
    """Return the share of new customers with a second purchase within 90 days, or why not."""
    name, definition = "board_second_purchase_rate", "second_purchase_rate"
    if found is None:
        return state.withheld(
            name,
            "first_purchase_not_observed" if len(customers) else "not_computable",
            definition=definition,
            base=len(customers),
            values=early_share(customers, days),
        )
    rates = {day: found.limit.reached_by(day) for day in WITHIN}
    base = found.limit.base
    rest: dict[str, Any] = {}
    if rates[MAIN].value is None:
        if base < state.context.base_limit:
            reason = "base_too_small" if base else "not_computable"
            return state.withheld(name, reason, definition=definition, base=base)
        rest = {"status": "withheld", "reason": "period_too_short"}
    return state(
        name,
        rates[MAIN],
        unit="share",
        definition=definition,
        method="product_limit",
        subject="second_purchase",
        task="retain",
        values={
            "days": Value(MAIN, "days"),
            "basis": Value(found.basis, "label:new_by"),
            **{f"within_{day}": Value(rates[day].value, "share") for day in WITHIN[:-1]},
        },
        **rest,
    )


def second_table(found: SecondPurchase, days: Days) -> TableView:
    """Describe the table of the shares back within each number of days."""
    return TableView(
        name="second_purchase",
        key="board.second_purchase",
        frame="second_purchase",
        columns=(
            Column("days", "days", heading="since_first_purchase"),
            Column("share", "share", low="low", high="high", heading="share_second"),
        ),
        values={"basis": Value(found.basis, "label:new_by")},
        definitions=("second_purchase_rate", "new_customer"),
        persons=(Persons("returned", names=("days",), rows="nested"),),
        base=found.limit.base,
        base_unit="customers",
        period=days.iso,
    )
