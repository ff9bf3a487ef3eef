"""How far forecasts of the holdout were off, and whether one beats what needs no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from loyalty_research.stats import Estimate, ratio

BASELINES = ("repeat_last", "segment_mean")
_BANDS = 6


def score(forecast: np.ndarray, actual: np.ndarray) -> dict[str, float]:
    """Return how far a forecast was off.

    Parameters
    ----------
    forecast, actual
        Shape (n,): purchase days of each customer in the holdout.

    Returns
    -------
    dict
        mae and rmse (purchase days a customer), predicted, actual (totals), total_error
        (predicted / actual - 1; NaN where nobody bought).
    """
    error = np.asarray(forecast, dtype=float) - actual
    bought = float(np.sum(actual))
    predicted = float(np.sum(forecast))
    return {
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "predicted": predicted,
        "actual": bought,
        "total_error": predicted / bought - 1 if bought > 0 else float("nan"),
    }


def gain_over(forecast: np.ndarray, baseline: np.ndarray, actual: np.ndarray) -> Estimate:
    """Estimate by how much a forecast is nearer than a baseline, in purchase days a customer.

    Parameters
    ----------
    forecast, baseline, actual
        Shape (n,): purchase days of each customer.

    Returns
    -------
    Estimate
        Mean of |baseline - actual| - |forecast - actual|, positive where the forecast is nearer,
        with an interval over customers, each judged by both.
    """
    nearer = np.abs(baseline - actual) - np.abs(forecast - actual)
    return ratio(nearer, np.ones(len(nearer)))


def total_error(forecast: np.ndarray, actual: np.ndarray) -> Estimate:
    """Estimate predicted / actual - 1 of the total, with an interval over customers."""
    found = ratio(forecast, actual)
    value, low, high = (
        None if bound is None else bound - 1 for bound in (found.value, found.low, found.high)
    )
    return Estimate(value, low, high, found.base, found.level)


def by_band(
    frequency: np.ndarray, actual: np.ndarray, forecasts: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Return means of the holdout by bands of repeat purchases in the calibration.

    Parameters
    ----------
    frequency, actual
        Shape (n,): purchase days after the clock started, and in the holdout.
    forecasts
        Shape (n,) each, by the name of their column.

    Returns
    -------
    pandas.DataFrame
        band (such as ``2–3``), customers, actual, low, high (mean with its interval), one column a
        forecast: purchase days a customer. At most seven bands: none, and quantiles of the rest.
    """
    edges = band_edges(frequency)
    place = np.searchsorted(edges, frequency, side="right") - 1
    rows = []
    for number, name in enumerate(band_names(edges)):
        inside = place == number
        if not inside.any():
            continue
        mean = ratio(actual[inside].astype(float), np.ones(int(inside.sum())))
        row = {
            "band": name,
            "customers": int(inside.sum()),
            "actual": mean.value,
            "low": mean.low if mean.low is None else max(mean.low, 0.0),
            "high": mean.high,
        }
        rows.append(row | {key: float(item[inside].mean()) for key, item in forecasts.items()})
    return pd.DataFrame(rows)


def band_edges(frequency: np.ndarray) -> list[int]:
    """Return the lowest number of each band: 0, then quantiles of those above."""
    above = frequency[frequency > 0]
    cuts = np.quantile(above, np.arange(_BANDS) / _BANDS) if len(above) else []
    return sorted({0, *(int(np.ceil(cut)) for cut in cuts)})


def band_names(edges: Sequence[int]) -> list[str]:
    """Print each band as ``0``, ``2–3``, ``12+``."""
    names = []
    for low, after in zip(edges, [*edges[1:], None], strict=True):
        if after is None:
            names.append(f"{low}+")
        else:
            names.append(str(low) if after - low == 1 else f"{low}–{after - 1}")
    return names
