"""Kinds of days, fiscal weeks and years beside each other, by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from loyalty_research import profile
from loyalty_research.errors import ParameterError
from loyalty_research.stats.calendar import day_kind

YEARS = ("2023-01-01", "2024-12-31")
NEW_YEAR = {2023: dt.date(2023, 1, 22), 2024: dt.date(2024, 2, 10)}


def daily(start: str, end: str, amount) -> pd.DataFrame:
    """Return one order a day of ``amount(day)``."""
    days = pd.date_range(start, end)
    return pd.DataFrame(
        {
            "order_id": np.arange(len(days)),
            "customer_id": np.arange(len(days)) % 40,
            "ordered_at": days + pd.Timedelta(hours=10),
            "net_sales": [float(amount(day.date())) for day in days],
        }
    )


def lunar(day: dt.date) -> float:
    """Ten a day, a hundred in the two weeks before the lunar new year."""
    new_year = NEW_YEAR[day.year]
    return 100.0 if dt.timedelta(0) < new_year - day <= dt.timedelta(14) else 10.0


@pytest.fixture(scope="module")
def two_years():
    return profile.timing(daily(*YEARS, lunar), period=YEARS, calendar="cn")


def test_the_new_year_is_aligned(two_years) -> None:
    """The same sales a day as far from the new year: no change, though by date there is one."""
    item = {item.id: item for item in two_years.findings}["timing_new_year"]
    values = {name: value.value for name, value in dict(item.values).items()}
    assert item.estimate == pytest.approx(0)
    assert values["weeks"] == 3  # a fourth week before 2023-01-22 is not in the data
    assert values["by_date"] == pytest.approx((14 * 100 + 28 * 10) / (2 * 100 + 40 * 10) - 1)
    assert (values["day"], values["before"]) == ("2024-02-10", "2023-01-22")


def test_months_near_the_new_year_stand_beside_the_aligned_days(two_years) -> None:
    years = two_years.frames["years"].set_index("month")
    assert years.index.tolist() == [f"2024-{month:02d}" for month in range(1, 13)]
    assert years.loc["2024-06", "yoy"] == pytest.approx(0)
    assert years.loc["2024-02", "yoy"] == pytest.approx((9 * 100 + 20 * 10) / 280 - 1)
    # February's days lie as far from the new year as 2023-01-13 to 2023-02-10 did.
    assert years.loc["2024-02", "yoy_lunar"] == pytest.approx(0)
    assert years.loc["2024-03", "yoy_lunar"] == pytest.approx(0)
    assert np.isnan(years.loc["2024-01", "yoy_lunar"])  # some of its days fall before the data
    assert years.loc["2024-04":, "yoy_lunar"].isna().all()


def test_orders_before_the_period_are_the_year_before() -> None:
    orders = daily("2022-12-01", YEARS[1], lambda day: 10.0 if day.year < 2024 else 11.0)
    made = profile.timing(orders, period=("2024-01-01", "2024-12-31"), calendar="cn")
    years = made.frames["years"].set_index("month")
    assert years["yoy"].drop("2024-02").tolist() == pytest.approx([0.1] * 11)
    assert years.loc["2024-01", "yoy_lunar"] == pytest.approx(0.1)
    assert made.summary()["orders"].sum() == 366
    item = {item.id: item for item in made.findings}["timing_new_year"]
    assert item.values["weeks"].value == 4  # noqa: PD011


def test_one_year_has_nothing_to_stand_beside() -> None:
    made = profile.timing(
        daily("2024-01-01", "2024-12-31", lunar), period=("2024-01-01", "2024-12-31"), calendar="cn"
    )
    assert "years" not in made.frames
    assert "timing_new_year" not in {item.id for item in made.findings}


def test_kinds_of_days() -> None:
    worth = {"working_day": 10, "adjusted_working_day": 5, "weekend": 20, "public_holiday": 30}
    period = ("2024-01-01", "2024-12-31")
    made = profile.timing(
        daily(*period, lambda day: worth[day_kind(day)]), period=period, calendar="cn"
    )
    kinds = made.frames["kinds"].set_index("day_kind")
    assert kinds["sales_per_day"].to_dict() == worth
    assert kinds["days"].sum() == 366
    assert kinds.loc["public_holiday", "days"] == 28  # the notices of 2024
    assert kinds.loc["adjusted_working_day", "days"] == 8
    item = {item.id: item for item in made.findings}["timing_holidays"]
    assert item.estimate == 3


def test_days_without_orders_are_days() -> None:
    period = ("2024-03-04", "2024-03-10")  # five working days and a weekend
    orders = daily("2024-03-04", "2024-03-04", lambda _: 35.0)
    kinds = profile.timing(orders, period=period, calendar="cn").frames["kinds"]
    assert kinds.set_index("day_kind")["sales_per_day"].to_dict() == {
        "working_day": 7.0,
        "weekend": 0.0,
    }


@pytest.mark.parametrize(
    ("period", "reason"),
    [
        (("2003-01-01", "2003-12-31"), "calendar_unknown"),
        (("2024-03-01", "2024-03-31"), "no_holiday"),
    ],
)
def test_unknown_holidays_are_not_guessed(period, reason) -> None:
    made = profile.timing(daily(*period, lambda _: 1.0), period=period, calendar="cn")
    item = {item.id: item for item in made.findings}["timing_holidays"]
    assert item.reason == reason
    assert "kinds" not in {chart.name for chart in made.charts}


def test_without_a_calendar_no_holiday_is_read_into_the_days() -> None:
    made = profile.timing(daily(*YEARS, lunar), period=YEARS)
    assert "kinds" not in made.frames
    assert {item.id for item in made.findings} == {"timing_peak", "timing_daypart"}
    assert made.frames["years"]["yoy_lunar"].isna().all()
    printed = {column.name for view in made.tables for column in view.columns}
    assert "yoy_lunar" not in printed


def test_weeks_begin_where_the_brand_says() -> None:
    period = ("2024-04-01", "2024-06-30")
    orders = daily(*period, lambda day: day.day)
    weeks = profile.timing(orders, period=period, week_start=6, fiscal_year_start=4).frames["weeks"]
    first = [dt.date.fromisoformat(day) for day in weeks["first_day"]]
    assert {day.weekday() for day in first} == {6}
    assert first[0] == dt.date(2024, 4, 7)  # the week from 31 March is cut by the period
    assert weeks["fiscal_week"].tolist()[0] == "2024 W02"
    week = orders[orders["ordered_at"].between("2024-04-07", "2024-04-13 23:59")]
    assert weeks["net_sales"].iloc[0] == week["net_sales"].sum()


def test_weekdays_stand_in_the_order_of_the_week() -> None:
    period = ("2024-03-01", "2024-03-31")
    made = profile.timing(daily(*period, lambda _: 1.0), period=period, week_start=6)
    assert made.summary()["weekday"].tolist() == [6, 0, 1, 2, 3, 4, 5]
    (chart,) = [chart for chart in made.charts if chart.name == "hours"]
    assert chart.encode["y_order"] == [6, 0, 1, 2, 3, 4, 5]


def test_an_unknown_calendar() -> None:
    with pytest.raises(ParameterError, match="calendar: found 'us'; allowed: none, cn"):
        profile.timing(daily(*YEARS, lunar), period=YEARS, calendar="us")
