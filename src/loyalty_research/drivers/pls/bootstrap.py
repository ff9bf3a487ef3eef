"""Many respondents drawn again: estimates of every draw, and intervals from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from loyalty_research.drivers.pls.design import Design, Scheme
from loyalty_research.drivers.pls.moments import Moments, drawn_moments
from loyalty_research.drivers.pls.solution import Solution, solve
from loyalty_research.stats.intervals import LEVEL


@dataclass(frozen=True, slots=True)
class Draws:
    """What the draws of respondents gave.

    Parameters
    ----------
    estimates
        Quantity -> shape (draws, ...): one estimate a draw; not a number where none exists.
    draws
        How many there were.
    not_converged, inadmissible
        Draws without convergence; draws with an estimate beyond its bounds (or without
        convergence). They are counted and stay in ``estimates``.
    """

    estimates: dict[str, np.ndarray]
    draws: int
    not_converged: int
    inadmissible: int

    def interval(self, quantity: str, *, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of a quantity; see :func:`percentile_interval`."""
        return percentile_interval(self.estimates[quantity], level=level)


Quantities = Callable[[Solution, Moments], dict[str, np.ndarray]]


def basic_quantities(solution: Solution, moments: Moments) -> dict[str, np.ndarray]:
    """Return paths and R squared of every draw."""
    del moments
    return {"paths": solution.paths, "r_squared": solution.r_squared}


def bootstrap(
    values: np.ndarray,
    design: Design,
    *,
    draws: int,
    rng: np.random.Generator,
    like: np.ndarray,
    scheme: Scheme = "path",
    consistent: bool = False,
    weights: np.ndarray | None = None,
    quantities: Quantities = basic_quantities,
) -> Draws:
    """Estimate a path model on respondents drawn again and again.

    Parameters
    ----------
    values
        Shape (n, p): complete answers.
    draws
        Samples of n respondents.
    like
        Shape (p, q): loadings of the sample, with which the signs of each draw's scores agree.
    quantities
        Takes the solutions and moments of a chunk of draws and returns arrays by name, whose first
        axis is the draw.

    References
    ----------
    Tenenhaus et al. 2005, section 4.1 (construct-level sign changes).
    """
    parts: list[dict[str, np.ndarray]] = []
    not_converged = inadmissible = 0
    for moments in drawn_moments(values, draws=draws, rng=rng, weights=weights):
        found = solve(moments, design, scheme=scheme, consistent=consistent, like=like)
        parts.append(quantities(found, moments))
        not_converged += int((~found.converged).sum())
        inadmissible += int((~found.admissible).sum())
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Draws(joined, draws, not_converged, inadmissible)


def percentile_interval(
    values: np.ndarray, *, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper quantile over draws.

    Parameters
    ----------
    values
        Shape (draws, ...).

    Returns
    -------
    tuple of numpy.ndarray
        Each of the shape of one draw. A draw without an estimate counts as lying beyond either
        end, so that it widens the interval; where such draws are more than a tail holds, the
        bounds do not exist and are not numbers.
    """
    tail = (1 - level) / 2
    ends = []
    for beyond, place in ((-np.inf, tail), (np.inf, 1 - tail)):
        filled = np.where(np.isfinite(values), values, beyond)
        end = np.quantile(filled, place, axis=0, method="inverted_cdf")
        ends.append(np.where(np.isfinite(end), end, np.nan))
    return ends[0], ends[1]
