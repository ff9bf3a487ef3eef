"""What moved between two halves, and whether the model of one tells the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.competitors.market.households import MEASURES, HouseholdDirichlet
from loyalty_research.competitors.market.measures import group_sums, measured
from loyalty_research.competitors.market.panel import Panel
from loyalty_research.competitors.market.sums import BrandSums, brand_sums, totals

PARTS = ("penetration", "category_rate", "share_of_requirements")
"""Purchases a household are the product of the three."""
_DRAWS = 400


def split_between(
    first: Panel, second: Panel, fit: HouseholdDirichlet, *, seed: int, draws: int = _DRAWS
) -> pd.DataFrame:
    """Split the change of each brand's purchases, as it was and as the model has it.

    Parameters
    ----------
    first, second
        Panels of the two halves, of the same brands; a row is the same household.
    fit
        The model of the first half.
    seed, draws
        Of the bootstrap of households.

    Returns
    -------
    pandas.DataFrame
        One row a named brand: brand, buyers (of the half that has fewer), change (of purchases a
        household, relative), with ``_low`` and ``_high``; and for each of penetration,
        category_rate and share_of_requirements the part of log change it makes up (they add up to
        log(1 + change)), with its interval, and ``_expected``: the same under the model.

    Notes
    -----
    Purchases a household = penetration x category rate of the brand's buyers x share of category
    requirements. Expected: K and S of the first half, with each half's own category purchases a
    household and shares. Households are drawn with both halves.
    """
    sums = [group_sums(panel) for panel in (first, second)]
    count = len(sums[0].households)
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    seen = [_logs(measured(each, np.ones((1, count)))) for each in sums]
    drawn = [_logs(measured(each, weights.astype(float))) for each in sums]
    expected = [_expected_logs(panel, fit) for panel in (first, second)]
    named = len(first.named)
    buyers = np.minimum((first.counts > 0).sum(axis=0), (second.counts > 0).sum(axis=0))
    frame = pd.DataFrame({"brand": list(first.named), "buyers": buyers[:named]})
    move = sum(seen[1][name] - seen[0][name] for name in PARTS)[0]
    moves = sum(drawn[1][name] - drawn[0][name] for name in PARTS)
    frame["change"] = np.expm1(move)[:named]
    frame["change_low"], frame["change_high"] = np.expm1(_bounds(moves))[:, :named]
    for name in PARTS:
        frame[name] = (seen[1][name] - seen[0][name])[0][:named]
        frame[f"{name}_low"], frame[f"{name}_high"] = _bounds(drawn[1][name] - drawn[0][name])[
            :, :named
        ]
        frame[f"{name}_expected"] = (expected[1][name] - expected[0][name])[:named]
    return frame


def _logs(measures: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: np.log(measures[name]) for name in PARTS}


def _bounds(drawn: np.ndarray) -> np.ndarray:
    usable = np.where(np.isfinite(drawn), drawn, np.nan)
    found: np.ndarray = np.nanpercentile(usable, [2.5, 97.5], axis=0)
    return found


def _expected_logs(panel: Panel, fit: HouseholdDirichlet) -> dict[str, np.ndarray]:
    purchases = panel.counts.sum(axis=0)
    mean = float(purchases.sum()) / panel.households
    sums = _sums(mean, fit, purchases / purchases.sum())
    return {
        "penetration": np.log(sums.penetration),
        "category_rate": np.log(sums.category_rate),
        "share_of_requirements": np.log(sums.requirements),
    }


def _sums(mean: float, fit: HouseholdDirichlet, shares: np.ndarray) -> BrandSums:
    """Return what brands can expect with the K and S of a fit; ``mean`` as observed."""
    if fit.truncated:  # the observed mean is that of buyers
        mean = _untruncated(mean, fit.K)
    return brand_sums(totals(mean, fit.K, truncated=fit.truncated), fit.S * shares, fit.S)


def _untruncated(mean: float, shape: float) -> float:
    """Return M whose buyers have ``mean`` purchases: M = mean x (1 - (1 + M / K)^-K)."""
    found = mean
    for _ in range(500):
        found = mean * -np.expm1(-shape * np.log1p(found / shape))
    return float(found)


@dataclass(frozen=True, slots=True)
class HoldOut:
    """How far the second half lies from three forecasts of it.

    Parameters
    ----------
    brands
        One row a named brand and measure: brand, measure, seen, model, alike, before.
    errors
        One row a measure: measure, and the mean relative error of ``model`` (the NBD-Dirichlet of
        the first half), ``alike`` (all brands like the average of the first half) and ``before``
        (each brand as in the first half); brands weigh alike.
    """

    brands: pd.DataFrame
    errors: pd.DataFrame


def hold_out(first: Panel, second: Panel, fit: HouseholdDirichlet, *, least: int = 30) -> HoldOut:
    """Forecast the second half by the model of the first, and by two simple rules.

    Parameters
    ----------
    first, second
        Panels of the halves, of the same brands.
    fit
        The model of the first.
    least
        Buyers a brand needs in each half.
    """
    before, seen = (_measures(panel) for panel in (first, second))
    expected = {name: measure(fit.expected()) for name, measure in MEASURES.items()}
    enough = [
        place
        for place in range(len(first.named))
        if min((panel.counts[:, place] > 0).sum() for panel in (first, second)) >= least
    ]
    rows = []
    for name in ("penetration", "purchase_frequency", "share_of_requirements"):
        alike = float(np.mean(before[name][enough])) if enough else np.nan
        rows += [
            {
                "brand": first.brands[place],
                "measure": name,
                "seen": seen[name][place],
                "model": expected[name][place],
                "alike": alike,
                "before": before[name][place],
            }
            for place in enough
        ]
    frame = pd.DataFrame(rows, columns=["brand", "measure", "seen", "model", "alike", "before"])
    rules = ["model", "alike", "before"]
    missed = frame[rules].sub(frame["seen"], axis=0).abs().div(frame["seen"], axis=0)
    errors = missed.groupby(frame["measure"], sort=False).mean().reset_index()
    return HoldOut(frame, errors)


def _measures(panel: Panel) -> dict[str, np.ndarray]:
    sums = group_sums(panel)
    found = measured(sums, np.ones((1, len(sums.households))))
    return {name: values[0] for name, values in found.items()}
