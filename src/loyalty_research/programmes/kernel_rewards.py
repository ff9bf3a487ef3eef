"""Redemption, in the ledger's loop."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
from loyalty_research.programmes.kernel_books import fail, tally
from loyalty_research.programmes.kernel_codes import (
    CASH,
    E4,
    LIMIT,
    NOBODY,
    NONE,
    OBSERVED,
    PER_ORDER,
    PERCENT,
    REDEEM,
    SHORT,
    TARGET,
    TOO_MUCH_MONEY,
)
from loyalty_research.programmes.kernel_days import is_birthday_month, spell_of
from loyalty_research.programmes.kernel_lots import spend
from loyalty_research.programmes.kernel_state import Entries, Member, Run


@compiled
def redeem(run: Run, member: Member, entries: Entries, row: int) -> None:
    """Take at most one reward with an order, by the policy."""
    settings = run.settings[0]
    if settings.policy == NOBODY:
        return
    if settings.policy == OBSERVED:
        _redeem_observed(run, member, entries.rows[row].used)
        return
    best, best_steps, best_value = NONE, 0, 0
    for number in range(len(run.prizes)):
        if settings.policy == TARGET and number != settings.target:
            continue
        steps = _steps(run, member, entries, row, number)
        if steps == 0:
            continue
        value = _worth(run, number, entries.rows[row].net)
        if best == NONE or _better(run, number, value, best, best_value):
            best, best_steps, best_value = number, steps, value
    if best != NONE:
        _take_reward(run, member, best, best_steps, best_value)


@compiled
def _steps(run: Run, member: Member, entries: Entries, row: int, number: int) -> int:
    """Return how many of a reward can be taken with an order; 0 where it is not open."""
    prize = run.prizes[number]
    if not run.by_level[run.settings[0].row_prizes + number, member.level]:
        return 0
    if prize.column != NONE and entries.asked[row, prize.column] <= 0:
        return 0
    if prize.birthday and not is_birthday_month(run, member.birthday, member.today):
        return 0
    most = run.wallets[prize.wallet].usable // prize.price
    if prize.kind == CASH:
        net = entries.rows[row].net
        if net > (LIMIT * 1000) // E4:
            fail(run, TOO_MUCH_MONEY, net)
            return 0
        most = min(most, prize.most * net // (E4 * prize.value))
    else:
        most = min(most, 1)
    if prize.limit == NONE:
        return most
    if prize.per == PER_ORDER:
        return min(most, prize.limit)
    spell = spell_of(run, member.today, prize.per)
    used = prize.used if prize.spell == spell else 0
    return min(most, prize.limit - used)


@compiled
def _worth(run: Run, number: int, net: int) -> int:
    """Return the face value of one in ten-thousandths: 0 where unknown."""
    prize = run.prizes[number]
    if prize.kind == PERCENT:
        return (2 * prize.percent * net + E4) // (2 * E4)
    return max(prize.value, 0)


@compiled
def _better(run: Run, number: int, value: int, other: int, other_value: int) -> bool:
    """Tell whether a reward has more value a point than one before it; else, whether it is less."""
    points, other_points = run.prizes[number].points, run.prizes[other].points
    order = _compare(value, points, other_value, other_points)
    return order > 0 or (order == 0 and points < other_points)


@compiled
def _compare(a: int, b: int, c: int, d: int) -> int:
    """Return the sign of a/b - c/d, exactly: the products may be too large to form."""
    sign = 1
    while True:
        left, right = a // b, c // d
        if left != right:
            return sign if left > right else -sign
        a, c = a - left * b, c - right * d
        if a == 0 or c == 0:
            return 0 if a == c else (sign if a else -sign)
        a, b, c, d = b, a, d, c
        sign = -sign


@compiled
def _take_reward(run: Run, member: Member, number: int, steps: int, value: int) -> None:
    prize = run.prizes[number]
    cost = prize.cost
    if cost == NONE and prize.kind == PERCENT:
        cost = value
    if max(cost, value) > LIMIT // steps:
        fail(run, TOO_MUCH_MONEY, max(cost, value))
        return
    if prize.limit != NONE and prize.per != PER_ORDER:
        spell = spell_of(run, member.today, prize.per)
        prize.used = steps + (prize.used if prize.spell == spell else 0)
        prize.spell = spell
    spend(run, member, prize.wallet, REDEEM, number, steps * prize.price)
    total = NONE if cost == NONE else cost * steps
    _note(run, member, number, steps, steps * prize.price, value * steps, total)


@compiled
def _redeem_observed(run: Run, member: Member, wanted: int) -> None:
    wallet = run.settings[0].observed_wallet
    if wallet == NONE or wanted <= 0:
        return
    points = min(wanted, run.wallets[wallet].usable)
    if points < wanted:
        run.counts[SHORT] += 1
    if points > 0:
        spend(run, member, wallet, REDEEM, len(run.prizes), points)
        _note(run, member, len(run.prizes), 1, points, 0, NONE)


@compiled
def _note(
    run: Run, member: Member, number: int, times: int, points: int, value: int, cost: int
) -> None:
    place = run.settings[0].at_taken + 5 * number
    tally(run, member, place, times)
    tally(run, member, place + 1, points)
    tally(run, member, place + 2, value)
    member.redemptions += times
    member.value += value
    if member.first_redeemed == 0:
        member.first_redeemed = member.today
    if cost == NONE:
        tally(run, member, place + 4, 1)
        member.cost_unknown = 1
    else:
        tally(run, member, place + 3, cost)
        member.cost += cost
