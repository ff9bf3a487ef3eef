"""From everything a client's files hold to net sales, and from the client's totals to ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.brand.schema import ControlTotal
from loyalty_research.engine import collect, reduction
from loyalty_research.study.reductions import reason_of
from loyalty_research.study.rows import TAKEN

PARTS = ("unpaid", "not_goods", "without_order", "refunds", "returns", "freight")
"""What separates a client's total from net sales, where the client counts it."""
TOTAL = "total"
_REASONS = {
    "not_a_sale": "unpaid",
    "not_goods": "not_goods",
    "lines_without_order": "without_order",
}
_COLUMNS = (
    "month",
    "client_sales",
    *PARTS,
    "net_sales",
    "remainder",
    "remainder_share",
    "client_orders",
    "orders",
    "client_members",
    "members",
)


@dataclass(frozen=True, slots=True)
class Month:
    """What the lines of a month add up to, in the brand's currency.

    Parameters
    ----------
    month
        ``YYYY-MM``; ``total`` for the whole period.
    unpaid, not_goods, without_order
        Amounts of the lines left out: no sale, no goods, no order.
    refunds
        Amounts given back on lines that count.
    returns
        Net amounts of orders with nothing paid in the end: zero or below.
    freight
        What the brand file takes off the amounts, or, where it takes off nothing, the freight.
    net_sales
        Of the valid orders: everything but the parts above.
    orders, members
        Valid orders, and customers who placed one; None where none is identified.
    """

    month: str
    unpaid: float
    not_goods: float
    without_order: float
    refunds: float
    returns: float
    freight: float
    net_sales: float
    orders: int
    members: int | None


@reduction
def month_lines(lines: ir.Table, *, start: str, end: str) -> ir.Table:
    """Return amounts by month and reason of the lines of a period: month, reason, sales, ...

    Columns: month (first day), reason (``kept`` where the line counts), sales, refunds, freight.
    """
    zero = ibis.literal(0).cast("decimal(18, 4)")
    given = set(lines.columns)
    freight = next((lines[name] for name in (TAKEN, "freight") if name in given), zero)
    refund = lines.refund_amount if "refund_amount" in given else zero
    table = lines.select(
        month=lines.ordered_at.truncate("M").date(),
        reason=reason_of(lines, start=start, end=end),
        sales=ibis.coalesce(lines.amount, zero),
        refunds=ibis.coalesce(refund, zero),
        freight=ibis.coalesce(freight, zero),
        day=lines.ordered_at.date(),
    )
    inside = table.filter(table.day.between(ibis.date(start), ibis.date(end)))
    return inside.group_by("month", "reason").aggregate(
        sales=inside.sales.sum(), refunds=inside.refunds.sum(), freight=inside.freight.sum()
    )


@reduction
def month_orders(orders: ir.Table) -> ir.Table:
    """Return valid orders by month: month (first day), net_sales, orders, members."""
    table = orders.mutate(month=orders.day.truncate("M"))
    members = {"members": table.customer_id.nunique()} if "customer_id" in table.columns else {}
    return table.group_by("month").aggregate(
        net_sales=table.net_sales.sum(), orders=table.count(), **members
    )


def gather_months(
    lines: ir.Table, orders: ir.Table, *, period: tuple[str, str], facts: dict[str, Any]
) -> tuple[Month, ...]:
    """Return what each month adds up to, and the whole period last.

    Parameters
    ----------
    lines
        Judged lines, those left out included.
    orders
        Valid orders.
    period
        First and last day.
    facts
        Facts of the brand: customers of the whole period.
    """
    start, end = period
    amounts = collect(month_lines(lines, start=start, end=end), sort_by=["month", "reason"])
    sales = collect(month_orders(orders), sort_by=["month"])
    amounts["month"] = amounts["month"].astype(str).str[:7]
    sales["month"] = sales["month"].astype(str).str[:7]
    months = sorted({*amounts["month"], *sales["month"]})
    rows = [_month(month, amounts, sales) for month in months]
    if not rows:
        return ()
    whole = {
        name: _rounded(sum(getattr(row, name) for row in rows)) for name in (*PARTS, "net_sales")
    }
    members = facts.get("customers")
    total = Month(month=TOTAL, **whole, orders=sum(row.orders for row in rows), members=members)
    return (*rows, total)


