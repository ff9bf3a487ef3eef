"""Weeks of calibration and holdout, what is counted in them, and the supermarket's trap."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from results.analyses import supermarket
from value_shops import PERIOD, START, bought

from loyalty_research.profile import clv
from loyalty_research.profile.clv.choice import choose, score_table
from loyalty_research.profile.clv.holdout import (
    count_windows,
    repeat_last,
    segment_mean,
    weekly_actual,
    weekly_expected,
)
from loyalty_research.profile.clv.windows import SHORTEST, split_weeks
from loyalty_research.profile.common import Days, as_days

CLOSE = 1e-9
YEAR = ("2017-01-01", "2017-12-31")


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return bought(5, 400, dropout=(0.7, 5.0), entry=60)


@pytest.mark.parametrize(
    ("period", "observed", "weeks"),
    [
        (YEAR, False, (8, 22, 22)),
        (("1997-01-01", "1998-06-30"), True, (0, 39, 39)),
        (("2023-01-01", "2024-12-31"), True, (0, 52, 52)),
        (("2024-01-01", "2024-04-28"), True, (0, 9, 8)),
    ],
)
def test_weeks_of_a_period(period, observed, weeks) -> None:
    found = split_weeks(as_days(period), first_purchase_observed=observed)
    assert (found.warm_up, found.calibration, found.holdout) == weeks
    assert found.end == as_days(period).end


@given(st.integers(1, 1200), st.booleans())
def test_windows_follow_each_other(length, observed) -> None:
    days = Days(dt.date(2023, 3, 4), dt.date(2023, 3, 4) + dt.timedelta(days=length - 1))
    found = split_weeks(days, first_purchase_observed=observed)
    if found is None:
        assert length // 7 < 2 * SHORTEST + (0 if observed else length // 7 // 7 + 1)
        return
    assert found.holdout >= SHORTEST
    assert found.calibration - found.holdout in ({0, 1} if observed else {0})
    assert days.start <= found.start < found.split < found.end == days.end
    assert found.observed == observed
    assert observed or found.warm_up * 7 >= days.count / 7 - 7
    ahead = found.at_end()
    assert (ahead.split, ahead.holdout) == (days.end, 0)
    assert observed or ahead.calibration == found.calibration


@pytest.mark.parametrize("observed", [True, False])
def test_weeks_add_up_to_what_customers_bought(orders, observed) -> None:
    windows = split_weeks(as_days(PERIOD), first_purchase_observed=observed)
    counts = count_windows(orders, windows)
    weeks = weekly_actual(orders, windows)["actual"].to_numpy()
    assert weeks[: windows.calibration].sum() == counts["frequency"].sum() > 0
    assert weeks[windows.calibration :].sum() == counts["holdout_orders"].sum() > 0


def test_base_of_established_customers_by_hand(orders) -> None:
    windows = split_weeks(as_days(PERIOD), first_purchase_observed=False)
    counts = count_windows(orders, windows).set_index("customer_id")
    days = orders.drop_duplicates(["customer_id", "ordered_at"])
    start, split = pd.Timestamp(windows.start), pd.Timestamp(windows.split)
    seen = set(days.loc[days["ordered_at"] < start, "customer_id"])
    assert set(counts.index) == seen
    assert 0 < len(seen) < orders["customer_id"].nunique()
    for who in sorted(seen)[:40]:
        own = days.loc[days["customer_id"] == who, "ordered_at"]
        assert counts.loc[who, "frequency"] == ((own >= start) & (own <= split)).sum()
        assert counts.loc[who, "holdout_orders"] == (own > split).sum()
        assert counts.loc[who, "T"] == windows.calibration


def test_expected_weeks_add_up_to_what_new_customers_are_expected_to_buy(orders) -> None:
    windows = split_weeks(as_days(PERIOD), first_purchase_observed=True)
    counts = count_windows(orders, windows)
    model = clv.fit_bg_nbd(counts)
    weeks = weekly_expected(model, counts["clock_start"], windows)
    age = (pd.Timestamp(windows.end) - counts["clock_start"]).dt.days / 7
    assert weeks.sum() == pytest.approx(model.expected_orders_new(age.to_numpy()).sum(), rel=CLOSE)
    assert weeks[: windows.calibration].sum() == pytest.approx(counts["frequency"].sum(), rel=0.15)


def test_baselines_by_hand() -> None:
    counts = pd.DataFrame(
        {
            "frequency": [0, 2, 4, 8],
            "recency": [0.0, 5.0, 10.0, 2.0],
            "T": [10.0, 10.0, 10.0, 2.0],
            "mean_spend": [0.0, 3.0, 5.0, 5.0],
        }
    )
    assert repeat_last(counts, 5.0).tolist() == [0, 1, 2, 10]  # at least four weeks count
    # Silence 10, 5, 0, 0; purchases 0, 2, 4, 8; sales 0, 6, 20, 40: two classes of two.
    assert segment_mean(counts, 5.0).tolist() == [0.5, 0.5, 6, 6]


@pytest.fixture(scope="module")
def panel():
    windows = split_weeks(as_days(YEAR), first_purchase_observed=False)
    return windows, count_windows(supermarket().orders, windows)


def test_the_supermarket_is_a_trap(panel) -> None:
    windows, counts = panel
    assert (counts["holdout_orders"] > 0).mean() == pytest.approx(0.98, abs=0.005)
    choice = choose(counts, windows.holdout)
    errors = score_table(choice, counts).set_index("model")["mae"]
    assert errors["repeat_last"] == pytest.approx(7.52, abs=0.005)
    assert errors["nbd"] == pytest.approx(7.43, abs=0.02)
    # With dropout the forecast is no nearer, and who is called gone buys all the same.
    assert choice.used == "nbd"
    assert not choice.dropout_identified
    assert choice.gone.base < 30
    assert choice.gone.value > 0.8
    for name in ("bg_nbd", "mbg_nbd"):
        item = choice.candidates[name]
        assert item.status in {"no_gain", "boundary"}
        params = item.model.params
        assert params["a"] / (params["a"] + params["b"]) < 0.001  # nobody leaves


def test_the_trap_with_clocks_from_the_last_purchase_before(panel) -> None:
    """Counted from a customer's last purchase of the warm-up, dropout ends at its bound."""
    windows, counts = panel
    days = supermarket().orders.select("customer_id", "day").distinct().execute()
    days["day"] = pd.to_datetime(days["day"])
    before = days[days["day"] < pd.Timestamp(windows.start)].groupby("customer_id")["day"].max()
    earlier = (pd.Timestamp(windows.start) - before).dt.days - 1
    shift = counts["customer_id"].map(earlier).to_numpy() / 7
    moved = counts.assign(
        T=counts["T"] + shift,
        recency=np.where(counts["frequency"] > 0, counts["recency"] + shift, 0.0),
    )
    plain = clv.fit_nbd(moved).expected_orders(moved, periods=windows.holdout)
    error = (plain - moved["holdout_orders"]).abs().mean()
    assert error == pytest.approx(7.43, abs=0.005)
    for fit in (clv.fit_bg_nbd, clv.fit_mbg_nbd):
        assert fit(moved).at_bound


def test_period_starts_where_it_says() -> None:
    assert as_days(PERIOD).count == 104 * 7
    assert pd.Timestamp(PERIOD[0]) == START
