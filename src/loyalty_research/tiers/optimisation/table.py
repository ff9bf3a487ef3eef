"""The designs left by a search, judged with all draws on the whole sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.optimisation.constraints import Limits
from loyalty_research.tiers.optimisation.evaluate import Evaluator, Run
from loyalty_research.tiers.optimisation.regret import LEVEL, bounds, regrets
from loyalty_research.tiers.optimisation.search import front
from loyalty_research.tiers.optimisation.space import Choice, Space
from loyalty_research.tiers.simulation import Responses

_MOST = 40
"""Designs judged with all draws: those with the highest gain, and with the highest goal."""
_Z = float(norm.ppf((1 + LEVEL) / 2))


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A design: its runs without gains, gain over the present by draw, mean gain by customer."""

    runs: list[Run]
    sums: list[float]
    each: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Judges designs: the present programme, draws and sample are the same for all."""

    runs: Evaluator
    space: Space
    present: Programme
    sets: Sequence[Responses]
    limits: Limits
    size: int

    def base(self) -> list[Run]:
        """Return the present programme under each set of responses."""
        return [self.runs.run("present", self.present, self.size, item) for item in self.sets]

    def design(self, choice: Choice, programme: Programme, base: list[Run]) -> Beside:
        """Return a design beside the present programme, under each set of responses."""
        light, sums, each = [], [], 0.0
        for item, other in zip(self.sets, base, strict=True):
            own = self.runs.run(choice, programme, self.size, item, keep=False)
            gained = own.gains - other.gains
            sums.append(float(gained.sum()))
            each = each + gained / len(base)
            light.append(replace(own, gains=gained[:0]))
        return Beside(light, sums, np.asarray(each))

    def factor(self) -> float:
        """Return all customers over those simulated."""
        return self.runs.population.size / self.runs.sample(self.size)[0].size

    def broken(self, own: list[Run], base: list[Run]) -> str:
        """Return the limits a design breaks in its simulations, joined by commas."""
        most = self.limits.top
        if most is None:
            most = max(1.5 * _mean(base, "top"), 0.10)
        found = ["diluted"] if _mean(own, "top") > most else []
        budget = self.limits.budget
        if budget is not None and _mean(own, "cost") * self.factor() > budget:
            found.append("budget")
        return ", ".join(found)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Judged designs: gains ``[designs, draws]`` of those within the limits, and the table."""

    gains: np.ndarray
    programmes: tuple[Programme, ...]
    frame: pd.DataFrame


def judged(designs: list[tuple[Choice, Programme]], by: Judged) -> Found:
    """Return the table of the designs; the last row is keeping the present programme."""
    designs = _foremost(designs, by)
    base, factor = by.base(), by.factor()
    gains, rows = [], []
    for choice, programme in designs:
        beside = by.design(choice, programme, base)
        own = beside.runs
        gains.append([gain * factor for gain in beside.sums])
        noise = float(_Z * beside.each.std() * len(beside.each) ** 0.5) * factor
        rows.append(by.space.values(choice) | _row(own, base, factor, noise) | {
            "broken": by.broken(own, base)
        })  # fmt: skip
    every = np.array(gains)
    kept = _row(base, base, factor, 0.0) | {"broken": ""}
    frame = pd.DataFrame([*rows, kept])
    frame["gain"] = [*every.mean(axis=1), 0.0]
    low, high = bounds(every)
    frame["low"], frame["high"] = [*low, 0.0], [*high, 0.0]
    frame["noise_low"] = frame["gain"] - frame["noise"]
    frame["noise_high"] = frame["gain"] + frame.pop("noise")
    fine = (frame["broken"] == "").to_numpy()
    told = regrets(every[fine[:-1]])
    for name in told:
        frame[name] = np.nan
        frame.loc[fine, name] = told[name].to_numpy()
    frame["on_front"] = _on_front(frame, fine)
    frame.insert(0, "design", [f"{by.space.name}_{place + 1}" for place in range(len(rows))]
                 + ["present"])  # fmt: skip
    if not fine[:-1].any():
        return Found(np.zeros((1, every.shape[1])), (by.present,), frame)
    within = tuple(designs[place][1] for place in np.flatnonzero(fine[:-1]))
    return Found(every[fine[:-1]], within, frame)


def _foremost(
    designs: list[tuple[Choice, Programme]], by: Judged
) -> list[tuple[Choice, Programme]]:
    """Return the designs with the highest gain or goal in the draws of the search."""
    if len(designs) <= _MOST:
        return designs
    few = by.sets[:8]
    runs = [
        [by.runs.run(choice, rules, by.size, item) for item in few] for choice, rules in designs
    ]
    gains = np.array([sum(run.gains.sum() for run in own) for own in runs])
    goals = np.array([sum(run.goal for run in own) for own in runs])
    kept = {*np.argsort(-gains)[: _MOST * 3 // 4], *np.argsort(-goals)[: _MOST // 4]}
    return [designs[place] for place in sorted(kept)]


def _row(own: list[Run], base: list[Run], factor: float, noise: float) -> dict[str, float]:
    def over(name: str) -> float:
        return (_mean(own, name) - _mean(base, name)) * factor

    goal = float(np.mean([a.goal - b.goal for a, b in zip(own, base, strict=True)]))
    return {
        "noise": noise,
        "goal": goal * factor,
        "retained": over("retained"),
        "liability": over("liability_end"),
        "cost": over("cost"),
        "able": _mean(own, "able"),
        "participation": _mean(own, "participation"),
        "top": _mean(own, "top"),
    }


def _mean(runs: list[Run], name: str) -> float:
    return float(np.mean([run.totals[name] for run in runs]))


def _on_front(frame: pd.DataFrame, fine: np.ndarray) -> np.ndarray:
    measures = frame[["goal", "gain", "retained", "liability", "able"]].to_numpy(dtype=float)
    measures[:, 3] *= -1
    shown = np.zeros(len(frame), dtype=bool)
    shown[fine] = front(np.nan_to_num(measures[fine]))
    return shown
