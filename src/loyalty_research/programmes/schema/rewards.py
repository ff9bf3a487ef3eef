"""Keys of a programme file about rewards, and the partners that take points."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from loyalty_research.brand.fields import BothTexts, Code, Section, Text
from loyalty_research.programmes.fields import Amount, Count, Positive, Rule, Share, Where

RewardKind = Literal[
    "product", "cash", "percent", "voucher", "service", "experience", "donation", "partner"
]


class Limit(Section):
    """Most redemptions of a reward in a period, or of an order.

    Parameters
    ----------
    count
        That many.
    per
        The period, or the order.
    """

    count: Count
    per: Literal["order", "day", "week", "month", "quarter", "year", "ever"]


class Reward(Rule):
    """What points can be turned into.

    Parameters
    ----------
    wallet
        That pays.
    points
        Price in points of ``wallet``; for ``cash`` the price of one step.
    kind
        ``cash`` takes money off the order, step by step; ``percent`` takes ``percent`` off it once;
        the others are things.
    value
        Face value to the member, in currency units; of one step for ``cash``.
    value_is
        ``at_most`` where the source gives a maximum only: results are then upper bounds.
    percent
        Share of the order that ``percent`` takes off.
    cost
        Cost to the brand of one; None where unknown.
    minimum
        Least amount of the order.
    most_of_order
        Largest share of the order that ``cash`` may pay.
    limit
        Most redemptions; none where it is left out.
    partner
        Who takes the points.
    where
        Which orders may redeem; all where it is left out.
    """

    wallet: Code
    points: Positive
    kind: RewardKind
    value: Amount | None = None
    value_is: Literal["exact", "at_most"] = "exact"
    percent: Share | None = None
    cost: Amount | None = None
    minimum: Amount = Field(default=0, validate_default=True)
    most_of_order: Share | None = None
    limit: Limit | None = None
    partner: Code | None = None
    where: Where = Field(default_factory=Where)

    @model_validator(mode="after")
    def _fitting(self) -> Reward:
        if (self.kind == "percent") != (self.percent is not None):
            msg = "percent with kind: percent, and only there"
            raise ValueError(msg)
        if self.kind == "cash" and not self.value:
            msg = "a value above 0 with kind: cash"
            raise ValueError(msg)
        if self.kind != "cash" and self.most_of_order is not None:
            msg = "most_of_order with kind: cash only"
            raise ValueError(msg)
        return self


class Partner(Section):
    """Who else issues or takes the points, and at what price a point is settled.

    Parameters
    ----------
    name
        Who.
    pays_per_point, gets_per_point
        What the partner pays the programme for a point it issues, and gets for one it takes, in
        currency units; None where unknown.
    source
        As of a rule.
    """

    name: BothTexts
    pays_per_point: Amount | None = None
    gets_per_point: Amount | None = None
    source: tuple[Text, ...] = ()
