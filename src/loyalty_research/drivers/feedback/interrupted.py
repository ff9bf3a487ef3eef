"""Segmented regression of complaint shares by week, before and after a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats import norm, t
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from loyalty_research.stats import Estimate

LEAST_WEEKS = 8
"""Weeks with comments needed on either side."""
LEAST_COMPLAINTS = 10
"""Complaints needed in all before the change."""


@dataclass(frozen=True, slots=True)
class Segmented:
    """Fit of one interrupted series of shares.

    Parameters
    ----------
    level
        Difference of the share in the first week after, on the scale of shares, to what the line
        before goes on to.
    slope
        Factor on the odds per four weeks after, relative to before.
    odds
        Logarithm of the odds ratio of the level change, and its standard error.
    fitted, continued
        Shape (T,): fitted shares, and the line before gone on with.
    scores
        Shape (T,): each week's part of the level change's deviation from the truth.
    dispersion
        Pearson's over the degrees of freedom; 1 for independent comments.
    p_value
        Two-sided, of no level change.
    """

    level: Estimate
    slope: Estimate
    odds: tuple[float, float]
    fitted: np.ndarray
    continued: np.ndarray
    scores: np.ndarray
    dispersion: float
    p_value: float


def fit_segments(hits: np.ndarray, base: np.ndarray, after: int) -> Segmented | None:
    """Fit a line of log-odds before a week, and its change in level and slope from it on.

    Parameters
    ----------
    hits, base
        Shape (T,): complaints, and comments, by week.
    after
        Number of weeks before the change.

    Returns
    -------
    Segmented or None
        None where weeks or complaints are too few, or the fit does not come to rest.

    Notes
    -----
    logit p_t = b0 + b1 t + b2 [t >= a] + b3 (t - a) [t >= a], quasi-binomial with dispersion of 1
    or more. The covariance is times (1 + r) / (1 - r), r the autocorrelation of residuals of
    neighbouring weeks, corrected for its bias in short series (r + 5 / T), from 0 to 0.8; at least
    that of Newey & West 1987 (lag 4 (T / 100)^(2/9)) times T / (T - 4). Quantiles of t with T - 4
    degrees of freedom. The level change in shares is linearised.

    References
    ----------
    Wagner, Soumerai, Zhang & Ross-Degnan 2002, J Clin Pharm Ther 27, 299-309; Bernal, Cummins &
    Gasparrini 2017, Int J Epidemiol 46, 348-355.
    """
    seen = base > 0
    sides = seen[:after].sum(), seen[after:].sum()
    if min(sides) < LEAST_WEEKS or hits[:after].sum() < LEAST_COMPLAINTS:
        return None
    week = np.arange(len(base), dtype=float)
    late = (week >= after).astype(float)
    line = np.column_stack([np.ones_like(week), week - after, late, (week - after) * late])
    hits, base, x = hits[seen].astype(float), base[seen].astype(float), line[seen]
    try:
        fit = GLM(np.column_stack([hits, base - hits]), x, family=Binomial()).fit(maxiter=50)
    except (PerfectSeparationError, np.linalg.LinAlgError):
        return None
    beta = np.asarray(fit.params, dtype=float)
    if not fit.converged or not np.isfinite(beta).all() or np.abs(beta[2]) > _APART:
        return None
    share = expit(x @ beta)
    weight = base * share * (1 - share)
    bread = np.linalg.pinv((x * weight[:, None]).T @ x)
    rest = (hits - base * share)[:, None] * x
    count, size = len(base), x.shape[1]
    influence = rest @ bread
    spread = max(float(fit.pearson_chi2) / (count - size), 1.0)
    own = spread * _neighbours((hits - base * share) / np.sqrt(weight), size) * bread
    covariance = _larger(_newey_west(influence) * count / (count - size), own)
    reach = float(t.ppf(0.975, count - size))
    slope_error = float(np.sqrt(covariance[3, 3]))
    pieces = np.zeros(len(week))
    pieces[seen] = influence[:, 2]
    level, chance = _level(beta, covariance, count - size, int(base.sum()))
    return Segmented(
        level=level,
        slope=Estimate(
            float(np.exp(4 * beta[3])),
            float(np.exp(4 * (beta[3] - reach * slope_error))),
            float(np.exp(4 * (beta[3] + reach * slope_error))),
            int(base.sum()),
        ),
        odds=(float(beta[2]), float(np.sqrt(covariance[2, 2]))),
        fitted=expit(line @ beta),
        continued=expit(line @ (beta * [1, 1, 0, 0])),
        scores=pieces,
        dispersion=spread,
        p_value=chance,
    )


_APART = 8.0
"""Log-odds beyond which a change is one of all or nothing, which has no interval."""


def difference_of(first: Segmented, second: Segmented) -> Estimate:
    """Return the odds ratio of the first level change to the second of the same weeks.

    Notes
    -----
    A comment may complain of both, so the two are not independent: each week's parts are
    subtracted before their autocorrelated variance is taken.
    """
    apart = (first.scores - second.scores)[:, None]
    own = np.sqrt(float(_newey_west(apart)[0, 0]))
    error = max(own, first.odds[1])
    value = first.odds[0] - second.odds[0]
    z = float(norm.ppf(0.975))
    bounds = (np.exp(value + side * z * error) for side in (-1, 1))
    low, high = (float(item) for item in bounds)
    return Estimate(float(np.exp(value)), low, high, first.level.base)


def _level(
    beta: np.ndarray, covariance: np.ndarray, freedom: int, base: int
) -> tuple[Estimate, float]:
    """Return the level change on the scale of shares, linearised, and its p-value."""
    before, after = float(expit(beta[0])), float(expit(beta[0] + beta[2]))
    inner = after * (1 - after)
    gradient = np.array([inner - before * (1 - before), 0.0, inner, 0.0])
    error = float(np.sqrt(gradient @ covariance @ gradient))
    reach, value = float(t.ppf(0.975, freedom)) * error, after - before
    chance = float(2 * t.sf(abs(value) / error, freedom)) if error > 0 else 1.0
    return Estimate(value, value - reach, value + reach, base), chance


def _neighbours(residuals: np.ndarray, size: int) -> float:
    """Return the factor on variances of residuals that go with those of the week before."""
    count = len(residuals)
    found = float(residuals[1:] @ residuals[:-1]) / float(residuals @ residuals)
    r = min(max(found + (size + 1) / count, 0.0), 0.8)
    return (1 + r) / (1 - r)


def _newey_west(influence: np.ndarray) -> np.ndarray:
    count = len(influence)
    total = influence.T @ influence
    for lag in range(1, int(4 * (count / 100) ** (2 / 9)) + 1):
        weight = 1 - lag / (int(4 * (count / 100) ** (2 / 9)) + 1)
        cross = influence[lag:].T @ influence[:-lag]
        total = total + weight * (cross + cross.T)
    return np.asarray(total)


def _larger(robust: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Return the covariance of the two with the larger variance of the level change."""
    return robust if robust[2, 2] >= model[2, 2] else model
