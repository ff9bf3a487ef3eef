"""Values of benefits from best-worst choices: the maxdiff model, respondents the sampled units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from loyalty_research.drivers.maxdiff.tasks import Tasks
from loyalty_research.stats.intervals import LEVEL

_STEPS, _CLOSE = 50, 1e-10


@dataclass(frozen=True, slots=True)
class BenefitFit:
    """Values of k benefits.

    Parameters
    ----------
    worth
        Shape (k,): values; they sum to 0.
    covariance
        Shape (k, k): of the values, respondents independent of each other.
    naive
        Shape (k, k): as if tasks were independent; too small where respondents differ.
    log_likelihood
        Of all answers.
    """

    worth: np.ndarray
    covariance: np.ndarray
    naive: np.ndarray
    log_likelihood: float

    def interval(self, *, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of the values, each of shape (k,)."""
        margin = norm.ppf(0.5 + level / 2) * np.sqrt(np.diag(self.covariance))
        return self.worth - margin, self.worth + margin

    @property
    def shares(self) -> np.ndarray:
        """Shape (k,): chance to be the best of all benefits, which sums to 1."""
        powers = np.exp(self.worth - self.worth.max())
        return np.asarray(powers / powers.sum())

    def share_interval(self, *, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of the shares, linearised on the scale of their log odds."""
        shares = self.shares
        slopes = np.eye(len(shares)) - shares / (1 - shares)[:, None]
        np.fill_diagonal(slopes, 1.0)
        errors = np.sqrt(np.einsum("ij,jk,ik->i", slopes, self.covariance, slopes))
        margin = norm.ppf(0.5 + level / 2) * errors
        odds = np.log(shares / (1 - shares))
        low, high = (1 / (1 + np.exp(-(odds + side * margin))) for side in (-1, 1))
        return low, high

    def leads(self, first: int, *, level: float = LEVEL) -> np.ndarray:
        """Return whether one benefit is surely worth more than each other, shape (k,)."""
        spread = np.diag(self.covariance)
        error = np.sqrt(np.maximum(spread[first] + spread - 2 * self.covariance[first], 0))
        return np.asarray(self.worth[first] - self.worth > norm.ppf(0.5 + level / 2) * error)


def fit_benefits(tasks: Tasks) -> BenefitFit:
    """Estimate what benefits are worth from best-worst choices.

    Parameters
    ----------
    tasks
        With relations that tie all benefits together: ``tasks.apart`` is empty.

    Notes
    -----
    P(best i, worst j | shown S) = exp(v_i - v_j) / sum over ordered pairs of S, i.e. a conditional
    logit over pairs, by Newton's method. One set of values for all respondents: where they differ,
    these are the values that fit all choices best together, nearer to 0 than those of a typical
    respondent. The covariance is the sandwich with respondents as clusters, r / (r - 1).

    References
    ----------
    Finn & Louviere 1992, Journal of Public Policy & Marketing 11(2), 12-25; Marley & Louviere 2005,
    Journal of Mathematical Psychology 49(6), 464-480 (maxdiff model); Liang & Zeger 1986.
    """
    size = len(tasks.benefits)
    whole = tasks.answered.any(axis=1) & (tasks.weight > 0)
    tasks = tasks.among(whole)
    weight = tasks.weight
    every = tasks.shown.reshape(-1, size)
    patterns, which = np.unique(every, axis=0, return_inverse=True)
    which = np.asarray(which).reshape(tasks.best.shape)
    counts = np.bincount(which.ravel(), np.repeat(weight, tasks.best.shape[1]), len(patterns))
    chosen = tasks.choices.sum(axis=1)
    total = weight @ chosen
    values = np.zeros(size)
    for _ in range(_STEPS):
        mean, spread, _ = pair_moments(values, patterns)
        slope = total - counts @ mean
        curve = np.einsum("p,pij->ij", counts, spread)
        step = np.linalg.solve(curve + 1.0, slope)
        values = values + np.clip(step - step.mean(), -2, 2)
        if np.abs(step).max() < _CLOSE:
            break
    mean, spread, norms = pair_moments(values, patterns)
    inverse = np.linalg.inv(np.einsum("p,pij->ij", counts, spread) + 1.0)
    inverse = _centred(inverse)
    scores = weight[:, None] * (chosen - mean[which].sum(axis=1))
    people = len(weight)
    middle = scores.T @ scores * people / max(people - 1, 1)
    fitted = float(total @ values - counts @ norms)
    return BenefitFit(values, inverse @ middle @ inverse, inverse, fitted)


def pair_moments(
    values: np.ndarray, shown: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, covariance and log normaliser of (best - worst) for shown sets.

    Parameters
    ----------
    values
        Shape (k,), or (..., k) to go with ``shown``.
    shown
        Shape (..., k), bool; a set of fewer than two gives zeros.

    Returns
    -------
    tuple
        Shapes (..., k), (..., k, k) and (...).
    """
    up, down = shown * np.exp(values), shown * np.exp(-values)
    joint = up[..., :, None] * down[..., None, :]
    places = np.arange(shown.shape[-1])
    joint[..., places, places] = 0
    total = joint.sum(axis=(-2, -1))
    empty = total <= 0
    joint /= np.where(empty, 1.0, total)[..., None, None]
    best, worst = joint.sum(axis=-1), joint.sum(axis=-2)
    mean = best - worst
    spread = -(joint + np.swapaxes(joint, -1, -2)) - mean[..., :, None] * mean[..., None, :]
    spread[..., places, places] += best + worst
    return mean, spread, np.where(empty, 0.0, np.log(np.where(empty, 1.0, total)))


def _centred(matrix: np.ndarray) -> np.ndarray:
    away = np.eye(len(matrix)) - 1 / len(matrix)
    return np.asarray(away @ matrix @ away)
