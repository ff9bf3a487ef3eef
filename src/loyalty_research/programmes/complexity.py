"""How many rules a member has to know."""

from __future__ import annotations

from dataclasses import dataclass, fields

from loyalty_research.programmes.fields import Where
from loyalty_research.programmes.schema import Earn, Level, Programme, Reward, Tiers

NOT_RULES = ("history", "channels", "other")
"""Topics of mechanics that a member need not know to collect and spend."""


@dataclass(frozen=True, slots=True)
class Complexity:
    """Number of rules a member of a programme has to know, by part.

    Parameters
    ----------
    earn
        One for each rule of earning.
    exceptions
        One for each limit or condition of a rule of earning or of a reward: whole multiples,
        minimum, cap, cap of an order, waiting time, streak, partner, share of the order, limit,
        every key under ``where``, and a rate of its own for a level.
    expiry
        One for each kind of points that expires, and one more where levels are spared.
    levels
        Two for what counts and how long a level lasts; one for each level above the base, each
        threshold for keeping that differs, each event that grants a level, each level for life,
        soft landing, grace, and upgrades at the end of a period.
    rewards, benefits, conversions, fees
        One for each.
    others
        One for each published part that is not replayed, such as member prices; history, channels
        and conditions of entry are not counted.
    """

    earn: int
    exceptions: int
    expiry: int
    levels: int
    rewards: int
    benefits: int
    conversions: int
    fees: int
    others: int

    @property
    def total(self) -> int:
        """Sum of all parts."""
        return sum(getattr(self, part.name) for part in fields(self))


def complexity(programme: Programme) -> Complexity:
    """Count the rules a member of a programme has to know.

    Parameters
    ----------
    programme
        As read by :func:`loyalty_research.programmes.load_programme`.

    Returns
    -------
    Complexity
        By part; ``total`` is their sum. What is unknown of a programme is not counted, so that a
        card's count is a lower bound.
    """
    levels = programme.tiers.levels if programme.tiers else ()
    exceptions = sum(_of_earning(rule) for rule in programme.earn)
    exceptions += sum(_of_reward(reward) for reward in programme.rewards)
    return Complexity(
        earn=len(programme.earn),
        exceptions=exceptions,
        expiry=sum(_of_expiry(programme, name) for name in programme.wallets),
        levels=_of_levels(programme.tiers) if programme.tiers and len(levels) > 1 else 0,
        rewards=len(programme.rewards),
        benefits=len(programme.benefits),
        conversions=len(programme.conversions),
        fees=sum(level.fee is not None for level in levels),
        others=sum(item.topic not in NOT_RULES for item in programme.mechanics),
    )


def _of_earning(rule: Earn) -> int:
    single = (
        rule.whole and rule.every != 1,
        rule.minimum,
        rule.cap_per_order,
        rule.cap,
        rule.streak,
        rule.pending_days,
        rule.partner,
    )
    return sum(map(bool, single)) + len(rule.by_tier) + _of_where(rule.where)


def _of_reward(reward: Reward) -> int:
    single = (reward.minimum, reward.most_of_order is not None, reward.limit, reward.partner)
    return sum(map(bool, single)) + _of_where(reward.where)


def _of_where(where: Where) -> int:
    return sum(bool(getattr(where, name)) for name in Where.model_fields)


def _of_expiry(programme: Programme, wallet: str) -> int:
    expiry = programme.wallets[wallet].expiry
    return 0 if expiry.rule == "never" else 1 + bool(expiry.never_for)


def _of_levels(tiers: Tiers) -> int:
    whole = 2 + tiers.soft_landing + bool(tiers.grace_days) + (tiers.upgrade == "period_end")
    return whole + sum(_of_level(level) for level in tiers.levels[1:])


def _of_level(level: Level) -> int:
    kept_apart = level.requalify is not None and level.requalify != level.threshold
    return 1 + kept_apart + len(level.granted_by) + (level.for_life_at is not None)
