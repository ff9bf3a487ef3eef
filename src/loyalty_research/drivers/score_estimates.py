"""Net promoter score, means and top-two shares of answers, with intervals that respect weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from loyalty_research.errors import ParameterError, problem
from loyalty_research.stats.intervals import LEVEL


@dataclass(frozen=True, slots=True)
class Score:
    """A score of respondents.

    Parameters
    ----------
    value, low, high
        Estimate and bounds; None where nobody answered.
    error
        Standard error.
    base
        Respondents who answered.
    effective
        Effective base, (sum of weights)^2 / sum of squared weights: as many respondents of equal
        weight would tell as much.
    """

    value: float | None
    low: float | None
    high: float | None
    error: float
    base: int
    effective: float


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A difference between two independent scores.

    Parameters
    ----------
    value, error, low, high
        Second minus first, its standard error and bounds.
    p_value
        Two-sided, for no difference.
    """

    value: float
    error: float
    low: float
    high: float
    p_value: float


def net_score(*, promoters: float, passives: float, detractors: float) -> Score:
    """Return the net promoter score of counts, from -100 to 100.

    Parameters
    ----------
    promoters, passives, detractors
        Respondents of each kind.

    Returns
    -------
    Score

    Raises
    ------
    ParameterError
        Where a number is negative, or all are 0.

    Notes
    -----
    NPS = 100 (p - d), variance 100^2 (p + d - (p - d)^2) / n with the shares p and d.

    Examples
    --------
    >>> found = net_score(promoters=50, passives=30, detractors=20)
    >>> found.value, round(found.error, 3), round(found.low, 2), round(found.high, 2)
    (30.0, 7.81, 14.69, 45.31)
    """
    counts = np.array([promoters, passives, detractors], dtype=float)
    if not np.isfinite(counts).all() or (counts < 0).any() or counts.sum() == 0:
        raise ParameterError(
            problem(
                "net_score: found {found}; allowed: numbers from 0 on, not all of them 0",
                found=", ".join(f"{item:g}" for item in counts),
            )
        )
    total = float(counts.sum())
    p, d = counts[0] / total, counts[2] / total
    error = 100 * math.sqrt(max(p + d - (p - d) ** 2, 0.0) / total)
    value = 100 * float((counts[0] - counts[2]) / total)
    low, high = _bounds(value, error, least=-100.0, most=100.0)
    return Score(value, low, high, error, round(total), total)


def mean_score(
    values: np.ndarray, weights: np.ndarray | None = None, *, least: float, most: float
) -> Score:
    """Return the weighted mean of answers, within the scale.

    Parameters
    ----------
    values
        Shape (n,): not a number where missing.
    weights
        Shape (n,); None for equal ones.
    least, most
        Ends of the scale, for the bounds.

    Notes
    -----
    Variance sum w^2 (x - m)^2 / (sum w)^2, respondents being independent: with equal weights the
    variance of the answers over n, which for -100, 0 and 100 is that of :func:`net_score`.
    """
    x, w = _known(values, weights)
    if not len(x):
        return Score(None, None, None, math.nan, 0, 0.0)
    total = float(w.sum())
    value = float(w @ x) / total
    error = math.sqrt(float((w * w) @ (x - value) ** 2)) / total
    low, high = _bounds(value, error, least=least, most=most)
    return Score(value, low, high, error, len(x), total**2 / float(w @ w))


def share_score(chosen: np.ndarray, weights: np.ndarray | None = None) -> Score:
    """Return the weighted share of respondents, with Wilson's interval on the effective base.

    Parameters
    ----------
    chosen
        Shape (n,): 1, 0, or not a number where missing.
    weights
        Shape (n,); None for equal ones.

    References
    ----------
    Kish 1965, Survey Sampling (effective base); Brown, Cai & DasGupta 2001 (interval).
    """
    plain = mean_score(chosen, weights, least=0.0, most=1.0)
    if plain.value is None:
        return plain
    size = plain.effective
    low, high = proportion_confint(plain.value * size, size, alpha=1 - LEVEL, method="wilson")
    low, high = max(0.0, min(float(low), plain.value)), min(1.0, max(float(high), plain.value))
    return Score(plain.value, low, high, plain.error, plain.base, size)


def compare_scores(first: Score, second: Score) -> ScoreChange:
    """Return second minus first of two independent groups, with a test for no difference.

    Parameters
    ----------
    first, second
        Of :func:`net_score` or the others.

    Examples
    --------
    >>> before = net_score(promoters=45, passives=30, detractors=25)
    >>> after = net_score(promoters=50, passives=30, detractors=20)
    >>> found = compare_scores(before, after)
    >>> round(found.value, 6), round(found.error, 1), round(found.low, 2), round(found.p_value, 3)
    (10.0, 11.3, -12.09, 0.375)
    """
    assert first.value is not None
    assert second.value is not None
    value, error = second.value - first.value, math.hypot(first.error, second.error)
    margin = float(norm.ppf(0.5 + LEVEL / 2)) * error
    p_value = float(2 * norm.sf(abs(value) / error)) if error > 0 else float(value == 0)
    return ScoreChange(value, error, value - margin, value + margin, p_value)


def recommend_points(values: np.ndarray) -> np.ndarray:
    """Return 100 for promoters (9 and 10), 0 for passives (7 and 8), -100 for detractors.

    Parameters
    ----------
    values
        Shape (n,): answers on a scale up to 10; not a number where missing.
    """
    x = np.asarray(values, dtype=float)
    points = np.where(x >= 9, 100.0, np.where(x >= 7, 0.0, -100.0))
    return np.where(np.isfinite(x), points, np.nan)


def _known(values: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    x = np.asarray(values, dtype=float)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float)
    kept = np.isfinite(x) & (w > 0)
    return x[kept], w[kept]


def _bounds(value: float, error: float, *, least: float, most: float) -> tuple[float, float]:
    margin = float(norm.ppf(0.5 + LEVEL / 2)) * error
    return max(least, value - margin), min(most, value + margin)
