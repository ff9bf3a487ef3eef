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
    """A way to order.

    Parameters
    ----------
    share
        Of orders.
    online
        Whether it is ordered where visits are logged.
    delivered
        Whether it is brought to the customer; None for as it is with ``online``.
    """

    name: Words
    share: Share
    online: bool = False
    delivered: bool | None = None


class LaterChannels(Section):
    """Other shares of the channels from a day on.

    Parameters
    ----------
    after
        That day, counted from the world's start.
    shares
        One a channel, in their order.
    """

    after: Annotated[int, Field(ge=1)]
    shares: Annotated[tuple[Share, ...], Field(min_length=1)]


class Place(Section):
    """A city, the number of its stores, and their weight each.

    Parameters
    ----------
    opening
        How many of the stores open within the period, one after another; until then their
        customers buy at the city's first store.
    """

    name: Words
    stores: Annotated[int, Field(ge=1)]
    weight: Positive = 1
    opening: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _one_open(self) -> Place:
        if self.opening >= self.stores:
            msg = "fewer stores that open later than stores"
            raise ValueError(msg)
        return self


class Shop(Section):
    """Products, channels and stores.

    Parameters
    ----------
    home_share, channel_share, favourite_share
        Share of orders at the customer's own store and through the own channel, and of lines that
        are the own favourite product; all others are drawn as the shop's shares are.
    later_channels
        Other shares of the channels from a day on; as few customers as possible change theirs.
    """

    categories: dict[str, Category]
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    later_channels: LaterChannels | None = None
    coupon: EverydayCoupon | None = None
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
        if self.later_channels and len(self.later_channels.shares) != len(self.channels):
            msg = f"a later share of each of the {len(self.channels)} channels"
            raise ValueError(msg)
        return self


class EverydayCoupon(Section):
    """A coupon that most orders of known customers use all the time; it changes no rate.

    Parameters
    ----------
    percent
        Taken off the list price of every line.
    base, slope
        Chance that an order uses it = base + slope x price sensitivity, at most 1.
    """

    name: Words
    percent: Annotated[int, Field(ge=1, le=99)]
    base: Share
    slope: Share = 0


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
