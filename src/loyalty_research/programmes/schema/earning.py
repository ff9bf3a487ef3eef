"""Keys of a programme file about points: wallets, how points expire, how they are earned."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, model_validator

from loyalty_research.brand.fields import Bilingual, BothTexts, Code, Section, Text
from loyalty_research.programmes.fields import PLACES, Amount, Positive, Rule, Spell, Where

Returns = Literal["within_balance", "negative_balance", "pending_only", "kept"]
Per = Literal["amount", "order", "visit", "item"]
On = Literal["order", "event", "join", "birthday"]


class Expiry(Section):
    """How long points live.

    Parameters
    ----------
    rule
        ``never``; ``fixed``: a time from the day of earning; ``end_of_month``, ``end_of_quarter``,
        ``end_of_year``: the end of that period, ``months`` (``years`` of 12) later; ``inactivity``:
        the whole wallet, a time after the last order or redemption.
    months, days
        The time. ``days: 0`` with ``fixed`` is the day of earning only.
    never_for
        Levels whose points do not expire.
    source, assumed
        As of a rule.
    """

    rule: Literal[
        "never", "fixed", "end_of_month", "end_of_quarter", "end_of_year", "inactivity"
    ] = "never"
    months: Annotated[StrictInt, Field(ge=0, le=1200)] | None = None
    days: Annotated[StrictInt, Field(ge=0, le=36500)] | None = None
    never_for: tuple[Code, ...] = ()
    source: tuple[Text, ...] = ()
    assumed: Bilingual | None = None

    @model_validator(mode="after")
    def _complete(self) -> Expiry:
        timed = self.rule in ("fixed", "inactivity")
        if timed == (self.months is None and self.days is None):
            msg = "months or days with fixed and inactivity, neither with never"
            if timed or self.rule == "never":
                raise ValueError(msg)
        if self.months is not None and self.days is not None:
            msg = "months or days, not both"
            raise ValueError(msg)
        if self.rule.startswith("end_of") and self.days is not None:
            msg = "months, not days, with the end of a period"
            raise ValueError(msg)
        return self


class Wallet(Section):
    """A kind of points: redeemable, qualifying for levels, coins, or stored value.

    Parameters
    ----------
    name
        What its points are called.
    kind
        ``qualifying`` points count for levels and buy nothing; the others are told apart by name.
    decimals
        Smallest unit: 0 for whole points, 2 for hundredths.
    expiry
        How long they live; never-ending where it is left out.
    returns
        What a return takes back of the points it had earned: as much as the balance holds, all (the
        balance may fall below zero), from points still pending only, or nothing.
    """

    name: BothTexts
    kind: Literal["points", "qualifying", "coins", "stored_value"] = "points"
    decimals: Annotated[StrictInt, Field(ge=0, le=PLACES)] = 0
    expiry: Expiry = Field(default_factory=Expiry)
    returns: Returns = "within_balance"


class Cap(Section):
    """Most points a rule gives a member in a period of the calendar, or ever.

    Parameters
    ----------
    points
        That many.
    per
        The period.
    """

    points: Positive
    per: Spell


class Earn(Rule):
    """How points are earned.

    Parameters
    ----------
    wallets
        Wallets that get the points.
    on
        ``order``; ``event`` of the kind ``event``; ``join``; ``birthday`` (the first day of that
        month, once a year).
    event
        Kind of event, as the table events has it.
    per
        ``amount``: for every ``every`` currency units; ``order``; ``visit``: the first order of a
        day; ``item``: for every ``every`` items.
    every
        Currency units, or items, that earn ``points`` once.
    points
        Points for each.
    whole
        Whether only whole multiples of ``every`` count; else in proportion.
    rounding
        To the wallet's smallest unit.
    by_tier
        Points in place of ``points`` for members of a level.
    minimum
        Least amount of the order, in currency units, of the lines that count.
    cap_per_order, cap
        Most points an order, and a period.
    streak
        Every so many days in a row with the event; earns on the day that completes them.
    pending_days
        Days until the points can be used; 0 at once.
    partner
        Who issues them: counts orders and events of that partner only.
    where
        Which lines and orders count; all where it is left out.
    """

    wallets: Annotated[tuple[Code, ...], Field(min_length=1)]
    on: On = "order"
    event: Text | None = None
    per: Per = "amount"
    every: Positive = Field(default=1, validate_default=True)
    points: Amount
    whole: StrictBool = False
    rounding: Literal["down", "nearest", "up"] = "down"
    by_tier: dict[Code, Amount] = Field(default_factory=dict)
    minimum: Amount = Field(default=0, validate_default=True)
    cap_per_order: Positive | None = None
    cap: Cap | None = None
    streak: Annotated[StrictInt, Field(ge=2)] | None = None
    pending_days: Annotated[StrictInt, Field(ge=0, le=3650)] = 0
    partner: Code | None = None
    where: Where = Field(default_factory=Where)

    @model_validator(mode="after")
    def _fitting(self) -> Earn:
        if (self.on == "event") != (self.event is not None):
            msg = "event with on: event, and only there"
            raise ValueError(msg)
        if self.streak and self.on != "event":
            msg = "streak with on: event only"
            raise ValueError(msg)
        if self.on in ("join", "birthday") and self.where != Where():
            msg = "no where with on: join and on: birthday"
            raise ValueError(msg)
        return self


class Conversion(Rule):
    """Points of one wallet turned into another's, as many times as they suffice.

    Parameters
    ----------
    source_wallet, target_wallet
        The wallet that gives, and the one that gets.
    take, give
        Points of the one wallet, and of the other.
    at
        At once, or on the first day of a month, quarter or year.
    """

    source_wallet: Code
    target_wallet: Code
    take: Positive
    give: Positive
    at: Literal["once", "month", "quarter", "year"] = "once"
