"""Where a repeat rate comes from: terms of one choice model switched off, averaged over orders."""

from __future__ import annotations

import itertools
import math

import numpy as np

from loyalty_research.competitors.choice.classes import ClassFit
from loyalty_research.competitors.choice.design import Design
from loyalty_research.competitors.choice.logit import chances
from loyalty_research.competitors.choice.occasions import Occasions

TERMS = ("preference", "price", "carry_over")


def split_repeat(
    occasions: Occasions, design: Design, fit: ClassFit, *, weights: np.ndarray
) -> np.ndarray:
    """Split each brand's repeat rate in the model.

    Parameters
    ----------
    occasions
        What was fitted.
    design, fit
        With the carry-over given.
    weights
        Shape (h,): how often each household counts.

    Returns
    -------
    numpy.ndarray
        Shape (j, 5): what equal chances for all brands on offer give, then the part of each of
        preference, price and promotion, and carry-over, then the repeat rate of the model, which
        is the sum of the four. Missing for a brand after which nothing was bought.

    Notes
    -----
    The repeat rate is the mean chance of a brand over the purchases that follow one of it. Switched
    off, a term is 0 for all brands: no brand is liked more than another by anyone (constants), all
    cost the same and none is promoted, the purchase before is forgotten. A term's part is the mean
    of what it adds over all orders in which terms are switched on (Shapley 1953). Households keep
    the chances of the classes that all their choices give them.
    """
    worth = {
        on: _repeat(occasions, design, fit, on, weights)
        for size in range(len(TERMS) + 1)
        for on in itertools.combinations(TERMS, size)
    }
    parts = [sum(_gain(worth, on, term) for on in worth if term not in on) for term in TERMS]
    return np.column_stack([worth[()], *parts, worth[TERMS]])


def _gain(worth: dict[tuple[str, ...], np.ndarray], on: tuple[str, ...], term: str) -> np.ndarray:
    """Return what a term adds to others, weighted by the orders in which it comes after them."""
    after = tuple(name for name in TERMS if name in on or name == term)
    size, before = len(TERMS), len(on)
    share = math.factorial(before) * math.factorial(size - before - 1) / math.factorial(size)
    return share * (worth[after] - worth[on])


def _repeat(
    occasions: Occasions,
    design: Design,
    fit: ClassFit,
    on: tuple[str, ...],
    weights: np.ndarray,
) -> np.ndarray:
    constant = np.isin(np.array(design.names), design.brands)
    kept = np.where(constant, "preference" in on, "price" in on)
    given = design.given * ("carry_over" in on)
    chance = mixed_chances(design, fit, kept=kept, given=given)
    found = np.full(len(design.brands), np.nan)
    for brand in range(len(found)):
        after = occasions.before == brand
        counted = weights[design.household[after]]
        if counted.sum() > 0:
            found[brand] = counted @ chance[after, brand] / counted.sum()
    return found


def mixed_chances(
    design: Design, fit: ClassFit, *, kept: np.ndarray | None = None, given: np.ndarray
) -> np.ndarray:
    """Return the chances (n, j) of brands, over the classes that a household may be of.

    Parameters
    ----------
    kept
        Shape (p,): 0 for columns that are switched off.
    given
        Shape (n, j): in the place of the design's.
    """
    shown = Design(design.names, design.brands, design.features, design.on_offer, design.chosen,
                   design.household, given)  # fmt: skip
    own = fit.coefficients if kept is None else fit.coefficients * kept
    each = [chances(shown, one) for one in own]
    share = fit.membership[design.household]
    return np.asarray(np.einsum("ns,snj->nj", share, np.stack(each)))
