"""What the gains of several designs say over the draws of the responses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.tiers.simulation import Responses

LEVEL = 0.90
_WORST = 0.95
_LEAST = 64
"""Draws from which on sensitivities are given."""


def regrets(gains: np.ndarray) -> pd.DataFrame:
    """Return expected and 95 % worst regret, and the share of draws in which a design pays.

    Parameters
    ----------
    gains
        Shape (designs, draws): gain over the present programme, which is not among them.

    Notes
    -----
    Regret in a draw = the largest gain of any design, or 0 for keeping the present, less its own.
    The last row is keeping the present.
    """
    every = np.vstack([gains, np.zeros(gains.shape[1])])
    behind = every.max(axis=0) - every
    return pd.DataFrame(
        {
            "pays": (every > 0).mean(axis=1),
            "expected_regret": behind.mean(axis=1),
            "worst_regret": np.quantile(behind, _WORST, axis=1),
        }
    )


def bounds(gains: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the central 90 % interval over the draws, by design."""
    edge = (1 - LEVEL) / 2
    low, high = np.quantile(gains, [edge, 1 - edge], axis=1)
    return low, high


def sensitivities(draws: Sequence[Responses], gains: np.ndarray, names: Sequence[str]) -> Any:
    """Return how much of a design's gain each parameter alone explains (first-order indices).

    Parameters
    ----------
    draws
        Sets of responses.
    gains
        Shape (draws,): gain of one design.
    names
        Of the parameters.

    Returns
    -------
    pandas.DataFrame
        parameter, share, low, high (95 %), largest first; empty with fewer than 64 draws, or
        where the gain does not vary.

    References
    ----------
    Tarantola, Gatelli & Mara 2006, Random balance designs; bias removed after Tissot & Prieur 2012.
    """
    columns = ["parameter", "share", "low", "high"]
    values = np.array([[draw[name] for name in names] for draw in draws])
    moving = np.flatnonzero(np.ptp(values, axis=0) > 0).tolist()
    if len(draws) < _LEAST or not moving or np.ptp(gains) <= 0:
        return pd.DataFrame(columns=columns)
    from SALib.analyze import rbd_fast

    problem = {
        "num_vars": len(moving),
        "names": [names[place] for place in moving],
        "bounds": [[float(item.min()), float(item.max())] for item in values[:, moving].T],
    }
    found = rbd_fast.analyze(problem, values[:, moving], gains, M=6, num_resamples=100, seed=1)
    share, width = np.array(found["S1"]), np.array(found["S1_conf"])
    frame = pd.DataFrame(
        {
            "parameter": problem["names"],
            "share": np.maximum(share, 0),
            "low": np.maximum(share - width, 0),
            "high": np.minimum(share + width, 1),
        }
    )
    return frame.sort_values("share", ascending=False, ignore_index=True)
