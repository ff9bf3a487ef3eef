"""The brands of a category by who buys them and how, opened: counted once, mapped once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.brand import Bilingual
from loyalty_research.brand.market import MarketAttribute
from loyalty_research.competitors.market import Category, Markets
from loyalty_research.competitors.market.purchases import numbered
from loyalty_research.competitors.position.correspondence import Correspondence, correspondence
from loyalty_research.competitors.position.purchases import (
    attribute_cells,
    buyers_by,
    buyers_of,
    described,
    occasions_of_lines,
    occasions_of_market,
    thirds,
    unit_counts,
    weighed,
)
from loyalty_research.competitors.position.resampled import Resampled, resampled
from loyalty_research.competitors.shop import open_shop
from loyalty_research.engine import collect, collect_one, kept
from loyalty_research.errors import DataError, MissingTableError, problem, raise_all
from loyalty_research.stats import seed_from

OWN = {
    ("weight", "light"): Bilingual(zh="轻度购买者", en="Light buyers"),
    ("weight", "medium"): Bilingual(zh="中度购买者", en="Medium buyers"),
    ("weight", "heavy"): Bilingual(zh="重度购买者", en="Heavy buyers"),
    ("promoted", "yes"): Bilingual(zh="促销时购买", en="On promotion"),
    ("promoted", "no"): Bilingual(zh="平价时购买", en="Not on promotion"),
    ("daytime", "morning"): Bilingual(zh="上午购买", en="Morning"),
    ("daytime", "afternoon"): Bilingual(zh="下午购买", en="Afternoon"),
    ("daytime", "evening"): Bilingual(zh="傍晚与夜间购买", en="Evening"),
}
"""What is known of every category, and what its levels are called."""
_OTHER = Bilingual(zh="{name}：其他", en="{name}: other")
_LEVEL = Bilingual(zh="{name} {level}", en="{name} {level}")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of the map.

    Parameters
    ----------
    group, level
        Attribute and value; an empty level holds all values with too few buyers.
    label
        What the report calls it.
    buyers
        Households with a purchase of it.
    """

    group: str
    level: str
    label: Bilingual
    buyers: int


@dataclass(frozen=True)
class Position:
    """The brands of a category by who buys them and how.

    Parameters
    ----------
    category
        Of :func:`~loyalty_research.competitors.market.open_markets`.
    units
        Shape (g, j, k): purchases by household (or group of households), brand and attribute; a
        purchase counts once for every attribute.
    brands, buyers
        Names of the rows, and the households that bought each.
    attributes
        Of the columns.
    households, all_households
        That are in the counts, and that bought the category.
    few
        Brands with too few buyers for a place.
    """

    category: Category
    units: np.ndarray
    brands: tuple[str, ...]
    buyers: tuple[int, ...]
    attributes: tuple[Attribute, ...]
    households: int
    all_households: int
    few: tuple[str, ...]

    @property
    def counts(self) -> pd.DataFrame:
        """The table that is mapped: one row a brand, one column an attribute."""
        names = [f"{item.group}:{item.level}" for item in self.attributes]
        return pd.DataFrame(self.units.sum(axis=0), index=list(self.brands), columns=names)

    @property
    def groups(self) -> int:
        """How many attributes there are, whatever their levels."""
        return len({item.group for item in self.attributes})

    @cached_property
    def refusal(self) -> str:
        """Key of the reason why there is no map; empty where there is one."""
        if len(self.brands) < 2:
            return "position_one_brand"
        if not self.groups:
            return "position_no_attribute"
        return "position_alike" if self._mapped is None else ""

    @property
    def found(self) -> Correspondence:
        """The map."""
        assert self._mapped is not None, self.refusal
        return self._mapped

    @cached_property
    def drawn(self) -> Resampled:
        """What households drawn anew say of it."""
        return resampled(self.units, self.found, seed=seed_from("position", self.category.id))

    @cached_property
    def _mapped(self) -> Correspondence | None:
        try:
            return correspondence(self.counts)
        except DataError:
            return None


