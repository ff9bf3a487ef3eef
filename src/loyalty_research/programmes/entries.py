"""Orders, events and joining as entries: one row each, with an answer to what every rule asks."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import reduction
from loyalty_research.programmes.asks import Ask, Terms
from loyalty_research.programmes.conditions import about_time, goods_fit, is_one_of
from loyalty_research.programmes.fields import Where
from loyalty_research.programmes.kernel_codes import E4, EVENT, JOINING, ORDER

MONEY = "decimal(18, 4)"
WIDE = "decimal(38, 4)"
SORTED_BY = ("customer_id", "at", "rank", "kind", "order_id", "partner_name", "amount")


def is_lines(rows: ir.Table) -> bool:
    """Tell lines from orders."""
    return "amount" in rows.columns


def quantities_known(rows: ir.Table) -> bool:
    """Tell whether items can be counted."""
    return is_lines(rows) or "units" in rows.columns


@reduction
def lines_to_orders(
    lines: ir.Table,
    *,
    goods: Sequence[Where] = (),
    terms: Terms | None = None,
    products: ir.Table | None = None,
) -> ir.Table:
    """Sum lines to orders: one row an order whose net sales are not zero.

    Parameters
    ----------
    lines
        One row a line: order_id, customer_id, ordered_at, amount; optionally refund_amount,
        quantity, channel, store_id, partner, points_used, product_id.
    goods
        Conditions on products; for each the columns amount_k, some_k (a line above zero), back_k
        (a line below zero) and items_k of the lines that fit are added.
    terms
        The brand's own values by term.
    products
        product_id and category, where conditions look at categories.

    Returns
    -------
    ibis.expr.types.Table
        order_id, customer_id, at, net_sales, items, and what else the lines have.
    """
    table = lines.mutate(_net=_net_of(lines), _items=_items_of(lines))
    if products is not None:
        named = products.group_by("product_id").aggregate(_category=products.category.min())
        table = table.left_join(named, "product_id")
    measures = {
        "customer_id": table.customer_id.min(),
        "at": table.ordered_at.cast("timestamp").min(),
        "net_sales": table._net.sum().cast(WIDE),
        "items": table._items.sum().cast(WIDE),
    }
    for name in ("channel", "store_id", "partner"):
        if name in lines.columns:
            measures[name] = table[name].min()
    if "points_used" in lines.columns:
        measures["points_used"] = table.points_used.cast(WIDE).sum().cast(WIDE)
    for number, where in enumerate(goods):
        fits = goods_fit(table, where, terms or {})
        measures[f"amount_{number}"] = _sum(table._net, fits)
        measures[f"items_{number}"] = _sum(table._items, fits)
        measures[f"some_{number}"] = (fits & (table._net > 0)).cast("int64").max()
        measures[f"back_{number}"] = (fits & (table._net < 0)).cast("int64").max()
    totals = table.group_by("order_id").aggregate(**measures)
    return totals.filter(totals.net_sales != 0)


@reduction
def orders_as_given(orders: ir.Table) -> ir.Table:
    """Return orders with the columns that :func:`lines_to_orders` makes of lines."""
    net = orders.net_sales.cast(WIDE)
    one = ibis.literal(1).cast(WIDE)
    units = orders.units.cast(MONEY).cast(WIDE) if "units" in orders.columns else one
    chosen = {
        "order_id": orders.order_id,
        "customer_id": orders.customer_id,
        "at": orders.ordered_at.cast("timestamp"),
        "net_sales": net,
        "items": ibis.ifelse(net < 0, -_count_of(units), _count_of(units)),
    }
    for name in ("channel", "store_id", "partner"):
        if name in orders.columns:
            chosen[name] = orders[name]
    if "points_used" in orders.columns:
        chosen["points_used"] = orders.points_used.cast(WIDE)
    return orders.select(**chosen).filter(lambda table: table.net_sales != 0)


@reduction
def order_entries(
    orders: ir.Table, *, asks: Sequence[Ask], terms: Terms | None = None, point: int = 1
) -> ir.Table:
    """Return an entry for each order, with what rules ask: customer_id, at, rank, net, a0, a1, ...

    Parameters
    ----------
    orders
        As :func:`lines_to_orders` returns them for the conditions on products in ``asks``.
    asks
        Questions, in the order of their columns; those about events are answered 0.
    terms
        The brand's own values by term.
    point
        Smallest units of a point, for ``points_used``.
    """
    goods = goods_of(asks)
    answers = {
        f"a{number}": _answer(orders, ask, terms or {}, goods) for number, ask in enumerate(asks)
    }
    used = ibis.literal(0).cast("int64")
    if "points_used" in orders.columns:
        used = ibis.coalesce((orders.points_used * point).floor().cast("int64"), used)
    return orders.select(
        customer_id=orders.customer_id,
        at=orders.at.truncate("s"),
        rank=_whole(ORDER),
        kind=_no_text(),
        order_id=orders.order_id,
        partner_name=_partner_of(orders),
        amount=_e4(orders.net_sales),
        event=_whole(0),
        used=used,
        **answers,
    )


@reduction
def event_entries(
    events: ir.Table, *, asks: Sequence[Ask], kinds: Sequence[str], like: ir.Table
) -> ir.Table:
    """Return an entry for each event, with the columns of the entries of orders.

    Parameters
    ----------
    events
        customer_id, at, kind; optionally amount and partner.
    asks
        Questions, in the order of their columns; those about orders are answered 0.
    kinds
        Kinds that the programme looks at; their numbers begin with 1, others are 0.
    like
        Entries of orders, whose types are taken.
    """
    amount = ibis.literal(0).cast(WIDE)
    if "amount" in events.columns:
        amount = ibis.coalesce(events.amount.cast(MONEY).cast(WIDE), amount)
    table = events.mutate(_amount=amount, _partner=_partner_of(events))
    answers = {f"a{number}": _event_answer(table, ask) for number, ask in enumerate(asks)}
    number = _whole(0)
    for n, kind in enumerate(kinds, 1):
        number = ibis.ifelse(table.kind == kind, _whole(n), number)
    return table.select(
        customer_id=table.customer_id.cast(like.customer_id.type()),
        at=table.at.cast("timestamp").truncate("s"),
        rank=_whole(EVENT),
        kind=table.kind.cast("string"),
        order_id=ibis.null(like.order_id.type()),
        partner_name=table._partner,
        amount=_e4(table._amount),
        event=number,
        used=_whole(0),
        **answers,
    )


@reduction
def joining_entries(
    joined: ir.Table, *, start: str, end: str, asks: Sequence[Ask], like: ir.Table
) -> ir.Table:
    """Return an entry for each customer who joins in the period, or had joined before it."""
    first = joined.group_by("customer_id").aggregate(_day=joined.joined_on.cast("date").min())
    first = first.filter(first._day <= ibis.date(end))
    day = ibis.greatest(first._day, ibis.date(start))
    return first.select(
        customer_id=first.customer_id.cast(like.customer_id.type()),
        at=day.cast(like.at.type()),
        rank=_whole(JOINING),
        kind=_no_text(),
        order_id=ibis.null(like.order_id.type()),
        partner_name=ibis.literal(""),
        amount=_whole(0),
        event=_whole(0),
        used=_whole(0),
        **{f"a{number}": _whole(0) for number in range(len(asks))},
    )


@reduction
def entries_within(
    entries: ir.Table, *, start: str, end: str, customers: ir.Table | None = None
) -> ir.Table:
    """Return the entries of known customers in the period, each with its customer's birthday.

    Parameters
    ----------
    entries
        Of orders, events and joining.
    start, end
        First and last day.
    customers
        customer_id, and birthday_month where it is known; None for all.
    """
    inside = entries.filter(
        entries.customer_id.notnull(), entries.at.date().between(ibis.date(start), ibis.date(end))
    )
    if customers is None:
        return inside.mutate(birthday=_whole(0))
    birthday = ibis.null("int64")
    if "birthday_month" in customers.columns:
        birthday = customers.birthday_month.cast("int64").min()
    known = customers.group_by("customer_id").aggregate(_birthday=birthday)
    known = known.mutate(customer_id=known.customer_id.cast(entries.customer_id.type()))
    both = inside.inner_join(known, "customer_id")
    return both.mutate(birthday=ibis.coalesce(both._birthday, _whole(0))).drop("_birthday")


@reduction
def count_entries(
    entries: ir.Table, *, start: str | None, end: str | None, customers: ir.Table | None = None
) -> ir.Table:
    """Count entries that are left out, and those that count: one row of counts and first facts."""
    day = entries.at.date()
    outside = ibis.literal(False)
    if start is not None and end is not None:
        outside = ~day.between(ibis.date(start), ibis.date(end))
    nobody = entries.customer_id.isnull()
    table = entries.mutate(_day=day, _outside=outside, _nobody=nobody)
    unknown = ibis.literal(False)
    if customers is not None:
        known = customers.select("customer_id").distinct()
        known = known.select(_known=known.customer_id.cast(entries.customer_id.type()))
        table = table.left_join(known, table.customer_id == known._known)
        unknown = table._known.isnull()
    counted = ~table._nobody & ~table._outside & ~unknown
    return table.aggregate(
        without_customer=_count(table._nobody),
        outside_period=_count(~table._nobody & table._outside),
        unknown_customers=_count(~table._nobody & ~table._outside & unknown),
        counted=_count(counted),
        first=table._day.min(where=~table._nobody),
        last=table._day.max(where=~table._nobody),
        largest=ibis.greatest(table.amount.max(), -table.amount.min()),
    )


def goods_of(asks: Sequence[Ask]) -> tuple[Where, ...]:
    """Return the distinct conditions on products."""
    return tuple(dict.fromkeys(ask.goods for ask in asks if ask.goods is not None))


def _answer(orders: ir.Table, ask: Ask, terms: Terms, goods: Sequence[Where]) -> ir.IntegerValue:
    """Return what an order brings a rule, in ten-thousandths; 0 for nothing."""
    if ask.about.startswith("event"):
        return _whole(0)
    back = orders.net_sales < 0
    amount, items, some = orders.net_sales, orders.items, ibis.literal(True)
    if ask.goods is not None:
        k = goods.index(ask.goods)
        amount, items = orders[f"amount_{k}"], orders[f"items_{k}"]
        some = ibis.ifelse(back, orders[f"back_{k}"], orders[f"some_{k}"]) == 1
    holds = about_time(orders.at, ask.where) & is_one_of(orders, ask.where, terms)
    least = orders.net_sales if ask.about == "reward" else amount
    holds &= back | (least >= ibis.literal(str(ask.minimum)).cast(WIDE))
    if ask.about != "reward":
        holds &= _partner_of(orders) == (ask.partner or "")
    if ask.about == "amount":
        value = ibis.ifelse(back, -_e4(amount), _e4(amount))
    elif ask.about == "items":
        whole = ibis.ifelse(back, -items, items).floor().cast("int64")
        value = whole * E4
    else:
        holds &= some
        value = _whole(E4)
    usable = ibis.coalesce(holds, ibis.literal(False)) & (value > 0)
    return ibis.ifelse(usable, value, _whole(0))


def _event_answer(events: ir.Table, ask: Ask) -> ir.IntegerValue:
    """Return what an event brings a rule; -1 where it fits and brings nothing."""
    if not ask.about.startswith("event") or ask.where.channels or ask.where.stores:
        return _whole(0)
    holds = about_time(events.at, ask.where) & (events.kind == ask.event)
    holds &= events._amount >= ibis.literal(str(ask.minimum)).cast(WIDE)
    holds &= events._partner == (ask.partner or "")
    value = _e4(events._amount) if ask.about == "event_amount" else _whole(E4)
    value = ibis.ifelse(value > 0, value, _whole(-1))
    return ibis.ifelse(ibis.coalesce(holds, ibis.literal(False)), value, _whole(0))


def _net_of(lines: ir.Table) -> ir.DecimalValue:
    """Return the net sales of each line: amount, less what was refunded where that is known."""
    amount = lines.amount.cast(MONEY)
    if "refund_amount" in lines.columns:
        zero = ibis.literal(0).cast(MONEY)
        return (amount - ibis.coalesce(lines.refund_amount.cast(MONEY), zero)).cast(MONEY)
    return amount


def _items_of(lines: ir.Table) -> ir.DecimalValue:
    """Return the quantity of each line, with the sign of its amount; 1 where missing."""
    one = ibis.literal(1).cast(MONEY)
    count = one
    if "quantity" in lines.columns:
        count = _count_of(lines.quantity.cast(MONEY))
    return ibis.ifelse(_net_of(lines) < 0, -count, count)


def _count_of(quantity: ir.DecimalValue) -> ir.DecimalValue:
    return ibis.coalesce(quantity, ibis.literal(1).cast(MONEY)).abs()


def _partner_of(table: ir.Table) -> ir.StringValue:
    """Return whose entry a row is; empty for the programme's own."""
    own = ibis.literal("")
    return ibis.coalesce(table.partner.cast("string"), own) if "partner" in table.columns else own


def _sum(values: ir.DecimalValue, fits: ir.BooleanValue) -> ir.DecimalValue:
    zero = ibis.literal(0).cast(WIDE)
    return ibis.coalesce(values.sum(where=fits).cast(WIDE), zero)


def _e4(amount: ir.DecimalValue) -> ir.IntegerValue:
    return (amount * E4).cast("int64")


def _whole(number: int) -> ir.IntegerValue:
    return ibis.literal(number).cast("int64")


def _no_text() -> ir.StringValue:
    return ibis.null("string")


def _count(condition: ir.BooleanValue) -> ir.IntegerValue:
    return ibis.coalesce(condition.cast("int64").sum(), 0)
