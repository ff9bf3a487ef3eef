"""Further evidence about responses: effects of campaigns, benefit values of a survey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.tiers.simulation.terms import NAMES

COLUMNS = ("term", "estimate", "low", "high")
_Z90 = 1.6448536269514722


def normal_factors(evidence: Any) -> dict[str, tuple[float, float]]:
    """Return mean and standard deviation by parameter of evidence from elsewhere.

    Parameters
    ----------
    evidence
        Frame with a row a finding: ``term`` (a parameter of the simulator), ``estimate``, ``low``
        and ``high`` of its 90 % interval, in the parameter's unit; None for none. Several rows of a
        parameter count together, by their precision.

    Raises
    ------
    ParameterError
        With everything in it that cannot be used.
    """
    if evidence is None:
        return {}
    frame = pd.DataFrame(evidence)
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ParameterError(
            problem(
                "evidence: columns {missing} are missing; needed are {needed}",
                missing=", ".join(missing),
                needed=", ".join(COLUMNS),
            )
        )
    raise_all(_wrong(frame), ParameterError)
    sd = (frame["high"] - frame["low"]) / (2 * _Z90)
    found = {}
    for term, rows in frame.assign(precision=sd**-2.0).groupby("term"):
        total = float(rows["precision"].sum())
        mean = float((rows["estimate"] * rows["precision"]).sum()) / total
        found[str(term)] = (mean, total**-0.5)
    return found


def weighed(
    pool: Mapping[str, np.ndarray],
    factors: Mapping[str, tuple[float, float]],
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Return prior draws of each parameter, redrawn by the evidence about it."""
    found = dict(pool)
    for name, (mean, sd) in factors.items():
        weight = np.exp(-0.5 * ((pool[name] - mean) / sd) ** 2) + 1e-300
        found[name] = rng.choice(pool[name], len(pool[name]), p=weight / weight.sum())
    return found


def _wrong(frame: pd.DataFrame) -> Iterator[Problem]:
    for row in frame.to_dict("records"):
        if row["term"] not in NAMES:
            yield problem(
                "evidence: unknown term {term}; known are {known}",
                term=row["term"],
                known=", ".join(NAMES),
            )
        if not (np.isfinite(row["low"]) and row["low"] < row["high"] < np.inf) or not (
            row["low"] <= row["estimate"] <= row["high"]
        ):
            yield problem(
                "evidence: {term} has estimate {estimate} with interval {low} to {high}; allowed: "
                "finite, rising, the estimate inside",
                term=row["term"],
                estimate=row["estimate"],
                low=row["low"],
                high=row["high"],
            )
