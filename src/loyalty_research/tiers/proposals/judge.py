"""Every option simulated on the same customers, random numbers and sets of responses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.break_even import lift_of
from loyalty_research.tiers.optimisation.constraints import Limits, rules_broken
from loyalty_research.tiers.optimisation.decide import Evidence, Verdict, decided
from loyalty_research.tiers.optimisation.evaluate import Evaluator, Run
from loyalty_research.tiers.optimisation.regret import bounds, regrets
from loyalty_research.tiers.proposals.options import MONTH, Option
from loyalty_research.tiers.simulation import Population, Responses, Simulation

Z90 = 1.6448536269514722
_TOP, _TOP_NEW = 0.10, 0.25
"""Share of members on the highest level that is never too many, as in ``Limits``; and the most
where the present programme has no levels to compare with."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Gains ``[options - 1, draws]``, measures by option, verdict on all, place of the best."""

    gains: np.ndarray
    judged: pd.DataFrame
    verdict: Verdict
    best: int


def outcome_of(
    runs: Evaluator,
    options: Sequence[Option],
    sets: Sequence[Responses],
    *,
    evidence: Evidence,
    size: int,
) -> Outcome:
    """Judge options as ``optimise`` judges designs; the first is the one they are set against.

    Parameters
    ----------
    runs
        Of the population.
    options
        The present programme first.
    sets
        Sets of responses.
    evidence
        What they rest on.
    size
        Customers simulated at most.

    Returns
    -------
    Outcome
        ``judged`` has cost and net_sales by month, liability, participation, able, retained, top,
        goal (of the objective),
        gain, noise (half the 90 % interval of simulation noise), low and high (responses), pays,
        expected_regret, worst_regret, broken (limits, joined by commas), verdict.
    """
    factor = runs.population.size / runs.sample(size)[0].size
    present, limits = options[0], limits_of(options[0].programme)
    base = [runs.run(present.key, present.programme, size, item) for item in sets]
    rows = [_row(base, runs, factor) | {"noise": np.nan, "broken": ""}]
    gains = []
    for option in options[1:]:
        own, paired = _beside(runs, option, sets, base, size)
        gains.append(paired.sum(axis=1) * factor)
        each = paired.mean(axis=0)
        rows.append(
            _row(own, runs, factor)
            | {
                "noise": float(Z90 * each.std() * len(each) ** 0.5) * factor,
                "broken": ", ".join(_broken(option.programme, runs.population, own, base, limits)),
            }
        )
    every = np.array(gains).reshape(len(options) - 1, len(sets))
    judged = _with_gains(pd.DataFrame(rows), every)
    judged["verdict"] = ["", *(decided(row[None], evidence)[1] for row in every)]
    judged.insert(0, "option", [item.key for item in options])
    within = np.flatnonzero((judged["broken"] == "").to_numpy()[1:])
    place, verdict = decided(every[within], evidence)
    means = every.mean(axis=1) if len(every) else np.zeros(0)
    ranked = within if len(within) else np.arange(len(every))
    best = int(ranked[means[ranked].argmax()]) + 1 if len(ranked) else 0
    return Outcome(every, judged, verdict, int(within[place]) + 1 if place >= 0 else best)


def limits_of(present: Programme) -> Limits:
    """Return the limits designs must keep: the highest level stays rare.

    Parameters
    ----------
    present
        The present programme; without levels at most a quarter of the members may be on the top.
    """
    levelled = present.tiers is not None and len(present.tiers.levels) > 1
    return Limits() if levelled else Limits(top=_TOP_NEW)


def quiet_lifts(quiet: Sequence[Simulation]) -> list[float]:
    """Return each option's break-even lift over the first, all responses off; 0 for the first.

    Lift = extra cost / (margin - own cost), both discounted, change of the liability included.
    """
    margin = [float(made.totals["margin"]) for made in quiet]
    own = [each - float(made.gains.sum()) for each, made in zip(margin, quiet, strict=True)]
    extra = [each - own[0] for each in own]
    return [lift_of(*row) for row in zip(extra, own, margin, strict=True)]


def _beside(
    runs: Evaluator, option: Option, sets: Sequence[Responses], base: list[Run], size: int
) -> tuple[list[Run], np.ndarray]:
    """Return an option's runs, and ``[draws, n]``: gain of each customer over the present."""
    own, paired = [], []
    for item, other in zip(sets, base, strict=True):
        made = runs.run(option.key, option.programme, size, item, keep=False)
        paired.append(made.gains - other.gains)
        own.append(replace(made, gains=made.gains[:0]))
    return own, np.array(paired)


def _row(own: list[Run], runs: Evaluator, factor: float) -> dict[str, float]:
    months = runs.options["periods"] / MONTH
    return {
        "cost": _mean(own, "cost") * factor / months,
        "net_sales": _mean(own, "net_sales") * factor / months,
        "liability": _mean(own, "liability_end") * factor,
        "retained": _mean(own, "retained") * factor,
        "goal": float(np.mean([run.goal for run in own])) * factor,
        **{name: _mean(own, name) for name in ("participation", "able", "top")},
    }


def _mean(runs: list[Run], name: str) -> float:
    return float(np.mean([run.totals[name] for run in runs]))


def _with_gains(frame: pd.DataFrame, gains: np.ndarray) -> pd.DataFrame:
    """Add gain, its intervals, share of draws that pay, and regrets; keeping stands last there."""
    low, high = bounds(gains)
    told = regrets(gains)
    order = [len(gains), *range(len(gains))]
    frame = frame.assign(
        gain=[0.0, *gains.mean(axis=1)],
        low=[np.nan, *low],
        high=[np.nan, *high],
        pays=[np.nan, *told["pays"].to_numpy()[:-1]],
        expected_regret=told["expected_regret"].to_numpy()[order],
        worst_regret=told["worst_regret"].to_numpy()[order],
    )
    return frame.assign(
        noise_low=frame["gain"] - frame["noise"], noise_high=frame["gain"] + frame["noise"]
    )


def _broken(
    programme: Programme,
    population: Population,
    own: list[Run],
    base: list[Run],
    limits: Limits,
) -> tuple[str, ...]:
    """Return the limits an option does not keep, by its rules and in its simulations."""
    most = limits.top
    if most is None:
        most = max(1.5 * _mean(base, "top"), _TOP)
    diluted = _mean(own, "top") > most
    found = rules_broken(programme, population, limits)
    return (*found, "diluted") if diluted else found
