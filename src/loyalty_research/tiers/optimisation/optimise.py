"""Search a space of designs for the one that gains most over the present programme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import ParameterError, raise_all
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.optimisation.arguments import goal_of, middle, sets_of, wrong
from loyalty_research.tiers.optimisation.break_even import break_even, naive
from loyalty_research.tiers.optimisation.constraints import Limits, wrong_limits
from loyalty_research.tiers.optimisation.decide import Evidence, decided
from loyalty_research.tiers.optimisation.evaluate import Evaluator
from loyalty_research.tiers.optimisation.hunt import Hunt
from loyalty_research.tiers.optimisation.regret import sensitivities
from loyalty_research.tiers.optimisation.result import Optimisation, Sampled
from loyalty_research.tiers.optimisation.space import Space
from loyalty_research.tiers.optimisation.table import PRESENT, Found, Judged, judged
from loyalty_research.tiers.simulation import Population, Priors, Responses
from loyalty_research.tiers.simulation import priors as default_priors
from loyalty_research.tiers.simulation.terms import NAMES

_NO_LIMITS = Limits()
_EXPLAINED_ON = 500
"""Customers."""


def optimise(
    population: Population,
    space: Space,
    *,
    baseline: Programme,
    candidates: Sequence[Programme] = (),
    responses: Responses | Priors | Sequence[Responses] = default_priors,
    objective: str | None = None,
    group: Any = None,
    limits: Limits = _NO_LIMITS,
    customers: int = 10_000,
    draws: int = 64,
    sensitivity_draws: int = 128,
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
    candidates
        Further designs, judged beside those of the space.
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
    sensitivity_draws
        Further sets, for the sensitivity of the foremost design alone, on a part of the sample;
        fewer than 64 for none.
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
    sets, evidence = sets_of(responses, draws, seed)
    goal = objective or goal_of(space.base)
    raise_all(wrong(population, sets, goal, group, customers), ParameterError)
    raise_all(wrong_limits(limits), ParameterError)
    options: dict[str, Any] = {
        "periods": periods, "seed": seed, "start": start, "redemption": redemption,
        "discount": discount,
    }  # fmt: skip
    if start == "carry":
        options["present"] = baseline
    flags = None if group is None else np.asarray(group, dtype=bool)
    runs = Evaluator(population, goal, flags, options)
    size = min(customers, population.size)
    hunt = Hunt(runs, space, baseline, sets, limits, size)
    designs = hunt.designs(hunt.left(seed), candidates)
    found = judged(designs, Judged(runs, baseline, sets, limits, size), space.name)
    sampled = Sampled(runs, baseline, size, sets, middle(responses, sets))
    explained = sets
    if isinstance(responses, Priors) and len(sets) < sensitivity_draws:
        explained = responses.draw(seed, sensitivity_draws)
    return _made(space, evidence, found, sampled, explained)


def _made(
    space: Space,
    evidence: Evidence,
    found: Found,
    sampled: Sampled,
    explained: tuple[Responses, ...],
) -> Optimisation:
    """Return what the judged designs say."""
    fine = np.flatnonzero(found.fine)
    place, verdict = decided(found.gains[fine], evidence, found.noise[fine])
    top = int(found.gains.mean(axis=1).argmax())
    if len(fine):
        top = int(fine[found.gains[fine].mean(axis=1).argmax()])
    off = default_priors.off()
    rules = [design.rules for design in found.designs]
    quiet = sampled.simulation(sampled.present, off)
    return Optimisation(
        space=space,
        present=sampled.present,
        evidence=evidence,
        verdict=verdict,
        best=rules[fine[place]] if place >= 0 else None,
        designs=found.frame,
        programmes=dict(zip(found.names, rules, strict=True)) | {PRESENT: sampled.present},
        proposals=_proposals(found, int(fine[place]) if verdict == "change" else None),
        draws=_draws(found),
        sensitivity=_sensitivity(sampled, explained, found, top),
        break_even=break_even(sampled.simulation(rules[top], off), quiet),
        naive=naive(sampled.population, sampled.simulation(sampled.present), quiet),
        sampled=sampled,
        simulated=sampled.runs.simulated,
    )


def _sensitivity(
    sampled: Sampled, sets: tuple[Responses, ...], found: Found, top: int
) -> pd.DataFrame:
    """Return what the gain of a design rests on; new draws meet a part of the sample."""
    if sets is sampled.sets:
        return sensitivities(sets, found.gains[top], NAMES)
    design, runs, size = found.designs[top], sampled.runs, min(sampled.size, _EXPLAINED_ON)
    gains = [
        runs.run(design.key, design.rules, size, item, keep=False).gains.sum()
        - runs.run(PRESENT, sampled.present, size, item, keep=False).gains.sum()
        for item in sets
    ]
    return sensitivities(sets, np.array(gains), NAMES)


def _proposals(found: Found, recommended: int | None) -> dict[str, str]:
    """Return designs by what speaks for them, each once."""
    rows = found.frame.iloc[:-1][found.fine]
    if rows.empty:
        return {}
    names: dict[str, str] = {}
    if recommended is not None:
        names["recommended"] = found.names[recommended]
    for role, place in (
        ("gain", rows["gain"].argmax()),
        ("safe", rows["worst_regret"].argmin()),
        ("goal", rows["goal"].argmax()),
    ):
        name = str(rows["design"].iloc[int(place)])
        if name not in names.values():
            names[role] = name
    return names


def _draws(found: Found) -> pd.DataFrame:
    draws = found.gains.shape[1]
    return pd.DataFrame(
        {
            "design": np.repeat(found.names, draws),
            "draw": np.tile(np.arange(draws), len(found.names)),
            "gain": found.gains.ravel(),
        }
    )
