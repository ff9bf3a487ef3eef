"""What predicts: recency alone, the customer-base model, a regularised logit, and boosted trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.retention_cuts import Cut

SIMPLE = ("recency", "rhythm")
FULL = ("logit", "boosting")
_THREADS = 1
_KNOTS = 5
_LEAST = 20
"""Customers who bought, and who did not, that a fit needs."""
_CLIP = 1e-4


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted predictor.

    Parameters
    ----------
    name
        ``recency``, ``rhythm``, ``logit`` or ``boosting``.
    columns
        Features it sees.
    estimator
        A fitted scikit-learn estimator.
    """

    name: str
    columns: tuple[str, ...]
    estimator: Any

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return the chance of a purchase of each row (n,)."""
        rows = features[list(self.columns)].to_numpy(dtype=float)
        with single_thread():
            chance = self.estimator.predict_proba(rows)[:, 1]
        return np.clip(chance, _CLIP, 1 - _CLIP)


def fit_models(
    cuts: Sequence[Cut],
    *,
    names: Sequence[str] = (*SIMPLE, *FULL),
    leave_out: Sequence[str] = (),
) -> dict[str, Fitted] | None:
    """Fit predictors to what followed on earlier cuts.

    Parameters
    ----------
    cuts
        Those whose outcome is known when the forecast is made.
    names
        Predictors wanted.
    leave_out
        Features that logit and trees, and rhythm alone, do without.

    Returns
    -------
    dict or None
        By name; without ``rhythm`` where it is left out or no customer-base model could be fitted
        at some cut; None where hardly anybody bought, or hardly anybody did not.

    Notes
    -----
    All are fitted to the same rows, recency and the log odds of the customer-base model through
    splines, so that none is ahead merely because it knows how the last weeks went for all. The
    logit has
    splines of recency and rhythm and lines of the rest, standardised, with a ridge penalty
    (C = 0.1). Trees: at most eight leaves, 120 of them, rate 0.05.
    """
    active = np.concatenate([cut.active for cut in cuts])
    if min(int(active.sum()), int((~active).sum())) < _LEAST:
        return None
    columns = tuple(name for name in shared_columns(cuts) if name not in leave_out)
    features = pd.concat([cut.features[list(columns)] for cut in cuts], ignore_index=True)
    wanted = [name for name in names if name != "rhythm" or "rhythm" in columns]
    found = {}
    with single_thread():
        for name in wanted:
            own = (name,) if name in SIMPLE else columns
            estimator = _logit(own) if name == "logit" else _MAKERS[name]()
            estimator.fit(features[list(own)].to_numpy(dtype=float), active.astype(int))
            found[name] = Fitted(name, own, estimator)
    return found


def not_everywhere(cuts: Sequence[Cut]) -> tuple[str, ...]:
    """Return the features that some cuts lack: the customer-base model cannot always be fitted."""
    names = {name: None for cut in cuts for name in cut.features.columns}
    return tuple(name for name in names if any(name not in cut.features for cut in cuts))


def shared_columns(cuts: Sequence[Cut]) -> tuple[str, ...]:
    """Return the features that every cut has, and that differ between customers."""
    first = cuts[0].features
    return tuple(
        name
        for name in first.columns
        if all(name in cut.features for cut in cuts)
        and any(float(np.ptp(cut.features[name].to_numpy())) > 0 for cut in cuts)
    )


def spline_logit() -> Any:
    """Return an unfitted logit with splines of a single feature."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(_splines(), StandardScaler(), LogisticRegression(C=1.0, max_iter=1000))


def _logit(columns: tuple[str, ...]) -> Any:
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    curved = [place for place, name in enumerate(columns) if name in SIMPLE]
    straight = list(range(len(columns)))
    return make_pipeline(
        make_column_transformer((_splines(), curved), ("passthrough", straight)),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=2000),
    )


def _boosting() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=120,
        max_leaf_nodes=8,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )


def _splines() -> Any:
    from sklearn.preprocessing import SplineTransformer

    return SplineTransformer(
        n_knots=_KNOTS, knots="quantile", extrapolation="linear", include_bias=False
    )


_MAKERS: dict[str, Callable[[], Any]] = {
    "recency": spline_logit,
    "rhythm": spline_logit,
    "boosting": _boosting,
}


def single_thread() -> Any:
    """Keep to one thread: several wait for each other longer than they work on so few rows."""
    return _threads().limit(limits=_THREADS)


@cache
def _threads() -> Any:
    """Return what limits threads; looking for the libraries takes longer than a forecast."""
    import sklearn.ensemble  # noqa: F401 - only libraries that are there can be limited
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
