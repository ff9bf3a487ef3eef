"""The shop: what is on the menu on which day, in which stores, through which channels."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loyalty_research.worlds import random
from loyalty_research.worlds.clock import Clock
from loyalty_research.worlds.parameters import Parameters, Promotion
from loyalty_research.worlds.random import Floats, Integers, Source


@dataclass(frozen=True, slots=True)
class Store:
    """Tables for drawing products, stores and channels.

    Parameters
    ----------
    prices
        Cents by product.
    menu_of_day
        Menu that holds on each day: it changes with the month and with every launch.
    menus
        One row a menu: the products' shares of lines.
    menu_lines
        Cumulated shares, each menu one above the one before, for one look-up.
    first_menu
        Cumulated shares of the products from the start, seasons aside: of favourites.
    depth
        Percent taken off, by day and product; one row of zeros where there is no promotion.
    promotion_of_day
        Promotion of each day, by position; -1 for none.
    promoted
        Cumulated shares of the promoted products of each promotion.
    store_shares
        Cumulated.
    opens, first_of_city
        Day on which each store opens, 0 where it is open from the start, and the store that its
        customers go to before.
    channel_shares
        Cumulated shares of the channels: the first ones, and the later ones.
    later_channels
        Day from which the later ones hold.
    counter_shares
        Cumulated shares of unidentified buyers' channels: those not online where there are any.
    waiting
        Factor of each store on waiting times.
    """

    prices: Integers
    menu_of_day: Integers
    menus: Floats
    menu_lines: Floats
    first_menu: Floats
    depth: Integers
    promotion_of_day: Integers
    promoted: tuple[Floats, ...]
    store_shares: Floats
    opens: Integers
    first_of_city: Integers
    channel_shares: tuple[Floats, Floats]
    later_channels: int
    counter_shares: Floats
    online: npt.NDArray[np.bool_]
    delivered: npt.NDArray[np.bool_]
    waiting: Floats

    def products(self, uniforms: Floats, menu: Integers) -> Integers:
        """Return the product at each uniform number on a menu."""
        size = self.menus.shape[1]
        found = np.searchsorted(self.menu_lines, menu + uniforms, side="right") - menu * size
        return np.clip(found, 0, size - 1)

    def channels(self, uniforms: Floats, day: Integers, *, known: bool) -> Integers:
        """Return the channel at each uniform number on a day, of customers known or not."""
        if not known:
            return random.choose(self.counter_shares, uniforms)
        first, later = (random.choose(shares, uniforms) for shares in self.channel_shares)
        return np.where(day >= self.later_channels, later, first)


def make_store(parameters: Parameters, clock: Clock) -> Store:
    """Return the tables of a world's shop."""
    shop = parameters.shop
    weights = np.array([item.weight for item in shop.products])
    launched = np.array([item.launched_after for item in shop.products])
    menu_of_day, menus = _menus(parameters, clock, weights, launched)
    days = np.full(clock.days, -1)
    for number, item in enumerate(parameters.promotions):
        days[item.starts_after : item.starts_after + item.days] = number
    stores = [place.weight for place in shop.places for _ in range(place.stores)]
    shares = [item.share for item in shop.channels]
    later = shop.later_channels
    online = np.array([item.online for item in shop.channels])
    opens, first_of_city = openings(parameters)
    speed = Source(parameters.seed, "store", np.arange(len(stores))).uniform("waiting")
    return Store(
        prices=np.array([item.price for item in shop.products]),
        menu_of_day=menu_of_day,
        menus=menus,
        menu_lines=(np.cumsum(menus, axis=1) + np.arange(len(menus))[:, None]).ravel(),
        first_menu=random.shares(np.where(launched == 0, weights, 0.0)),
        depth=_depths(parameters),
        promotion_of_day=days,
        promoted=tuple(
            _promoted(parameters, item, weights, launched) for item in parameters.promotions
        ),
        store_shares=random.shares(stores),
        opens=opens,
        first_of_city=first_of_city,
        channel_shares=(random.shares(shares), random.shares(later.shares if later else shares)),
        later_channels=later.after if later else clock.days,
        counter_shares=random.shares(shares if online.all() else np.where(online, 0.0, shares)),
        online=online,
        delivered=np.array(
            [item.online if item.delivered is None else item.delivered for item in shop.channels]
        ),
        waiting=0.7 + 0.6 * speed,
    )


def openings(parameters: Parameters) -> tuple[Integers, Integers]:
    """Return the day each store opens, and the first store of its city, by position.

    A city's openings are spread evenly over the period, each city's beginning at a day of its own.
    """
    places = parameters.shop.places
    days = (parameters.end - parameters.start).days + 1
    opens: list[int] = []
    first: list[int] = []
    for position, place in enumerate(places, start=1):
        first += [len(opens)] * place.stores
        opens += [0] * (place.stores - place.opening)
        part = position / (len(places) + 1)
        opens += [
            1 + int((number + part) * days / place.opening) for number in range(place.opening)
        ]
    return np.array(opens), np.array(first)


def _menus(
    parameters: Parameters, clock: Clock, weights: Floats, launched: Integers
) -> tuple[Integers, Floats]:
    shop = parameters.shop
    dates = clock.dates()
    launches = {int(day) for day in launched}
    changes = [
        number
        for number, day in enumerate(dates)
        if number == 0 or day.day == 1 or number in launches
    ]
    seasons = np.array([shop.categories[item.category].months for item in shop.products])
    rows = []
    for day in changes:
        row = np.where(launched <= day, weights * seasons[:, dates[day].month - 1], 0.0)
        rows.append(row / np.cumsum(row)[-1])
    menu = np.searchsorted(changes, np.arange(clock.days), side="right") - 1
    return menu, np.array(rows)


def _depths(parameters: Parameters) -> Integers:
    """Return percent off by promotion and product, with a last row of zeros for no promotion."""
    rows = [
        [
            item.depth if product.category == item.category else 0
            for product in parameters.shop.products
        ]
        for item in parameters.promotions
    ]
    return np.array([*rows, [0] * len(parameters.shop.products)])


def _promoted(
    parameters: Parameters, promotion: Promotion, weights: Floats, launched: Integers
) -> Floats:
    of_it = np.array([item.category == promotion.category for item in parameters.shop.products])
    there = launched <= promotion.starts_after
    return random.shares(np.where(of_it & there, weights, 0.0))


def store_names(parameters: Parameters) -> list[tuple[int, str, str]]:
    """Return number, name and city of every store, in the world's language."""
    language = parameters.language
    found: list[tuple[int, str, str]] = []
    for place in parameters.shop.places:
        city = getattr(place.name, language)
        for number in range(1, place.stores + 1):
            name = f"{city}{number}店" if language == "zh" else f"{city} {number}"
            found.append((len(found) + 1, name, city))
    return found


def launch_date(start: dt.date, launched_after: int) -> dt.date:
    """Return the day a product is launched; half a year before the start for the first menu."""
    return start + dt.timedelta(days=launched_after if launched_after else -182)
