"""Moves between stages: what decides by hand, calibration, recalibration, and what is withheld."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from proofs._retention_worlds import PERIOD, WEEKS, shop
from scipy.special import logit

from loyalty_research.drivers import retention
from loyalty_research.drivers.retention_cuts import plan_cuts, read_cut
from loyalty_research.drivers.retention_features import customer_features
from loyalty_research.drivers.retention_moves import _Reader
from loyalty_research.drivers.retention_moves_fit import (
    best_shift,
    each_stage,
    fit_stages,
    livelier,
    moves_at,
    quieter,
    shifted,
)
from loyalty_research.drivers.retention_moves_judge import expected_number, judge_moves
from loyalty_research.drivers.retention_stages import stages_at
from loyalty_research.errors import ParameterError
from loyalty_research.profile.common import Days, valid_orders

DAYS = Days(*map(dt.date.fromisoformat, PERIOD))
PLAN = plan_cuts(DAYS)


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return shop(5, customers=2500, kind="steady")


@pytest.fixture(scope="module")
def cuts(orders):
    table = valid_orders(orders, "customer_id")
    return [
        moves_at(read_cut(table, PLAN, day, make=customer_features, sample=None), weeks=PLAN.weeks)
        for day in PLAN.cuts
    ]


@pytest.fixture(scope="module")
def result(orders):
    return retention.stage_moves(orders, period=PERIOD)


def seasonal(seed: int, *, customers: int = 2000, years: int = 3) -> pd.DataFrame:
    """Return purchases whose rate falls by half in the last quarter of every year."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2021-01-01", periods=364 * years)
    high = np.where(np.arange(len(days)) % 364 < 273, 1.0, 0.5)
    rate = rng.gamma(1.5, 1 / 20, customers)
    bought = rng.random((customers, len(days))) < 1 - np.exp(-rate[:, None] * high)
    who, when = np.nonzero(bought)
    return pd.DataFrame(
        {"customer_id": who, "ordered_at": days[when], "net_sales": np.ones(len(who))}
    )


def test_the_days_that_decide_are_those_of_the_stage(orders, cuts) -> None:
    """Follow the last purchase by hand: who buys in none of these days is in the stage."""
    last = orders.groupby("customer_id")["ordered_at"].apply(lambda days: sorted(days))
    for moves in cuts[:2]:
        end = pd.Timestamp(PLAN.after(moves.cut.day))
        for place in (1, 2, 3):
            can = moves.stages.if_silent >= place
            assert not (moves.stages.after >= place)[~can].any()
            for row in np.flatnonzero(can)[:150]:
                who = moves.cut.customers["customer_id"].iloc[row]
                first = end - pd.Timedelta(days=float(moves.stages.watched[place - 1, row]) - 1)
                bought = any(first <= day <= end for day in last[who])
                assert (moves.stages.after[row] >= place) == (not bought)


def test_stages_afterwards_by_hand(orders, cuts) -> None:
    cut = cuts[0].cut
    stages = stages_at(cut, weeks=PLAN.weeks)
    assert (stages.if_silent >= stages.now).all()
    assert (stages.after[~cut.active] == stages.if_silent[~cut.active]).all()
    day = pd.to_datetime(orders["ordered_at"])
    ahead = orders[(day > pd.Timestamp(cut.day)) & (day <= pd.Timestamp(PLAN.after(cut.day)))]
    assert cut.active.tolist() == cut.customers["customer_id"].isin(ahead["customer_id"]).tolist()


def test_chances_of_stages_add_up(cuts) -> None:
    for name in ("stage", "recency", "rhythm"):
        reach = fit_stages(cuts[:2], name=name).reach(cuts[2])
        stages = cuts[2].stages
        each = each_stage(reach)
        assert (each >= 0).all()
        assert each.sum(axis=0) == pytest.approx(1)
        stay = each[stages.now, np.arange(len(stages.now))]
        down, up = quieter(reach, stages), livelier(reach, stages)
        assert stay + down + up == pytest.approx(1)
        assert (down[stages.if_silent == stages.now] == 0).all()
        assert (up[stages.now == 0] == 0).all()


def test_base_rates_are_the_shares_by_stage(cuts) -> None:
    reach = fit_stages(cuts[:1], name="stage").reach(cuts[0])
    stages = cuts[0].stages
    for now in range(3):
        own = (stages.now == now) & (stages.if_silent > now)
        share = (stages.after > now)[own].mean()
        assert reach[now + 1, own] == pytest.approx(share, abs=0.02)


def test_a_shift_makes_as_many_as_came(cuts) -> None:
    curves = fit_stages(cuts[:1], name="rhythm")
    plain = curves.reach(cuts[2])
    by = best_shift(curves, cuts[2])
    came = sum((cuts[2].stages.after >= place).sum() for place in (1, 2, 3))
    assert shifted(plain, by)[1:].sum() == pytest.approx(came, rel=1e-3)
    inner = (plain > 0) & (plain < 1)
    assert logit(shifted(plain, by)[inner]) - logit(plain[inner]) == pytest.approx(by)
    assert (shifted(plain, by)[~inner] == plain[~inner]).all()


