"""Who switches to whom: from one purchase to the next within households, beside shuffled orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np

from loyalty_research.competitors.market.purchases import numbered
from loyalty_research.engine import as_table, collect, reduction, require_columns
from loyalty_research.errors import DataError, MissingTableError, problem
from loyalty_research.stats import seed_from
from loyalty_research.stats.intervals import LEVEL

DRAWS, MOST_BRANDS = 1_000, 9
REST = ""
"""Stands for all brands that are not named."""


@dataclass(frozen=True, slots=True)
class Switching:
    """Purchases by the brand bought the time before, within households.

    Parameters
    ----------
    brands
        Names (j,), the most bought first; an empty name, the last, for all others where there are.
    counts
        Shape (j, j): pairs of purchases that follow each other, from the row to the column.
    shuffled
        Shape (j, j): the pairs to expect were each household's own purchases in a random order.
    drawn, drawn_shuffled
        Shapes (b, j, j): both in samples of households drawn with replacement.
    buyers
        Shape (j,): households with a purchase after one of the brand.
    households
        With at least two purchases.
    """

    brands: tuple[str, ...]
    counts: np.ndarray
    shuffled: np.ndarray
    drawn: np.ndarray
    drawn_shuffled: np.ndarray
    buyers: np.ndarray
    households: int

    @property
    def retention(self) -> np.ndarray:
        """Shape (j,): share of the purchases after one of a brand that are of the brand again."""
        return repeated(self.counts)

    @property
    def excess(self) -> np.ndarray:
        """Shape (j,): retention less that of a random order; all that is called carry-over."""
        return repeated(self.counts) - repeated(self.shuffled)

    @property
    def equilibrium(self) -> np.ndarray:
        """Shape (j,): shares at which switching in and out are equal."""
        return stationary(self.counts)

    def interval(self, name: str, *, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of ``retention``, ``shuffled``, ``excess`` or ``equilibrium``.

        Notes
        -----
        Quantiles over samples of households; samples without a purchase of a brand are left out.
        """
        if name == "equilibrium":
            drawn = np.stack([stationary(one) for one in self.drawn])
        else:
            own, random = repeated(self.drawn), repeated(self.drawn_shuffled)
            drawn = {"retention": own, "shuffled": random, "excess": own - random}[name]
        tail = (1 - level) / 2
        low, high = np.nanquantile(drawn, [tail, 1 - tail], axis=0)
        return low, high


@reduction
def steps(purchases: ir.Table, *, brands: list[str]) -> ir.Table:
    """Return one row a household, brand before and brand after: household_id, cell, pairs.

    Parameters
    ----------
    purchases
        household_id, brand, occasion_id, and ``sequence`` or ``at``.
    brands
        Names with a code of their own, from 0; all others share the next. ``cell`` is the code
        before x (brands + 1) + the code after; the code before a first purchase is brands + 1.
    """
    size = len(brands) + 1
    code = purchases.brand.cases(*zip(brands, range(len(brands)), strict=True), else_=len(brands))
    when = purchases.sequence if "sequence" in purchases.columns else purchases.at
    coded = purchases.mutate(_code=code.cast("int64"), _when=when)
    order = [coded["_when"], coded.occasion_id, coded["_code"]]
    before = coded["_code"].lag().over(group_by=coded.household_id, order_by=order)
    cells = coded.mutate(cell=before.fill_null(size) * size + coded["_code"])
    return cells.group_by(["household_id", "cell"]).aggregate(pairs=cells.count())


@reduction
def sold(purchases: ir.Table) -> ir.Table:
    """Return one row a brand: brand, purchases."""
    return purchases.group_by("brand").aggregate(purchases=purchases.count())


