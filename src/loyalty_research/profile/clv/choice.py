"""Fit every candidate on the calibration, and let the holdout choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from loyalty_research.errors import LoyaltyError
from loyalty_research.profile.clv.count_fit import CountFit, compare_counts
from loyalty_research.profile.clv.holdout import repeat_last, segment_mean
from loyalty_research.profile.clv.models import (
    fit_bg_nbd,
    fit_mbg_nbd,
    fit_nbd,
    fit_pareto_nbd,
)
from loyalty_research.profile.clv.scores import gain_over, score
from loyalty_research.stats import Estimate, proportion

Status = Literal["baseline", "used", "usable", "no_gain", "boundary", "not_converged", "failed"]
PLAIN = "nbd"
FITS = {
    "nbd": fit_nbd,
    "bg_nbd": fit_bg_nbd,
    "mbg_nbd": fit_mbg_nbd,
    "pareto_nbd": fit_pareto_nbd,
}
GONE = 0.5
"""p_alive below which a customer counts as probably gone."""
_LEAST_GONE = 30
_MISFIT = 0.05


@dataclass(frozen=True, slots=True)
class Candidate:
    """One forecast of the holdout.

    Parameters
    ----------
    name
        ``repeat_last``, ``segment_mean``, or a key of :data:`FITS`.
    status
        ``used`` for the model chosen, ``usable`` for others that could have been; ``no_gain``
        where dropout forecasts no better than the NBD, ``boundary`` where a parameter stands at
        its bound, ``not_converged``, ``failed`` where nothing could be fitted.
    forecast
        Shape (n,): purchase days of each customer in the holdout; None where not fitted.
    model
        The fitted model; None for baselines.
    dropout
        By how much the forecast is nearer than the NBD's; None where there is nothing to compare.
    """

    name: str
    status: Status
    forecast: np.ndarray | None
    model: Any = None
    dropout: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Candidates, the one used, and what the holdout says of it.

    Parameters
    ----------
    candidates
        By name; baselines first.
    used
        Name of the model used.
    baseline
        Name of the baseline that was nearer.
    gain
        By how much the model is nearer than that baseline, in purchase days a customer.
    counts
        Customers by number of repeat purchases in the calibration, beside the model's.
    gone
        Of the customers whom the model used, or the nearest with dropout, gives a chance below one
        half to be still there: the share that bought in the holdout. None without such a model.
    """

    candidates: Mapping[str, Candidate]
    used: str
    baseline: str
    gain: Estimate
    counts: CountFit
    gone: Estimate | None

    @property
    def model(self) -> Any:
        """The fitted model used."""
        return self.candidates[self.used].model

    @property
    def forecast(self) -> np.ndarray:
        """Its forecast of the holdout, shape (n,)."""
        return self.forecast_of(self.used)

    def forecast_of(self, name: str) -> np.ndarray:
        """Return the forecast of a candidate that could be fitted, shape (n,)."""
        return _of(self.candidates[name])

    @property
    def beats(self) -> bool:
        """Whether it is nearer than both baselines beyond chance."""
        return self.gain.low is not None and self.gain.low > 0

    @property
    def dropout_used(self) -> bool:
        """Whether a model with dropout forecasts the holdout nearer than the NBD."""
        return self.used != PLAIN

    @property
    def dropout_identified(self) -> bool:
        """Whether the holdout also bears out whom the model calls gone.

        At least 30 customers have a chance below one half to be still there, and fewer than one
        half of them bought, beyond chance.
        """
        gone = self.gone
        if not self.dropout_used or gone is None or gone.high is None:
            return False
        return gone.base >= _LEAST_GONE and gone.high < GONE

    @property
    def with_dropout(self) -> Candidate | None:
        """The model with dropout that is used, or would have been the nearest."""
        return (
            self.candidates[self.used] if self.dropout_used else _nearest_dropout(self.candidates)
        )

    @property
    def misfit(self) -> bool:
        """Whether the calibration's counts contradict the model at the 5 % level."""
        return self.counts.p_value < _MISFIT


