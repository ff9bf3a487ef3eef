"""What each customer is expected to spend on a purchase day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from loyalty_research.errors import DataError
from loyalty_research.profile.clv.models import fit_gamma_gamma
from loyalty_research.profile.clv.scores import band_edges
from loyalty_research.profile.clv.spend import GammaGamma
from loyalty_research.stats import Estimate, ratio

Method = Literal["gamma_gamma", "gamma_gamma_by_band", "own_mean"]


@dataclass(frozen=True, slots=True)
class Amounts:
    """Expected spend on a purchase day.

    Parameters
    ----------
    method
        ``gamma_gamma`` for all customers together; ``gamma_gamma_by_band`` for bands of frequency,
        where spend depends on it; ``own_mean`` where the model could not be fitted.
    expected
        Shape (n,): of each customer, in the brand's currency.
    slope
        By what share spend rises with each doubling of frequency.
    spread
        Variance of the amount of one day around a customer's mean, over the mean's square.
    level
        Mean over all purchase days, with its interval over customers.
    """

    method: Method
    expected: np.ndarray
    slope: Estimate
    spread: float
    level: Estimate


def expected_amounts(counts: pd.DataFrame) -> Amounts | None:
    """Estimate what each customer spends on a purchase day.

    Parameters
    ----------
    counts
        Rows with frequency and mean_spend.

    Returns
    -------
    Amounts or None
        None where nobody who bought again spent anything.

    Notes
    -----
    The gamma-gamma model takes spend to be independent of frequency. Where it rises or falls by 5 %
    or more with each doubling of frequency, beyond chance, it is fitted within bands of frequency,
    since it then has to hold within each only.
    """
    spent = counts["frequency"] * counts["mean_spend"]
    level = ratio(spent.to_numpy(), counts["frequency"].to_numpy(dtype=float))
    if level.value is None or level.value <= 0:
        return None
    whole = _usable(counts)
    if whole is None:
        own = _own_mean(counts, level.value)
        return Amounts("own_mean", own, Estimate(None, None, None, 0), 1.0, level)
    slope, spread = whole.frequency_slope, 1 / whole.params["p"]
    if not whole.spend_depends_on_frequency:
        return Amounts("gamma_gamma", _expected(whole, counts), slope, spread, level)
    return Amounts("gamma_gamma_by_band", _by_band(counts, level.value), slope, spread, level)


def _usable(counts: pd.DataFrame) -> GammaGamma | None:
    """Fit the model; None where it could not be, or has no mean."""
    try:
        model = fit_gamma_gamma(counts)
    except DataError:
        return None
    sound = model.converged and not model.at_bound and model.params["q"] > 1
    return model if sound else None


def _expected(model: GammaGamma, counts: pd.DataFrame) -> np.ndarray:
    return model.expected_spend(counts).to_numpy(dtype=float)


def _own_mean(counts: pd.DataFrame, level: float) -> np.ndarray:
    mean = counts["mean_spend"].to_numpy(dtype=float)
    return np.where(mean > 0, mean, level)


def _by_band(counts: pd.DataFrame, level: float) -> np.ndarray:
    """Fit each band on its own; who has not bought again goes with the lowest."""
    frequency = counts["frequency"].to_numpy()
    place = np.searchsorted(band_edges(frequency)[1:], frequency, side="right")
    place = np.maximum(place, 1)
    expected = np.empty(len(counts))
    for number in np.unique(place):
        inside = place == number
        rows = counts[inside]
        model = _usable(rows)
        expected[inside] = _own_mean(rows, level) if model is None else _expected(model, rows)
    return expected
