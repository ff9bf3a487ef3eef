"""Frames of the map of brands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.position.opened import Position
from loyalty_research.competitors.position.resampled import SHOWN, ellipse

_NAMED = 6
"""Attributes that a map draws: those that bring most to the axes that may be read."""
_COLUMNS = ("x", "y")


def map_frame(item: Position) -> pd.DataFrame:
    """Return one row a brand and attribute: place, ellipse, quality, contributions."""
    found, drawn = item.found, item.drawn
    frame = pd.concat(
        [
            _points(found.places, found.contributions, found.quality),
            _points(found.attribute_places, found.attribute_contributions, found.attribute_quality),
        ],
        ignore_index=True,
    )
    brands = [item.category.label(name) for name in item.brands]
    labels = [*brands, *(one.label for one in item.attributes)]
    apart = drawn.clear[:, : drawn.axes].any(axis=1)
    frame.insert(0, "name", [*item.brands, *(f"{a.group}:{a.level}" for a in item.attributes)])
    frame.insert(1, "name_zh", [label.zh for label in labels])
    frame.insert(2, "name_en", [label.en for label in labels])
    kinds = [*np.where(apart, "apart", "within"), *["attribute"] * len(item.attributes)]
    frame.insert(3, "kind", kinds)
    frame.insert(4, "buyers", [*item.buyers, *(one.buyers for one in item.attributes)])
    frame["told"] = [*[True] * len(brands), *_telling(item)]
    return frame.join(_ellipses(item)) if drawn.spread.shape[1] == SHOWN else frame


def _points(places: np.ndarray, parts: np.ndarray, quality: np.ndarray) -> pd.DataFrame:
    made: dict[str, Any] = {}
    for axis, name in zip(range(min(SHOWN, places.shape[1])), _COLUMNS, strict=False):
        made[name] = places[:, axis]
        made[f"contribution_{name}"] = parts[:, axis]
        made[f"quality_{name}"] = quality[:, axis]
    made["quality"] = quality[:, :SHOWN].sum(axis=1)
    return pd.DataFrame(made)


def _telling(item: Position) -> np.ndarray:
    """Tell which attributes bring most to the axes that may be read; to the plane if none may."""
    found, axes = item.found, item.drawn.axes or SHOWN
    brought = found.attribute_contributions[:, :axes] @ found.eigenvalues[:axes]
    level = np.array([bool(one.level) for one in item.attributes])
    rank = np.argsort(-np.where(level, brought, -1.0), kind="stable")[:_NAMED]
    return np.isin(np.arange(len(brought)), rank) & level


def _ellipses(item: Position) -> pd.DataFrame:
    own = [ellipse(spread, brands=len(item.brands)) for spread in item.drawn.spread]
    return pd.DataFrame(own, columns=["long", "short", "angle"])


def axis_frame(several: Sequence[Position]) -> pd.DataFrame:
    """Return one row a category and axis: share of inertia, chance, whether it may be read."""
    rows = []
    for item in several:
        for axis, chance in enumerate(item.drawn.p_values):
            rows.append(
                {
                    "category_zh": item.category.name.zh,
                    "category_en": item.category.name.en,
                    "axis": axis + 1,
                    "households": item.households,
                    "all_households": item.all_households,
                    "inertia": float(item.found.eigenvalues[axis]),
                    "share": float(item.found.shares[axis]),
                    "p_value": float(chance),
                    "brands": len(item.brands),
                    "clear": int(item.drawn.clear[:, axis].sum()),
                    "read": "yes" if item.drawn.interpretable[axis] else "no",
                }
            )
    return pd.DataFrame(rows)
