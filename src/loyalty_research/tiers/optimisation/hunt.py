"""The search in one space: which designs are worth judging on the whole sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from loyalty_research.errors import ParameterError, Problem, problem
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.optimisation import search
from loyalty_research.tiers.optimisation.constraints import Limits, rules_broken
from loyalty_research.tiers.optimisation.evaluate import Evaluator
from loyalty_research.tiers.optimisation.search import Scored
from loyalty_research.tiers.optimisation.space import Choice, Space
from loyalty_research.tiers.optimisation.table import PRESENT, Design
from loyalty_research.tiers.simulation import Responses

_SEARCHED_WITH = 8
"""Draws in the search; those that are left are judged with all."""
_SMALLEST = 500


@dataclass(eq=False)
class Hunt:
    """A search in one space."""

    runs: Evaluator
    space: Space
    present: Programme
    sets: tuple[Responses, ...]
    limits: Limits
    size: int
    _made: dict[Choice, Programme | None] = field(default_factory=dict)

    def left(self, seed: int) -> list[Choice]:
        """Return the designs worth judging on the whole sample."""
        sizes, size = self.space.sizes, self.size
        first = [choice for choice in search.begin(sizes, seed) if self.allowed(choice)]
        if not first:
            raise ParameterError(_nothing_feasible(self.space, self.limits))
        rungs = [size]
        while rungs[0] // 2 >= _SMALLEST:
            rungs.insert(0, rungs[0] // 2)
        kept = search.halve(first, self.score, rungs[-4:])
        if search.whole(sizes):
            return kept
        return search.refine(kept, self.score, size, sizes, self.allowed)

    def allowed(self, choice: Choice) -> bool:
        """Tell whether a design keeps to its own rules and to the limits, before simulation."""
        if choice not in self._made:
            made = self.space.programme(choice)
            if made is not None and rules_broken(made, self.runs.population, self.limits):
                made = None
            self._made[choice] = made
        return self._made[choice] is not None

    def score(self, choice: Choice, size: int) -> Scored:
        """Return a design beside the present on a sample, over some draws."""
        sets = self.sets[:_SEARCHED_WITH]
        own = [self.runs.run(choice, self._programme(choice), size, item) for item in sets]
        base = [self.runs.run(PRESENT, self.present, size, item) for item in sets]
        gained = np.array([a.gains - b.gains for a, b in zip(own, base, strict=True)])
        goal = float(np.mean([run.goal for run in own]))
        return Scored(gained.mean(axis=0), gained.sum(axis=1), goal)

    def designs(self, choices: list[Choice], candidates: Sequence[Programme]) -> list[Design]:
        """Return designs with their rules, and the candidates."""
        ours = [
            Design(choice, self._programme(choice), settings=self.space.values(choice))
            for choice in sorted(choices)
        ]
        people = self.runs.population
        return ours + [
            Design(
                ("candidate", number),
                rules,
                kind="candidate",
                broken=rules_broken(rules, people, self.limits),
            )
            for number, rules in enumerate(candidates)
        ]

    def _programme(self, choice: Choice) -> Programme:
        made = self._made[choice]
        assert made is not None
        return made


def _nothing_feasible(space: Space, limits: Limits) -> Problem:
    return problem(
        "space: none of the {size} designs keeps to the limits: rewards and levels within reach of "
        "at least {reach:.0%} of the customers, and rewards worth less than the margin; widen the "
        "values, or give other limits",
        size=space.size,
        reach=limits.reach,
    )
