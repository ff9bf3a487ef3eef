"""Covariates of purchases that really happened: what a likelihood of the responses needs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass

import numpy as np

from loyalty_research.errors import DataError, problem
from loyalty_research.programmes.batches import refuse_inexact
from loyalty_research.programmes.kernel_state import MEMBER, Ints, new_run
from loyalty_research.programmes.plan import day_number
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.simulation.population import Population
from loyalty_research.tiers.simulation.priors import Responses, priors
from loyalty_research.tiers.simulation.run import (
    Ready,
    Settings,
    assumed_of,
    chunks,
    crowd_of,
    make_ready,
    room_of,
)
from loyalty_research.tiers.simulation.terms import TERMS

_WEEK = 7


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Covariates and orders of the past, a week at a time.

    Parameters
    ----------
    covariates
        ``[customers, weeks, terms]`` float32, at the start of each week; 0 before joining.
    orders
        ``[customers, weeks]``: orders with net sales above 0.
    levels
        ``[customers, weeks]``: level at the start of the week, -1 before joining.
    first_day
        Of the first week; the last week ends with the past.
    terms
        Names of the terms.
    """

    covariates: np.ndarray
    orders: Ints
    levels: Ints
    first_day: dt.date
    terms: tuple[str, ...]


def covariates_of_history(
    population: Population,
    programme: Programme,
    *,
    responses: Responses | None = None,
    redemption: str = "at_once",
    shares: np.ndarray | None = None,
    weeks: int | None = None,
    seed: int = 1,
) -> Observed:
    """Return the covariates of a brand's purchases as they were, under a programme.

    Parameters
    ----------
    population
        Of :func:`population`.
    programme
        That ran then, or is taken to have run.
    responses
        Only the shapes of the terms matter (kappa, sigma_T, tau_R, tau_L, nu), and redemption
        with ``redemption="model"``. None for the medians of the priors.
    redemption
        ``at_once``, ``observed`` (points_used of the lines), ``model`` or ``none``.
    shares
        ``[levels]``: shares of members, for the value of benefits; None for .10 each.
    weeks
        Last so many weeks of the past; None for all whole ones.
    seed
        Of redemption by the model.

    Returns
    -------
    Observed

    Raises
    ------
    DataError
        For a population without a past.
    """
    first = population.source.first_day
    if first is None:
        raise DataError(
            problem("population: it has no past; make it with tiers.population of a brand")
        )
    length = (population.start - first).days // _WEEK
    count = length if weeks is None else min(weeks, length)
    given = priors.median() if responses is None else responses
    opening = population.start - dt.timedelta(days=_WEEK * count)
    settings = Settings(count, seed, redemption=redemption)
    ready = make_ready(_moved(population, opening), programme, settings)
    levels = len(ready.plan.levels)
    by_level = np.full(levels, 0.10) if shares is None else shares
    found = Observed(
        covariates=np.zeros((population.size, count, len(TERMS)), dtype=np.float32),
        orders=np.zeros((population.size, count), dtype=np.int16),
        levels=np.full((population.size, count), -1, dtype=np.int8),
        first_day=opening,
        terms=tuple(term.name for term in TERMS),
    )
    _observe(ready, given, by_level, found)
    return found


def mean_covariates(
    population: Population, programme: Programme, responses: Responses | None = None
) -> np.ndarray:
    """Return each customer's mean covariates over the weeks of the past as a member.

    Parameters
    ----------
    population, programme, responses
        As of :func:`covariates_of_history`.

    Returns
    -------
    numpy.ndarray
        ``[customers, terms]``.
    """
    seen = covariates_of_history(population, programme, responses=responses)
    weeks = np.maximum((seen.levels >= 0).sum(axis=1), 1)
    return seen.covariates.sum(axis=1, dtype=np.float64) / weeks[:, None]


def _moved(population: Population, start: dt.date) -> Population:
    return dataclasses.replace(population, start=start)


def _observe(ready: Ready, responses: Responses, shares: np.ndarray, found: Observed) -> None:
    from loyalty_research.tiers.simulation.design import with_scarcity
    from loyalty_research.tiers.simulation.kernel_observe import observe_customers
    from loyalty_research.tiers.simulation.kernel_records import Design

    population, costs = ready.population, ready.costs
    count = found.orders.shape[1]
    design = Design(
        by_level=with_scarcity(costs.by_level, shares, responses["nu"]),
        prizes=costs.prizes,
        asks=ready.asks,
        on_day=ready.on_day,
        open_price=costs.open_price,
        worth=costs.worth,
    )
    settings = ready.plan.settings.copy()
    settings["end"] = day_number(population.start) + _WEEK * count - 1
    plan = ready.plan._replace(settings=settings)
    assumed = assumed_of(population, ready.settings, responses, count)
    z, means = population.z, population.templates.means
    for place, past in chunks(population, ready.programme, with_past=True):
        size = len(place)
        x = np.zeros((size, count, len(TERMS)), dtype=np.float32)
        orders = np.zeros((size, count), dtype=np.int64)
        levels = np.zeros((size, count), dtype=np.int64)
        run = new_run(plan)
        observe_customers(
            run,
            past,
            np.zeros(size, dtype=MEMBER),
            crowd_of(ready, place, z, means),
            design,
            assumed,
            room_of(ready, plan),
            x,
            orders,
            levels,
        )
        refuse_inexact(run.counts)
        found.covariates[place] = x
        found.orders[place] = orders
        found.levels[place] = levels
