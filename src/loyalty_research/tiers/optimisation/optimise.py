"""Search a space of designs for the one that gains most over the present programme."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.calibration.calibrated import CalibratedResponses
from loyalty_research.tiers.optimisation import search
from loyalty_research.tiers.optimisation.break_even import break_even, naive
from loyalty_research.tiers.optimisation.constraints import Limits, rules_broken
from loyalty_research.tiers.optimisation.decide import Evidence, Verdict, decided
from loyalty_research.tiers.optimisation.evaluate import Evaluator
from loyalty_research.tiers.optimisation.regret import sensitivities
from loyalty_research.tiers.optimisation.space import Choice, Space
from loyalty_research.tiers.optimisation.table import Judged, judged
from loyalty_research.tiers.simulation import Population, Priors, Responses
from loyalty_research.tiers.simulation import priors as default_priors

PRESENT = "present"
_SEARCHED_WITH = 8
_SMALLEST = 500
_NO_LIMITS = Limits()


@dataclass(frozen=True, eq=False, repr=False)
class Optimisation:
    """What a search found. All of it is assumed, not observed, unless responses were calibrated.

    Parameters
    ----------
    space, present
        Searched, and compared with.
    evidence
        What the responses rest on: ``priors``, ``thin`` (too few draws), ``posterior``, ``known``.
    verdict
        ``change``, ``keep``, ``cannot_tell``, or ``priors_alone``: no recommendation.
    best
        The design with the highest mean gain; None where none gains.
    designs
        One row a design judged on the whole sample: the values of the space, ``gain`` (mean over
        the draws, discounted, over the present programme) with ``noise_low``, ``noise_high``
        (simulation noise) and ``low``, ``high`` (responses), ``goal`` (of the objective, over the
        present), ``retained``, ``liability``, ``cost`` (over the present), ``able``,
        ``participation``, ``top``, ``pays``, ``expected_regret``, ``worst_regret``, ``broken``,
        ``on_front``. The last row is keeping the present.
    sensitivity
        Of the gain of the design with the highest one, even where it is below 0: parameter, share
        (of its variance, by this parameter alone), low, high; empty with fewer than 64 draws.
    break_even
        Of the same design, no behaviour assumed: tier, customers, margin, extra_cost, lift,
        plausible.
    naive
        The plain difference between members and others, beside the lift that responses make.
    simulated
        Number of simulations.
    """

    space: Space
    present: Programme
    evidence: Evidence
    verdict: Verdict
    best: Programme | None
    designs: pd.DataFrame = field(repr=False)
    sensitivity: pd.DataFrame = field(repr=False)
    break_even: pd.DataFrame = field(repr=False)
    naive: pd.DataFrame = field(repr=False)
    simulated: int = 0

    def __repr__(self) -> str:
        shown = f"{self.space.size} designs, {len(self.front)} on the front"
        return f"Optimisation({self.verdict}, {shown})"

    @property
    def recommended(self) -> Programme | None:
        """The design a change to is recommended; None for keeping the present."""
        return self.best if self.verdict == "change" else None

    @property
    def front(self) -> pd.DataFrame:
        """Designs that no other beats in goal, gain, retained customers, liability and reach."""
        shown = self.designs[self.designs["on_front"]]
        return shown.sort_values("gain", ascending=False, ignore_index=True)


def optimise(
    population: Population,
    space: Space,
    *,
    baseline: Programme,
    responses: Responses | Priors | Sequence[Responses] = default_priors,
    objective: str | None = None,
    group: Any = None,
    limits: Limits = _NO_LIMITS,
    customers: int = 10_000,
    draws: int = 64,
    periods: int = 104,
    seed: int = 1,
    start: str = "as_if",
    redemption: str = "model",
    discount: float = 0.10,
) -> Optimisation:
    """Search a space of designs: which gain most over the present programme, and how surely.

    Parameters
    ----------
    population
        Of ``population`` or ``population_of``.
    space
        Designs, of :func:`space`.
    baseline
        The present programme: gain 0.
    responses
        One set, taken as known; those of a calibration, or several sets, as draws of what is
        known; or priors, from which ``draws`` sets are drawn and on which alone nothing is ever
        recommended.
    objective
        Goal; None takes it from the programme of the space, ``margin`` where it has none.
    group
        Shape (n,): customers of the target group; None for all.
    limits
        Bounds every design must keep.
    customers
        Most customers simulated; gains are for all.
    draws
        Sets of responses drawn from priors.
    periods, seed, start, redemption, discount
        As of ``simulate``. ``carry`` brings along what the baseline left.

    Returns
    -------
    Optimisation
        ``front``, ``designs``, ``verdict``.

    Raises
    ------
    ParameterError
        With everything that cannot be used; where no design of the space keeps to the limits.

    Notes
    -----
    All designs are simulated on the same customers and random numbers. A small space is looked at
    as a whole, a large one from a Latin hypercube; the sample grows while the worse designs are
    dropped, then the best is moved knob by knob until no step gains.
    """
    sets, evidence = _sets(responses, draws, seed)
    goal = objective or _goal_of(space.base)
    raise_all(_wrong(population, sets, goal, group, customers), ParameterError)
    options: dict[str, Any] = {
        "periods": periods, "seed": seed, "start": start, "redemption": redemption,
        "discount": discount,
    }  # fmt: skip
    if start == "carry":
        options["present"] = baseline
    flags = None if group is None else np.asarray(group, dtype=bool)
    runs = Evaluator(population, goal, flags, options)
    hunt = _Hunt(runs, space, baseline, sets, limits)
    size = min(customers, population.size)
    found = judged(hunt.programmes(hunt.search(size, seed)), hunt.judge(size))
    place, verdict = decided(found.gains, evidence)
    best = found.programmes[place] if place >= 0 else None
    top = int(found.gains.mean(axis=1).argmax())
    names = [item.name for item in default_priors.parameters]
    off, middle = default_priors.off(), sets[0] if len(sets) == 1 else default_priors.median()
    quiet = runs.simulation(baseline, size, off)
    return Optimisation(
        space=space,
        present=baseline,
        evidence=evidence,
        verdict=verdict,
        best=best,
        designs=found.frame,
        sensitivity=sensitivities(sets, found.gains[top], names),
        break_even=break_even(runs.simulation(found.programmes[top], size, off), quiet),
        naive=naive(population, runs.simulation(baseline, size, middle), quiet),
        simulated=runs.simulated,
    )


@dataclass(eq=False)
class _Hunt:
    """A search in one space."""

    runs: Evaluator
    space: Space
    present: Programme
    sets: tuple[Responses, ...]
    limits: Limits
    _made: dict[Choice, Programme | None] = field(default_factory=dict)

    def search(self, size: int, seed: int) -> list[Choice]:
        """Return the designs worth judging on the whole sample."""
        sizes = self.space.sizes
        first = [choice for choice in search.begin(sizes, seed) if self.allowed(choice)]
        if not first:
            raise ParameterError(_nothing_feasible(self.space, self.limits))
        rungs = [size]
        while rungs[0] // 2 >= _SMALLEST:
            rungs.insert(0, rungs[0] // 2)
        kept = search.halve(first, self.score, rungs[-4:])
        return search.refine(kept, self.score, size, sizes, self.allowed)

    def allowed(self, choice: Choice) -> bool:
        """Tell whether a design keeps to its own rules and to the limits, before simulation."""
        if choice not in self._made:
            made = self.space.programme(choice)
            if made is not None and rules_broken(made, self.runs.population, self.limits):
                made = None
            self._made[choice] = made
        return self._made[choice] is not None

    def score(self, choice: Choice, size: int) -> tuple[np.ndarray, float]:
        """Return the mean gain of each customer of a sample over some draws, and the goal."""
        sets = self.sets[:_SEARCHED_WITH]
        own = [self.runs.run(choice, self._programme(choice), size, item) for item in sets]
        base = [self.runs.run(PRESENT, self.present, size, item) for item in sets]
        each = np.mean([a.gains - b.gains for a, b in zip(own, base, strict=True)], axis=0)
        return each, float(np.mean([run.goal for run in own]))

    def programmes(self, choices: list[Choice]) -> list[tuple[Choice, Programme]]:
        """Return designs with their rules."""
        return [(choice, self._programme(choice)) for choice in sorted(choices)]

    def judge(self, size: int) -> Judged:
        """Return what judges the designs that are left."""
        return Judged(self.runs, self.space, self.present, self.sets, self.limits, size)

    def _programme(self, choice: Choice) -> Programme:
        made = self._made[choice]
        assert made is not None
        return made


def _sets(responses: Any, draws: int, seed: int) -> tuple[tuple[Responses, ...], Evidence]:
    if isinstance(responses, Responses):
        return (responses,), "known"
    if isinstance(responses, Priors):
        told: Evidence = "priors"
        if isinstance(responses, CalibratedResponses):
            told = "posterior" if responses.trusted else "thin"
        return responses.draw(seed, max(draws, 1)), told
    return tuple(responses), "posterior"


def _goal_of(programme: Programme) -> str:
    return programme.objective.goal if programme.objective else "margin"


GOALS = ("margin", "retain_high_value", "raise_light_frequency", "win_target_group")


def _wrong(
    population: Population, sets: tuple[Responses, ...], goal: str, group: Any, customers: int
) -> Iterator[Problem]:
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


def _nothing_feasible(space: Space, limits: Limits) -> Problem:
    return problem(
        "space: none of the {size} designs keeps to the limits: rewards and levels within reach of "
        "at least {reach:.0%} of the customers, and rewards worth less than the margin; widen the "
        "values, or give other limits",
        size=space.size,
        reach=limits.reach,
    )
