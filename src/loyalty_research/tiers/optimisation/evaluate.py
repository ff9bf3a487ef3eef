"""Simulations of designs, each made once for a sample and a set of responses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.optimisation.constraints import cost_of, top_share
from loyalty_research.tiers.simulation import (
    Population,
    Responses,
    Simulation,
    sample_of,
    simulate,
)

TOTALS = ("retained", "liability_end", "able", "participation", "net_sales", "members")
_LIGHT, _HEAVY = 0.5, 0.8
"""Quantiles of the base spend: below the one light, above the other heavy."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is kept of a simulation.

    Parameters
    ----------
    gains
        Shape (n,): discounted gain of each customer, in currency units.
    goal
        What the programme wants, over all customers: see :meth:`Evaluator.goal`.
    totals
        Of the simulation, with ``cost`` and ``top`` (share of members on the highest level).
    """

    gains: np.ndarray
    goal: float
    totals: dict[str, float]


@dataclass(eq=False)
class Evaluator:
    """Simulates programmes on samples of a population.

    Parameters
    ----------
    population
        All customers.
    objective
        Goal of the programme: ``margin``, ``retain_high_value``, ``raise_light_frequency`` or
        ``win_target_group``.
    group
        Shape (n,): who is of the target group; None for all.
    options
        Arguments of ``simulate``.
    """

    population: Population
    objective: str
    group: np.ndarray | None
    options: dict[str, Any]
    _samples: dict[int, tuple[Population, np.ndarray]] = field(default_factory=dict)
    _runs: dict[Any, Run] = field(default_factory=dict)
    _shares: dict[Any, Any] = field(default_factory=dict)
    simulated: int = 0

    def sample(self, size: int) -> tuple[Population, np.ndarray]:
        """Return a sample and which of all customers its are."""
        if size not in self._samples:
            part = sample_of(self.population, size, self.options["seed"])
            place = np.flatnonzero(np.isin(self.population.keys, part.keys))
            self._samples[size] = (part, place)
        return self._samples[size]

    def run(
        self, key: Any, programme: Programme, size: int, responses: Responses, *, keep: bool = True
    ) -> Run:
        """Return the run of a programme, known by ``key``, on about ``size`` customers.

        What is not kept is simulated anew when it is asked for again.
        """
        at = (key, size, id(responses))
        if at in self._runs:
            return self._runs[at]
        part, place = self.sample(size)
        known = self._shares.get((key, size))
        made = simulate(part, programme, responses=responses, shares=known, **self.options)
        self._shares[key, size] = made.shares
        self.simulated += 1
        found = self._kept(made, place)
        if keep:
            self._runs[at] = found
        return found

    def factor(self, size: int) -> float:
        """Return all customers over those of a sample."""
        return self.population.size / self.sample(size)[0].size

    def simulation(self, programme: Programme, size: int, responses: Responses) -> Simulation:
        """Return a whole simulation, not kept."""
        return simulate(self.sample(size)[0], programme, responses=responses, **self.options)

    def _kept(self, made: Simulation, place: np.ndarray) -> Run:
        totals = {name: float(made.totals[name]) for name in TOTALS}
        totals |= {"cost": cost_of(made), "top": top_share(made)}
        return Run(made.gains, self.goal(made, place), totals)

    def goal(self, made: Simulation, place: np.ndarray) -> float:
        """Return how far the goal is reached, the more the better.

        ``retain_high_value``: customers retained of the fifth with the highest base spend;
        ``raise_light_frequency``: orders of the half with the lowest base spend;
        ``win_target_group``: members of the target group who redeemed at least once; ``margin``:
        the gain. With a target group only its customers count.
        """
        people, part = made.done.people, made.population
        spend = part.rate * part.templates.means
        who = np.ones(part.size, dtype=bool) if self.group is None else self.group[place]
        if self.objective == "retain_high_value":
            high = spend >= np.quantile(spend, _HEAVY)
            return float(((people["left_week"] == -1) & high & who).sum())
        if self.objective == "raise_light_frequency":
            return float(people["orders"][(spend <= np.quantile(spend, _LIGHT)) & who].sum())
        if self.objective == "win_target_group":
            return float(((people["redemptions"] > 0) & (people["joined"] == 1) & who).sum())
        return float(made.gains[who].sum())
