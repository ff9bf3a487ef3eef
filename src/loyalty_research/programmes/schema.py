"""What may stand in a programme file, ``data/programmes/<programme>.yaml``.

docs/ledger.md says what every key does in a replay.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, StrictBool, StrictInt, model_validator

from loyalty_research.brand.fields import Bilingual, BothTexts, Code, Currency, Day, Section, Text
from loyalty_research.programmes.fields import (
    PLACES,
    Amount,
    Count,
    Positive,
    Rule,
    Share,
    Source,
    Spell,
    Where,
)

Status = Literal["replayable", "card"]
Origin = Literal["published", "proposal", "invented"]
Returns = Literal["within_balance", "negative_balance", "pending_only", "kept"]
Per = Literal["amount", "order", "visit", "item"]
On = Literal["order", "event", "join", "birthday"]
RewardKind = Literal[
    "product", "cash", "percent", "voucher", "service", "experience", "donation", "partner"
]


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


class Objective(Section):
    """By what the programme wants to be judged, and the group it is for.

    Parameters
    ----------
    goal
        Keep those who spend most, have light buyers come more often, win a group, or margin.
    group
        In words.
    """

    goal: Literal["retain_high_value", "raise_light_frequency", "win_target_group", "margin"]
    group: BothTexts | None = None


class Mechanic(Rule):
    """A published part that the ledger does not replay: member prices, a partner list, a perk.

    Parameters
    ----------
    topic
        What it is about.
    text
        What it says.
    """

    topic: Literal[
        "earn", "redeem", "expiry", "tiers", "benefit", "member_prices", "partners", "paid",
        "coupons", "stored_value", "birthday", "channels", "behaviour", "history", "other",
    ]  # fmt: skip
    text: Bilingual


class Unknown(Section):
    """What was looked for and not found.

    Parameters
    ----------
    topic
        As of a mechanic.
    what
        In words.
    """

    topic: Text
    what: Bilingual


class Programme(Section):
    """A loyalty programme: how points are earned, kept and burnt, levels, benefits, sources.

    Parameters
    ----------
    name
        What it is called.
    operator
        Who runs it.
    family
        Programmes of one family are states of one programme over time; they never overlap.
    market
        Where it runs.
    trade
        As ``trade`` of a brand file.
    currency
        ISO 4217 code of its amounts.
    origin
        ``published`` rules, a ``proposal`` of one's own, or ``invented`` for a simulated brand.
    status
        ``card``: too little is known to replay it.
    effective_from, effective_to
        First and last day it holds, as far as known.
    verified
        Day of the newest source; of a design, the day it was written.
    wallets
        Kinds of points.
    earn, conversions, tiers, rewards, benefits
        Its rules.
    partners
        Who else issues or takes points.
    objective
        By what it wants to be judged.
    mechanics
        What is published and not replayed.
    unknown
        What was looked for and not found.
    sources
        Pages the rules were read from.
    """

    name: BothTexts
    operator: BothTexts
    family: Code | None = None
    market: BothTexts
    trade: Code
    currency: Currency
    origin: Origin
    status: Status = "replayable"
    effective_from: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    effective_to: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    verified: Day | None = None
    wallets: dict[Code, Wallet] = Field(default_factory=dict)
    earn: tuple[Earn, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    tiers: Tiers | None = None
    rewards: tuple[Reward, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    partners: dict[Code, Partner] = Field(default_factory=dict)
    objective: Objective | None = None
    mechanics: tuple[Mechanic, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    sources: dict[Text, Source] = Field(default_factory=dict)

    _path: Path = PrivateAttr(default=Path("programme.yaml"))

    def model_post_init(self, context: Any) -> None:
        """Keep the path that the loader hands over as validation context."""
        if isinstance(context, dict) and "path" in context:
            self._path = context["path"]

    @property
    def id(self) -> str:
        """Name of its file without the ending."""
        return self._path.stem

    @property
    def path(self) -> Path:
        """The file itself."""
        return self._path
