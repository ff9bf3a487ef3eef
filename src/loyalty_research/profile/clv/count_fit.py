"""Customers by number of repeat purchases, beside those a model expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import betaln
from scipy.stats import chi2, nbinom

MODELS = ("nbd", "bg_nbd", "mbg_nbd", "pareto_nbd")
_CELLS = 8
_LEAST = 5.0
_NODES = 48
_OPEN = 0.98
_TAIL = 1e-7


@dataclass(frozen=True, slots=True)
class CountFit:
    """Customers by number of repeat purchases, beside those a model expects.

    Parameters
    ----------
    table
        low, high (numbers of purchases of the cell; high -1 for no limit), observed, expected.
    statistic, p_value
        Chi-square over the cells, and its chance where the model is true.
    """

    table: pd.DataFrame
    statistic: float
    p_value: float


def count_probabilities(
    model: str, params: Mapping[str, float], time: float, *, upto: int
) -> np.ndarray:
    """Return the chances of 0, 1, ..., ``upto`` repeat purchases in ``time`` after the first.

    Parameters
    ----------
    model
        ``nbd``, ``bg_nbd``, ``mbg_nbd`` or ``pareto_nbd``.
    params
        By name: r, alpha; a, b; s, beta.
    time
        In the unit the model was fitted in.
    upto
        Largest number.

    Returns
    -------
    numpy.ndarray
        Shape (upto + 1,).

    Notes
    -----
    With N(x | t) the NBD and F(x | t) its chance of x or more: BG/NBD has
    B(a, b + x) / B(a, b) N(x | t), plus B(a + 1, b + x - 1) / B(a, b) F(x | t) where x > 0; MBG/NBD
    has b + x + 1 and b + x in their place, for all x. Pareto/NBD mixes N(x | life) over lives cut
    at t, whose density is s / beta (beta / (beta + life))^(s + 1), by Gauss-Legendre quadrature.

    References
    ----------
    Fader, Hardie & Lee 2005, Marketing Science 24(2), eq. (8); Batislam et al. 2007; Schmittlein,
    Morrison & Colombo 1987.
    """
    x = np.arange(upto + 1)
    bought = _nbd(params, time, x)
    if model == "nbd":
        return bought
    if model == "pareto_nbd":
        return _pareto(params, time, x)
    later = 1 if model == "mbg_nbd" else 0
    a, b = params["a"], params["b"]
    at_least = np.maximum(1 - np.concatenate([[0.0], np.cumsum(bought)[:-1]]), 0.0)
    stays = np.exp(betaln(a, b + x + later) - betaln(a, b)) * bought
    leaves = np.zeros(len(x))
    from_x = x if later else x[1:]
    leaves[from_x] = np.exp(betaln(a + 1, b + from_x + later - 1) - betaln(a, b))
    return stays + leaves * at_least


def _nbd(params: Mapping[str, float], time: float, x: np.ndarray) -> np.ndarray:
    return nbinom.pmf(x, params["r"], params["alpha"] / (params["alpha"] + time))


def _pareto(params: Mapping[str, float], time: float, x: np.ndarray) -> np.ndarray:
    s, beta = params["s"], params["beta"]
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    # Even in the chance to be gone by then, so that early departures are met as often as late ones.
    gone = 1 - (beta / (beta + time)) ** s
    share = gone * (nodes + 1) / 2
    life = beta * ((1 - share) ** (-1 / s) - 1)
    found = (1 - gone) * _nbd(params, time, x)
    for one, weight in zip(life, weights, strict=True):
        found = found + gone * weight / 2 * _nbd(params, float(one), x)
    return found


def compare_counts(
    model: str, params: Mapping[str, float], frequency: np.ndarray, time: np.ndarray
) -> CountFit:
    """Compare customers by number of repeat purchases with those a fitted model expects.

    Parameters
    ----------
    model, params
        As in :func:`count_probabilities`.
    frequency, time
        Shape (n,): repeat purchases, and how long each customer was followed.

    Returns
    -------
    CountFit
        At most eight cells, of about as many customers each, at least five expected.

    Notes
    -----
    Chi-square with one degree of freedom less than cells: with parameters fitted to the customers,
    not to the cells, the statistic is smaller than that (Chernoff & Lehmann 1954), so that a true
    model is called a misfit at most at the nominal rate.
    """
    x = np.asarray(frequency, dtype=int)
    spans, followed = np.unique(np.asarray(time, dtype=float), return_counts=True)
    upto = int(np.quantile(x, _OPEN)) + 1  # from there on one cell, so that few need be computed
    expected = np.zeros(upto + 1)
    for span, customers in zip(spans, followed, strict=True):
        expected += customers * count_probabilities(model, params, float(span), upto=upto)
    observed = np.bincount(np.minimum(x, upto), minlength=upto + 1).astype(float)
    rest = max(float(len(x)) - float(expected.sum()), 0.0)
    starts = _cells(expected, rest)
    seen = np.add.reduceat(observed, starts)
    due = np.add.reduceat(expected, starts)
    due[-1] += rest
    table = pd.DataFrame(
        {
            "low": starts,
            "high": [*(np.array(starts[1:]) - 1), -1],
            "observed": seen.astype(int),
            "expected": due,
        }
    )
    statistic = float(((seen - due) ** 2 / np.maximum(due, _TAIL)).sum())
    p_value = float(chi2.sf(statistic, len(starts) - 1)) if len(starts) > 1 else 1.0
    return CountFit(table, statistic, p_value)


def _cells(expected: np.ndarray, rest: float) -> list[int]:
    """Return the lowest number of each cell, so that cells expect about as many customers."""
    total = float(expected.sum()) + rest
    starts, held = [0], 0.0
    for number, customers in enumerate(expected):
        target = max(total / (_CELLS - len(starts) + 1), _LEAST)
        if len(starts) < _CELLS and held >= target and total - held >= _LEAST:
            starts.append(number)
            total, held = total - held, 0.0
        held += float(customers)
    if held + rest < _LEAST and len(starts) > 1:
        starts.pop()
    return starts
