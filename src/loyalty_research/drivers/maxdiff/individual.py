"""How far respondents differ: a hierarchical maxdiff model, and whether it predicts better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from loyalty_research.drivers.maxdiff.kernel import BenefitFit, fit_benefits, pair_moments
from loyalty_research.drivers.maxdiff.tasks import Tasks
from loyalty_research.stats import Estimate, proportion
from loyalty_research.stats.intervals import LEVEL

_ROUNDS, _STEPS, _CLOSE = 60, 4, 2e-3
_AT_ONCE = 2_000
"""Respondents that are worked on at once."""
_DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class Individuals:
    """Values of respondents, drawn towards those of all.

    Parameters
    ----------
    mean, covariance
        Shapes (k,) and (k, k): of the values over respondents; values sum to 0.
    worth
        Shape (r, k): the most likely values of each respondent, given all.
    """

    mean: np.ndarray
    covariance: np.ndarray
    worth: np.ndarray

    @property
    def spread(self) -> np.ndarray:
        """Shape (k,): standard deviation of each value over respondents."""
        return np.sqrt(np.diag(self.covariance))

    def first(self, *, seed: int) -> np.ndarray:
        """Return the share of respondents for whom each benefit is worth most, shape (k,)."""
        rng = np.random.default_rng(seed)
        drawn = rng.multivariate_normal(self.mean, self.covariance, size=_DRAWS, method="eigh")
        return np.bincount(drawn.argmax(axis=1), minlength=len(self.mean)) / _DRAWS


@dataclass(frozen=True, slots=True)
class Judged:
    """How well the choices of one task a respondent, held out, are foretold.

    Parameters
    ----------
    best, worst
        Share of those tasks whose best, or worst, is foretold by the values of all.
    chance
        Share that guessing would foretell.
    own_best, own_worst
        The same by the respondents' own values.
    gain
        Log score of the own values less that of the values of all, a task, with its interval.
    """

    best: Estimate
    worst: Estimate
    chance: float
    own_best: Estimate
    own_worst: Estimate
    gain: Estimate


def fit_individuals(tasks: Tasks, start: BenefitFit) -> Individuals:
    """Estimate how values are spread over respondents, and the values of each.

    Parameters
    ----------
    tasks
        Of the respondents.
    start
        Values of all.

    Notes
    -----
    Values are normal over respondents, choices follow the maxdiff model given them. Mean and
    covariance by the EM algorithm with Laplace's approximation of each respondent's posterior,
    which is rough where a respondent has answered few tasks. Weights of a survey count.

    References
    ----------
    Train 2009, Discrete Choice Methods with Simulation, chapters 6 and 11; Breslow & Clayton 1993
    (Laplace).
    """
    size = len(tasks.benefits)
    basis = _contrasts(size)
    people = tasks.among(tasks.answered.any(axis=1) & (tasks.weight > 0))
    weight = people.weight / people.weight.sum()
    mean = basis.T @ start.worth
    covariance = np.eye(size - 1)
    own = np.tile(mean, (len(weight), 1))
    for _ in range(_ROUNDS):
        own, unsure = _posterior(people, basis, mean, covariance, own)
        centre = weight @ own
        away = own - centre
        spread = (weight[:, None] * away).T @ away + np.einsum("r,rij->ij", weight, unsure)
        moved = max(np.abs(centre - mean).max(), np.abs(spread - covariance).max())
        mean, covariance = centre, spread
        if moved < _CLOSE:
            break
    return Individuals(basis @ mean, basis @ covariance @ basis.T, own @ basis.T)


def judge(tasks: Tasks) -> Judged:
    """Hold out one task of each respondent, and foretell it from the others.

    Notes
    -----
    Of the respondents with two answers or more, the r-th gives away the answer number r mod its
    answers, so that every place in the questionnaire is tested.
    """
    rest, test = _split(tasks)
    fit = fit_benefits(rest)
    own = fit_individuals(rest, fit).worth
    rows, places = np.nonzero(test.answered)
    out = test.shown[rows, places], test.best[rows, places], test.worst[rows, places]
    of_all = np.broadcast_to(fit.worth, own.shape)
    gain = _score(own, *out) - _score(of_all, *out)
    margin = float(norm.ppf(0.5 + LEVEL / 2) * gain.std(ddof=1) / np.sqrt(len(gain)))
    middle = float(gain.mean())
    return Judged(
        *_hits(of_all, *out),
        float((1 / out[0].sum(axis=1)).mean()),
        *_hits(own, *out),
        Estimate(middle, middle - margin, middle + margin, len(gain), LEVEL),
    )


def can_judge(tasks: Tasks) -> bool:
    """Tell whether values stay bounded where one task of each respondent is held out."""
    several = (tasks.answered.sum(axis=1) > 1) & (tasks.weight > 0)
    return bool(several.sum() > 1) and not _split(tasks)[0].apart


def _split(tasks: Tasks) -> tuple[Tasks, Tasks]:
    """Return all tasks but one of each respondent, and that one."""
    kept = tasks.among((tasks.answered.sum(axis=1) > 1) & (tasks.weight > 0))
    number = np.cumsum(kept.answered, axis=1) - 1
    turn = np.arange(len(kept.best)) % kept.answered.sum(axis=1)
    out = kept.answered & (number == turn[:, None])
    return kept.keep(~out), kept.keep(out)


def _hits(
    values: np.ndarray, shown: np.ndarray, best: np.ndarray, worst: np.ndarray
) -> tuple[Estimate, Estimate]:
    first = np.where(shown, values, -np.inf).argmax(axis=1) == best
    last = np.where(shown, values, np.inf).argmin(axis=1) == worst
    return proportion(int(first.sum()), len(first)), proportion(int(last.sum()), len(last))


def _score(
    values: np.ndarray, shown: np.ndarray, best: np.ndarray, worst: np.ndarray
) -> np.ndarray:
    _, _, norms = pair_moments(values, shown)
    rows = np.arange(len(best))
    return np.asarray(values[rows, best] - values[rows, worst] - norms)


def _posterior(
    people: Tasks, basis: np.ndarray, mean: np.ndarray, covariance: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the most likely values of each respondent, and their covariance, in contrasts."""
    precision = np.linalg.inv(covariance + 1e-6 * np.eye(len(mean)))
    own, unsure = np.empty_like(start), np.empty((len(start), len(mean), len(mean)))
    chosen = people.choices.sum(axis=1)
    for at in range(0, len(start), _AT_ONCE):
        part = slice(at, at + _AT_ONCE)
        shown, told, values = people.shown[part], chosen[part], start[part]
        for _ in range(_STEPS):
            expected, spread, _ = pair_moments((values @ basis.T)[:, None, :], shown)
            slope = (told - expected.sum(axis=1)) @ basis - (values - mean) @ precision
            curve = basis.T @ spread.sum(axis=1) @ basis + precision
            step = np.linalg.solve(curve, slope[:, :, None])[:, :, 0]
            values = values + np.clip(step, -3, 3)
        own[part], unsure[part] = values, np.linalg.inv(curve)
    return own, unsure


def _contrasts(size: int) -> np.ndarray:
    """Return an orthonormal basis of the values that sum to 0, shape (k, k - 1)."""
    centred = np.eye(size) - 1 / size
    return np.asarray(np.linalg.svd(centred)[0][:, : size - 1])
