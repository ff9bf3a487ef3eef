"""Categories of a retailer in which brands, or their makers, are compared as competitors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from loyalty_research.brand.fields import BothTexts, Code, Section, Text, several

Texts = Annotated[tuple[Text, ...], BeforeValidator(several)]


class MarketCategory(Section):
    """One category: the products that compete in it.

    Parameters
    ----------
    name
        What the report calls it.
    categories, subcategories
        Of the table ``products``; a product belongs where each of the two that is given names it.
        Neither: all products.
    """

    name: BothTexts
    categories: Texts = ()
    subcategories: Texts = ()


class MarketAttribute(Section):
    """What tells the buyers of competing brands apart: a column of the table ``customers``.

    Parameters
    ----------
    column
        Name of the column; its values are printed as they are.
    name
        What the report calls it, before the value.
    """

    column: Code
    name: BothTexts


class MarketSpec(Section):
    """How competitors are told within a retailer's lines.

    Parameters
    ----------
    brands
        Column of ``products`` that names the competitor: ``maker`` or ``brand``.
    categories
        At least one.
    attributes
        By which buyers of the brands are told apart; customers without one of them are left out of
        the map of brands.
    names
        What the report calls a brand, by its name in the data; any other stands as it is written.
    """

    brands: Literal["maker", "brand"]
    categories: Annotated[tuple[MarketCategory, ...], Field(min_length=1)]
    attributes: tuple[MarketAttribute, ...] = ()
    names: dict[Text, BothTexts] = Field(default_factory=dict)
