"""What it takes to reach the rewards and levels of a programme, by its rules alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from loyalty_research.programmes.reach import longest_life
from loyalty_research.programmes.schema import Earn, Level, Programme, Reward

BASES = {"amount": "spend", "order": "orders", "visit": "visits", "item": "items"}
_REWARDS = (
    "reward",
    "level",
    "basis",
    "needs",
    "rate",
    "rate_is",
    "given",
    "up_to",
    "up_to_per",
    "life_days",
)
_LEVELS = ("level", "basis", "threshold", "needs", "months", "per_month")
_FEES = ("level", "fee", "months", "extra_fee", "extra_rate", "rate_is", "break_even")


@dataclass(frozen=True, slots=True)
class Attainability:
    """What rewards and levels take at the base rate, and what they give back.

    Parameters
    ----------
    rewards
        A reward and level each: ``basis`` (``spend`` in currency units, ``orders``, ``visits``,
        ``items``), ``needs`` (how much of it the price takes), ``rate`` (face value over spend;
        for a free product and a basis that is not money, products over those paid; missing where
        the value is unknown), ``rate_is`` (``exact``, ``at_most``, ``unknown``), ``given`` (points
        that come once, such as a welcome), ``up_to`` and ``up_to_per`` (the basis that earns
        within a period, where a cap ends it), ``life_days`` (most days from earning to expiry).
        ``level`` is empty where there are none; levels that earn alike are told once, by the
        lowest.
    levels
        A level above the base each: ``basis``, ``threshold`` of the metric, ``needs`` of the basis,
        ``months`` of the window (missing for a lifetime) and ``per_month``, needs over months.
    fees
        A paid level each: ``extra_fee`` over the base's, ``extra_rate`` of the best
        reward over the base's, and ``break_even``, the spend within the months paid for at
        which the extra rate gives back the extra fee; missing where it never does.
    """

    rewards: pd.DataFrame
    levels: pd.DataFrame
    fees: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Way:
    """How a wallet fills: the rule behind it, and its points for one of the basis."""

    rule: Earn
    rate: Fraction


def attainability(programme: Programme) -> Attainability:
    """Tell what the rewards and levels of a programme take, by its rules alone.

    The base rate of a wallet is that of the first rule on orders that fills it and does not end
    for ever; a wallet that is only filled by conversion takes its source's. What other rules add,
    rounding per order, conditions and minimums are left aside: a customer's own history, replayed,
    says more.

    Parameters
    ----------
    programme
        As read by :func:`loyalty_research.programmes.load_programme`.

    Returns
    -------
    Attainability
        Frames ``rewards``, ``levels`` and ``fees``; empty where nothing can be told.

    Notes
    -----
    needs = price / (points / every); rate = value / needs; break_even = extra fee / extra rate.
    """
    return Attainability(
        rewards=pd.DataFrame(list(_rewards(programme)), columns=list(_REWARDS)),
        levels=pd.DataFrame(list(_levels(programme)), columns=list(_LEVELS)),
        fees=pd.DataFrame(list(_fees(programme)), columns=list(_FEES)),
    )


def _rewards(programme: Programme) -> Iterator[dict[str, Any]]:
    levels = [level.id for level in programme.tiers.levels] if programme.tiers else [""]
    for reward in programme.rewards:
        told: list[Fraction] = []
        for level in levels:
            if reward.where.tiers and level not in reward.where.tiers:
                continue
            way = _way(programme, reward.wallet, level)
            if way is not None and way.rate not in told:
                told.append(way.rate)
                yield _row(programme, reward, level, way)


def _row(programme: Programme, reward: Reward, level: str, way: _Way) -> dict[str, Any]:
    needs = Fraction(reward.points) / way.rate
    basis = BASES[way.rule.per]
    rate, rate_is = _rate(reward, basis, needs)
    cap = way.rule.cap
    wallet = programme.wallets[reward.wallet]
    return {
        "reward": reward.id,
        "level": level,
        "basis": basis,
        "needs": float(needs),
        "rate": rate,
        "rate_is": rate_is,
        "given": _given(programme, reward.wallet),
        "up_to": float(Fraction(cap.points) / _own_rate(way.rule, level)) if cap else math.nan,
        "up_to_per": cap.per if cap else None,
        "life_days": longest_life(wallet.expiry),
    }


def _rate(reward: Reward, basis: str, needs: Fraction) -> tuple[float, str]:
    if basis == "spend" and reward.value is not None:
        return float(Fraction(reward.value) / needs), reward.value_is
    if basis != "spend" and reward.kind == "product":
        return float(1 / needs), "exact"
    return math.nan, "unknown"


def _given(programme: Programme, wallet: str) -> float:
    """Return the points that come once, on joining or with the first order."""
    once = [rule for rule in programme.earn if wallet in rule.wallets and _comes_once(rule)]
    return float(sum(rule.points for rule in once))


def _comes_once(rule: Earn) -> bool:
    first = rule.on == "order" and rule.cap is not None and rule.cap.per == "ever"
    return rule.on == "join" or (first and rule.cap is not None and rule.cap.points <= rule.points)


def _way(programme: Programme, wallet: str, level: str) -> _Way | None:
    """Return how a wallet fills at a level; None where no rule on orders does."""
    for rule in programme.earn:
        fits = not rule.where.tiers or level in rule.where.tiers
        lasting = rule.cap is None or rule.cap.per != "ever"
        if wallet in rule.wallets and rule.on == "order" and rule.partner is None and lasting:
            rate = _own_rate(rule, level)
            if fits and rate:
                return _Way(rule, rate)
    for move in programme.conversions:
        if move.target_wallet == wallet:
            before = _way(programme, move.source_wallet, level)
            if before is not None:
                turned = before.rate * Fraction(move.give) / Fraction(move.take)
                return _Way(before.rule, turned)
    return None


def _own_rate(rule: Earn, level: str) -> Fraction:
    return Fraction(rule.by_tier.get(level, rule.points)) / Fraction(rule.every)


def _levels(programme: Programme) -> Iterator[dict[str, Any]]:
    tiers = programme.tiers
    if tiers is None:
        return
    basis: str = tiers.metric
    rate = Fraction(1)
    if tiers.metric == "wallet":
        way = _way(programme, tiers.wallet or "", tiers.levels[0].id)
        if way is None:
            return
        basis, rate = BASES[way.rule.per], way.rate
    months = None if tiers.window.kind == "lifetime" else tiers.window.months
    for level in tiers.levels[1:]:
        if level.threshold is not None:
            needs = float(Fraction(level.threshold) / rate)
            yield {
                "level": level.id,
                "basis": basis,
                "threshold": float(level.threshold),
                "needs": needs,
                "months": months,
                "per_month": needs / months if months else math.nan,
            }


def _fees(programme: Programme) -> Iterator[dict[str, Any]]:
    levels = programme.tiers.levels if programme.tiers else ()
    for level in levels:
        if level.fee is None:
            continue
        own, bound, up_to = _best(programme, level)
        extra_fee, extra_rate = float(level.fee.amount), own
        if level is not levels[0]:
            extra_fee -= float(levels[0].fee.amount) if levels[0].fee else 0.0
            extra_rate -= _best(programme, levels[0])[0]
        back = extra_fee / extra_rate if extra_rate > 0 else math.nan
        yield {
            "level": level.id,
            "fee": float(level.fee.amount),
            "months": level.fee.months,
            "extra_fee": extra_fee,
            "extra_rate": extra_rate,
            "rate_is": bound,
            "break_even": math.nan if back > up_to else back,
        }


def _best(programme: Programme, level: Level) -> tuple[float, str, float]:
    """Return the best rate of a level on spend, what it is, and the spend at which it ends."""
    best = (0.0, "unknown", math.inf)
    for reward in programme.rewards:
        way = _way(programme, reward.wallet, level.id)
        if way is None or (reward.where.tiers and level.id not in reward.where.tiers):
            continue
        row = _row(programme, reward, level.id, way)
        if row["basis"] == "spend" and row["rate"] > best[0]:
            best = (row["rate"], row["rate_is"], row["up_to"] if row["up_to_per"] else math.inf)
    return best
