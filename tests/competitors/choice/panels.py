"""Households that choose among four brands in ways that are known: their likings are normal."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

from loyalty_research.competitors import brand_switching
from loyalty_research.competitors.choice import Choices, Occasions, brand_choice, repeat_sources
from loyalty_research.engine import Context
from loyalty_research.profile.common import Days
from loyalty_research.results import Result

SECTIONS = (brand_switching, brand_choice, repeat_sources)
DAYS = Days(dt.date(2024, 1, 1), dt.date(2024, 12, 31))

BRANDS = ("a", "b", "c", "d")
LIKED = np.array([0.0, 0.3, -0.8, -1.5])
PRICE, PROMOTED = -0.4, 0.8


@dataclass(frozen=True)
class Panel:
    """A panel and what lies behind it: utilities by part, shapes (n, j)."""

    occasions: Occasions
    liking: np.ndarray
    priced: np.ndarray
    carried: np.ndarray


def panel(seed: int, *, households: int = 100, bought: int = 20, spread: float = 1.5,
          carry_over: float = 0.0) -> Panel:  # fmt: skip
    """Simulate purchases: logit choices given normal likings; ten purchases before are not seen."""
    rng = np.random.default_rng(seed)
    size, warm = len(BRANDS), 10
    likings = LIKED + spread * rng.standard_normal((households, size))
    slopes = PRICE * np.exp(0.3 * rng.standard_normal(households))
    last = np.full(households, -1)
    turns = []
    for turn in range(bought + warm):
        price = 8 + rng.standard_normal((households, size))
        promoted = (rng.random((households, size)) < 0.15).astype(float)
        priced = slopes[:, None] * price + PROMOTED * promoted
        carried = carry_over * (last[:, None] == np.arange(size))
        chosen = (likings + priced + carried + rng.gumbel(size=(households, size))).argmax(axis=1)
        before = last if turn > warm else np.full(households, -1)
        if turn >= warm:
            turns.append((chosen, before, price, promoted, priced, carried))
        last = chosen
    chosen, before, price, promoted, priced, carried = (
        np.concatenate(np.stack(part, axis=1)) for part in zip(*turns, strict=True)
    )
    household = np.repeat(np.arange(households), bought)
    everything = np.ones(price.shape, dtype=bool)
    occasions = Occasions(BRANDS, household, chosen, before, everything, price, promoted, {},
                          households)  # fmt: skip
    return Panel(occasions, likings[household], priced, carried)


def tables(occasions: Occasions) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables market and choice_sets that a panel stands for."""
    size, names = len(occasions.chosen), np.array(occasions.brands)
    household = occasions.household
    turn = np.arange(size) - np.flatnonzero(np.diff(household, prepend=-1))[household]
    market = pd.DataFrame(
        {
            "household_id": household,
            "occasion_id": np.arange(size),
            "brand": names[occasions.chosen],
            "sequence": turn + 1,
        }
    )
    sets = pd.DataFrame(
        {
            "occasion_id": np.repeat(np.arange(size), len(names)),
            "brand": np.tile(names, size),
            "price": occasions.price.ravel(),
            "promoted": occasions.promoted.ravel() > 0,
        }
    )
    return market, sets


def opened(market: pd.DataFrame | None, sets: pd.DataFrame | None) -> Choices:
    """Return tables as a brand's."""
    found = (None if frame is None else ibis.memtable(frame) for frame in (market, sets))
    return Choices(*found, Context(currency="CNY", brand="made"), DAYS)


@functools.cache
def choice_results() -> tuple[Result, ...]:
    """Return every section: of a panel; without prices; of one brand only; with prices by lot."""
    market, sets = tables(panel(11, households=40, bought=8, carry_over=1.0).occasions)
    made = [
        opened(market, sets),
        opened(market, sets.drop(columns="price")),
        opened(market[market["brand"] == "a"], sets),
        opened(market, sets.assign(price=sets["price"].sample(frac=1, random_state=2).to_numpy())),
    ]
    return tuple(section(each) for each in made for section in SECTIONS)
