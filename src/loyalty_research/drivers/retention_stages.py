"""Stages of the life cycle at a cut and after it, by silence against the own rhythm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.drivers.retention_cuts import Cut
from loyalty_research.errors import DataError
from loyalty_research.stats import GammaPoisson, fit_gamma_poisson

STAGES = ("active", "cooling", "dormant", "lost")
_QUANTILES = (0.80, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Stages:
    """Stages by silence against the own rhythm.

    Parameters
    ----------
    now
        Shape (n,): number of the stage at the cut, 0 for active.
    if_silent
        Shape (n,): number of the stage after the weeks, if nothing is bought in them.
    after
        Shape (n,): number of the stage after the weeks; empty where they lie ahead.
    watched
        Shape (3, n): by stage from cooling on, the last days of the weeks that decide: whoever
        buys in none of them stands at least in that stage afterwards, where it can be reached.
    """

    now: np.ndarray
    if_silent: np.ndarray
    after: np.ndarray
    watched: np.ndarray


def stages_at(cut: Cut, *, weeks: int) -> Stages | None:
    """Return the stages of customers at a cut; None where no rhythm can be told.

    Notes
    -----
    As in :func:`~loyalty_research.profile.lifecycle`: silence beyond the 80, 95 and 99 % quantile
    of the own gap. The quantiles are those known at the cut, for the stage afterwards too.
    """
    rows, end = cut.customers, pd.Timestamp(cut.day)
    first, last = pd.to_datetime(rows["first_day"]), pd.to_datetime(rows["last_day"])
    count = rows["occasions"].to_numpy(dtype=float) - 1
    model = _rhythm(count, (end - first).dt.days.to_numpy(dtype=float))
    if model is None:
        return None
    between = (last - first).dt.days.to_numpy(dtype=float)
    limits = np.stack([model.predictive_gap(count, between, share) for share in _QUANTILES])
    silence = (end - last).dt.days.to_numpy(dtype=float)
    silent = silence + weeks * 7
    after = np.array([], dtype=int)
    if len(cut.active):
        since = (end + pd.Timedelta(weeks=weeks) - cut.last_bought).dt.days.to_numpy(dtype=float)
        after = _stage(np.where(cut.active, since, silent), limits)
    watched = np.minimum(np.floor(limits) + 1, weeks * 7)  # silent for more days than the limit
    return Stages(_stage(silence, limits), _stage(silent, limits), after, watched)


def _rhythm(count: np.ndarray, age: np.ndarray) -> GammaPoisson | None:
    try:
        model = fit_gamma_poisson(count, age)
    except DataError:
        return None
    return model if model.converged else None


def _stage(silence: np.ndarray, limits: np.ndarray) -> np.ndarray:
    return (silence > limits).sum(axis=0)
