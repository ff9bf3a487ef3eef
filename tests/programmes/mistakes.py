"""Mistakes planted in the reference: the generated cases are worth something if they see each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import floor
from typing import Any
from unittest.mock import patch

from programmes import reference
from programmes.reference import DAY, Reference, add_months

Mistake = tuple[Any, str, Callable[..., Any]]

_spell_of = reference.spell_of
_entries_of = reference.entries_of
_last_day = Reference.last_day
_rounded = Reference.rounded
_points = Reference.points
_basis = Reference.basis
_holds = Reference.holds
_take_return = Reference.take_return
_take_order = Reference.take_order
_receive = Reference.receive
_steps = Reference.steps
_block = Reference.block
_last_of_level = Reference.last_of_level
_kept_or_fallen = Reference.kept_or_fallen
_decide_level = Reference.decide_level
_earn = Reference.earn
_convert = Reference.convert
_rise = Reference.rise


def with_rule(rule: Any, **changes: Any) -> Any:
    return rule.model_copy(update=changes)


def with_tiers(self: Reference, method: Callable[..., Any], *given: Any, **changes: Any) -> Any:
    """Call a method while the rules of the levels say something else."""
    kept, self.tiers = self.tiers, self.tiers.model_copy(update=changes)
    try:
        return method(self, *given)
    finally:
        self.tiers = kept


def months_of_thirty_days(day: dt.date, months: int) -> dt.date:
    return day + 30 * months * DAY


def orders_before_events(*given: Any) -> Any:
    found = _entries_of(*given)
    for own in found.values():
        own.sort(key=lambda e: (e.at, not e.order, str(e.name), e.partner or "", e.amount))
    return found


def returns_move_the_last_day(self: Reference, member: Any, order: Any) -> None:
    _take_return(self, member, order)
    member.active_on = order.day


def returns_lower_no_metric(self: Reference, member: Any, order: Any) -> None:
    with patch.object(Reference, "add_metric", lambda *_: None):
        _take_return(self, member, order)


def partners_count_in_the_metric(self: Reference, member: Any, order: Any) -> None:
    _take_order(self, member, order)
    if order.partner is not None:
        self.add_metric(member, order.day, "spend", order.amount)
        self.add_metric(member, order.day, "orders", Fraction(1))


def earn_before_redeeming(self: Reference, member: Any, order: Any) -> None:
    with patch.object(Reference, "redeem", lambda *_: None):
        _take_order(self, member, order)
    self.redeem(member, order)


def debts_are_forgiven(self: Reference, member: Any, at: Any, wallet: str, *given: Any) -> None:
    member.debt[wallet] = 0
    _receive(self, member, at, wallet, *given)


def anniversaries_are_chained(self: Reference, member: Any, day: dt.date) -> Any:
    """Add months to the last anniversary, not to the day of joining."""
    if self.tiers.window.kind != "anniversary":
        return _block(self, member, day)
    months, first = self.tiers.window.months, member.joined_on
    while add_months(first, months) <= day:
        first = add_months(first, months)
    return first, add_months(first, months) - DAY


def windows_a_day_longer(self: Reference, member: Any, day: dt.date) -> Any:
    first, last = _block(self, member, day)
    return (first - DAY if self.tiers.window.kind == "rolling" else first), last


def latest_lots_first(self: Reference, member: Any, wallet: str, day: dt.date, units: int) -> int:
    lots = [lot for lot in member.lots[wallet] if lot.usable_from <= day]
    lots.sort(key=lambda lot: lot.last or dt.date.max, reverse=True)
    return self.draw_from(member, wallet, lots, units)


def first_pending_first(self: Reference, member: Any, wallet: str, day: Any, units: int) -> int:
    lots = [lot for lot in member.lots[wallet] if lot.usable_from > day]
    return self.draw_from(member, wallet, lots, units)


def streaks_never_end(_: Reference, member: Any, rule: Any, day: dt.date) -> bool:
    last, count = member.streaks.get(rule.id, (None, 0))
    if last == day:
        return False
    count = count + 1 if last == day - DAY else 1
    member.streaks[rule.id] = (day, count)
    return bool(count >= rule.streak)


def without(name: str, value: Any, method: Callable[..., Any], place: int) -> Callable[..., Any]:
    """Return a method whose rule, the argument at ``place``, lacks something."""

    def changed(self: Reference, *given: Any, **named: Any) -> Any:
        own = list(given)
        own[place] = with_rule(own[place], **{name: value})
        return method(self, *own, **named)

    return changed


def no_cap_on_the_second_wallet(
    self: Reference, member: Any, at: Any, rule: Any, basis: Any
) -> None:
    """Count the cap once for each wallet."""
    for wallet in rule.wallets:
        _earn(self, member, at, with_rule(rule, wallets=(wallet,)), basis)


def bare_levels(**changes: Any) -> Callable[..., Any]:
    """Return the decision at the end of a level as if the levels said something else."""

    def decided(self: Reference, member: Any, day: dt.date) -> None:
        with_tiers(self, _decide_level, member, day, **changes)

    return decided


def no_requalifying(self: Reference, member: Any, metric: Fraction) -> int:
    kept = self.levels
    self.levels = tuple(with_rule(level, requalify=None) for level in kept)
    try:
        return _kept_or_fallen(self, member, metric)
    finally:
        self.levels = kept


def nothing_for_life(self: Reference, member: Any, day: dt.date) -> None:
    kept = self.levels
    self.levels = tuple(with_rule(level, for_life_at=None) for level in kept)
    try:
        _rise(self, member, day)
    finally:
        self.levels = kept


def no_more_windows(self: Reference, member: Any, day: dt.date, level: int) -> Any:
    validity = with_rule(self.tiers.validity, windows=0)
    return with_tiers(self, _last_of_level, member, day, level, validity=validity)


def convert_once(self: Reference, member: Any, at: Any, due: Any) -> None:
    """Convert once only, not as many times as the points suffice."""
    real = Reference.usable
    takes = {rule.source_wallet: rule.take for rule in self.programme.conversions}

    def little(self: Reference, member: Any, wallet: str, day: dt.date) -> int:
        take = int(takes[wallet] * self.unit[wallet]) if wallet in takes else 0
        return min(real(self, member, wallet, day), take)

    with patch.object(Reference, "usable", little):
        _convert(self, member, at, due)


MISTAKES: dict[str, Mistake] = {
    "months of thirty days": (reference, "add_months", months_of_thirty_days),
    "weeks always from Monday": (reference, "spell_of", lambda d, s, _: _spell_of(d, s, 0)),
    "quarters of one month": (reference, "begins", lambda day, _: day.day == 1),
    "orders before events of a second": (reference, "entries_of", orders_before_events),
    "a day longer to live": (
        Reference,
        "last_day",
        lambda self, *given: (last := _last_day(self, *given)) and last + DAY,
    ),
    "inactivity ignored": (Reference, "last_day_of", lambda *given: given[-1].last),
    "returns move inactivity": (Reference, "take_return", returns_move_the_last_day),
    "no level spares points": (Reference, "spared", lambda *_: False),
    "halves rounded down": (
        Reference,
        "rounded",
        lambda self, rule, wallet, points: (
            floor(points * self.unit[wallet])
            if rule.rounding == "nearest"
            else _rounded(self, rule, wallet, points)
        ),
    ),
    "no rounding up": (
        Reference,
        "rounded",
        lambda self, rule, wallet, points: (
            floor(points * self.unit[wallet])
            if rule.rounding == "up"
            else _rounded(self, rule, wallet, points)
        ),
    ),
    "parts count where only whole ones do": (
        Reference,
        "points",
        without("whole", False, _points, 1),
    ),
    "levels earn alike": (Reference, "points", without("by_tier", {}, _points, 1)),
    "minimum ignored": (Reference, "basis", without("minimum", 0, _basis, 1)),
    "every order a visit": (
        Reference,
        "basis",
        lambda self, member, rule, order, **named: _basis(
            self,
            member,
            with_rule(rule, per="order") if rule.per == "visit" else rule,
            order,
            **named,
        ),
    ),
    "items not counted": (
        Reference,
        "basis",
        lambda self, member, rule, order, **named: _basis(
            self,
            member,
            with_rule(rule, per="order") if rule.per == "item" else rule,
            order,
            **named,
        ),
    ),
    "partners not told apart": (
        Reference,
        "basis",
        lambda self, member, rule, order, **named: _basis(
            self, member, rule, replace(order, partner=rule.partner), **named
        ),
    ),
    "any product fits": (Reference, "fitting", lambda *given: given[-1].lines),
    "any hour fits": (Reference, "holds", without("hours", None, _holds, 1)),
    "any day of the week fits": (Reference, "holds", without("weekdays", (), _holds, 1)),
    "any day of the month fits": (Reference, "holds", without("days_of_month", (), _holds, 1)),
    "any date fits": (Reference, "holds", without("dates", (), _holds, 1)),
    "any channel fits": (Reference, "holds", without("channels", (), _holds, 1)),
    "no channel is left out": (Reference, "holds", without("not_channels", (), _holds, 1)),
    "any store fits": (Reference, "holds", without("stores", (), _holds, 1)),
    "any level fits": (Reference, "holds", without("tiers", (), _holds, 1)),
    "any month of birth fits": (Reference, "holds", without("birthday_month", False, _holds, 1)),
    "no cap of an order": (Reference, "earn", without("cap_per_order", None, _earn, 2)),
    "no cap of a period": (Reference, "earn", without("cap", None, _earn, 2)),
    "a cap counted for each wallet": (Reference, "earn", no_cap_on_the_second_wallet),
    "nothing waits": (Reference, "earn", without("pending_days", 0, _earn, 2)),
    "streaks never end": (Reference, "completes", streaks_never_end),
    "debts are forgiven": (Reference, "receive", debts_are_forgiven),
    "the latest lots first": (Reference, "draw", latest_lots_first),
    "the first pending first": (Reference, "draw_pending", first_pending_first),
    "redeemed after earning": (Reference, "take_order", earn_before_redeeming),
    "limits ignored": (Reference, "steps", without("limit", None, _steps, 1)),
    "the whole order may be paid": (Reference, "steps", without("most_of_order", None, _steps, 1)),
    "a reward's minimum ignored": (Reference, "steps", without("minimum", 0, _steps, 1)),
    "converted once only": (Reference, "convert", convert_once),
    "partners count in the metric": (Reference, "take_order", partners_count_in_the_metric),
    "returns lower no metric": (Reference, "take_return", returns_lower_no_metric),
    "a threshold must be passed": (
        Reference,
        "highest",
        lambda self, metric: max(
            (i for i, own in enumerate(self.levels) if own.threshold and metric > own.threshold),
            default=0,
        ),
    ),
    "anniversaries are chained": (Reference, "block", anniversaries_are_chained),
    "windows a day longer": (Reference, "block", windows_a_day_longer),
    "no more windows": (Reference, "last_of_level", no_more_windows),
    "no grace": (Reference, "decide_level", bare_levels(grace_days=0)),
    "no soft landing": (Reference, "decide_level", bare_levels(soft_landing=False)),
    "no requalifying": (Reference, "kept_or_fallen", no_requalifying),
    "never decided again": (Reference, "decide_level", lambda *_: None),
    "blocks bring nothing": (Reference, "end_of_block", lambda *_: None),
    "nothing for life": (Reference, "rise", nothing_for_life),
}
"""Where each is planted: object, attribute, and what stands there instead."""

TELLING: dict[int, tuple[str, ...]] = {
    1: (
        "levels earn alike",
        "every order a visit",
        "partners not told apart",
        "any date fits",
        "nothing waits",
        "redeemed after earning",
    ),
    2: (
        "a day longer to live",
        "no level spares points",
        "no rounding up",
        "parts count where only whole ones do",
        "any store fits",
        "any level fits",
        "debts are forgiven",
        "partners count in the metric",
        "returns lower no metric",
        "a threshold must be passed",
    ),
    3: (
        "inactivity ignored",
        "no cap of a period",
        "a cap counted for each wallet",
        "converted once only",
    ),
    4: (
        "minimum ignored",
        "items not counted",
        "limits ignored",
    ),
    5: (
        "months of thirty days",
        "any hour fits",
        "any channel fits",
        "no cap of an order",
        "a reward's minimum ignored",
        "never decided again",
        "blocks bring nothing",
    ),
    9: ("any product fits",),
    10: (
        "streaks never end",
        "the latest lots first",
    ),
    11: ("no more windows",),
    12: (
        "quarters of one month",
        "no soft landing",
    ),
    16: ("halves rounded down",),
    17: ("returns move inactivity",),
    19: (
        "no grace",
        "nothing for life",
    ),
    22: ("any day of the month fits",),
    26: ("orders before events of a second",),
    27: ("the first pending first",),
    29: ("any day of the week fits",),
    32: ("any month of birth fits",),
    38: ("no requalifying",),
    64: ("windows a day longer",),
    88: ("weeks always from Monday",),
    102: ("the whole order may be paid",),
    116: ("no channel is left out",),
    180: ("anniversaries are chained",),
}
"""Seeds whose cases see the mistakes named; to be looked for again when cases change."""


def planted(name: str) -> Any:
    """Return a context in which the reference makes a mistake."""
    return patch.object(*MISTAKES[name])
