"""Many tests at once."""

from __future__ import annotations

import numpy as np

from loyalty_research.stats.intervals import LEVEL


def holm(p_values: np.ndarray, *, level: float = LEVEL) -> np.ndarray:
    """Tell which of many tests pass, so that by chance any does in at most 1 - ``level`` of cases.

    Parameters
    ----------
    p_values
        Shape (k,): of any dependence.
    level
        Of all tests together.

    Returns
    -------
    numpy.ndarray
        Shape (k,), boolean.

    Notes
    -----
    Step-down: the i-th smallest, from 1, passes at (1 - level) / (k + 1 - i) where all smaller
    ones pass.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6(2), 65-70.
    """
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values, kind="stable")
    limits = (1 - level) / (len(values) - np.arange(len(values)))
    passed = np.zeros(len(values), dtype=bool)
    passed[order] = np.cumprod(values[order] <= limits).astype(bool)
    return passed


def false_discoveries(p_values: np.ndarray, *, rate: float = 1 - LEVEL) -> np.ndarray:
    """Tell which of many tests pass, with a limit on the expected share of false ones among them.

    Parameters
    ----------
    p_values
        Shape (k,): independent or positively dependent.
    rate
        Expected share of true null hypotheses among those that pass, at most.

    Returns
    -------
    numpy.ndarray
        Shape (k,), boolean.

    Notes
    -----
    Step-up: with i the largest rank whose p-value is at most i * rate / k, the i smallest pass.

    References
    ----------
    Benjamini & Hochberg 1995, JRSS B 57(1), 289-300.
    """
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values, kind="stable")
    within = values[order] <= rate * np.arange(1, len(values) + 1) / max(len(values), 1)
    last = np.flatnonzero(within)
    passed = np.zeros(len(values), dtype=bool)
    if len(last):
        passed[order[: last[-1] + 1]] = True
    return passed
