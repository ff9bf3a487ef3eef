"""Keys of a programme file about levels: how they are reached, kept and lost, what they bring."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, model_validator

from loyalty_research.brand.fields import Bilingual, Code, Section, Text
from loyalty_research.programmes.fields import Amount, Count, Positive, Rule, Share


class Window(Section):
    """Over which time the metric of the levels is added up.

    Parameters
    ----------
    kind
        ``calendar``: blocks of ``months`` months that begin with January; ``anniversary``: blocks
        that begin on the day of joining; ``rolling``: the last ``months`` months; ``lifetime``.
    months
        Length of a block, or of the time that rolls.
    """

    kind: Literal["calendar", "anniversary", "rolling", "lifetime"] = "calendar"
    months: Literal[1, 2, 3, 4, 6, 12, 24, 36] = 12


class Validity(Section):
    """How long a level lasts, from the day it is reached.

    Parameters
    ----------
    kind
        ``window``: to the end of the block it is reached in, and ``windows`` blocks more;
        ``months``: for ``months`` months; ``forever``; ``while``: as long as the rolling metric
        is high enough.
    windows, months
        How many.
    """

    kind: Literal["window", "months", "forever", "while"] = "window"
    windows: Annotated[StrictInt, Field(ge=0, le=5)] = 0
    months: Count | None = None

    @model_validator(mode="after")
    def _complete(self) -> Validity:
        if (self.kind == "months") != (self.months is not None):
            msg = "months with kind: months, and only there"
            raise ValueError(msg)
        return self


class Fee(Section):
    """Price of a paid level, and the months it is paid for.

    Parameters
    ----------
    amount
        In currency units.
    months
        It is paid for.
    source
        As of a rule.
    """

    amount: Positive
    months: Count = 12
    source: tuple[Text, ...] = ()


class Level(Rule):
    """A level of membership.

    Parameters
    ----------
    threshold
        Metric at which it is reached; 0 for the lowest; None where it is not reached by the metric.
    requalify
        Metric that keeps it; ``threshold`` where not given.
    granted_by
        Kinds of events that grant it at once: a status match, a card bound.
    fee
        Makes it a paid level.
    for_life_at
        Metric since joining from which it is kept for good.
    """

    threshold: Amount | None = None
    requalify: Amount | None = None
    granted_by: tuple[Text, ...] = ()
    fee: Fee | None = None
    for_life_at: Positive | None = None


class Tiers(Section):
    """How levels are reached, kept and lost.

    Parameters
    ----------
    metric
        ``spend`` in currency units, ``orders``, ``visits`` (days with an order), ``wallet`` (points
        earned in ``wallet``).
    wallet
        The wallet of the metric.
    window
        Over which time the metric is added up.
    upgrade
        At once, or at the end of a block (of a month, for a rolling window).
    validity
        How long a level lasts.
    soft_landing
        Whether who fails to requalify falls by one level only.
    grace_days
        Days that a level lasts on after its end, and that count towards keeping it.
    levels
        In rising order; the first is the base, which every member has.
    source, assumed
        As of a rule.
    """

    metric: Literal["spend", "orders", "visits", "wallet"] = "spend"
    wallet: Code | None = None
    window: Window = Field(default_factory=Window)
    upgrade: Literal["at_once", "period_end"] = "at_once"
    validity: Validity = Field(default_factory=Validity)
    soft_landing: StrictBool = False
    grace_days: Annotated[StrictInt, Field(ge=0, le=366)] = 0
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    source: tuple[Text, ...] = ()
    assumed: Bilingual | None = None


class Benefit(Rule):
    """What a level brings without points.

    Parameters
    ----------
    tiers
        Levels that have it; empty for all members.
    per
        What one use goes with: an order, a month or year of membership, a birthday, reaching the
        level, joining.
    value, cost
        Face value to the member and cost to the brand of one use, in currency units; None where
        unknown.
    take_up
        Share of possible uses that are taken; None where unknown.
    """

    tiers: tuple[Code, ...] = ()
    per: Literal["order", "month", "year", "birthday", "upgrade", "join"]
    value: Amount | None = None
    cost: Amount | None = None
    take_up: Share | None = None