def choose(counts: pd.DataFrame, weeks: float) -> Choice | None:
    """Fit all candidates to the calibration and choose by the holdout.

    Parameters
    ----------
    counts
        Of :func:`~loyalty_research.profile.clv.holdout.count_windows`.
    weeks
        Length of the holdout.

    Returns
    -------
    Choice or None
        None where not even the NBD could be fitted.

    Notes
    -----
    The NBD is used unless a model with dropout is nearer to the holdout beyond chance: its mean
    absolute error is smaller, and the interval of the difference over customers, each judged by
    both, does not contain zero. Of several such models the one with the smallest root mean square
    error is used: forecasts are means, and where most customers buy nothing the mean absolute error
    would favour one that is too low.
    """
    actual = counts["holdout_orders"].to_numpy(dtype=float)
    fitted = {name: _fitted(name, counts, weeks) for name in FITS}
    plain = fitted[PLAIN].forecast
    if plain is None:
        return None
    judged = {name: _judged(item, plain, actual) for name, item in fitted.items()}
    used = _best({k: v for k, v in judged.items() if v.status == "usable"}, actual)
    judged[used] = _with_status(judged[used], "used")
    baselines = {
        "repeat_last": Candidate("repeat_last", "baseline", repeat_last(counts, weeks)),
        "segment_mean": Candidate("segment_mean", "baseline", segment_mean(counts, weeks)),
    }
    baseline = _nearest(baselines, actual)
    gain = gain_over(_of(judged[used]), _of(baselines[baseline]), actual)
    fit = compare_counts(
        used,
        judged[used].model.params,
        counts["frequency"].to_numpy(),
        counts["T"].to_numpy(),
    )
    return Choice(baselines | judged, used, baseline, gain, fit, _gone(judged, used, counts))


def score_table(choice: Choice, counts: pd.DataFrame) -> pd.DataFrame:
    """Return one row a candidate: how far it was off, and what became of it.

    Parameters
    ----------
    choice, counts
        Of :func:`choose`, and what it was made from.

    Returns
    -------
    pandas.DataFrame
        model, mae, gain (over the better baseline) with low and high, rmse, predicted, actual,
        total_error, log_likelihood, aic, status. Likelihoods are those of the times of purchases
        in the calibration, so that all models' compare.
    """
    actual = counts["holdout_orders"].to_numpy(dtype=float)
    base = _of(choice.candidates[choice.baseline])
    rows = []
    for name, item in choice.candidates.items():
        row: dict[str, Any] = {"model": name, "status": item.status}
        if item.forecast is not None:
            row |= score(item.forecast, actual)
            if name != choice.baseline:
                gain = gain_over(item.forecast, base, actual)
                row |= {"gain": gain.value, "gain_low": gain.low, "gain_high": gain.high}
        if item.model is not None:
            likelihood = float(item.model.log_likelihood)
            row |= {
                "log_likelihood": likelihood,
                "aic": 2 * len(item.model.params) - 2 * likelihood,
            }
        rows.append(row)
    return pd.DataFrame(rows)


def _fitted(name: str, counts: pd.DataFrame, weeks: float) -> Candidate:
    try:
        model = FITS[name](counts[["frequency", "recency", "T"]])
    except LoyaltyError:
        return Candidate(name, "failed", None)
    if not model.converged:
        return Candidate(name, "not_converged", None, model)
    forecast = np.asarray(model.expected_orders(counts, periods=weeks), dtype=float)
    return Candidate(name, "boundary" if model.at_bound else "usable", forecast, model)


def _judged(item: Candidate, plain: np.ndarray, actual: np.ndarray) -> Candidate:
    """Compare a model with dropout with the NBD, which is always usable once fitted."""
    if item.forecast is None:
        return item
    if item.name == PLAIN:
        return _with_status(item, "usable")
    gain = gain_over(item.forecast, plain, actual)
    better = gain.low is not None and gain.low > 0
    status = item.status if better or item.status != "usable" else "no_gain"
    return Candidate(item.name, status, item.forecast, item.model, gain)


def _gone(judged: Mapping[str, Candidate], used: str, counts: pd.DataFrame) -> Estimate | None:
    """Estimate how many of those called gone bought in the holdout."""
    item = judged[used] if used != PLAIN else _nearest_dropout(judged)
    if item is None:
        return None
    gone = item.model.p_alive(counts).to_numpy() < GONE
    bought = counts["holdout_orders"].to_numpy() > 0
    return proportion(int(bought[gone].sum()), int(gone.sum()))


def _nearest_dropout(items: Mapping[str, Candidate]) -> Candidate | None:
    """Return the model with dropout that gained most over the NBD; inside its bounds if any is."""
    fitted = [item for item in items.values() if item.dropout is not None]
    inside = [item for item in fitted if item.status != "boundary"] or fitted
    return max(inside, key=_gain, default=None)


def _gain(item: Candidate) -> float:
    return -np.inf if item.dropout is None or item.dropout.value is None else item.dropout.value


def _best(usable: Mapping[str, Candidate], actual: np.ndarray) -> str:
    """Return the model with dropout whose squared error is the smallest; the NBD without one."""
    leaving = [name for name in usable if name != PLAIN]
    errors = {name: score(_of(usable[name]), actual)["rmse"] for name in leaving}
    return min(errors, key=lambda name: errors[name], default=PLAIN)


def _nearest(items: Mapping[str, Candidate], actual: np.ndarray) -> str:
    return min(items, key=lambda name: score(_of(items[name]), actual)["mae"])


def _with_status(item: Candidate, status: Status) -> Candidate:
    return Candidate(item.name, status, item.forecast, item.model, item.dropout)


def _of(item: Candidate) -> np.ndarray:
    assert item.forecast is not None
    return item.forecast
