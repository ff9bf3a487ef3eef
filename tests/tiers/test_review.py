"""The yearly review: observed shares against the ledger, drift found where it was put."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from programme_shop import as_present, programme, repeat_shop, review_lines, review_results, shop

from loyalty_research import tiers
from loyalty_research.profile.common import Days
from loyalty_research.programmes import replay
from loyalty_research.tiers.review_rows import quarter_ends

CLOSE = 1e-9
NAMES = {"l0": 0, "l1": 1, "l2": 2}


@pytest.fixture(scope="module")
def steady():
    return review_results()[0]


def test_quarter_ends_go_back_from_the_last_day() -> None:
    ends = quarter_ends(Days(dt.date(2023, 1, 1), dt.date(2024, 12, 31)))
    wanted = ["2023-12-31", "2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31"]
    assert [day.isoformat() for day in ends] == wanted
    assert quarter_ends(Days(dt.date(2023, 8, 1), dt.date(2024, 12, 31))) == ()


def test_observed_shares_are_those_of_who_were_members_a_year_before(steady) -> None:
    rows, rules = review_lines(), programme("yearly", price=150, value=10, thresholds=(0, 300, 900))
    orders = rows.rename(columns={"amount": "net_sales"})
    before, later = (
        replay(orders, rules, period=("2023-01-01", end)).customers.set_index("customer_id")["tier"]
        for end in ("2023-12-31", "2024-06-30")
    )
    wanted = later.reindex(before.index).value_counts(normalize=True)
    drift = steady.frames["drift"]
    found = drift[drift["quarter"] == "2024-06-30"].set_index("tier")["share"]
    for tier, share in wanted.items():
        assert found[tier] == pytest.approx(share, rel=CLOSE)
    assert (drift.groupby("quarter")["share"].sum() - 1).abs().max() < CLOSE
    assert (drift.groupby("quarter")["expected"].sum() - 1).abs().max() < CLOSE


def test_where_nothing_changed_hardly_anything_is_outside(steady) -> None:
    assert (steady.frames["drift"]["outside"] == "yes").sum() <= 2


def test_twice_the_purchases_leave_the_range() -> None:
    drift = review_results()[1].frames["drift"]
    last = drift[drift["quarter"] == drift["quarter"].iloc[-1]].set_index("tier")
    assert last.loc["l2", "outside"] == "yes"
    assert last.loc["l2", "share"] > last.loc["l2", "high"]
    state = review_results()[1].summary().set_index("measure")["state"]
    assert state["level_l2"] == "met"


def test_a_trigger_is_met_exactly_where_its_limit_is_passed(steady) -> None:
    own = steady.summary().set_index("measure")
    assert own.loc["reward_rate", "limit"] == 0.25  # half of the margin
    assert own.loc["reward_rate", "state"] == (
        "met" if own.loc["reward_rate", "now"] > 0.25 else "not_met"
    )
    fallen = own.loc["able", "now"] < own.loc["able", "before"] - 0.05
    assert own.loc["able", "state"] == ("met" if fallen else "not_met")
    assert own.loc["liability", "state"] == "untold"  # points still build up in the year before


def test_rates_are_those_of_the_ledger(steady) -> None:
    rows, rules = review_lines(), programme("yearly", price=150, value=10, thresholds=(0, 300, 900))
    orders = rows.rename(columns={"amount": "net_sales"})
    ledger = replay(orders, rules, period=("2023-01-01", "2024-12-31"), redemption="at_once")
    year = ledger.months[ledger.months["month"] >= "2024"]
    sales = rows.loc[rows["ordered_at"] >= "2024", "amount"].sum()
    rate = year["redeemed"].sum() * 10 / 150 / sales
    own = steady.summary().set_index("measure")
    assert own.loc["reward_rate", "now"] == pytest.approx(rate, rel=CLOSE)
    held = year["closing"].iloc[-1] * 10 / 150 / sales  # nothing expires
    assert own.loc["liability", "now"] == pytest.approx(held, rel=CLOSE)
    assert own.loc["redeemed", "now"] == 1


def test_ranges_are_ranges(steady) -> None:
    drift, own = steady.frames["drift"], steady.summary()
    assert (drift["low"] < drift["high"]).all()
    assert ((drift["low"] <= drift["expected"]) & (drift["expected"] <= drift["high"])).all()
    assert (own["low"].dropna() <= own["high"].dropna()).all()
    assert np.isfinite(own["now"]).all()


@pytest.mark.parametrize(("brand", "reason"), [(repeat_shop, "review_short")])
def test_a_short_history_is_told(brand, reason) -> None:
    own = brand()
    rules = programme("yearly", price=150, value=10, thresholds=(0, 300))
    (finding,) = tiers.review(own, replays=as_present(tiers.replays(own, [rules]))).findings
    assert (finding.status, finding.reason) == ("withheld", reason)


def test_without_a_present_programme_one_line_says_so() -> None:
    rules = programme("yearly", price=150, value=10, thresholds=(0, 300))
    made = tiers.replays(shop(), [rules])
    (finding,) = tiers.review(shop(), replays=made).findings
    assert finding.reason == "no_present_programme"
