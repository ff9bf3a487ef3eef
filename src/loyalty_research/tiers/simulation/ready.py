"""A programme and a population made ready for the simulator's loop."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np

from loyalty_research.programmes.asks import columns_of
from loyalty_research.programmes.kernel_state import ENTRY, Entries, Ints, Plan
from loyalty_research.programmes.plan import day_number, make_plan
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.simulation.chunks import rows_of
from loyalty_research.tiers.simulation.design import Costs, asks_record, costs_of, days_fit
from loyalty_research.tiers.simulation.population import Population
from loyalty_research.tiers.simulation.priors import Responses, as_record
from loyalty_research.tiers.simulation.terms import TERMS

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
    starts, rows = rows_of(population.templates.starts, place)
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


def _first_day(population: Population, settings: Settings) -> dt.date:
    first = population.source.first_day
    return population.start if first is None or settings.start != "as_if" else first
