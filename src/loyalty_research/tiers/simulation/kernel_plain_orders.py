"""One order of a customer of a plain programme."""

from __future__ import annotations

from typing import Any

from loyalty_research.engine.compiled import compiled
from loyalty_research.programmes.kernel_codes import NONE
from loyalty_research.programmes.kernel_state import Member
from loyalty_research.tiers.simulation.kernel_orders import (
    DAY,
    cost_of_steps,
    count_order,
    count_redemption,
    joins,
    write_entry,
)
from loyalty_research.tiers.simulation.kernel_plain_ledger import join, look, redeems, take_order
from loyalty_research.tiers.simulation.kernel_plain_records import Plain, Purse
from loyalty_research.tiers.simulation.kernel_records import (
    REDEEM,
    Assumed,
    Crowd,
    Design,
    Room,
    Totals,
)


@compiled
def buy(
    member: Member, purse: Purse, plain: Plain, crowd: Crowd, number: int, design: Design,
    assumed: Assumed, room: Room, totals: Totals, week: int, place: int, factor: float, base: Any,
) -> None:  # fmt: skip
    """Make one order of the week, post it, and count its money."""
    person, setup, follow = crowd.people[number], room.setup[0], room.follow[0]
    template, j = room.picked[place, 0], room.picked[place, 1]
    at = (setup.day + 7 * week) * DAY + crowd.moments[template]
    write_entry(crowd, design, room, template, at, factor, person.birthday)
    net, out, discount = room.entry.rows[0].net, totals.people[number], assumed.discount[week]
    count_order(assumed, room, totals, number, week, template)
    level = len(plain.levels)
    is_new = member.joined == NONE
    if not is_new:
        look(member, purse, follow, room.anchor, plain, at // DAY)
        level = member.level
    elif joins(person, assumed, week, j, base):
        level = 0
        follow.joins += 1
        out.benefit += discount * design.by_level[level].join_cost
    row = totals.weeks[week, level]
    row[1] += 1
    row[2] += net
    if level == len(plain.levels):
        return
    redeeming = redeems(
        member, purse, plain, setup.redemption, assumed.shape, base, week, REDEEM, j
    )
    if is_new:
        join(member, at // DAY)
    out.benefit += discount * design.by_level[level].each_cost
    basis = room.entry.asked[0, 0]
    prize, steps = take_order(
        member, purse, follow, room.anchor, plain, net, basis, True, redeeming
    )
    if prize != NONE:
        cost, displaced = cost_of_steps(design, assumed, prize, steps)
        points = steps * plain.prize_prices[prize]
        count_redemption(assumed, room, totals, number, week, level, cost, displaced, points)
