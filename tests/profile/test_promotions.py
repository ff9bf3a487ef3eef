"""Promotions: days and sales by hand, and a truth simulated for who came in during windows."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.errors import ParameterError

WINDOWS = [
    ("618", "2024-06-01", "2024-06-18"),
    ({"zh": "双11", "en": "11.11"}, "2024-11-01", "2024-11-11"),
    ("later", "2025-01-01", "2025-01-31"),  # outside
    ("early", "2023-12-20", "2024-01-05"),  # its first days outside
]
MEMBER_DAYS = {"weekdays": ["friday"], "days_of_month": [8]}


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(200, seed=19)


@pytest.fixture(scope="module")
def result(orders):
    return profile.promotions(orders, period=PERIOD, windows=WINDOWS, member_days=MEMBER_DAYS)


def kind_of(day: dt.date) -> str:
    spans = [
        ("2024-06-01", "2024-06-18"),
        ("2024-11-01", "2024-11-11"),
        ("2024-01-01", "2024-01-05"),
    ]
    if any(start <= day.isoformat() <= end for start, end in spans):
        return "promotion"
    return "member_day" if day.weekday() == 4 or day.day == 8 else "other"


def test_days_and_sales(orders, result) -> None:
    days = [day.date() for day in pd.date_range(*PERIOD)]
    want = pd.Series([kind_of(day) for day in days]).value_counts()
    found = result.summary().set_index("day_type")
    assert found["days"].to_dict() == want.to_dict()
    kinds = orders["ordered_at"].dt.date.map(kind_of)
    sales = orders.groupby(kinds)["net_sales"].sum()
    assert found["net_sales"].to_dict() == pytest.approx(sales.to_dict())
    assert found["share_days"].sum() == pytest.approx(1)
    item = {item.id: item for item in result.findings}["promotion_share"]
    assert item.estimate == pytest.approx(sales["promotion"] / sales.sum())
    values = dict(item.values)
    per_day = sales / want
    assert values["factor"].value == pytest.approx(per_day["promotion"] / per_day["other"])
    assert values["windows"].value == 3


def test_each_window(orders, result) -> None:
    found = result.frames["windows"]
    assert found["name_zh"].tolist() == ["early", "618", "双11"]
    assert found["name_en"].tolist() == ["early", "618", "11.11"]
    assert found["start"].tolist()[0] == PERIOD[0]
    assert found["days"].tolist() == [5, 18, 11]
    inside = orders[orders["ordered_at"].between("2024-06-01", "2024-06-18 23:59")]
    row = found.iloc[1]
    assert (row["orders"], row["buyers"]) == (len(inside), inside["customer_id"].nunique())
    assert row["net_sales"] == pytest.approx(inside["net_sales"].sum())


def test_the_windows_of_a_brand_file() -> None:
    from loyalty_research.brand.schema import MemberDays, Promotion

    orders = make_orders(60, seed=3)
    window = Promotion(name={"zh": "双11", "en": "11.11"}, start="2024-11-01", end="2024-11-11")
    made = profile.promotions(
        orders, period=PERIOD, windows=(window,), member_days=MemberDays(weekdays=("friday",))
    )
    assert made.frames["windows"]["name_zh"].tolist() == ["双11"]
    assert made.summary()["day_type"].tolist() == ["promotion", "member_day", "other"]


def shop(seed: int, inside: float, outside: float, *, people: int = 3000) -> pd.DataFrame:
    """Return new customers of January to June; some come back after 1 to 90 days."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 180, people)
    promotion = (first >= 20) & (first < 60)
    back = rng.random(people) < np.where(promotion, inside, outside)
    second = first + rng.integers(1, 91, people)
    rows = pd.DataFrame({"customer_id": np.arange(people), "day": first})
    rows = pd.concat([rows, rows.assign(day=second)[back]])
    return rows.assign(
        ordered_at=pd.Timestamp(PERIOD[0]) + pd.to_timedelta(rows["day"], unit="D"), net_sales=10.0
    ).drop(columns="day")


