"""Points of one customer of a plain programme: what orders bring, what is redeemed, what expires.

The integer arithmetic is the ledger's (docs/ledger.md); here it stands for one wallet, one rule and
points that can be used at once.
"""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled, inlined
from loyalty_research.programmes.kernel_codes import (
    CASH,
    DOWN,
    E4,
    ERROR,
    ERROR_VALUE,
    LIMIT,
    NEVER,
    NONE,
    TOO_MANY_POINTS,
    TOO_MUCH_MONEY,
    UP,
)
from loyalty_research.programmes.kernel_state import Ints, Member, Records
from loyalty_research.tiers.simulation.kernel_plain_records import Plain, Purse


@inlined
def refuse(counts: Ints, error: int, value: int) -> None:
    """Note the first thing that cannot be counted exactly."""
    if counts[ERROR] == 0:
        counts[ERROR] = error
        counts[ERROR_VALUE] = value


@inlined
def points_for(member: Member, plain: Plain, basis: int) -> int:
    """Return the points of an amount, rounded once."""
    rules = plain.rules[0]
    numerator = plain.levels[member.level].numerator
    times = basis // rules.every if rules.whole else basis
    if numerator > 0 and times > (LIMIT * 1000) // numerator:
        refuse(plain.counts, TOO_MUCH_MONEY, basis)
        return 0
    exact = times * numerator
    units = exact // rules.denominator
    rest = exact - units * rules.denominator
    if rest == 0 or rules.rounding == DOWN:
        return units
    if rules.rounding == UP or rest >= rules.denominator - rest:
        return units + 1
    return units


@inlined
def first_last(purse: Purse, lots: Records) -> int:
    """Return the earliest last day of the points; NEVER where there are none."""
    return lots[purse.head].last if purse.usable > 0 else NEVER


@inlined
def receive(member: Member, purse: Purse, plain: Plain, points: int) -> None:
    """Put points into the lot of their last day."""
    if points > LIMIT:
        refuse(plain.counts, TOO_MANY_POINTS, points)
    last = plain.days[member.today - plain.rules[0].start].last
    if purse.head == purse.tail:
        purse.head = purse.tail = 0
    if purse.tail > purse.head and plain.lots[purse.tail - 1].last == last:
        plain.lots[purse.tail - 1].points += points
    else:
        plain.lots[purse.tail].last = last
        plain.lots[purse.tail].points = points
        purse.tail += 1
    purse.usable += points
    purse.earned += points
    member.seq += 1


@inlined
def take(purse: Purse, lots: Records, points: int) -> None:
    """Take points that are there, the earliest last day first."""
    left = points
    while left > 0:
        lot = lots[purse.head]
        taken = min(lot.points, left)
        lot.points -= taken
        left -= taken
        if lot.points == 0:
            purse.head += 1
    purse.usable -= points


@inlined
def expire(member: Member, purse: Purse, lots: Records) -> None:
    """Let points go whose last day lies before today."""
    if first_last(purse, lots) >= member.today:
        return
    gone = 0
    while purse.head < purse.tail and lots[purse.head].last < member.today:
        gone += lots[purse.head].points
        purse.head += 1
    purse.usable -= gone
    purse.expired += gone
    member.seq += 1


@compiled
def redeem(member: Member, purse: Purse, plain: Plain, net: int) -> tuple[int, int]:
    """Take the best reward that is open; return its number, NONE for none, and how many of it."""
    level = plain.levels[member.level]
    for row in range(level.first, level.after):
        prize = plain.prizes[row]
        steps = min(purse.usable // prize.price, 1)
        if prize.kind == CASH:
            if net > (LIMIT * 1000) // E4:
                refuse(plain.counts, TOO_MUCH_MONEY, net)
                continue
            steps = min(purse.usable // prize.price, prize.most * net // (E4 * prize.value))
        if steps == 0:
            continue
        most = max(prize.cost, prize.value, 0)
        if most > LIMIT // steps:
            refuse(plain.counts, TOO_MUCH_MONEY, most)
            return NONE, 0
        take(purse, plain.lots, steps * prize.price)
        purse.redeemed += steps * prize.price
        member.seq += 1
        return prize.number, steps
    return NONE, 0
