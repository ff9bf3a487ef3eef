"""Chances of each stage after the next weeks, fitted to what followed on earlier cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from loyalty_research.drivers.retention_cuts import Cut
from loyalty_research.drivers.retention_models import single_thread, spline_logit
from loyalty_research.drivers.retention_stages import STAGES, Stages, stages_at

PREDICTORS = ("stage", "recency", "rhythm")
_LEAST = 20
"""Customers who reached a stage, and who did not, that a curve needs."""
_CLIP = 1e-4
_WIDEST_SHIFT = 8.0


@dataclass(frozen=True, slots=True)
class Moves:
    """The customers of a cut, as forecasts of stages see them.

    Parameters
    ----------
    cut
        The cut.
    stages
        Of its customers.
    silent
        Shape (3, n): by stage from cooling on, log odds of no purchase in the days that decide,
        by the customer-base model.
    """

    cut: Cut
    stages: Stages
    silent: np.ndarray

    def seen(self, name: str, place: int) -> np.ndarray:
        """Return what a predictor looks at, to tell who reaches a stage (n, k)."""
        if name == "stage":
            return np.eye(len(STAGES))[self.stages.now]
        if name == "recency":
            return self.cut.features[["recency"]].to_numpy(dtype=float)
        return self.silent[place - 1][:, None]


def moves_at(cut: Cut, *, weeks: int) -> Moves | None:
    """Return what forecasts of stages see at a cut; None where no rhythm can be told."""
    stages = stages_at(cut, weeks=weeks)
    if stages is None or cut.rhythm is None:
        return None
    silent = [
        -cut.rhythm.log_odds(cut.customers, cut.day, weeks=days / 7.0) for days in stages.watched
    ]
    return Moves(cut, stages, np.stack(silent))


@dataclass(frozen=True, slots=True)
class StageCurves:
    """Fitted chances to reach each stage.

    Parameters
    ----------
    name
        Predictor.
    curves
        By stage from cooling on: a fitted estimator, or a share that holds for all.
    """

    name: str
    curves: tuple[Any, ...]

    def reach(self, moves: Moves) -> np.ndarray:
        """Return the chance of each customer to stand in each stage or a quieter one (4, n)."""
        found = np.zeros((len(STAGES), len(moves.stages.now)))
        found[0] = 1.0
        for place, curve in enumerate(self.curves, start=1):
            can = moves.stages.if_silent >= place
            if can.any():
                chance = _chance(curve, moves.seen(self.name, place)[can])
                found[place, can] = np.clip(chance, _CLIP, 1 - _CLIP)
        return np.minimum.accumulate(found, axis=0)


def _chance(curve: Any, seen: np.ndarray) -> np.ndarray:
    if isinstance(curve, float):
        return np.full(len(seen), curve)
    with single_thread():
        return np.asarray(curve.predict_proba(seen)[:, 1], dtype=float)


def fit_stages(known: Sequence[Moves], *, name: str) -> StageCurves:
    """Fit the chance to reach each stage to what followed on earlier cuts.

    Parameters
    ----------
    known
        Cuts whose outcome is known when the forecast is made.
    name
        ``stage`` (base rates by stage), ``recency`` or ``rhythm`` (the customer-base model),
        through splines.

    Notes
    -----
    Fitted to the customers that can reach the stage at all: without a purchase they would. Whoever
    buys in the days that decide does not reach it, whatever was bought before them.
    """
    curves = []
    for place in range(1, len(STAGES)):
        can = [item.stages.if_silent >= place for item in known]
        seen = np.concatenate(
            [item.seen(name, place)[own] for item, own in zip(known, can, strict=True)]
        )
        came = np.concatenate(
            [item.stages.after[own] >= place for item, own in zip(known, can, strict=True)]
        )
        curves.append(_fitted(name, seen, came))
    return StageCurves(name, tuple(curves))


def _fitted(name: str, seen: np.ndarray, came: np.ndarray) -> Any:
    if min(int(came.sum()), int((~came).sum())) < _LEAST:
        return float((came.sum() + 0.5) / (len(came) + 1))
    with single_thread():
        return (_rates() if name == "stage" else spline_logit()).fit(seen, came.astype(int))


def _rates() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=100.0, fit_intercept=False)  # one share a stage


def shifted(reach: np.ndarray, by: float) -> np.ndarray:
    """Return chances to reach stages with a number added to their log odds (4, n)."""
    return expit(logit(reach) + by)  # 0 and 1 stay what they are


def best_shift(curves: StageCurves, moves: Moves) -> float:
    """Return what must be added to the log odds for as many to reach the stages as did."""
    plain = curves.reach(moves)
    came = sum(float((moves.stages.after >= place).sum()) for place in range(1, len(STAGES)))

    def over(shift: float) -> float:
        return float(shifted(plain, shift)[1:].sum()) - came

    if over(-_WIDEST_SHIFT) > 0 or over(_WIDEST_SHIFT) < 0:
        return 0.0
    return float(brentq(over, -_WIDEST_SHIFT, _WIDEST_SHIFT, xtol=1e-6))


def quieter(reach: np.ndarray, stages: Stages) -> np.ndarray:
    """Return the chance of a quieter stage than now (n,)."""
    above = np.vstack([reach[1:], np.zeros(reach.shape[1])])
    return above[stages.now, np.arange(reach.shape[1])]


def livelier(reach: np.ndarray, stages: Stages) -> np.ndarray:
    """Return the chance of a livelier stage than now (n,)."""
    return 1.0 - reach[stages.now, np.arange(reach.shape[1])]


def each_stage(reach: np.ndarray) -> np.ndarray:
    """Return the chance of each stage (4, n)."""
    return reach - np.vstack([reach[1:], np.zeros(reach.shape[1])])
