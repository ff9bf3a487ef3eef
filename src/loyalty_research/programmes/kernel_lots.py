"""Points of one customer: lots, debts and postings, in the ledger's loop.

A wallet's lots stand in rising order of their last day, because each wallet has one rule of expiry;
so new ones go to the end. ``use`` is the day from which a lot can be used, 0 once it can.
"""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
from loyalty_research.programmes.kernel_codes import (
    CONVERT_IN,
    CONVERT_OUT,
    EARN,
    END_OF_MONTH,
    END_OF_QUARTER,
    ERROR,
    ERROR_VALUE,
    EXPIRE,
    FIXED,
    INACTIVITY,
    LASTING,
    LIMIT,
    NEVER,
    NONE,
    POSTED,
    RETURN,
    SUM_TOO_LARGE,
    TOO_MANY_POINTS,
)
from loyalty_research.programmes.kernel_days import add_months, end_of, period_month
from loyalty_research.programmes.kernel_state import MEMBER, Book, Plan, Work


@compiled
def fail(book: Book, error: int, value: int) -> None:
    """Note the first thing that cannot be counted exactly; the loop then ends."""
    if book.counts[ERROR] == 0:
        book.counts[ERROR] = error
        book.counts[ERROR_VALUE] = value


@compiled
def post(plan: Plan, work: Work, book: Book, member: MEMBER, wallet: int, kind: int, code: int,
         points: int) -> None:  # fmt: skip
    """Write a movement of points into the books; below zero for what leaves the wallet."""
    month = period_month(plan, member.today)
    purse = work.purses[wallet]
    if abs(points) > LIMIT:
        fail(book, TOO_MANY_POINTS, points)
    if kind == EARN or kind == RETURN or kind == CONVERT_IN:
        column = 0
        purse.earned += points
        amount = points
    else:
        amount = -points
        if kind == EXPIRE:
            column = 2
            purse.expired += amount
        else:
            column = 1
            purse.redeemed += amount
    before = book.wallet_months[month, wallet, column]
    book.wallet_months[month, wallet, column] = before + amount
    if amount > 0 and before + amount < before:
        fail(book, SUM_TOO_LARGE, amount)
    if plan.settings[0].emit:
        row = book.postings[book.counts[POSTED]]
        row[0] = member.number
        row[1] = member.now
        row[2] = member.seq
        row[3] = wallet
        row[4] = kind
        row[5] = code
        row[6] = points
        row[7] = purse.usable + purse.pending - purse.debt
    book.counts[POSTED] += 1
    member.seq += 1


@compiled
def last_day(plan: Plan, wallet: int, day: int) -> int:
    """Return the last day of points earned on a day; that of inactivity is the wallet's."""
    pocket = plan.wallets[wallet]
    if pocket.expiry == LASTING or pocket.expiry == INACTIVITY:
        return NEVER
    if pocket.days != NONE:
        return day + pocket.days
    later = add_months(plan, day, pocket.months)
    if pocket.expiry == FIXED or later == NEVER:
        return later
    if pocket.expiry == END_OF_MONTH:
        return end_of(plan, later, 1)
    return end_of(plan, later, 3 if pocket.expiry == END_OF_QUARTER else 12)


@compiled
def idle_last(plan: Plan, member: MEMBER, wallet: int) -> int:
    """Return the one last day of a wallet that expires through inactivity."""
    pocket = plan.wallets[wallet]
    if pocket.days != NONE:
        return member.active_on + pocket.days
    return add_months(plan, member.active_on, pocket.months)


@compiled
def first_last(plan: Plan, work: Work, member: MEMBER, wallet: int) -> int:
    """Return the earliest last day of the points in a wallet; NEVER where there is none."""
    purse = work.purses[wallet]
    if purse.usable + purse.pending == 0 or plan.wallets[wallet].expiry == LASTING:
        return NEVER
    if plan.wallets[wallet].expiry == INACTIVITY:
        return idle_last(plan, member, wallet)
    while work.lots[wallet, purse.head].points == 0:
        purse.head += 1
    return work.lots[wallet, purse.head].last


@compiled
def receive(plan: Plan, work: Work, book: Book, member: MEMBER, wallet: int, kind: int, code: int,
            points: int, wait: int) -> None:  # fmt: skip
    """Pay a debt first, and make a lot of the rest."""
    purse = work.purses[wallet]
    pays = min(purse.debt, points)
    purse.debt -= pays
    rest = points - pays
    if rest > 0:
        day = member.today
        use = day + wait if wait > 0 else 0
        _add_lot(work, wallet, last_day(plan, wallet, day), use, rest, day)
        month = period_month(plan, day)
        work.standing[wallet, month] += rest
        book.entered[wallet, member.part, month] += rest
    post(plan, work, book, member, wallet, kind, code, points)


