"""A world: its parameters, what was planted, and its tables, made when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from loyalty_research.worlds import events, feedback, hidden, market, records, survey
from loyalty_research.worlds.clock import Clock, make_clock
from loyalty_research.worlds.families import family_of
from loyalty_research.worlds.history import MOST_ORDERS, History, live
from loyalty_research.worlds.lines import sort_orders, transactions
from loyalty_research.worlds.parameters import Parameters
from loyalty_research.worlds.people import make_people
from loyalty_research.worlds.shop import Store, make_store
from loyalty_research.worlds.truth import Planted, truth_of
from loyalty_research.worlds.walk_ins import daily_walk_ins, walk_in_lines
from loyalty_research.worlds.writing import write_parts

CHUNK = 16_384
"""Customers made at a time."""
HIDDEN = "hidden_"
_DAYS = 30
Part = dict[str, pa.Table]


@dataclass(frozen=True)
class World:
    """A market whose truth is known.

    Two worlds of the same parameters are equal to the last cent, wherever they are made. Customer
    17 is the same however many there are.

    Parameters
    ----------
    name
        Of the preset it was made from.
    parameters
        Everything it is made of.
    """

    name: str
    parameters: Parameters

    @cached_property
    def clock(self) -> Clock:
        """The clock customers live by."""
        return make_clock(self.parameters.start, self.parameters.end, self.parameters.seasons)

    @cached_property
    def store(self) -> Store:
        """What the shop offers, where, and through which channels."""
        return make_store(self.parameters, self.clock)

    @cached_property
    def truth(self) -> dict[str, Planted]:
        """What was planted, by name, with its unit."""
        return truth_of(self.parameters, self.clock, self.store)

    @cached_property
    def _all(self) -> Part:
        return _joined(list(self.parts(truth=True)))

    @property
    def tables(self) -> dict[str, pa.Table]:
        """The canonical tables; for worlds that fit into memory."""
        return {name: table for name, table in self._all.items() if not name.startswith(HIDDEN)}

    @property
    def hidden(self) -> dict[str, pa.Table]:
        """What no shop sees, for oracles; for worlds that fit into memory.

        ``customers`` has one row a customer, ``gaps`` one a gap between purchases, ``survey`` the
        constructs of each respondent, ``feedback`` what each comment says of each aspect (1 praise,
        -1 complaint, 0 nothing). Times are in operational days.
        """
        return {
            name.removeprefix(HIDDEN): table
            for name, table in self._all.items()
            if name.startswith(HIDDEN)
        }

    def parts(self, *, chunk: int = CHUNK, truth: bool = False) -> Iterator[Part]:
        """Yield the tables part by part, in bounded memory.

        Parameters
        ----------
        chunk
            Customers at a time; the rows and their order do not depend on it.
        truth
            Whether to yield the hidden tables too, named ``hidden_...``.
        """
        parameters = self.parameters
        yield {"products": records.products(parameters), "stores": records.stores(parameters)}
        if parameters.campaigns:
            yield {"campaigns": records.campaigns(parameters)}
        if parameters.market is not None:
            yield market.panel(parameters, parameters.market, self.clock)
        for first in range(0, parameters.customers, chunk):
            yield self._customers(first, min(first + chunk, parameters.customers), truth=truth)
        if parameters.walk_ins:
            counts = daily_walk_ins(parameters, self.clock)
            for day in range(0, self.clock.days, _DAYS):
                some = counts[day : day + _DAYS]
                yield {"transactions": walk_in_lines(parameters, self.clock, self.store, day, some)}

    def history(self, first: int, last: int) -> History:
        """Return the purchases of customers ``first`` to ``last`` - 1, counted from 0."""
        family = family_of(self.parameters.timing)
        index = np.arange(first, last)
        people = make_people(self.parameters, family, self.clock, self.store, index)
        return live(self.parameters, family, self.clock, self.store, people)

    def _customers(self, first: int, last: int, *, truth: bool) -> Part:
        parameters = self.parameters
        history = self.history(first, last)
        orders = sort_orders(parameters, self.store, history.people, history.orders)
        customer = history.people.index[orders.rows] + 1
        order_id = customer * MOST_ORDERS + orders.number
        lines = transactions(parameters, self.store, history.orders, orders, order_id, customer)
        part = {"transactions": lines, "customers": records.customers(parameters, history)}
        if parameters.programme is not None:
            part["points"] = records.points(parameters, history)
        if parameters.campaigns:
            part["exposures"] = records.exposures(parameters, history)
            part["redemptions"] = records.redemptions(parameters, history, orders)
        if parameters.survey is not None:
            part |= survey.answers(parameters.survey, history)
        if parameters.feedback is not None:
            part |= feedback.comments(parameters, parameters.feedback, self.store, history, orders)
        if parameters.events is not None:
            part["events"] = events.events_of(
                parameters, parameters.events, self.store, history, orders
            )
        if truth:
            part |= {
                f"{HIDDEN}customers": hidden.traits(history),
                f"{HIDDEN}gaps": hidden.gaps(history),
            }
            return part
        return {name: table for name, table in part.items() if not name.startswith(HIDDEN)}

    def write(self, folder: str | Path, *, chunk: int = CHUNK, truth: bool = False) -> Path:
        """Write the tables to Parquet, one file each, in bounded memory.

        Parameters
        ----------
        folder
            Where to write; made where it is missing. Files of the same name are replaced.
        chunk, truth
            As in :meth:`parts`.

        Returns
        -------
        pathlib.Path
            The folder.
        """
        return write_parts(self.parts(chunk=chunk, truth=truth), Path(folder))


def _joined(parts: list[Part]) -> Part:
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: pa.concat_tables([part[name] for part in parts if name in part]).unify_dictionaries()
        for name in names
    }