SPRING = [("spring", "2024-01-21", "2024-02-29")]


def test_who_came_in_during_promotions_comes_back_less() -> None:
    orders = shop(1, 0.3, 0.5)
    made = profile.promotions(orders, period=PERIOD, windows=SPRING, first_purchase_observed=True)
    item = {item.id: item for item in made.findings}["promotion_second"]
    assert item.low < -0.2 < item.high < 0
    assert item.values["verdict"].value == "True"  # noqa: PD011
    firsts = orders.groupby("customer_id")["ordered_at"].min()
    inside = firsts.between("2024-01-21", "2024-02-29")
    assert item.base == min(inside.sum(), (~inside).sum())
    mine = orders["customer_id"].isin(inside[inside].index)
    assert item.at_stake == orders.loc[mine, "net_sales"].sum()
    # Everybody is followed for 90 days, so the estimate is the plain share.
    counts = orders.groupby("customer_id").size()
    found = made.frames["second"].set_index("acquired_in")
    assert found.loc["promotion", "share_second"] == pytest.approx((counts[inside] > 1).mean())
    assert found.loc["other", "share_second"] == pytest.approx((counts[~inside] > 1).mean())


def test_the_interval_of_the_difference_holds_the_truth_as_often_as_it_says() -> None:
    held = 0
    for seed in range(40):
        made = profile.promotions(
            shop(seed, 0.4, 0.5, people=600),
            period=PERIOD,
            windows=SPRING,
            first_purchase_observed=True,
        )
        item = {item.id: item for item in made.findings}["promotion_second"]
        held += item.low <= -0.1 <= item.high
    assert held >= 34  # 38 of 40 expected; fewer than 34 has a chance of about 1 %


def test_who_is_not_followed_is_censored() -> None:
    late = shop(2, 0.5, 0.5)
    made = profile.promotions(
        late[late["ordered_at"] <= "2024-04-15"],
        period=(PERIOD[0], "2024-04-15"),
        windows=SPRING,
        first_purchase_observed=True,
    )
    found = made.frames["second"].set_index("acquired_in")
    assert found.loc["other", "low"] < 0.5 < found.loc["other", "high"]


def test_without_new_customers_the_second_purchase_is_withheld(orders) -> None:
    made = profile.promotions(orders, period=PERIOD, windows=WINDOWS, first_purchase_observed=False)
    found = {item.id: item.reason for item in made.findings}
    assert found["promotion_second"] == "first_purchase_not_observed"
    assert "second" not in made.frames
    assert found["promotion_share"] == ""


@pytest.mark.parametrize("windows", [(), WINDOWS[2:3]])
def test_no_window_in_the_period(orders, windows) -> None:
    made = profile.promotions(orders, period=PERIOD, windows=windows)
    assert [item.reason for item in made.findings] == ["no_promotions"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"windows": ["618"]}, "windows: found '618'"),
        ({"windows": [("618", "2024-06-18", "2024-06-01")]}, "ends .2024-06-01. before"),
        ({"windows": [("618", "June", "2024-06-01")]}, "windows: found 'June'"),
        ({"member_days": {"weekdays": ["freitag"]}}, "member_days: found freitag"),
        ({"member_days": {"days_of_month": [0, 32]}}, "member_days: found 0, 32"),
    ],
)
def test_wrong_days(orders, given, message) -> None:
    with pytest.raises(ParameterError, match=message):
        profile.promotions(orders, period=PERIOD, **given)


def test_a_window_over_the_whole_period_has_no_ordinary_day_beside_it(orders) -> None:
    made = profile.promotions(orders, period=PERIOD, windows=[("all", *PERIOD)])
    item = {item.id: item for item in made.findings}["promotion_share"]
    assert (item.status, item.reason) == ("withheld", "not_computable")
