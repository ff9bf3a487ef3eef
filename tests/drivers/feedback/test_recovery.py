"""How soon complaints are resolved, and whether the answered came again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drivers.feedback.made import PERIOD, comments, lines, shop

from loyalty_research.drivers import feedback
from loyalty_research.drivers.feedback.recovery_rows import purchases_around, usual_gap
from loyalty_research.drivers.feedback.recovery_strata import within_strata
from loyalty_research.profile.common import as_days


@pytest.fixture(scope="module")
def said() -> pd.DataFrame:
    return comments(2)


def reasons(result) -> set[str]:
    return {item.reason for item in result.findings if item.status == "withheld"}


def test_share_resolved_is_kaplan_meiers(said) -> None:
    result = feedback.resolution_times(said, period=PERIOD)
    bad = said[said[["bad_waiting", "bad_service", "bad_product"]].any(axis=1)]
    end = pd.Timestamp(PERIOD[1])
    done = bad["resolved_at"].notna() & (bad["resolved_at"].dt.normalize() <= end)
    until = bad["resolved_at"].dt.normalize().where(done, end)
    days = (until - bad["posted_at"].dt.normalize()).dt.days
    survival = 1.0
    for day in range(8):
        survival *= 1 - (done & (days == day)).sum() / (days >= day).sum()
    found = result.summary().set_index("within").loc[7]
    assert found["share"] == pytest.approx(1 - survival, rel=1e-9)
    assert found["share_low"] < found["share"] < found["share_high"]


def test_resolutions_that_cannot_be(said) -> None:
    early = said.assign(
        resolved_at=said["resolved_at"].where(
            said["resolved_at"].isna(), said["posted_at"] - pd.Timedelta(days=2)
        )
    )
    assert reasons(feedback.resolution_times(early, period=PERIOD)) == {"resolved_too_early"}
    none = said.drop(columns="resolved_at")
    assert reasons(feedback.resolution_times(none, period=PERIOD)) == {"no_resolution"}
    assert reasons(feedback.complainers_stayed(shop(none), period=PERIOD)) == {"no_resolution"}
    some = said.copy()
    chosen = some["resolved_at"].notna() & (np.arange(len(some)) % 9 == 0)
    some.loc[chosen, "resolved_at"] = some.loc[chosen, "posted_at"] - pd.Timedelta(hours=1)
    result = feedback.resolution_times(some, period=PERIOD)
    told = next(item for item in result.findings if item.template == "resolution_wrong")
    assert told.estimate == chosen.sum()


def test_nothing_complained_of(said) -> None:
    happy = said.assign(text="咖啡很好喝。", rating=5.0)
    assert reasons(feedback.resolution_times(happy, period=PERIOD)) == {"no_complaints"}


def test_an_open_complaint_is_followed_to_the_end(said) -> None:
    later = said.assign(resolved_at=said["resolved_at"] + pd.Timedelta(days=2000))
    assert reasons(feedback.resolution_times(later, period=PERIOD)) == {"none_resolved"}


def test_purchases_count_after_the_landmark_only() -> None:
    orders = pd.DataFrame(
        {
            "customer_id": [1, 1, 2, 3, 3],
            "ordered_at": pd.to_datetime(
                ["2024-05-30", "2024-06-08", "2024-06-09", "2024-02-01", "2024-07-08"]
            ),
            "net_sales": 1.0,
        }
    )
    complaints = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4],
            "day": [pd.Timestamp("2024-06-01").date()] * 4,
            "answered": [True, False, True, False],
        }
    )
    rows = purchases_around(orders, complaints, landmark=7, window=28, history=90)
    # Day 7 is still the landmark, day 8 and 35 count, day 37 no more, and 121 days ago is long ago.
    assert rows["stayed"].tolist() == [False, True, False, False]
    assert rows["before"].tolist() == [1, 0, 0, 0]


def test_the_window_follows_the_customers_own_gaps() -> None:
    days = pd.date_range("2023-01-02", periods=30, freq="20D")
    orders = pd.DataFrame({"customer_id": 1, "ordered_at": days, "net_sales": 1.0})
    assert usual_gap(orders, as_days(PERIOD)) == 42
    assert usual_gap(orders.assign(customer_id=range(30)), as_days(PERIOD)) == 91


def test_strata_take_out_how_often_somebody_bought() -> None:
    """Who buys often stays and is answered more often; answers themselves do nothing."""
    rng = np.random.default_rng(1)
    before = rng.integers(0, 12, 4000)
    rows = pd.DataFrame(
        {
            "before": before,
            "answered": rng.random(4000) < 0.2 + 0.05 * before,
            "stayed": rng.random(4000) < 0.2 + 0.06 * before,
        }
    )
    shares = rows.groupby("answered")["stayed"].mean()
    adjusted = within_strata(rows).value
    assert shares[True] - shares[False] > 0.1
    assert abs(adjusted.value) < 0.05
    parts = within_strata(rows).strata
    weight = parts["answered"] * parts["unanswered"] / parts["customers"]
    apart = parts["answered_share"] - parts["unanswered_share"]
    assert adjusted.value == pytest.approx((weight * apart).sum() / weight.sum())


def test_bounds_of_the_adjusted_difference_cover() -> None:
    hits = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        before = rng.integers(0, 8, 250)
        answered = rng.random(250) < 0.5
        stayed = rng.random(250) < 0.4 + 0.04 * before + 0.15 * answered
        rows = pd.DataFrame({"before": before, "answered": answered, "stayed": stayed})
        found = within_strata(rows).value
        hits += found.low <= 0.15 <= found.high
    assert 0.91 <= hits / 300 <= 0.985


def test_a_planted_recovery_is_told_and_a_missing_one_is_not(said) -> None:
    kept = feedback.complainers_stayed(shop(said, keeps=0.6), period=PERIOD)
    found = next(item for item in kept.findings if item.template == "feedback_stayed")
    assert found.status == "stated"
    assert found.low > 0.2
    plain = feedback.complainers_stayed(shop(said, keeps=0.0), period=PERIOD)
    assert reasons(plain) == {"answer_not_apart"}


def test_what_recovery_needs(said) -> None:
    assert reasons(feedback.complainers_stayed(said, period=PERIOD)) == {"no_purchases_linked"}
    unknown = shop(said.assign(customer_id=1), keeps=0.0)
    assert reasons(feedback.complainers_stayed(unknown, period=PERIOD)) == {"few_complainers"}
    nobody = said.drop(columns="customer_id")
    orders = lines(said, persons=50).assign(net_sales=1.0)
    result = feedback.complainers_stayed(nobody, orders=orders, period=PERIOD)
    assert reasons(result) == {"no_customer_in_feedback"}
