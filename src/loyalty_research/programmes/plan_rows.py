"""Rules, wallets, levels and rewards of a programme as rows of whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import gcd
from typing import Any

import numpy as np

from loyalty_research.programmes import kernel_codes as codes
from loyalty_research.programmes import kernel_state as state
from loyalty_research.programmes.asks import Ask
from loyalty_research.programmes.fields import PLACES
from loyalty_research.programmes.kernel_codes import E4, NONE
from loyalty_research.programmes.kernel_state import Ints, Records
from loyalty_research.programmes.schema import Level, Programme, Wallet

_REWARD_KINDS = {"cash": codes.CASH, "percent": codes.PERCENT}


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


def table_of(dtype: np.dtype[np.void], rows: list[dict[str, Any]]) -> Records:
    """Return an array of records from rows of values by field."""
    table = np.zeros(len(rows), dtype=dtype)
    for number, row in enumerate(rows):
        for name, value in row.items():
            table[number][name] = value
    return table


def rules(programme: Programme, asks: Mapping[str, Ask]) -> Records:
    """Return a row for each rule that earns."""
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
    return table_of(state.RULE, rows)


def rates(programme: Programme) -> tuple[list[int], Ints]:
    """Return for each payment a denominator, and a numerator by level, in lowest terms."""
    pays = [(rule, wallet) for rule in programme.earn for wallet in rule.wallets]
    names = level_ids(programme)
    denominators = []
    numerators = np.zeros((len(pays), len(names)), dtype=np.int64)
    for number, (rule, wallet) in enumerate(pays):
        unit = 10 ** programme.wallets[wallet].decimals
        each = [e4(rule.by_tier.get(level, rule.points)) * unit for level in names]
        below = E4 if rule.whole else E4 * e4(rule.every)
        common = gcd(below, *each)
        denominators.append(below // common)
        numerators[number] = [points // common for points in each]
    return denominators, numerators


def pays(programme: Programme, denominators: list[int]) -> Records:
    """Return a row for each wallet that a rule pays into."""
    wallets = list(programme.wallets)
    into = [wallet for rule in programme.earn for wallet in rule.wallets]
    rows = [
        {
            "wallet": wallets.index(wallet),
            "denominator": denominator,
            "e4": 10 ** (PLACES - programme.wallets[wallet].decimals),
        }
        for wallet, denominator in zip(into, denominators, strict=True)
    ]
    return table_of(state.PAY, rows)


def wallets(programme: Programme) -> Records:
    """Return a row for each wallet."""
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
                "e4": 10 ** (PLACES - wallet.decimals),
            }
        )
    return table_of(state.WALLET, rows)


def levels(programme: Programme) -> Records:
    """Return a row for each level; one where there are none."""
    own: tuple[Level, ...] = programme.tiers.levels if programme.tiers else ()
    rows = [
        {
            "threshold": e4(level.threshold),
            "requalify": e4(level.threshold if level.requalify is None else level.requalify),
            "landing": level.threshold is not None and level.fee is None,
            "for_life": e4(level.for_life_at),
        }
        for level in own
    ]
    return table_of(state.LEVEL, rows or [{"for_life": NONE}])


def grants(programme: Programme) -> Ints:
    """Return the level that each kind of event gives."""
    own: tuple[Level, ...] = programme.tiers.levels if programme.tiers else ()
    found = [NONE]
    for kind in event_kinds(programme):
        granted = [n for n, level in enumerate(own) if kind in level.granted_by]
        found.append(max(granted, default=NONE))
    return np.array(found, dtype=np.int64)


def swaps(programme: Programme) -> Records:
    """Return a row for each conversion."""
    own = programme.wallets
    names = list(own)
    rows = [
        {
            "source": names.index(rule.source_wallet),
            "target": names.index(rule.target_wallet),
            "take": units(rule.take, own[rule.source_wallet]),
            "give": units(rule.give, own[rule.target_wallet]),
            "at": codes.SPELLS.index(rule.at),
        }
        for rule in programme.conversions
    ]
    return table_of(state.SWAP, rows)


def prizes(programme: Programme, asks: Mapping[str, Ask]) -> Records:
    """Return a row for each reward."""
    columns = list(dict.fromkeys(asks.values()))
    names = list(programme.wallets)
    rows = []
    for reward in programme.rewards:
        limit = reward.limit
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
    return table_of(state.PRIZE, rows)
