"""How many points can be gained at most, and how long they live: bounds that hold for everybody."""

from __future__ import annotations

import math
from decimal import Decimal

from loyalty_research.programmes.schema import Earn, Expiry, Programme

_LONGEST_MONTH = 31
_SHORTEST = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}
"""Days of the shortest period of a kind."""
_REST = {"end_of_month": 31, "end_of_quarter": 92, "end_of_year": 366}


def plain(number: Decimal) -> str:
    """Return a number as one would type it: 24, not 24.0 or 2E+1."""
    return f"{number.normalize():f}"


def days_of_months(months: int) -> int:
    """Return the most days that so many months can have."""
    years, rest = divmod(months, 12)
    return years * 366 + rest * _LONGEST_MONTH


def longest_life(expiry: Expiry) -> int | None:
    """Return the most days from earning to the last day of points; None where there is no end."""
    if expiry.rule == "never" or expiry.never_for:
        return None
    time = expiry.days if expiry.days is not None else days_of_months(expiry.months or 0)
    return time + _REST.get(expiry.rule, 1) - 1 if expiry.rule.startswith("end_of") else time


def most_points(programme: Programme, wallet: str, days: int | None) -> Decimal | None:
    """Return the most points a member can earn in a wallet within so many days.

    Parameters
    ----------
    programme
        Whose rules are added up.
    wallet
        Its name; conversions into it have no bound.
    days
        Length of the time; None for ever.

    Returns
    -------
    Decimal or None
        None where there is no bound.
    """
    if any(move.target_wallet == wallet for move in programme.conversions):
        return None
    total = Decimal(0)
    for rule in programme.earn:
        if wallet in rule.wallets:
            most = _most_of(rule, days)
            if most is None:
                return None
            total += most
    return total


def _most_of(rule: Earn, days: int | None) -> Decimal | None:
    highest = max((rule.points, *rule.by_tier.values()))
    if highest == 0:
        return Decimal(0)
    if rule.on == "join":
        return highest
    if rule.on == "birthday" and days is not None:
        return highest * _periods(days, "year")
    if rule.cap is None:
        return None
    if rule.cap.per == "ever":
        return rule.cap.points
    return None if days is None else rule.cap.points * _periods(days, rule.cap.per)


def _periods(days: int, spell: str) -> int:
    """Return how many periods of the calendar so many days in a row can touch."""
    return math.ceil((days - 1) / _SHORTEST[spell]) + 1 if days > 1 else 1
