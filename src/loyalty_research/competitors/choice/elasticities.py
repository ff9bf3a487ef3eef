"""How choices move with prices in a fitted choice model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loyalty_research.competitors.choice.classes import ClassFit
from loyalty_research.competitors.choice.design import Design
from loyalty_research.competitors.choice.logit import chances
from loyalty_research.competitors.choice.occasions import FIRST, Occasions

RISE = 0.1
"""The rise in price whose change in chances is told."""


@dataclass(frozen=True, slots=True)
class PriceResponse:
    """What one per cent on a price goes with.

    Parameters
    ----------
    elasticity
        Shape (j, k): of the purchases expected of brand j to the price of brand k.
    loyal, others
        Shape (j,): change of the chance to buy brand j, in shares, for a rise of its price by a
        tenth: at purchases after one of it, and at purchases after one of another brand.
    """

    elasticity: np.ndarray
    loyal: np.ndarray
    others: np.ndarray

    @property
    def apart(self) -> np.ndarray:
        """Shape (j,): change among the loyal less that among the others."""
        return self.loyal - self.others


def price_response(
    occasions: Occasions, design: Design, fit: ClassFit, *, weights: np.ndarray
) -> PriceResponse:
    """Return how expected purchases move with prices.

    Parameters
    ----------
    occasions, design, fit, weights
        As in :func:`split_repeat`; prices are known.

    Notes
    -----
    Elasticity: sum over purchases and classes of dP_j / dp_k x p_k, over the sum of P_j, so that it
    is of total purchases, not a mean of single ones. Households keep the chances of the classes
    that their choices give them, and what was bought the time before stays: the response of one
    purchase, without what follows from it.
    """
    place = design.names.index("price")
    price = np.nan_to_num(occasions.price)
    counted = weights[design.household]
    size = len(design.brands)
    chance, slopes = np.zeros((len(price), size)), np.zeros((len(price), size, size))
    for which, own in enumerate(fit.coefficients):
        mine = chances(design, own)
        share = fit.membership[design.household, which][:, None]
        cross = -mine[:, :, None] * mine[:, None, :]
        every = np.arange(mine.shape[1])
        cross[:, every, every] += mine
        chance = chance + share * mine
        slopes = slopes + own[place] * share[:, :, None] * cross * price[:, None, :]
    total = counted @ chance
    elasticity = np.tensordot(counted, slopes, axes=1) / np.maximum(total, 1e-12)[:, None]
    brands = np.arange(len(design.brands))
    moves = RISE * slopes[:, brands, brands]
    known = occasions.before != FIRST
    loyal = occasions.before[:, None] == brands
    others = known[:, None] & ~loyal & design.on_offer
    return PriceResponse(elasticity, *(_mean(moves, part, counted) for part in (loyal, others)))


def _mean(moves: np.ndarray, among: np.ndarray, counted: np.ndarray) -> np.ndarray:
    total = counted @ among
    return np.where(total > 0, counted @ (moves * among) / np.where(total > 0, total, 1), np.nan)
