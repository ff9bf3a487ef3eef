"""How well chances of a purchase told who would buy: discrimination, calibration, gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from loyalty_research.stats import Estimate, proportion, ratio, seed_from
from loyalty_research.stats.intervals import LEVEL

RESAMPLES = 200
TENTHS = 10


def log_loss(chance: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Return minus the logarithm of the chance that was given to what came (n,)."""
    return -np.log(np.where(active, chance, 1 - chance))


def gain(
    chance: np.ndarray,
    reference: np.ndarray,
    active: np.ndarray,
    customer: np.ndarray,
    *,
    level: float = LEVEL,
) -> Estimate:
    """Estimate by how much forecasts are better than others, in log score a row.

    Parameters
    ----------
    chance, reference
        Shape (n,): both chances.
    active
        Shape (n,): what came.
    customer
        Shape (n,): whose row it is; a customer may have several.
    level
        Coverage aimed at.

    Returns
    -------
    Estimate
        Positive where ``chance`` is better; the interval takes customers as the sampled units.
    """
    better = log_loss(reference, active) - log_loss(chance, active)
    return by_customer(better, customer, level=level)


def by_customer(values: np.ndarray, customer: np.ndarray, *, level: float = LEVEL) -> Estimate:
    """Estimate a mean over rows, with customers as the sampled units."""
    _, place = np.unique(customer, return_inverse=True)
    return ratio(np.bincount(place, weights=values), np.bincount(place).astype(float), level=level)


def as_share_of(found: Estimate, whole: float) -> Estimate:
    """Return an estimate divided by a positive number."""
    parts = (None if x is None else x / whole for x in (found.value, found.low, found.high))
    value, low, high = parts
    return Estimate(value, low, high, found.base, found.level)


def auc(chance: np.ndarray, active: np.ndarray) -> float:
    """Return the chance that a buyer was ranked above another customer; ties count one half.

    Parameters
    ----------
    chance
        Shape (n,).
    active
        Shape (n,): whether the customer bought.
    """
    return float(_areas(chance, active, np.ones((1, len(chance))))[0])


def _areas(chance: np.ndarray, active: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the area under the curve for each row of weights (k, n); NaN without both kinds."""
    _, place = np.unique(chance, return_inverse=True)
    found = np.full(len(weights), np.nan)
    levels = int(place.max()) + 1
    bought, stayed_away = place[active], place[~active]
    for number, own in enumerate(weights):
        buyers = np.bincount(bought, weights=own[active], minlength=levels)
        others = np.bincount(stayed_away, weights=own[~active], minlength=levels)
        below = np.cumsum(others) - others
        pairs = buyers.sum() * others.sum()
        if pairs > 0:
            found[number] = float(buyers @ (below + others / 2)) / pairs
    return found


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas under the curve with intervals.

    Parameters
    ----------
    areas
        By forecast.
    over
        By forecast: how far it lies above the reference.
    """

    areas: dict[str, Estimate]
    over: dict[str, Estimate]


def bootstrap_areas(
    chances: dict[str, np.ndarray], active: np.ndarray, customer: np.ndarray, *, reference: str
) -> Areas:
    """Estimate areas under the curve and their differences, resampling whole customers.

    Parameters
    ----------
    chances
        Shape (n,) each, by forecast.
    active, customer
        Shape (n,).
    reference
        Forecast the others are compared with.

    Notes
    -----
    Bootstrap percentiles over 200 resamples of customers; each resample judges all forecasts.
    """
    _, place = np.unique(customer, return_inverse=True)
    number = int(place.max()) + 1
    rng = np.random.default_rng(seed_from("retention", "areas"))
    drawn = rng.multinomial(number, np.full(number, 1 / number), RESAMPLES)[:, place]
    points = {name: auc(item, active) for name, item in chances.items()}
    spread = {name: _areas(item, active, drawn) for name, item in chances.items()}
    base = spread[reference]
    return Areas(
        {name: _percentiles(points[name], spread[name], number) for name in chances},
        {
            name: _percentiles(points[name] - points[reference], spread[name] - base, number)
            for name in chances
            if name != reference
        },
    )


def _percentiles(value: float, drawn: np.ndarray, base: int) -> Estimate:
    low, high = np.nanquantile(drawn, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return Estimate(float(value), float(min(low, value)), float(max(high, value)), base)


def calibration_slope(chance: np.ndarray, active: np.ndarray, customer: np.ndarray) -> Estimate:
    """Estimate the slope of the log odds of what came on those forecast; 1 where they are right.

    Parameters
    ----------
    chance, active, customer
        Shape (n,).

    Notes
    -----
    Logistic regression with an intercept; the sandwich over customers gives the interval. Below 1,
    forecasts are too sure.

    References
    ----------
    Cox 1958, Biometrika 45, 562-565.
    """
    rows = np.column_stack([np.ones(len(chance)), np.log(chance / (1 - chance))])
    values = np.array([0.0, 1.0])
    _, place = np.unique(customer, return_inverse=True)
    base = int(place.max()) + 1
    for _ in range(25):
        fitted = expit(rows @ values)
        weight = fitted * (1 - fitted)
        curvature = rows.T @ (rows * weight[:, None])
        if np.linalg.cond(curvature) > 1e12:
            return Estimate(None, None, None, base)
        step = np.linalg.solve(curvature, rows.T @ (active - fitted))
        values = values + step
        if float(np.abs(step).max()) < 1e-10:
            break
    pulls = rows * (active - fitted)[:, None]
    sums = np.column_stack([np.bincount(place, weights=pulls[:, k]) for k in range(2)])
    inverse = np.linalg.inv(curvature)
    error = float(np.sqrt((inverse @ (sums.T @ sums) @ inverse)[1, 1]))
    margin = float(norm.ppf(0.5 + LEVEL / 2)) * error
    slope = float(values[1])
    return Estimate(slope, slope - margin, slope + margin, base)


def calibration_table(chance: np.ndarray, active: np.ndarray) -> pd.DataFrame:
    """Return what was forecast and what came, by tenths of the rows in order of the forecast.

    Returns
    -------
    pandas.DataFrame
        tenth (1 lowest), rows, predicted, observed with low and high.
    """
    order = np.argsort(chance, kind="stable")
    rows = []
    for number, part in enumerate(np.array_split(order, TENTHS), start=1):
        came = proportion(int(active[part].sum()), len(part))
        rows.append(
            {
                "tenth": number,
                "rows": len(part),
                "predicted": float(chance[part].mean()),
                "observed": came.value,
                "observed_low": came.low,
                "observed_high": came.high,
            }
        )
    return pd.DataFrame(rows)


def chance_of_none(estimate: Estimate) -> float:
    """Return the one-sided p-value of a gain of at most zero, from its interval."""
    if estimate.value is None or estimate.high is None:
        return 1.0
    z = float(norm.ppf(0.5 + estimate.level / 2))
    error = (estimate.high - estimate.value) / z
    return float(norm.sf(estimate.value / error)) if error > 0 else float(estimate.value <= 0)


def worst(values: Sequence[float]) -> float:
    """Return the smallest of some gains; 0 where there is none."""
    return min(values, default=0.0)
