"""Whether customers who came in during promotion windows come back as often as others."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.board_second import MAIN, second_gaps, second_purchase
from loyalty_research.profile.common import (
    Days,
    Stater,
    customer_totals,
    early_share,
    identified,
)
from loyalty_research.profile.special_days import Spans, Window, in_spans
from loyalty_research.stats import ProductLimit, difference, product_limit


@reduction
def acquired_gaps(
    orders: ir.Table, *, spans: Spans, inside: bool, start: str, as_of: str
) -> ir.Table:
    """Count days to the second purchase of customers whose first fell into a span, or did not.

    Columns: gap_days, ended, followed; see :func:`second_gaps`.
    """
    known = identified(orders)
    firsts = known.group_by("customer_id").aggregate(first_day=known.day.min())
    fell = in_spans(firsts.first_day, spans)
    chosen = firsts.filter(fell if inside else ~fell)
    return second_gaps(known.semi_join(chosen, "customer_id"), start=start, as_of=as_of)


def second_by_window(
    table: ir.Table, days: Days, spans: Spans, *, observed: bool
) -> tuple[pd.DataFrame, tuple[ProductLimit, ...]]:
    """Estimate the second purchase of both groups; no groups where nothing tells who is new."""
    until = table.filter(table.day <= ibis.literal(days.end))
    if second_purchase(until, days, observed=observed, joined=None) is None:
        return pd.DataFrame(), ()
    rows, limits = [], []
    for name in ("promotion", "other"):
        counts = acquired_gaps(
            until,
            spans=spans,
            inside=name == "promotion",
            start=days.start.isoformat(),
            as_of=days.end.isoformat(),
        )
        frame = collect(counts, sort_by=["gap_days"])
        limit = product_limit(
            *(frame[column].to_numpy() for column in ("gap_days", "ended", "followed"))
        )
        rate = limit.reached_by(MAIN)
        limits.append(limit)
        rows.append(
            {
                "acquired_in": name,
                "customers": limit.base,
                "share_second": rate.value,
                "low": rate.low,
                "high": rate.high,
            }
        )
    numbers = dict.fromkeys(["share_second", "low", "high"], float)
    return pd.DataFrame(rows).astype(numbers), tuple(limits)


def second_difference(
    state: Stater,
    table: ir.Table,
    days: Days,
    shown: Sequence[Window],
    limits: tuple[ProductLimit, ...],
) -> Finding:
    """State the difference of the second-purchase rates, or why it cannot be told."""
    name, definition = "promotion_second", "second_purchase_rate"
    until = table.filter(table.day <= ibis.literal(days.end))
    customers = collect(customer_totals(until), sort_by=["customer_id"])
    if not limits:
        return state.withheld(
            name,
            "first_purchase_not_observed" if len(customers) else "not_computable",
            definition=definition,
            base=len(customers),
            values=early_share(customers, days),
        )
    inside, outside = limits
    base = min(inside.base, outside.base)
    first_rate, second_rate = (limit.reached_by(MAIN) for limit in limits)
    gap = difference(first_rate, second_rate)
    if base >= state.context.base_limit and gap.value is None:
        return state.withheld(name, "period_too_short", definition=definition, base=base)
    first = pd.to_datetime(customers["first_day"])
    fell = np.zeros(len(customers), dtype=bool)
    for item in shown:
        fell |= first.between(pd.Timestamp(item.days.start), pd.Timestamp(item.days.end)).to_numpy()
    stake = float(customers.loc[fell, "net_sales"].sum())
    beyond = gap.low is not None and gap.high is not None and not gap.low <= 0 <= gap.high
    return state(
        name,
        gap,
        unit="percentage_point",
        definition=definition,
        method="product_limit",
        subject=name,
        task="activate",
        group=name,
        at_stake=stake,
        values={
            "days": Value(MAIN, "days"),
            "people": Value(inside.base, "customers"),
            "rate_in": Value(first_rate.value, "share"),
            "rate_out": Value(second_rate.value, "share"),
            "sales": Value(stake, "money"),
            "verdict": Value(str(beyond), "label:difference"),
        },
    )
