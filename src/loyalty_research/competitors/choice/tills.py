"""A category of a retailer's tills, read as choices: which maker, at which prices of all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import ibis.expr.types as ir
import numpy as np

from loyalty_research.competitors.choice.occasions import MOST_BRANDS, Occasions, read_occasions
from loyalty_research.competitors.choice.store_weeks import (
    days_of_category,
    price_coverage,
    prices_of_weeks,
)
from loyalty_research.competitors.market import Category
from loyalty_research.engine import collect_one, kept
from loyalty_research.errors import DataError

LEAST_SHARE = 0.05
"""Share of a category's purchases that a brand needs to be looked at."""
LEAST_KEPT = 0.5
"""Share of the occasions whose brand has a price, below which no model is made."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far prices of other households reach.

    Parameters
    ----------
    brands
        Names (j,) that are looked at.
    share
        Of these brands in the category's purchases.
    days
        Household-days with a purchase in the category.
    occasions
        Those of one brand, of these, in one store.
    kept
        Share of the occasions whose brand, and another, have a price.
    filled
        Share of the cells (occasion and brand) that have one.
    """

    brands: tuple[str, ...]
    share: float
    days: int
    occasions: int
    kept: float
    filled: float

    @property
    def enough(self) -> bool:
        """Whether a model may rest on it."""
        return self.kept >= LEAST_KEPT


@dataclass(frozen=True)
class Till:
    """A category of a retailer.

    Parameters
    ----------
    category
        With its lines.
    """

    category: Category

    @property
    def lines(self) -> ir.Table:
        """Lines of the category."""
        assert self.category.lines is not None
        return self.category.lines

    @property
    def priced(self) -> bool:
        """Whether lines tell quantities, without which there is no unit price."""
        return "quantity" in self.lines.columns

    @cached_property
    def purchases(self) -> ir.Table:
        """One row a household and day on which it bought one brand only, as a table ``market``."""
        days = days_of_category(self.lines)
        return days.filter(days.brands == 1, days.brand != "")

    @cached_property
    def brands(self) -> tuple[str, ...]:
        """Brands with enough purchases, the most bought first."""
        panel = self.category.panel
        bought = panel.counts.sum(axis=0)
        order = np.argsort(-bought, kind="stable")
        large = [panel.brands[place] for place in order
                 if bought[place] >= LEAST_SHARE * bought.sum()]  # fmt: skip
        return tuple(name for name in large if name)[:MOST_BRANDS]

    @property
    def coverage(self) -> Coverage | None:
        """How far prices reach; None for fewer than two brands."""
        return self._read[0]

    @property
    def occasions(self) -> Occasions | None:
        """Purchases with the prices of all brands; None where prices do not reach far enough."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[Coverage | None, Occasions | None]:
        if len(self.brands) < 2 or not self.priced:
            return None, None
        with kept(days_of_category(self.lines)) as days:
            single = days.filter(days.brands == 1, days.stores == 1)
            own = single.filter(single.brand.isin(list(self.brands)))
            with kept(prices_of_weeks(own, self.lines, brands=self.brands)) as offered:
                found = collect_one(price_coverage(own, offered))
                total = collect_one(days.aggregate(days=days.count()))["days"]
                coverage = self._covered(found, int(total))
                if not coverage.enough:
                    return coverage, None
                try:
                    return coverage, read_occasions(single, offered, brands=self.brands)
                except DataError:
                    return coverage, None

    def _covered(self, found: dict[str, int], days: int) -> Coverage:
        panel = self.category.panel
        bought = panel.counts.sum(axis=0)
        own = sum(int(bought[panel.brands.index(name)]) for name in self.brands)
        occasions = int(found["occasions"])
        return Coverage(
            self.brands,
            own / int(bought.sum()),
            days,
            occasions,
            int(found["kept"]) / max(occasions, 1),
            int(found["cells"]) / max(occasions * len(self.brands), 1),
        )
