"""What a world is made of: every parameter, with its unit, as data."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Chance = Annotated[float, Field(gt=0, lt=1)]
Cents = Annotated[int, Field(ge=0)]
Weights24 = Annotated[
    tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=24, max_length=24)
]
Dropout = tuple[Positive, Positive]
_ONES = (1.0,)


class Section(BaseModel):
    """A part of the parameters: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Words(Section):
    """A text in both languages."""

    zh: str
    en: str


class ExponentialTiming(Section):
    """Family (a), the BG/NBD's own: exponential gaps, gamma rates, geometric dropout.

    Parameters
    ----------
    rate_shape, rate_scale
        Of the gamma distribution of purchases per operational day; the scale is in days, so that
        the mean rate is shape / scale.
    dropout
        (a, b) of the beta distribution of the probability to leave after a repeat purchase; None
        where nobody leaves.
    """

    family: Literal["exponential"]
    rate_shape: Positive
    rate_scale: Positive
    dropout: Dropout | None = None


class RenewalTiming(Section):
    """Family (b): gamma gaps, log-normal rates, exponential lifetimes that go with the rate.

    Parameters
    ----------
    gap_shape
        Shape of the gamma distribution of gaps: 1 is exponential, above it gaps are regular.
    log_rate_mean, log_rate_sd
        Of the logarithm of purchases per operational day.
    log_churn_mean, log_churn_sd
        Of the logarithm of departures per operational day; mean None where nobody leaves.
    correlation
        Between both logarithms.
    trend_sd
        Standard deviation of customers' trends: change of the log rate in 365 days.
    """

    family: Literal["renewal"]
    gap_shape: Positive
    log_rate_mean: float
    log_rate_sd: Annotated[float, Field(ge=0)]
    log_churn_mean: float | None = None
    log_churn_sd: Annotated[float, Field(ge=0)] = 0
    correlation: Annotated[float, Field(ge=-1, le=1)] = 0
    trend_sd: Annotated[float, Field(ge=0)] = 0


class Entry(Section):
    """When customers buy for the first time.

    Parameters
    ----------
    established
        All customers have bought before the first day; the two other keys are then unused.
        Promotions and campaigns then act from the first purchase in the period on.
    opening_share, opening_days
        Share of the customers who come in the first days, and these days.
    """

    established: bool = False
    opening_share: Share = 0.3
    opening_days: Annotated[int, Field(ge=1)] = 28


class Festival(Section):
    """Days on which more, or less, is bought.

    Parameters
    ----------
    lunar_new_year
        Whether days count from the lunar new year, in place of ``month`` and ``day``.
    first, last
        First and last day, counted from that day, which is 0.
    factor
        By which the rate is multiplied.
    """

    name: Words
    lunar_new_year: bool = False
    month: Annotated[int, Field(ge=1, le=12)] = 1
    day: Annotated[int, Field(ge=1, le=28)] = 1
    first: int = 0
    last: int = 0
    factor: Positive


class Seasons(Section):
    """Factors on the rate of every customer.

    Parameters
    ----------
    months, weekdays
        From January, from Monday.
    hours, weekend_hours
        Weights of the hours of a day.
    trend_per_year
        Growth of the rate in 365 days, as a share of the first day's.
    """

    months: Annotated[tuple[Positive, ...], Field(min_length=12, max_length=12)] = _ONES * 12
    weekdays: Annotated[tuple[Positive, ...], Field(min_length=7, max_length=7)] = _ONES * 7
    hours: Weights24 = _ONES * 24
    weekend_hours: Weights24 = _ONES * 24
    festivals: tuple[Festival, ...] = ()
    trend_per_year: float = 0


class Product(Section):
    """A product: price in cents, weight among its likes, and when it is launched.

    Parameters
    ----------
    launched_after
        Days from the world's start; 0 where it was there before.
    """

    name: Words
    category: str
    price: Annotated[int, Field(ge=1)]
    weight: Positive = 1
    launched_after: Annotated[int, Field(ge=0)] = 0


class Category(Section):
    """A category, the factors of its weight from January on, and how customers speak of it."""

    name: Words
    kind: Literal["food", "drink", "goods"] = "food"
    months: Annotated[tuple[Positive, ...], Field(min_length=12, max_length=12)] = _ONES * 12


class Channel(Section):
    """A way to order."""

    name: Words
    share: Share
    online: bool = False


class Place(Section):
    """A city, the number of its stores, and their weight each."""

    name: Words
    stores: Annotated[int, Field(ge=1)]
    weight: Positive = 1


class Shop(Section):
    """Products, channels and stores.

    Parameters
    ----------
    home_share, channel_share, favourite_share
        Share of orders at the customer's own store and through the own channel, and of lines that
        are the own favourite product; all others are drawn as the shop's shares are.
    """

    categories: dict[str, Category]
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    places: Annotated[tuple[Place, ...], Field(min_length=1)]
    home_share: Share = 0.85
    channel_share: Share = 0.7
    favourite_share: Share = 0

    @model_validator(mode="after")
    def _known_categories(self) -> Shop:
        unknown = sorted({item.category for item in self.products} - set(self.categories))
        if unknown:
            msg = f"categories of products among {', '.join(self.categories)}; not {unknown[0]}"
            raise ValueError(msg)
        if all(item.launched_after for item in self.products):
            msg = "at least one product from the start"
            raise ValueError(msg)
        return self


