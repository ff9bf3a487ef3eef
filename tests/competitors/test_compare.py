"""What programmes would have paid: by hand, at a stated rate, on the same baskets for all."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from competitors.shop import ORDERS, PERIOD, brand, programme, reward

from loyalty_research.brand.exchange import load_rates
from loyalty_research.brand.tickets import load_tickets
from loyalty_research.competitors import Comparison, compare, others, returns
from loyalty_research.competitors.replays import Outcome, saved_for
from loyalty_research.competitors.scaling import multiplied, ticket_factor
from loyalty_research.errors import BrandFileError, ParameterError

# 2 points for every whole 10 yuan, 3 yuan for 50 points.
YUAN = programme(
    "yuan",
    earn=[
        {
            "id": "spend",
            "name": "spend",
            "wallets": ["points"],
            "every": 10,
            "points": 2,
            "whole": True,
        }
    ],
    rewards=[reward("voucher", 50, value=3)],
)
# A point for a dollar, in hundredths; at most 2 dollars for 10 points, at most 3 for 20.
DOLLAR = programme(
    "dollar",
    currency="USD",
    rewards=[
        reward("small", 10, value=2, value_is="at_most"),
        reward("large", 20, value=3, value_is="at_most"),
    ],
)
SILENT = programme("silent", rewards=[reward("toy", 100), reward("card", 60)])
COFFEE = programme("coffee", trade="coffee", currency="USD")
GROCER = programme("grocer", trade="grocery")
CARD = programme("card", status="card")
ALL = (YUAN, DOLLAR, SILENT, COFFEE, GROCER, CARD)


@pytest.fixture(scope="module")
def shop():
    return brand()


@pytest.fixture(scope="module")
def found(shop) -> Comparison:
    return compare(shop, period=PERIOD, trade="toys", programmes=ALL)


def of(found: Comparison, name: str) -> Outcome:
    return next(item for item in found.outcomes if item.id == name)


def first(outcome: Outcome):
    """Return the row of the customer who bought for 350 yuan."""
    people = outcome.customers
    return people[people["orders"] == 3].iloc[0]


def test_a_year_in_the_brands_own_currency(found) -> None:
    # 100 yuan: 20 points. 200: 20 < 50, nothing taken; 40 more, 60. 50: takes 50 for 3 yuan.
    row = first(of(found, "yuan"))
    assert row["net_sales"] == 350
    assert row["redemptions"] == 1
    assert row["value"] == 3
    # 60 - 50 + 10 = 20 points are left, worth 20 / 50 * 3 yuan.
    assert row["held"] == pytest.approx(1.2)
    assert row["first_days"] == 31  # 10 January to 10 February


def test_a_year_in_another_currency(found) -> None:
    # 7.0809 yuan for a dollar: a yuan is 0.14122499 dollars.
    # 100 yuan: 14.1225 dollars, 14.12 points. 200: takes 10, 4.12 are left; 28.24 more, 32.36.
    # 50: takes 10, 22.36 are left; 7.0612 dollars give 7.06, 29.42 in all.
    rate = load_rates().factor("CNY", "USD")
    assert rate == Decimal("0.14122499")
    row = first(of(found, "dollar"))
    assert row["redemptions"] == 2
    assert row["value"] == pytest.approx(2 * 2 / 0.14122499)
    assert row["held"] == pytest.approx(29.42 * 2 / 10 / 0.14122499)
    assert row["first_days"] == 0
    # 0.2 dollars a point for the small one, 0.15 for the large.
    assert of(found, "dollar").reward.id == "small"


def test_the_reward_saved_for_is_in_reach_of_a_tenth(found) -> None:
    outcome = of(found, "dollar")
    assert outcome.programme.rewards[0] is outcome.reward
    dear = programme("dear", rewards=[reward("small", 10, value=1), reward("huge", 900, value=900)])
    (only,) = compare(brand(), period=PERIOD, trade="toys", programmes=[dear]).outcomes
    assert only.reward.id == "small"  # nobody earned 900


def test_an_unknown_value_is_never_zero(found) -> None:
    outcome = of(found, "silent")
    assert outcome.known == "unknown"
    assert outcome.reward.id == "card"  # the cheapest
    assert np.isnan(outcome.rate)
    result = returns(found)
    own = result.summary().query("id == 'silent'")
    assert own[["value", "rate", "held", "at_once"]].isna().all(axis=None)
    assert own["redemptions"].dropna().tolist() == [0.0, 1.0]  # no third group of three customers


def test_upper_bounds_are_marked(found) -> None:
    assert of(found, "dollar").known == "at_most"
    assert of(found, "yuan").known == "exact"
    result = returns(found)
    names = dict(zip(result.summary()["id"], result.summary()["name_en"], strict=True))
    assert names["dollar"] == "dollar*"
    assert names["yuan"] == "yuan"
    for view in (*result.charts, *result.tables):
        assert "upper_bound" in view.notes
        assert "as_they_were" in view.notes
    exact = compare(brand(), period=PERIOD, trade="toys", programmes=[YUAN])
    assert all("upper_bound" not in view.notes for view in returns(exact).tables)


def test_other_trades_are_only_ever_scaled(found) -> None:
    assert {item.programme.trade for item in found.outcomes} == {"toys"}
    assert all(item.multiple is None for item in found.outcomes)
    assert [(item.id, item.multiple) for item in found.scaled] == [
        ("coffee", 0.5),
        ("coffee", 1.0),
        ("coffee", 2.0),
    ]
    ids = set(returns(found).summary()["id"])
    assert ids == {"yuan", "dollar", "silent"}
    reasons = {item.programme.id: item.reason for item in found.left_out}
    assert reasons == {"grocer": "no_ticket", "card": "card"}
    result = others(found)
    assert set(result.summary()["id"]) == {"coffee"}
    for view in (*result.charts, *result.tables):
        assert "illustrative" in view.notes


def test_the_median_order_becomes_the_multiple_of_the_ticket(found) -> None:
    # The median of 30, 50, 80, 100, 120 and 200 yuan is 90; the ticket of coffee is 20 yuan.
    ticket = load_tickets()["coffee"][0]
    assert (ticket.point.amount, ticket.currency) == (20, "CNY")
    assert found.shop.median_order == 90
    for outcome in found.scaled:
        ratio = outcome.customers["net_sales"] / found.shop.spend["net_sales"]
        assert ratio.to_numpy() == pytest.approx(20 * outcome.multiple / 90, rel=1e-6)


def test_a_scaled_year_by_hand(found) -> None:
    # At the ticket itself: 100 yuan become 22.2222 yuan, 3.1383 dollars. The shop's 350 yuan give
    # 10.98 points: 3.13 + 6.27 + 1.56 = 10.96 after rounding down, in reach after the third order.
    rate = ticket_factor(
        load_tickets()["coffee"][0],
        multiple=Decimal(1),
        median_order=90.0,
        exchange=Decimal("0.14122499"),
    )
    assert rate == Decimal("0.03138333")
    outcome = next(item for item in found.scaled if item.multiple == 1.0)
    row = first(outcome)
    assert row["redemptions"] == 0  # no order after the third
    assert row["first_days"] == 60  # 10 January to 10 March of a leap year


def test_every_programme_sees_the_same_baskets(found) -> None:
    spent = found.shop.spend
    for outcome in found.outcomes:
        assert outcome.customers["customer_id"].tolist() == spent["customer_id"].tolist()
        assert outcome.customers["net_sales"].tolist() == spent["net_sales"].tolist()
    assert spent["net_sales"].sum() == sum(amount for _, _, amount in ORDERS)
    assert spent["orders"].sum() == len(ORDERS)


def test_amounts_are_multiplied_to_ten_thousandths(shop) -> None:
    rows = multiplied(shop.orders, factor=Decimal("0.14122499")).execute()
    assert sorted(rows["net_sales"].astype(str))[:2] == ["11.2980", "14.1225"]


def test_a_currency_without_a_rate_is_one_message() -> None:
    yen = programme("yen", currency="JPY")
    with pytest.raises(BrandFileError) as error:
        compare(brand(), period=PERIOD, trade="toys", programmes=[yen, YUAN])
    (told,) = error.value.problems
    text = str(told)
    assert "JPY" in text
    assert "exchange_rates.yaml" in text
    assert "for_one_base" in text


def test_multiples_are_above_zero() -> None:
    with pytest.raises(ParameterError, match="above 0"):
        compare(brand(), period=PERIOD, programmes=[], multiples=(0.0, 1.0))


def test_only_the_last_year_is_compared() -> None:
    orders = [*ORDERS, (1, "2025-03-10", 70)]
    shop = brand(orders, period=("2024-01-01", "2025-03-31"))
    made = compare(shop, period=("2024-01-01", "2025-03-31"), trade="toys", programmes=[YUAN])
    assert made.days.iso == ("2024-04-01", "2025-03-31")
    assert made.shop.spend["net_sales"].sum() == 100  # 30 in May and 70 in March


def test_saved_for_prefers_the_highest_value_a_point() -> None:
    balances = pd.DataFrame({"wallet": ["points"], "earned": [2500]})
    made = SimpleNamespace(units={"points": 100}, balances=balances)
    tie = programme("tie", rewards=[reward("b", 20, value=4), reward("a", 10, value=2)])
    assert saved_for(tie, made, customers=10, order=50.0).id == "a"  # the cheaper of a tie
    rich = programme("rich", rewards=[reward("dear", 25, value=9), reward("cheap", 2, value=0.1)])
    assert saved_for(rich, made, customers=11, order=50.0).id == "dear"  # nobody earned less
    far = programme("far", rewards=[reward("car", 26, value=9)])
    assert saved_for(far, made, customers=1, order=50.0) is None
