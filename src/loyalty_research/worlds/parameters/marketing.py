"""What the brand does to sell more: promotions, campaigns, a programme."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from loyalty_research.worlds.parameters.base import Cents, Positive, Section, Share, Words


class Promotion(Section):
    """Days on which a category costs less for everybody.

    Parameters
    ----------
    starts_after, days
        First day, counted from the world's start, and length.
    depth
        Share taken off the list price, in whole percent.
    lift
        The rate is multiplied by 1 + lift x sensitivity.
    pull
        A line goes to the promoted category with probability pull x sensitivity.
    """

    name: Words
    category: str
    starts_after: Annotated[int, Field(ge=0)]
    days: Annotated[int, Field(ge=1)]
    depth: Annotated[int, Field(ge=0, le=99)]
    lift: Annotated[float, Field(ge=0)] = 0
    pull: Share = 0


class Campaign(Section):
    """A coupon sent to some.

    Parameters
    ----------
    starts_after, days
        First day, counted from the world's start, and length.
    target
        What the chance of being reached depends on: ``recency`` (days since the last purchase,
        over 30), ``frequency`` (purchases so far), ``hidden`` (the intent, which no table shows),
        or nothing.
    base, slope
        logit P(reached) = base + slope x target.
    lift
        The rate of those reached is multiplied by 1 + lift.
    intent_effect
        The rate of all is multiplied by exp(intent_effect x intent) in the window.
    holdout
        Share left untouched at random.
    coupon
        Cents off, used by ``used`` of those reached on their first order in the window.
    """

    name: Words
    kind: str = "coupon"
    starts_after: Annotated[int, Field(ge=0)]
    days: Annotated[int, Field(ge=1)]
    target: Literal["random", "recency", "frequency", "hidden"] = "random"
    base: float = 0
    slope: float = 0
    lift: Annotated[float, Field(ge=0)] = 0
    intent_effect: float = 0
    holdout: Share = 0.1
    coupon: Cents = 0
    used: Share = 0


class Rule(Section):
    """What the programme gives.

    Parameters
    ----------
    points_per_unit
        Points for a whole currency unit of an order.
    reward_cost
        Points of one free product.
    thresholds
        Cents in a calendar year that reach each tier above the first; kept to the end of the next.
    """

    points_per_unit: Annotated[int, Field(ge=0)] = 1
    reward_cost: Annotated[int, Field(ge=1)] = 200
    thresholds: tuple[Annotated[int, Field(ge=1)], ...]


class Responses(Section):
    """What members do about it: effects on the logarithm of the rate of the next purchase.

    Parameters
    ----------
    member
        Of being a member.
    points, points_power
        Of g ** power, g = the share of the next reward's points that is there.
    tier, tier_near
        Of being within this share of the next threshold.
    reward, reward_days
        Of having had a reward within these days.
    shifted
        Share of the time gained by points and tier pressure that is given back after the next
        reward or upgrade: 1 where pressure only moves purchases forward.
    slope
        Responses are multiplied by 1 + slope x the standardised log rate, between 0 and 2.
    """

    member: float = 0
    points: float = 0
    points_power: Annotated[int, Field(ge=1, le=4)] = 2
    tier: float = 0
    tier_near: Share = 0.25
    reward: float = 0
    reward_days: Annotated[int, Field(ge=1)] = 28
    shifted: Share = 0
    slope: float = 0


class Programme(Section):
    """A loyalty programme: who joins, what it gives, and what that does.

    Parameters
    ----------
    join_base, join_slope
        logit P(ever joins) = base + slope x standardised log rate.
    join_wait
        Purchases before joining: whole part of an exponential variate of this mean.
    redeem
        Chance to take an affordable reward at an order.
    reward_product
        English name of the product that is free.
    tiers
        Names from the lowest on, one more than thresholds.
    later_rule, rule_change
        The rule of the second half of the period, and whether it comes.
    change_after
        First day of the later rule, counted from the world's start; None for the middle.
    """

    name: Words
    join_base: float = 0
    join_slope: float = 0
    join_wait: Positive = 0.5
    redeem: Share = 0.7
    reward_product: str
    tiers: tuple[Words, ...]
    rule: Rule
    later_rule: Rule | None = None
    rule_change: bool = False
    change_after: Annotated[int, Field(ge=1)] | None = None
    responses: Responses = Field(default_factory=Responses)

    @model_validator(mode="after")
    def _whole(self) -> Programme:
        if self.rule_change and self.later_rule is None:
            msg = "later_rule where rule_change is true"
            raise ValueError(msg)
        for rule in self.rules:
            if len(rule.thresholds) + 1 != len(self.tiers):
                msg = "one more tier than thresholds"
                raise ValueError(msg)
            if list(rule.thresholds) != sorted(set(rule.thresholds)):
                msg = "thresholds that rise"
                raise ValueError(msg)
        return self

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rule, and the later one where it comes."""
        if self.rule_change and self.later_rule is not None:
            return (self.rule, self.later_rule)
        return (self.rule,)
