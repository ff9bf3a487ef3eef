"""Everything that was planted in a world, with its unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from loyalty_research.worlds.clock import Clock
from loyalty_research.worlds.parameters import ExponentialTiming, Feedback, Parameters
from loyalty_research.worlds.programme import change_day
from loyalty_research.worlds.shop import Store


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted quantity.

    Parameters
    ----------
    value
        As planted.
    unit
        Such as ``1/day``, ``CNY``, ``log rate``, ``share``.
    description
        What it is.
    """

    value: float
    unit: str
    description: str


def truth_of(parameters: Parameters, clock: Clock, store: Store) -> dict[str, Planted]:
    """Return what was planted, by name; names within a list count from 1."""
    found = chain(
        _timing(parameters),
        _seasons(parameters, clock),
        _basket(parameters, store),
        _places(parameters, store),
        _windows(parameters),
        _programme(parameters),
        _rules(parameters, clock),
        _others(parameters),
    )
    return {
        name: Planted(float(value), unit, description) for name, value, unit, description in found
    }


Rows = Iterator[tuple[str, float, str, str]]


def _timing(parameters: Parameters) -> Rows:
    timing = parameters.timing
    yield "customers", parameters.customers, "customers", "customers who could come"
    if isinstance(timing, ExponentialTiming):
        a, b = timing.dropout or (0.0, 1.0)
        yield "rate_shape", timing.rate_shape, "1", "gamma shape of the rates (r)"
        yield "rate_scale", timing.rate_scale, "day", "gamma scale of the rates (alpha)"
        yield "rate_mean", timing.rate_shape / timing.rate_scale, "1/day", "mean rate"
        yield "dropout_a", a, "1", "beta a of the dropout; 0 where nobody leaves"
        yield "dropout_b", b, "1", "beta b of the dropout"
        yield "dropout_mean", a / (a + b), "share", "mean chance to leave after a repeat purchase"
        return
    yield "gap_shape", timing.gap_shape, "1", "gamma shape of the gaps"
    mean = np.exp(timing.log_rate_mean + timing.log_rate_sd**2 / 2)
    yield "rate_mean", mean, "1/day", "mean rate"
    yield "log_rate_sd", timing.log_rate_sd, "log rate", "standard deviation over customers"
    yield "rate_churn_correlation", timing.correlation, "1", "of the logarithms of rate and churn"
    yield "trend_sd", timing.trend_sd, "log rate/year", "standard deviation of customers' trends"


def _seasons(parameters: Parameters, clock: Clock) -> Rows:
    seasons = parameters.seasons
    yield "operational_days", clock.end, "day", "length of the period by the customers' clock"
    for number, factor in enumerate(seasons.months, start=1):
        yield f"month_{number}", factor, "factor", "on the rate in that month"
    for number, factor in enumerate(seasons.weekdays, start=1):
        yield f"weekday_{number}", factor, "factor", "on the rate on that day, 1 is Monday"
    for festival in seasons.festivals:
        name = festival.name.en.lower().replace(" ", "_")
        yield f"festival_{name}", festival.factor, "factor", "on the rate on its days"
    yield "trend", seasons.trend_per_year, "share/year", "growth of every customer's rate"


def _basket(parameters: Parameters, store: Store) -> Rows:
    basket = parameters.basket
    pieces = 1 + basket.second_piece
    yield "pieces_per_line", pieces, "pieces", "mean pieces of a line"
    prices = store.menus @ store.prices / 100
    yield "line_price_first_menu", prices[0], parameters.currency, "mean price of a piece at first"
    yield "gap_effect", basket.gap_effect, "share", "growth of extra lines with one mean gap more"
    coupon = parameters.shop.coupon
    if coupon is not None:
        yield "everyday_coupon", coupon.percent / 100, "share", "it takes off the list price"
        yield (
            "everyday_coupon_base",
            coupon.base,
            "share",
            "of orders that use it at no sensitivity",
        )
        yield "everyday_coupon_slope", coupon.slope, "share", "more at full price sensitivity"


def _places(parameters: Parameters, store: Store) -> Rows:
    known = 1.0 if parameters.entry.established else parameters.entry.established_share
    yield "established_share", known, "share", "customers who bought before the first day"
    yield "stores_opening", int((store.opens > 0).sum()), "stores", "that open within the period"
    later = parameters.shop.later_channels
    for number, channel in enumerate(parameters.shop.channels, start=1):
        yield f"channel_{number}_share", channel.share, "share", "of orders at first, as a weight"
        if later is not None:
            share = later.shares[number - 1]
            yield f"channel_{number}_later_share", share, "share", "of orders later, as a weight"
    if later is not None:
        yield "later_channels_day", later.after, "day", "from which the later shares hold"


