"""Forecasts of stages judged on later cuts: calibration, gains, and whether a shift mends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from loyalty_research.drivers.retention_judge import (
    as_share_of,
    by_customer,
    calibration_slope,
    calibration_table,
)
from loyalty_research.drivers.retention_moves_fit import (
    PREDICTORS,
    Moves,
    StageCurves,
    best_shift,
    each_stage,
    fit_stages,
    quieter,
    shifted,
)
from loyalty_research.stats import Estimate, proportion
from loyalty_research.stats.intervals import LEVEL

PLAIN = "plain"
SHIFTS = ("recent", "season")
"""Recalibrations tried: by the window before, and by the same weeks of the year before."""
LEVEL_OF_EACH = 1 - (1 - LEVEL) / len(SHIFTS)
WITHIN = (0.8, 1.25)
"""Bounds of what came over what was forecast, and of the slope: four fifths to five quarters."""
_CLIP = 1e-4


@dataclass(frozen=True, slots=True)
class Window:
    """Forecasts of one judged cut.

    Parameters
    ----------
    moves
        The customers, with what came.
    curves
        By predictor, fitted to the cuts before.
    reaches
        By predictor and recalibration that could be made: chances to reach each stage (4, n).
    """

    moves: Moves
    curves: dict[str, StageCurves]
    reaches: dict[str, dict[str, np.ndarray]]

    def reach(self, name: str, kind: str) -> np.ndarray:
        """Return the chances to reach each stage, recalibrated where that could be done (4, n)."""
        own = self.reaches[name]
        return own.get(kind, own[PLAIN])

    def losses(self, name: str, kind: str) -> np.ndarray:
        """Return minus the logarithm of the chance given to the stage that came (n,)."""
        given = each_stage(self.reach(name, kind))
        after = self.moves.stages.after
        return -np.log(np.maximum(given[after, np.arange(len(after))], _CLIP))

    def pairs(self, name: str, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return chance of a quieter stage, whether it came, and customer, where one can come."""
        stages = self.moves.stages
        can = stages.if_silent > stages.now
        chance = quieter(self.reach(name, kind), stages)[can]
        who = self.moves.cut.customers["customer_id"].to_numpy()[can]
        return np.clip(chance, _CLIP, 1 - _CLIP), (stages.after > stages.now)[can], who


