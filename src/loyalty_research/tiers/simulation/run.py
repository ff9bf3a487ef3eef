"""Chunks of customers through the simulator's loop, side by side, added up in a fixed order."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loyalty_research.programmes.asks import columns_of
from loyalty_research.programmes.batches import refuse_inexact
from loyalty_research.programmes.kernel_state import ENTRY, MEMBER, Entries, Ints, Plan, new_run
from loyalty_research.programmes.plan import day_number, make_plan
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.simulation.design import (
    Costs,
    asks_record,
    costs_of,
    days_fit,
    with_scarcity,
)
from loyalty_research.tiers.simulation.population import Population
from loyalty_research.tiers.simulation.priors import Responses, as_record
from loyalty_research.tiers.simulation.terms import TERMS

CHUNK = 16_384
"""Customers that go through the loop together."""
STARTS = ("as_if", "fresh", "carry")
REDEMPTIONS = ("model", "at_once", "none", "observed")
MOST_WASHOUT = 16
_WEEKS = 365.25 / 7
_MONTH = 365.25 / 12 / 7


@dataclass(frozen=True, slots=True)
class Settings:
    """How a simulation is run.

    Parameters
    ----------
    periods
        Weeks.
    seed
        Of the random numbers.
    start, redemption
        One of :data:`STARTS`, :data:`REDEMPTIONS`.
    discount
        A year.
    paid
        Id of a paid level that every member holds.
    threads
        Run side by side; None for as many as there are cores.
    """

    periods: int
    seed: int
    start: str = "as_if"
    redemption: str = "model"
    discount: float = 0.10
    paid: str | None = None
    threads: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A programme made ready for the loop; what depends on the responses alone is left out.

    Parameters
    ----------
    population, programme, settings
        Given.
    plan
        The programme as the ledger's numbers.
    costs
        Money.
    answers, goods
        Of the templates.
    asks, on_day
        Questions.
    carried
        Levels and points that members bring along.
    carry_wallet
        Number of the wallet that takes the points; below 0 for none.
    """

    population: Population
    programme: Programme
    settings: Settings
    plan: Plan
    costs: Costs
    answers: Ints
    goods: Ints
    asks: Ints
    on_day: Ints
    carried: np.ndarray
    carry_wallet: int


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


def make_ready(
    population: Population,
    programme: Programme,
    settings: Settings,
    *,
    carried: np.ndarray | None = None,
    carry_wallet: int = -1,
) -> Ready:
    """Return a programme made ready for the loop."""
    from loyalty_research.tiers.simulation.kernel_records import CARRIED

    days = 7 * (settings.periods + MOST_WASHOUT)
    asks = columns_of(programme)
    answers, goods = population.answers(asks)
    first = _first_day(population, settings)
    return Ready(
        population=population,
        programme=programme,
        settings=settings,
        plan=make_plan(
            programme,
            period=(first, population.start + dt.timedelta(days=days - 1)),
            redemption="observed" if settings.redemption == "observed" else "at_once",
            paid=settings.paid,
            week_start=population.week_start,
        ),
        costs=costs_of(programme, margin=population.margin, mean_order=population.mean_order),
        answers=answers,
        goods=goods,
        asks=asks_record(programme),
        on_day=days_fit(programme, population.start, days),
        carried=np.zeros(population.size, dtype=CARRIED) if carried is None else carried,
        carry_wallet=carry_wallet,
    )


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
        from loyalty_research.tiers.simulation.kernel_simulate import simulate_customers

        crowd = crowd_of(self.ready, place, self.z, self.means)
        totals = self._totals(len(place), 0)
        if self.keep_orders:
            simulate_customers(*self._arguments(crowd, past, totals, emit=False))
            totals = self._totals(len(place), int(totals.people["orders"].sum()))
        given = self._arguments(crowd, past, totals, emit=self.keep_orders)
        simulate_customers(*given)
        refuse_inexact(given[0].counts)
        return totals

    def _arguments(self, crowd: Any, past: Entries, totals: Any, *, emit: bool) -> tuple[Any, ...]:
        run = new_run(self.plan)
        room = room_of(self.ready, self.plan, emit=emit)
        members = np.zeros(len(crowd.people), dtype=MEMBER)
        return run, past, members, crowd, self.design, self.assumed, room, totals

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


def assumed_of(population: Population, settings: Settings, responses: Responses, weeks: int) -> Any:
    """Return responses, discount and season by week as the loop reads them."""
    from loyalty_research.tiers.simulation.kernel_records import Assumed

    number = np.arange(weeks)
    return Assumed(
        shape=as_record(responses),
        theta=responses.coefficients,
        pressing=np.array([term.pressure for term in TERMS], dtype=np.int64),
        discount=(1.0 + settings.discount) ** (-number / _WEEKS),
        season=population.season[number % len(population.season)],
    )


