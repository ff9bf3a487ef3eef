"""Earning and taking back, in the ledger's loop."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
from loyalty_research.programmes.kernel_books import fail, leave, post, tally
from loyalty_research.programmes.kernel_codes import (
    DOWN,
    E4,
    EARN,
    KEPT,
    LIMIT,
    NEGATIVE_BALANCE,
    NONE,
    ON_EVENT,
    ON_ORDER,
    PENDING_ONLY,
    POINTS_POSTED,
    RETURN,
    TOO_MUCH_MONEY,
    UP,
    WALLET,
)
from loyalty_research.programmes.kernel_days import is_birthday_month, spell_of
from loyalty_research.programmes.kernel_levels import add_metric
from loyalty_research.programmes.kernel_lots import receive, take, take_pending
from loyalty_research.programmes.kernel_state import Entries, Member, Run


@compiled
def earn_by_rules(run: Run, member: Member, entries: Entries, row: int, on: int) -> None:
    """Post what the rules for orders, or for events, give for an entry."""
    for number in range(len(run.rules)):
        rule = run.rules[number]
        if rule.on != on:
            continue
        basis = entries.asked[row, rule.column]
        if basis == 0 or not _fits(run, member, number):
            continue
        if rule.visit and rule.on == ON_ORDER:
            if rule.visited == member.today:
                continue
            rule.visited = member.today
        if on == ON_EVENT and rule.streak and not _completes(run, member, number):
            continue
        if basis > 0:
            earn(run, member, number, basis)


@compiled
def _fits(run: Run, member: Member, number: int) -> bool:
    if not run.by_level[number, member.level]:
        return False
    if run.rules[number].birthday:
        return is_birthday_month(run, member.birthday, member.today)
    return True


@compiled
def _completes(run: Run, member: Member, number: int) -> bool:
    """Count a day of a streak; tell whether it completes one."""
    rule = run.rules[number]
    if rule.streak_day == member.today:
        return False
    count = rule.streak_count + 1 if rule.streak_day == member.today - 1 else 1
    rule.streak_day = member.today
    rule.streak_count = count % rule.streak
    return count == rule.streak


@compiled
def points_of(run: Run, member: Member, number: int, pay: int, basis: int) -> int:
    """Return the points of a payment in the wallet's smallest unit, rounded once."""
    rule = run.rules[number]
    numerator = run.by_level[run.settings[0].row_pays + pay, member.level]
    denominator = run.pays[pay].denominator
    times = basis // rule.every if rule.whole else basis
    if numerator > 0 and times > (LIMIT * 1000) // numerator:
        fail(run, TOO_MUCH_MONEY, basis)
        return 0
    exact = times * numerator
    units = exact // denominator
    rest = exact - units * denominator
    if rest == 0 or rule.rounding == DOWN:
        return units
    if rule.rounding == UP or rest >= denominator - rest:
        return units + 1
    return units


@compiled
def earn(run: Run, member: Member, number: int, basis: int) -> None:
    """Post what one rule gives, cut to what its caps leave."""
    rule = run.rules[number]
    left = rule.cap_per_order
    if rule.cap != NONE:
        spell = spell_of(run, member.today, rule.cap_per)
        if rule.spell != spell:
            rule.spell = spell
            rule.used = 0
        rest = rule.cap - rule.used
        left = rest if left == NONE else min(left, rest)
    settings = run.settings[0]
    for pay in range(rule.pays_from, rule.pays_to):
        wallet, e4 = run.pays[pay].wallet, run.pays[pay].e4
        points = points_of(run, member, number, pay, basis)
        if left != NONE:
            points = min(points, left // e4)
        if pay == rule.pays_from and rule.cap != NONE:
            rule.used += points * e4
        if points > 0:
            receive(run, member, wallet, EARN, number, points, rule.pending_days)
            tally(run, member, settings.at_pays + 2 * pay, 1)
            tally(run, member, settings.at_pays + 2 * pay + 1, points)
            tally(run, member, settings.at_reminded + POINTS_POSTED, 1)
            _count_points(run, member, wallet, points)


@compiled
def _count_points(run: Run, member: Member, wallet: int, points: int) -> None:
    settings = run.settings[0]
    if settings.metric == WALLET and settings.metric_wallet == wallet:
        add_metric(run, member, points * run.wallets[wallet].e4)


@compiled
def take_back(run: Run, member: Member, entries: Entries, row: int) -> None:
    """Take back what the returned amount would earn now."""
    for number in range(len(run.rules)):
        rule = run.rules[number]
        if rule.on != ON_ORDER or rule.visit:
            continue
        basis = entries.asked[row, rule.column]
        if basis <= 0 or not _fits(run, member, number):
            continue
        for pay in range(rule.pays_from, rule.pays_to):
            points = points_of(run, member, number, pay, basis)
            _take_back(run, member, number, run.pays[pay].wallet, points)


@compiled
def _take_back(run: Run, member: Member, number: int, wallet: int, points: int) -> None:
    returns = run.wallets[wallet].returns
    if returns == KEPT:
        return
    if returns == PENDING_ONLY:
        taken = take_pending(run, wallet, points)
    else:
        taken = take(run, wallet, points)
    leave(run, member, wallet, taken, RETURN)
    if returns == NEGATIVE_BALANCE:
        run.wallets[wallet].debt += points - taken
        taken = points
    if taken > 0:
        post(run, member, wallet, RETURN, number, -taken)
        _count_points(run, member, wallet, -taken)


@compiled
def earn_on(run: Run, member: Member, on: int) -> None:
    """Post rules of joining or of birthdays."""
    for number in range(len(run.rules)):
        if run.rules[number].on == on:
            earn(run, member, number, E4)
