"""The order funnel: steps within the window, kinds of days, referrals, each by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_brand, make_events, make_lines, make_orders

from loyalty_research import profile
from loyalty_research.errors import DataError, ParameterError
from loyalty_research.stats import proportion

A, B, C = 1, 2, 3


def at(day: int, hour: int = 12) -> pd.Timestamp:
    return pd.Timestamp("2024-03-01") + pd.Timedelta(days=day, hours=hour)


def events(*rows: tuple[int, int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "kind"])
    return frame.assign(at=[at(day) for day in frame["day"]])


def lines(*rows: tuple[int, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "day"])
    return frame.assign(
        order_id=range(len(frame)),
        ordered_at=[at(day, 13) for day in frame["day"]],
        product_id=0,
        amount=10.0,
    )


def found_in(result) -> dict:
    return {item.id: item for item in result.findings}


EVENTS = events(
    (A, 0, "view"), (A, 0, "cart"),  # ordered on the day
    (A, 5, "view"), (A, 6, "cart"),  # a cart and an order the day after
    (B, 0, " View "), (B, 0, "view"),  # one visit, and nothing more
    (C, 2, "view"),  # ordered without a cart
    (C, 9, "cart"),  # a cart without a view
    (B, 30, "refer"), (B, 31, "refer"), (C, 30, "check_in"),
)  # fmt: skip
LINES = lines((A, 0), (A, 6), (A, 40), (C, 2), (4, 0))  # nobody knows what 4 looked at


def small(window_days: int = 1, **more):
    brand = make_brand(LINES, events=EVENTS, **more)
    return profile.funnel(brand, period=PERIOD, window_days=window_days)


def test_steps_of_the_same_day() -> None:
    steps = small().summary().set_index("step")
    assert steps["visits"].to_dict() == {"view": 4, "cart": 1, "purchase": 1}
    assert steps["customers"].to_dict() == {"view": 3, "cart": 1, "purchase": 1}
    assert steps.loc["cart", "rate"] == pytest.approx(1 / 4)
    assert steps.loc["purchase", "rate"] == pytest.approx(1)
    bounds = proportion(1, 3)
    assert tuple(steps.loc["cart", ["share", "share_low", "share_high"]]) == pytest.approx(
        (bounds.value, bounds.low, bounds.high)
    )


def test_a_longer_window_follows_a_visit_to_the_next_day() -> None:
    steps = small(2).summary().set_index("step")
    assert steps["visits"].to_dict() == {"view": 4, "cart": 2, "purchase": 2}


def test_an_order_before_the_cart_is_not_its_own() -> None:
    brand = make_brand(
        lines((A, 0)), events=events((A, 0, "view"), (A, 1, "cart"), (B, 0, "view"), (B, 0, "cart"))
    )
    steps = profile.funnel(brand, period=PERIOD, window_days=3).summary().set_index("step")
    assert steps["visits"].to_dict() == {"view": 2, "cart": 2, "purchase": 0}


def test_visits_that_cannot_be_followed_are_left_out() -> None:
    until = (PERIOD[0], at(5).date().isoformat())
    brand = make_brand(LINES, events=EVENTS)
    followed = profile.funnel(brand, period=until, window_days=2).summary().set_index("step")
    assert followed.loc["view", "visits"] == 3  # without that of the last day


def test_kinds_of_days_of_customers_with_events() -> None:
    paths = small().frames["paths"].set_index("path")
    assert paths["days"].to_dict() == {
        "view": 2,  # A on day 5, B on day 0
        "view_cart_purchase": 1,
        "cart_purchase": 1,
        "cart": 1,
        "view_purchase": 1,
        "purchase": 1,  # A on day 40; the order of 4 is not among them
    }
    assert paths.loc["view", "customers"] == 2
    assert paths["share_days"].sum() == pytest.approx(1)


def test_acts() -> None:
    acts = small().frames["acts"].set_index("act")
    assert acts["customers"].to_dict() == {"refer": 1, "check_in": 1, "none": 1}
    assert acts.loc["refer", "times_each"] == 2
    assert acts["spend"].to_dict() == {"refer": 0, "check_in": 10, "none": 30}


def test_referred_customers_are_those_whose_source_says_so() -> None:
    source = ["推荐", "Referral ", "store", None] * 20
    customers = pd.DataFrame({"customer_id": range(80), "join_source": source})
    bought = lines(*((who, 0) for who in range(76)))  # the last four never bought
    brand = make_brand(bought, events=EVENTS, customers=customers)
    item = found_in(profile.funnel(brand, period=PERIOD))["funnel_referred"]
    assert (item.estimate, item.base) == (pytest.approx(38 / 57), 57)
    for known, reason in (
        (customers.assign(join_source="store"), "no_referral_source"),
        (customers.drop(columns="join_source"), "no_join_source"),
    ):
        assert found_in(small(customers=known))["funnel_referred"].reason == reason


def test_what_cannot_be_told_is_withheld() -> None:
    without = profile.funnel(make_brand(LINES), period=PERIOD)
    assert [item.reason for item in without.findings] == ["no_events"]
    for kinds, reason in ((["cart"], "no_views"), (["view"], "no_carts"), (["bell"], "no_views")):
        some = EVENTS[EVENTS["kind"].isin(kinds)] if kinds != ["bell"] else EVENTS.assign(kind="x")
        made = profile.funnel(make_brand(LINES, events=some), period=PERIOD)
        assert found_in(made)["funnel_order"].reason == reason
        assert made.charts == ()


def test_wrong_arguments() -> None:
    with pytest.raises(ParameterError, match="window_days"):
        small(0)
    brand = make_brand(LINES, events=EVENTS.drop(columns="kind"))
    with pytest.raises(DataError, match="kind"):
        profile.funnel(brand, period=PERIOD)


def test_planted_shares_are_found() -> None:
    """Simulated visits: the intervals hold the planted shares about as often as they say."""
    to_cart, to_order, worlds, held = 0.4, 0.3, 40, np.zeros(2)
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        who = np.repeat(np.arange(60), 1 + rng.poisson(6, 60))
        visit = pd.DataFrame({"customer_id": who, "day": rng.permutation(len(who)) % 200})
        visit = visit.drop_duplicates()
        cart = visit[rng.random(len(visit)) < to_cart]
        order = cart[rng.random(len(cart)) < to_order]
        kinds = {"view": visit, "cart": cart}
        rows = [(w, d, kind) for kind, some in kinds.items() for w, d in some.to_numpy()]
        brand = make_brand(lines(*map(tuple, order.to_numpy())), events=events(*rows))
        steps = profile.funnel(brand, period=PERIOD).summary().set_index("step")
        for place, (step, truth) in enumerate((("cart", to_cart), ("purchase", to_order))):
            held[place] += steps.loc[step, "rate_low"] <= truth <= steps.loc[step, "rate_high"]
    assert (held / worlds > 0.82).all(), held / worlds


def test_views_and_findings_of_a_shop() -> None:
    orders = make_orders(100, seed=5)
    made = profile.funnel(make_brand(make_lines(orders), events=make_events(orders)), period=PERIOD)
    assert {chart.name for chart in made.charts} == {"steps"}
    assert [view.name for view in made.tables] == ["steps", "paths", "acts"]
    steps = made.summary().set_index("step")
    assert found_in(made)["funnel_order"].estimate == pytest.approx(
        steps.loc["purchase", "visits"] / steps.loc["view", "visits"]
    )
