"""Points of one customer: lots, debts and postings, in the ledger's loop.

A wallet's lots stand in rising order of their last day, because each wallet has one rule of expiry;
so new ones go to the end. ``use`` is the day from which a lot can be used, 0 once it can.
"""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
from loyalty_research.programmes.kernel_books import enter, fail, leave, post
from loyalty_research.programmes.kernel_codes import (
    CONVERT_IN,
    CONVERT_OUT,
    END_OF_MONTH,
    END_OF_QUARTER,
    EXPIRE,
    FIXED,
    INACTIVITY,
    LASTING,
    LIMIT,
    NEVER,
    NONE,
    TOO_MANY_POINTS,
)
from loyalty_research.programmes.kernel_days import add_months, end_of
from loyalty_research.programmes.kernel_state import Member, Run


@compiled
def last_day(run: Run, wallet: int, day: int) -> int:
    """Return the last day of points earned on a day; that of inactivity is the wallet's."""
    pocket = run.wallets[wallet]
    if pocket.expiry in (LASTING, INACTIVITY):
        return NEVER
    if pocket.days != NONE:
        return day + pocket.days
    later = add_months(run, day, pocket.months)
    if pocket.expiry == FIXED or later == NEVER:
        return later
    if pocket.expiry == END_OF_MONTH:
        return end_of(run, later, 1)
    return end_of(run, later, 3 if pocket.expiry == END_OF_QUARTER else 12)


@compiled
def idle_last(run: Run, member: Member, wallet: int) -> int:
    """Return the one last day of a wallet that expires through inactivity."""
    pocket = run.wallets[wallet]
    if pocket.days != NONE:
        return member.active_on + pocket.days
    return add_months(run, member.active_on, pocket.months)


@compiled
def first_last(run: Run, member: Member, wallet: int) -> int:
    """Return the earliest last day of the points in a wallet; NEVER where there is none."""
    purse = run.wallets[wallet]
    if purse.usable + purse.pending == 0 or run.wallets[wallet].expiry == LASTING:
        return NEVER
    if run.wallets[wallet].expiry == INACTIVITY:
        return idle_last(run, member, wallet)
    while run.lots[wallet, purse.head].points == 0:
        purse.head += 1
    return run.lots[wallet, purse.head].last


@compiled
def receive(
    run: Run, member: Member, wallet: int, kind: int, code: int, points: int, wait: int
) -> None:
    """Pay a debt first, and make a lot of the rest."""
    purse = run.wallets[wallet]
    pays = min(purse.debt, points)
    purse.debt -= pays
    rest = points - pays
    if rest > 0:
        day = member.today
        use = day + wait if wait > 0 else 0
        _add_lot(run, wallet, last_day(run, wallet, day), use, rest, day)
        enter(run, member, wallet, rest)
    post(run, member, wallet, kind, code, points)


@compiled
def _add_lot(run: Run, wallet: int, last: int, use: int, points: int, day: int) -> None:
    purse = run.wallets[wallet]
    if purse.head == purse.tail or purse.tail == run.lots.shape[1]:
        _tidy(run, wallet)
    if use:
        purse.next_use = use if purse.pending == 0 else min(purse.next_use, use)
        purse.pending += points
    else:
        purse.usable += points
    place = purse.tail - 1
    first = max(purse.ripe, purse.head) if use else max(purse.head, purse.tail - 1)
    while place >= first and run.lots[wallet, place].last == last:
        lot = run.lots[wallet, place]
        if lot.use == use:
            lot.points += points
            lot.earned = day
            return
        place -= 1
    lot = run.lots[wallet, purse.tail]
    lot.last = last
    lot.use = use
    lot.points = points
    lot.earned = day
    purse.tail += 1


@compiled
def _tidy(run: Run, wallet: int) -> None:
    """Move the lots that hold points to the front, those of the same days as one.

    There is room for a lot of each last day and day of use; emptied lots and some that could have
    been one take it away in between.
    """
    purse = run.wallets[wallet]
    kept = 0
    for place in range(purse.head, purse.tail):
        lot = run.lots[wallet, place]
        if lot.points == 0:
            continue
        same = kept - 1
        while same >= 0 and run.lots[wallet, same].last == lot.last:
            if run.lots[wallet, same].use == lot.use:
                break
            same -= 1
        if same >= 0 and run.lots[wallet, same].last == lot.last:
            other = run.lots[wallet, same]
            other.points += lot.points
            other.earned = max(other.earned, lot.earned)
            continue
        into = run.lots[wallet, kept]
        into.last = lot.last
        into.use = lot.use
        into.points = lot.points
        into.earned = lot.earned
        kept += 1
    purse.head = 0
    purse.tail = kept
    purse.ripe = 0


