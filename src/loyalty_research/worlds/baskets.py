"""What is in an order: lines, pieces, prices and price cuts, all in whole cents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.worlds import random
from loyalty_research.worlds.clock import DAY
from loyalty_research.worlds.parameters import Parameters
from loyalty_research.worlds.people import People
from loyalty_research.worlds.random import Floats, Integers
from loyalty_research.worlds.shop import Store

DRAWS = 64
"""Draws kept for the lines of one order."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of some orders.

    Parameters
    ----------
    order
        Position of the order each line belongs to, ascending.
    number
        Of the line in its order, from 0.
    product
        By position.
    quantity
        Pieces.
    listed, cut, coupon
        Cents at list price, and cents taken off by a promotion and by the everyday coupon.
    """

    order: Integers
    number: Integers
    product: Integers
    quantity: Integers
    listed: Integers
    cut: Integers
    coupon: Integers

    @property
    def paid(self) -> Integers:
        """Cents left of each line, coupons of campaigns aside."""
        return self.listed - self.cut - self.coupon


def fill_baskets(
    parameters: Parameters,
    store: Store,
    people: People,
    rows: Integers,
    number: int,
    second: Integers,
    gap: Floats,
) -> tuple[Lines, Integers]:
    """Return the lines of one order of each customer of ``rows``, and the orders' cents.

    Parameters
    ----------
    rows
        Customers, by position in ``people``.
    number
        Of the order among the customer's.
    second
        Since the world's start.
    gap
        Gap before the order times the customer's rate; 1 where there is none.
    """
    sizes = _sizes(parameters, people, rows, number, gap)
    ends = np.cumsum(sizes)
    order = np.repeat(np.arange(len(rows)), sizes)
    inside = np.arange(len(order)) - (ends - sizes)[order]
    owner = rows[order]
    day = second[order] // DAY
    draw = number * DRAWS + inside
    product = _products(parameters, store, people, owner, day, draw)
    twice = people.source.uniform("pieces", owner, draw) < parameters.basket.second_piece
    quantity = 1 + twice.astype(np.int64)
    listed = store.prices[product] * quantity
    cut = listed * store.depth[store.promotion_of_day[day], product] // 100
    off = _everyday(parameters, people, rows, number)[order] * (listed - cut) // 100
    lines = Lines(order, inside, product, quantity, listed, cut, off)
    return lines, np.add.reduceat(lines.paid, ends - sizes)


def _everyday(parameters: Parameters, people: People, rows: Integers, number: int) -> Integers:
    """Return the percent that the everyday coupon takes off each order; 0 where it is not used."""
    coupon = parameters.shop.coupon
    if coupon is None or people.rhythm is None:
        return np.zeros(len(rows), dtype=np.int64)
    chance = coupon.base + coupon.slope * people.sensitivity[rows]
    used = people.source.uniform("everyday coupon", rows, number) < chance
    return used * coupon.percent


def _sizes(
    parameters: Parameters, people: People, rows: Integers, number: int, gap: Floats
) -> Integers:
    basket = parameters.basket
    mean = basket.extra_lines * people.level[rows]
    if basket.gap_effect:
        mean = mean * (1 + basket.gap_effect * (np.minimum(gap, 3.0) - 1))
    extra = mean * random.exponential(people.source.uniform("size", rows, number))
    return 1 + np.minimum(extra, basket.most_lines - 1).astype(np.int64)


def _products(
    parameters: Parameters,
    store: Store,
    people: People,
    owner: Integers,
    day: Integers,
    draw: Integers,
) -> Integers:
    source = people.source
    product = store.products(source.uniform("product", owner, draw), store.menu_of_day[day])
    share = parameters.shop.favourite_share
    if share:
        own = source.uniform("favourite", owner, draw + 1) < share
        product = np.where(own, people.favourite[owner], product)
    for position, item in enumerate(parameters.promotions):
        there = np.flatnonzero(store.promotion_of_day[day] == position)
        if item.pull and len(there):
            who, which = owner[there], draw[there]
            drawn = source.uniform("pull", who, which) < item.pull * people.sensitivity[who]
            hit = there[drawn]
            promoted = source.uniform("promoted", owner[hit], draw[hit])
            product[hit] = random.choose(store.promoted[position], promoted)
    return product


def choose_places(
    parameters: Parameters,
    store: Store,
    people: People,
    rows: Integers,
    number: Integers,
    day: Integers,
) -> tuple[Integers, Integers]:
    """Return store and channel of orders, by position; ``number`` is that of each order."""
    shop, source = parameters.shop, people.source
    home = source.uniform("at_home", rows, number) < shop.home_share
    other = random.choose(store.store_shares, source.uniform("store", rows, number))
    place = np.where(home, people.home[rows], other)
    usual = source.uniform("own_channel", rows, number) < shop.channel_share
    by_chance = source.uniform("by_channel", rows, number)
    picked = np.where(usual, people.channel[rows], by_chance)
    return (
        np.where(store.opens[place] <= day, place, store.first_of_city[place]),
        store.channels(picked, day, known=people.rhythm is not None),
    )
