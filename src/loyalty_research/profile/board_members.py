"""Who joined in the period, and what is known of those who left."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import as_table, collect_one, reduction, require_columns
from loyalty_research.errors import DataError, problem, raise_all
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Days, Stater

_DAYS = ("joined_on", "cancelled_on")


def members_of(customers: Any) -> ir.Table | None:
    """Return customer_id, joined_on and, where present, cancelled_on as dates.

    Returns
    -------
    ibis.Table or None
        None where there is no table of customers, or no joined_on in it.

    Raises
    ------
    DataError
        Where customer_id is missing, or a day has a type that cannot be used.
    """
    if customers is None:
        return None
    table = as_table(customers, name="customers")
    require_columns(table, ["customer_id"], name="customers")
    names = [name for name in _DAYS if name in table.columns]
    wrong = [
        problem(
            "customers: column {name} has type {found}; allowed: date or time stamp",
            name=name,
            found=table[name].type(),
        )
        for name in names
        if not (table[name].type().is_date() or table[name].type().is_timestamp())
    ]
    raise_all(wrong, DataError)
    if "joined_on" not in names:
        return None
    days = {
        name: table[name] if table[name].type().is_date() else table[name].date() for name in names
    }
    return table.select(customer_id=table.customer_id, **days)


def member_counts(members: ir.Table | None, days: Days) -> dict[str, Any] | None:
    """Return how many members are known, joined in the period and, where known, left in it."""
    if members is None:
        return None
    first, last = days.iso
    return collect_one(member_totals(members, start=first, end=last))


@reduction
def member_totals(members: ir.Table, *, start: str, end: str) -> ir.Table:
    """Return one row: members with a join date, joined within both days, cancelled within them."""
    counts = {
        "members": members.joined_on.count(),
        "joined": members.joined_on.between(ibis.date(start), ibis.date(end)).sum(),
    }
    if "cancelled_on" in members.columns:
        counts["cancelled"] = members.cancelled_on.between(ibis.date(start), ibis.date(end)).sum()
    return members.aggregate(**counts)


def member_findings(state: Stater, counts: dict[str, Any] | None) -> list[Finding]:
    """Return who joined, and the net change where cancellations are known too."""
    net = "board_net_member_growth"
    if counts is None:
        return [state.withheld(net, "no_join_date", definition="net_member_growth")]
    joined, known = int(counts["joined"] or 0), int(counts["members"] or 0)
    found = [
        state(
            "board_new_members",
            float(joined),
            unit="customers",
            definition="new_member",
            method="count",
            base=known,
            subject="members",
            task="acquire",
            values={"known": Value(known, "customers")},
        )
    ]
    if "cancelled" not in counts:
        withheld = state.withheld(
            net,
            "cancellations_unknown",
            definition="net_member_growth",
            base=known,
            values={"joined": Value(joined, "customers")},
        )
        return [*found, withheld]
    cancelled = int(counts["cancelled"] or 0)
    found.append(
        state(
            net,
            float(joined - cancelled),
            unit="customers",
            definition="net_member_growth",
            method="count",
            base=known,
            subject="members",
            task="acquire",
            values={
                "joined": Value(joined, "customers"),
                "cancelled": Value(cancelled, "customers"),
            },
        )
    )
    return found
