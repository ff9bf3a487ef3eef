"""Categories by month and part of the day: by hand, on a null world, and with a planted season."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_brand
from scipy.stats import binomtest

from loyalty_research import profile
from loyalty_research.profile.preferences_times import _jackknife

DAYS = 366


def shop(seed: int, *, summer: float = 1.0, people: int = 150):
    """Return a made brand whose category ICE is bought ``summer`` times as often in July."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), 30 + rng.poisson(10, people))
    day = rng.integers(0, DAYS, len(who))
    july = pd.DatetimeIndex(pd.Timestamp(PERIOD[0]) + pd.to_timedelta(day, unit="D")).month == 7
    product = rng.integers(0, 3, len(who))
    kept = (product != 0) | (rng.random(len(who)) < np.where(july, 1.0, 1 / summer))
    who, day, product = who[kept], day[kept], product[kept]
    at = pd.Timestamp(PERIOD[0]) + pd.to_timedelta(
        day * 24 + rng.integers(8, 21, len(who)), unit="h"
    )
    lines = pd.DataFrame(
        {
            "order_id": np.arange(len(who)),
            "customer_id": who,
            "ordered_at": at,
            "product_id": product,
            "amount": rng.integers(500, 1500, len(who)) / 100,
        }
    )
    names = pd.DataFrame({"product_id": range(3), "category": ["ICE", "TEA", "CAKE"]})
    return lines, names


def season(result):
    return {item.id: item for item in result.findings}["preference_season"]


def test_index_by_hand() -> None:
    lines, names = shop(1)
    result = profile.preferences(make_brand(lines, names), period=PERIOD)
    ice = lines[lines["product_id"] == 0]
    daily = ice.groupby(ice["ordered_at"].dt.strftime("%Y-%m"))["amount"].sum()
    length = pd.PeriodIndex(daily.index, freq="M").days_in_month
    want = daily / length / (daily.sum() / DAYS)
    found = result.frames["seasons"].query("category == 'ICE'").set_index("month")
    assert found["index"].to_dict() == pytest.approx(want.to_dict())
    people = ice.groupby(ice["ordered_at"].dt.strftime("%Y-%m"))["customer_id"].nunique()
    assert found["customers"].to_dict() == people.to_dict()


def test_jackknife_against_leaving_each_group_out() -> None:
    sales = np.random.default_rng(3).random((20, 4))
    length = np.array([31, 28, 31, 30])
    index, error = _jackknife(sales, length)
    left = []
    for group in range(20):
        rest = np.delete(sales, group, axis=0).sum(axis=0)
        left.append(rest / length / (rest.sum() / length.sum()))
    left = np.array(left)
    assert index == pytest.approx(sales.sum(axis=0) / length / (sales.sum() / length.sum()))
    assert error == pytest.approx(np.sqrt(19 / 20 * ((left - left.mean(axis=0)) ** 2).sum(axis=0)))


def test_without_a_season_none_is_stated_oftener_than_the_level() -> None:
    worlds, stated = 30, 0
    for seed in range(worlds):
        made = profile.preferences(make_brand(*shop(seed)), period=PERIOD)
        stated += season(made).status == "stated"
        if season(made).status != "stated":
            assert season(made).reason == "no_difference"
            assert "preferences.seasons_none" in {chart.key for chart in made.charts}
    assert binomtest(stated, worlds, 0.05, alternative="greater").pvalue > 0.01


def test_a_planted_season_is_found() -> None:
    made = profile.preferences(make_brand(*shop(5, summer=3.0, people=400)), period=PERIOD)
    item = season(made)
    printed = dict(item.values)
    assert (printed["category"].value, printed["month"].value) == ("ICE", "2024-07")
    truth = 3.0 / ((3 * 31 + DAYS - 31) / DAYS)
    assert item.low < truth < item.high


def test_only_whole_months_count() -> None:
    made = profile.preferences(make_brand(*shop(2)), period=("2024-01-02", "2024-05-30"))
    assert made.frames["seasons"]["month"].unique().tolist() == ["2024-02", "2024-03", "2024-04"]
    short = profile.preferences(make_brand(*shop(2)), period=("2024-01-02", "2024-03-30"))
    assert season(short).reason == "period_too_short"


def test_parts_of_the_day() -> None:
    lines, names = shop(4)
    made = profile.preferences(make_brand(lines, names), period=PERIOD)
    found = made.frames["dayparts"].set_index(["category", "daypart"])["share"]
    tea = lines[lines["product_id"] == 1]
    lunch = tea[tea["ordered_at"].dt.hour.between(10, 13)]["amount"].sum()
    assert found["TEA", "lunch"] == pytest.approx(lunch / tea["amount"].sum())
    assert found.groupby("category").sum().tolist() == pytest.approx([1, 1, 1])
    midnight = lines.assign(ordered_at=lines["ordered_at"].dt.normalize())
    made = profile.preferences(make_brand(midnight, names), period=PERIOD)
    assert "dayparts" not in {chart.name for chart in made.charts}
