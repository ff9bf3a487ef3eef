"""One customer's responses: own coefficients, the multiple of the rate, shifting, leaving."""

from __future__ import annotations

import math
from typing import Any

from loyalty_research.engine.compiled import compiled, inlined
from loyalty_research.tiers.simulation.kernel_numbers import logistic, normal, uniform
from loyalty_research.tiers.simulation.kernel_records import (
    ALIVE,
    DROPOUT,
    RESPONSE,
    Assumed,
    Floats,
    Person,
    Room,
)

_WIDEST = 1.5
_FLOOR = 0.05
_LOSS, _BENEFIT = 4, 5


@compiled
def set_responses(person: Person, past: Floats, assumed: Assumed, room: Room, base: Any) -> float:
    """Set a customer's own coefficients; return what the present programme's are taken off by."""
    shape, follow = assumed.shape[0], room.follow[0]
    follow.shift, follow.chance = 0.0, person.dropout
    off = 0.0
    for k in range(len(assumed.theta)):
        own = assumed.theta[k]
        if assumed.pressing[k] and own > 0.0:
            noise = shape.sd * normal(base, RESPONSE, k) if shape.sd > 0.0 else 0.0
            own = max(own + shape.theta_1 * person.z + noise, 0.0)
        room.theta[k] = own
        weight = 1.0 - shape.psi if assumed.pressing[k] else 1.0
        off += own * weight * past[k]
    return off


@inlined
def multiples(assumed: Assumed, room: Room, off: float, washout: bool) -> tuple[float, float]:
    """Return the multiple of the rate, with and without pressure."""
    plain, pressure = -off, 0.0
    for k in range(len(room.theta)):
        if assumed.pressing[k]:
            pressure += room.theta[k] * room.x[k]
        else:
            plain += room.theta[k] * room.x[k]
    m0 = math.exp(min(max(plain, -_WIDEST), _WIDEST))
    if washout or pressure == 0.0:
        return m0, m0
    return math.exp(min(max(plain + pressure, -_WIDEST), _WIDEST)), m0


@inlined
def mean_orders(
    person: Person, assumed: Assumed, room: Room, week: int, m: float, m0: float
) -> float:
    """Return the mean number of orders of a week, less what was borrowed before."""
    shape, follow = assumed.shape[0], room.follow[0]
    season = assumed.season[week]
    paid = 0.0
    if shape.psi > 0.0:
        owed = follow.carried
        if room.lifts[0] > 0.0:  # the sum of the window
            owed += shape.psi * room.lifts[0] / shape.window
        paid = min(owed, max(season * m - _FLOOR * season, 0.0))
        follow.carried = owed - paid
        _remember(room, shape.window, week, season * max(m - m0, 0.0))
    return person.rate * (season * m - paid)


@inlined
def _remember(room: Room, window: int, week: int, lift: float) -> None:
    """Put a lift in the place of the one a window ago, and add the window up again."""
    room.lifts[1 + week % window] = lift
    total = 0.0
    for place in range(1, window + 1):
        total += room.lifts[place]
    room.lifts[0] = total


@compiled
def begins_alive(person: Person, base: Any) -> bool:
    """Tell whether a customer is still there at the start."""
    return uniform(base, 0, ALIVE, 0) < person.alive


@inlined
def leaves(person: Person, assumed: Assumed, room: Room, week: int, base: Any) -> bool:
    """Tell whether a customer leaves at the start of a week."""
    if person.dropout <= 0.0:
        return False
    shape = assumed.shape[0]
    follow = room.follow[0]
    shift = shape.d1 * person.z - shape.d_v * room.x[_BENEFIT] - shape.d_l * room.x[_LOSS]
    if shift != follow.shift:
        follow.shift = shift
        follow.chance = logistic(math.log(person.dropout / (1.0 - person.dropout)) + shift)
    return uniform(base, week, DROPOUT, 0) < follow.chance
