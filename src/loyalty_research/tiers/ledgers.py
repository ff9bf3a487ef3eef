"""One programme's ledger on a brand's tables: which rows it needs, and who joined when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loyalty_research.engine import collect_one
from loyalty_research.profile.common import Days, as_days
from loyalty_research.programmes.fields import Where
from loyalty_research.programmes.ledger import Ledger
from loyalty_research.programmes.replay import replay as replay_programme
from loyalty_research.programmes.schema import Programme


def replay_on(
    brand: Any,
    programme: Programme,
    *,
    redemption: str = "at_once",
    paid: str | None = None,
    days: Days | None = None,
    joined: Any = None,
) -> Ledger:
    """Return the ledger of one programme; from lines where a rule looks at products."""
    lines = needs_lines(programme) or redemption == "observed"
    own = {level.id for level in (programme.tiers.levels if programme.tiers else ())}
    return replay_programme(
        brand.transactions if lines else brand.orders,
        programme,
        events=brand.events if brand.has("events") and looks_at_events(programme) else None,
        joined=joined,
        customers=brand.customers if _knows_birthdays(brand, programme) else None,
        period=(days or as_days(brand.period)).iso,
        redemption=redemption,
        paid=paid if paid in own else None,
        terms={term: _values(named) for term, named in brand.terms.items()},
        products=brand.products if lines and brand.has("products") else None,
        week_start=brand.context.week_start,
    )


def looks_at_events(programme: Programme) -> bool:
    """Tell whether points are earned or levels granted by events."""
    levels = programme.tiers.levels if programme.tiers else ()
    return any(rule.on == "event" for rule in programme.earn) or any(
        level.granted_by for level in levels
    )


def needs_lines(programme: Programme) -> bool:
    """Tell whether a rule looks at products or counts items."""
    return any(item.needs_lines for item in _conditions(programme)) or any(
        rule.per == "item" for rule in programme.earn
    )


def _conditions(programme: Programme) -> list[Where]:
    """Return the conditions of all rules."""
    return [rule.where for rule in programme.earn] + [item.where for item in programme.rewards]


def joined_days(brand: Any) -> Any:
    """Return who joined and when; None where the brand does not know of anybody."""
    if not brand.has("customers") or "joined_on" not in brand.customers.columns:
        return None
    known = brand.customers.filter(brand.customers.joined_on.notnull())
    if not collect_one(known.aggregate(people=known.count()))["people"]:
        return None
    return known.select("customer_id", "joined_on")


def _values(named: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the brand's own values that a term stands for, whatever column they are in."""
    return tuple(value for values in named.values() for value in values)


def _knows_birthdays(brand: Any, programme: Programme) -> bool:
    asked = any(item.on == "birthday" for item in programme.earn) or any(
        item.birthday_month for item in _conditions(programme)
    )
    return asked and brand.has("customers") and "birthday_month" in brand.customers.columns
