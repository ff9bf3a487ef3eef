"""Latin hypercube, successive halving over common random numbers, then one step at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from loyalty_research.tiers.optimisation.space import Choice

EXHAUSTIVE = 256
"""A space of at most as many designs is looked at as a whole."""
_STARTS = 64
_KEPT = 12
_APART = 3.0
"""Standard errors of simulation noise a design must lie behind the best to be dropped early."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A design beside the present: mean gain of each customer, gain by draw, and its goal."""

    each: np.ndarray
    draws: np.ndarray
    goal: float

    @property
    def gain(self) -> float:
        """Mean over the draws of the sum over the customers."""
        return float(self.draws.mean())


Score = Callable[[Choice, int], Scored]
"""Of a design on a sample of some size."""


def begin(sizes: Sequence[int], seed: int) -> list[Choice]:
    """Return the first designs: all of a small space, else a Latin hypercube."""
    if whole(sizes):
        return [tuple(map(int, place)) for place in np.ndindex(*sizes)]
    points = qmc.LatinHypercube(d=len(sizes), seed=seed).random(_STARTS)
    chosen = np.minimum((points * np.array(sizes)).astype(int), np.array(sizes) - 1)
    return sorted({tuple(map(int, row)) for row in chosen})


def whole(sizes: Sequence[int]) -> bool:
    """Tell whether a space is looked at as a whole."""
    return int(np.prod(sizes)) <= EXHAUSTIVE


def halve(choices: list[Choice], score: Score, rungs: Sequence[int]) -> list[Choice]:
    """Return the designs that stay: sample by sample the better part goes on.

    A design goes on while it is among the best third by gain or by goal, or not surely behind the
    best: by less than three standard errors of simulation noise and one of the draws, paired.

    Parameters
    ----------
    choices
        Designs.
    score
        As :data:`Score`.
    rungs
        Rising sizes of the sample.
    """
    for size in rungs[:-1]:
        if len(choices) <= _KEPT:
            break
        found = [score(choice, size) for choice in choices]
        gains = np.array([one.gain for one in found])
        goals = np.array([one.goal for one in found])
        best = found[int(gains.argmax())]
        keep = max(_KEPT, len(choices) // 3)
        lead = set(np.argsort(-gains)[:keep]) | set(np.argsort(-goals)[: keep // 2])
        close = {k for k, one in enumerate(found) if _near(one, best)}
        choices = [choice for k, choice in enumerate(choices) if k in lead | close]
    return choices


def _near(one: Scored, best: Scored) -> bool:
    noise = _APART * float((best.each - one.each).std()) * len(one.each) ** 0.5
    if len(one.draws) > 1:
        noise += float((best.draws - one.draws).std(ddof=1)) / len(one.draws) ** 0.5
    return best.gain - one.gain <= noise


def refine(
    choices: list[Choice],
    score: Score,
    size: int,
    sizes: Sequence[int],
    allowed: Callable[..., bool],
) -> list[Choice]:
    """Return the designs with all that were looked at on the way up from the best, knob by knob."""
    seen = {choice: score(choice, size).gain for choice in choices}
    at = max(seen, key=lambda choice: seen[choice])
    while True:
        for near in _neighbours(at, sizes):
            if near not in seen and allowed(near):
                seen[near] = score(near, size).gain
        best = max(seen, key=lambda choice: seen[choice])
        if best == at:
            return list(seen)
        at = best


def _neighbours(choice: Choice, sizes: Sequence[int]) -> list[Choice]:
    found: list[Choice] = []
    for knob, size in enumerate(sizes):
        steps = [place for place in (choice[knob] - 1, choice[knob] + 1) if 0 <= place < size]
        found.extend((*choice[:knob], place, *choice[knob + 1 :]) for place in steps)
    return found


def front(measures: np.ndarray) -> np.ndarray:
    """Tell which rows no other row dominates: at least as good in all columns, better in one.

    Parameters
    ----------
    measures
        Shape (designs, measures): the more the better.
    """
    at_least = (measures[:, None, :] >= measures[None, :, :]).all(axis=2)
    better = (measures[:, None, :] > measures[None, :, :]).any(axis=2)
    return np.asarray(~(at_least & better).any(axis=0))
