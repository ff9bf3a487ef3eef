"""A path model fitted to answers, with the draws behind its intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.drivers.pls.bootstrap import (
    Draws,
    Quantities,
    basic_quantities,
    bootstrap,
)
from loyalty_research.drivers.pls.design import SCHEMES, Design, Scheme
from loyalty_research.drivers.pls.moments import Moments, sample_moments
from loyalty_research.drivers.pls.solution import Solution, solve
from loyalty_research.errors import ParameterError, problem
from loyalty_research.stats.seeds import seed_from


@dataclass(frozen=True, slots=True)
class Fit:
    """Estimates of the sample and of draws from it.

    Parameters
    ----------
    design
        The model in numbers.
    answers
        Shape (n, p): complete answers.
    moments, solution
        Of the sample, B = 1.
    draws
        Estimates of the draws.
    """

    design: Design
    answers: np.ndarray
    moments: Moments
    solution: Solution
    draws: Draws


def fit_design(
    values: np.ndarray,
    design: Design,
    *,
    weights: np.ndarray | None = None,
    scheme: Scheme = "path",
    consistent: bool = False,
    draws: int = 1000,
    seed: int | None = None,
    quantities: Quantities = basic_quantities,
) -> Fit:
    """Fit a path model to complete answers.

    Parameters
    ----------
    values
        Shape (n, p), items in the order of the design.
    design
        Constructs, modes and arrows.
    weights
        Shape (n,): weights of respondents; None for equal ones.
    scheme, consistent
        Inner weights, and whether paths are corrected for the unreliability of scores.
    draws, seed
        Draws of respondents for intervals; None for a seed that derives from the items.
    quantities
        What is kept of every draw.

    Raises
    ------
    ParameterError
        For another scheme, or fewer than 40 draws.
    """
    if scheme not in SCHEMES:
        raise ParameterError(
            problem(
                "scheme: found {found!r}; allowed: {allowed}",
                found=scheme,
                allowed=", ".join(SCHEMES),
            )
        )
    if draws < 40:
        raise ParameterError(
            problem("draws: found {found!r}; allowed: 40 or more, 1000 for a report", found=draws)
        )
    moments = sample_moments(values, weights)
    solution = solve(moments, design, scheme=scheme, consistent=consistent)
    like = np.nan_to_num(solution.loadings[0])
    rng = np.random.default_rng(seed_from("pls", *design.items) if seed is None else seed)
    found = bootstrap(
        values,
        design,
        draws=draws,
        rng=rng,
        like=like,
        scheme=scheme,
        consistent=consistent,
        weights=weights,
        quantities=quantities,
    )
    return Fit(design, values, moments, solution, found)
