"""Purchases with all brands that were on offer, read from the tables market and choice_sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.competitors.market.purchases import numbered
from loyalty_research.engine import as_table, collect, collect_one, reduction, require_columns
from loyalty_research.errors import DataError, MissingTableError, Problem, problem, raise_all
from loyalty_research.stats import seed_from

MOST_BRANDS, MOST_PURCHASES = 8, 3_000
"""Brands and purchases that a model takes; of more, households are drawn."""
_ALIKE = 0.01
"""Share of the variation of prices that promotion has to leave for both to have weights."""
FIRST = -1
"""Stands for the purchase before the first that is seen."""


@dataclass(frozen=True, slots=True)
class Occasions:
    """n purchases of h households among at most j brands, household by household, in order.

    Parameters
    ----------
    brands
        Names (j,), the most bought first.
    household
        Shape (n,): 0 to h - 1, ascending.
    chosen
        Shape (n,): place of the brand bought.
    before
        Shape (n,): place of the brand bought the time before; -1 where none is known.
    on_offer
        Shape (n, j), bool.
    price
        Shape (n, j): missing where a brand was not on offer; empty (n, 0) where no price is known.
    promoted
        Shape (n, j): 0 or 1; empty (n, 0) where unknown.
    left_out
        Purchases left out, by reason: ``not_offered`` (the brand bought was not on offer),
        ``several`` (more than one brand on one occasion), ``no_price`` (a price is missing or 0),
        ``other_brand`` (beyond the brands kept).
    all_households
        Before a part of them was drawn.
    """

    brands: tuple[str, ...]
    household: np.ndarray
    chosen: np.ndarray
    before: np.ndarray
    on_offer: np.ndarray
    price: np.ndarray
    promoted: np.ndarray
    left_out: dict[str, int]
    all_households: int

    @property
    def households(self) -> int:
        """How many households."""
        return int(self.household[-1]) + 1

    @property
    def promotion_is_price(self) -> bool:
        """Whether a brand's price differs with its promotion only: both cannot be told apart."""
        if not self.price.shape[1] or not self.promoted.shape[1]:
            return False
        on = self.on_offer[:, :, None]
        values = np.stack([np.nan_to_num(self.price), np.nan_to_num(self.promoted)], axis=2)
        mean = (values * on).sum(axis=0) / np.maximum(on.sum(axis=0), 1)
        price, promoted = np.moveaxis((values - mean) * on, 2, 0)
        slope = (price * promoted).sum(axis=0) / np.maximum((promoted**2).sum(axis=0), 1e-12)
        left = price - slope * promoted
        return bool((left**2).sum() <= _ALIKE * (price**2).sum())

    def shuffled(self, rng: np.random.Generator) -> Occasions:
        """Return each household's own purchases in a random order: nothing can carry over."""
        order = np.lexsort((rng.random(len(self.household)), self.household))
        parts = ("chosen", "on_offer", "price", "promoted")
        moved = {name: getattr(self, name)[order] for name in parts}
        return replace(self, **moved, before=_before(self.household, moved["chosen"]))


@reduction
def bought(market: ir.Table) -> ir.Table:
    """Return one row an occasion: household_id, occasion_id, brand, brands, and its place in time.

    Parameters
    ----------
    market
        household_id, occasion_id, brand, and ``sequence`` or ``at``.
    """
    when = market.sequence if "sequence" in market.columns else market.at
    rows = market.mutate(_when=when)
    grouped = rows.group_by(["household_id", "occasion_id"])
    found = grouped.aggregate(
        brand=rows.brand.min(), brands=rows.brand.nunique(), _when=rows._when.min()
    )
    order = [found["_when"], found["occasion_id"]]
    place = ibis.row_number().over(group_by=found.household_id, order_by=order)
    return found.mutate(place=place).drop("_when")


@reduction
def offers(choice_sets: ir.Table, market: ir.Table) -> ir.Table:
    """Return what was on offer at the occasions of ``market``: occasion_id, brand, price, promoted.

    Prices as numbers; a column that ``choice_sets`` lacks is left out.
    """
    columns = {"occasion_id": choice_sets.occasion_id, "brand": choice_sets.brand}
    if "price" in choice_sets.columns:
        columns["price"] = choice_sets.price.cast("float64")
    if "promoted" in choice_sets.columns:
        columns["promoted"] = choice_sets.promoted.cast("int64")
    known = market.select("occasion_id").distinct()
    return choice_sets.select(**columns).semi_join(known, "occasion_id")