class Basket(Section):
    """What is in an order.

    Parameters
    ----------
    extra_lines
        m: lines beyond the first are the whole part of an exponential variate of mean m x the
        customer's level, at most ``most_lines`` in all.
    level_shape
        Shape of the gamma distribution of the level, whose mean is 1; None where all are alike.
    second_piece
        Share of lines with two pieces in place of one.
    gap_effect
        m is multiplied by 1 + gap_effect x (gap x rate - 1), gap x rate capped at 3.
    """

    extra_lines: Positive = 0.8
    most_lines: Annotated[int, Field(ge=1, le=32)] = 8
    level_shape: Positive | None = 3
    second_piece: Share = 0.1
    gap_effect: Share = 0


class People(Section):
    """How customers differ beyond rate and churn.

    Parameters
    ----------
    sensitivity
        (a, b) of the beta distribution of price sensitivity.
    attitude_rate_correlation
        Between the attitude and the standardised logarithm of the rate.
    """

    sensitivity: Dropout = (2, 3)
    attitude_rate_correlation: Annotated[float, Field(ge=-1, le=1)] = 0


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


class Construct(Section):
    """A construct of the survey: what it depends on, and its items' loadings."""

    paths: dict[str, float] = Field(default_factory=dict)
    loadings: Annotated[tuple[Share, ...], Field(min_length=1)]


class Survey(Section):
    """A survey out of a structural model.

    Parameters
    ----------
    share
        Of the customers who answer.
    model
        ``common_factor``: a construct causes its items; ``composite``: it is made of them, and
        ``loadings`` gives their number only.
    composite_correlation
        Between the items of a composite.
    constructs
        In causal order; paths are standardised.
    attitude
        Path from the customer's attitude to the first construct.
    mean, sd
        Of the answers on the scale from 1 to 10, before rounding.
    """

    share: Share = 0.1
    model: Literal["common_factor", "composite"] = "common_factor"
    composite_correlation: Share = 0.5
    constructs: dict[str, Construct]
    attitude: Share = 0
    mean: float = 7
    sd: Positive = 1.6

    @model_validator(mode="after")
    def _possible(self) -> Survey:
        known: list[str] = []
        for name, construct in self.constructs.items():
            unknown = sorted(set(construct.paths) - set(known))
            if unknown:
                msg = f"paths of {name} from constructs above it; not {unknown[0]}"
                raise ValueError(msg)
            known.append(name)
        if min(self.unexplained.values()) < 0:
            msg = "paths that explain no more than the whole of a construct"
            raise ValueError(msg)
        return self

    @property
    def unexplained(self) -> dict[str, float]:
        """Variance of each construct that its paths leave over."""
        related: dict[tuple[str, str], float] = {}
        left: dict[str, float] = {}
        for name, construct in self.constructs.items():
            for other in left:
                related[name, other] = related[other, name] = sum(
                    path * related[source, other] for source, path in construct.paths.items()
                )
            related[name, name] = 1.0
            explained = sum(
                path * related[name, source] for source, path in construct.paths.items()
            )
            left[name] = 1 - explained - (0 if left else self.attitude**2)
        return left


class Feedback(Section):
    """Comments on orders.

    Parameters
    ----------
    share
        Of orders with a comment.
    chinese
        Share of comments in Chinese.
    wait_minutes, patience
        Mean waiting time in a store of ordinary speed, and the time above which it is called bad.
    good
        Chance that an aspect mentioned is praised, by aspect; waiting follows from the minutes.
    """

    share: Share = 0.01
    chinese: Share = 0.9
    wait_minutes: Positive = 6
    patience: Positive = 12
    good: dict[Literal["taste", "service", "price", "environment", "packaging"], Share]


class Events(Section):
    """What customers do beside buying, in channels that are online.

    Parameters
    ----------
    tracked
        Share of customers whose visits are logged.
    cart, order
        Share of visits with a cart, and of carts with an order.
    share, refer
        Events per order.
    check_in
        Chance of a check-in on the day after an order of a member.
    """

    tracked: Share = 0.2
    cart: Chance = 0.5
    order: Chance = 0.6
    share: Share = 0.03
    refer: Share = 0.01
    check_in: Share = 0.1


class Market(Section):
    """A household panel over competing brands: NBD purchases, Dirichlet choice.

    Parameters
    ----------
    brands
        Market share by brand; the first is the world's own.
    households
        Of the panel, whatever the number of customers.
    mean, shape
        Of the negative binomial distribution of a household's purchases in the whole period.
    switching
        S of the Dirichlet distribution.
    price, promoted
        Cents by brand, and share of occasions at which a brand is promoted, at a tenth less.
    promotion_effect
        Of a promotion on the logarithm of a brand's weight; 0 keeps the NBD-Dirichlet.
    """

    brands: dict[str, Positive]
    households: Annotated[int, Field(ge=1)] = 1000
    mean: Positive = 12
    shape: Positive = 0.8
    switching: Positive = 1.3
    price: dict[str, Annotated[int, Field(ge=1)]]
    promoted: Share = 0.1
    promotion_effect: float = 0

    @model_validator(mode="after")
    def _priced(self) -> Market:
        if set(self.price) != set(self.brands):
            msg = f"a price of each brand: {', '.join(self.brands)}"
            raise ValueError(msg)
        return self


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
