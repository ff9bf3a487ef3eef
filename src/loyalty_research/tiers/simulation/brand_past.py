"""A brand's own orders as the past of a population."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from loyalty_research.engine import kept
from loyalty_research.profile.common import Days
from loyalty_research.programmes.asks import Ask, columns_of
from loyalty_research.programmes.batches import whole_customers
from loyalty_research.programmes.entries import goods_of, lines_to_orders, orders_as_given
from loyalty_research.programmes.kernel_state import Entries, Ints
from loyalty_research.programmes.plan_rows import event_kinds
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.ledgers import replay_on
from loyalty_research.tiers.simulation.templates import (
    Templates,
    asked_of,
    last_orders,
    read_templates,
)

_MOST_KEPT = 2_000_000
"""Entries of a past that are kept in memory for the next programme with the same questions."""


@dataclass(frozen=True, eq=False, repr=False)
class BrandPast:
    """Orders and events of a brand up to the day before the simulation.

    Parameters
    ----------
    brand
        Opened.
    days
        Of the past.
    ids
        Customers of the population, as they stand in it.
    joined
        Who joined and when; None where everyone joins with the first order.
    """

    brand: Any
    days: Days
    ids: pa.Array
    joined: Any = None
    _kept: dict[Any, list[tuple[pa.Array, Entries]]] = field(default_factory=dict, init=False)

    @property
    def first_day(self) -> dt.date:
        """First day of the past."""
        return self.days.start

    @property
    def by_table(self) -> bool:
        """Whether a table says who joined when."""
        return self.joined is not None

    def templates(self) -> Templates:
        """Return each customer's last orders."""
        return self._read(())[0]

    def answers(self, asks: Sequence[Ask]) -> tuple[Ints, Ints]:
        """Return what the templates answer to questions, and what minima look at."""
        return self._read(asks)[1:]

    def entries(self, programme: Programme) -> Iterator[tuple[pa.Array, Entries]]:
        """Yield whole customers' entries under a programme's rules."""
        key = columns_of(programme), event_kinds(programme)
        if key in self._kept:
            yield from self._kept[key]
            return
        ledger = replay_on(
            self.brand, programme, redemption="none", days=self.days, joined=self.joined
        )
        read: list[tuple[pa.Array, Entries]] = []
        rows = 0
        for ids, entries in whole_customers(ledger.batches()):
            rows += len(entries.rows)
            if rows <= _MOST_KEPT:
                read.append((ids, entries))
            yield ids, entries
        if rows <= _MOST_KEPT:
            self._kept[key] = read

    def _read(self, asks: Sequence[Ask]) -> tuple[Templates, Ints, Ints]:
        terms = {
            term: tuple(value for values in named.values() for value in values)
            for term, named in self.brand.terms.items()
        }
        start, end = self.days.iso
        orders = last_orders(self._orders(asks, terms), start=start, end=end)
        with kept(orders) as rows:
            first = self.days.end + dt.timedelta(days=1)
            return read_templates(rows, self.ids, first, asks=asks, terms=terms)

    def _orders(self, asks: Sequence[Ask], terms: dict[str, tuple[str, ...]]) -> ir.Table:
        goods = goods_of(asked_of(asks))
        items = any(ask.about == "items" for ask in asks)
        if not goods and not items:
            return orders_as_given(self.brand.orders)
        categories = any(where.categories or where.not_categories for where in goods)
        return lines_to_orders(
            self.brand.transactions,
            goods=goods,
            terms=terms,
            products=self.brand.products if categories and self.brand.has("products") else None,
        )


def own_keys(ids: pa.Array) -> Ints:
    """Return for each customer a number made of the identifier."""
    import hashlib

    digests = [
        hashlib.blake2b(str(name).encode(), digest_size=8).digest() for name in ids.to_pylist()
    ]
    return np.frombuffer(b"".join(digests), dtype="<i8").astype(np.int64)
