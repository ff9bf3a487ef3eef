"""What customers do beside buying: visits and carts online, sharing, referring, checking in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loyalty_research.worlds import columns, random
from loyalty_research.worlds.clock import DAY, HOUR
from loyalty_research.worlds.history import History
from loyalty_research.worlds.lines import Sorted
from loyalty_research.worlds.parameters import Events, Parameters
from loyalty_research.worlds.random import Flags, Floats, Integers
from loyalty_research.worlds.shop import Store

KINDS = ("view", "cart", "share", "refer", "check_in")
_VIEW, _CART, _SHARE, _REFER, _CHECK_IN = range(5)
_DRAWS = 256
_SECONDS = 1 << 32
_MONTH = 30 * DAY
Found = list[tuple[Integers, Integers, int]]


def events_of(
    parameters: Parameters, events: Events, store: Store, history: History, orders: Sorted
) -> pa.Table:
    """Return the table events of tracked customers, by customer and time.

    Every order online was a visit with a cart. Before it came carts without an order and visits
    without a cart, as many as the planted shares let expect, within the month before.
    """
    source = history.people.source
    tracked = source.uniform("tracked")[orders.rows] < events.tracked
    found = _visits(events, history, orders, np.flatnonzero(tracked & store.online[orders.channel]))
    for kind, share in ((_SHARE, events.share), (_REFER, events.refer)):
        drawn = source.uniform(KINDS[kind], orders.rows, orders.number) < share
        some = np.flatnonzero(tracked & drawn)
        found.append((orders.rows[some], orders.second[some] + 2 * HOUR, kind))
    found.append(_check_ins(events, history, orders, tracked))
    rows = np.concatenate([item[0] for item in found])
    second = np.concatenate([item[1] for item in found])
    kind_of = np.repeat([item[2] for item in found], [len(item[0]) for item in found])
    last = ((parameters.end - parameters.start).days + 1) * DAY
    inside = (second >= 0) & (second < last)
    rows, second, kind_of = rows[inside], second[inside], kind_of[inside]
    order = np.argsort((rows * _SECONDS + second) * len(KINDS) + kind_of, kind="stable")
    return pa.table(
        {
            "customer_id": columns.numbers(history.people.index[rows[order]] + 1),
            "at": columns.times(parameters.start, second[order]),
            "kind": columns.words(KINDS, kind_of[order]),
        }
    )


def _failures(uniforms: Floats, success: float) -> Integers:
    """Return how many trials fail before the first success."""
    pace = float(random.coarse(-np.log1p(-success)))
    return np.minimum(random.exponential(uniforms) / pace, 15).astype(np.int64)


def _visits(events: Events, history: History, orders: Sorted, online: Integers) -> Found:
    source = history.people.source
    rows, number, second = orders.rows[online], orders.number[online], orders.second[online]
    carts = 1 + _failures(source.uniform("carts", rows, number), events.order)
    cart, nth = _spread(carts)
    of_cart = number[cart] * _DRAWS + nth
    before = _before(source.uniform("cart before", rows[cart], of_cart), nth)
    at_cart = second[cart] - before
    visits = 1 + _failures(source.uniform("visits", rows[cart], of_cart), events.cart)
    visit, which = _spread(visits)
    of_visit = of_cart[visit] * 16 + which
    earlier = _before(source.uniform("visit before", rows[cart][visit], of_visit), which)
    at_visit = at_cart[visit] - earlier - 60
    return [(rows[cart], at_cart, _CART), (rows[cart][visit], at_visit, _VIEW)]


def _spread(counts: Integers) -> tuple[Integers, Integers]:
    """Return, for each of ``counts`` things, whose it is, and its number from 0."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


def _before(uniforms: Floats, nth: Integers) -> Integers:
    """Return seconds: minutes for the one that led to something, up to a month for the others."""
    span = np.where(nth == 0, 9 * 60, _MONTH)
    return 60 + (uniforms * span).astype(np.int64)


def _check_ins(
    events: Events, history: History, orders: Sorted, tracked: Flags
) -> tuple[Integers, Integers, int]:
    source = history.people.source
    drawn = source.uniform("check_in", orders.rows, orders.number) < events.check_in
    some = np.flatnonzero(tracked & drawn)
    if history.accounts is not None:
        joined = history.accounts.joined[orders.rows[some]]
        some = some[(joined >= 0) & (joined <= orders.second[some])]
    hour = (
        8 * HOUR + source.uniform("check_in at", orders.rows[some], orders.number[some]) * 12 * HOUR
    )
    at = (orders.second[some] // DAY + 1) * DAY + hour.astype(np.int64)
    return orders.rows[some], at, _CHECK_IN
