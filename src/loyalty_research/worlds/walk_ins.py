"""Orders of buyers nobody knows: as many as the day is busy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loyalty_research.worlds.baskets import fill_baskets
from loyalty_research.worlds.clock import Clock
from loyalty_research.worlds.history import Orders
from loyalty_research.worlds.lines import sort_orders, transactions
from loyalty_research.worlds.parameters import Parameters
from loyalty_research.worlds.people import make_walk_ins
from loyalty_research.worlds.random import Integers, Source
from loyalty_research.worlds.shop import Store

_FIRST_ORDER = 1_000_000_000_000_000
_A_DAY = 10_000_000


def daily_walk_ins(parameters: Parameters, clock: Clock) -> Integers:
    """Return the walk-in orders of each day: the expectation, up or down to a whole number."""
    expected = parameters.walk_ins * parameters.customers * clock.factors
    drawn = Source(parameters.seed, "walk-in day", np.arange(clock.days)).uniform("number")
    return (expected + drawn).astype(np.int64)


def walk_in_lines(
    parameters: Parameters, clock: Clock, store: Store, first: int, counts: Integers
) -> pa.Table:
    """Return the lines of the walk-in orders of some days in a row.

    Parameters
    ----------
    first
        Day of the first of ``counts``, from 0.
    counts
        Orders of each day.
    """
    day = np.repeat(np.arange(first, first + len(counts)), counts)
    inside = np.arange(len(day)) - np.repeat(np.cumsum(counts) - counts, counts)
    index = day * _A_DAY + inside
    people = make_walk_ins(parameters, store, index)
    begins, ends = clock.edges[day * 24], clock.edges[day * 24 + 24]
    at = begins + people.source.uniform("at") * (ends - begins)
    rows, second = np.arange(len(day)), clock.seconds(at)
    nothing = np.zeros(len(day), dtype=np.int64)
    lines, cents = fill_baskets(parameters, store, people, rows, 0, second, np.ones(len(day)))
    made = Orders(rows, 0, second, cents, nothing, nothing - 1, nothing, lines)
    orders = sort_orders(parameters, store, people, [made])
    return transactions(parameters, store, [made], orders, _FIRST_ORDER + index, None)
