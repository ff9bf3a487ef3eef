"""The ledger's loop: one customer after another, only on days on which something is due."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled, compiled_once
from loyalty_research.programmes.kernel_books import tally
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
from loyalty_research.programmes.kernel_days import (
    day_of_month,
    is_birthday_month,
    month_of,
    month_start,
)
from loyalty_research.programmes.kernel_earning import earn_by_rules, earn_on, take_back
from loyalty_research.programmes.kernel_levels import (
    add_metric,
    close_block,
    decide,
    give_level,
    next_decision,
    rise,
)
from loyalty_research.programmes.kernel_lots import convert, expire, first_last, ripen, spares
from loyalty_research.programmes.kernel_rewards import redeem
from loyalty_research.programmes.kernel_state import Entries, Ints, Member, Records, Run


@compiled_once
def replay_customers(run: Run, entries: Entries, members: Records, accounts: Ints) -> None:
    """Replay customers one after another; stop where ``run.counts[ERROR]`` is set.

    Parameters
    ----------
    run, entries
        See :mod:`loyalty_research.programmes.kernel_state`.
    members
        A row a customer, all zero; ``joined`` stays NONE for who never joins.
    accounts
        ``[customers, wallets, 4]``: earned, redeemed, expired, closing.
    """
    for number in range(len(members)):
        member = members[number]
        clear(run)
        member.number = number
        member.part = entries.parts[number]
        member.joined = NONE
        for row in range(entries.starts[number], entries.starts[number + 1]):
            take_row(run, member, entries, row)
        if member.joined == NONE:
            run.counts[NEVER_JOINED] += 1
            continue
        move_to(run, member, run.settings[0].end)
        close_month(run, member)
        for wallet in range(len(run.wallets)):
            purse = run.wallets[wallet]
            accounts[number, wallet, 0] = purse.earned
            accounts[number, wallet, 1] = purse.redeemed
            accounts[number, wallet, 2] = purse.expired
            accounts[number, wallet, 3] = purse.usable + purse.pending - purse.debt
        if run.counts[ERROR]:
            return


@compiled
def clear(run: Run) -> None:
    """Forget the customer before."""
    for wallet in range(len(run.wallets)):
        purse = run.wallets[wallet]
        purse.usable = purse.pending = purse.debt = 0
        purse.head = purse.tail = purse.ripe = purse.next_use = purse.oldest = 0
        purse.earned = purse.redeemed = purse.expired = 0
    for number in range(len(run.rules)):
        rule = run.rules[number]
        rule.spell = rule.used = rule.visited = rule.streak_day = rule.streak_count = 0
    for number in range(len(run.prizes)):
        run.prizes[number].spell = run.prizes[number].used = 0
    run.standing[:] = 0


@compiled
def take_row(run: Run, member: Member, entries: Entries, row: int) -> None:
    """Go on to the day of an entry, and take it in."""
    at = entries.rows[row].at
    day = at // MICROSECONDS
    rank = entries.rows[row].rank
    if member.joined == NONE:
        by_table = run.settings[0].joined
        if rank == JOINING:
            _join(run, member, at, entries.rows[row].birthday)
            _start_day(run, member)
            _look_at_rewards(run, member)
            return
        if by_table or (rank == ORDER and entries.rows[row].net < 0):
            run.counts[BEFORE_JOINING] += 1
            return
        _join(run, member, at, entries.rows[row].birthday)
    else:
        move_to(run, member, day)
    member.now = at
    member.touched = day
    if rank != ORDER:
        _take_event(run, member, entries, row)
    elif entries.rows[row].net > 0:
        _take_order(run, member, entries, row)
    else:
        _take_return(run, member, entries, row)
    _look_at_rewards(run, member)


@compiled
def _join(run: Run, member: Member, at: int, birthday: int) -> None:
    member.joined = at // MICROSECONDS
    member.today = member.joined
    member.active_on = member.joined
    member.since = member.joined
    member.touched = member.joined
    member.now = at
    member.until = NEVER
    member.birthday = birthday
    member.level = member.floor = member.top = run.settings[0].paid
    tally(run, member, run.settings[0].at_moves + member.level, 1)
    _count_activity(run, member, 2, 1)
    earn_on(run, member, ON_JOIN)
    rise(run, member)
    _look_at_rewards(run, member)


@compiled
def _count_activity(run: Run, member: Member, column: int, amount: int) -> None:
    tally(run, member, run.settings[0].at_activity + 4 * member.level + column, amount)


@compiled
def _take_order(run: Run, member: Member, entries: Entries, row: int) -> None:
    net = entries.rows[row].net
    member.active_on = member.today
    member.orders += 1
    member.net += net
    _count_activity(run, member, 0, 1)
    _count_activity(run, member, 1, net)
    redeem(run, member, entries, row)
    earn_by_rules(run, member, entries, row, ON_ORDER)
    if not entries.rows[row].partner:
        metric = run.settings[0].metric
        if metric == SPEND:
            add_metric(run, member, net)
        elif metric == ORDERS or (metric == VISITS and member.visit != member.today):
            add_metric(run, member, E4)
        member.visit = member.today
    rise(run, member)
    _convert_at_once(run, member)


@compiled
def _take_event(run: Run, member: Member, entries: Entries, row: int) -> None:
    earn_by_rules(run, member, entries, row, ON_EVENT)
    rise(run, member)
    granted = run.grants[entries.rows[row].event]
    if granted > member.level:
        give_level(run, member, granted)
    _convert_at_once(run, member)


@compiled
def _take_return(run: Run, member: Member, entries: Entries, row: int) -> None:
    net = entries.rows[row].net
    member.net += net
    _count_activity(run, member, 1, net)
    take_back(run, member, entries, row)
    if not entries.rows[row].partner:
        metric = run.settings[0].metric
        if metric == SPEND:
            add_metric(run, member, net)
        elif metric == ORDERS:
            add_metric(run, member, -E4)


@compiled
def move_to(run: Run, member: Member, day: int) -> None:
    """Go through the days up to ``day`` on which something is due, and start that day."""
    while member.today < day:
        following = min(next_due(run, member), day)
        if day_of_month(run, following) == 1:
            close_month(run, member)
        member.today = following
        member.now = following * MICROSECONDS
        _start_day(run, member)
        _look_at_rewards(run, member)


@compiled
def next_due(run: Run, member: Member) -> int:
    """Return the next day on which something happens without an entry."""
    due = month_start(run, month_of(run, member.today) + 1)
    due = min(due, next_decision(run, member))
    for wallet in range(len(run.wallets)):
        purse = run.wallets[wallet]
        if purse.pending > 0:
            due = min(due, purse.next_use)
        if not spares(run, member, wallet):
            due = min(due, first_last(run, member, wallet) + 1)
    return max(due, member.today + 1)


@compiled
def _start_day(run: Run, member: Member) -> None:
    if len(run.levels) > 1:
        decide(run, member)
        close_block(run, member)
    expire(run, member)
    ripen(run, member.today)
    if day_of_month(run, member.today) != 1:
        return
    month = month_of(run, member.today)
    if is_birthday_month(run, member.birthday, member.today):
        _count_activity(run, member, 3, 1)
        earn_on(run, member, ON_BIRTHDAY)
        rise(run, member)
    for number in range(len(run.swaps)):
        if _begins(run.swaps[number].at, month):
            convert(run, member, number)


@compiled
def _begins(at: int, month: int) -> bool:
    """Tell whether a month, a quarter or a year begins with a month."""
    if at == MONTH:
        return True
    return (at == QUARTER and month % 3 == 0) or (at == YEAR and month % 12 == 0)


@compiled
def _convert_at_once(run: Run, member: Member) -> None:
    for number in range(len(run.swaps)):
        if run.swaps[number].at == ONCE:
            convert(run, member, number)


@compiled
def _look_at_rewards(run: Run, member: Member) -> None:
    """Note the first day on which some reward is within reach."""
    if member.first_reward:
        return
    for wallet in range(len(run.wallets)):
        cheapest = run.wallets[wallet].cheapest
        if cheapest != NONE and run.wallets[wallet].usable >= cheapest:
            member.first_reward = member.today
            member.first_orders = member.orders
            return


@compiled
def close_month(run: Run, member: Member) -> None:
    """Count the reminders that the end of a month would bring."""
    month = month_of(run, member.today)
    soon = month_start(run, month + 2) - 1
    for wallet in range(len(run.wallets)):
        if spares(run, member, wallet):
            continue
        if first_last(run, member, wallet) <= soon:
            tally(run, member, run.settings[0].at_reminded + POINTS_EXPIRING, 1)
            break
    end = min(month_start(run, month + 1) - 1, run.settings[0].end)
    if end < member.until <= soon:
        tally(run, member, run.settings[0].at_reminded + LEVEL_ENDING, 1)
