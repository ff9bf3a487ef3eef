"""What a search is given: sets of responses, goal, and what cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from loyalty_research.errors import Problem, problem
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.calibration.calibrated import CalibratedResponses
from loyalty_research.tiers.optimisation.decide import Evidence
from loyalty_research.tiers.simulation import Population, Priors, Responses
from loyalty_research.tiers.simulation.terms import NAMES

GOALS = ("margin", "retain_high_value", "raise_light_frequency", "win_target_group")


def sets_of(responses: Any, draws: int, seed: int) -> tuple[tuple[Responses, ...], Evidence]:
    """Return sets of responses and what they rest on; ``draws`` of them from priors."""
    if isinstance(responses, Responses):
        return (responses,), "known"
    if isinstance(responses, Priors):
        told: Evidence = "priors"
        if isinstance(responses, CalibratedResponses):
            told = "posterior" if responses.trusted else "thin"
        return responses.draw(seed, max(draws, 1)), told
    return tuple(responses), "posterior"


def goal_of(programme: Programme) -> str:
    """Return what a programme is for; the margin where it does not say."""
    return programme.objective.goal if programme.objective else "margin"


def middle(responses: Any, sets: Sequence[Responses]) -> Responses:
    """Return one set in the middle: medians, parameter by parameter."""
    if isinstance(responses, Priors):
        return responses.median()
    medians = {name: float(np.median([one[name] for one in sets])) for name in NAMES}
    return Responses(medians | {"H": float(round(medians["H"]))})


def wrong(
    population: Population, sets: tuple[Responses, ...], goal: str, group: Any, customers: int
) -> Iterator[Problem]:
    """Yield what a search cannot use."""
    if not sets:
        yield problem("responses: no set was given; allowed: one set, several, or priors")
    if goal not in GOALS:
        yield problem(
            "objective: {goal!r} is unknown; allowed: {allowed}",
            goal=goal,
            allowed=", ".join(GOALS),
        )
    if group is not None and np.shape(group) != (population.size,):
        yield problem(
            "group: shape {found}; allowed: one flag for each of the {size} customers",
            found=np.shape(group),
            size=population.size,
        )
    if customers < 1:
        yield problem("customers: {found}; allowed: at least 1", found=customers)
