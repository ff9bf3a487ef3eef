"""Earning and taking back, in the ledger's loop."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
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
from loyalty_research.programmes.kernel_days import month_of, period_month, spell_of
from loyalty_research.programmes.kernel_levels import add_metric
from loyalty_research.programmes.kernel_lots import fail, leave, post, receive, take, take_pending
from loyalty_research.programmes.kernel_state import MEMBER, Book, Entries, Plan, Work


@compiled
def earn_by_rules(plan: Plan, work: Work, book: Book, member: MEMBER, entries: Entries, row: int,
                  on: int) -> None:  # fmt: skip
    """Post what the rules for orders, or for events, give for an entry."""
    for number in range(len(plan.rules)):
        rule = plan.rules[number]
        if rule.on != on:
            continue
        basis = entries.asked[row, rule.column]
        if basis == 0 or not _fits(plan, member, number):
            continue
        use = work.rule_use[number]
        if rule.visit and rule.on == ON_ORDER:
            if use.visit == member.today:
                continue
            use.visit = member.today
        if on == ON_EVENT and rule.streak and not _completes(plan, work, member, number):
            continue
        if basis > 0:
            earn(plan, work, book, member, number, basis)


@compiled
def _fits(plan: Plan, member: MEMBER, number: int) -> bool:
    if not plan.fits[number, member.level]:
        return False
    if plan.rules[number].birthday:
        return member.birthday != 0 and month_of(plan, member.today) % 12 + 1 == member.birthday
    return True


@compiled
def _completes(plan: Plan, work: Work, member: MEMBER, number: int) -> bool:
    """Count a day of a streak; tell whether it completes one."""
    use = work.rule_use[number]
    if use.streak_day == member.today:
        return False
    count = use.streak + 1 if use.streak_day == member.today - 1 else 1
    wanted = plan.rules[number].streak
    use.streak_day = member.today
    use.streak = count % wanted
    return count == wanted


@compiled
def points_of(plan: Plan, book: Book, member: MEMBER, number: int, pay: int, basis: int) -> int:
    """Return the points of a payment in the wallet's smallest unit, rounded once."""
    rule = plan.rules[number]
    numerator = plan.numerators[pay, member.level]
    denominator = plan.pays[pay].denominator
    times = basis // rule.every if rule.whole else basis
    if numerator > 0 and times > (LIMIT * 1000) // numerator:
        fail(book, TOO_MUCH_MONEY, basis)
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
def earn(plan: Plan, work: Work, book: Book, member: MEMBER, number: int, basis: int) -> None:
    """Post what one rule gives, cut to what its caps leave."""
    rule = plan.rules[number]
    use = work.rule_use[number]
    left = rule.cap_per_order
    if rule.cap != NONE:
        spell = spell_of(plan, member.today, rule.cap_per)
        if use.spell != spell:
            use.spell = spell
            use.used = 0
        rest = rule.cap - use.used
        left = rest if left == NONE else min(left, rest)
    month = period_month(plan, member.today)
    for pay in range(rule.pays_from, rule.pays_to):
        wallet, e4 = plan.pays[pay].wallet, plan.pays[pay].e4
        points = points_of(plan, book, member, number, pay, basis)
        if left != NONE:
            points = min(points, left // e4)
        if pay == rule.pays_from and rule.cap != NONE:
            use.used += points * e4
        if points > 0:
            receive(plan, work, book, member, wallet, EARN, number, points, rule.pending_days)
            book.pay_months[month, pay, 0] += 1
            book.pay_months[month, pay, 1] += points
            book.reminded[month, POINTS_POSTED] += 1
            _count_points(plan, work, member, wallet, points)


@compiled
def _count_points(plan: Plan, work: Work, member: MEMBER, wallet: int, points: int) -> None:
    settings = plan.settings[0]
    if settings.metric == WALLET and settings.metric_wallet == wallet:
        add_metric(work, member, points * plan.wallets[wallet].e4)


@compiled
def take_back(plan: Plan, work: Work, book: Book, member: MEMBER, entries: Entries,
              row: int) -> None:  # fmt: skip
    """Take back what the returned amount would earn now."""
    for number in range(len(plan.rules)):
        rule = plan.rules[number]
        if rule.on != ON_ORDER or rule.visit:
            continue
        basis = entries.asked[row, rule.column]
        if basis <= 0 or not _fits(plan, member, number):
            continue
        for pay in range(rule.pays_from, rule.pays_to):
            points = points_of(plan, book, member, number, pay, basis)
            _take_back(plan, work, book, member, number, plan.pays[pay].wallet, points)


@compiled
def _take_back(plan: Plan, work: Work, book: Book, member: MEMBER, number: int, wallet: int,
               points: int) -> None:  # fmt: skip
    returns = plan.wallets[wallet].returns
    if returns == KEPT:
        return
    if returns == PENDING_ONLY:
        taken = take_pending(work, wallet, points)
    else:
        taken = take(work, wallet, points)
    leave(plan, work, book, member, wallet, taken, RETURN)
    if returns == NEGATIVE_BALANCE:
        work.purses[wallet].debt += points - taken
        taken = points
    if taken > 0:
        post(plan, work, book, member, wallet, RETURN, number, -taken)
        _count_points(plan, work, member, wallet, -taken)


@compiled
def earn_on(plan: Plan, work: Work, book: Book, member: MEMBER, on: int) -> None:
    """Post rules of joining or of birthdays."""
    for number in range(len(plan.rules)):
        if plan.rules[number].on == on:
            earn(plan, work, book, member, number, E4)
