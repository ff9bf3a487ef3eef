"""Buying again: features from before the cut only, judging by hand, what is claimed."""

from __future__ import annotations

import datetime as dt
from itertools import product

import ibis
import numpy as np
import pandas as pd
import pytest
from proofs._retention_worlds import PERIOD, shop
from value_shops import bought

from loyalty_research.drivers import retention, retention_cuts
from loyalty_research.drivers.retention_cuts import plan_cuts, read_cut
from loyalty_research.drivers.retention_features import customer_features, design, features_at
from loyalty_research.drivers.retention_judge import (
    auc,
    bootstrap_areas,
    calibration_slope,
    gain,
)
from loyalty_research.drivers.retention_rhythm import fit_rhythm
from loyalty_research.errors import DataError, MissingTableError, ParameterError
from loyalty_research.profile.common import Days, valid_orders

CUT = dt.date(2023, 9, 30)


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return shop(5, customers=900, kind="planted")


@pytest.fixture(scope="module")
def planted(orders):
    return retention.next_activity(orders, period=PERIOD)


def value_of(finding, name):
    """Return what a sentence prints under a name."""
    return dict(finding.values)[name].value


def test_features_by_hand(orders) -> None:
    table = valid_orders(orders, "customer_id")
    start = dt.date(2023, 5, 1)
    found = features_at(table, start=start, cut=CUT, recent=30).set_index("customer_id")
    day = orders["ordered_at"].dt.date
    inside = orders[(day >= start) & (day <= CUT)].assign(day=day)
    assert set(found.index) == set(inside["customer_id"])
    late = inside["ordered_at"] > pd.Timestamp(CUT) - pd.Timedelta(days=30)
    for who, rows in list(inside.groupby("customer_id"))[:40]:
        row = found.loc[who]
        assert row["occasions"] == rows["day"].nunique()
        assert row["recent"] == rows.loc[late[rows.index], "day"].nunique()
        assert row["discounted"] == (rows["discount"] > 0).sum()
        assert row["stores"] == rows["store_id"].nunique()
        assert row["weekend"] == (rows["ordered_at"].dt.day_of_week >= 5).sum()
        assert row["net_sales"] == pytest.approx(rows["net_sales"].sum())


def test_later_rows_do_not_move_features(orders) -> None:
    early = orders[orders["ordered_at"] <= pd.Timestamp(CUT)]
    given = {"start": dt.date(2023, 5, 1), "cut": CUT, "recent": 30}
    whole, known = (
        features_at(valid_orders(rows, "customer_id"), **given) for rows in (orders, early)
    )
    pd.testing.assert_frame_equal(whole, known)
    pd.testing.assert_frame_equal(design(whole, cut=CUT), design(known, cut=CUT))


def leaking(full):
    """Return a maker of features that adds the purchases of the weeks to be predicted."""

    def make(before, *, start, cut, recent):
        own = customer_features(before, start=start, cut=cut, recent=recent)
        later = full.filter(full.day > ibis.date(cut))
        later = later.group_by("customer_id").aggregate(ahead=later.count())
        return own.left_join(later, "customer_id").drop("customer_id_right")

    return make


def test_a_planted_leak_is_caught(orders) -> None:
    table = valid_orders(orders, "customer_id")
    with pytest.raises(DataError, match="rows other than the orders up to 2023"):
        retention.next_activity(table, period=PERIOD, features=leaking(table))


def test_a_leak_through_another_table_is_caught(orders) -> None:
    """A table made beforehand may hold anything: it counts as later rows."""
    table = valid_orders(orders, "customer_id")
    totals = ibis.memtable(
        orders.groupby("customer_id", as_index=False).agg(all=("discount", "size"))
    )

    def make(before, *, start, cut, recent):
        own = customer_features(before, start=start, cut=cut, recent=recent)
        return own.left_join(totals, "customer_id").drop("customer_id_right")

    with pytest.raises(DataError, match="rows other than the orders"):
        retention.next_activity(table, period=PERIOD, features=make)


