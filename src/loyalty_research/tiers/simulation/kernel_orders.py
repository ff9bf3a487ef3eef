"""The orders of one customer in one week: which, when, how much, and what they cost."""

from __future__ import annotations

import math
from typing import Any

from loyalty_research.engine.compiled import compiled, inlined
from loyalty_research.programmes.kernel_codes import E4, NONE, ORDER, PERCENT
from loyalty_research.programmes.kernel_state import Ints, Member, Run
from loyalty_research.tiers.simulation.kernel_ledger import choose_policy, look, take_order
from loyalty_research.tiers.simulation.kernel_numbers import logistic, uniform
from loyalty_research.tiers.simulation.kernel_records import (
    AMOUNT,
    JOIN,
    REDEEM,
    TEMPLATE,
    Assumed,
    Crowd,
    Design,
    Person,
    Room,
    Totals,
)

DAY = 86_400
"""Seconds of a day."""
_SECOND = 1_000_000
_HUNDREDTH = 100


@inlined
def pick_orders(crowd: Crowd, number: int, room: Room, week: int, count: int, base: Any) -> None:
    """Choose a template for each order of the week, and put them in the order of their times."""
    first = crowd.starts[number]
    templates = crowd.starts[number + 1] - first
    for j in range(count):
        template = first + int(uniform(base, week, TEMPLATE, j) * templates)
        place = j
        while place > 0 and crowd.moments[room.picked[place - 1, 0]] > crowd.moments[template]:
            room.picked[place, 0] = room.picked[place - 1, 0]
            room.picked[place, 1] = room.picked[place - 1, 1]
            place -= 1
        room.picked[place, 0] = template
        room.picked[place, 1] = j


@inlined
def scaled(amount: int, factor: float) -> int:
    """Return an amount times a factor, to hundredths; unchanged where the factor is 1."""
    if factor == 1.0:
        return amount
    return max(math.floor(amount * factor / _HUNDREDTH + 0.5), 1) * _HUNDREDTH


@inlined
def write_entry(
    crowd: Crowd, design: Design, room: Room, template: int, at: int, factor: float, birthday: int
) -> None:
    """Write an order as an entry of the ledger, with answers to what its rules ask."""
    entry = room.entry.rows[0]
    entry.at = at * _SECOND
    entry.rank = ORDER
    entry.net = scaled(crowd.amounts[template], factor)
    entry.birthday = birthday
    day = at // DAY - room.setup[0].day
    for k in range(len(design.asks)):
        answer = crowd.answers[template, k]
        if answer > 0 and not design.on_day[day, k]:
            answer = 0
        if answer > 0:
            kind = design.asks[k, 0]
            if scaled(crowd.goods[template, k], factor) < design.asks[k, 1]:
                answer = 0
            elif kind == AMOUNT:
                answer = scaled(answer, factor)
        room.entry.asked[0, k] = answer


@inlined
def joins(person: Person, assumed: Assumed, week: int, j: int, base: Any) -> bool:
    """Tell whether who is no member becomes one with an order."""
    if person.member:
        return True
    shape = assumed.shape[0]
    return uniform(base, week, JOIN, j) < logistic(shape.j0 + shape.j1 * person.z)


@compiled
def pay_reward(
    run: Run, member: Member, design: Design, assumed: Assumed, room: Room, prize: int, before: int
) -> tuple[float, float]:
    """Return cost and displaced margin of what was redeemed with the last order."""
    if run.prizes[prize].kind == PERCENT and run.prizes[prize].cost == NONE:
        return (member.value - before) / E4, 0.0
    return cost_of_steps(design, assumed, prize, _steps(run, member, room, prize))


@inlined
def cost_of_steps(design: Design, assumed: Assumed, prize: int, steps: int) -> tuple[float, float]:
    """Return cost and displaced margin of a reward taken so many times."""
    cost = design.prizes[prize].unit * steps
    return cost, design.prizes[prize].displaced * steps * assumed.shape[0].zeta


@inlined
def count_order(
    assumed: Assumed, room: Room, totals: Totals, number: int, week: int, template: int
) -> None:
    """Count the order that is written as an entry."""
    setup, out, net = room.setup[0], totals.people[number], room.entry.rows[0].net
    out.orders += 1
    out.net += net
    out.washout_orders += week >= setup.weeks
    out.margin += assumed.discount[week] * setup.margin * net / E4
    if setup.emit:
        write_order(totals.orders, room, number, template)


@inlined
def count_redemption(
    assumed: Assumed, room: Room, totals: Totals, number: int, week: int, level: int,
    cost: float, displaced: float, points: int,
) -> None:  # fmt: skip
    """Count what was redeemed with the order that was counted last."""
    out, row, discount = totals.people[number], totals.weeks[week, level], assumed.discount[week]
    out.redemptions += 1
    out.reward += discount * cost
    out.displaced += discount * displaced
    row[3] += math.floor(cost * E4 + 0.5)
    row[4] += 1
    if room.setup[0].emit:
        totals.orders[room.setup[0].emitted - 1, 4] = points


@compiled
def _steps(run: Run, member: Member, room: Room, prize: int) -> int:
    settings = run.settings[0]
    month = run.days[member.today - settings.first_day].month - settings.first_period_month
    return run.months[month, settings.at_taken + 5 * prize] - room.taken[prize]


@compiled
def buy(
    run: Run,
    member: Member,
    crowd: Crowd,
    number: int,
    design: Design,
    assumed: Assumed,
    room: Room,
    totals: Totals,
    week: int,
    place: int,
    factor: float,
    base: Any,
) -> None:
    """Make one order of the week, post it, and count its money."""
    person, setup = crowd.people[number], room.setup[0]
    template, j = room.picked[place, 0], room.picked[place, 1]
    day = setup.day + 7 * week
    at = day * DAY + crowd.moments[template]
    write_entry(crowd, design, room, template, at, factor, person.birthday)
    out, discount = totals.people[number], assumed.discount[week]
    net = room.entry.rows[0].net
    count_order(assumed, room, totals, number, week, template)
    level = len(run.levels)
    if member.joined != NONE:
        look(run, member, room, at // DAY)
        level = member.level
    elif joins(person, assumed, week, j, base):
        level = run.settings[0].paid
        room.follow[0].joins += 1
        out.benefit += discount * design.by_level[level].join_cost
    row = totals.weeks[week, level]
    row[1] += 1
    row[2] += net
    if level == len(run.levels):
        return
    choose_policy(run, member, design, assumed, room, uniform(base, week, REDEEM, j), at // DAY)
    out.benefit += discount * design.by_level[level].each_cost
    before = member.value
    prize = take_order(run, member, room, room.entry, 0)
    if prize != NONE:
        cost, displaced = pay_reward(run, member, design, assumed, room, prize, before)
        points = _steps(run, member, room, prize) * run.prizes[prize].price if setup.emit else 0
        count_redemption(assumed, room, totals, number, week, level, cost, displaced, points)


@compiled
def write_order(orders: Ints, room: Room, number: int, template: int) -> None:
    """Write an order down for who wants to see it."""
    setup = room.setup[0]
    row = orders[setup.emitted]
    row[0] = setup.first_number + number
    row[1] = room.entry.rows[0].at
    row[2] = room.entry.rows[0].net
    row[3] = template
    setup.emitted += 1
