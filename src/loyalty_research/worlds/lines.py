"""Transaction lines of some customers as a table, in the order of customer, order and line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from loyalty_research.worlds import columns
from loyalty_research.worlds.baskets import choose_places
from loyalty_research.worlds.clock import DAY
from loyalty_research.worlds.history import MOST_ORDERS, Orders
from loyalty_research.worlds.parameters import Campaign, Channel, Parameters
from loyalty_research.worlds.people import People
from loyalty_research.worlds.random import Integers
from loyalty_research.worlds.shop import Store


@dataclass(frozen=True, slots=True)
class Sorted:
    """Orders of all rounds, by customer and number.

    Parameters
    ----------
    rows, number, second, cents, off, whose, points
        As in :class:`~loyalty_research.worlds.history.Orders`.
    store, channel
        Where each order was made, by position.
    rank
        Where each order, in the order of the rounds, stands here.
    """

    rows: Integers
    number: Integers
    second: Integers
    cents: Integers
    off: Integers
    whose: Integers
    store: Integers
    channel: Integers
    points: Integers
    rank: Integers

    def __len__(self) -> int:
        return len(self.rows)


def sort_orders(
    parameters: Parameters, store: Store, people: People, rounds: Sequence[Orders]
) -> Sorted:
    """Return the orders of all rounds, by customer and number, and where they were made."""
    rows = _joined([item.rows for item in rounds])
    number = np.repeat([item.number for item in rounds], [len(item.rows) for item in rounds])
    number = number.astype(np.int64)
    order = np.argsort(rows * MOST_ORDERS + number)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))

    def column(take: Callable[[Orders], Any]) -> Any:
        return np.concatenate([take(item) for item in rounds])[order] if rounds else rows

    rows, number, second = rows[order], number[order], column(lambda item: item.second)
    places, channels = choose_places(parameters, store, people, rows, number, second // DAY)
    return Sorted(
        rows=rows,
        number=number,
        second=second,
        cents=column(lambda item: item.cents),
        off=column(lambda item: item.off),
        whose=column(lambda item: item.whose),
        store=places,
        channel=channels,
        points=column(lambda item: item.points),
        rank=rank,
    )


def _joined(parts: Sequence[Integers]) -> Integers:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where each line stands: by order and number, a free product after the lines paid for.

    Parameters
    ----------
    order
        Order of each line.
    first
        Position of the first line of each order.
    paid, free
        Positions of the lines of all rounds, and of the free products.
    """

    order: Integers
    first: Integers
    paid: Integers
    free: Integers

    def lay(self, values: Sequence[Integers], of_reward: int) -> Integers:
        """Return values of all rounds' lines in their places, with that of a free product."""
        out = np.empty(len(self.order), dtype=np.int64)
        out[self.paid] = _joined(values)
        out[self.free] = of_reward
        return out


def _layout(rounds: Sequence[Orders], orders: Sorted) -> _Layout:
    offsets = np.cumsum([0, *(len(item.rows) for item in rounds)])
    rank = orders.rank[
        _joined([item.lines.order + offset for item, offset in zip(rounds, offsets, strict=False)])
    ]
    rewarded = orders.points > 0
    sizes = np.bincount(rank, minlength=len(orders)) + rewarded
    ends = np.cumsum(sizes)
    first = ends - sizes
    return _Layout(
        order=np.repeat(np.arange(len(orders)), sizes),
        first=first,
        paid=first[rank] + _joined([item.lines.number for item in rounds]),
        free=ends[rewarded] - 1,
    )


def transactions(
    parameters: Parameters,
    store: Store,
    rounds: Sequence[Orders],
    orders: Sorted,
    order_id: Integers,
    customer_id: Integers | None,
) -> pa.Table:
    """Return the lines of the orders as the canonical table of transactions.

    Parameters
    ----------
    rounds, orders
        The orders as made, and as sorted.
    order_id, customer_id
        One each order, as sorted; customer_id None for walk-ins.
    """
    layout = _layout(rounds, orders)
    order, number = layout.order, np.arange(len(layout.order)) - layout.first[layout.order]
    reward = _reward_product(parameters)
    price = int(store.prices[reward])
    listed = layout.lay([item.lines.listed for item in rounds], price)
    cut = layout.lay([item.lines.cut for item in rounds], 0)  # paid with points: no price cut
    coupon = layout.lay([item.lines.coupon for item in rounds], 0)
    paid = layout.lay([item.lines.paid for item in rounds], 0)
    product = layout.lay([item.lines.product for item in rounds], reward)
    pieces = layout.lay([item.lines.quantity for item in rounds], 1)
    off, points = np.zeros((2, len(order)), dtype=np.int64)
    off[layout.first] = orders.off
    points[layout.free] = orders.points[orders.points > 0]
    named, names = _coupons(parameters, orders.whose[order], off, coupon)
    nobody = np.full(len(order), customer_id is None)
    customers = np.zeros(len(orders), dtype=np.int64) if customer_id is None else customer_id
    return pa.table(
        {
            "order_id": columns.numbers(order_id[order]),
            "line_id": columns.numbers((number + 1).astype(np.int16)),
            "ordered_at": columns.times(parameters.start, orders.second[order]),
            "amount": columns.money(paid - off),
            "customer_id": columns.numbers(customers[order], nobody),
            "list_amount": columns.money(listed),
            "discount": columns.money(cut),
            "coupon_discount": columns.money(off + coupon),
            "points_used": columns.numbers(points.astype(np.int32)),
            "coupon": columns.words(names, np.maximum(named, 0), named < 0),
            "product_id": columns.numbers(product + 1),
            "store_id": columns.numbers((orders.store[order] + 1).astype(np.int32)),
            "channel": columns.words(
                _names(parameters, parameters.shop.channels), orders.channel[order]
            ),
            "quantity": columns.numbers(pieces.astype(np.int16)),
        }
    )


def _coupons(
    parameters: Parameters, whose: Integers, off: Integers, everyday: Integers
) -> tuple[Integers, list[str]]:
    """Return the coupon of each line by position, -1 for none, and the names of all coupons.

    The first line of an order carries its campaign's coupon; the everyday one may come on top.
    """
    names = _names(parameters, parameters.campaigns)
    coupon = parameters.shop.coupon
    named = np.where(off > 0, whose, -1)
    if coupon is not None:
        named = np.where((named < 0) & (everyday > 0), len(names), named)
        names.append(getattr(coupon.name, parameters.language))
    return named, names or [""]


def _names(parameters: Parameters, named: Sequence[Campaign] | Sequence[Channel]) -> list[str]:
    return [getattr(item.name, parameters.language) for item in named]


def _reward_product(parameters: Parameters) -> int:
    """Return the position of the product that is free; any where there is no programme."""
    if parameters.programme is None:
        return 0
    names = [item.name.en for item in parameters.shop.products]
    return names.index(parameters.programme.reward_product)
