"""What a design must keep to, whatever it gains."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from loyalty_research.errors import Problem, problem
from loyalty_research.programmes.attainable import attainability
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.simulation import Population, Simulation

_MONTH = 365.25 / 12 / 7
"""Weeks."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on designs; a design outside them is no candidate.

    Parameters
    ----------
    reach
        Least share of customers whose own pace reaches each reward within the life of its points,
        and each level within its window.
    top
        Largest share of members on the highest level; None for one half more than in the present
        programme, but at least a tenth.
    budget
        Most that rewards, benefits and displaced margin may cost over the weeks simulated,
        discounted, in currency units; None for no bound.
    reward_rate
        Largest face value of rewards over spend; None for the margin.
    """

    reach: float = 0.01
    top: float | None = None
    budget: float | None = None
    reward_rate: float | None = None


def wrong_limits(limits: Limits) -> Iterator[Problem]:
    """Yield bounds that make no sense."""
    for name in ("reach", "top", "reward_rate"):
        value = getattr(limits, name)
        if value is not None and not 0 <= value <= 1:
            yield problem(
                "limits: {name} is {found}; allowed: a share from 0 to 1", name=name, found=value
            )
    if limits.budget is not None and not limits.budget >= 0:
        yield problem(
            "limits: budget is {found}; allowed: an amount that is not below 0",
            found=limits.budget,
        )


def rules_broken(programme: Programme, population: Population, limits: Limits) -> tuple[str, ...]:
    """Return what a design breaks by its rules alone: ``unreachable``, ``reward_rate``.

    Parameters
    ----------
    programme
        The design.
    population
        Whose own pace counts: base orders a week and mean net sales of an order.
    limits
        Bounds.
    """
    found = []
    if any(_out_of_reach(programme, population, limits.reach)):
        found.append("unreachable")
    most = population.margin if limits.reward_rate is None else limits.reward_rate
    rates = attainability(programme).rewards["rate"].dropna()
    if (rates >= most).any():
        found.append("reward_rate")
    return tuple(found)


def _out_of_reach(programme: Programme, population: Population, least: float) -> Iterator[bool]:
    orders = population.rate
    spend = orders * population.templates.means
    paces = {"spend": spend, "orders": orders, "visits": orders}
    takes = attainability(programme)
    for row in takes.rewards.to_dict("records"):
        pace = paces.get(str(row["basis"]))
        if pace is not None and row["life_days"] is not None and not math.isnan(row["life_days"]):
            within = pace * float(row["life_days"]) / 7
            yield bool(np.mean(within >= float(row["needs"])) < least)
    for row in takes.levels.to_dict("records"):
        pace = paces.get(str(row["basis"]))
        months = row["months"]
        if pace is not None and months is not None and not math.isnan(months):
            yield bool(np.mean(pace * float(months) * _MONTH >= float(row["needs"])) < least)


def top_share(made: Simulation) -> float:
    """Return the share of members on the highest level at the end; 0 where there are no levels."""
    tiers = made.programme.tiers
    if tiers is None or len(tiers.levels) < 2:
        return 0.0
    people = made.done.people
    members = people["joined"] == 1
    top = len(tiers.levels) - 1
    return float((people["level"][members] == top).mean()) if members.any() else 0.0


def cost_of(made: Simulation) -> float:
    """Return what rewards, benefits, displaced margin and fixed cost come to, discounted."""
    totals = made.totals
    names = ("reward_cost", "displaced", "benefit_cost", "fixed_cost")
    return float(sum(totals[name] for name in names))
