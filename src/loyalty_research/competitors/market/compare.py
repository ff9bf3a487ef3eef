"""Brands beside what the NBD-Dirichlet has for their size: loyal beyond it or not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.competitors.market.households import MEASURES, HouseholdDirichlet
from loyalty_research.competitors.market.measures import parts
from loyalty_research.competitors.market.panel import Panel
from loyalty_research.stats import holm

LOYALTY = "share_of_requirements"
"""The measure by which a brand is called loyal beyond its size."""


def against_model(
    fit: HouseholdDirichlet, *, seed: int, level: float = 0.95, least: int = 30
) -> pd.DataFrame:
    """Set what each brand has against what a brand of its size can expect.

    Parameters
    ----------
    fit
        Of :func:`fit_dirichlet_households`.
    seed
        Of the households drawn from the model.
    level
        Of all named brands together, for ``verdict``; of each interval alone.
    least
        Buyers a brand needs to be judged.

    Returns
    -------
    pandas.DataFrame
        One row a named brand and measure (penetration, purchase_frequency, share_of_requirements,
        sole_buyers): observed, expected, excess (observed / expected - 1) with its interval,
        p_value, verdict (``above``, ``alike``, ``below``; ``few`` for a brand with too few buyers).
        Missing where nobody is a sole buyer.

    Notes
    -----
    The interval is that of log(observed / expected), normal, its variance taken over households:
    each household's part of the observed ratio less its part of the fitted expectation, so that
    the error of the fit is in it. The larger of two variances is taken: that of the households
    themselves, which holds where the model does not, and that of households drawn from the model,
    which is steady where a brand has few buyers. A verdict other than ``alike`` needs Holm's test
    over all named brands of a measure.
    """
    named, numbers = len(fit.panel.named), len(fit.brands)
    expected = fit.log_expected()
    observed = {name: _observed(fit.panel, name) for name in MEASURES}
    gradient = np.hstack([expected[name][1] for name in MEASURES])

    def part(counts: np.ndarray) -> np.ndarray:
        return np.hstack([own(counts) for _, own in observed.values()])

    drawn = fit.comparison(seed)
    variances = [fit.variance(gradient, panel, part) for panel in (fit.panel, drawn)]
    errors = np.sqrt(np.maximum(*variances)).reshape(len(MEASURES), numbers)[:, :named]
    enough = ((fit.panel.counts > 0).sum(axis=0) >= least)[:named]
    frames = []
    for name, error in zip(MEASURES, errors, strict=True):
        seen, should = observed[name][0][:named], np.exp(expected[name][0][:named])
        judged = _judged(seen, should, error, enough, level=level)
        frames.append(judged.assign(brand=list(fit.panel.named), measure=name))
    found = pd.concat(frames, ignore_index=True)
    return found[["brand", "measure", *found.columns.drop(["brand", "measure"])]]


def _judged(
    seen: np.ndarray, should: np.ndarray, error: np.ndarray, enough: np.ndarray, *, level: float
) -> pd.DataFrame:
    """Return excess, interval and verdict of the brands in one measure."""
    with np.errstate(divide="ignore"):
        excess = np.log(seen / should)
    known = np.isfinite(excess) & (error > 0)
    p_value = np.where(known, 2 * norm.sf(np.abs(excess) / np.where(known, error, 1)), 1.0)
    passed = np.zeros(len(seen), dtype=bool)
    passed[enough & known] = holm(p_value[enough & known], level=level)
    margin = norm.ppf(0.5 + level / 2) * error
    side = np.where(excess > 0, "above", "below")
    return pd.DataFrame(
        {
            "observed": seen,
            "expected": should,
            "excess": np.where(known, np.expm1(excess), np.nan),
            "low": np.where(known, np.expm1(excess - margin), np.nan),
            "high": np.where(known, np.expm1(excess + margin), np.nan),
            "p_value": np.where(known, p_value, np.nan),
            "verdict": np.where(enough, np.where(passed, side, "alike"), "few"),
        }
    )


def _observed(panel: Panel, measure: str) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Return a measure of each brand (j,), and each household's part of its logarithm (n, j)."""
    sums = [np.zeros(len(panel.brands)) for _ in range(4)]
    for counts in panel.blocks():
        for total, part in zip(sums, parts(counts), strict=True):
            total += part.sum(axis=0)
    bought, buyers, category, sole = sums
    if measure == "penetration":
        share = buyers / panel.households
        return share, lambda counts: ((counts > 0) - share) / buyers
    if measure == "purchase_frequency":
        rate = bought / buyers
        return rate, lambda counts: (counts - rate * (counts > 0)) / bought
    if measure == LOYALTY:
        met = bought / category
        return met, lambda counts: (counts - met * parts(counts)[2]) / bought
    only, divisor = sole / buyers, np.maximum(sole, 1)
    return only, lambda counts: (parts(counts)[3] - only * (counts > 0)) / divisor