def read_occasions(
    market: Any,
    choice_sets: Any,
    *,
    brands: int | Sequence[str] = MOST_BRANDS,
    purchases: int = MOST_PURCHASES,
) -> Occasions:
    """Return the purchases whose choice set is known.

    Parameters
    ----------
    market
        One row a purchase: household_id, occasion_id, brand, and sequence or at.
    choice_sets
        One row a brand on offer: occasion_id, brand, and price or promoted.
    brands
        How many of the most bought brands are kept, or their names; purchases of others are left
        out and counted.
    purchases
        Purchases, about, at most; of more, as many households as have about so many are drawn by
        lot, the same in every run.

    Raises
    ------
    MissingTableError
        Where a column is missing.
    DataError
        Where fewer than two brands were bought, or nobody bought twice.

    Notes
    -----
    Purchases that are left out still count as the purchase before where their brand is kept.
    """
    market, sets = as_table(market, name="market"), as_table(choice_sets, name="choice_sets")
    _check_columns(market, sets)
    own = numbered(market)
    totals = collect_one(own.aggregate(n=own.household_id.nunique(), rows=own.count()))
    count = int(totals["n"])
    if totals["rows"] > purchases:
        drawn = np.random.default_rng(seed_from("choice", "households"))
        size = max(2, round(count * purchases / totals["rows"]))
        kept = np.sort(drawn.choice(count, min(size, count), replace=False))
        own = own.semi_join(ibis.memtable({"household_id": kept}), "household_id")
    rows = collect(bought(own), sort_by=["household_id", "place"])
    offered = collect(offers(sets, own), sort_by=["occasion_id", "brand"])
    sizes = rows["brand"].value_counts()
    order = sorted(sizes.index, key=lambda name: (-sizes[name], name))
    names = tuple(str(name) for name in order[:brands]) if isinstance(brands, int) else brands
    raise_all(_problems(rows, names), DataError)
    return _arranged(rows, offered, tuple(names), count)


def _check_columns(market: ir.Table, sets: ir.Table) -> None:
    require_columns(market, ["household_id", "occasion_id", "brand"], name="market")
    require_columns(sets, ["occasion_id", "brand"], name="choice_sets")
    for table, name, needed in (
        (market, "market", ("sequence", "at")),
        (sets, "choice_sets", ("price", "promoted")),
    ):
        if not set(needed) & set(table.columns):
            raise MissingTableError(
                problem("{name}: column {missing} is missing", name=name, missing=needed[0])
            )


def _problems(purchases: pd.DataFrame, names: Sequence[str]) -> Iterator[Problem]:
    if len(names) < 2:
        yield problem(
            "market: found {found} brand; a choice needs at least two that were bought",
            found=len(names),
        )
    if not len(purchases) or purchases["household_id"].value_counts().max() < 2:
        yield problem("market: nobody bought twice, so that no purchase has one before it")


def _arranged(
    purchases: pd.DataFrame, offered: pd.DataFrame, names: tuple[str, ...], count: int
) -> Occasions:
    places = {name: place for place, name in enumerate(names)}
    offered = offered[offered["brand"].isin(names)]
    row = pd.Index(purchases["occasion_id"])
    if row.has_duplicates:
        raise DataError(problem("market: an occasion_id stands for more than one household"))
    at = row.get_indexer(offered["occasion_id"]), offered["brand"].map(places).to_numpy(dtype=int)
    on_offer = np.zeros((len(row), len(names)), dtype=bool)
    on_offer[at] = True
    price, promoted = (_spread(offered, name, at, on_offer) for name in ("price", "promoted"))
    place = purchases["brand"].map(places).fillna(FIRST).to_numpy(dtype=int)
    several = purchases["brands"].to_numpy() > 1
    other = (place == FIRST) & ~several
    missing = ~several & ~other & ~on_offer[np.arange(len(row)), place]
    unpriced = ~(several | other | missing) & (~(price > 0) & on_offer[:, : price.shape[1]]).any(
        axis=1
    )
    reasons = {"not_offered": missing, "several": several, "no_price": unpriced}
    reasons["other_brand"] = other
    household = purchases["household_id"].to_numpy()
    before = _before(household, np.where(several, FIRST, place))
    kept = ~np.logical_or.reduce(list(reasons.values()))
    if not kept.any():
        raise DataError(
            problem("choice_sets: no purchase has a choice set with the brand bought and prices")
        )
    return Occasions(
        names,
        np.unique(household[kept], return_inverse=True)[1],
        place[kept],
        before[kept],
        on_offer[kept],
        price[kept],
        promoted[kept],
        {name: int(part.sum()) for name, part in reasons.items()},
        count,
    )


def _spread(
    offered: pd.DataFrame, name: str, at: tuple[np.ndarray, np.ndarray], on_offer: np.ndarray
) -> np.ndarray:
    """Return a column of the offers by occasion and brand; missing marks of promotion are none."""
    if name not in offered or offered[name].isna().all():
        return np.zeros((len(on_offer), 0))
    values = np.full(on_offer.shape, np.nan)
    values[at] = offered[name].to_numpy(dtype=float)
    return np.where(np.isnan(values) & on_offer, 0.0, values) if name == "promoted" else values


def _before(household: np.ndarray, place: np.ndarray) -> np.ndarray:
    before = np.full(len(place), FIRST)
    same = household[1:] == household[:-1]
    before[1:][same] = place[:-1][same]
    return before
