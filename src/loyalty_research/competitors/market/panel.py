"""Households' purchases by brand: what every analysis of a market starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import DataError, Problem, problem, raise_all

BLOCK = 100_000
"""Households that are worked on at once."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Purchases of a category, by household and brand.

    Parameters
    ----------
    counts
        Shape (n, j): whole numbers, a row a household; those that bought nothing may have one.
    brands
        Names, in the order of the columns.
    households
        All households of the panel, those without a purchase included.
    rest
        Whether the last column holds all brands that are not named.
    """

    counts: np.ndarray
    brands: tuple[str, ...]
    households: int
    rest: bool = False

    @property
    def truncated(self) -> bool:
        """Whether the panel has no household without a purchase."""
        return not self.households > int(self.counts.any(axis=1).sum())

    @property
    def named(self) -> tuple[str, ...]:
        """Brands that have a column of their own."""
        return self.brands[:-1] if self.rest else self.brands

    @property
    def sizes(self) -> np.ndarray:
        """Households with 0, 1, 2, ... category purchases."""
        found = np.bincount(self.counts.sum(axis=1))
        found[0] += self.households - len(self.counts)
        return found

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the counts, :data:`BLOCK` households at a time."""
        for first in range(0, len(self.counts), BLOCK):
            yield self.counts[first : first + BLOCK]


def as_panel(
    counts: Any, *, brands: Sequence[str] | None = None, households: int | None = None
) -> Panel:
    """Return a frame or array of counts as a :class:`Panel`.

    Parameters
    ----------
    counts
        Shape (n, j): purchases by household and brand. Rows without a purchase are households
        that bought nothing.
    brands
        Names; the columns of a frame, else ``brand 1``, ...
    households
        All households of the panel; those of ``counts`` where not given. Where none of them is
        without a purchase, the panel is taken as one of buyers only.

    Raises
    ------
    DataError
        Listing what is wrong: no whole numbers, one brand, a brand nobody bought, no purchase at
        all.
    """
    frame = counts if isinstance(counts, pd.DataFrame) else pd.DataFrame(np.asarray(counts))
    names = tuple(brands) if brands is not None else _names(counts, frame)
    values = frame.to_numpy()
    raise_all(_problems(values, names), DataError)
    whole = values.astype(np.int64)
    bought = whole[whole.sum(axis=1) > 0]
    size = len(whole) if households is None else households
    if size < len(bought):
        raise DataError(
            problem(
                "households: found {found}; allowed: at least the {least} that bought",
                found=size,
                least=len(bought),
            )
        )
    return Panel(bought, names, size)


def large_brands(panel: Panel, *, least: int, most: int) -> tuple[str, ...]:
    """Return the named brands with at least ``least`` buyers, by purchases, at most ``most``."""
    own = panel.counts[:, : len(panel.named)]
    buyers, purchases = (own > 0).sum(axis=0), own.sum(axis=0)
    order = np.lexsort((np.array(panel.named), -purchases))
    return tuple(panel.named[place] for place in order if buyers[place] >= least)[:most]


def common_brands(halves: Sequence[Panel], *, least: int) -> tuple[Panel, ...]:
    """Return panels of the brands that have at least ``least`` buyers in each, and a rest."""
    first, *others = halves
    kept = [
        name
        for place, name in enumerate(first.named)
        if min(int((panel.counts[:, place] > 0).sum()) for panel in (first, *others)) >= least
    ]
    return tuple(pooled(panel, kept) for panel in halves)


def pooled(panel: Panel, brands: Sequence[str]) -> Panel:
    """Return a panel with a column for each of ``brands`` and one, the last, for all others."""
    kept = [panel.brands.index(name) for name in brands]
    beside = [place for place in range(len(panel.brands)) if place not in set(kept)]
    rest = panel.counts[:, beside].sum(axis=1)
    if not beside:
        return replace(panel, counts=panel.counts[:, kept], brands=tuple(brands), rest=False)
    counts = np.column_stack([panel.counts[:, kept], rest])
    return replace(panel, counts=counts, brands=(*brands, ""), rest=True)


def _names(counts: Any, frame: pd.DataFrame) -> tuple[str, ...]:
    if isinstance(counts, pd.DataFrame):
        return tuple(str(name) for name in frame.columns)
    return tuple(f"brand {place}" for place in range(1, frame.shape[1] + 1))


def _problems(values: np.ndarray, names: Sequence[str]) -> Iterator[Problem]:
    if values.shape[1] != len(names):
        yield problem(
            "brands: found {found} names for {columns} columns; give one a column",
            found=len(names),
            columns=values.shape[1],
        )
        return
    if values.shape[1] < 2:
        yield problem("counts: found one brand; a market has at least two")
    numeric = np.issubdtype(values.dtype, np.number)
    if not numeric or not np.isfinite(values).all() or (values < 0).any() or (values % 1).any():
        yield problem("counts: allowed are whole numbers, 0 or above, none missing")
        return
    if not values.any():
        yield problem("counts: nobody bought anything")
        return
    bought = (values != 0).sum(axis=0).tolist()
    empty = [name for name, count in zip(names, bought, strict=True) if not count]
    if empty:
        yield problem(
            "counts: nobody bought {brands}; leave out brands without a purchase",
            brands=", ".join(empty),
        )
