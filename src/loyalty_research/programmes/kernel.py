"""The ledger's loop: one customer after another, only on days on which something is due."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled, compiled_once
from loyalty_research.programmes.kernel_codes import (
    BEFORE_JOINING,
    E4,
    ERROR,
    JOINING,
    LEVEL_ENDING,
    MICROSECONDS,
    MONTH,
    NEVER,
    NEVER_JOINED,
    NONE,
    ON_BIRTHDAY,
    ON_EVENT,
    ON_JOIN,
    ON_ORDER,
    ONCE,
    ORDER,
    ORDERS,
    POINTS_EXPIRING,
    QUARTER,
    SPEND,
    VISITS,
    YEAR,
)
from loyalty_research.programmes.kernel_days import month_of, month_start, period_month
from loyalty_research.programmes.kernel_earning import earn_by_rules, earn_on, take_back
from loyalty_research.programmes.kernel_levels import (
    add_metric,
    close_block,
    decide,
    give_level,
    is_month_start,
    next_decision,
    rise,
)
from loyalty_research.programmes.kernel_lots import convert, expire, first_last, ripen
from loyalty_research.programmes.kernel_rewards import redeem
from loyalty_research.programmes.kernel_state import (
    MEMBER,
    Book,
    Entries,
    Ints,
    Plan,
    Records,
    Work,
)


@compiled_once
def replay_customers(plan: Plan, entries: Entries, work: Work, book: Book, members: Records,
                     accounts: Ints) -> None:  # fmt: skip
    """Replay customers one after another; stop where ``book.counts[ERROR]`` is set.

    Parameters
    ----------
    plan, entries, work, book
        See :mod:`loyalty_research.programmes.kernel_state`.
    members
        A row a customer, all zero; ``joined`` stays NONE for who never joins.
    accounts
        ``[customers, wallets, 4]``: earned, redeemed, expired, closing.
    """
    for number in range(len(members)):
        member = members[number]
        _clear(work)
        member.number = number
        member.part = entries.parts[number]
        member.joined = NONE
        for row in range(entries.starts[number], entries.starts[number + 1]):
            _take_row(plan, work, book, member, entries, row)
        if member.joined == NONE:
            book.counts[NEVER_JOINED] += 1
            continue
        _move_to(plan, work, book, member, plan.settings[0].end)
        _end_day(plan, work, member)
        _close_month(plan, work, book, member)
        for wallet in range(len(plan.wallets)):
            purse = work.purses[wallet]
            accounts[number, wallet, 0] = purse.earned
            accounts[number, wallet, 1] = purse.redeemed
            accounts[number, wallet, 2] = purse.expired
            accounts[number, wallet, 3] = purse.usable + purse.pending - purse.debt
        if book.counts[ERROR]:
            return


@compiled
def _clear(work: Work) -> None:
    for wallet in range(len(work.purses)):
        purse = work.purses[wallet]
        purse.usable = purse.pending = purse.debt = 0
        purse.head = purse.tail = purse.ripe = purse.next_use = purse.oldest = 0
        purse.earned = purse.redeemed = purse.expired = 0
    for number in range(len(work.rule_use)):
        use = work.rule_use[number]
        use.spell = use.used = use.visit = use.streak_day = use.streak = 0
    for number in range(len(work.prize_use)):
        work.prize_use[number].spell = 0
        work.prize_use[number].used = 0
    work.standing[:] = 0


@compiled
def _take_row(plan: Plan, work: Work, book: Book, member: MEMBER, entries: Entries,
              row: int) -> None:  # fmt: skip
    """Go on to the day of an entry, and take it in."""
    at = entries.at[row]
    day = at // MICROSECONDS
    rank = entries.rank[row]
    if member.joined == NONE:
        by_table = plan.settings[0].joined
        if rank == JOINING:
            _join(plan, work, book, member, at, entries.birthday[row])
            _start_day(plan, work, book, member)
            return
        if by_table or (rank == ORDER and entries.net[row] < 0):
            book.counts[BEFORE_JOINING] += 1
            return
        _join(plan, work, book, member, at, entries.birthday[row])
    else:
        _move_to(plan, work, book, member, day)
    member.now = at
    member.touched = day
    if rank != ORDER:
        _take_event(plan, work, book, member, entries, row)
    elif entries.net[row] > 0:
        _take_order(plan, work, book, member, entries, row)
    else:
        _take_return(plan, work, book, member, entries, row)


@compiled
def _join(plan: Plan, work: Work, book: Book, member: MEMBER, at: int, birthday: int) -> None:
    member.joined = at // MICROSECONDS
    member.today = member.joined
    member.active_on = member.joined
    member.since = member.joined
    member.touched = member.joined
    member.now = at
    member.until = NEVER
    member.birthday = birthday
    member.level = member.floor = member.top = plan.settings[0].paid
    month = period_month(plan, member.today)
    book.moves[month, 0, member.level] += 1
    book.activity[month, member.level, 2] += 1
    earn_on(plan, work, book, member, ON_JOIN)
    rise(plan, work, book, member)


@compiled
def _take_order(plan: Plan, work: Work, book: Book, member: MEMBER, entries: Entries,
                row: int) -> None:  # fmt: skip
    net = entries.net[row]
    member.active_on = member.today
    member.orders += 1
    member.net += net
    month = period_month(plan, member.today)
    book.activity[month, member.level, 0] += 1
    book.activity[month, member.level, 1] += net
    redeem(plan, work, book, member, entries, row)
    earn_by_rules(plan, work, book, member, entries, row, ON_ORDER)
    if not entries.partner[row]:
        metric = plan.settings[0].metric
        if metric == SPEND:
            add_metric(work, member, net)
        elif metric == ORDERS or (metric == VISITS and member.visit != member.today):
            add_metric(work, member, E4)
        member.visit = member.today
    rise(plan, work, book, member)
    _convert(plan, work, book, member, ONCE)


@compiled
def _take_event(plan: Plan, work: Work, book: Book, member: MEMBER, entries: Entries,
                row: int) -> None:  # fmt: skip
    earn_by_rules(plan, work, book, member, entries, row, ON_EVENT)
    rise(plan, work, book, member)
    granted = plan.grants[entries.event[row]]
    if granted > member.level:
        give_level(plan, book, member, granted)
    _convert(plan, work, book, member, ONCE)


@compiled
def _take_return(plan: Plan, work: Work, book: Book, member: MEMBER, entries: Entries,
                 row: int) -> None:  # fmt: skip
    net = entries.net[row]
    member.net += net
    book.activity[period_month(plan, member.today), member.level, 1] += net
    take_back(plan, work, book, member, entries, row)
    if not entries.partner[row]:
        metric = plan.settings[0].metric
        if metric == SPEND:
            add_metric(work, member, net)
        elif metric == ORDERS:
            add_metric(work, member, -E4)


@compiled
def _move_to(plan: Plan, work: Work, book: Book, member: MEMBER, day: int) -> None:
    """Go through the days up to ``day`` on which something is due, and start that day."""
    while member.today < day:
        _end_day(plan, work, member)
        following = min(_next_due(plan, work, member), day)
        if plan.day_of_month[following - plan.settings[0].first_day] == 1:
            _close_month(plan, work, book, member)
        member.today = following
        member.now = following * MICROSECONDS
        _start_day(plan, work, book, member)


@compiled
def _next_due(plan: Plan, work: Work, member: MEMBER) -> int:
    """Return the next day on which something happens without an entry."""
    due = month_start(plan, month_of(plan, member.today) + 1)
    due = min(due, next_decision(plan, work, member))
    for wallet in range(len(plan.wallets)):
        purse = work.purses[wallet]
        if purse.pending > 0:
            due = min(due, purse.next_use)
        if not plan.spared[wallet, member.level]:
            due = min(due, first_last(plan, work, member, wallet) + 1)
    return max(due, member.today + 1)


@compiled
def _start_day(plan: Plan, work: Work, book: Book, member: MEMBER) -> None:
    if len(plan.levels) > 1:
        decide(plan, work, book, member)
        close_block(plan, work, book, member)
    expire(plan, work, book, member)
    ripen(work, member.today)
    if not is_month_start(plan, member.today, 1):
        return
    month = month_of(plan, member.today)
    if month % 12 + 1 == member.birthday:
        book.activity[period_month(plan, member.today), member.level, 3] += 1
        earn_on(plan, work, book, member, ON_BIRTHDAY)
        rise(plan, work, book, member)
    _convert(plan, work, book, member, MONTH)
    if month % 3 == 0:
        _convert(plan, work, book, member, QUARTER)
    if month % 12 == 0:
        _convert(plan, work, book, member, YEAR)


@compiled
def _convert(plan: Plan, work: Work, book: Book, member: MEMBER, at: int) -> None:
    """Do the conversions of a kind of day, in file order."""
    for number in range(len(plan.swaps)):
        if plan.swaps[number].at == at:
            convert(plan, work, book, member, number)


@compiled
def _end_day(plan: Plan, work: Work, member: MEMBER) -> None:
    """Note the first day at whose end some reward was within reach."""
    if member.first_reward:
        return
    for wallet in range(len(plan.wallets)):
        cheapest = plan.wallets[wallet].cheapest
        if cheapest != NONE and work.purses[wallet].usable >= cheapest:
            member.first_reward = member.today
            member.first_orders = member.orders
            return


@compiled
def _close_month(plan: Plan, work: Work, book: Book, member: MEMBER) -> None:
    """Count the reminders that the end of a month would bring."""
    month = month_of(plan, member.today)
    soon = month_start(plan, month + 2) - 1
    place = month - plan.settings[0].first_period_month
    for wallet in range(len(plan.wallets)):
        if plan.spared[wallet, member.level]:
            continue
        if first_last(plan, work, member, wallet) <= soon:
            book.reminded[place, POINTS_EXPIRING] += 1
            break
    end = min(month_start(plan, month + 1) - 1, plan.settings[0].end)
    if end < member.until <= soon:
        book.reminded[place, LEVEL_ENDING] += 1
