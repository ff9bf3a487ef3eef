"""A brand's orders around a dated rule change, as the panel that the likelihood reads."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from loyalty_research.engine import collect
from loyalty_research.profile.common import Days, as_days, valid_orders
from loyalty_research.programmes.batches import refuse_inexact, whole_customers
from loyalty_research.programmes.kernel_state import MEMBER, Entries, Ints, new_run
from loyalty_research.programmes.plan import day_number
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.calibration.panel import Panel, sample
from loyalty_research.tiers.calibration.redemption import BINS, COUNTS
from loyalty_research.tiers.ledgers import joined_days, replay_on
from loyalty_research.tiers.simulation.brand_past import BrandPast, own_keys
from loyalty_research.tiers.simulation.design import with_scarcity
from loyalty_research.tiers.simulation.from_brand import order_counts
from loyalty_research.tiers.simulation.population import Population
from loyalty_research.tiers.simulation.priors import priors
from loyalty_research.tiers.simulation.run import (
    Settings,
    assumed_of,
    chunks,
    crowd_of,
    make_ready,
    room_of,
)
from loyalty_research.tiers.simulation.terms import TERMS

_WEEK = 7
_LEAST_SHARE = 0.005
_BY_CUSTOMER = ("states", "orders", "rewards", "levels")


@dataclass(frozen=True, slots=True)
class Weeks:
    """States and counts by customer of the population and week, under one programme's ledger.

    Parameters
    ----------
    states
        ``[customers, weeks, 9]`` float32.
    orders, rewards, levels
        ``[customers, weeks]``.
    able
        ``[weeks, BINS, 2, COUNTS]``: orders that could redeem, see :mod:`redemption`.
    """

    states: np.ndarray
    orders: Ints
    rewards: Ints
    levels: Ints
    able: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class _Recorded:
    """A brand's past with the points that orders paid with."""

    past: BrandPast

    @property
    def first_day(self) -> dt.date:
        return self.past.first_day

    @property
    def by_table(self) -> bool:
        return self.past.by_table

    def answers(self, asks: Sequence[Any]) -> tuple[Ints, Ints]:
        return self.past.answers(asks)

    def entries(self, programme: Programme) -> Iterator[tuple[pa.Array, Entries]]:
        ledger = replay_on(
            self.past.brand,
            programme,
            redemption="observed",
            days=self.past.days,
            joined=self.past.joined,
        )
        yield from whole_customers(ledger.batches())


def recorded_people(brand: Any, *, until: dt.date | None = None) -> Population:
    """Return the customers of a brand with their past, and nothing else that is known of them.

    Parameters
    ----------
    brand
        Opened.
    until
        First day that is left out; None for none.
    """
    days = as_days(brand.period)
    if until is not None:
        days = Days(days.start, until - dt.timedelta(days=1))
    start, end = days.iso
    orders = valid_orders(brand.orders, "customer_id")
    names = collect(order_counts(orders, start=start, end=end), sort_by=["customer_id"])
    ids = pa.array(names["customer_id"])
    source = BrandPast(brand, days, ids, joined_days(brand))
    size = len(ids)
    return Population(
        ids=ids,
        keys=own_keys(ids),
        rate=np.ones(size),
        alive=np.ones(size),
        dropout=np.zeros(size),
        member=np.ones(size, dtype=bool),
        birthday=np.zeros(size, dtype=np.int64),
        templates=source.templates(),
        season=np.ones(1),
        start=days.end + dt.timedelta(days=1),
        margin=1.0,
        past=np.zeros((size, len(TERMS))),
        source=source,
        week_start=brand.context.week_start,
    )


def recorded_policy(population: Population) -> str:
    """Return ``observed`` where the lines say what points they paid with, else ``at_once``."""
    source = population.source
    known = isinstance(source, BrandPast) and "points_used" in source.brand.transactions.columns
    return "observed" if known else "at_once"


