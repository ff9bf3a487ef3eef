"""What is sold, where, to whom."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from loyalty_research.worlds.parameters.base import Dropout, Positive, Section, Share, Words

_ONES = (1.0,)


class Product(Section):
    """A product: price in cents, weight among its likes, and when it is launched.

    Parameters
    ----------
    launched_after
        Days from the world's start; 0 where it was there before.
    """

    name: Words
    category: str
    price: Annotated[int, Field(ge=1)]
    weight: Positive = 1
    launched_after: Annotated[int, Field(ge=0)] = 0


class Category(Section):
    """A category, the factors of its weight from January on, and how customers speak of it."""

    name: Words
    kind: Literal["food", "drink", "goods"] = "food"
    months: Annotated[tuple[Positive, ...], Field(min_length=12, max_length=12)] = _ONES * 12


class Channel(Section):
    """A way to order."""

    name: Words
    share: Share
    online: bool = False


class Place(Section):
    """A city, the number of its stores, and their weight each."""

    name: Words
    stores: Annotated[int, Field(ge=1)]
    weight: Positive = 1


class Shop(Section):
    """Products, channels and stores.

    Parameters
    ----------
    home_share, channel_share, favourite_share
        Share of orders at the customer's own store and through the own channel, and of lines that
        are the own favourite product; all others are drawn as the shop's shares are.
    """

    categories: dict[str, Category]
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    places: Annotated[tuple[Place, ...], Field(min_length=1)]
    home_share: Share = 0.85
    channel_share: Share = 0.7
    favourite_share: Share = 0

    @model_validator(mode="after")
    def _known_categories(self) -> Shop:
        unknown = sorted({item.category for item in self.products} - set(self.categories))
        if unknown:
            msg = f"categories of products among {', '.join(self.categories)}; not {unknown[0]}"
            raise ValueError(msg)
        if all(item.launched_after for item in self.products):
            msg = "at least one product from the start"
            raise ValueError(msg)
        return self


class Basket(Section):
    """What is in an order.

    Parameters
    ----------
    extra_lines
        m: lines beyond the first are the whole part of an exponential variate of mean m x the
        customer's level, at most ``most_lines`` in all.
    level_shape
        Shape of the gamma distribution of the level, whose mean is 1; None where all are alike.
    second_piece
        Share of lines with two pieces in place of one.
    gap_effect
        m is multiplied by 1 + gap_effect x (gap x rate - 1), gap x rate capped at 3.
    """

    extra_lines: Positive = 0.8
    most_lines: Annotated[int, Field(ge=1, le=32)] = 8
    level_shape: Positive | None = 3
    second_piece: Share = 0.1
    gap_effect: Share = 0


class People(Section):
    """How customers differ beyond rate and churn.

    Parameters
    ----------
    sensitivity
        (a, b) of the beta distribution of price sensitivity.
    attitude_rate_correlation
        Between the attitude and the standardised logarithm of the rate.
    """

    sensitivity: Dropout = (2, 3)
    attitude_rate_correlation: Annotated[float, Field(ge=-1, le=1)] = 0
