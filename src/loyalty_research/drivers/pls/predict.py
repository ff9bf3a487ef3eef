"""Prediction of the outcomes' items outside the sample, against a linear regression on items."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from loyalty_research.drivers.pls.design import Design, Scheme
from loyalty_research.drivers.pls.moments import sample_moments
from loyalty_research.drivers.pls.solution import solve
from loyalty_research.stats.intervals import LEVEL


@dataclass(frozen=True, slots=True)
class Prediction:
    """Squared errors of predictions for respondents left out.

    Parameters
    ----------
    items
        Names of the predicted items, m of them.
    rmse, rmse_linear
        Shape (m,): root mean squared error of the path model and of the linear regression.
    q_squared
        Shape (m,): 1 - squared error / squared error of the mean of the others.
    gain, low, high
        Mean squared error of the linear regression less that of the path model, items
        standardised and averaged: above 0 the path model predicts better. Interval over
        respondents.
    respondents
        How many were predicted.
    """

    items: tuple[str, ...]
    rmse: np.ndarray
    rmse_linear: np.ndarray
    q_squared: np.ndarray
    gain: float
    low: float
    high: float
    respondents: int


def predict(
    values: np.ndarray,
    design: Design,
    *,
    rng: np.random.Generator,
    scheme: Scheme = "path",
    folds: int = 10,
    repeats: int = 5,
) -> Prediction:
    """Judge how a path model predicts the items of its outcomes for respondents left out.

    Parameters
    ----------
    values
        Shape (n, p): complete answers.
    rng
        Deals respondents to folds.
    folds, repeats
        Parts of the sample, each left out once; how often respondents are dealt.

    Notes
    -----
    A construct is predicted from the scores of its direct causes, its items by their loadings.
    The linear regression takes all items of the direct causes. All moments come from the
    respondents not left out.

    References
    ----------
    Shmueli, Ray, Velasquez Estrada & Chatla 2016, Journal of Business Research 69(10), 4552-4564;
    Liengaard et al. 2021, Decision Sciences 52(2), 362-392 (comparison of losses).
    """
    places = np.flatnonzero(design.blocks[:, design.outcomes].any(axis=1))
    losses = np.zeros((3, len(values), len(places)))  # path model, linear, mean
    for _ in range(repeats):
        parts = np.array_split(rng.permutation(len(values)), folds)
        for out in parts:
            inside = np.delete(values, out, axis=0)
            guesses = _guesses(inside, values[out], design, scheme)
            errors = values[out][:, places] - guesses[:, :, places]
            losses[:, out] += errors**2 / repeats
    path, linear, mean = losses.mean(axis=1)
    variance = values[:, places].var(axis=0)
    difference = ((losses[1] - losses[0]) / variance).mean(axis=1)
    error = difference.std(ddof=1) / np.sqrt(len(values)) * NormalDist().inv_cdf(0.5 + LEVEL / 2)
    gain = float(difference.mean())
    names = tuple(design.items[place] for place in places)
    return Prediction(
        names,
        np.sqrt(path),
        np.sqrt(linear),
        1 - path / mean,
        gain,
        gain - error,
        gain + error,
        len(values),
    )


def _guesses(inside: np.ndarray, out: np.ndarray, design: Design, scheme: Scheme) -> np.ndarray:
    """Return predictions of the items of respondents left out, shape (3, rows, p)."""
    moments = sample_moments(inside)
    found = solve(moments, design, scheme=scheme)
    means, covariance = moments.means[0], moments.covariances[0]
    spread = np.sqrt(np.maximum(np.diagonal(covariance), 0))
    spread = np.where(spread > 1e-12, spread, 1.0)  # constant among these: told by its mean
    scores = ((out - means) / spread) @ found.weights[0]
    guessed = np.zeros((3, *out.shape))
    guessed[2] = means
    for construct in design.outcomes:
        rows, causes = design.rows_of(construct), design.causes_of(construct)
        score = scores[:, causes] @ found.paths[0][causes, construct]
        guessed[0][:, rows] = (
            means[rows] + score[:, None] * found.loadings[0][rows, construct] * spread[rows]
        )
        given = np.flatnonzero(design.blocks[:, causes].any(axis=1))
        slopes = np.linalg.lstsq(
            covariance[np.ix_(given, given)], covariance[np.ix_(given, rows)], rcond=None
        )[0]
        guessed[1][:, rows] = means[rows] + (out[:, given] - means[given]) @ slopes
    return guessed
