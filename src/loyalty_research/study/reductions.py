"""What is counted on typed tables before they are believed.

Each returns one row of counts; an example beside a count is the smallest identifier concerned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import reduction
from loyalty_research.study.orders import net_line_sales
from loyalty_research.study.rows import LEFT_OUT


def in_period(lines: ir.Table, start: str, end: str) -> ir.BooleanValue:
    """Tell for each line whether it lies in the period, both days included."""
    return lines.ordered_at.date().between(ibis.date(start), ibis.date(end))


def reason_of(
    lines: ir.Table, *, start: str, end: str, compared: tuple[str, str] | None = None
) -> ir.StringValue:
    """Return ``kept``, or why a judged line does not count in the period."""
    cases = [
        (lines[LEFT_OUT].notnull(), lines[LEFT_OUT]),
        (in_period(lines, start, end), ibis.literal("kept")),
    ]
    if compared is not None:
        cases.append((in_period(lines, *compared), ibis.literal("compared_period")))
    return ibis.cases(*cases, else_=ibis.literal("outside_period"))


@reduction
def first_and_last(lines: ir.Table) -> ir.Table:
    """Return the first and last day of the judged lines that count: first, last, lines."""
    sales = lines.filter(lines[LEFT_OUT].isnull())
    day = sales.ordered_at.date()
    return sales.aggregate(first=day.min(), last=day.max(), lines=sales.count())


@reduction
def kept_lines(lines: ir.Table, *, start: str, end: str) -> ir.Table:
    """Return the judged lines that count and lie in the period, with canonical columns only."""
    kept = lines.filter(lines[LEFT_OUT].isnull(), in_period(lines, start, end))
    return kept.select(*(name for name in kept.columns if not name.startswith("_")))


@reduction
def count_reasons(
    lines: ir.Table, *, start: str, end: str, compared: tuple[str, str] | None = None
) -> ir.Table:
    """Count judged lines by why they do not count: reason, rows, sales, example."""
    reason = reason_of(lines, start=start, end=end, compared=compared)
    table = lines.mutate(_reason=reason)
    return table.group_by(reason="_reason").aggregate(
        rows=table.count(),
        sales=table.amount.sum(),
        example=table.order_id.cast("string").min(),
    )


@reduction
def count_statuses(lines: ir.Table, *, sale_status: Sequence[str]) -> ir.Table:
    """Count lines by a status that is no sale: status (``''`` where missing), rows."""
    status = ibis.coalesce(lines.status, ibis.literal(""))
    table = lines.mutate(_status=status).filter(~status.isin(list(sale_status)))
    return table.group_by(status="_status").aggregate(rows=table.count())


@reduction
def count_missing(lines: ir.Table, *, columns: Sequence[str]) -> ir.Table:
    """Count the lines that count but lack a value they need: rows, and a count by column."""
    sales = lines.filter(lines[LEFT_OUT].isnull())
    found = {name: _count(sales[name].isnull()) for name in columns}
    return sales.aggregate(rows=sales.count(), **found)


@reduction
def count_flags(lines: ir.Table, *, flags: Sequence[str]) -> ir.Table:
    """Count the judged lines that carry a flag, by flag, and those with a customer: known."""
    found = {name: _count(lines[name]) for name in flags}
    if "customer_id" in lines.columns:
        found["known"] = _count(lines.customer_id.notnull())
    return lines.aggregate(rows=lines.count(), **found)


@reduction
def heavy_customers(
    orders: ir.Table, *, at_least: int, share: float, per_day: int, total: int
) -> ir.Table:
    """Count customers with more orders than one person places: customers, example.

    Parameters
    ----------
    orders
        Valid orders: customer_id, day.
    at_least, share
        Heavy is who has at least so many orders and more than this share of all.
    per_day
        Heavy is also who has more orders on one day.
    total
        Number of all orders.
    """
    known = orders.filter(orders.customer_id.notnull())
    days = known.group_by("customer_id", "day").aggregate(_orders=known.count())
    people = days.group_by("customer_id").aggregate(
        _all=days._orders.sum(), _most=days._orders.max()
    )
    often = (people._all >= at_least) & (people._all > share * total)
    heavy = people.filter(often | (people._most > per_day))
    return heavy.aggregate(customers=heavy.count(), example=heavy.customer_id.min())


@reduction
def count_implausible(
    table: ir.Table, *, columns: Mapping[str, tuple[str, str]], only: str | None = None
) -> ir.Table:
    """Count the dates outside what can be believed: rows, ``<column>``, ``<column>__example``.

    Parameters
    ----------
    table
        Typed table.
    columns
        First and last believable day by column.
    only
        Column that must be missing for a row to be looked at.
    """
    rows = table.filter(table[only].isnull()) if only else table
    measures: dict[str, ir.Value] = {"rows": rows.count()}
    for name, (first, last) in columns.items():
        day = rows[name].date() if rows[name].type().is_timestamp() else rows[name]
        odd = (day < ibis.date(first)) | (day > ibis.date(last))
        measures[name] = _count(ibis.coalesce(odd, ibis.literal(False)))
        measures[f"{name}__example"] = day.min(where=odd).cast("string")
    return rows.aggregate(**measures)


@reduction
def count_values(
    table: ir.Table,
    *,
    minimums: Mapping[str, float] | None = None,
    limits: Mapping[str, float] | None = None,
) -> ir.Table:
    """Count rows, and per column the values below its minimum and above its limit.

    Returns
    -------
    ibis.expr.types.Table
        rows, ``<column>__below``, ``<column>__least``, ``<column>__above``, ``<column>__most``.
    """
    measures: dict[str, ir.Value] = {"rows": table.count()}
    for name, least in (minimums or {}).items():
        measures[f"{name}__below"] = _count(table[name] < least)
        measures[f"{name}__least"] = table[name].min()
    for name, most in (limits or {}).items():
        measures[f"{name}__above"] = _count(table[name] > most)
        measures[f"{name}__most"] = table[name].max()
    return table.aggregate(**measures)


@reduction
def count_repeats(table: ir.Table, *, key: Sequence[str]) -> ir.Table:
    """Count the rows that repeat the key of another: rows, groups, example.

    Keys with a missing part are no keys.
    """
    known = table.filter([table[name].notnull() for name in key])
    groups = known.group_by(list(key)).aggregate(_rows=known.count())
    repeated = groups.filter(groups._rows > 1)
    names = [repeated[name].cast("string") for name in key]
    label = names[0]
    for name in names[1:]:
        label = label.concat(" / ", name)
    extra = ibis.coalesce((repeated._rows - 1).sum(), ibis.literal(0))
    return repeated.aggregate(repeats=extra.cast("int64"), example=label.min())


@reduction
def count_orphans(table: ir.Table, reference: ir.Table, *, on: str) -> ir.Table:
    """Count the rows whose ``on`` stands nowhere in ``reference``: orphans, example."""
    known = table.filter(table[on].notnull())
    orphans = known.anti_join(reference, on)
    return orphans.aggregate(orphans=orphans.count(), example=orphans[on].cast("string").min())


@reduction
def count_without_category(lines: ir.Table, products: ir.Table) -> ir.Table:
    """Count the lines whose product is known but has no category: lines, example."""
    bare = products.filter(products.category.isnull())
    found = lines.semi_join(bare, "product_id")
    return found.aggregate(lines=found.count(), example=found.product_id.cast("string").min())


@reduction
def count_line_traits(lines: ir.Table) -> ir.Table:
    """Count what is odd on single lines and kept: amounts, quantities, missing identities."""
    traits = {"amount_not_positive": lines.amount <= 0}
    if "quantity" in lines.columns:
        traits["quantity_zero"] = lines.quantity == 0
        traits["quantity_negative"] = lines.quantity < 0
        traits["quantity_missing"] = lines.quantity.isnull()
    if "customer_id" in lines.columns:
        traits["unidentified"] = lines.customer_id.isnull()
    if "product_id" in lines.columns:
        traits["product_missing"] = lines.product_id.isnull()
    measures: dict[str, ir.Value] = {"rows": lines.count()}
    for name, trait in traits.items():
        measures[name] = _count(trait)
        measures[f"{name}_example"] = _smallest(lines.order_id, trait)
    return lines.aggregate(**measures)


@reduction
def count_order_traits(lines: ir.Table) -> ir.Table:
    """Count orders, those with nothing paid, and those that contradict themselves."""
    table = lines.mutate(_net=net_line_sales(lines))
    given = [
        name
        for name in ("customer_id", "store_id", "staff_id", "ordered_at")
        if name in table.columns
    ]
    spread = {f"_{name}": _several(table[name]) for name in given}
    orders = table.group_by("order_id").aggregate(_paid=table._net.sum(), **spread)
    codes = {
        "customer_id": "order_several_customers",
        "store_id": "order_several_stores",
        "staff_id": "order_several_staff",
        "ordered_at": "order_several_times",
    }
    traits = {"order_unpaid": orders._paid <= 0}
    traits |= {codes[name]: orders[f"_{name}"] for name in given}
    measures: dict[str, ir.Value] = {"orders": orders.count()}
    for name, trait in traits.items():
        measures[name] = _count(trait)
        measures[f"{name}_example"] = _smallest(orders.order_id, trait)
    return orders.aggregate(**measures)


@reduction
def count_equal_rows(table: ir.Table) -> ir.Table:
    """Count the rows that equal another in every column: repeats."""
    groups = table.group_by(list(table.columns)).aggregate(_rows=table.count())
    extra = ibis.coalesce((groups._rows - 1).sum(), ibis.literal(0))
    return groups.aggregate(repeats=extra.cast("int64"))


def _several(column: ir.Column) -> ir.BooleanValue:
    """Whether a group shows more than one value; cheaper than counting distinct ones."""
    return ibis.coalesce(column.min() < column.max(), ibis.literal(False))


def _count(trait: ir.BooleanColumn) -> ir.IntegerScalar:
    return ibis.coalesce(trait.sum(), ibis.literal(0))


def _smallest(column: ir.Column, where: ir.BooleanColumn) -> ir.StringScalar:
    return column.min(where=where).cast("string")


@reduction
def sales_above(lines: ir.Table, *, column: str, limit: float) -> ir.Table:
    """Return the net sales of the lines whose ``column`` is above ``limit``: sales."""
    table = lines.mutate(_net=net_line_sales(lines))
    return table.aggregate(sales=table._net.sum(where=table[column] > limit))


@reduction
def order_facts(orders: ir.Table, *, first_month: str, last_month: str) -> ir.Table:
    """Return what the data section tells about the orders, in one row.

    Parameters
    ----------
    orders
        Valid orders.
    first_month, last_month
        First day of the first and of the last month of the period, ISO.
    """
    month = orders.day.truncate("M")
    facts: dict[str, ir.Value] = {"orders": orders.count(), "net_sales": orders.net_sales.sum()}
    if "store_id" in orders.columns:
        facts["stores"] = orders.store_id.nunique()
    if "customer_id" in orders.columns:
        who = orders.customer_id
        facts["identified_orders"] = who.count()
        facts["customers"] = who.nunique()
        facts["first_month_customers"] = who.nunique(where=month == ibis.date(first_month))
        facts["last_month_customers"] = who.nunique(where=month == ibis.date(last_month))
    return orders.aggregate(**facts)


@reduction
def described_facts(orders: ir.Table, customers: ir.Table) -> ir.Table:
    """Return how many buyers the customers table describes, and their net sales."""
    found = orders.semi_join(customers, "customer_id")
    return found.aggregate(customers=found.customer_id.nunique(), net_sales=found.net_sales.sum())
