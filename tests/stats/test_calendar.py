"""Kinds of days against the published notices, the lunar new year, and fiscal weeks."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_research.stats.calendar import KNOWN_YEARS, day_kind, fiscal_week, lunar_new_year

KINDS = {
    "2023-01-21": "public_holiday",  # eve of the lunar new year, a day off that year
    "2023-01-22": "public_holiday",
    "2023-01-28": "adjusted_working_day",  # Saturday
    "2023-09-29": "public_holiday",  # Mid-autumn and National Day together
    "2023-10-06": "public_holiday",
    "2023-10-07": "adjusted_working_day",
    "2024-02-04": "adjusted_working_day",  # Sunday
    "2024-02-09": "working_day",  # the eve was no holiday by notice in 2024
    "2024-02-10": "public_holiday",
    "2024-02-17": "public_holiday",
    "2024-02-18": "adjusted_working_day",
    "2024-02-24": "weekend",
    "2024-05-01": "public_holiday",
    "2024-10-01": "public_holiday",
    "2024-10-07": "public_holiday",
    "2024-10-08": "working_day",
    "2024-10-12": "adjusted_working_day",
    "2025-01-26": "adjusted_working_day",
    "2025-01-28": "public_holiday",
    "2025-01-29": "public_holiday",
    "2025-02-04": "public_holiday",
    "2025-02-08": "adjusted_working_day",
    "2025-10-08": "public_holiday",
    "2025-10-11": "adjusted_working_day",
    "2025-11-11": "working_day",
}


@pytest.mark.parametrize(("day", "kind"), KINDS.items())
def test_days_of_the_notices(day, kind) -> None:
    assert day_kind(dt.date.fromisoformat(day)) == kind


@pytest.mark.parametrize("year", [KNOWN_YEARS[0] - 1, KNOWN_YEARS[1] + 1])
def test_other_years_are_not_guessed(year) -> None:
    assert {day_kind(dt.date(year, 10, day)) for day in range(1, 32)} == {"unknown"}


@pytest.mark.parametrize(
    ("year", "day"),
    [(2023, "2023-01-22"), (2024, "2024-02-10"), (2025, "2025-01-29"), (2026, "2026-02-17")],
)
def test_lunar_new_year(year, day) -> None:
    assert lunar_new_year(year) == dt.date.fromisoformat(day)


@pytest.mark.parametrize("year", [1899, 2100])
def test_no_lunar_new_year_beyond_the_tables(year) -> None:
    assert lunar_new_year(year) is None


@pytest.mark.parametrize(
    ("day", "week_start", "month", "week"),
    [
        ("2024-01-01", 0, 1, (2024, 1)),  # a Monday
        ("2023-12-31", 0, 1, (2023, 53)),
        ("2023-12-31", 6, 1, (2024, 1)),  # a Sunday: the week that holds 1 January
        ("2024-04-01", 0, 4, (2024, 1)),
        ("2024-03-31", 0, 4, (2023, 53)),
        ("2024-04-08", 0, 4, (2024, 2)),
    ],
)
def test_fiscal_weeks(day, week_start, month, week) -> None:
    found = fiscal_week(dt.date.fromisoformat(day), week_start=week_start, fiscal_year_start=month)
    assert found == week


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2060, 1, 1)),
    st.integers(0, 6),
    st.integers(1, 12),
)
def test_a_week_is_seven_days_from_its_start(day, week_start, month) -> None:
    first = day - dt.timedelta(days=(day.weekday() - week_start) % 7)
    week = {
        fiscal_week(first + dt.timedelta(days=n), week_start=week_start, fiscal_year_start=month)
        for n in range(7)
    }
    assert len(week) == 1
    year, number = week.pop()
    after = fiscal_week(
        first + dt.timedelta(days=7), week_start=week_start, fiscal_year_start=month
    )
    assert after in {(year, number + 1), (year + 1, 1)}
    assert 1 <= number <= 53
