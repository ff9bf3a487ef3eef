"""A made retailer: shelf prices by store and week, packs of unlike size, households that choose."""

from __future__ import annotations

import functools

import ibis
import numpy as np
import pandas as pd
from competitors.choice.panels import SECTIONS

from loyalty_research.brand import Bilingual
from loyalty_research.competitors.choice import Choices
from loyalty_research.competitors.choice.tills import Till
from loyalty_research.competitors.market import Category, Panel
from loyalty_research.engine import Context
from loyalty_research.profile.common import Days
from loyalty_research.results import Result

START = pd.Timestamp("2024-01-01")
PACKS = {"small": 2.0, "large": 9.0}


def lines(
    seed: int,
    *,
    response: float = 0.0,
    carry_over: float = 0.0,
    households: int = 240,
    stores: int = 3,
    weeks: int = 26,
    makers: int = 3,
    bought: float = 0.8,
) -> pd.DataFrame:
    """Simulate lines: one purchase a household and week at most, of a maker at its shelf price.

    The chance of a maker goes with a liking of the household, with ``response`` times the shelf
    price over the usual one, and with ``carry_over`` for the maker bought the time before.
    """  # fmt: skip
    rng = np.random.default_rng(seed)
    cut = rng.random((stores, weeks, makers)) < 0.35
    shelf = np.where(cut, 0.6, 1.05) * (1 + 0.03 * rng.standard_normal(cut.shape))
    likings = 1.2 * rng.standard_normal((households, makers))
    last = np.full(households, -1)
    rows = []
    for week in range(weeks):
        for household in np.flatnonzero(rng.random(households) < bought):
            store = household % stores
            utility = likings[household] + response * shelf[store, week]
            utility = utility + carry_over * (np.arange(makers) == last[household])
            maker = int((utility + rng.gumbel(size=makers)).argmax())
            last[household] = maker
            pack = "small" if rng.random() < 0.5 else "large"
            day = START + pd.Timedelta(days=int(7 * week + rng.integers(7)))
            quantity = int(rng.integers(1, 3))
            paid = round(quantity * PACKS[pack] * shelf[store, week, maker], 4)
            rows.append((f"h{household:03d}", f"s{store}", day, str(maker + 1),
                         f"{maker + 1} {pack}", quantity, paid))  # fmt: skip
    names = ["household_id", "store_id", "day", "brand", "product_id", "quantity", "amount"]
    return pd.DataFrame(rows, columns=names)


def table(frame: pd.DataFrame) -> ibis.Table:
    """Return lines as the engine has them."""
    made = ibis.memtable(frame)
    return made.mutate(day=made.day.cast("date"), amount=made.amount.cast("decimal(18, 4)"))


def till(frame: pd.DataFrame, *, place: int = 1) -> Till:
    """Return a category with these lines."""
    own = frame.drop_duplicates(["household_id", "day", "brand"])
    counts = pd.crosstab(own["household_id"], own["brand"])
    panel = Panel(counts.to_numpy(), tuple(counts.columns), len(counts))
    name = Bilingual(zh="茶", en="Tea")
    return Till(
        Category(f"category_{place}", name, panel, (), place="chain", by_maker=True,
                 dated=True, lines=table(frame))
    )  # fmt: skip


def choices(*frames: pd.DataFrame) -> Choices:
    """Return the categories of a retailer, in the order given."""
    days = Days(START.date(), (START + pd.Timedelta(days=365)).date())
    tills = tuple(till(frame, place=place) for place, frame in enumerate(frames, start=1))
    return Choices(None, None, Context(currency="CNY", brand="made"), days, tills)


@functools.cache
def till_results() -> tuple[Result, ...]:
    """Return the sections of two categories, of which one is modelled, and of a quiet one."""
    own = lines(11, response=-2.0, households=36, weeks=8)
    quiet = lines(8, households=20, stores=10, weeks=20, bought=0.15)
    several = (choices(own, quiet), choices(quiet))
    return tuple(section(each) for each in several for section in SECTIONS)
