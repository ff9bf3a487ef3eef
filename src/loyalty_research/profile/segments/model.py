"""The model of segments: plain numbers that put any customer into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.engine import as_table, collect, require_columns
from loyalty_research.errors import DataError, problem
from loyalty_research.profile.segments.features import LEAST_OCCASIONS
from loyalty_research.profile.segments.kmeans import fit_kmeans, nearest
from loyalty_research.profile.segments.mixture import expect, fit_mixture
from loyalty_research.profile.segments.scaling import Feature, scaled_rows

_STARTS = 10
Numbers = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class SegmentModel:
    """Segments 1 to k, the largest net sales first.

    Parameters
    ----------
    method
        ``kmeans`` or ``mixture``.
    features
        How each feature is scaled.
    centres
        k x d: centres or means, in scaled features.
    shares
        k: sizes of the mixture's components; empty for k-means.
    covariance
        d x d: common covariance of the mixture; empty for k-means.
    names
        k: code of each segment's name, ``label.traits.<part>`` joined by ``+``.
    early_before, channel
        What the features ``early`` and ``main_channel`` were counted by.
    """

    method: str
    features: tuple[Feature, ...]
    centres: Numbers
    shares: tuple[float, ...] = ()
    covariance: Numbers = ()
    names: tuple[str, ...] = ()
    early_before: int = 0
    channel: str = ""

    def assign(self, customers: Any) -> pd.DataFrame:
        """Return the segment of each customer.

        Parameters
        ----------
        customers
            Features as :func:`customer_features` returns them, counted by the model's
            ``early_before`` and ``channel``. Ibis, pandas, polars or Arrow.

        Returns
        -------
        pandas.DataFrame
            customer_id, segment: 1 to k, 0 for customers with fewer than 5 purchase days.

        Raises
        ------
        DataError
            Where a column is missing, or a feature of a customer.
        """
        table = as_table(customers, name="customers")
        names = [feature.name for feature in self.features]
        needed = ["customer_id", "occasions", *names]
        require_columns(table, needed, name="customers")
        frame = collect(table.select(*needed), sort_by=["customer_id"])
        segment = np.zeros(len(frame), dtype=int)
        enough = frame["occasions"].to_numpy() >= LEAST_OCCASIONS
        known = frame[enough]
        _check(known, names)
        if len(known):
            segment[enough] = self.labels(scaled_rows(known, self.features)) + 1
        return pd.DataFrame({"customer_id": frame["customer_id"], "segment": segment})

    def labels(self, rows: np.ndarray) -> np.ndarray:
        """Return the place, from 0, of the segment of customers with scaled features (n, d)."""
        centres = np.array(self.centres)[None]
        if self.method == "kmeans":
            return nearest(rows, centres)[0][0]
        chances, _ = expect(
            rows, np.array(self.shares)[None], centres, np.array(self.covariance)[None]
        )
        return chances[:, 0, :].argmax(axis=0)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON takes them."""
        return {
            "method": self.method,
            "features": [feature.as_dict() for feature in self.features],
            "centres": [list(row) for row in self.centres],
            "shares": list(self.shares),
            "covariance": [list(row) for row in self.covariance],
            "names": list(self.names),
            "early_before": self.early_before,
            "channel": self.channel,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SegmentModel:
        """Rebuild from :meth:`as_dict`."""
        return cls(
            method=data["method"],
            features=tuple(Feature.from_dict(each) for each in data["features"]),
            centres=tuple(map(tuple, data["centres"])),
            shares=tuple(data["shares"]),
            covariance=tuple(map(tuple, data["covariance"])),
            names=tuple(data["names"]),
            early_before=data["early_before"],
            channel=data["channel"],
        )


def fit_model(
    rows: np.ndarray, value: np.ndarray, *, segments: int, method: str, rng: np.random.Generator
) -> dict[str, Any]:
    """Fit the chosen segments; the best of ten starts.

    Parameters
    ----------
    rows
        Shape (n, d): scaled features.
    value
        Shape (n,): net sales, by which the segments are put in order.
    segments, method
        As chosen.

    Returns
    -------
    dict
        The parameters ``method``, ``centres``, ``shares`` and ``covariance`` of the model.
    """
    weights = np.ones((_STARTS, len(rows)))
    parts = fit_kmeans(rows, weights, segments=segments, rng=rng)
    if method == "kmeans":
        best = int(parts.within.argmin())
        order = _by_value(parts.labels[best], value, segments)
        return {"method": method, "centres": _numbers(parts.centres[best][order])}
    mixture = fit_mixture(rows, weights, parts.labels, segments=segments)
    best = int(mixture.log_likelihood.argmax())
    order = _by_value(mixture.labels[best], value, segments)
    return {
        "method": method,
        "centres": _numbers(mixture.means[best][order]),
        "shares": tuple(map(float, mixture.shares[best][order])),
        "covariance": _numbers(mixture.covariance[best]),
    }


def _by_value(labels: np.ndarray, value: np.ndarray, segments: int) -> np.ndarray:
    return np.argsort(-np.bincount(labels, weights=value, minlength=segments), kind="stable")


def _numbers(matrix: np.ndarray) -> Numbers:
    return tuple(tuple(map(float, row)) for row in matrix)


def _check(frame: pd.DataFrame, names: list[str]) -> None:
    missing = [name for name in names if frame[name].isna().any()]
    if missing:
        raise DataError(
            *(
                problem(
                    "customers: column {name} is empty for {count} customers; allowed: a number "
                    "for each",
                    name=name,
                    count=int(frame[name].isna().sum()),
                )
                for name in missing
            )
        )
