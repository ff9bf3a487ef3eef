"""Simulated surveys with best-worst tasks and with groups, whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from loyalty_research.drivers.survey import load_model

MODEL = "ecsi_shop"
UTILITIES = (0.9, 0.7, 0.4, 0.1, -0.1, -0.3, -0.7, -1.0)


def related(n: int = 300, *, seed: int = 3, path: float | np.ndarray = 0.5) -> pd.DataFrame:
    """Return answers in which every construct goes with its causes alike, by ``path`` in all."""
    rng = np.random.default_rng(seed)
    model = load_model(MODEL)
    scores: dict[str, np.ndarray] = {}
    frame = pd.DataFrame({"respondent_id": np.arange(n)})
    for name, construct in model.constructs.items():
        causes = [scores[cause] for cause in model.paths.get(name, ())]
        led = path * np.mean(causes, axis=0) if causes else 0.0
        scores[name] = led + 0.8 * rng.standard_normal(n)
        for item in construct.indicators:
            noise = 0.5 * rng.standard_normal(n)
            frame[item] = np.clip(np.rint(6 + 1.5 * (scores[name] + noise)), 1, 10)
    return frame


def grouped(*, first: float = 0.5, second: float = 0.5, unlike: bool = False) -> pd.DataFrame:
    """Return answers of women and men with paths of their own; some items mean another thing."""
    gender = np.repeat(["女", "男"], 400)
    frame = related(800, path=np.where(gender == "女", first, second)).assign(gender=gender)
    if unlike:
        lot = np.random.default_rng(9).integers(1, 11, (400, 2))
        frame.loc[gender == "女", ["image1", "image2"]] = lot
    return frame


def with_tasks(
    frame: pd.DataFrame, *, differ: float = 0.0, lot: bool = False, seed: int = 6
) -> pd.DataFrame:
    """Add best-worst tasks of four benefits each, chosen by utilities with normal noise or by lot.

    Respondents' utilities differ by ``differ`` from those of all.
    """
    rng = np.random.default_rng(seed)
    block = load_model(MODEL).maxdiff
    codes, n = np.array(list(block.benefits)), len(frame)
    own = np.array(UTILITIES) + differ * rng.standard_normal((n, len(codes)))
    added = {}
    for task in range(1, block.tasks + 1):
        shown = rng.permuted(np.tile(np.arange(len(codes)), (n, 1)), axis=1)[:, :4]
        felt = (0 if lot else np.take_along_axis(own, shown, 1)) + rng.standard_normal((n, 4))
        names = block.names(task)
        added[names[0]] = [", ".join(codes[row]) for row in shown]
        for name, place in zip(names[1:], (felt.argmax(axis=1), felt.argmin(axis=1)), strict=True):
            added[name] = codes[shown[np.arange(n), place]]
    return frame.assign(**added)
