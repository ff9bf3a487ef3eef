"""What rules ask of an entry: the engine answers, so that the ledger's loop sees numbers only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from loyalty_research.programmes.fields import Where
from loyalty_research.programmes.schema import Earn, Programme, Reward

Terms = Mapping[str, tuple[str, ...]]
NAMED = {"categories": "category", "not_categories": "category", "products": "product_id",
         "channels": "channel", "not_channels": "channel", "stores": "store_id"}  # fmt: skip
"""Conditions that name values of the brand, and the column these stand in."""
GOODS = ("categories", "products", "not_categories")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to an entry; rules that ask the same share a column.

    Parameters
    ----------
    about
        ``amount``, ``items``, ``order`` or ``visit`` of an order; ``event`` or ``event_amount``;
        ``reward``.
    where
        Without levels and birthdays, which the ledger itself looks at.
    minimum
        In currency units.
    event, partner
        Kind of the event, and whose entry it must be.
    """

    about: Literal["amount", "items", "order", "visit", "event", "event_amount", "reward"]
    where: Where
    minimum: Decimal | int = 0
    event: str | None = None
    partner: str | None = None

    @property
    def goods(self) -> Where | None:
        """The conditions on products alone; None where there are none, or for events."""
        if not self.where.needs_lines or self.about.startswith("event"):
            return None
        return Where(**{name: getattr(self.where, name) for name in GOODS})


def asks_of(programme: Programme) -> dict[str, Ask]:
    """Return what each rule or reward asks, by its id; those that ask nothing are left out."""
    asks = {rule.id: _of_rule(rule) for rule in programme.earn if rule.on in ("order", "event")}
    for reward in programme.rewards:
        ask = _of_reward(reward)
        if ask.where != Where() or ask.minimum:
            asks[reward.id] = ask
    return asks


def columns_of(programme: Programme) -> tuple[Ask, ...]:
    """Return the distinct questions, in the order of their columns."""
    return tuple(dict.fromkeys(asks_of(programme).values()))


def _of_rule(rule: Earn) -> Ask:
    where = _plain(rule.where)
    if rule.on == "event":
        about: Literal["event", "event_amount"] = (
            "event_amount" if rule.per == "amount" else "event"
        )
        return Ask(about, where, rule.minimum, rule.event, rule.partner)
    return Ask("items" if rule.per == "item" else rule.per, where, rule.minimum, None, rule.partner)


def _of_reward(reward: Reward) -> Ask:
    return Ask("reward", _plain(reward.where), reward.minimum)


def _plain(where: Where) -> Where:
    return where.model_copy(update={"tiers": (), "birthday_month": False})


def own_values(named: tuple[str, ...], terms: Terms) -> list[str]:
    """Return the brand's own values that names or terms stand for."""
    return sorted({str(value) for name in named for value in terms.get(name, (name,))})


def names_used(programme: Programme) -> Iterator[tuple[str, str, str]]:
    """Yield the id of a rule, the condition, and each name in it."""
    orders = [rule for rule in programme.earn if rule.on == "order"]
    rules: list[Earn | Reward] = [*orders, *programme.rewards]
    for rule in rules:
        for condition in NAMED:
            for name in getattr(rule.where, condition):
                yield rule.id, condition, name
