"""Which lines count: sales, goods, refunds, and whom they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from loyalty_research.study.levels import NO_ORDER
from loyalty_research.study.plan import TablePlan
from loyalty_research.study.texts import half_width, plain_only_where
from loyalty_research.tables import TABLES

MONEY = "decimal(18, 4)"
LEFT_OUT = "_left_out"
NOBODY = "_nobody"
MASKED = "_masked"
ABOVE = "_above"
WHOLE = "_whole"
TAKEN = "_taken_off"
_STARTS = "order_id_starts"


def judged(lines: ir.Table, plan: TablePlan, tables: Mapping[str, ir.Table]) -> ir.Table:
    """Return the lines with customers and refunds as they count, and why a line does not.

    ``tables`` are the other tables, typed: a rule may tell by them which lines are the brand's.
    Adds ``_left_out`` (why a line is no sale of goods; missing where it is one), ``_nobody`` and
    ``_masked`` (the customer is a placeholder, or hidden), ``_above`` (the refund exceeds the
    amount) and ``_whole`` (the line was refunded in full).
    """
    lines = _with_refunds(lines, plan)
    if "customer_id" in lines.columns:
        lines = with_customers(lines, plan.not_customers)
    reasons = [
        (~is_of_brand(lines, plan.only, tables), "not_of_brand") if plan.only else None,
        (lines[NO_ORDER], "lines_without_order") if _drops_without_order(plan, lines) else None,
        (~is_sale(lines, plan.sale_status), "not_a_sale") if plan.sale_status else None,
        (is_not_goods(lines, plan.not_goods), "not_goods") if plan.not_goods else None,
    ]
    given = [(trait, ibis.literal(code)) for trait, code in filter(None, reasons)]
    nothing = ibis.null("string")
    return lines.mutate(**{LEFT_OUT: ibis.cases(*given, else_=nothing) if given else nothing})


def _drops_without_order(plan: TablePlan, lines: ir.Table) -> bool:
    beside = plan.orders.columns if plan.orders is not None else ()
    needed = {item.name for item in beside if item.column.required} - {"order_id"}
    return NO_ORDER in lines.columns and bool(needed)


def is_of_brand(
    lines: ir.Table, rules: Mapping[str, Sequence[str]], tables: Mapping[str, ir.Table]
) -> ir.BooleanValue:
    """Tell for each line whether it belongs to the brand: whether all of the rules hold."""
    traits = []
    for name, values in rules.items():
        table, _, column = name.rpartition(".")
        if not table:
            traits.append(lines[column].cast("string").isin(list(values)))
        else:
            (key,) = TABLES[table].key
            fitting = tables[table].filter(tables[table][column].cast("string").isin(list(values)))
            traits.append(lines[key].isin(fitting[key]))
    return ibis.coalesce(ibis.and_(*traits), ibis.literal(False))


def is_sale(lines: ir.Table, sale_status: Sequence[str]) -> ir.BooleanValue:
    """Tell for each line whether its status says it is a sale; all are where none is given."""
    if not sale_status:
        return lines.order_id.notnull() | ibis.literal(True)
    return ibis.coalesce(lines.status.isin(list(sale_status)), ibis.literal(False))


def is_not_goods(lines: ir.Table, rules: Mapping[str, Sequence[str]]) -> ir.BooleanValue:
    """Tell for each line whether one of the rules says that it is no sale of goods."""
    traits = []
    for name, values in rules.items():
        if name == _STARTS:
            number = lines.order_id.cast("string")
            traits += [number.startswith(value) for value in values]
        else:
            traits.append(lines[name].cast("string").isin(list(values)))
    return ibis.coalesce(ibis.or_(*traits), ibis.literal(False))


def with_customers(table: ir.Table, not_customers: Sequence[str]) -> ir.Table:
    """Return a table whose placeholders and hidden customers are missing, and are marked."""
    who = table.customer_id
    text = who.cast("string")
    nobody = ibis.coalesce(text.isin(list(not_customers)), ibis.literal(False))
    masked = ibis.literal(False)
    if who.type().is_string():
        masked = ibis.coalesce(is_masked(text), ibis.literal(False)) & ~nobody
    return table.mutate(
        customer_id=ibis.ifelse(nobody | masked, ibis.null(who.type()), who),
        **{NOBODY: nobody, MASKED: masked},
    )


def is_masked(text: ir.StringValue) -> ir.BooleanValue:
    """Tell whether an identifier is hidden or encrypted: two customers may share it."""
    narrow = plain_only_where(text, half_width(text))
    return narrow.contains("*") | narrow.startswith("$$") | narrow.startswith("##")


def _with_refunds(lines: ir.Table, plan: TablePlan) -> ir.Table:
    """Return refunds that undo what the after-sales state says.

    A refund above its line's amount counts as it stands: it may be that of the whole order.
    """
    if not plan.refunded and "refund_amount" not in lines.columns:
        return lines
    zero = ibis.literal(0).cast(MONEY)
    paid = ibis.greatest(ibis.coalesce(lines.amount, zero), zero)
    given = "refund_amount" in lines.columns
    refund = ibis.coalesce(lines.refund_amount, zero) if given else zero
    above = refund > paid
    whole = ibis.literal(False)
    if plan.refunded:
        whole = ibis.coalesce(lines.after_sales.isin(list(plan.refunded)), ibis.literal(False))
    return lines.mutate(
        refund_amount=ibis.ifelse(whole, paid, refund).cast(MONEY),
        **{ABOVE: above & ~whole, WHOLE: whole},
    )