@dataclass(frozen=True, slots=True)
class JudgedMoves:
    """What judging forecasts of stages brought.

    Parameters
    ----------
    windows
        The judged cuts.
    kind
        Recalibration used: ``plain``, ``recent`` or ``season``.
    tried
        One row a recalibration that could be made: kind, windows, gain in log score over plain
        with interval, used.
    """

    windows: tuple[Window, ...]
    kind: str
    tried: pd.DataFrame

    def pooled(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return chances of a quieter stage, what came, and customers, over all windows."""
        parts = [window.pairs(name, self.kind) for window in self.windows]
        chance, came, who = (np.concatenate(items) for items in zip(*parts, strict=True))
        return chance, came, who

    def gain(self, reference: str) -> Estimate:
        """Estimate the gain in log score of the customer-base model, as a share of the loss."""
        better = [self._better(window, reference) for window in self.windows]
        who = np.concatenate([w.moves.cut.customers["customer_id"] for w in self.windows])
        loss = np.concatenate([w.losses(reference, self.kind) for w in self.windows]).mean()
        return as_share_of(by_customer(np.concatenate(better), who), float(loss))

    def beats(self, reference: str) -> bool:
        """Tell whether the customer-base model is better beyond chance, and at every window."""
        found = self.gain(reference)
        each = [float(self._better(window, reference).mean()) for window in self.windows]
        return found.low is not None and found.low > 0 and min(each) > 0

    def _better(self, window: Window, reference: str) -> np.ndarray:
        return window.losses(reference, self.kind) - window.losses("rhythm", self.kind)

    @property
    def slope(self) -> Estimate:
        """Slope of what came on the chances of a quieter stage; 1 where they are right."""
        return calibration_slope(*self.pooled("rhythm"))

    @property
    def ratios(self) -> tuple[float, ...]:
        """What came over what was forecast, by window."""
        pairs = (window.pairs("rhythm", self.kind) for window in self.windows)
        return tuple(float(came.sum() / chance.sum()) for chance, came, _ in pairs)

    @property
    def calibrated(self) -> bool:
        """Whether ratio at every window and slope lie within four fifths and five quarters."""
        slope = self.slope.value
        values = [*self.ratios, -np.inf if slope is None else slope]
        return all(WITHIN[0] <= value <= WITHIN[1] for value in values)


def judge_moves(
    cuts: Sequence[Moves], *, year_ago: Sequence[Moves | None], ahead_has_year: bool
) -> JudgedMoves:
    """Forecast every cut but the first from those before it, and choose a recalibration.

    Parameters
    ----------
    cuts
        In order of time, with what came.
    year_ago
        By judged cut: the customers a year before it, or None.
    ahead_has_year
        Whether the weeks ahead have such customers, too.

    Notes
    -----
    A recalibration is used only where it was better than none beyond chance (97.5 %, as there are
    two) over the windows on which it could be tried, and at none of them worse beyond chance.
    """
    windows: list[Window] = []
    for number, earlier in enumerate(year_ago, start=1):
        curves = {name: fit_stages(cuts[:number], name=name) for name in PREDICTORS}
        reaches: dict[str, dict[str, np.ndarray]] = {}
        for name, own in curves.items():
            shifts = {PLAIN: 0.0}
            if windows:
                shifts["recent"] = best_shift(windows[-1].curves[name], windows[-1].moves)
            if earlier is not None:
                shifts["season"] = best_shift(own, earlier)
            plain = own.reach(cuts[number])
            reaches[name] = {kind: shifted(plain, by) for kind, by in shifts.items()}
        windows.append(Window(cuts[number], curves, reaches))
    rows = [row for kind in SHIFTS if (row := _tried(windows, kind)) is not None]
    allowed = [row for row in rows if row["holds"] and (row["kind"] != "season" or ahead_has_year)]
    best = max(allowed, key=lambda row: row["gain"], default=None)
    kind = PLAIN if best is None else str(best["kind"])
    tried = pd.DataFrame(rows).drop(columns="holds")
    return JudgedMoves(tuple(windows), kind, tried.assign(used=tried["kind"] == kind))


def _tried(windows: Sequence[Window], kind: str) -> dict[str, Any] | None:
    own = [window for window in windows if kind in window.reaches["rhythm"]]
    if not own:
        return None
    better = [item.losses("rhythm", PLAIN) - item.losses("rhythm", kind) for item in own]
    who = np.concatenate([item.moves.cut.customers["customer_id"] for item in own])
    found = by_customer(np.concatenate(better), who, level=LEVEL_OF_EACH)
    loss = float(np.concatenate([item.losses("rhythm", PLAIN) for item in own]).mean())
    share = as_share_of(found, loss)
    before, after = (_ratio(own[-1], name) for name in (PLAIN, kind))
    return {
        "kind": kind,
        "windows": len(own),
        "gain": share.value,
        "gain_low": share.low,
        "gain_high": share.high,
        "ratio_plain": before,
        "ratio": after,
        "holds": (share.low or 0.0) > 0 and not any(map(_worse, own, better)),
    }


def _worse(window: Window, better: np.ndarray) -> bool:
    """Tell whether a recalibration was worse beyond chance at a window."""
    who = window.moves.cut.customers["customer_id"].to_numpy()
    high = by_customer(better, who, level=LEVEL_OF_EACH).high
    return high is not None and high < 0


def _ratio(window: Window, kind: str) -> float:
    chance, came, _ = window.pairs("rhythm", kind)
    return float(came.sum() / chance.sum())


def expected_number(chance: np.ndarray, judged: JudgedMoves) -> Estimate:
    """Estimate how many will move from the chance of each (n,).

    Notes
    -----
    The variance is that of chance, and the square of how far the forecasts of the judged windows
    were off, in proportion; the quantile is Student's, with a degree of freedom a window.
    """
    total = float(chance.sum())
    off = float(np.mean([(ratio - 1) ** 2 for ratio in judged.ratios]))
    error = float(np.sqrt((chance * (1 - chance)).sum() + total**2 * off))
    margin = float(student.ppf(0.5 + LEVEL / 2, len(judged.ratios))) * error
    high = min(total + margin, float(len(chance)))
    return Estimate(total, max(total - margin, 0.0), high, len(chance))


def score_table(judged: JudgedMoves) -> pd.DataFrame:
    """Return one row a predictor: Brier score and its skill over base rates, slope, all pooled."""
    rows = []
    base, came, who = judged.pooled("stage")
    reference = (base - came) ** 2
    for name in PREDICTORS:
        chance, _, _ = judged.pooled(name)
        error = (chance - came) ** 2
        skill = as_share_of(by_customer(reference - error, who), float(reference.mean()))
        slope = calibration_slope(chance, came, who)
        rows.append(
            {
                "predictor": name,
                "brier": float(error.mean()),
                "skill": np.nan if name == "stage" else skill.value,
                "skill_low": np.nan if name == "stage" else skill.low,
                "skill_high": np.nan if name == "stage" else skill.high,
                "slope": slope.value,
                "slope_low": slope.low,
                "slope_high": slope.high,
            }
        )
    return pd.DataFrame(rows)


def window_table(judged: JudgedMoves) -> pd.DataFrame:
    """Return one row a judged window: forecast, what came, and their ratio and slope."""
    rows = []
    for window in judged.windows:
        chance, came, who = window.pairs("rhythm", judged.kind)
        share = proportion(int(came.sum()), len(came))
        slope = calibration_slope(chance, came, who)
        expected = float(chance.mean())
        rows.append(
            {
                "cut": window.moves.cut.day.isoformat(),
                "customers": len(came),
                "predicted": expected,
                "observed": share.value,
                "observed_low": share.low,
                "observed_high": share.high,
                "ratio": (share.value or 0.0) / expected,
                "ratio_low": (share.low or 0.0) / expected,
                "ratio_high": (share.high or 0.0) / expected,
                "slope": slope.value,
                "slope_low": slope.low,
                "slope_high": slope.high,
            }
        )
    return pd.DataFrame(rows)


def tenths(judged: JudgedMoves) -> pd.DataFrame:
    """Return chances given and what came, by tenths of the rows of all windows."""
    chance, came, _ = judged.pooled("rhythm")
    return calibration_table(chance, came)