def room_of(ready: Ready, plan: Plan, *, emit: bool = False) -> Any:
    """Return room for one customer at a time."""
    from loyalty_research.tiers.simulation import kernel_records as records

    settings, population = ready.settings, ready.population
    setup = np.zeros(1, dtype=records.SETUP)
    weeks = (int(plan.settings[0]["end"]) + 1 - day_number(population.start)) // 7
    for name, value in {
        "seed": settings.seed,
        "day": day_number(population.start),
        "weeks": settings.periods,
        "washout": weeks - settings.periods,
        "start": STARTS.index(settings.start),
        "redemption": REDEMPTIONS.index(settings.redemption),
        "joined": population.source.by_table,
        "margin": population.margin,
        "carry_wallet": ready.carry_wallet,
        "metric_weeks": int(plan.settings[0]["window_months"]) * _MONTH,
        "emit": emit,
    }.items():
        setup[0][name] = value
    return records.Room(
        setup=setup,
        follow=np.zeros(1, dtype=records.FOLLOW),
        x=np.zeros(len(TERMS)),
        theta=np.zeros(len(TERMS)),
        lifts=np.zeros(1 + MOST_WASHOUT),
        anchor=np.zeros(len(plan.wallets), dtype=np.int64),
        taken=np.zeros(len(plan.prizes) + 1, dtype=np.int64),
        picked=np.zeros((records.MOST_ORDERS, 2), dtype=np.int64),
        entry=Entries(
            starts=np.zeros(2, dtype=np.int64),
            parts=np.zeros(1, dtype=np.int64),
            rows=np.zeros(1, dtype=ENTRY),
            asked=np.zeros((1, len(ready.asks)), dtype=np.int64),
        ),
    )


def crowd_of(ready: Ready, place: np.ndarray, z: np.ndarray, means: np.ndarray) -> Any:
    """Return some customers as the loop reads them."""
    from loyalty_research.tiers.simulation.kernel_records import PERSON, Crowd

    population = ready.population
    people = np.zeros(len(place), dtype=PERSON)
    columns = {name: getattr(population, name) for name in ("rate", "alive", "dropout")}
    columns |= {"key": population.keys, "z": z, "mean": means}
    columns |= {"member": population.member, "birthday": population.birthday}
    for name, values in columns.items():
        people[name] = values[place]
    starts, rows = _rows_of(population.templates.starts, place)
    return Crowd(
        people=people,
        past=population.past[place],
        carried=ready.carried[place],
        starts=starts,
        moments=population.templates.moments[rows],
        amounts=population.templates.amounts[rows],
        answers=ready.answers[rows],
        goods=ready.goods[rows],
    )


def chunks(
    population: Population, programme: Programme, with_past: bool
) -> Iterator[tuple[np.ndarray, Entries]]:
    """Yield places in the population with the entries of their past, if that is wanted."""
    seen = np.zeros(population.size, dtype=bool)
    if with_past:
        for ids, entries in population.source.entries(programme):
            place = pc.index_in(ids, value_set=population.ids.cast(ids.type))
            yield from _known(place, entries, seen)
    rest = np.flatnonzero(~seen)
    for first in range(0, len(rest), CHUNK):
        place = rest[first : first + CHUNK]
        yield place, no_entries(len(place), len(columns_of(programme)))


def no_entries(size: int, asks: int) -> Entries:
    """Return no entries for so many customers."""
    return Entries(
        starts=np.zeros(size + 1, dtype=np.int64),
        parts=np.zeros(size, dtype=np.int64),
        rows=np.zeros(0, dtype=ENTRY),
        asked=np.zeros((0, asks), dtype=np.int64),
    )


def _known(
    place: pa.Array, entries: Entries, seen: np.ndarray
) -> Iterator[tuple[np.ndarray, Entries]]:
    """Yield chunks of those who belong to the population."""
    known = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
    where = place.to_numpy(zero_copy_only=False)
    for first in range(0, len(known), CHUNK):
        chosen = known[first : first + CHUNK]
        starts, rows = _rows_of(entries.starts, chosen)
        own = where[chosen].astype(np.int64)
        seen[own] = True
        yield (
            own,
            Entries(
                starts, np.zeros(len(chosen), np.int64), entries.rows[rows], entries.asked[rows]
            ),
        )


def _rows_of(starts: Ints, place: np.ndarray) -> tuple[Ints, Any]:
    """Return where the rows of some customers begin, and which they are."""
    counts = starts[place + 1] - starts[place]
    new = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    if len(place) and (np.diff(place) == 1).all():
        return new, slice(int(starts[place[0]]), int(starts[place[-1] + 1]))
    rows = np.repeat(starts[place] - new[:-1], counts) + np.arange(new[-1])
    return new, rows


def _first_day(population: Population, settings: Settings) -> dt.date:
    first = population.source.first_day
    return population.start if first is None or settings.start != "as_if" else first


def _ending(plan: Plan, start: dt.date, weeks: int) -> Plan:
    """Return the plan with another last day."""
    settings = plan.settings.copy()
    settings["end"] = day_number(start) + 7 * weeks - 1
    return plan._replace(settings=settings)
