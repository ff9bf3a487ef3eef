"""Which brands share their buyers, beside what the duplication law and the model expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.competitors.market.households import HouseholdDirichlet
from loyalty_research.competitors.market.panel import Panel
from loyalty_research.stats import holm


@dataclass(frozen=True, slots=True)
class Duplication:
    """Buyers that brands have in common.

    Parameters
    ----------
    table
        One row a pair of brands, both ways: brand, other, shared (share of the brand's buyers who
        buy the other), law (D x the penetration of the other), ratio (shared / law).
    pairs
        One row an unordered pair: brand, other, ratio (observed over expected by the model, both
        relative to the two penetrations) with its interval, p_value, verdict (``above``, ``alike``,
        ``below``; ``few`` where a brand has too few buyers). Empty without a model.
    coefficient
        D, over all pairs: sum of what is shared / sum of penetrations.
    partitions
        Brands that share more buyers than the model has them share: connected by pairs ``above``.
    """

    table: pd.DataFrame
    pairs: pd.DataFrame
    coefficient: float
    partitions: tuple[tuple[str, ...], ...]


def duplication(
    panel: Panel, fit: HouseholdDirichlet | None, *, seed: int, level: float = 0.95, least: int = 30
) -> Duplication:
    """Set the buyers brands share beside the duplication law and the NBD-Dirichlet.

    Parameters
    ----------
    panel
        Purchases by household and brand; at least two named brands.
    fit
        Of the panel; None where it has no model.
    seed
        Of the households drawn from the model.
    level
        Of all pairs together, for verdicts; of each interval alone.
    least
        Buyers a brand needs to be judged.

    Notes
    -----
    Law: b(k|j) = D b(k) with one D for the category (Goodhardt 1966; Ehrenberg 1988, section 10).
    The NBD-Dirichlet obeys it nearly, not quite, so that pairs are judged against the model: the
    logarithm of N n(jk) / (n(j) n(k)) less the model's, its variance over households the larger of
    theirs and that of households drawn from the model, by Holm's test over all pairs.
    """
    places = np.arange(len(panel.named))
    shared, buyers = _shared(panel)
    within = shared[np.ix_(places, places)] / buyers[places][:, None]
    reach = (buyers / panel.households)[places]
    off = ~np.eye(len(places), dtype=bool)
    coefficient = float(within[off].sum() / np.broadcast_to(reach, within.shape)[off].sum())
    table = pd.DataFrame(
        [
            {
                "brand": panel.named[j],
                "other": panel.named[k],
                "shared": within[j, k],
                "law": coefficient * reach[k],
                "ratio": within[j, k] / (coefficient * reach[k]),
            }
            for j in places
            for k in places
            if j != k
        ]
    )
    if fit is None:
        return Duplication(table, pd.DataFrame(), coefficient, ())
    pairs = _judged(panel, fit, shared, buyers, seed=seed, level=level, least=least)
    return Duplication(table, pairs, coefficient, _partitions(panel.named, pairs))


def _shared(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Return households that buy both of two brands (j, j), and each (j,)."""
    found = np.zeros((len(panel.brands),) * 2)
    for counts in panel.blocks():
        buys = (counts > 0).astype(np.float64)
        found += buys.T @ buys
    return found, np.diag(found).copy()


def _judged(
    panel: Panel,
    fit: HouseholdDirichlet,
    shared: np.ndarray,
    buyers: np.ndarray,
    *,
    seed: int,
    level: float,
    least: int,
) -> pd.DataFrame:
    first, second = (
        np.array(side) for side in zip(*combinations(range(len(panel.named)), 2), strict=True)
    )
    log, gradient = _expected(fit, first, second)
    both = shared[first, second]
    with np.errstate(divide="ignore"):
        ratio = np.log(both * panel.households / (buyers[first] * buyers[second])) - log

    def part(counts: np.ndarray) -> np.ndarray:
        buys = counts > 0
        pair = buys[:, first] & buys[:, second]
        single = buys[:, first] / buyers[first] + buys[:, second] / buyers[second]
        return pair / np.maximum(both, 1) - single + 1 / panel.households

    drawn = fit.comparison(seed)
    variances = [fit.variance(gradient, each, part) for each in (panel, drawn)]
    error = np.sqrt(np.maximum(*variances))
    known = np.isfinite(ratio)
    enough = known & (np.minimum(buyers[first], buyers[second]) >= least)
    p_value = np.where(known, 2 * norm.sf(np.abs(ratio) / error), 1.0)
    passed = np.zeros(len(first), dtype=bool)
    passed[enough] = holm(p_value[enough], level=level)
    margin = norm.ppf(0.5 + level / 2) * error
    verdict = np.where(passed, np.where(ratio > 0, "above", "below"), "alike")
    return pd.DataFrame(
        {
            "brand": [panel.named[j] for j in first],
            "other": [panel.named[k] for k in second],
            "ratio": np.exp(ratio),
            "low": np.where(known, np.exp(ratio - margin), np.nan),
            "high": np.where(known, np.exp(ratio + margin), np.nan),
            "p_value": p_value,
            "verdict": np.where(enough, verdict, "few"),
        }
    )


def _expected(
    fit: HouseholdDirichlet, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return log of b(jk) / (b(j) b(k)) for pairs (m,), and its gradient (2 + j, m)."""
    alpha, numbers, pairs = fit.alpha, len(fit.brands), np.arange(len(first))
    single, slopes = fit.reach(alpha)
    weight = alpha[first] + alpha[second]
    either, slopes_either = fit.reach(weight)
    both = single[first] + single[second] - either
    gradient = np.zeros((2 + numbers, len(first)))
    for row in (0, 1):
        own = slopes[row]
        gradient[row] = (own[first] + own[second] - slopes_either[row]) / both
        gradient[row] -= own[first] / single[first] + own[second] / single[second]
    shared = (slopes[3][first] + slopes[3][second] - slopes_either[3]) / both
    shared -= slopes[3][first] / single[first] + slopes[3][second] / single[second]
    gradient[2:] = shared / fit.S
    for place in (first, second):
        own = slopes[2][place] / alpha[place]
        by_own = (own - slopes_either[2] / weight) / both - own / single[place]
        gradient[2 + place, pairs] += by_own
    return np.log(both / (single[first] * single[second])), gradient


def _partitions(brands: Sequence[str], pairs: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    group = {brand: {brand} for brand in brands}
    for row in pairs[pairs["verdict"] == "above"].to_dict("records"):
        merged = group[row["brand"]] | group[row["other"]]
        for brand in merged:
            group[brand] = merged
    found = {tuple(name for name in brands if name in each) for each in group.values()}
    return tuple(sorted(each for each in found if len(each) > 1))
