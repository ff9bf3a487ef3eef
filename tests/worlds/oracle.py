"""Estimates by somebody who sees the hidden variables: what no method above has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.worlds.campaigns import Window, windows_of
from loyalty_research.worlds.world import World

WIDTH = 3.5
"""Half the length of an interval in standard errors: seeds are fixed, and there are many tests."""


@dataclass(frozen=True)
class Seen:
    """An estimate with its standard error."""

    estimate: float
    error: float

    def holds(self, value: float) -> bool:
        """Return whether ``value`` lies in the interval."""
        return abs(self.estimate - value) <= WIDTH * self.error


def responses(gaps: pd.DataFrame, strength: np.ndarray | float = 1.0) -> dict[str, Seen]:
    """Return the effects on the log rate, by maximum likelihood with the rates known.

    Exponential gaps: purchases are Poisson with mean rate x time at risk x exp(effects), and the
    time given back for purchases moved forward is no time at risk.
    """
    names = ["member", "points", "tier", "reward"]
    risk = gaps["rate"] * (gaps["ends"] - gaps["begins"] - gaps["pause"])
    used = (risk > 0).to_numpy()
    x = (gaps[names].to_numpy() * np.reshape(strength, (-1, 1)))[used]
    base, bought = risk.to_numpy()[used], gaps["closed"].to_numpy(dtype=float)[used]
    found = np.zeros(len(names))
    for _ in range(25):
        mean = base * np.exp(x @ found)
        information = (x * mean[:, None]).T @ x
        found = found + np.linalg.solve(information, x.T @ (bought - mean))
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    return {
        name: Seen(float(value), float(error))
        for name, value, error in zip(names, found, errors, strict=True)
    }


def window_of(world: World, name: str) -> Window:
    """Return the window of a promotion or campaign, by its English name."""
    return next(w for w in windows_of(world.parameters, world.clock) if w.what.name.en == name)


def rate_in_window(world: World, window: Window, who: pd.Series, weight: pd.Series) -> Seen:
    """Return the factor on the rate of some customers in a window, their base rates known.

    Parameters
    ----------
    who, weight
        By customer_id: whether they are meant, and what else acts on their rate.
    """
    gaps = world.hidden["gaps"].to_pandas()
    gaps = gaps[gaps["customer_id"].map(who)]
    inside = np.minimum(gaps["ends"], window.closes) - np.maximum(gaps["begins"], window.opens)
    expected = gaps["rate"] * gaps["factor"] * inside.clip(lower=0)
    expected = float((expected * gaps["customer_id"].map(weight)).sum())
    bought = gaps["closed"] & gaps["ends"].between(window.opens, window.closes, inclusive="left")
    count = int(bought.sum())
    return Seen(count / expected, np.sqrt(count) / expected)
