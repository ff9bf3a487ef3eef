"""What members bring along when a new programme takes the place of the present one."""

from __future__ import annotations

import datetime as dt

import numpy as np

from loyalty_research.programmes.kernel_codes import NONE
from loyalty_research.programmes.kernel_state import MEMBER, new_run
from loyalty_research.programmes.plan import make_plan
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.simulation.design import costs_of
from loyalty_research.tiers.simulation.population import Population
from loyalty_research.tiers.simulation.run import chunks


def carried_from(
    population: Population, present: Programme, design: Programme
) -> tuple[np.ndarray, int]:
    """Return the level and points each member brings along, and the wallet that takes them.

    Parameters
    ----------
    population
        With a past; without one nobody brings anything.
    present
        Whose points and levels they are.
    design
        That they go into: levels by rank, points at face value, rounded down.

    Returns
    -------
    tuple
        Records of ``kernel_records.CARRIED``, and the wallet's number, below 0 for none.
    """
    from loyalty_research.programmes.kernel import replay_customers
    from loyalty_research.tiers.simulation.kernel_records import CARRIED

    carried = np.zeros(population.size, dtype=CARRIED)
    worth, wallet = face_values(population, present), first_wallet(population, design)
    first = population.source.first_day
    if first is None:
        return carried, wallet
    plan = make_plan(
        present,
        period=(first, population.start - dt.timedelta(days=1)),
        redemption="at_once",
        joined=population.source.by_table,
        week_start=population.week_start,
    )
    each = face_values(population, design)[wallet] if wallet != NONE else 0.0
    for place, past in chunks(population, present, with_past=True):
        members = np.zeros(len(place), dtype=MEMBER)
        accounts = np.zeros((len(place), len(plan.wallets), 4), dtype=np.int64)
        replay_customers(new_run(plan), past, members, accounts)
        joined = members["joined"] != NONE
        carried["level"][place] = np.where(joined, members["level"], 0)
        money = np.maximum(accounts[:, :, 3], 0) @ worth
        if each > 0:
            carried["points"][place] = np.where(joined, np.floor(money / each + 1e-9), 0)
    top = len(design.tiers.levels) - 1 if design.tiers else 0
    carried["level"] = np.minimum(carried["level"], top)
    return carried, wallet


def face_values(population: Population, programme: Programme) -> np.ndarray:
    """Return by wallet what a smallest unit is worth on the base level, in currency units."""
    costs = costs_of(programme, margin=population.margin, mean_order=population.mean_order)
    return np.maximum(costs.worth[0, :, 0], costs.worth[0, :, 1] * population.mean_order)


def first_wallet(population: Population, programme: Programme) -> int:
    """Return the number of the first wallet with a reward of known value; NONE without one."""
    worth = face_values(population, programme)
    known = np.flatnonzero(worth > 0)
    return int(known[0]) if len(known) else NONE