def test_forecasts_know_nothing_of_later_purchases(orders) -> None:
    """The chances of the weeks ahead are the same when the later rows are not there."""
    early = orders[orders["ordered_at"] <= pd.Timestamp(PLAN.cuts[-1])]
    period = (PERIOD[0], PLAN.cuts[-1].isoformat())
    whole, known = (
        retention.stage_moves(rows, period=period).table.to_pandas() for rows in (orders, early)
    )
    pd.testing.assert_frame_equal(whole, known)


def test_moves_are_counted_from_the_persons(result) -> None:
    people = result.table.to_pandas()
    moves = result.frames["summary"].set_index("stage")
    by = people.groupby("stage").agg(n=("stage", "size"), q=("chance_quieter", "sum"))
    assert moves["customers"].to_dict() == by["n"].to_dict()
    for stage in moves.index:
        assert moves.loc[stage, "quieter"] == pytest.approx(by.loc[stage, "q"])
    assert people["chance_quieter"].between(0, 1).all()
    assert set(people["forecast_weeks"]) == {PLAN.weeks}
    assert moves.loc["lost", "quieter"] == 0
    (told,) = [item for item in result.findings if item.id == "moves_quieter"]
    assert told.estimate == pytest.approx(moves["quieter"].sum())
    assert told.low < told.estimate < told.high


def test_where_nothing_changes_forecasts_are_calibrated(result) -> None:
    windows = result.frames["windows"]
    assert windows["ratio"].between(0.85, 1.15).all()
    (slope,) = [item for item in result.findings if item.id == "moves_calibrated"]
    assert 0.8 < slope.estimate < 1.25
    assert slope.high - slope.low < 0.5
    scores = result.frames["scores"].set_index("predictor")
    assert scores.loc["rhythm", "brier"] < scores.loc[["stage", "recency"], "brier"].min()
    assert scores.loc["rhythm", "skill_low"] > 0


def test_the_interval_holds_the_errors_of_windows(cuts) -> None:
    judged = judge_moves(cuts, year_ago=[None] * 3, ahead_has_year=False)
    chance = np.full(4000, 0.3)
    found = expected_number(chance, judged)
    off = np.mean([(ratio - 1) ** 2 for ratio in judged.ratios])
    error = np.sqrt(4000 * 0.21 + 1200**2 * off)
    assert found.high - found.value == pytest.approx(3.182446 * error, rel=1e-5)


@pytest.fixture(scope="module")
def of_seasons():
    return retention.stage_moves(seasonal(1), period=("2021-01-01", "2023-12-28"))


def test_the_year_before_mends_a_season(of_seasons) -> None:
    """Quiet last quarters: without the year before far too few are forecast to be quieter."""
    tried = of_seasons.frames["tried"].set_index("kind")
    assert tried.loc["season", "used"]
    assert tried.loc["season", "windows"] == 2  # the first has less than three quarters before it
    assert tried.loc["season", "ratio_plain"] > 1.25
    assert tried.loc["season", "ratio"] == pytest.approx(1, abs=0.2)
    assert not tried.loc["recent", "used"]


def test_a_season_seen_once_is_refused() -> None:
    """With two years less a quarter nothing tells the season, and the forecast is withheld."""
    orders = seasonal(1, years=2)
    result = retention.stage_moves(orders, period=("2021-04-01", "2022-12-29"))
    assert result.table is None
    assert result.findings[0].status == "withheld"
    assert result.frames["windows"]["ratio"].max() > 1.25
    assert "season" not in set(result.frames["tried"]["kind"])
    assert not any(view.name == "moves" for view in result.tables)


def test_the_year_before_needs_history_and_lies_before_the_cut(orders) -> None:
    table = valid_orders(orders, "customer_id")
    plan = plan_cuts(Days(dt.date(2021, 1, 1), dt.date(2022, 12, 30)))
    reader = _Reader(table, plan, Days(dt.date(2021, 1, 1), dt.date(2022, 12, 30)), 1000)
    assert [reader.reaches(day - dt.timedelta(weeks=52)) for day in plan.cuts] == [
        False,
        False,
        False,
        True,
    ]
    long = plan_cuts(Days(dt.date(2000, 1, 1), dt.date(2022, 12, 30)), weeks=60)
    reader = _Reader(table, long, Days(dt.date(2000, 1, 1), dt.date(2022, 12, 30)), 1000)
    assert not reader.reaches(long.end)  # its weeks would reach beyond the cut


def test_too_little_is_said(orders) -> None:
    few = orders[orders["customer_id"] <= 90]
    alike = shop(2, customers=900, kind="alike")
    asked = ((few, PERIOD), (orders, ("2024-01-01", "2024-03-31")), (alike, PERIOD))
    found = [retention.stage_moves(rows, period=period) for rows, period in asked]
    assert [item.findings[0].reason for item in found] == [
        "activity_base_too_small",
        "activity_period_too_short",
        "rhythm_not_identified",
    ]
    assert all(item.table is None for item in found)
    with pytest.raises(ParameterError, match="weeks"):
        retention.stage_moves(orders, period=PERIOD, weeks=0)


def test_weeks_of_the_shop() -> None:
    assert PLAN.weeks == WEEKS // 6
