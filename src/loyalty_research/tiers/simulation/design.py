"""What a programme is worth to a member and costs the brand, as arrays of the compiled loop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from loyalty_research.programmes.asks import Ask, columns_of
from loyalty_research.programmes.fields import Where
from loyalty_research.programmes.plan_rows import e4, level_ids, units
from loyalty_research.programmes.schema import Benefit, Programme, Reward

if TYPE_CHECKING:
    from loyalty_research.programmes.kernel_state import Ints

WEEKS = 365.25 / 7
"""Of a year."""
_MONTHS = 12
_LEAST_SHARE = 0.005
_COMMON_SHARE = 0.10
_A_WEEK = {"month": _MONTHS / WEEKS, "year": 1 / WEEKS, "birthday": 1 / WEEKS}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """Money of a programme, for one margin rate.

    Parameters
    ----------
    by_level, prizes
        Records of the compiled loop.
    open_price
        ``[levels, wallets]``: lowest price of a reward open to the level.
    worth
        ``[levels, wallets, 2]``: currency units a point, and share of the own mean order a point.
    point_cost
        ``[wallets]``: cost of a point that is redeemed.
    not_counted
        Ids of rewards and benefits of which something is unknown.
    """

    by_level: np.ndarray
    prizes: np.ndarray
    open_price: Ints
    worth: np.ndarray
    point_cost: np.ndarray
    not_counted: tuple[str, ...]


def costs_of(programme: Programme, *, margin: float, mean_order: float) -> Costs:
    """Return what a programme is worth and costs.

    Parameters
    ----------
    programme
        Its rules.
    margin
        Share of net sales.
    mean_order
        Currency units, for rewards that take off a percentage.
    """
    from loyalty_research.tiers.simulation.kernel_records import PAID

    rewards, unknown = programme.rewards, []
    prizes = np.zeros(max(len(rewards), 1), dtype=PAID)
    for number, reward in enumerate(rewards):
        unit = unit_cost(programme, reward, margin)
        if unit is None and reward.percent is None:
            unknown.append(reward.id)
        prizes[number]["unit"] = unit or 0.0
        prizes[number]["displaced"] = _displaced(reward, unit, margin)
    open_price, worth = _by_wallet(programme)
    by_level, more = _by_level(programme)
    return Costs(
        by_level=by_level,
        prizes=prizes,
        open_price=open_price,
        worth=worth,
        point_cost=_point_costs(programme, prizes["unit"], mean_order),
        not_counted=(*unknown, *more),
    )


def with_scarcity(by_level: np.ndarray, shares: np.ndarray, nu: float) -> np.ndarray:
    """Return the levels with what their size does to the value of their benefits."""
    found = by_level.copy()
    found["scarce"] = (np.maximum(shares, _LEAST_SHARE) / _COMMON_SHARE) ** -nu
    return found


def unit_cost(programme: Programme, reward: Reward, margin: float) -> float | None:
    """Return the cost of one redemption (of one step for ``cash``); None where unknown.

    A thing without a cost in the file costs its value at the brand's own margin.
    """
    partner = programme.partners.get(reward.partner or "")
    if reward.cost is not None:
        return float(reward.cost)
    if partner is not None:
        price = partner.gets_per_point
        return None if price is None else float(price * reward.points)
    if reward.value is None:
        return None
    return float(reward.value) * (1.0 if reward.kind == "cash" else 1.0 - margin)


def asks_record(programme: Programme) -> Ints:
    """Return a row for each question: its kind, and its minimum in ten-thousandths."""
    from loyalty_research.tiers.simulation.kernel_records import AMOUNT, HOLDS, ITEMS

    kinds = {"amount": AMOUNT, "items": ITEMS}
    rows = [[kinds.get(ask.about, HOLDS), e4(ask.minimum)] for ask in columns_of(programme)]
    return np.array(rows, dtype=np.int64).reshape(len(rows), 2)


def days_fit(programme: Programme, start: dt.date, days: int) -> Ints:
    """Return by day and question whether its weekdays, days of the month and dates fit."""
    dates = [start + dt.timedelta(days=number) for number in range(days)]
    asks = columns_of(programme)
    found = [[_fits(ask, day) for ask in asks] for day in dates]
    return np.array(found, dtype=np.int64).reshape(days, len(asks))


def _fits(ask: Ask, day: dt.date) -> bool:
    where: Where = ask.where
    if where.weekdays and _WEEKDAYS[day.weekday()] not in where.weekdays:
        return False
    if where.days_of_month and day.day not in where.days_of_month:
        return False
    return not where.dates or any(spell.start <= day <= spell.end for spell in where.dates)


def _displaced(reward: Reward, unit: float | None, margin: float) -> float:
    """Return the margin of the paid purchase that a free thing stands for."""
    if reward.kind in ("cash", "percent"):
        return 0.0
    if reward.value is not None:
        return float(reward.value) * margin
    if unit is None or margin >= 1.0:
        return 0.0
    return unit / (1.0 - margin) * margin


def _by_wallet(programme: Programme) -> tuple[Ints, np.ndarray]:
    from loyalty_research.programmes.kernel_codes import NONE

    levels, wallets = level_ids(programme), list(programme.wallets)
    prices = np.full((len(levels), len(wallets)), NONE, dtype=np.int64)
    worth = np.zeros((len(levels), len(wallets), 2))
    for reward in programme.rewards:
        wallet = wallets.index(reward.wallet)
        price = units(reward.points, programme.wallets[reward.wallet])
        value = 0.0 if reward.percent is not None else float(reward.value or 0)
        each = value / price, float(reward.percent or 0) / price
        for number, level in enumerate(levels):
            if reward.where.tiers and level not in reward.where.tiers:
                continue
            before = prices[number, wallet]
            prices[number, wallet] = price if before == NONE else min(before, price)
            worth[number, wallet] = np.maximum(worth[number, wallet], each)
    return prices, worth


def _by_level(programme: Programme) -> tuple[np.ndarray, list[str]]:
    """Return value and cost of benefits by level, and the ids of those that are unknown."""
    from loyalty_research.tiers.simulation.kernel_records import BY_LEVEL

    levels = level_ids(programme)
    table = np.zeros(len(levels), dtype=BY_LEVEL)
    table["scarce"] = 1.0
    unknown = []
    for benefit in programme.benefits:
        held = [number for number, level in enumerate(levels) if _has(benefit, level)]
        value, cost = (_times(benefit, amount) for amount in (benefit.value, benefit.cost))
        if cost is None:
            unknown.append(benefit.id)
        for column, amount in _columns(benefit.per, value or 0.0, cost or 0.0):
            table[column][held] += amount
    own = programme.tiers.levels if programme.tiers else ()
    for number, level in enumerate(own):
        if level.fee is not None:
            fee = float(level.fee.amount) / level.fee.months
            table["week_cost"][number] -= fee * _A_WEEK["month"]
    return table, unknown


def _has(benefit: Benefit, level: str) -> bool:
    return not benefit.tiers or level in benefit.tiers


def _times(benefit: Benefit, amount: Decimal | None) -> float | None:
    if amount is None or benefit.take_up is None:
        return None
    return float(amount * benefit.take_up)


def _columns(per: str, value: float, cost: float) -> Iterator[tuple[str, float]]:
    if per == "order":
        yield from (("each_value", value), ("each_cost", cost))
    elif per in _A_WEEK:
        yield from (("week_value", value * _A_WEEK[per]), ("week_cost", cost * _A_WEEK[per]))
    else:
        yield "rise_cost" if per == "upgrade" else "join_cost", cost


def _point_costs(programme: Programme, unit: np.ndarray, mean_order: float) -> np.ndarray:
    """Return by wallet the lowest cost a point of the rewards with the highest worth a point."""
    found = np.zeros(len(programme.wallets))
    for number, (name, wallet) in enumerate(programme.wallets.items()):
        known = []
        for place, reward in enumerate(programme.rewards):
            if reward.wallet != name:
                continue
            price = units(reward.points, wallet)
            share = float(reward.percent or 0) * mean_order
            worth = share or float(reward.value or 0)
            cost = share if reward.percent is not None and reward.cost is None else unit[place]
            known.append((-worth / price, cost / price))
        found[number] = min(known)[1] if known else 0.0
    return found


def shares_array(programme: Programme, shares: Mapping[str, Any]) -> np.ndarray:
    """Return shares of members by level in the order of the levels."""
    return np.array([float(shares.get(level, 0.0)) for level in level_ids(programme)])
