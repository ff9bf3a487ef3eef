"""Made customers for the proofs of offers: volume, tastes and planted partners are known."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from loyalty_research.profile.offers.next_judge import Kind, comparison, judge
from loyalty_research.profile.offers.next_models import fit_rankers
from loyalty_research.profile.offers.pairs_rows import Counts

ITEMS = 24


def held_by_volume(kind: str, customers: int, rng: np.random.Generator) -> np.ndarray:
    """Return who holds what; customers differ in volume and choose items independently.

    ``picks``: a gamma number of picks, each an item by its share. ``odds``: each item on its own,
    with odds of the customer's volume times the item's weight.
    """
    share = rng.dirichlet(np.full(ITEMS, 2.0))
    volume = rng.gamma(1.0, 1.0, customers)
    if kind == "picks":
        return np.asarray(rng.poisson(15 * volume[:, None] * share[None, :]) > 0)
    odds = 0.5 * volume[:, None] * share[None, :] * ITEMS
    return np.asarray(rng.random((customers, ITEMS)) < odds / (1 + odds))


def with_partner(held: np.ndarray, rng: np.random.Generator, *, share: float) -> tuple[int, int]:
    """Let a share of the buyers of one item of middling size buy another as well; return both."""
    order = np.argsort(held.sum(axis=0))
    first, second = (int(place) for place in order[[ITEMS // 2, ITEMS // 2 - 2]])
    held[:, second] |= held[:, first] & (rng.random(len(held)) < share)
    return min(first, second), max(first, second)


def counts_of(held: np.ndarray) -> Counts:
    """Return the counts the engine would give."""
    size = held.sum(axis=1)
    span = range(int(size.max()) + 1)
    parts = [held[size == number].astype(float) for number in span]
    both = np.stack([part.T @ part for part in parts])
    buyers = np.stack([part.sum(axis=0) for part in parts])
    for own in both:
        np.fill_diagonal(own, 0.0)
    return Counts(len(held), np.bincount(size).astype(float), buyers, both)


def bought_twice(
    customers: int, rng: np.random.Generator, *, own_tastes: bool, partners: float = 0.0
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Return days with a purchase by customer and item, of a time and of the time after it.

    Parameters
    ----------
    own_tastes
        Whether customers have shares of their own, drawn around the common ones item by item.
    partners
        Share of later purchases that are the partner of an item bought before.
    """
    share = rng.dirichlet(np.full(ITEMS, 3.0))
    number = 2 + rng.poisson(rng.gamma(2.0, 4.0, customers))
    taste = np.broadcast_to(share, (customers, ITEMS))
    if own_tastes:
        taste = rng.gamma(6 * taste) + 1e-12
        taste = taste / taste.sum(axis=1, keepdims=True)
    before = rng.multinomial(number, taste)
    after = rng.multinomial(1 + number // 3, taste)
    if partners:
        turned = np.roll(before, ITEMS // 2, axis=1)
        chance = turned / turned.sum(axis=1, keepdims=True)
        mixed = (1 - partners) * taste + partners * chance
        after = rng.multinomial(1 + number // 3, mixed)
        half = rng.multinomial(number, taste)
        follow = np.roll(half, ITEMS // 2, axis=1)
        before = half + rng.binomial(follow, partners)
    return sparse.csr_matrix(before, dtype=np.float32), sparse.csr_matrix(after, dtype=np.float32)


def beats(before: sparse.csr_matrix, after: sparse.csr_matrix, kind: Kind) -> bool:
    """Tell whether a model is said to beat the simple ways of ranking."""
    rankers = fit_rankers(before)
    if kind == "first":
        rankers = {name: item for name, item in rankers.items() if name != "own_most"}
    return bool(comparison(judge(rankers, before, after, kind=kind, k=3), kind)["beats"].any())