def make_panel(
    population: Population,
    before: Programme,
    after: Programme,
    change_on: dt.date,
    *,
    redemption: str,
    most: int,
) -> Panel:
    """Return the weekly orders of a sample of customers, and their state before each week.

    Parameters
    ----------
    population
        With a past.
    before, after
        Programmes until the change and from it on.
    change_on
        First day of the later rules; weeks are counted from it, so that none holds both.
    redemption
        ``observed`` where orders say what points they paid with, else ``at_once``.
    most
        Customers in the sample.

    Notes
    -----
    States before the change are those of the earlier programme's ledger, states after it those of
    the later programme's as if it had always run: points of the past count at the later rules. A
    customer's weeks begin after the week of the first order, and not before joining: who joins has
    just bought, and weeks before it have no states that could be compared.
    """
    first = population.source.first_day
    assert first is not None
    earlier = (change_on - first).days // _WEEK
    later = (population.start - change_on).days // _WEEK
    opening = change_on - dt.timedelta(days=_WEEK * earlier)
    old, new = (
        observe(population, programme, opening, earlier + later, redemption=redemption)
        for programme in (before, after)
    )
    states = np.concatenate([old.states[:, :earlier], new.states[:, earlier:]], axis=1)
    levels = np.concatenate([old.levels[:, :earlier], new.levels[:, earlier:]], axis=1)
    able = old.able[:earlier].sum(axis=0) + new.able[earlier:].sum(axis=0)
    rewarded = new.rewards[:, earlier:].sum(axis=1) > 0
    bought, joined = new.orders > 0, levels >= 0
    begins = np.maximum(bought.argmax(axis=1) + 1, joined.argmax(axis=1))
    known = bought.any(axis=1) & joined.any(axis=1)
    seen = np.flatnonzero(known & (begins < earlier + later))
    chosen = seen[sample(population.keys[seen].astype(np.uint64), most=most)]
    return Panel(
        keys=population.keys[chosen].astype(np.uint64),
        orders=new.orders[chosen],
        covariates=np.ascontiguousarray(states[chosen]),
        begins=begins[chosen].astype(np.int64),
        ends=np.full(len(chosen), earlier + later, dtype=np.int64),
        change=earlier,
        rewarded=int(rewarded.sum()),
        customers=population.size,
        members=levels[chosen, -1] >= 0,
        able=able if redemption == "observed" else None,
    )


def observe(
    population: Population,
    programme: Programme,
    opening: dt.date,
    weeks: int,
    *,
    redemption: str,
) -> Weeks:
    """Return states, orders, redemptions and levels by week under a programme's ledger."""
    from loyalty_research.tiers.calibration import kernel_likelihood as columns
    from loyalty_research.tiers.calibration.kernel_history import observe_states
    from loyalty_research.tiers.simulation.kernel_records import Design

    size = population.size
    source = population.source
    if redemption == "observed" and isinstance(source, BrandPast):
        source = _Recorded(source)
    plain = dataclasses.replace(population, start=opening, rate=np.ones(size), source=source)
    responses = priors.median().replace(kappa=1.0, nu=0.0)
    ready = make_ready(plain, programme, Settings(weeks, 1, redemption=redemption))
    settings = ready.plan.settings.copy()
    settings["end"] = day_number(opening) + _WEEK * weeks - 1
    plan = ready.plan._replace(settings=settings)
    count = len(plan.levels)
    design = Design(
        by_level=with_scarcity(ready.costs.by_level, np.full(count, 0.1), 0.0),
        prizes=ready.costs.prizes,
        asks=ready.asks,
        on_day=ready.on_day,
        open_price=ready.costs.open_price,
        worth=ready.costs.worth,
    )
    assumed = assumed_of(plain, ready.settings, responses, weeks)
    found = Weeks(
        states=np.zeros((size, weeks, columns.COVARIATES), dtype=np.float32),
        orders=np.zeros((size, weeks), dtype=np.int64),
        rewards=np.zeros((size, weeks), dtype=np.int64),
        levels=np.full((size, weeks), -1, dtype=np.int64),
        able=np.zeros((weeks, BINS, 2, COUNTS)),
    )
    found.states[..., columns.LOG_SHARE] = -columns.FAR
    for column in (columns.RISE, columns.KEEP, columns.REWARD, columns.FALL):
        found.states[..., column] = columns.FAR
    z, means = np.zeros(size), plain.templates.means
    for place, past in chunks(plain, programme, True):
        part = [np.ascontiguousarray(getattr(found, name)[place]) for name in _BY_CUSTOMER]
        run = new_run(plan)
        observe_states(
            run,
            past,
            np.zeros(len(place), dtype=MEMBER),
            crowd_of(ready, place, z, means),
            design,
            assumed,
            room_of(ready, plan),
            *(*part, found.able),
        )
        refuse_inexact(run.counts)
        for name, values in zip(_BY_CUSTOMER, part, strict=True):
            getattr(found, name)[place] = values
    held = found.levels[:, -1]
    shares = np.bincount(held[held >= 0], minlength=count) / max((held >= 0).sum(), 1)
    scarce = np.log(np.maximum(shares, _LEAST_SHARE) / 0.1)
    found.states[..., columns.LOG_LEVEL] = np.where(
        found.levels >= 0, scarce[np.maximum(found.levels, 0)], 0.0
    )
    return found
