"""The terms of the response for a plain programme: those that some response looks at."""

from __future__ import annotations

from loyalty_research.engine.compiled import inlined
from loyalty_research.programmes.kernel_codes import LIFETIME, NONE
from loyalty_research.programmes.kernel_state import Member
from loyalty_research.tiers.simulation.kernel_goals import YEAR, able
from loyalty_research.tiers.simulation.kernel_ledger import is_changed
from loyalty_research.tiers.simulation.kernel_plain_ledger import look
from loyalty_research.tiers.simulation.kernel_plain_levels import set_goals
from loyalty_research.tiers.simulation.kernel_plain_records import Plain, Purse
from loyalty_research.tiers.simulation.kernel_records import Assumed, Design, Person, Room
from loyalty_research.tiers.simulation.kernel_terms import (
    benefit,
    covered,
    fading,
    pressing,
    tier,
    value_of,
    worth_of,
)

_VALUE, _POINTS, _TIER, _REWARD, _LOSS, _BENEFIT = range(6)


@inlined
def observe(
    member: Member, purse: Purse, plain: Plain, person: Person, design: Design, assumed: Assumed,
    room: Room, week: int,
) -> None:  # fmt: skip
    """Set the covariates at the start of a week, those that a response looks at."""
    follow, shape, theta = room.follow[0], assumed.shape[0], room.theta
    day = room.setup[0].day + 7 * week
    look(member, purse, follow, room.anchor, plain, day)
    if is_changed(member, follow):
        _set_terms(member, purse, plain, person, design, assumed, room)
        set_goals(member, follow, person, plain, room, day)
    elif day > follow.rise_end and len(plain.levels) > 1:
        set_goals(member, follow, person, plain, room, day)
    if theta[_TIER] != 0.0 and week < room.setup[0].weeks:
        room.x[_TIER] = tier(follow, shape.sigma_t, day)
    if theta[_REWARD] != 0.0:
        room.x[_REWARD] = fading(follow.redeemed_on, shape.tau_r, day)
    if theta[_LOSS] != 0.0 or shape.d_l != 0.0:
        room.x[_LOSS] = -fading(follow.fell_on, shape.tau_l, day)


@inlined
def _set_terms(
    member: Member, purse: Purse, plain: Plain, person: Person, design: Design, assumed: Assumed,
    room: Room,
) -> None:  # fmt: skip
    """Set the terms that stay as they are until the ledger moves."""
    level = plain.levels[member.level]
    if room.theta[_VALUE] != 0.0:
        worth = worth_of(level.fixed, level.share, person.mean, purse.earned - purse.expired)
        room.x[_VALUE] = value_of(worth, person.mean, member.orders)
    if room.theta[_POINTS] != 0.0:
        share = _covered(purse, plain, level.first, level.after, room.anchor[0])
        room.x[_POINTS] = pressing(share, assumed.shape[0].kappa)
    room.x[_BENEFIT] = benefit(member, person, design)


@inlined
def _covered(purse: Purse, plain: Plain, first: int, after: int, anchor: int) -> float:
    """Return the covered share of the way to the lowest price above the anchor."""
    if purse.usable <= anchor:
        return 0.0
    lowest = NONE
    for row in range(first, after):
        price = plain.prizes[row].price
        if price > anchor and (lowest == NONE or price < lowest):
            lowest = price
    return 0.0 if lowest == NONE else covered(purse.usable, anchor, lowest)


@inlined
def is_able(member: Member, plain: Plain, room: Room) -> int:
    """Tell whether the next level is within reach, as the general way does."""
    weeks = YEAR if plain.rules[0].window == LIFETIME else room.setup[0].metric_weeks
    return able(plain.levels, member.level, room.follow[0].pace, weeks)
