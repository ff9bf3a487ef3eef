"""The designs left by a search, judged with all draws on the whole sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.optimisation.constraints import Limits
from loyalty_research.tiers.optimisation.evaluate import Evaluator, Run
from loyalty_research.tiers.optimisation.regret import LEVEL, bounds, regrets
from loyalty_research.tiers.optimisation.search import front
from loyalty_research.tiers.simulation import Responses

PRESENT = "present"
_SIMULATIONS, _LEAST = 320, 12
"""Designs are judged with all draws as far as so many simulations go, but at least so many."""
_FEW = 8
"""Draws by which the foremost designs are found."""
_Z = float(norm.ppf((1 + LEVEL) / 2))


@dataclass(frozen=True, slots=True)
class Design:
    """A design of the space or a candidate.

    Parameters
    ----------
    key
        What its runs are known by.
    rules
        Its programme.
    kind
        ``space`` or ``candidate``.
    settings
        Values of the space, by path; empty for a candidate.
    broken
        Limits that its rules break.
    """

    key: Any
    rules: Programme
    kind: str = "space"
    settings: Mapping[str, float] = field(default_factory=dict)
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A design: its runs without gains, gain over the present by draw, mean gain by customer."""

    runs: list[Run]
    sums: np.ndarray
    each: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Judges designs: the present programme, draws and sample are the same for all."""

    runs: Evaluator
    present: Programme
    sets: Sequence[Responses]
    limits: Limits
    size: int

    def base(self) -> list[Run]:
        """Return the present programme under each set of responses."""
        return [self.runs.run(PRESENT, self.present, self.size, item) for item in self.sets]

    def design(self, design: Design, base: list[Run]) -> Beside:
        """Return a design beside the present programme, under each set of responses."""
        light, sums, each = [], [], 0.0
        for item, other in zip(self.sets, base, strict=True):
            own = self.runs.run(design.key, design.rules, self.size, item, keep=False)
            gained = own.gains - other.gains
            sums.append(float(gained.sum()))
            each = each + gained / len(base)
            light.append(replace(own, gains=gained[:0]))
        return Beside(light, np.array(sums), np.asarray(each))

    def factor(self) -> float:
        """Return all customers over those simulated."""
        return self.runs.factor(self.size)

    def broken(self, design: Design, own: list[Run], base: list[Run]) -> str:
        """Return the limits a design breaks by its rules and its simulations, joined by commas."""
        most = self.limits.top
        if most is None:
            most = max(1.5 * _mean(base, "top"), 0.10)
        found = [*design.broken]
        if _mean(own, "top") > most:
            found.append("diluted")
        budget = self.limits.budget
        if budget is not None and _mean(own, "cost") * self.factor() > budget:
            found.append("budget")
        return ", ".join(found)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Judged designs, the first rows of the table, which ends with the present programme.

    Parameters
    ----------
    designs
        Judged.
    gains
        Shape (designs, draws).
    noise
        Shape (designs,): half the 90 % interval of simulation noise.
    fine
        Shape (designs,): which keep to the limits.
    frame
        The table.
    """

    designs: list[Design]
    gains: np.ndarray
    noise: np.ndarray
    fine: np.ndarray
    frame: pd.DataFrame

    @property
    def names(self) -> list[str]:
        """Names of the designs, as in the table."""
        return [str(name) for name in self.frame["design"].iloc[:-1]]


def judged(designs: list[Design], by: Judged, name: str) -> Found:
    """Return the table of the designs; the last row is keeping the present programme."""
    designs = foremost(designs, by)
    base, factor = by.base(), by.factor()
    gains, noise, rows = [], [], []
    for design in designs:
        beside = by.design(design, base)
        gains.append(beside.sums * factor)
        noise.append(_Z * float(beside.each.std()) * len(beside.each) ** 0.5 * factor)
        broken = by.broken(design, beside.runs, base)
        rows.append({**design.settings, **_row(beside.runs, base, factor), "broken": broken})
    every, half = np.array(gains), np.array(noise)
    frame = pd.DataFrame([*rows, _row(base, base, factor) | {"broken": ""}])
    fine = (frame["broken"] == "").to_numpy()
    _add_gains(frame, every, half, fine)
    frame["on_front"] = _on_front(frame, fine)
    kinds = [design.kind for design in designs]
    frame.insert(0, "design", [*_names(designs, name), PRESENT])
    frame.insert(1, "kind", [*kinds, PRESENT])
    return Found(designs, every, half, fine[:-1], frame)


def foremost(designs: list[Design], by: Judged) -> list[Design]:
    """Return the candidates, and the designs ahead in the draws of the search.

    Ahead in mean gain (half of them), in the worst of these draws, and in the goal.
    """
    ours = [one for one in designs if one.kind == "space"]
    most = max(_LEAST, _SIMULATIONS // len(by.sets))
    if len(ours) <= most:
        return designs
    few = by.sets[:_FEW]
    base = [by.runs.run(PRESENT, by.present, by.size, item) for item in few]
    runs = [[by.runs.run(one.key, one.rules, by.size, item) for item in few] for one in ours]
    gains = np.array(
        [[a.gains.sum() - b.gains.sum() for a, b in zip(own, base, strict=True)] for own in runs]
    )
    goals = np.array([sum(run.goal for run in own) for own in runs])
    kept: list[int] = []
    for order, part in ((gains.mean(axis=1), 2), (gains.min(axis=1), 4), (goals, 4)):
        new = [int(place) for place in np.argsort(-order) if place not in kept]
        kept.extend(new[: most // part])
    return [ours[place] for place in sorted(kept)] + [one for one in designs if one.kind != "space"]


def _names(designs: list[Design], name: str) -> list[str]:
    """Return design_1, design_2, ... for the space, a candidate's own id for it; none twice."""
    told: list[str] = []
    for design in designs:
        own = design.rules.id if design.kind == "candidate" else f"{name}_{len(told) + 1}"
        told.append(own if own not in (*told, PRESENT) else f"{own}_{len(told) + 1}")
    return told


def _row(own: list[Run], base: list[Run], factor: float) -> dict[str, float]:
    def over(name: str) -> float:
        return (_mean(own, name) - _mean(base, name)) * factor

    goal = float(np.mean([a.goal - b.goal for a, b in zip(own, base, strict=True)]))
    return {
        "goal": goal * factor,
        "retained": over("retained"),
        "liability": over("liability_end"),
        "cost": over("cost"),
        "able": _mean(own, "able"),
        "participation": _mean(own, "participation"),
        "top": _mean(own, "top"),
    }


def _add_gains(frame: pd.DataFrame, gains: np.ndarray, half: np.ndarray, fine: np.ndarray) -> None:
    frame["gain"] = [*gains.mean(axis=1), 0.0]
    low, high = bounds(gains)
    frame["low"], frame["high"] = [*low, 0.0], [*high, 0.0]
    frame["noise_low"] = frame["gain"] - [*half, 0.0]
    frame["noise_high"] = frame["gain"] + [*half, 0.0]
    told = regrets(gains[fine[:-1]])
    for name in told:
        frame[name] = np.nan
        frame.loc[fine, name] = told[name].to_numpy()


def _mean(runs: list[Run], name: str) -> float:
    return float(np.mean([run.totals[name] for run in runs]))


def _on_front(frame: pd.DataFrame, fine: np.ndarray) -> np.ndarray:
    measures = frame[["goal", "gain", "retained", "liability", "able"]].to_numpy(dtype=float)
    measures[:, 3] *= -1
    shown = np.zeros(len(frame), dtype=bool)
    shown[fine] = front(np.nan_to_num(measures[fine]))
    return shown