def test_a_day_after_the_cut_is_caught(orders) -> None:
    table = valid_orders(orders, "customer_id")

    def make(before, *, start, cut, recent):
        own = customer_features(before, start=start, cut=cut, recent=recent)
        return own.mutate(next_day=ibis.date("2024-12-31"))

    with pytest.raises(DataError, match="next_day holds 2024-12-31"):
        features_at(table, start=dt.date(2023, 5, 1), cut=CUT, recent=30, make=make)


def test_features_need_customers(orders) -> None:
    table = valid_orders(orders, "customer_id")

    def make(before, **_):
        return before.aggregate(n=before.count())

    with pytest.raises(MissingTableError, match="customer_id"):
        features_at(table, start=dt.date(2023, 5, 1), cut=CUT, recent=30, make=make)


def test_own_features_may_come_from_the_orders_given(orders) -> None:
    def make(before, *, start, cut, recent):
        own = customer_features(before, start=start, cut=cut, recent=recent)
        more = before.group_by("customer_id").aggregate(dearest=before.net_sales.max())
        return own.left_join(more, "customer_id").drop("customer_id_right")

    table = valid_orders(orders, "customer_id")
    frame = features_at(table, start=dt.date(2023, 5, 1), cut=CUT, recent=30, make=make)
    assert "dearest" in design(frame, cut=CUT)


def test_area_counts_pairs() -> None:
    rng = np.random.default_rng(1)
    chance, active = rng.integers(0, 8, 60) / 10 + 0.1, rng.random(60) < 0.4
    pairs = [(a > b) + (a == b) / 2 for a, b in product(chance[active], chance[~active])]
    assert auc(chance, active) == pytest.approx(np.mean(pairs))


def test_bootstrap_takes_whole_customers() -> None:
    """The same rows ten times over are no more customers: the interval stays as wide."""
    rng = np.random.default_rng(2)
    chance, active = rng.random(150) * 0.8 + 0.1, rng.random(150) < 0.5
    who = np.arange(150)
    once = bootstrap_areas({"recency": chance}, active, who, reference="recency").areas["recency"]
    often = bootstrap_areas(
        {"recency": np.tile(chance, 10)}, np.tile(active, 10), np.tile(who, 10), reference="recency"
    ).areas["recency"]
    assert often.base == once.base == 150
    assert (often.low, often.high) == (pytest.approx(once.low), pytest.approx(once.high))


def test_gain_by_hand() -> None:
    active = np.array([True, False, True, False])
    better, plain = np.array([0.8, 0.3, 0.6, 0.1]), np.full(4, 0.5)
    found = gain(better, plain, active, np.array([1, 1, 2, 3]))
    want = np.mean(np.log([0.8, 0.7, 0.6, 0.9])) - np.log(0.5)
    assert found.value == pytest.approx(want)
    assert found.base == 3


def test_slope_of_right_and_of_too_sure_chances() -> None:
    rng = np.random.default_rng(6)
    odds = rng.normal(0, 1.2, 8000)
    active = rng.random(8000) < 1 / (1 + np.exp(-odds))
    right = calibration_slope(1 / (1 + np.exp(-odds)), active, np.arange(8000))
    bold = calibration_slope(1 / (1 + np.exp(-2 * odds)), active, np.arange(8000))
    assert right.low < 1 < right.high
    assert bold.high < 1
    assert bold.value == pytest.approx(right.value / 2, rel=1e-3)


def test_chances_of_the_customer_base_model_are_right() -> None:
    """Nobody leaves, rates are gamma: as many buy as the model says, without having seen them."""
    orders = valid_orders(bought(4, 4000, entry=4), "customer_id")
    plan = plan_cuts(Days(dt.date(2023, 1, 1), dt.date(2024, 12, 28)))
    cut = read_cut(orders, plan, plan.cuts[-1], make=customer_features, sample=None)
    rhythm = fit_rhythm(cut.customers, cut.day)
    chance = rhythm.chance(cut.customers, cut.day, weeks=plan.weeks)
    assert chance.sum() == pytest.approx(cut.active.sum(), rel=0.02)
    seldom = chance < 0.6
    assert chance[seldom].sum() == pytest.approx(cut.active[seldom].sum(), rel=0.06)