@compiled
def _add_lot(work: Work, wallet: int, last: int, use: int, points: int, day: int) -> None:
    purse = work.purses[wallet]
    if use:
        purse.next_use = use if purse.pending == 0 else min(purse.next_use, use)
        purse.pending += points
    else:
        purse.usable += points
    place = purse.tail - 1
    first = max(purse.ripe, purse.head) if use else max(purse.head, purse.tail - 1)
    while place >= first and work.lots[wallet, place].last == last:
        lot = work.lots[wallet, place]
        if lot.use == use:
            lot.points += points
            lot.earned = day
            return
        place -= 1
    lot = work.lots[wallet, purse.tail]
    lot.last = last
    lot.use = use
    lot.points = points
    lot.earned = day
    purse.tail += 1


@compiled
def take(work: Work, wallet: int, points: int) -> int:
    """Take points from lots that can be used, earliest last day first; return how many."""
    purse = work.purses[wallet]
    wanted = min(points, purse.usable)
    left = wanted
    place = purse.head
    while left > 0:
        lot = work.lots[wallet, place]
        if lot.use == 0:
            taken = min(lot.points, left)
            lot.points -= taken
            left -= taken
        place += 1
    while purse.head < purse.tail and work.lots[wallet, purse.head].points == 0:
        purse.head += 1
    purse.usable -= wanted
    return wanted


@compiled
def take_pending(work: Work, wallet: int, points: int) -> int:
    """Take points from pending lots, the last earned first; return how many."""
    purse = work.purses[wallet]
    wanted = min(points, purse.pending)
    left = wanted
    while left > 0:
        best = NONE
        for place in range(purse.head, purse.tail):
            lot = work.lots[wallet, place]
            if lot.use and lot.points:
                if best == NONE:
                    best = place
                    continue
                other = work.lots[wallet, best]
                if (lot.earned, lot.use) > (other.earned, other.use):
                    best = place
        taken = min(work.lots[wallet, best].points, left)
        work.lots[wallet, best].points -= taken
        left -= taken
    purse.pending -= wanted
    return wanted


@compiled
def leave(plan: Plan, work: Work, book: Book, member: MEMBER, wallet: int, points: int,
          kind: int) -> None:  # fmt: skip
    """Say of which month of earning points were that left: of the first that still stood."""
    purse = work.purses[wallet]
    now = period_month(plan, member.today)
    left = points
    month = purse.oldest
    while left > 0:
        gone = min(work.standing[wallet, month], left)
        work.standing[wallet, month] -= gone
        left -= gone
        if gone > 0 and kind == RETURN:
            book.entered[wallet, member.part, month] -= gone
        elif gone > 0:
            column = 1 if kind == EXPIRE else 0
            book.left_by_age[column, wallet, member.part, month, now - month] += gone
        if left > 0:
            month += 1
    purse.oldest = month


@compiled
def spend(plan: Plan, work: Work, book: Book, member: MEMBER, wallet: int, kind: int, code: int,
          points: int) -> None:  # fmt: skip
    """Take points that are there for a reward or a conversion, and post them."""
    take(work, wallet, points)
    leave(plan, work, book, member, wallet, points, kind)
    post(plan, work, book, member, wallet, kind, code, -points)


@compiled
def expire(plan: Plan, work: Work, book: Book, member: MEMBER) -> None:
    """Let points go whose last day lies before today, unless the level spares them."""
    for wallet in range(len(plan.wallets)):
        if plan.spared[wallet, member.level]:
            continue
        if first_last(plan, work, member, wallet) >= member.today:
            continue
        purse = work.purses[wallet]
        all_of_it = plan.wallets[wallet].expiry == INACTIVITY
        gone = 0
        while purse.head < purse.tail:
            lot = work.lots[wallet, purse.head]
            if lot.last >= member.today and not all_of_it:
                break
            gone += lot.points
            if lot.use:
                purse.pending -= lot.points
            else:
                purse.usable -= lot.points
            lot.points = 0
            purse.head += 1
        leave(plan, work, book, member, wallet, gone, EXPIRE)
        post(plan, work, book, member, wallet, EXPIRE, NONE, -gone)


@compiled
def ripen(work: Work, today: int) -> None:
    """Let pending points be used whose waiting time has ended."""
    for wallet in range(len(work.purses)):
        purse = work.purses[wallet]
        if purse.pending == 0 or purse.next_use > today:
            continue
        following = NEVER
        for place in range(max(purse.ripe, purse.head), purse.tail):
            lot = work.lots[wallet, place]
            if lot.use and lot.use <= today:
                lot.use = 0
                purse.pending -= lot.points
                purse.usable += lot.points
            elif lot.use:
                following = min(following, lot.use)
        purse.next_use = following
        purse.ripe = max(purse.ripe, purse.head)
        while purse.ripe < purse.tail and work.lots[wallet, purse.ripe].use == 0:
            purse.ripe += 1


@compiled
def convert(plan: Plan, work: Work, book: Book, member: MEMBER, number: int) -> None:
    """Turn points of one wallet into another's, as many times as they suffice."""
    swap = plan.swaps[number]
    times = work.purses[swap.source].usable // swap.take
    if times == 0:
        return
    if times > LIMIT // swap.give:
        fail(book, TOO_MANY_POINTS, times)
        return
    spend(plan, work, book, member, swap.source, CONVERT_OUT, number, times * swap.take)
    receive(plan, work, book, member, swap.target, CONVERT_IN, number, times * swap.give, 0)