def read_switching(
    market: Any, *, most: int = MOST_BRANDS, draws: int = DRAWS, seed: int | None = None
) -> Switching:
    """Count how households move between brands.

    Parameters
    ----------
    market
        One row a purchase: household_id, occasion_id, brand, and sequence or at.
    most
        Brands with a row of their own, the most bought first; all others are one.
    draws
        Samples of households.
    seed
        Of the samples.

    Raises
    ------
    MissingTableError
        Where a column is missing.
    DataError
        Where fewer than two brands were bought, or nobody bought twice.

    Notes
    -----
    Pairs do not reach from one household to another. In a random order of a household's own n
    purchases, c_j of them of brand j, the pairs to expect are c_j c_k / n, and c_j (c_j - 1) / n
    for a brand followed by itself: what households with fixed likings of their own show without
    any memory, however much they differ. Equilibrium shares are the left eigenvector of the
    matrix of shares, for its eigenvalue 1.

    References
    ----------
    Massy, Montgomery & Morrison 1970, Stochastic Models of Buying Behavior; Frank 1962, Journal of
    Business 35(1), 43-56 (runs and differences of households).
    """
    table = as_table(market, name="market")
    require_columns(table, ["household_id", "occasion_id", "brand"], name="market")
    if not {"sequence", "at"} & set(table.columns):
        raise MissingTableError(
            problem("{name}: column {missing} is missing", name="market", missing="sequence")
        )
    sizes = collect(sold(table), sort_by=["brand"])
    sizes = sizes.sort_values(["purchases", "brand"], ascending=[False, True])
    brands = [str(name) for name in sizes["brand"].head(most)]
    if len(brands) < 2:
        raise DataError(
            problem(
                "market: found {found} brand; switching needs at least two that were bought",
                found=len(brands),
            )
        )
    cells = collect(steps(numbered(table), brands=brands), sort_by=["household_id", "cell"])
    names = (*brands, REST) if len(sizes) > len(brands) else tuple(brands)
    own = _by_household(cells["household_id"], cells["cell"], cells["pairs"], len(brands) + 1)
    pairs, random = (part[:, : len(names), : len(names)] for part in own)
    if not len(pairs):
        raise DataError(
            problem("market: nobody bought twice, so that no purchase has one before it")
        )
    rng = np.random.default_rng(seed_from("switching") if seed is None else seed)
    drawn, drawn_random = _samples(pairs, random, draws, rng)
    buyers = (pairs.sum(axis=2) > 0).sum(axis=0)
    return Switching(
        names, pairs.sum(axis=0), random.sum(axis=0), drawn, drawn_random, buyers, len(pairs)
    )


def repeated(counts: np.ndarray) -> np.ndarray:
    """Return the diagonal of each matrix (..., j, j) over its row sums; missing for empty rows."""
    total = counts.sum(axis=-1)
    own = np.diagonal(counts, axis1=-2, axis2=-1)
    return np.where(total > 0, own / np.where(total > 0, total, 1), np.nan)


def stationary(counts: np.ndarray) -> np.ndarray:
    """Return the shares (j,) at which moves in and out are equal.

    Missing where a brand is never left or never reached, so that there is more than one answer.
    """
    total = counts.sum(axis=1)
    size = len(counts)
    if not (total > 0).all():
        return np.full(size, np.nan)
    moves = counts / total[:, None]
    system = np.vstack([moves.T - np.eye(size), np.ones(size)])
    if (
        np.linalg.matrix_rank(system, tol=1e-9) < size
        or np.linalg.matrix_rank(moves - np.eye(size), tol=1e-9) < size - 1
    ):
        return np.full(size, np.nan)
    return np.asarray(np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0])


def _by_household(
    household: Any, cell: Any, pairs: Any, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs and those of a random order, shapes (h, j, j), of who bought twice or more."""
    row = np.unique(household, return_inverse=True)[1]
    before, after = np.divmod(np.asarray(cell), size)
    amount = np.asarray(pairs, dtype=float)
    bought = np.zeros((row.max() + 1, size))
    np.add.at(bought, (row, after), amount)
    moves = np.zeros((len(bought), size, size))
    real = before < size
    np.add.at(moves, (row[real], before[real], after[real]), amount[real])
    total = bought.sum(axis=1)
    random = bought[:, :, None] * bought[:, None, :]
    places = np.arange(size)
    random[:, places, places] -= bought
    random /= total[:, None, None]
    several = total > 1
    return moves[several], random[several]


def _samples(
    pairs: np.ndarray, random: np.ndarray, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    size, shape = len(pairs), pairs.shape[1:]
    both = np.hstack([pairs.reshape(size, -1), random.reshape(size, -1)])
    found = np.stack(
        [np.bincount(rng.integers(size, size=size), minlength=size) @ both for _ in range(draws)]
    )
    half = found.shape[1] // 2
    return found[:, :half].reshape(-1, *shape), found[:, half:].reshape(-1, *shape)
