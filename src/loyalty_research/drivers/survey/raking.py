"""Weights of respondents that give a survey the margins of the customer base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.errors import ParameterError, problem

MOST = 5.0
"""Largest weight, in multiples of the mean; its inverse is the smallest."""
_ROUNDS, _CLOSE, _BOUND = 200, 1e-9, 1e-4


@dataclass(frozen=True, slots=True)
class Raked:
    """Weights of n respondents.

    Parameters
    ----------
    weights
        Shape (n,), mean 1.
    trimmed
        Respondents whose weight stands at the largest or smallest allowed.
    gap
        Largest difference between a weighted share and its target.
    uncovered
        Margin -> share of the target in levels without a respondent: nobody stands for these.
    """

    weights: np.ndarray
    trimmed: int
    gap: float
    uncovered: dict[str, float]

    @property
    def effective(self) -> float:
        """Respondents of equal weight who would tell a mean as surely: (sum w)^2 / sum w^2."""
        return effective_base(self.weights)

    @property
    def design_effect(self) -> float:
        """How much larger the variance of a mean is through unequal weights (Kish)."""
        return len(self.weights) / self.effective


def effective_base(weights: np.ndarray) -> float:
    """Return Kish's effective number of respondents; 0 where no weight is above 0."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def rake(
    levels: pd.DataFrame,
    targets: Mapping[str, Mapping[str, float]],
    *,
    start: np.ndarray | None = None,
    most: float = MOST,
) -> Raked:
    """Weight respondents so that the shares of every margin are those of all customers.

    Parameters
    ----------
    levels
        One row a respondent, one column a margin, none missing.
    targets
        Margin -> level -> share of customers.
    start
        Shape (n,): weights to begin with, such as those of the sample; None for equal ones.
    most
        Largest weight, in multiples of the mean.

    Raises
    ------
    ParameterError
        For margins that are not columns, missing levels, or weights below 0 or all of them 0.

    Notes
    -----
    Iterative proportional fitting: weights are scaled margin by margin until nothing changes, and
    kept within 1 / most and most times their mean in every round, so that with trimming the margins
    are met only nearly. With one margin this is post-stratification. Levels nobody answers for are
    left out of the targets and named.

    References
    ----------
    Deming & Stephan 1940, Annals of Mathematical Statistics 11(4), 427-444; Kish 1965, Survey
    Sampling, section 11.7.

    Examples
    --------
    >>> import pandas as pd
    >>> levels = pd.DataFrame({"gender": ["f", "f", "f", "m"]})
    >>> found = rake(levels, {"gender": {"f": 0.5, "m": 0.5}})
    >>> found.weights.round(3).tolist(), round(found.effective, 2)
    ([0.667, 0.667, 0.667, 2.0], 3.0)
    """
    weights = _start(levels, targets, start)
    places = {name: pd.factorize(levels[name], sort=True) for name in targets}
    aims, uncovered = {}, {}
    for name, (_, found) in places.items():
        aim = np.array([targets[name].get(level, 0.0) for level in found])
        uncovered[name] = float(max(0.0, sum(targets[name].values()) - aim.sum()))
        aims[name] = aim / aim.sum() if aim.sum() > 0 else aim
    for _ in range(_ROUNDS):
        before = weights
        for name, (place, _) in places.items():
            share = np.bincount(place, weights) / weights.sum()
            ratio = np.divide(aims[name], share, out=np.ones_like(share), where=share > 0)
            weights = weights * ratio[place]
        weights = _trim(weights / weights.mean(), most)
        if np.abs(weights - before).max() < _CLOSE:
            break
    gap = max(
        float(np.abs(np.bincount(place, weights) / weights.sum() - aims[name]).max())
        for name, (place, _) in places.items()
    )
    at_bounds = (weights > 0) & ((weights > most - _BOUND) | (weights < 1 / most + _BOUND))
    return Raked(weights, int(at_bounds.sum()), gap, uncovered)


def _start(
    levels: pd.DataFrame,
    targets: Mapping[str, Mapping[str, float]],
    start: np.ndarray | None,
) -> np.ndarray:
    given = np.ones(len(levels)) if start is None else np.asarray(start, dtype=float)
    problems = []
    if missing := [name for name in targets if name not in levels.columns]:
        problems.append(
            problem(
                "levels: no column(s) {missing}; allowed: {columns}",
                missing=", ".join(missing),
                columns=", ".join(map(str, levels.columns)),
            )
        )
    elif not targets or levels[list(targets)].isna().to_numpy().any():
        problems.append(
            problem("levels: allowed: at least one margin, and a level of it for every respondent")
        )
    if not np.isfinite(given).all() or (given < 0).any() or not given.any():
        problems.append(problem("start: allowed: weights from 0 on, not all of them 0"))
    if problems:
        raise ParameterError(*problems)
    return np.asarray(given / given.mean())


def _trim(weights: np.ndarray, most: float) -> np.ndarray:
    """Return weights of mean 1 within the bounds; a weight of 0 stays."""
    least = np.where(weights > 0, 1 / most, 0.0)
    for _ in range(_ROUNDS):
        held = np.clip(weights, least, most)
        weights = held / held.mean()
        if weights.max() <= most * (1 + _CLOSE):
            break
    return np.asarray(weights)
