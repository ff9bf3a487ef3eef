"""Share, penetration, frequency and loyalty of the brands of a category, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.competitors.market.panel import Panel

MEASURES = (
    "share",
    "penetration",
    "purchase_frequency",
    "category_rate",
    "share_of_requirements",
    "sole_buyers",
)
GROUPS = 4_096
"""Most units that are drawn: above it households are put into so many groups by their place."""
_DRAWS = 400
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class GroupSums:
    """Sums over groups of households; arrays of shape (g, j), ``households`` of shape (g,).

    Parameters
    ----------
    households
        Of the panel, those without a purchase included.
    purchases, buyers, category, sole
        Of each brand: its purchases, its buyers, their category purchases, those of them who buy
        no other brand.
    """

    households: np.ndarray
    purchases: np.ndarray
    buyers: np.ndarray
    category: np.ndarray
    sole: np.ndarray


def brand_measures(panel: Panel, *, seed: int, draws: int = _DRAWS) -> pd.DataFrame:
    """Return how large and how loyal each brand's custom is.

    Parameters
    ----------
    panel
        Purchases by household and brand.
    seed
        Of the bootstrap.
    draws
        Bootstrap samples.

    Returns
    -------
    pandas.DataFrame
        One row a named brand: brand, buyers, purchases, and with ``_low`` and ``_high``: share (of
        category purchases), penetration (share of households), purchase_frequency (purchases a
        buyer), category_rate (category purchases a buyer of the brand), share_of_requirements
        (their ratio), sole_buyers (share of its buyers who buy no other brand).

    Notes
    -----
    Percentile intervals of a bootstrap that draws households with all their purchases; above
    :data:`GROUPS` households, groups of households that have nothing in common but their place.
    """
    sums = group_sums(panel)
    named = len(panel.named)
    whole = {
        name: value[0] for name, value in measured(sums, np.ones((1, len(sums.households)))).items()
    }
    rng = np.random.default_rng(seed)
    count = len(sums.households)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=draws).astype(float)
    drawn = measured(sums, weights)
    frame = pd.DataFrame(
        {
            "brand": list(panel.named),
            "buyers": sums.buyers.sum(axis=0)[:named].astype(int),
            "purchases": sums.purchases.sum(axis=0)[:named].astype(int),
        }
    )
    tail = 50 * (1 - _LEVEL)
    for name in MEASURES:
        low, high = np.nanpercentile(drawn[name][:, :named], [tail, 100 - tail], axis=0)
        frame[name] = whole[name][:named]
        frame[f"{name}_low"] = np.minimum(low, whole[name][:named])
        frame[f"{name}_high"] = np.maximum(high, whole[name][:named])
    return frame


def group_sums(panel: Panel) -> GroupSums:
    """Return the sums a bootstrap of households needs, by groups of households."""
    count = min(panel.households, GROUPS)
    brands = len(panel.brands)
    sums = [np.zeros((count, brands)) for _ in range(4)]
    first = 0
    for counts in panel.blocks():
        place = (first + np.arange(len(counts))) % count
        first += len(counts)
        for total, part in zip(sums, parts(counts), strict=True):
            for brand in range(brands):
                total[:, brand] += np.bincount(place, weights=part[:, brand], minlength=count)
    households = np.bincount(np.arange(panel.households) % count, minlength=count).astype(float)
    return GroupSums(households, *sums)


def parts(counts: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return by household and brand: purchases, buys it, category purchases then, buys no other."""
    size = counts.sum(axis=1)[:, None]
    buys = counts > 0
    return counts, buys, buys * size, buys & (counts == size)


def measured(sums: GroupSums, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return every measure (d, j) of samples that hold each group so many times.

    Parameters
    ----------
    weights
        Shape (d, g).
    """
    purchases, buyers, category, sole = (
        weights @ part for part in (sums.purchases, sums.buyers, sums.category, sums.sole)
    )
    households = (weights @ sums.households)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "share": purchases / purchases.sum(axis=1, keepdims=True),
            "penetration": buyers / households,
            "purchase_frequency": purchases / buyers,
            "category_rate": category / buyers,
            "share_of_requirements": purchases / category,
            "sole_buyers": sole / buyers,
        }
