"""Everything a world is made of."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from loyalty_research.worlds.parameters.base import Section, Words
from loyalty_research.worlds.parameters.marketing import Campaign, Programme, Promotion
from loyalty_research.worlds.parameters.shop import Basket, People, Shop
from loyalty_research.worlds.parameters.timing import (
    Entry,
    ExponentialTiming,
    RenewalTiming,
    Seasons,
)
from loyalty_research.worlds.parameters.voices import Events, Feedback, Market, Survey


class Parameters(Section):
    """Everything a world is made of.

    Parameters
    ----------
    walk_ins
        Orders of unidentified buyers per customer and operational day.
    """

    title: Words
    trade: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    audience_word: Literal["会员", "顾客", "客户"] = "顾客"
    language: Literal["zh", "en"] = "zh"
    currency: str = "CNY"
    timezone: str = "Asia/Shanghai"
    seed: int = 1
    customers: Annotated[int, Field(ge=1, le=50_000_000)]
    start: dt.date
    end: dt.date
    timing: Annotated[ExponentialTiming | RenewalTiming, Field(discriminator="family")]
    entry: Entry = Field(default_factory=Entry)
    seasons: Seasons = Field(default_factory=Seasons)
    shop: Shop
    basket: Basket = Field(default_factory=Basket)
    people: People = Field(default_factory=People)
    walk_ins: Annotated[float, Field(ge=0)] = 0
    promotions: tuple[Promotion, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    programme: Programme | None = None
    survey: Survey | None = None
    feedback: Feedback | None = None
    events: Events | None = None
    market: Market | None = None

    @model_validator(mode="after")
    def _sound(self) -> Parameters:
        if self.end < self.start:
            msg = "an end on or after the start"
            raise ValueError(msg)
        listed: list[Promotion | Campaign] = [*self.promotions, *self.campaigns]
        windows = sorted((item.starts_after, item.starts_after + item.days) for item in listed)
        for (_, ends), (starts, _) in pairwise(windows):
            if starts < ends:
                msg = "promotions and campaigns that do not overlap"
                raise ValueError(msg)
        self._check_references()
        return self

    def _check_references(self) -> None:
        there = {item.category for item in self.shop.products if not item.launched_after}
        for promotion in self.promotions:
            if promotion.category not in there:
                msg = f"promotions of categories sold from the start: {', '.join(sorted(there))}"
                raise ValueError(msg)
        names = {item.name.en for item in self.shop.products if not item.launched_after}
        if self.programme is not None and self.programme.reward_product not in names:
            msg = f"a reward_product among {', '.join(sorted(names))}"
            raise ValueError(msg)
