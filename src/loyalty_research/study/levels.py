"""Amounts that belong to an order and stand on its lines: joined, shared out, recognised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import as_table, collect_one, reduction, require_columns
from loyalty_research.study.plan import TablePlan

MONEY = "decimal(18, 4)"
ROW = "_row"
NO_ORDER = "_no_order"
ONLY_ORDER = "_only_order"
_SHARED = ("money", "number")
_FEW = 20
_MOST = 0.95
_AMOUNTS = 10
_TOLERATED = 0.01


def numbered(lines: ir.Table) -> ir.Table:
    """Give each line its number in the file."""
    return lines.mutate(**{ROW: ibis.row_number().cast("int64")})


def order_columns(plan: TablePlan) -> tuple[str, ...]:
    """Return the columns whose values belong to the order and are shared out over its lines."""
    own = [item for item in plan.columns if item.level == "order"]
    beside = plan.orders.columns if plan.orders is not None else ()
    return tuple(
        item.name for item in (*own, *beside) if item.column.kind in _SHARED and not item.values
    )


def join_orders(lines: ir.Table, orders: ir.Table, *, with_amount: bool) -> ir.Table:
    """Put the columns of the order-level file beside each line of the order.

    Parameters
    ----------
    lines, orders
        Typed; an order stands once in ``orders``.
    with_amount
        Whether the amount comes from ``orders``: an order without lines then becomes one line, so
        that its sales are not lost.

    Returns
    -------
    ibis.expr.types.Table
        Columns of both, and three of its own: ``_row``, ``_no_order`` (the line's order stands
        nowhere) and ``_only_order`` (the order has no line).
    """
    flags = {NO_ORDER: ibis.literal(False), ONLY_ORDER: ibis.literal(False)}
    found = orders.rename(_order="order_id")
    joined = lines.left_join(found, [("order_id", "_order")])
    joined = joined.mutate(**flags | {NO_ORDER: joined._order.isnull()}).drop("_order")
    if not with_amount:
        return joined
    alone = orders.anti_join(lines, "order_id")
    empty = {
        name: ibis.null(kind)
        for name, kind in lines.schema().items()
        if name not in orders.columns and name != ROW
    }
    alone = alone.mutate(**empty, **flags | {ONLY_ORDER: ibis.literal(True)})
    alone = alone.mutate(**{ROW: ibis.literal(0).cast("int64")})
    return joined.union(alone.select(*joined.columns))


def share_out(lines: ir.Table, names: Sequence[str]) -> ir.Table:
    """Share each order's values out over its lines.

    In proportion to ``list_amount`` where every line of the order has one and it is no value of the
    order itself, else equally; to four decimals, the remainder on the last line, so that the lines
    add up to the order's value exactly.
    """
    if not names:
        return lines
    within = ibis.window(group_by="order_id")
    ranked = ibis.window(group_by="order_id", order_by=ROW)
    weight = lines.list_amount.cast("float64") if _weighted(lines, names) else ibis.literal(1.0)
    table = lines.mutate(
        _count=lines.order_id.count().over(within),
        _weight=ibis.coalesce(weight, ibis.literal(-1.0)),
        _place=ibis.row_number().over(ranked) + 1,
        **{f"_{name}": lines[name].max().over(within) for name in names},
    )
    table = table.mutate(
        _least=table._weight.min().over(within), _sum=table._weight.sum().over(within)
    )
    usable = (table._least >= 0) & (table._sum > 0)
    table = table.mutate(_part=ibis.ifelse(usable, table._weight / table._sum, 1 / table._count))
    table = table.mutate(
        **{
            f"_{name}_part": (table[f"_{name}"].cast("float64") * table._part).round(4).cast(MONEY)
            for name in names
        }
    )
    last = table._place == table._count
    zero = ibis.literal(0).cast(MONEY)
    shares = {}
    for name in names:
        part = table[f"_{name}_part"]
        rest = table[f"_{name}"].cast(MONEY) - part.sum().over(within).cast(MONEY)
        whole = part + ibis.ifelse(last, rest.cast(MONEY), zero)
        shares[name] = whole.cast(lines[name].type())
    return table.mutate(**shares).select(*lines.columns)


def _weighted(lines: ir.Table, names: Sequence[str]) -> bool:
    return "list_amount" in lines.columns and "list_amount" not in names


@reduction
def contradicting_orders(lines: ir.Table, *, columns: Sequence[str]) -> ir.Table:
    """Count the orders, and per column those whose lines show several values of the order's own.

    Returns
    -------
    ibis.expr.types.Table
        orders, and a count by column.
    """
    spread = {name: lines[name].min() < lines[name].max() for name in columns}
    groups = lines.group_by("order_id").aggregate(**spread)
    found = {name: ibis.coalesce(groups[name].sum(), ibis.literal(0)) for name in columns}
    return groups.aggregate(orders=groups.count(), **found)


def too_many(contradicting: int, orders: int) -> bool:
    """Tell whether a value of the order differs on its lines too often to be one."""
    return contradicting > max(1, orders * _TOLERATED)


@reduction
def repeated_amounts(lines: ir.Table) -> ir.Table:
    """Count orders of several lines, and those whose lines all show the same amount.

    Returns
    -------
    ibis.expr.types.Table
        orders (with several lines), same (amounts equal on all of them), same_list (list amounts
        equal; 0 where there are none), amounts (different amounts among those of ``same``).
    """
    given = "list_amount" in lines.columns
    listed = {"_list": lines.list_amount.min() == lines.list_amount.max()} if given else {}
    groups = lines.group_by("order_id").aggregate(
        _lines=lines.count(), _least=lines.amount.min(), _most=lines.amount.max(), **listed
    )
    several = groups.filter(groups._lines > 1, groups._most > 0)
    same = several._least == several._most
    equal = several._list.sum() if given else ibis.literal(0)
    return several.aggregate(
        orders=several.count(),
        same=ibis.coalesce(same.sum(), ibis.literal(0)),
        same_list=ibis.coalesce(equal, ibis.literal(0)),
        amounts=several._most.nunique(where=same),
    )


def count_repeated(lines: ir.Table) -> tuple[int, int]:
    """Return how many orders seem to repeat their amount on each line, and their base."""
    row: dict[str, Any] = collect_one(repeated_amounts(lines))
    orders, same = int(row["orders"]), int(row["same"])
    if orders < _FEW or same < orders * _MOST or int(row["amounts"]) < _AMOUNTS:
        return 0, orders
    return (0 if int(row["same_list"]) >= orders * _MOST else same), orders


def looks_repeated(lines: Any) -> bool:
    """Tell whether the amount of an order seems to stand on each of its lines.

    Then sales are counted several times over, unless the brand file says ``level: order``.

    Parameters
    ----------
    lines
        One row a line: order_id, amount; list_amount where there is one.

    Notes
    -----
    True where at least 95 % of the orders with several lines, and at least 20, show one amount on
    all of them, in at least 10 different amounts, and the list amounts are not equal as well.

    Raises
    ------
    DataError
        Where a column is missing.
    """
    table = as_table(lines, name="lines")
    require_columns(table, ["order_id", "amount"], name="lines")
    return count_repeated(table)[0] > 0