def test_cuts_follow_one_another_and_look_back_equally_far() -> None:
    plan = plan_cuts(Days(dt.date(2023, 1, 2), dt.date(2024, 6, 30)))
    assert plan.weeks == 13
    assert [plan.after(cut) for cut in plan.cuts] == [*plan.cuts[1:], plan.end]
    assert plan.start(plan.cuts[0]) == dt.date(2023, 1, 2)
    assert {(cut - plan.start(cut)).days for cut in plan.cuts} == {plan.history - 1}
    assert plan_cuts(Days(dt.date(2024, 1, 1), dt.date(2024, 3, 31))) is None


def test_a_planted_predictor_is_told_as_association(planted) -> None:
    found = {item.id: item for item in planted.findings}
    for name in ("activity_predicted", "activity_beyond", "activity_feature"):
        assert found[name].status == "stated"
    told = found["activity_feature"]
    assert value_of(told, "feature") == "discounted"
    assert value_of(told, "high_chance") < value_of(told, "low_chance")
    ranked = planted.frames["importance"].set_index("feature")["beyond_chance"]
    assert not ranked[["spend", "stores", "channels", "weekend"]].any()


def test_nothing_is_claimed_where_nothing_is() -> None:
    result = retention.next_activity(shop(2, customers=900, kind="alike"), period=PERIOD)
    found = {item.id: item for item in result.findings}
    assert found["activity_predicted"].reason == "recency_enough"
    assert found["activity_beyond"].reason == "rhythm_not_identified"  # all are alike
    assert found["activity_feature"].reason == "no_feature_adds"


@pytest.mark.parametrize("missing", [1, 3, 5])
def test_a_cut_without_a_customer_base_model_is_forecast_without_it(
    orders, monkeypatch, missing
) -> None:
    fitted = []

    def fails_once(customers, cut):
        fitted.append(cut)
        return None if len(fitted) == missing else fit_rhythm(customers, cut)

    monkeypatch.setattr(retention_cuts, "fit_rhythm", fails_once)
    found = retention.next_activity(orders, period=PERIOD)
    assert len(fitted) >= missing
    judged = found.frames["summary"].set_index("predictor")
    assert judged.loc["recency", "loss"] > 0
    assert "rhythm" not in judged.index or missing == 5


def test_too_little_is_said(orders) -> None:
    few = orders[orders["customer_id"] <= 60]
    reasons = [
        retention.next_activity(rows, period=period).findings[0].reason
        for rows, period in ((few, PERIOD), (orders, ("2024-01-01", "2024-03-31")))
    ]
    assert reasons == ["activity_base_too_small", "activity_period_too_short"]
    with pytest.raises(ParameterError, match="weeks"):
        retention.next_activity(orders, period=PERIOD, weeks=0)


def test_lapses_by_hand(orders) -> None:
    """Follow each customer day by day, the obvious and slow way."""
    from loyalty_research.drivers.retention_lapse_rows import follow

    followed = follow(
        valid_orders(orders, "customer_id"), Days(*map(dt.date.fromisoformat, PERIOD))
    )
    days = {
        who: sorted({(day.date() - followed.landmark).days for day in rows})
        for who, rows in orders.groupby("customer_id")["ordered_at"]
    }
    for row in followed.rows.head(120).itertuples():
        last, lapsed = -row.silence, None
        for day in [item for item in days[row.customer_id] if 0 < item <= followed.days]:
            if lapsed is None and day - last > row.allowed:
                lapsed = last + row.allowed
            last = day
        if lapsed is None and last + row.allowed < followed.days:
            lapsed = last + row.allowed
        assert row.event == (lapsed is not None and lapsed < followed.days)
        assert row.time == (max(lapsed, 1) if row.event else followed.days)


def test_lapse_tells_leaving_from_random_buying(orders) -> None:
    found = {item.id: item for item in retention.lapse_times(orders, period=PERIOD).findings}
    assert found["lapse_beyond"].status == "stated"
    hazard = found["lapse_hazard"]
    assert value_of(hazard, "feature") == "discounted"
    assert hazard.low > 1
    alike = retention.lapse_times(shop(1, customers=900, kind="alike"), period=PERIOD)
    reasons = {item.id: item.reason for item in alike.findings}
    assert reasons.get("lapse_beyond", "no_excess_lapse") in {"no_excess_lapse", ""}
