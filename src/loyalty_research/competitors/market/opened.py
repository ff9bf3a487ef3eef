"""The categories of a brand's market, opened: households' purchases by competing brand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import ibis.expr.types as ir
import numpy as np

from loyalty_research.brand import Bilingual
from loyalty_research.brand.market import MarketCategory, MarketSpec
from loyalty_research.competitors.market.households import (
    HouseholdDirichlet,
    fit_dirichlet_households,
)
from loyalty_research.competitors.market.panel import Panel, large_brands, pooled
from loyalty_research.competitors.market.purchases import (
    in_halves,
    lines_of_category,
    panels,
    purchases_of_lines,
    purchases_of_market,
)
from loyalty_research.competitors.shop import Shop, open_shop
from loyalty_research.engine import Context
from loyalty_research.errors import DataError, MissingTableError, problem
from loyalty_research.profile.common import Days, as_days
from loyalty_research.stats import seed_from

Place = Literal["chain", "panel"]
_MOST = 8
_LEAST = 10
"""Buyers a brand of a table ``market`` needs for a row of its own; judged from the base limit."""
_MAKER = Bilingual(zh="厂商 {name}", en="maker {name}")
_REST = Bilingual(zh="其余品牌", en="all others")
_MARKET = Bilingual(zh="整个品类", en="The category")


@dataclass(frozen=True)
class Category:
    """One category and its brands.

    Parameters
    ----------
    id
        Letters, digits and ``_``: names its figures and findings.
    name
        What the report calls it.
    halves
        Panels of the first and second half, brands in the same order; empty where time is unknown.
    panel
        Of the whole period.
    place
        ``chain``: within a retailer's lines; ``panel``: all purchases of households.
    by_maker
        Whether brands are told by their maker.
    dated
        Whether halves are of the calendar; else of each household's own purchases.
    lines
        Of a retailer: what was bought of the category, see ``lines_of_category``.
    names
        What the brand file calls brands, by their names in the data.
    """

    id: str
    name: Bilingual
    panel: Panel
    halves: tuple[Panel, ...]
    place: Place
    by_maker: bool
    dated: bool
    lines: ir.Table | None = field(default=None, repr=False, compare=False)
    names: Mapping[str, Bilingual] = field(default_factory=dict)

    def label(self, brand: str) -> Bilingual:
        """Return what a brand is called."""
        if brand == "":
            return _REST
        if brand in self.names:
            return self.names[brand]
        form = _MAKER if self.by_maker else Bilingual(zh="{name}", en="{name}")
        return Bilingual(zh=form.zh.format(name=brand), en=form.en.format(name=brand))

    @property
    def seed(self) -> int:
        """Of everything random about the category."""
        return seed_from("market", self.id)

    @cached_property
    def fit(self) -> HouseholdDirichlet | None:
        """The NBD-Dirichlet of the whole period; None where it has no value."""
        return fitted(self.panel)

    @cached_property
    def refusal(self) -> str:
        """Key of the reason why there is no model; empty where there is one."""
        if self.fit is not None:
            return ""
        if len(self.panel.brands) < 2 or not self.panel.named:
            return "one_brand"
        repeated = (self.panel.counts.sum(axis=1) > 1).any()
        return "dirichlet_no_value" if repeated else "no_second_purchase"


@dataclass(frozen=True)
class Markets:
    """The categories of a brand in which competitors are compared.

    Parameters
    ----------
    categories
        In the order of the brand file.
    context, days
        Of the rows.
    """

    categories: tuple[Category, ...]
    context: Context
    days: Days


def fitted(panel: Panel) -> HouseholdDirichlet | None:
    """Return the model of a panel; None where the panel gives it no value."""
    if len(panel.brands) < 2 or not panel.counts.any(axis=0).all():
        return None
    try:
        return fit_dirichlet_households(panel)
    except (DataError, np.linalg.LinAlgError):
        return None


def open_markets(brand: Any, *, period: Any) -> Markets:
    """Return the categories a brand's file names, or the one of its table ``market``.

    Parameters
    ----------
    brand
        A brand as opened by :func:`loyalty_research.open_brand`.
    period
        Its period or (first day, last day); of a retailer's lines the last twelve months.

    Returns
    -------
    Markets
        Without categories where it has neither.

    Raises
    ------
    MissingTableError
        Where ``products`` has no column that tells competitors apart.
    """
    days = as_days(period)
    if brand.has("market"):
        return Markets((_of_market(brand, days),), brand.context, days)
    spec = getattr(getattr(brand, "file", None), "market", None)
    shop = open_shop(brand, period=period) if spec is not None else None
    if spec is None or shop is None or shop.lines is None:
        return Markets((), brand.context, days)
    return of_shop(shop, spec, brand.products)


def of_shop(shop: Shop, spec: MarketSpec, products: ir.Table) -> Markets:
    """Return the categories of a retailer's lines."""
    if spec.brands not in products.columns:
        raise MissingTableError(
            problem(
                "{name}: column {missing} is missing; it tells competing brands apart",
                name="products",
                missing=spec.brands,
            )
        )
    households = len(shop.spend)
    found = tuple(
        _of_lines(shop, spec, category, products, households, place)
        for place, category in enumerate(spec.categories, start=1)
    )
    return Markets(found, shop.context, shop.days)


def _of_lines(
    shop: Shop,
    spec: MarketSpec,
    category: MarketCategory,
    products: ir.Table,
    households: int,
    place: int,
) -> Category:
    assert shop.lines is not None
    told: dict[str, Any] = {
        "column": spec.brands,
        "categories": category.categories,
        "subcategories": category.subcategories,
    }
    purchases = purchases_of_lines(shop.lines, products, **told)
    first, _ = shop.days.halves()
    counted = _in_halves(purchases, households, middle=first.end, category=category.name.en)
    name = f"category_{place}"
    by_maker = spec.brands == "maker"
    return Category(
        name,
        category.name,
        *_named(counted, least=shop.context.base_limit),
        place="chain",
        by_maker=by_maker,
        dated=True,
        lines=lines_of_category(shop.lines, products, **told),
        names=spec.names,
    )


def _of_market(brand: Any, days: Days) -> Category:
    rows = purchases_of_market(brand.market, start=days.start, end=days.end)
    dated = "day" in rows.columns
    if dated or "sequence" in rows.columns:
        first, _ = days.halves()
        counted = _in_halves(rows, None, middle=first.end if dated else None)
    else:
        counted = panels(rows, households=None)
    spec = brand.file.market if getattr(brand, "file", None) else None
    return Category(
        "category_1",
        spec.categories[0].name if spec else _MARKET,
        *_named(counted, least=_LEAST),
        place="panel",
        by_maker=False,
        dated=dated,
        names=spec.names if spec else {},
    )


def _in_halves(
    purchases: ir.Table, households: int | None, *, middle: dt.date | None, category: str = ""
) -> tuple[Panel, ...]:
    rows = in_halves(purchases, middle=middle)
    return panels(rows, households=households, halves=True, category=category)


def _named(counted: tuple[Panel, ...], *, least: int) -> tuple[Panel, tuple[Panel, ...]]:
    """Return the whole and its halves with the same few brands, and all others as one."""
    brands = large_brands(counted[0], least=least, most=_MOST)
    whole, *halves = (pooled(panel, brands) for panel in counted)
    return whole, tuple(halves)
