"""Keys of a programme file itself, and what it says of its purpose and its gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from loyalty_research.brand.fields import Bilingual, BothTexts, Code, Currency, Day, Section, Text
from loyalty_research.programmes.fields import Rule, Source
from loyalty_research.programmes.schema.earning import Conversion, Earn, Wallet
from loyalty_research.programmes.schema.levels import Benefit, Tiers
from loyalty_research.programmes.schema.rewards import Partner, Reward

Status = Literal["replayable", "card"]
Origin = Literal["published", "proposal", "invented"]


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
