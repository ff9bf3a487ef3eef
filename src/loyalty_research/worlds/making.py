"""Make a named world, or one without effects."""

from __future__ import annotations

import datetime as dt
from typing import Any

from loyalty_research.worlds import presets
from loyalty_research.worlds.nothing import without_effects
from loyalty_research.worlds.world import World


def make(
    name: str,
    *,
    seed: int | None = None,
    customers: int | None = None,
    start: dt.date | str | None = None,
    end: dt.date | str | None = None,
    **changes: Any,
) -> World:
    """Return a named world; nothing is generated before its tables are asked for.

    Parameters
    ----------
    name
        One of :func:`names`.
    seed
        Of all its random numbers.
    customers
        Who could come; those who would come after the last day do not.
    start, end
        First and last day.
    **changes
        Other parameters, by section: ``programme={"rule_change": True}``.

    Raises
    ------
    ParameterError
        Where there is no such world, or a value is not allowed; lists every problem.

    Examples
    --------
    >>> world = make("bakery", seed=7, customers=50)
    >>> world.truth["points_pressure"].unit
    'log rate'
    """
    given = {"seed": seed, "customers": customers, "start": start, "end": end}
    changes.update({key: value for key, value in given.items() if value is not None})
    return World(name, presets.load(name, changes))


def null(
    name: str = "null", *, seed: int | None = None, customers: int | None = None, **changes: Any
) -> World:
    """Return a world in which nothing has an effect on anything.

    Customers differ in how often and how much they buy; all else is chance. No season, weekday,
    hour, trend, launch, promotion or campaign changes a rate, nobody leaves or comes, and who
    joins, is reached or buys where has nothing to do with what they buy.

    Parameters
    ----------
    name, seed, customers, **changes
        As in :func:`make`; ``name`` is a preset that is made without effects.

    Raises
    ------
    ParameterError
        As :func:`make`.
    """
    world = make(name, seed=seed, customers=customers, **changes)
    return World(name, without_effects(world.parameters))
