"""What orders look like: each customer's last ones, and what they answer to a programme's rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loyalty_research.engine import reduction, stream
from loyalty_research.programmes.asks import GOODS, Ask, Terms
from loyalty_research.programmes.entries import SORTED_BY, order_entries
from loyalty_research.programmes.fields import Where
from loyalty_research.programmes.kernel_codes import E4, MICROSECONDS
from loyalty_research.programmes.kernel_state import Ints
from loyalty_research.programmes.plan import day_number

MOST = 12
"""Orders of a customer that are kept."""
_SECOND = 1_000_000
_DAY = 86_400


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """Orders that simulated ones are copies of.

    Parameters
    ----------
    starts
        Shape (customers + 1,): where those of each customer begin.
    moments
        Seconds since the simulated week began.
    amounts
        Net sales in ten-thousandths.
    """

    starts: Ints
    moments: Ints
    amounts: Ints

    @property
    def means(self) -> np.ndarray:
        """Mean net sales of each customer's orders, in currency units."""
        counts = np.diff(self.starts)
        sums = np.add.reduceat(np.append(self.amounts, 0), self.starts[:-1]).astype(float)
        return np.where(counts > 0, sums / np.maximum(counts, 1) / E4, 0.0)


def timeless(ask: Ask) -> Ask:
    """Return a question without its minimum and without what depends on the date."""
    plain = {"weekdays": (), "days_of_month": (), "dates": ()}
    return Ask(
        ask.about, ask.where.model_copy(update=plain), 0, event=ask.event, partner=ask.partner
    )


def counted_goods(ask: Ask) -> Ask:
    """Return what the minimum of a question looks at: the amount of the goods, or of all."""
    where = Where()
    if ask.about != "reward" and ask.goods is not None:
        where = Where(**{name: getattr(ask.where, name) for name in GOODS})
    return Ask("amount", where, 0)


def asked_of(asks: Sequence[Ask]) -> list[Ask]:
    """Return the distinct questions that templates are asked for a programme's."""
    return list(dict.fromkeys([*map(timeless, asks), *map(counted_goods, asks)]))


@reduction
def last_orders(orders: ir.Table, *, start: str, end: str, most: int = MOST) -> ir.Table:
    """Return the last orders of each customer in a period: own ones with net sales above zero.

    Parameters
    ----------
    orders
        As the ledger's entries read them: order_id, customer_id, at, net_sales, optionally partner.
    start, end
        First and last day.
    most
        Orders of a customer.
    """
    day = orders.at.date()
    kept = orders.filter(
        orders.customer_id.notnull(),
        orders.net_sales > 0,
        day.between(ibis.date(start), ibis.date(end)),
    )
    if "partner" in kept.columns:
        kept = kept.filter(ibis.coalesce(kept.partner.cast("string"), ibis.literal("")) == "")
    latest = ibis.window(group_by="customer_id", order_by=[kept.at.desc(), kept.order_id.desc()])
    return (
        kept.mutate(_place=ibis.row_number().over(latest))
        .filter(lambda table: table._place < most)
        .drop("_place")
    )


def read_templates(
    orders: ir.Table, ids: pa.Array, start: dt.date, *, asks: Sequence[Ask], terms: Terms
) -> tuple[Templates, Ints, Ints]:
    """Return templates of the customers, their answers, and what minima look at.

    Parameters
    ----------
    orders
        As :func:`last_orders` returns them, with the goods of :func:`asked_of`.
    ids
        Of the customers, as they stand in the population.
    start
        First day of the simulation.
    asks
        The programme's questions.
    terms
        The brand's own values by term.
    """
    both = [*map(timeless, asks), *map(counted_goods, asks)]
    distinct = asked_of(asks)
    entries = order_entries(orders, asks=distinct, terms=terms)
    batches = list(stream(entries, sort_by=SORTED_BY))
    table = pa.Table.from_batches(batches, schema=entries.schema().to_pyarrow())
    table = table.combine_chunks()
    place = pc.index_in(table["customer_id"], value_set=ids)
    known = pc.is_valid(place)
    table, place = table.filter(known), place.filter(known).to_numpy().astype(np.int64)
    order = np.argsort(place, kind="stable")
    columns = {name: _ints(table, name)[order] for name in ("amount", *_names(distinct))}
    at = table["at"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()[order]
    counts = np.bincount(place, minlength=len(ids))
    found = Templates(
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        moments=moments_of(at, start),
        amounts=columns["amount"],
    )
    answers = np.zeros((len(at), len(asks)), dtype=np.int64)
    goods = np.zeros((len(at), len(asks)), dtype=np.int64)
    for number in range(len(asks)):
        answers[:, number] = columns[f"a{distinct.index(both[number])}"]
        goods[:, number] = columns[f"a{distinct.index(both[len(asks) + number])}"]
    return found, answers, goods


def simple_answers(templates: Templates, asks: Sequence[Ask]) -> tuple[Ints, Ints]:
    """Return answers of orders of which only time and amount are known.

    Parameters
    ----------
    templates
        One item, no product, channel or store known.
    asks
        The programme's questions.
    """
    answers = np.zeros((len(templates.amounts), len(asks)), dtype=np.int64)
    goods = np.repeat(templates.amounts[:, None], max(len(asks), 1), axis=1)[:, : len(asks)]
    for number, ask in enumerate(asks):
        fits = _fits(templates, ask)
        worth = templates.amounts if ask.about == "amount" else E4
        answers[:, number] = np.where(fits, worth, 0)
    return answers, np.ascontiguousarray(goods)


def moments_of(at: Ints, start: dt.date) -> Ints:
    """Return times (microseconds since 1970) as seconds since a week began with ``start``'s day."""
    days = at // MICROSECONDS
    return (days - day_number(start)) % 7 * _DAY + at % MICROSECONDS // _SECOND


def _fits(templates: Templates, ask: Ask) -> np.ndarray:
    where = ask.where
    named = where.channels or where.stores or where.categories or where.products
    if named or where.not_categories or ask.partner or ask.about.startswith("event"):
        return np.zeros(len(templates.amounts), dtype=bool)
    if not where.hours:
        return np.ones(len(templates.amounts), dtype=bool)
    first, end = (int(clock[:-3]) * 60 + int(clock[-2:]) for clock in where.hours)
    minute = templates.moments % _DAY // 60
    return (minute >= first) & (minute < end)


def _names(asks: Sequence[Ask]) -> list[str]:
    return [f"a{number}" for number in range(len(asks))]


def _ints(table: pa.Table, name: str) -> Ints:
    return table[name].cast(pa.int64()).to_numpy()
