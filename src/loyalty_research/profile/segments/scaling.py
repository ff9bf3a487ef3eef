"""From features to comparable numbers: logs, the noise of few purchases, a robust scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from loyalty_research.profile.segments.features import SHARES

_LIMIT = 3.0
_AVERAGES = ("order_value", "breadth", *SHARES)
_FLOOR = 0.1  # least part of a feature's spread that is taken as between customers
COMMON = 1 / 3
"""A feature whose commonest value more customers than this share have is left out."""


@dataclass(frozen=True, slots=True)
class Feature:
    """How one feature is scaled.

    Parameters
    ----------
    name
        One of :data:`~loyalty_research.profile.segments.features.FEATURES`.
    curve
        Coefficients of 1, log n and its square: what is usual at n purchase days.
    between, within
        The variance around it is between + within / n; (1, 0) where it does not depend on n.
    centre, spread
        Median, and interquartile range / 1.349, of what that leaves.
    """

    name: str
    curve: tuple[float, float, float]
    between: float
    within: float
    centre: float
    spread: float

    def scaled(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the feature of customers in spreads from the centre, cut at 3; shape (n,)."""
        left = self.residual(frame)
        return np.clip((left - self.centre) / self.spread, -_LIMIT, _LIMIT)

    def residual(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the distance from what is usual, in standard deviations at as many purchases."""
        log = np.log(frame["occasions"].to_numpy(dtype=float))
        usual = np.polynomial.polynomial.polyval(log, self.curve)
        return (_raw(frame, self.name) - usual) / np.sqrt(self.between + self.within / np.exp(log))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Feature:
        """Rebuild from :meth:`as_dict`."""
        return cls(**{**data, "curve": tuple(data["curve"])})

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def fit_scaling(
    frame: pd.DataFrame, *, names: Sequence[str]
) -> tuple[tuple[Feature, ...], tuple[str, ...]]:
    """Learn how to scale each feature, and which ones tell too few customers apart.

    Parameters
    ----------
    frame
        Customers as :func:`~loyalty_research.profile.segments.customer_features` returns them.
    names
        Features to scale.

    Returns
    -------
    tuple
        Features kept; names of those left out: a third of the customers have the same value.

    Notes
    -----
    An average of few purchases varies more than one of many, which alone would set occasional
    customers apart. So averages a (order value, breadth, shares) are divided by
    sqrt(between + within / n), with both parts fitted to the squared distances from the mean by
    non-negative least squares. Breadth grows with purchases: its distance is taken from a
    quadratic in log n.
    """
    kept, left_out = [], []
    for name in names:
        values = _raw(frame, name)
        _, counts = np.unique(values, return_counts=True)
        if counts.max() > COMMON * len(values):
            left_out.append(name)
        else:
            kept.append(_fitted(frame, name, values))
    return tuple(kept), tuple(left_out)


def _fitted(frame: pd.DataFrame, name: str, values: np.ndarray) -> Feature:
    number = frame["occasions"].to_numpy(dtype=float)
    curve, between, within = (0.0, 0.0, 0.0), 1.0, 0.0
    if name == "breadth":
        log = np.log(number)
        found = np.linalg.lstsq(np.stack([np.ones_like(log), log, log**2], 1), values, rcond=None)
        curve = (float(found[0][0]), float(found[0][1]), float(found[0][2]))
        values = values - np.polynomial.polynomial.polyval(log, curve)
    elif name in _AVERAGES:
        curve = (float(values.mean()), 0.0, 0.0)
        values = values - curve[0]
    if name in _AVERAGES:
        squares = values**2
        parts, _ = nnls(np.stack([np.ones_like(number), 1 / number], 1), squares)
        between, within = max(float(parts[0]), _FLOOR * float(squares.mean())), float(parts[1])
    plain = Feature(name, curve, between, within, 0.0, 1.0)
    left = plain.residual(frame)
    low, centre, high = np.percentile(left, [25, 50, 75])
    spread = (high - low) / 1.349 or float(left.std()) or 1.0
    return Feature(name, curve, between, within, float(centre), float(spread))


def scaled_rows(frame: pd.DataFrame, features: Sequence[Feature]) -> np.ndarray:
    """Return the scaled features of customers, shape (n, d)."""
    return np.stack([feature.scaled(frame) for feature in features], axis=1)


def _raw(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Return a feature as it enters: logs of what has no upper end, shares as they are."""
    values = frame[name].to_numpy(dtype=float)
    if name in SHARES:
        return values
    return np.log(np.maximum(values, 1.0 if name == "breadth" else 1e-9))
