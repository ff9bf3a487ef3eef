"""Latin hypercube, successive halving over common random numbers, then one step at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import qmc

from loyalty_research.tiers.optimisation.space import Choice

EXHAUSTIVE = 256
"""A space of at most as many designs is looked at as a whole."""
_STARTS = 64
_KEPT = 12
_APART = 3.0
"""Standard errors a design must lie behind the best to be dropped early."""

Score = Callable[[Choice, int], tuple[np.ndarray, float]]
"""Of a design on a sample of some size: gain over the present of each customer, and its goal."""


def begin(sizes: Sequence[int], seed: int) -> list[Choice]:
    """Return the first designs: all of a small space, else a Latin hypercube."""
    if int(np.prod(sizes)) <= EXHAUSTIVE:
        return [tuple(map(int, place)) for place in np.ndindex(*sizes)]
    points = qmc.LatinHypercube(d=len(sizes), seed=seed).random(_STARTS)
    chosen = np.minimum((points * np.array(sizes)).astype(int), np.array(sizes) - 1)
    return sorted({tuple(map(int, row)) for row in chosen})


def halve(choices: list[Choice], score: Score, rungs: Sequence[int]) -> list[Choice]:
    """Return the designs that stay: sample by sample the better part goes on.

    A design goes on while it is among the best third by gain or by goal, or less than three
    standard errors of the paired difference behind the best.

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
        gains = np.array([each.sum() for each, _ in found])
        goals = np.array([goal for _, goal in found])
        best = found[int(gains.argmax())][0]
        behind = [float((best - each).sum()) for each, _ in found]
        noise = [float((best - each).std()) * len(best) ** 0.5 for each, _ in found]
        keep = max(_KEPT, len(choices) // 3)
        lead = set(np.argsort(-gains)[:keep]) | set(np.argsort(-goals)[: keep // 2])
        close = {k for k in range(len(choices)) if behind[k] <= _APART * noise[k]}
        choices = [choice for k, choice in enumerate(choices) if k in lead | close]
    return choices


def refine(
    choices: list[Choice],
    score: Score,
    size: int,
    sizes: Sequence[int],
    allowed: Callable[..., bool],
) -> list[Choice]:
    """Return the designs with all that were looked at on the way up from the best, knob by knob."""
    seen = {choice: float(score(choice, size)[0].sum()) for choice in choices}
    at = max(seen, key=lambda choice: seen[choice])
    while True:
        for near in _neighbours(at, sizes):
            if near not in seen and allowed(near):
                seen[near] = float(score(near, size)[0].sum())
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
