"""Chunks of customers through the simulator's loop, side by side, added up in a fixed order."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loyalty_research.programmes.batches import refuse_inexact
from loyalty_research.programmes.kernel_state import MEMBER, Entries, Ints, Plan, new_run
from loyalty_research.programmes.plan import day_number
from loyalty_research.tiers.simulation.chunks import chunks
from loyalty_research.tiers.simulation.design import with_scarcity
from loyalty_research.tiers.simulation.plain import is_plain, plain_of, with_own_room
from loyalty_research.tiers.simulation.priors import Responses
from loyalty_research.tiers.simulation.ready import (
    REDEMPTIONS,
    STARTS,
    Ready,
    Settings,
    assumed_of,
    crowd_of,
    make_ready,
    room_of,
)

__all__ = [
    "REDEMPTIONS",
    "STARTS",
    "Done",
    "Ready",
    "Settings",
    "assumed_of",
    "chunks",
    "crowd_of",
    "make_ready",
    "room_of",
    "run_all",
]


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """What the loop returns.

    Parameters
    ----------
    people
        A row a customer, fields of ``kernel_records.OUT``.
    opening, closing
        ``[n, wallets]``: points held, in smallest units.
    flows
        ``[wallets, 2]``: points redeemed and expired in the simulation.
    weeks
        ``[weeks, levels + 1, 5]``: sums by week and level at its start; the last for non-members.
    accounts
        ``[n, wallets, 4]`` of the ledger since joining; None where orders were not kept.
    orders
        Customer number, time in microseconds, net sales in ten-thousandths, template, points (in
        smallest units) redeemed with it; None where not kept.
    """

    people: np.ndarray
    opening: Ints
    closing: Ints
    flows: Ints
    weeks: Ints
    accounts: Ints | None = field(default=None)
    orders: Ints | None = field(default=None)


def run_all(
    ready: Ready, responses: Responses, shares: np.ndarray, *, keep_orders: bool = False
) -> Done:
    """Simulate all customers under one set of responses.

    Parameters
    ----------
    ready
        The programme.
    responses
        The set.
    shares
        ``[levels]``: shares of members, for the value of benefits.
    keep_orders
        Whether the simulated orders and the ledger's accounts are wanted.
    """
    size, wallets = ready.population.size, len(ready.plan.wallets)
    job = _Job(ready, responses, shares, keep_orders)
    people = np.zeros(size, dtype=job.out_type)
    opening = np.zeros((size, wallets), dtype=np.int64)
    closing = np.zeros((size, wallets), dtype=np.int64)
    accounts = np.zeros((size, wallets, 4), dtype=np.int64) if keep_orders else None
    flows = np.zeros((wallets, 2), dtype=np.int64)
    weeks: Any = 0
    orders = []
    for place, part in job.parts():
        people[place] = part.people
        opening[place] = part.opening[:, :, 3]
        closing[place] = part.closing[:, :, 3]
        flows += (part.closing[:, :, 1:3] - part.opening[:, :, 1:3]).sum(axis=0)
        weeks = weeks + part.weeks
        if accounts is not None:
            accounts[place] = part.closing
            orders.append(np.column_stack([place[part.orders[:, 0]], part.orders[:, 1:]]))
    kept = np.concatenate(orders) if orders else None
    return Done(people, opening, closing, flows, weeks, accounts, kept)


class _Job:
    """One set of responses on all chunks."""

    def __init__(
        self, ready: Ready, responses: Responses, shares: np.ndarray, keep_orders: bool
    ) -> None:
        from loyalty_research.tiers.simulation import kernel_records as records

        self.ready, self.keep_orders, self.out_type = ready, keep_orders, records.OUT
        settings, costs = ready.settings, ready.costs
        self.weeks = settings.periods + int(responses["H"])
        self.plan = _ending(ready.plan, ready.population.start, self.weeks)
        self.z = ready.population.z
        self.means = ready.population.templates.means
        self.design = records.Design(
            by_level=with_scarcity(costs.by_level, shares, responses["nu"]),
            prizes=costs.prizes,
            asks=ready.asks,
            on_day=ready.on_day,
            open_price=costs.open_price,
            worth=costs.worth,
        )
        self.assumed = assumed_of(ready.population, settings, responses, self.weeks)
        self.plain = plain_of(self.plan, costs) if _takes_short_way(ready) else None

    def parts(self) -> Iterator[tuple[np.ndarray, Any]]:
        """Yield places in the population and what came out, chunk by chunk in order."""
        workers = self.ready.settings.threads or min(os.cpu_count() or 1, 8)
        with ThreadPoolExecutor(workers) as pool:
            waiting: list[tuple[np.ndarray, Future[Any]]] = []
            for place, past in chunks(self.ready.population, self.ready.programme, self._as_if):
                waiting.append((place, pool.submit(self._chunk, place, past)))
                if len(waiting) > 2 * workers:
                    first, done = waiting.pop(0)
                    yield first, done.result()
            for place, done in waiting:
                yield place, done.result()

    @property
    def _as_if(self) -> bool:
        return self.ready.settings.start == "as_if"

    def _chunk(self, place: np.ndarray, past: Entries) -> Any:
        crowd = crowd_of(self.ready, place, self.z, self.means)
        totals = self._totals(len(place), 0)
        if self.keep_orders:
            self._simulate(crowd, past, totals, emit=False)
            totals = self._totals(len(place), int(totals.people["orders"].sum()))
        refuse_inexact(self._simulate(crowd, past, totals, emit=self.keep_orders))
        return totals

    def _simulate(self, crowd: Any, past: Entries, totals: Any, *, emit: bool) -> Ints:
        """Let a loop fill the totals; return its counts."""
        room = room_of(self.ready, self.plan, emit=emit)
        members = np.zeros(len(crowd.people), dtype=MEMBER)
        given = past, members, crowd, self.design, self.assumed, room, totals
        if self.plain is not None:
            from loyalty_research.tiers.simulation.kernel_plain import simulate_plain

            plain = with_own_room(self.plain)
            simulate_plain(plain, *given)
            return plain.counts
        from loyalty_research.tiers.simulation.kernel_simulate import simulate_customers

        run = new_run(self.plan)
        simulate_customers(run, *given)
        return run.counts

    def _totals(self, size: int, orders: int) -> Any:
        from loyalty_research.tiers.simulation import kernel_records as records

        wallets, levels = len(self.plan.wallets), len(self.plan.levels)
        return records.Totals(
            people=np.zeros(size, dtype=records.OUT),
            opening=np.zeros((size, wallets, 4), dtype=np.int64),
            closing=np.zeros((size, wallets, 4), dtype=np.int64),
            weeks=np.zeros((self.weeks, levels + 1, len(records.WEEK_COLUMNS)), dtype=np.int64),
            orders=np.zeros((orders, 5), dtype=np.int64),
        )


def _takes_short_way(ready: Ready) -> bool:
    return is_plain(ready.plan, ready.settings.redemption)


def _ending(plan: Plan, start: dt.date, weeks: int) -> Plan:
    """Return the plan with another last day."""
    settings = plan.settings.copy()
    settings["end"] = day_number(start) + 7 * weeks - 1
    return plan._replace(settings=settings)
