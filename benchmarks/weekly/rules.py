"""A programme file as arrays over the days of a simulation."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from weekly.numbers import Floats, Integers

MONEY = 10_000
NEVER = 1 << 40


@dataclass(frozen=True)
class Rules:
    """Rules by level, reward and day; days count from 1970, arrays over days from ``first``.

    Parameters
    ----------
    bucket
        Lot that the points earned on a day go to; lots rise with their last day.
    ends
        Last day of each lot.
    block, opens, closes
        Block of the levels' metric that a day lies in; first and last day of each block.
    rate
        Points for a ten-thousandth of a currency unit, by level: numerators; ``over`` divides.
    """

    first: int
    bucket: Integers
    ends: Integers
    welcome: int
    rate: Integers
    over: int
    prices: Integers
    faces: Floats
    costs: Floats
    metric: str
    thresholds: Floats
    requalify: Floats
    block: Integers
    opens: Integers
    closes: Integers
    windows: int
    lasting: bool
    soft: bool
    each: Floats
    weekly: Floats
    each_cost: Floats
    weekly_cost: Floats

    @property
    def best(self) -> int:
        """Number of the reward with the highest value per point, then the lowest price."""
        return min(range(len(self.prices)), key=lambda k: (-self.worth[k], self.prices[k], k))

    @property
    def worth(self) -> Floats:
        """Value per point of each reward."""
        return np.nan_to_num(self.faces) / self.prices


def day_of(text: Any) -> int:
    """Return days since 1970 of a date."""
    return int(np.datetime64(str(text), "D").astype(np.int64))


def rules_of(programme: Any, first: int, last: int) -> Rules:
    """Read a simple programme; anything it does not know is refused."""
    days = np.arange(first, last + 1)
    (wallet,) = programme.wallets.values()
    if wallet.decimals:
        raise ValueError("whole points only")
    levels = [level.id for level in programme.tiers.levels] if programme.tiers else ["base"]
    ends, bucket = np.unique(_last_days(wallet.expiry, days), return_inverse=True)
    rate, over, welcome = _earning(programme, levels)
    rewards = list(programme.rewards)
    if any(item.kind in ("cash", "percent") for item in rewards):
        raise ValueError("things as rewards only")
    return Rules(
        first=first,
        bucket=bucket.astype(np.int64),
        ends=ends,
        welcome=welcome,
        rate=rate,
        over=over,
        prices=np.array([int(item.points) for item in rewards], dtype=np.int64),
        faces=_known(item.value for item in rewards),
        costs=_known(item.cost for item in rewards),
        **_levels(programme.tiers, days),
        **_benefits(programme, levels),
    )


def _known(values: Any) -> Floats:
    return np.array([np.nan if item is None else float(item) for item in values])


def _last_days(expiry: Any, days: Integers) -> Integers:
    if expiry.rule == "never":
        return np.full(len(days), NEVER)
    if expiry.rule == "fixed" and expiry.days is not None:
        return days + expiry.days
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64)
    within = days - months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    later = months + (expiry.months or 0)
    if expiry.rule == "fixed":
        begins, next_ = _month(later), _month(later + 1)
        return np.minimum(begins + within, next_ - 1)
    span = {"end_of_month": 1, "end_of_quarter": 3, "end_of_year": 12}[expiry.rule]
    return _month((later // span + 1) * span) - 1


def _month(number: Integers) -> Integers:
    """Return the first day of months counted from January 1970."""
    return number.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _earning(programme: Any, levels: list[str]) -> tuple[Integers, int, int]:
    """Return the points of each level for an amount, as whole numbers over a common divisor."""
    welcome, rates = 0, None
    for rule in programme.earn:
        plain = not rule.minimum and not rule.cap and not rule.pending_days and not rule.whole
        if rule.on == "join":
            welcome += int(rule.points)
        elif rule.on == "order" and rule.per == "amount" and plain and rates is None:
            rates = [Fraction(rule.by_tier.get(name, rule.points)) for name in levels]
            rates = [rate / Fraction(rule.every) / MONEY for rate in rates]
            if rule.rounding != "down":
                raise ValueError("rounding down only")
        else:
            raise ValueError(f"earn {rule.id}: not a simple rule")
    rates = rates or [Fraction(0)] * len(levels)
    over = int(np.lcm.reduce([rate.denominator for rate in rates]))
    return np.array([int(rate * over) for rate in rates], dtype=np.int64), over, welcome


def _levels(tiers: Any, days: Integers) -> dict[str, Any]:
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    if tiers is None or tiers.window.kind == "lifetime":
        block = np.zeros(len(days), dtype=np.int64)
        opens, closes = days[:1], np.array([NEVER])
    elif tiers.window.kind == "calendar" and tiers.window.months <= 12:
        number = months // tiers.window.months
        block = number - number[0]
        every = np.arange(number[0], number[-1] + 1)
        opens = _month(every * tiers.window.months)
        closes = _month((every + 1) * tiers.window.months) - 1
    else:
        raise ValueError("calendar blocks or a lifetime only")
    if tiers is None:
        thresholds = requalify = np.zeros(1)
        return {
            "metric": "spend", "thresholds": thresholds, "requalify": requalify, "block": block,
            "opens": opens, "closes": closes, "windows": 0, "lasting": True, "soft": False,
        }  # fmt: skip
    if tiers.upgrade != "at_once" or tiers.grace_days or tiers.validity.kind not in (
        "window", "forever"
    ):  # fmt: skip
        raise ValueError("levels at once, without grace, for a window or for ever only")
    limits = np.array([float(level.threshold or 0) for level in tiers.levels])
    keeps = [level.threshold if level.requalify is None else level.requalify
             for level in tiers.levels]  # fmt: skip
    return {
        "metric": tiers.metric,
        "thresholds": limits,
        "requalify": np.array([float(item or 0) for item in keeps]),
        "block": block,
        "opens": opens,
        "closes": closes,
        "windows": tiers.validity.windows,
        "lasting": tiers.validity.kind == "forever" or tiers.window.kind == "lifetime",
        "soft": tiers.soft_landing,
    }


def _benefits(programme: Any, levels: list[str]) -> dict[str, Floats]:
    found = {name: np.zeros(len(levels)) for name in ("each", "weekly", "each_cost", "weekly_cost")}
    for item in programme.benefits:
        part = {"order": "each", "month": "weekly"}[item.per]
        scale = 1.0 if item.per == "order" else 12 / 52.1786
        has = np.array([not item.tiers or name in item.tiers for name in levels])
        if item.take_up is not None:
            for name, amount in ((part, item.value), (f"{part}_cost", item.cost)):
                found[name] += has * float(amount or 0) * float(item.take_up) * scale
    return found
