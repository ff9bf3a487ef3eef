"""A made shop whose customers are persons, with groups too small to be shown planted in it."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
import pandas as pd
from results.analyses import analyse, analyse_brand, make_events, not_before_launch

import loyalty_research as lr
from loyalty_research import profile
from loyalty_research.results import Result

LIMIT = 10
PERIOD = ("2024-01-01", "2024-12-31")
PEOPLE = 420
SMALL_STORE, SMALL_TIER, SMALL_AGE, QUIET_MONTH = "S9", "钻石", "80+", 2
NAMES = ("欧阳佩珊", "司马云岚", "慕容雪棠", "上官子墨")
PHONES = ("13912345678", "18687654321", "15900001111", "17755556666")


def source_ids() -> list[str]:
    """Return the brand's own customer ids: some of them are phone numbers or names."""
    ids = [f"VIP-{40_000 + 7 * place}" for place in range(PEOPLE)]
    ids[: len(PHONES)] = PHONES
    ids[len(PHONES) : len(PHONES) + len(NAMES)] = NAMES
    return ids


def make_lines(seed: int = 11) -> pd.DataFrame:
    """Return a year of lines: 3 buyers at a store, 4 in a month, many stopped early."""
    rng = np.random.default_rng(seed)
    ids = np.array(source_ids())
    number = 1 + rng.poisson(rng.gamma(0.8, 6.0, PEOPLE))
    who = np.repeat(np.arange(PEOPLE), number)
    until = np.where(rng.random(PEOPLE) < 0.35, 200, 366)
    day = (rng.random(len(who)) * until[who]).astype(int)
    at = pd.Timestamp(PERIOD[0]) + pd.to_timedelta(day, unit="D")
    quiet = at.month == QUIET_MONTH
    few = np.isin(who, [20, 21, 22, 23])
    who, at = who[~quiet | few], at[~quiet | few]
    store = np.array(["S1", "S2", "S3", "S4"])[rng.integers(0, 4, len(who))].astype(object)
    store[np.isin(who, [30, 31, 32])] = SMALL_STORE
    hours = rng.choice(
        [9, 10, 11, 12, 17, 18, 19, 23], len(who), p=[0.2] * 3 + [0.1] * 3 + [0.09, 0.01]
    )
    cents = rng.integers(500, 20_000, len(who))
    return pd.DataFrame(
        {
            "order_id": [f"D{place:06d}" for place in range(len(who))],
            "customer_id": ids[who],
            "ordered_at": at + pd.to_timedelta(hours, unit="h"),
            "amount": cents / 100,
            "discount": np.where(rng.random(len(who)) < 0.3, cents // 10, 0) / 100,
            "product_id": rng.integers(0, 12, len(who)),
            "store_id": store,
        }
    )


def make_customers(seed: int = 12) -> pd.DataFrame:
    """Return attributes: 2 persons of one tier, 1 of one age band, 7 nobody describes."""
    rng = np.random.default_rng(seed)
    tier = rng.choice(["普卡", "银卡", "金卡"], PEOPLE, p=[0.6, 0.3, 0.1]).astype(object)
    age = rng.choice(["18-29", "30-44", "45-59"], PEOPLE).astype(object)
    tier[[40, 41]] = SMALL_TIER
    age[50] = SMALL_AGE
    frame = pd.DataFrame({"customer_id": source_ids(), "tier": tier, "age_band": age})
    return frame.drop(index=range(60, 67))


def make_products() -> pd.DataFrame:
    """Return twelve products, the last bought by whoever buys it."""
    kinds = ["茶饮", "咖啡", "糕点", "坚果"]
    return pd.DataFrame(
        {
            "product_id": range(12),
            "name": [f"P{n}" for n in range(12)],
            "category": [kinds[n % 4] for n in range(12)],
            "launched_on": [*[None] * 9, "2024-04-01", "2024-06-03", "2024-09-02"],
        }
    )


@functools.cache
def personal_brand(seed: int = 11) -> lr.Brand:
    """Return the shop as a brand whose identifiers are personal."""
    products = make_products()
    lines = not_before_launch(make_lines(seed), products)
    return lr.Brand.from_frames(
        transactions=lines,
        products=products,
        customers=make_customers(seed + 1),
        events=make_events(lines, seed=seed),
        currency="CNY",
        period=PERIOD,
        identifiers="personal",
        first_purchase_observed=True,
        name="small_groups",
        provenance="simulated for tests",
    )


@functools.cache
def raw_results(seed: int = 11) -> Mapping[str, Result]:
    """Return every analysis of the profile as it is before the door."""
    brand = personal_brand(seed)
    made = [profile.overview(brand), *analyse(brand.orders, brand.period, observed=True)]
    found = {result.name: result for result in made}
    rest = analyse_brand(brand, brand.period, found["rfm"].table)
    return found | {result.name: result for result in rest}
