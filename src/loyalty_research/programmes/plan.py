"""A programme as the whole numbers that the ledger's loop reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from math import gcd
from typing import Any

import numpy as np

from loyalty_research.programmes import kernel_codes as codes
from loyalty_research.programmes import kernel_state as state
from loyalty_research.programmes.asks import Ask, asks_of
from loyalty_research.programmes.kernel_codes import E4, NONE
from loyalty_research.programmes.kernel_state import Ints, Plan, Records
from loyalty_research.programmes.schema import Earn, Level, Limit, Programme, Wallet

_EPOCH = dt.date(1970, 1, 1)
_REWARD_KINDS = {"cash": codes.CASH, "percent": codes.PERCENT}
_YEARS_BEFORE, _YEARS_AFTER = 5, 110


def day_number(day: dt.date) -> int:
    """Return a day as days since 1 January 1970."""
    return (day - _EPOCH).days


def e4(amount: Decimal | int | None) -> int:
    """Return an amount in ten-thousandths; NONE where there is none."""
    return NONE if amount is None else int(amount * E4)


def units(amount: Decimal | int, wallet: Wallet) -> int:
    """Return points in the wallet's smallest unit."""
    return int(amount * 10**wallet.decimals)


def level_ids(programme: Programme) -> tuple[str, ...]:
    """Return the ids of the levels in rising order; one empty id where there are none."""
    return tuple(level.id for level in programme.tiers.levels) if programme.tiers else ("",)


def event_kinds(programme: Programme) -> tuple[str, ...]:
    """Return the kinds of events that rules or levels look at; their numbers begin at 1."""
    kinds = {rule.event for rule in programme.earn if rule.event is not None}
    levels = programme.tiers.levels if programme.tiers else ()
    return tuple(sorted(kinds | {kind for level in levels for kind in level.granted_by}))


def make_plan(
    programme: Programme,
    *,
    period: tuple[dt.date, dt.date],
    redemption: str = "none",
    paid: str | None = None,
    joined: bool = False,
    week_start: int = 0,
) -> Plan:
    """Return a programme as numbers.

    Parameters
    ----------
    programme
        As checked by :func:`load_programme`.
    period
        First and last day of the replay.
    redemption
        Policy: ``none``, ``at_once``, ``observed``, or the id of a reward.
    paid
        Level that members are given on joining; None for the base.
    joined
        Whether the day of joining comes from a table.
    week_start
        0 for Monday.
    """
    asks = asks_of(programme)
    levels = level_ids(programme)
    month, of_month, starts = _calendar(period)
    settings = _settings(programme, redemption, paid, levels)
    first = _EPOCH.replace(year=period[0].year - _YEARS_BEFORE)
    settings["first_day"] = day_number(first)
    settings["first_month"] = first.year * 12
    settings["start"], settings["end"] = map(day_number, period)
    settings["first_period_month"] = period[0].year * 12 + period[0].month - 1
    settings["joined"], settings["week_start"] = joined, week_start
    pays = [(rule, wallet) for rule in programme.earn for wallet in rule.wallets]
    wallets = list(programme.wallets)
    denominators, numerators = _rates(pays, programme, levels)
    return Plan(
        settings=settings,
        rules=_rules(programme, asks),
        fits=_fitting([rule.where.tiers for rule in programme.earn], levels),
        pays=_table(
            state.PAY,
            [
                {
                    "wallet": wallets.index(wallet),
                    "denominator": denominator,
                    "e4": 10 ** (codes_places() - programme.wallets[wallet].decimals),
                }
                for (_, wallet), denominator in zip(pays, denominators, strict=True)
            ],
        ),
        numerators=numerators,
        wallets=_wallets(programme),
        spared=_spared(programme, levels),
        levels=_levels(programme),
        grants=_grants(programme),
        swaps=_swaps(programme),
        prizes=_prizes(programme, asks),
        prize_fits=_fitting([reward.where.tiers for reward in programme.rewards], levels),
        month=month,
        day_of_month=of_month,
        month_starts=starts,
    )