@compiled
def take(run: Run, wallet: int, points: int) -> int:
    """Take points from lots that can be used, earliest last day first; return how many."""
    purse = run.wallets[wallet]
    wanted = min(points, purse.usable)
    left = wanted
    place = purse.head
    while left > 0:
        lot = run.lots[wallet, place]
        if lot.use == 0:
            taken = min(lot.points, left)
            lot.points -= taken
            left -= taken
        place += 1
    while purse.head < purse.tail and run.lots[wallet, purse.head].points == 0:
        purse.head += 1
    purse.usable -= wanted
    return wanted


@compiled
def take_pending(run: Run, wallet: int, points: int) -> int:
    """Take points from pending lots, the last earned first; return how many."""
    purse = run.wallets[wallet]
    wanted = min(points, purse.pending)
    left = wanted
    while left > 0:
        best = NONE
        for place in range(purse.head, purse.tail):
            lot = run.lots[wallet, place]
            if lot.use and lot.points:
                if best == NONE:
                    best = place
                    continue
                other = run.lots[wallet, best]
                if (lot.earned, lot.use) > (other.earned, other.use):
                    best = place
        taken = min(run.lots[wallet, best].points, left)
        run.lots[wallet, best].points -= taken
        left -= taken
    purse.pending -= wanted
    return wanted


@compiled
def spend(run: Run, member: Member, wallet: int, kind: int, code: int, points: int) -> None:
    """Take points that are there for a reward or a conversion, and post them."""
    take(run, wallet, points)
    leave(run, member, wallet, points, kind)
    post(run, member, wallet, kind, code, -points)


@compiled
def spares(run: Run, member: Member, wallet: int) -> bool:
    """Tell whether the member's level keeps points of a wallet from expiring."""
    return run.by_level[run.settings[0].row_wallets + wallet, member.level] != 0


@compiled
def expire(run: Run, member: Member) -> None:
    """Let points go whose last day lies before today, unless the level spares them."""
    for wallet in range(len(run.wallets)):
        if spares(run, member, wallet):
            continue
        if first_last(run, member, wallet) >= member.today:
            continue
        purse = run.wallets[wallet]
        all_of_it = run.wallets[wallet].expiry == INACTIVITY
        gone = 0
        while purse.head < purse.tail:
            lot = run.lots[wallet, purse.head]
            if lot.last >= member.today and not all_of_it:
                break
            gone += lot.points
            if lot.use:
                purse.pending -= lot.points
            else:
                purse.usable -= lot.points
            lot.points = 0
            purse.head += 1
        leave(run, member, wallet, gone, EXPIRE)
        post(run, member, wallet, EXPIRE, NONE, -gone)


@compiled
def ripen(run: Run, today: int) -> None:
    """Let pending points be used whose waiting time has ended."""
    for wallet in range(len(run.wallets)):
        purse = run.wallets[wallet]
        if purse.pending == 0 or purse.next_use > today:
            continue
        following = NEVER
        for place in range(max(purse.ripe, purse.head), purse.tail):
            lot = run.lots[wallet, place]
            if lot.use and lot.use <= today:
                lot.use = 0
                purse.pending -= lot.points
                purse.usable += lot.points
            elif lot.use:
                following = min(following, lot.use)
        purse.next_use = following
        purse.ripe = max(purse.ripe, purse.head)
        while purse.ripe < purse.tail and run.lots[wallet, purse.ripe].use == 0:
            purse.ripe += 1


@compiled
def convert(run: Run, member: Member, number: int) -> None:
    """Turn points of one wallet into another's, as many times as they suffice."""
    swap = run.swaps[number]
    times = run.wallets[swap.source].usable // swap.take
    if times == 0:
        return
    if times > LIMIT // swap.give:
        fail(run, TOO_MANY_POINTS, times)
        return
    spend(run, member, swap.source, CONVERT_OUT, number, times * swap.take)
    receive(run, member, swap.target, CONVERT_IN, number, times * swap.give, 0)
