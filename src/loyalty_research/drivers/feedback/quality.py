"""How well comments are read, held against what is known of them: precision, recall, accuracy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.brand.home import find_home
from loyalty_research.stats import Estimate, proportion

QUALITY = (
    "level",
    "name",
    "method",
    "precision",
    "precision_low",
    "precision_high",
    "recall",
    "recall_low",
    "recall_high",
    "base",
    "used",
)
"""Columns of the frame ``quality``."""
MEASURED = Path("data", "feedback", "measured.csv")
"""Figures of the labelled sentences; the proof feedback_aspects writes them."""
SIDES = {"complaint": -1, "praise": 1}
_Z = 1.959963984540054


def measured_rows() -> pd.DataFrame:
    """Return precision and recall of the lexicon on the labelled sentences, by aspect and side.

    Figures are missing where too few sentences name an aspect; without rows where the file is
    missing.
    """
    path = find_home() / MEASURED
    if not path.is_file():
        return pd.DataFrame(columns=list(QUALITY))
    return pd.read_csv(path)


def side_rows(
    truth: np.ndarray, found: Mapping[str, np.ndarray], *, used: str, level: str = "review"
) -> pd.DataFrame:
    """Return precision and recall of complaint and praise by method, with Wilson's intervals.

    Parameters
    ----------
    truth
        -1 or 1 by unit.
    found
        -1, 0 or 1 by unit, by method.
    used
        The method in use.
    level
        What a unit is.
    """
    rows = []
    for method, given in found.items():
        for name, side in SIDES.items():
            hits = int(((given == side) & (truth == side)).sum())
            precise = proportion(hits, int((given == side).sum()))
            recalled = proportion(hits, int((truth == side).sum()))
            rows.append(
                {"level": level, "name": name, "method": method, **_told("precision", precise),
                 **_told("recall", recalled), "base": int((truth == side).sum()),
                 "used": method == used}
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(QUALITY))


def _told(name: str, estimate: Estimate) -> dict[str, Any]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def balanced(truth: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Return what each unit adds to the mean of both classes' hit rates; no verdict is half a hit.

    The sum over units is the balanced accuracy.
    """
    hit = np.where(given == truth, 1.0, np.where(given == 0, 0.5, 0.0))
    weight = np.zeros(len(truth))
    for side in SIDES.values():
        chosen = truth == side
        if chosen.any():
            weight[chosen] = 0.5 / chosen.sum()
    return np.asarray(hit * weight)


def gain(truth: np.ndarray, given: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """Return how much more balanced accuracy ``given`` has than ``other``, with its interval.

    Notes
    -----
    Units are paired; the variance is that of their differences, class by class.
    """
    apart = balanced(truth, given) - balanced(truth, other)
    spread = 0.0
    for side in SIDES.values():
        mine = apart[truth == side]
        if len(mine) > 1:
            spread += len(mine) * float(np.var(mine, ddof=1))
    middle, half = float(apart.sum()), _Z * float(np.sqrt(spread))
    return middle, middle - half, middle + half
