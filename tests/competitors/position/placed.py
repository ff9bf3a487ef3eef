"""Made brands in a space: who buys them and how, what is said of them; and the sections of each."""

from __future__ import annotations

import functools
from types import SimpleNamespace

import numpy as np
import pandas as pd
from competitors.market import made

from loyalty_research import Brand
from loyalty_research.brand import Bilingual
from loyalty_research.competitors import market, position
from loyalty_research.results import Result


def promoted(rows: pd.DataFrame, brand: str, share: float) -> pd.DataFrame:
    """Return purchases of which a third is on promotion, and so many of one brand."""
    return rows.assign(promoted=_drawn(rows, {brand: share}, seed=4))


def opened(rows: pd.DataFrame) -> tuple[market.Markets, Brand]:
    """Return purchases as a brand's table ``market``."""
    brand = made.panel_brand(rows)
    return market.open_markets(brand, period=made.PERIOD), brand


def comments(rates: dict[str, float], count: int = 200) -> SimpleNamespace:
    """Return comments on brands: each speaks of service; so many complain of it."""
    rng = np.random.default_rng(8)
    brands = np.repeat(list(rates), count)
    days = pd.Timestamp("2024-03-01") + pd.to_timedelta(rng.integers(0, 90, len(brands)), unit="D")
    reviews = pd.DataFrame(
        {
            "brand": brands,
            "day": days,
            "customer_id": pd.array([None] * len(brands), dtype="Int64"),
            "readable": True,
        }
    )
    bad = rng.random(len(brands)) < np.array([rates[name] for name in brands])
    mentions = pd.DataFrame(
        {
            "row": np.arange(len(brands)),
            "sentence": 0,
            "aspect": "service",
            "polarity": np.where(bad, -1, 1),
        }
    )
    return SimpleNamespace(reviews=reviews, mentions=mentions)


def some_brand() -> Brand:
    """Return a brand whose period holds the comments and ratings made here."""
    rows = made.purchases(1, 50)
    return Brand.from_frames(
        market=rows.assign(occasion_id=range(len(rows))),
        currency="CNY",
        identifiers="public",
        period=made.PERIOD,
    )


def ratings(shift: float, *, own: str = "ours") -> SimpleNamespace:
    """Return ratings of three brands by 120 persons; A's quality lies ``shift`` above our own."""
    rng = np.random.default_rng(6)
    parts = [
        pd.DataFrame(
            {
                "brand": name,
                "respondent": [f"r{place}" for place in range(120)],
                "weight": rng.uniform(0.5, 1.5, 120),
                "quality": rng.normal(mean, 1, 120),
                "value": rng.normal(6, 1, 120),
            }
        )
        for name, mean in ((own, 7.0), ("A", 7.0 + shift), ("B", 5.0))
    ]
    names = {
        "quality": Bilingual(zh="质量", en="Quality"),
        "value": Bilingual(zh="价值", en="Value"),
    }
    return SimpleNamespace(frame=pd.concat(parts, ignore_index=True), names=names)


@functools.cache
def position_results() -> tuple[Result, ...]:
    """Return maps with none, one and two axes to read, and strengths of every kind."""
    maps = [
        promoted(made.purchases(22, 300), "none", 0.0),
        promoted(made.purchases(21, 400), "B2", 0.8),
        _two_ways(),
        _slight(0.08),
        _slight(0.16),
    ]
    brand = some_brand()
    own = brand.context.brand or "ours"
    said = [
        {"comments": comments({"Ours": 0.4, "Theirs": 0.1, "Third": 0.12})},
        {"comments": comments({"Ours": 0.2, "Theirs": 0.2})},
        *({"answers": ratings(shift, own=own)} for shift in (1.5, 0.0, -1.5)),
    ]
    return (
        *(position.brand_positions(*opened(rows)[:1], brand=opened(rows)[1]) for rows in maps),
        *(position.brand_strengths(brand, period=made.PERIOD, **each) for each in said),
    )


def _two_ways() -> pd.DataFrame:
    """Return purchases in which B2 is promoted more, and B3 is bought by those who buy a lot."""
    rows = promoted(made.purchases(21, 400), "B2", 0.8)
    bought = rows["household_id"].map(rows["household_id"].value_counts())
    moved = (bought > bought.median()) & (np.random.default_rng(5).random(len(rows)) < 0.5)
    return rows.assign(brand=rows["brand"].where(~moved, "B3"))


def _slight(apart: float) -> pd.DataFrame:
    """Return purchases of four brands which hardly differ in how much of them is on promotion."""
    rows = made.purchases(8, 150, shares=(0.25,) * 4)
    return rows.assign(
        promoted=_drawn(rows, {"B2": 1 / 3 + apart, "B1": 1 / 3 - apart / 2}, seed=9)
    )


def _drawn(rows: pd.DataFrame, shares: dict[str, float], *, seed: int) -> np.ndarray:
    chance = rows["brand"].map(shares).fillna(1 / 3).to_numpy(dtype=float)
    return np.random.default_rng(seed).random(len(rows)) < chance
