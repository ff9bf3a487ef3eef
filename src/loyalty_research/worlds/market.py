"""A household panel over competing brands (Goodhardt, Ehrenberg & Chatfield 1984).

Its households are not the shop's customers: a panel sees what the shop does not.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loyalty_research.worlds import columns, random
from loyalty_research.worlds.clock import Clock
from loyalty_research.worlds.parameters import Market, Parameters
from loyalty_research.worlds.random import Flags, Floats, Integers, Source


def panel(parameters: Parameters, market: Market, clock: Clock) -> dict[str, pa.Table]:
    """Return the tables market and choice_sets."""
    source = Source(parameters.seed, "household", np.arange(market.households))
    household, number, at = _occasions(market, clock, source)
    order = np.lexsort((number, household))
    household, number, at = household[order], number[order], at[order]
    promoted = _promoted(market, source, household, number)
    brand = _brands(market, source, household, number, promoted)
    occasion = (household + 1) * 10_000 + number
    names = list(market.brands)
    listed = np.array([market.price[name] for name in names])
    prices = np.where(promoted, listed * 9 // 10, listed)
    every = np.arange(len(brand))
    size = len(names)
    return {
        "market": pa.table(
            {
                "household_id": columns.numbers(household + 1),
                "occasion_id": columns.numbers(occasion),
                "brand": columns.words(names, brand),
                "at": columns.times(parameters.start, clock.seconds(at)),
                "sequence": columns.numbers(number + 1),
                "price": columns.money(prices[every, brand]),
                "quantity": columns.numbers(np.ones(len(brand), dtype=np.int64)),
                "promoted": pa.array(promoted[every, brand]),
            }
        ),
        "choice_sets": pa.table(
            {
                "occasion_id": columns.numbers(np.repeat(occasion, size)),
                "brand": columns.words(names, np.tile(np.arange(size), len(brand))),
                "price": columns.money(prices.ravel()),
                "promoted": pa.array(promoted.ravel()),
            }
        ),
    }


def _occasions(market: Market, clock: Clock, source: Source) -> tuple[Integers, Integers, Floats]:
    pace = random.gamma(market.shape)(source.uniform("rate"))
    rate = pace * (market.mean / (market.shape * clock.end))
    rows, now, number = np.arange(market.households), np.zeros(market.households), 0
    found: list[tuple[Integers, Integers, Floats]] = []
    while len(rows):
        now = now + random.exponential(source.uniform("gap", rows, number)) / rate[rows]
        inside = now < clock.end
        rows, now = rows[inside], now[inside]
        found.append((rows, np.full(len(rows), number), now))
        number += 1
    household, numbers, at = (np.concatenate(part) for part in zip(*found, strict=True))
    return household, numbers, at


def _promoted(market: Market, source: Source, household: Integers, number: Integers) -> Flags:
    drawn = [
        source.uniform(f"promoted {position}", household, number) < market.promoted
        for position in range(len(market.brands))
    ]
    return np.stack(drawn, axis=1)


def _brands(
    market: Market, source: Source, household: Integers, number: Integers, promoted: Flags
) -> Integers:
    total = sum(market.brands.values())
    weights = np.stack(
        [
            random.gamma(market.switching * share / total)(source.uniform(f"brand {name}"))
            for name, share in market.brands.items()
        ],
        axis=1,
    )[household]
    if market.promotion_effect:
        weights = weights * np.where(promoted, _factor(market.promotion_effect), 1.0)
    cumulated = np.cumsum(weights, axis=1)
    drawn = source.uniform("choice", household, number) * cumulated[:, -1]
    return np.minimum((cumulated <= drawn[:, None]).sum(axis=1), len(market.brands) - 1)


def _factor(effect: float) -> float:
    return float(random.exp(np.array([effect]))[0])
