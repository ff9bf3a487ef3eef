"""The last touch on a kept table: dense customer numbers, capped values, list amounts, order."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from loyalty_research.study.plan import TablePlan
from loyalty_research.tables import TABLES

_LIST_PARTS = ("discount", "coupon_discount")


def finished(table: ir.Table, plan: TablePlan, ids: ir.Table | None) -> ir.Table:
    """Return a kept table with dense customer numbers, without excess, lines with list amounts."""
    final = _without_excess(_with_dense_ids(table, ids), plan)
    return _with_list_amount(final) if plan.name == "transactions" else final


def arranged(table: ir.Table, plan: TablePlan) -> ir.Table:
    """Put columns in canonical order, and rows in one that does not depend on the source's."""
    known = [name for name in TABLES[plan.name].names if name in table.columns]
    columns = known + [name for name in table.columns if name not in known]
    first = [name for name in ("ordered_at", *plan.table.key) if name in columns]
    return table.select(*columns).order_by([*first, *(c for c in columns if c not in first)])


def _with_dense_ids(table: ir.Table, ids: ir.Table | None) -> ir.Table:
    if ids is None or "customer_id" not in table.columns:
        return table
    joined = table.rename(_source="customer_id").left_join(ids, [("_source", "source_id")])
    return joined.select(*table.columns)


def _without_excess(table: ir.Table, plan: TablePlan) -> ir.Table:
    capped = {
        item.name: ibis.ifelse(table[item.name] <= item.at_most, table[item.name], ibis.null())
        for item in plan.every_column
        if item.at_most is not None
    }
    return table.mutate(**capped) if capped else table


def _with_list_amount(lines: ir.Table) -> ir.Table:
    """Where no list amount is given: what was paid plus what the brand itself took off."""
    parts = [name for name in _LIST_PARTS if name in lines.columns]
    if "list_amount" in lines.columns or "discount" not in parts:
        return lines
    zero = ibis.literal(0).cast("decimal(18, 4)")
    total = lines.amount
    for name in parts:
        total = total + ibis.coalesce(lines[name], zero)
    return lines.mutate(list_amount=total.cast("decimal(18, 4)"))