def open_positions(markets: Markets, *, brand: Any) -> tuple[Position, ...]:
    """Return the brands of every category by who buys them and how.

    Parameters
    ----------
    markets
        Of :func:`~loyalty_research.competitors.market.open_markets`.
    brand
        The brand as opened, for its lines and customers.

    Returns
    -------
    tuple of Position

    Raises
    ------
    MissingTableError
        Where ``customers`` lacks an attribute that the brand file names.

    Notes
    -----
    Purchases, not buyers, are counted: who buys more of the category buys more brands, which tells
    nothing about any of them. Thirds of households by their category purchases, promotion and time
    of day are attributes wherever they are known; those of customers are named under ``market`` in
    the brand file, and households without one of them are left out. Brands from the base limit of
    buyers on; levels below it are one.
    """
    spec = brand.file.market if getattr(brand, "file", None) else None
    asked = spec.attributes if spec is not None and brand.has("transactions") else ()
    raise_all(_missing(brand, asked), MissingTableError)
    several = []
    for category in markets.categories:
        rows = _purchases(markets, category, brand)
        with kept(rows) as own:
            several.append(_position(category, own, brand, asked, least=markets.context.base_limit))
    return tuple(several)


def _missing(brand: Any, asked: Sequence[MarketAttribute]) -> Any:
    columns = brand.customers.columns if asked and brand.has("customers") else ()
    missing = [item.column for item in asked if item.column not in columns]
    if missing:
        yield problem(
            "{name}: column {missing} is missing; market.attributes of the brand file names it",
            name="customers",
            missing=", ".join(missing),
        )


def _purchases(markets: Markets, category: Category, brand: Any) -> ir.Table:
    days = markets.days
    if category.place == "panel":
        rows = occasions_of_market(brand.market, start=days.start, end=days.end)
        return rows if rows.household_id.type().is_integer() else numbered(rows)
    shop = open_shop(brand, period=(days.start, days.end))
    spec = brand.file.market
    one = spec.categories[int(category.id.rpartition("_")[2]) - 1]
    assert shop is not None
    return occasions_of_lines(
        brand.transactions, shop.orders, brand.products, column=spec.brands,
        categories=one.categories, subcategories=one.subcategories,
    )  # fmt: skip


def _position(
    category: Category,
    rows: ir.Table,
    brand: Any,
    asked: Sequence[MarketAttribute],
    *,
    least: int,
) -> Position:
    light, heavy = thirds(rows)
    rows = weighed(rows, light=light, heavy=heavy)
    named = {item.column: item.name for item in asked}
    if named:
        rows = described(rows, brand.customers, columns=tuple(named))
    rows = rows.filter(rows.brand.isin(list(category.panel.named)))
    bought = {row["level"]: int(row["buyers"]) for row in _counted(rows, "brand")}
    brands = tuple(name for name in category.panel.named if bought.get(name, 0) >= least)
    rows = rows.filter(rows.brand.isin(list(brands)))
    own = [name for name in ("weight", "promoted", "daytime") if name in rows.columns]
    attributes = [item for name in (*named, *own) for item in _levels(rows, name, named, least)]
    columns = [(item.group, item.level) for item in attributes]
    groups = tuple(dict.fromkeys(item.group for item in attributes))
    units = np.zeros((0, len(brands), 0))
    if brands and groups:
        cells = collect(attribute_cells(rows, attributes=groups, brands=brands),
                        sort_by=["unit", "brand", "attribute", "level"])  # fmt: skip
        units = unit_counts(cells, brands=brands, columns=columns)
    return Position(
        category=category,
        units=units,
        brands=brands,
        buyers=tuple(bought[name] for name in brands),
        attributes=tuple(attributes),
        households=int(collect_one(buyers_of(rows))["households"]),
        all_households=int(category.panel.counts.any(axis=1).sum()),
        few=tuple(name for name in category.panel.named if name not in brands),
    )


def _counted(rows: ir.Table, column: str) -> list[dict[str, Any]]:
    frame = collect(buyers_by(rows, column=column), sort_by=["level"])
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _levels(rows: ir.Table, name: str, named: dict[str, Bilingual], least: int) -> list[Attribute]:
    """Return the levels of an attribute; none where all purchases are of one."""
    counted = {str(row["level"]): int(row["buyers"]) for row in _counted(rows, name)}
    kept = {level: buyers for level, buyers in counted.items() if buyers >= least}
    order = [level for group, level in OWN if group == name] or sorted(kept)
    found = [
        Attribute(name, level, _label(name, level, named), kept[level])
        for level in order
        if level in kept
    ]
    rest = sum(buyers for level, buyers in counted.items() if level not in kept)
    if rest:
        found.append(Attribute(name, "", _label(name, "", named), rest))
    return found if len(found) > 1 else []


def _label(name: str, level: str, named: dict[str, Bilingual]) -> Bilingual:
    if (name, level) in OWN and name not in named:
        return OWN[name, level]
    title = named.get(name, Bilingual(zh="购买方式", en="Way of buying"))
    form = _LEVEL if level else _OTHER
    return Bilingual(
        zh=form.zh.format(name=title.zh, level=level), en=form.en.format(name=title.en, level=level)
    )