def _windows(parameters: Parameters) -> Rows:
    for number, item in enumerate(parameters.promotions, start=1):
        name = f"promotion_{number}"
        yield f"{name}_lift", item.lift, "share", "rate gained by a fully price-sensitive customer"
        yield f"{name}_depth", item.depth / 100, "share", "taken off the list price"
        yield f"{name}_pull", item.pull, "share", "lines a fully price-sensitive customer moves"
    for number, sent in enumerate(parameters.campaigns, start=1):
        name = f"campaign_{number}"
        yield f"{name}_lift", sent.lift, "share", "rate gained in the window by those reached"
        yield f"{name}_slope", sent.slope, "logit", f"of being reached on {sent.target}"
        yield f"{name}_intent", sent.intent_effect, "log rate", "of the hidden intent, on everybody"
        yield f"{name}_holdout", sent.holdout, "share", "left untouched at random"


def _programme(parameters: Parameters) -> Rows:
    programme = parameters.programme
    if programme is None:
        return
    planted = programme.responses
    yield "join_slope", programme.join_slope, "logit", "of joining on the standardised log rate"
    yield "member_effect", planted.member, "log rate", "of being a member"
    yield "points_pressure", planted.points, "log rate", "at a full reward, over none"
    yield "tier_pressure", planted.tier, "log rate", "near the next threshold"
    yield "rewarded_behaviour", planted.reward, "log rate", "in the days after a reward"
    yield "shifted", planted.shifted, "share", "of the time gained by pressure, given back later"
    yield "response_slope", planted.slope, "share", "of responses on the standardised log rate"


def _rules(parameters: Parameters, clock: Clock) -> Rows:
    if parameters.programme is None:
        return
    rules = parameters.programme.rules
    if len(rules) > 1:
        day = change_day(parameters.programme, clock)
        yield "rule_change_day", day, "day", "first day of the later rule, from the world's start"
    for which, rule in enumerate(rules, start=1):
        yield f"rule_{which}_points_per_unit", rule.points_per_unit, "points", "for a currency unit"
        yield f"rule_{which}_reward_cost", rule.reward_cost, "points", "for a free product"
        for tier, threshold in enumerate(rule.thresholds, start=2):
            spend = threshold / 100
            yield f"rule_{which}_tier_{tier}", spend, parameters.currency, "spend that reaches it"


def _others(parameters: Parameters) -> Rows:
    yield "walk_ins", parameters.walk_ins, "orders/day", "of unidentified buyers per customer"
    if parameters.survey is not None:
        for name, construct in parameters.survey.constructs.items():
            for source, path in construct.paths.items():
                yield f"path_{source}_{name}", path, "standardised", "path of the survey's model"
            if parameters.survey.model == "common_factor":
                for number, loading in enumerate(construct.loadings, start=1):
                    yield f"loading_{name}_{number}", loading, "standardised", "of an item"
        if parameters.survey.benefits is not None:
            for name, value in parameters.survey.benefits.utilities.items():
                yield f"benefit_{name}", value, "utility", "of a benefit, mean over customers"
    if parameters.feedback is not None:
        for aspect, share in parameters.feedback.good.items():
            yield f"praise_{aspect}", share, "share", "of mentions that praise the aspect"
        yield from _complaints(parameters.feedback)
    if parameters.events is not None:
        yield "visit_to_cart", parameters.events.cart, "share", "of visits with a cart"
        yield "cart_to_order", parameters.events.order, "share", "of carts with an order"
    if parameters.market is not None:
        yield "switching", parameters.market.switching, "1", "S of the Dirichlet distribution"
        total = sum(parameters.market.brands.values())
        for name, share in parameters.market.brands.items():
            yield f"market_share_{name}", share / total, "share", "of category purchases"


def _complaints(feedback: Feedback) -> Rows:
    yield "complaints_answered", feedback.answered, "share", "of complaints the shop resolves"
    yield "complaint_leave", feedback.complaint_leave, "share", "of complainers who leave over it"
    yield "answer_keeps", feedback.answer_keeps, "share", "of these whom an answer keeps"
    if feedback.fix is not None:
        yield "fix_day", feedback.fix.after, "day", "first day of the fix, from the world's start"
        yield "fix_wait_factor", feedback.fix.wait_factor, "factor", "on waiting times from then on"
