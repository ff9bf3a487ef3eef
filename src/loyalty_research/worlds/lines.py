"""Transaction lines of some customers as a table, in the order of customer, order and line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from loyalty_research.worlds import columns
from loyalty_research.worlds.history import MOST_ORDERS, Orders
from loyalty_research.worlds.parameters import Parameters
from loyalty_research.worlds.random import Flags, Integers
from loyalty_research.worlds.shop import Store


@dataclass(frozen=True, slots=True)
class Sorted:
    """Orders of all rounds, by customer and number.

    Parameters
    ----------
    rows, number, second, cents, off, whose, store, channel, rewarded
        As in :class:`~loyalty_research.worlds.history.Orders`.
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
    rewarded: Flags
    rank: Integers

    def __len__(self) -> int:
        return len(self.rows)


def sort_orders(rounds: Sequence[Orders]) -> Sorted:
    """Return the orders of all rounds, by customer and number."""
    rows = _joined([item.rows for item in rounds])
    number = np.repeat([item.number for item in rounds], [len(item.rows) for item in rounds])
    number = number.astype(np.int64)
    order = np.argsort(rows * MOST_ORDERS + number)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))

    def column(take: Callable[[Orders], Any]) -> Any:
        return np.concatenate([take(item) for item in rounds])[order] if rounds else rows

    return Sorted(
        rows=rows[order],
        number=number[order],
        second=column(lambda item: item.second),
        cents=column(lambda item: item.cents),
        off=column(lambda item: item.off),
        whose=column(lambda item: item.whose),
        store=column(lambda item: item.store),
        channel=column(lambda item: item.channel),
        rewarded=column(lambda item: item.rewarded),
        rank=rank,
    )


def _joined(parts: Sequence[Integers]) -> Integers:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


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
    sizes = np.bincount(
        orders.rank[_places(rounds)], minlength=len(orders)
    ) + orders.rewarded.astype(np.int64)
    ends = np.cumsum(sizes)
    starts = ends - sizes
    order = np.repeat(np.arange(len(orders)), sizes)
    place = starts[orders.rank[_places(rounds)]] + _joined([item.lines.number for item in rounds])
    free = ends[orders.rewarded] - 1
    reward, cost = _reward(parameters)

    def laid(values: Sequence[Integers], of_reward: int) -> Integers:
        out = np.empty(len(order), dtype=np.int64)
        out[place] = _joined(values)
        out[free] = of_reward
        return out

    price = int(store.prices[reward])
    listed = laid([item.lines.listed for item in rounds], price)
    cut = laid([item.lines.cut for item in rounds], price)
    off = np.zeros(len(order), dtype=np.int64)
    off[starts] = orders.off
    version = _version(parameters, orders.second[orders.rewarded])
    points = np.zeros(len(order), dtype=np.int64)
    points[free] = np.array(cost)[version]
    language = parameters.language
    channels = [getattr(item.name, language) for item in parameters.shop.channels]
    coupons = [getattr(item.name, language) for item in parameters.campaigns] or [""]
    whose = orders.whose[order]
    inside = np.arange(len(order)) - starts[order]
    customers = np.zeros(len(order), dtype=np.int64) if customer_id is None else customer_id[order]
    missing = np.full(len(order), customer_id is None)
    return pa.table(
        {
            "order_id": columns.numbers(order_id[order]),
            "line_id": columns.numbers((inside + 1).astype(np.int16)),
            "ordered_at": columns.times(parameters.start, orders.second[order]),
            "amount": columns.money(listed - cut - off),
            "customer_id": columns.numbers(customers, missing),
            "list_amount": columns.money(listed),
            "discount": columns.money(cut),
            "coupon_discount": columns.money(off),
            "points_used": columns.numbers(points.astype(np.int32)),
            "coupon": columns.words(coupons, np.maximum(whose, 0), (whose < 0) | (inside > 0)),
            "product_id": columns.numbers(
                laid([item.lines.product for item in rounds], reward) + 1
            ),
            "store_id": columns.numbers((orders.store[order] + 1).astype(np.int32)),
            "channel": columns.words(channels, orders.channel[order]),
            "quantity": columns.numbers(
                laid([item.lines.quantity for item in rounds], 1).astype(np.int16)
            ),
        }
    )


def _places(rounds: Sequence[Orders]) -> Integers:
    """Return the position, in the order of the rounds, of the order of each line."""
    offsets = np.cumsum([0, *(len(item.rows) for item in rounds)])
    return _joined(
        [item.lines.order + offset for item, offset in zip(rounds, offsets, strict=False)]
    )


def _reward(parameters: Parameters) -> tuple[int, list[int]]:
    programme = parameters.programme
    if programme is None:
        return 0, [0]
    names = [item.name.en for item in parameters.shop.products]
    return names.index(programme.reward_product), [rule.reward_cost for rule in programme.rules]


def _version(parameters: Parameters, second: Integers) -> Integers:
    """Return which rule of the programme holds."""
    programme = parameters.programme
    if programme is None or len(programme.rules) == 1:
        return np.zeros(len(second), dtype=np.int64)
    days = (parameters.end - parameters.start).days + 1
    return (second // 86_400 >= days // 2).astype(np.int64)