def codes_places() -> int:
    """Return the decimal places of a ten-thousandth."""
    return len(str(E4)) - 1


def _calendar(period: tuple[dt.date, dt.date]) -> tuple[Ints, Ints, Ints]:
    """Return month and day of the month by day, and the first day of every month."""
    first = np.datetime64(f"{period[0].year - _YEARS_BEFORE:04d}-01-01")
    last = np.datetime64(f"{period[1].year + _YEARS_AFTER:04d}-01-01")
    days = np.arange(first, last)
    months = days.astype("datetime64[M]")
    starts = np.arange(first.astype("datetime64[M]"), last.astype("datetime64[M]") + 1)
    return (
        months.astype(np.int64) + 1970 * 12,
        (days - months.astype("datetime64[D]")).astype(np.int64) + 1,
        starts.astype("datetime64[D]").astype(np.int64),
    )


def _table(dtype: np.dtype[np.void], rows: list[dict[str, Any]]) -> Records:
    table = np.zeros(len(rows), dtype=dtype)
    for number, row in enumerate(rows):
        for name, value in row.items():
            table[number][name] = value
    return table


def _settings(
    programme: Programme, redemption: str, paid: str | None, levels: tuple[str, ...]
) -> Records:
    rewards = [reward.id for reward in programme.rewards]
    target = rewards.index(redemption) if redemption in rewards else NONE
    policy = "target" if target != NONE else redemption
    redeemable = [w.kind != "qualifying" for w in programme.wallets.values()]
    row: dict[str, Any] = {
        "metric": NONE,
        "metric_wallet": NONE,
        "window_months": 12,
        "paid": levels.index(paid) if paid else 0,
        "policy": codes.POLICIES.index(policy),
        "target": target,
        "observed_wallet": redeemable.index(True) if any(redeemable) else NONE,
    }
    tiers = programme.tiers
    if tiers is not None:
        wallet = list(programme.wallets).index(tiers.wallet) if tiers.wallet else NONE
        row |= {
            "metric": codes.METRICS.index(tiers.metric),
            "metric_wallet": wallet,
            "window": codes.WINDOWS.index(tiers.window.kind),
            "window_months": tiers.window.months,
            "period_end": tiers.upgrade == "period_end",
            "validity": codes.VALIDITY.index(tiers.validity.kind),
            "windows": tiers.validity.windows,
            "validity_months": tiers.validity.months or 0,
            "soft_landing": tiers.soft_landing,
            "grace": tiers.grace_days,
        }
    return _table(state.SETTINGS, [row])


def _rules(programme: Programme, asks: Mapping[str, Ask]) -> Records:
    columns = list(dict.fromkeys(asks.values()))
    rows, place = [], 0
    for rule in programme.earn:
        rows.append(
            {
                "on": codes.ON.index(rule.on),
                "visit": rule.per == "visit",
                "whole": rule.whole,
                "rounding": codes.ROUNDING.index(rule.rounding),
                "every": e4(rule.every),
                "column": columns.index(asks[rule.id]) if rule.id in asks else NONE,
                "cap_per_order": e4(rule.cap_per_order),
                "cap": e4(rule.cap.points if rule.cap else None),
                "cap_per": codes.SPELLS.index(rule.cap.per) if rule.cap else 0,
                "streak": rule.streak or 0,
                "pending_days": rule.pending_days,
                "birthday": rule.where.birthday_month,
                "pays_from": place,
                "pays_to": place + len(rule.wallets),
            }
        )
        place += len(rule.wallets)
    return _table(state.RULE, rows)


