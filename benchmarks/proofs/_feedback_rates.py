"""Weighted rates of labelled sentences with intervals from a bootstrap within the strata."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rate:
    """A rate with its interval of 95 %; missing where nothing is counted."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as printed."""
        if np.isnan(self.value):
            return "none found"
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def draw_weights(stratum: np.ndarray, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Return how often each sentence is drawn, shape (draws + 1, n); the first row is ones."""
    times = np.ones((draws + 1, len(stratum)))
    for name in np.unique(stratum):
        places = np.flatnonzero(stratum == name)
        even = np.full(len(places), 1 / len(places))
        times[1:, places] = rng.multinomial(len(places), even, size=draws)
    return times


def told(values: np.ndarray) -> Rate:
    """Return the first of ``values`` with the interval that the others span."""
    rest = values[1:][np.isfinite(values[1:])]
    low, high = np.quantile(rest, [0.025, 0.975]) if len(rest) else (np.nan, np.nan)
    return Rate(float(values[0]), float(low), float(high))


def shares(weights: np.ndarray, hits: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return sums of ``hits`` over sums of ``base`` by draw; both of shape (n,) or (n, aspects)."""
    by = weights @ _columns(hits).sum(axis=1), weights @ _columns(base).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(by[0] / by[1])


def kappas(weights: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return Cohen's kappa by draw; marks of shape (n,) or (n, aspects), pooled.

    References
    ----------
    Cohen 1960, Educational and Psychological Measurement 20(1).
    """
    one, two = _columns(first), _columns(second)
    total = weights.sum(axis=1) * one.shape[1]
    same = weights @ (one == two).sum(axis=1) / total
    p, q = weights @ one.sum(axis=1) / total, weights @ two.sum(axis=1) / total
    chance = p * q + (1 - p) * (1 - q)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((same - chance) / (1 - chance))


def f_score(precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    """Return the harmonic mean of precision and recall."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(2 * precision * recall / (precision + recall))


def _columns(marks: np.ndarray) -> np.ndarray:
    return np.asarray(marks, dtype=float).reshape(len(marks), -1)
