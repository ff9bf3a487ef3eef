"""Made markets: panels with and without dates, and a retailer's lines of two categories."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.brand.market import MarketSpec
from loyalty_research.competitors import market
from loyalty_research.competitors.market.opened import Markets, of_shop
from loyalty_research.competitors.shop import open_shop
from loyalty_research.results import Result
from loyalty_research.study import Brand

PERIOD = ("2024-01-01", "2024-12-31")
SECTIONS = (market.brand_sizes, market.loyalty, market.shared_buyers, market.movement)
SPEC = MarketSpec.model_validate(
    {
        "brands": "maker",
        "categories": [
            {"name": {"zh": "茶", "en": "Tea"}, "subcategories": "TEA"},
            {"name": {"zh": "饼干", "en": "Biscuits"}, "subcategories": ["BISCUITS"]},
        ],
    }
)


def purchases(
    seed: int = 1, count: int = 400, *, shares: tuple[float, ...] = (0.5, 0.3, 0.2)
) -> pd.DataFrame:
    """Draw a year of purchases: household, brand, day; M 6, K 1, S 1.5."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(1.0, 6.0, count)
    liking = rng.standard_gamma(1.5 * np.array(shares), (count, len(shares)))
    rows = []
    for household in range(count):
        chances = liking[household] / liking[household].sum()
        days = rng.choice(365, min(rng.poisson(rates[household]), 365), replace=False)
        for day in np.sort(days):
            brand = f"B{rng.choice(len(shares), p=chances) + 1}"
            rows.append(
                (
                    f"h{household:04d}",
                    brand,
                    pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(day)),
                )
            )
    return pd.DataFrame(rows, columns=["household_id", "brand", "at"])


def panel_brand(rows: pd.DataFrame, **rest: Any) -> Brand:
    """Return a brand whose table ``market`` holds some purchases."""
    frame = rows.assign(occasion_id=range(1, len(rows) + 1))
    given = {"currency": "CNY", "identifiers": "public", "period": PERIOD, **rest}
    return Brand.from_frames(market=frame, **given)


def shop(rows: pd.DataFrame, **rest: Any) -> Brand:
    """Return a retailer: each brand of tea is a maker's product; all buy bread as well."""
    tea = pd.DataFrame(
        {
            "order_id": range(1, len(rows) + 1),
            "customer_id": rows["household_id"],
            "ordered_at": rows["at"] + pd.Timedelta(hours=12),
            "amount": 10.0,
            "product_id": rows["brand"],
            "quantity": 1,
        }
    )
    everyone = [f"h{place:04d}" for place in range(450)]
    bread = pd.DataFrame(
        {
            "order_id": range(len(tea) + 1, len(tea) + 1 + len(everyone)),
            "customer_id": everyone,
            "ordered_at": pd.Timestamp("2024-07-01 12:00"),
            "amount": 3.0,
            "product_id": "bread",
            "quantity": 1,
        }
    )
    products = pd.DataFrame(
        {
            "product_id": ["B1", "B2", "B3", "bread"],
            "subcategory": ["TEA", "TEA", "TEA", "BISCUITS"],
            "maker": ["1", "2", "3", "9"],
        }
    )
    given = {"currency": "CNY", "identifiers": "public", "period": PERIOD, **rest}
    return Brand.from_frames(
        transactions=pd.concat([tea, bread], ignore_index=True), products=products, **given
    )


def shop_markets(rows: pd.DataFrame, **rest: Any) -> Markets:
    """Return the tea and the biscuits of the retailer."""
    brand = shop(rows, **rest)
    opened = open_shop(brand, period=PERIOD)
    assert opened is not None
    return of_shop(opened, SPEC, brand.products)


def with_niche(rows: pd.DataFrame) -> pd.DataFrame:
    """Return purchases with 80 households more, who buy B3 monthly and now and then B4."""
    months = pd.date_range("2024-01-15", periods=12, freq="MS") + pd.Timedelta(days=9)
    own = [
        (f"n{place:03d}", "B4" if number % 6 == place % 6 else "B3", day)
        for place in range(80)
        for number, day in enumerate(months)
    ]
    return pd.concat([rows, pd.DataFrame(own, columns=rows.columns)], ignore_index=True)


def split_in_two() -> pd.DataFrame:
    """Return a market of two loyal camps; a third try B3 to B5 once, ever fewer of them B3."""
    rng = np.random.default_rng(5)
    rows = []
    for place in range(600):
        name, own = f"s{place:03d}", "B1" if place % 2 else "B2"
        bought = rng.poisson(rng.gamma(0.8, 6.0))
        rows += [(name, own, day) for day in rng.choice(365, min(bought, 365), replace=False)]
        if rng.random() < 0.6:
            rows.append((name, "B3", rng.integers(0, 180) if place % 4 else rng.integers(190, 365)))
            rows += [(name, brand, rng.integers(0, 365)) for brand in ("B4", "B5")]
    made = pd.DataFrame(rows, columns=["household_id", "brand", "at"])
    return made.assign(at=pd.Timestamp("2024-01-01") + pd.to_timedelta(made["at"], unit="D"))


def with_variety() -> pd.DataFrame:
    """Return purchases of which everybody makes one of B9 in each half."""
    rows = purchases(7, 300, shares=(0.55, 0.25, 0.2))
    rng = np.random.default_rng(8)
    own = [
        (name, "B9", pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(first + day)))
        for name in rows["household_id"].unique()
        for first, day in zip((0, 190), rng.integers(0, 170, 2), strict=True)
    ]
    return pd.concat([rows, pd.DataFrame(own, columns=rows.columns)], ignore_index=True)


@functools.cache
def market_results() -> tuple[Result, ...]:
    """Return every section of panels with and without dates, and of the retailer."""
    rows = purchases()
    sequence = rows.assign(sequence=rows.groupby("household_id").cumcount() + 1).drop(columns="at")
    niche = with_niche(purchases(3, 600, shares=(0.4, 0.25, 0.2, 0.15)))
    found = [
        market.open_markets(panel_brand(rows), period=PERIOD),
        market.open_markets(panel_brand(sequence), period=PERIOD),
        market.open_markets(panel_brand(niche), period=PERIOD),
        market.open_markets(panel_brand(split_in_two()), period=PERIOD),
        market.open_markets(panel_brand(with_variety()), period=PERIOD),
        shop_markets(rows),
    ]
    return tuple(section(each) for each in found for section in SECTIONS)