def _rates(
    pays: list[tuple[Earn, str]], programme: Programme, levels: tuple[str, ...]
) -> tuple[list[int], Ints]:
    """Return for each payment a denominator, and a numerator by level, in lowest terms."""
    denominators = []
    numerators = np.zeros((len(pays), len(levels)), dtype=np.int64)
    for number, (rule, wallet) in enumerate(pays):
        unit = 10 ** programme.wallets[wallet].decimals
        each = [e4(rule.by_tier.get(level, rule.points)) * unit for level in levels]
        below = E4 if rule.whole else E4 * e4(rule.every)
        common = gcd(below, *each)
        denominators.append(below // common)
        numerators[number] = [points // common for points in each]
    return denominators, numerators


def _fitting(tiers: list[tuple[str, ...]], levels: tuple[str, ...]) -> Ints:
    fits = [[not own or level in own for level in levels] for own in tiers]
    return np.array(fits, dtype=np.int64).reshape(len(tiers), len(levels))


def _wallets(programme: Programme) -> Records:
    rows = []
    for name, wallet in programme.wallets.items():
        prices = [units(r.points, wallet) for r in programme.rewards if r.wallet == name]
        rows.append(
            {
                "expiry": codes.EXPIRY.index(wallet.expiry.rule),
                "months": wallet.expiry.months or 0,
                "days": NONE if wallet.expiry.days is None else wallet.expiry.days,
                "returns": codes.RETURNS.index(wallet.returns),
                "cheapest": min(prices, default=NONE),
                "e4": 10 ** (codes_places() - wallet.decimals),
            }
        )
    return _table(state.POCKET, rows)


def _spared(programme: Programme, levels: tuple[str, ...]) -> Ints:
    wallets = programme.wallets.values()
    spared = [[level in wallet.expiry.never_for for level in levels] for wallet in wallets]
    return np.array(spared, dtype=np.int64).reshape(len(programme.wallets), len(levels))


def _levels(programme: Programme) -> Records:
    levels: tuple[Level, ...] = programme.tiers.levels if programme.tiers else ()
    rows = [
        {
            "threshold": e4(level.threshold),
            "requalify": e4(level.threshold if level.requalify is None else level.requalify),
            "landing": level.threshold is not None and level.fee is None,
            "for_life": e4(level.for_life_at),
        }
        for level in levels
    ]
    return _table(state.STEP, rows or [{"for_life": NONE}])


def _grants(programme: Programme) -> Ints:
    levels: tuple[Level, ...] = programme.tiers.levels if programme.tiers else ()
    grants = [NONE]
    for kind in event_kinds(programme):
        granted = [n for n, level in enumerate(levels) if kind in level.granted_by]
        grants.append(max(granted, default=NONE))
    return np.array(grants, dtype=np.int64)


def _swaps(programme: Programme) -> Records:
    wallets = programme.wallets
    names = list(wallets)
    rows = [
        {
            "source": names.index(rule.source_wallet),
            "target": names.index(rule.target_wallet),
            "take": units(rule.take, wallets[rule.source_wallet]),
            "give": units(rule.give, wallets[rule.target_wallet]),
            "at": codes.SPELLS.index(rule.at),
        }
        for rule in programme.conversions
    ]
    return _table(state.SWAP, rows)


def _prizes(programme: Programme, asks: Mapping[str, Ask]) -> Records:
    columns = list(dict.fromkeys(asks.values()))
    names = list(programme.wallets)
    rows = []
    for reward in programme.rewards:
        limit: Limit | None = reward.limit
        rows.append(
            {
                "wallet": names.index(reward.wallet),
                "price": units(reward.points, programme.wallets[reward.wallet]),
                "points": e4(reward.points),
                "kind": _REWARD_KINDS.get(reward.kind, codes.THING),
                "value": e4(reward.value),
                "percent": e4(reward.percent),
                "cost": e4(reward.cost),
                "most": E4 if reward.most_of_order is None else e4(reward.most_of_order),
                "limit": NONE if limit is None else limit.count,
                "per": codes.SPELLS.index(limit.per) if limit else 0,
                "column": columns.index(asks[reward.id]) if reward.id in asks else NONE,
                "birthday": reward.where.birthday_month,
            }
        )
    return _table(state.PRIZE, rows)