def _month(month: str, amounts: pd.DataFrame, sales: pd.DataFrame) -> Month:
    own = amounts[amounts["month"] == month].set_index("reason")
    ours = sales[sales["month"] == month]
    net = float(ours["net_sales"].sum())
    parts = {part: _rounded(own["sales"].get(reason, 0.0)) for reason, part in _REASONS.items()}
    refunds = float(own["refunds"].get("kept", 0.0))
    returns = float(own["sales"].get("kept", 0.0)) - refunds - net
    members = int(ours["members"].sum()) if "members" in ours else None
    return Month(
        month=month,
        **parts,
        refunds=_rounded(refunds),
        returns=_rounded(returns),
        freight=_rounded(own["freight"].get("kept", 0.0)),
        net_sales=_rounded(net),
        orders=int(ours["orders"].sum()),
        members=members,
    )


def _rounded(number: float) -> float:
    return round(float(number), 4)


def bridge_frame(months: Sequence[Month], totals: Iterable[ControlTotal]) -> pd.DataFrame:
    """Lead from the client's totals to net sales.

    Parameters
    ----------
    months
        What each month adds up to, and the whole period last.
    totals
        The client's own totals by month.

    Returns
    -------
    pandas.DataFrame
        One row a month, and ``total`` last, which adds up the months the client gives sales for.
        client_sales + unpaid + not_goods + without_order + refunds + returns + freight + remainder
        = net_sales: what is taken off is negative. A part the client's totals evidently do not
        count is 0. remainder_share is the remainder / client_sales. client_orders, orders,
        client_members and members stand side by side. Where the client gives no total, its columns
        and the remainder are missing and the parts say what net sales leave out.

    Notes
    -----
    Which parts the client counts is not known. That set is taken, the same for all months, which
    leaves the least in absolute remainders; of equal ones the smallest.
    """
    if not months:
        return pd.DataFrame(columns=list(_COLUMNS))
    given = {item.month: item for item in totals}
    rows = [asdict(month) for month in months if month.month != TOTAL]
    known = [row for row in rows if row["month"] in given and given[row["month"]].sales is not None]
    counted = _counted(known, given) if known else PARTS
    found = [_row(row, given.get(row["month"]), counted) for row in rows]
    frame = pd.DataFrame([*found, _total(found, months, bool(known))], columns=list(_COLUMNS))
    return frame.astype({name: "float64" for name in _COLUMNS if name != "month"})


def _counted(rows: list[dict[str, Any]], given: dict[str, ControlTotal]) -> tuple[str, ...]:
    sets = [item for size in range(len(PARTS) + 1) for item in combinations(PARTS, size)]

    def left(parts: tuple[str, ...]) -> float:
        return round(sum(abs(_gap(row, given[row["month"]], parts)) for row in rows), 2)

    return min(sets, key=left)  # the first of equal ones, so the smallest


def _gap(row: dict[str, Any], total: ControlTotal, parts: tuple[str, ...]) -> float:
    return float(row["net_sales"] + sum(row[part] for part in parts) - float(total.sales or 0))


def _row(
    row: dict[str, Any], total: ControlTotal | None, counted: tuple[str, ...]
) -> dict[str, Any]:
    parts = {part: -row[part] if part in counted and row[part] else 0.0 for part in PARTS}
    found = {"month": row["month"], **parts, "net_sales": row["net_sales"]}
    found |= {"orders": row["orders"], "members": row["members"]}
    if total is None:
        return found
    found |= {"client_orders": total.orders, "client_members": total.members}
    if total.sales is not None:
        gap = _rounded(_gap(row, total, counted))
        share = gap / float(total.sales) if total.sales else None
        found |= {"client_sales": float(total.sales), "remainder": gap, "remainder_share": share}
    return found


def _total(rows: list[dict[str, Any]], months: Sequence[Month], known: bool) -> dict[str, Any]:
    """Add up the months with the client's sales; all months where there are none."""
    some = [row for row in rows if not known or "client_sales" in row]
    names = ("client_sales", *PARTS, "net_sales", "remainder", "orders", "client_orders")
    found: dict[str, Any] = {"month": TOTAL}
    for name in names:
        values = [row[name] for row in some if row.get(name) is not None]
        found[name] = _rounded(sum(values)) if len(values) == len(some) else None
    if found["client_sales"]:
        found["remainder_share"] = found["remainder"] / found["client_sales"]
    if len(some) == len(rows):  # persons of several months do not add up
        found["members"] = months[-1].members
    return found
