"""Redemption, in the ledger's loop."""

from __future__ import annotations

from loyalty_research.engine.compiled import compiled
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
from loyalty_research.programmes.kernel_days import month_of, period_month, spell_of
from loyalty_research.programmes.kernel_lots import fail, spend
from loyalty_research.programmes.kernel_state import MEMBER, Book, Entries, Plan, Work


@compiled
def redeem(plan: Plan, work: Work, book: Book, member: MEMBER, entries: Entries,
           row: int) -> None:  # fmt: skip
    """Take at most one reward with an order, by the policy."""
    settings = plan.settings[0]
    if settings.policy == NOBODY:
        return
    if settings.policy == OBSERVED:
        _redeem_observed(plan, work, book, member, entries.used[row])
        return
    best, best_steps, best_value = NONE, 0, 0
    for number in range(len(plan.prizes)):
        if settings.policy == TARGET and number != settings.target:
            continue
        steps = _steps(plan, work, book, member, entries, row, number)
        if steps == 0:
            continue
        value = _worth(plan, number, entries.net[row])
        if best == NONE or _better(plan, number, value, best, best_value):
            best, best_steps, best_value = number, steps, value
    if best != NONE:
        _take_reward(plan, work, book, member, best, best_steps, best_value)


@compiled
def _steps(plan: Plan, work: Work, book: Book, member: MEMBER, entries: Entries, row: int,
           number: int) -> int:  # fmt: skip
    """Return how many of a reward can be taken with an order; 0 where it is not open."""
    prize = plan.prizes[number]
    if not plan.prize_fits[number, member.level]:
        return 0
    if prize.column != NONE and entries.asked[row, prize.column] <= 0:
        return 0
    if prize.birthday and month_of(plan, member.today) % 12 + 1 != member.birthday:
        return 0
    most = work.purses[prize.wallet].usable // prize.price
    if prize.kind == CASH:
        net = entries.net[row]
        if net > (LIMIT * 1000) // E4:
            fail(book, TOO_MUCH_MONEY, net)
            return 0
        most = min(most, prize.most * net // (E4 * prize.value))
    else:
        most = min(most, 1)
    if prize.limit == NONE:
        return most
    if prize.per == PER_ORDER:
        return min(most, prize.limit)
    use = work.prize_use[number]
    spell = spell_of(plan, member.today, prize.per)
    used = use.used if use.spell == spell else 0
    return min(most, prize.limit - used)


@compiled
def _worth(plan: Plan, number: int, net: int) -> int:
    """Return the face value of one in ten-thousandths: 0 where unknown."""
    prize = plan.prizes[number]
    if prize.kind == PERCENT:
        return (2 * prize.percent * net + E4) // (2 * E4)
    return max(prize.value, 0)


@compiled
def _better(plan: Plan, number: int, value: int, other: int, other_value: int) -> bool:
    """Tell whether a reward has more value a point than one before it; else, whether it is less."""
    points, other_points = plan.prizes[number].points, plan.prizes[other].points
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
def _take_reward(plan: Plan, work: Work, book: Book, member: MEMBER, number: int, steps: int,
                 value: int) -> None:  # fmt: skip
    prize = plan.prizes[number]
    cost = prize.cost
    if cost == NONE and prize.kind == PERCENT:
        cost = value
    if max(cost, value) > LIMIT // steps:
        fail(book, TOO_MUCH_MONEY, max(cost, value))
        return
    if prize.limit != NONE and prize.per != PER_ORDER:
        use = work.prize_use[number]
        spell = spell_of(plan, member.today, prize.per)
        use.used = steps + (use.used if use.spell == spell else 0)
        use.spell = spell
    spend(plan, work, book, member, prize.wallet, REDEEM, number, steps * prize.price)
    total = NONE if cost == NONE else cost * steps
    _note(plan, book, member, number, steps, steps * prize.price, value * steps, total)


@compiled
def _redeem_observed(plan: Plan, work: Work, book: Book, member: MEMBER, wanted: int) -> None:
    wallet = plan.settings[0].observed_wallet
    if wallet == NONE or wanted <= 0:
        return
    points = min(wanted, work.purses[wallet].usable)
    if points < wanted:
        book.counts[SHORT] += 1
    if points > 0:
        spend(plan, work, book, member, wallet, REDEEM, len(plan.prizes), points)
        _note(plan, book, member, len(plan.prizes), 1, points, 0, NONE)


@compiled
def _note(plan: Plan, book: Book, member: MEMBER, number: int, times: int, points: int, value: int,
          cost: int) -> None:  # fmt: skip
    taken = book.taken[period_month(plan, member.today), number]
    taken[0] += times
    taken[1] += points
    taken[2] += value
    member.redemptions += times
    member.value += value
    if member.first_redeemed == 0:
        member.first_redeemed = member.today
    if cost == NONE:
        taken[4] = 1
        member.cost_unknown = 1
    else:
        taken[3] += cost
        member.cost += cost
