"""What a choice model tells, with intervals from households drawn with replacement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from loyalty_research.competitors.choice.carried import Carried, hold
from loyalty_research.competitors.choice.classes import ClassFit, refitted
from loyalty_research.competitors.choice.design import Design
from loyalty_research.competitors.choice.elasticities import price_response
from loyalty_research.competitors.choice.split import split_repeat
from loyalty_research.stats import seed_from
from loyalty_research.stats.intervals import LEVEL

DRAWS, CHECKED = 60, 10


@dataclass(frozen=True, slots=True)
class Told:
    """Quantities of a choice model.

    Parameters
    ----------
    found
        By name: ``split`` (j, 5), see :func:`split_repeat`; where prices are known
        ``elasticity`` (j, j), ``loyal``, ``others`` and ``apart`` (j,), see
        :class:`PriceResponse`.
    lower, upper
        By name, the same shapes: the smaller and the larger value at the two ends of the
        carry-over, see :class:`Carried`.
    errors
        By name, the same shapes: standard deviations over samples of households.
    agreed
        Share of the samples checked in which as many classes are best; missing for none checked.
    """

    found: dict[str, np.ndarray]
    lower: dict[str, np.ndarray]
    upper: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    agreed: float

    def interval(self, name: str, *, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of a quantity: from ``lower`` less to ``upper`` plus z x error."""
        margin = norm.ppf(0.5 + level / 2) * self.errors[name]
        return self.lower[name] - margin, self.upper[name] + margin


def told(carried: Carried, *, draws: int = DRAWS, seed: int | None = None) -> Told:
    """Return the split of repeat rates and the response to prices, with intervals.

    Parameters
    ----------
    carried
        Of :func:`fit_carried`.
    draws
        Samples of households; in each, all weights are estimated anew, with as many classes.
    seed
        Of the samples.

    Notes
    -----
    What shuffling takes off the carry-over is the same in every sample. The number of classes
    is checked in a part of the samples, against one fewer and one more.
    """
    size = carried.design.households
    ones = np.ones(size)
    values = quantities(carried, carried.design_held, carried.held, ones)
    ends = [
        quantities(carried, *hold(carried.design, carried.free, end, ones), ones)
        for end in carried.ends
    ]
    every = {name: np.stack([part, *(end[name] for end in ends)]) for name, part in values.items()}
    rng = np.random.default_rng(seed_from("choice", "samples") if seed is None else seed)
    near = [fit for fit in carried.tried if abs(fit.classes - carried.free.classes) <= 1]
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in values}
    agreed = []
    for draw in range(draws):
        weights = np.bincount(rng.integers(size, size=size), minlength=size).astype(float)
        free = refitted(carried.design, carried.free, weights)
        carry_over = free.mean("carry_over") - carried.left / 2
        design, fit = hold(carried.design, free, carry_over, weights)
        for name, value in quantities(carried, design, fit, weights).items():
            drawn[name].append(value)
        if draw < CHECKED:
            again = [refitted(carried.design, one, weights) for one in near]
            agreed.append(min(again, key=lambda one: one.bic).classes == free.classes)
    errors = {name: np.nanstd(np.stack(rows), axis=0, ddof=1) for name, rows in drawn.items()}
    lower, upper = (
        {name: find(rows, axis=0) for name, rows in every.items()} for find in (np.min, np.max)
    )
    return Told(values, lower, upper, errors, float(np.mean(agreed)) if agreed else float("nan"))


def quantities(
    carried: Carried, design: Design, fit: ClassFit, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what is told of a fit, by name."""
    occasions = carried.occasions
    found = {"split": split_repeat(occasions, design, fit, weights=weights)}
    if "price" in design.names:
        response = price_response(occasions, design, fit, weights=weights)
        found |= {
            "elasticity": response.elasticity,
            "loyal": response.loyal,
            "others": response.others,
            "apart": response.apart,
        }
    return found
