"""The repurchase cycle, who is overdue, and cohorts, against obvious references."""

from __future__ import annotations

import math
from itertools import pairwise

import ibis
import numpy as np
import pandas as pd
import pytest
from results.analyses import PERIOD, make_orders

from loyalty_research import profile
from loyalty_research.engine import collect
from loyalty_research.profile.retention import gap_weights, occasions

CLOSE = 1e-9
END = pd.Timestamp(PERIOD[1])


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(150, seed=12)


@pytest.fixture(scope="module")
def result(orders):
    return profile.retention(orders, period=PERIOD, first_purchase_observed=True)


def days_of(orders: pd.DataFrame) -> dict[int, list[pd.Timestamp]]:
    known = orders[orders["customer_id"].notna()]
    return {
        int(who): sorted(part["ordered_at"].dt.normalize().unique())
        for who, part in known.groupby("customer_id")
    }


def reference_survival(orders: pd.DataFrame) -> dict[int, float]:
    """Return the weighted product limit, gap by gap."""
    events, exits = {}, {}
    for days in days_of(orders).values():
        gaps = [(after - before).days for before, after in pairwise(days)]
        if gaps:
            for gap in gaps:
                events[gap] = events.get(gap, 0) + 1 / len(gaps)
                exits[gap] = exits.get(gap, 0) + 1 / len(gaps)
        else:
            still = (END - days[0]).days
            exits[still] = exits.get(still, 0) + 1
    survival, curve = 1.0, {}
    for day in range(max(exits) + 1):
        at_risk = sum(weight for gap, weight in exits.items() if gap >= day)
        survival *= 1 - events.get(day, 0) / at_risk
        curve[day] = survival
    return curve


def test_the_curve(orders, result) -> None:
    want = reference_survival(orders)
    found = result.frames["survival"].set_index("days")["share_away"]
    assert len(found) > 50
    for day, share in found.items():
        assert share == pytest.approx(want[int(day)], abs=1e-7)
    quantiles = result.summary().set_index("share_back")["days"]
    for share, days in quantiles.items():
        assert days == min(day for day, away in want.items() if away <= 1 - share + 1e-9)


def test_weights_are_one_a_customer(orders) -> None:
    table = profile.retention(orders, period=PERIOD).table
    days = collect(table, sort_by=["customer_id", "day"])
    assert len(days) == sum(len(item) for item in days_of(orders).values())
    weights = collect(
        gap_weights(ibis.memtable(days), as_of=PERIOD[1], groups=7),
        sort_by=["gap_days", "customer_group"],
    )
    customers = days["customer_id"].nunique()
    assert weights["returned"].sum() + weights["silent"].sum() == pytest.approx(customers, abs=1e-6)
    assert set(weights["customer_group"]) == set(range(7))
    singles = (days.groupby("customer_id").size() == 1).sum()
    assert weights["silent"].sum() == pytest.approx(singles)


def test_two_orders_on_a_day_are_one_occasion(orders) -> None:
    twice = pd.concat([orders, orders.assign(ordered_at=orders["ordered_at"] + pd.Timedelta("1h"))])
    rows = [
        collect(
            occasions(ibis.memtable(frame.assign(day=frame["ordered_at"].dt.date))),
            sort_by=["customer_id", "day"],
        )
        for frame in (orders, twice)
    ]
    pd.testing.assert_frame_equal(*rows)


def test_overdue(orders, result) -> None:
    limit = result.summary().set_index("share_back").loc[0.95, "days"]
    last = {who: days[-1] for who, days in days_of(orders).items()}
    late = {who for who, day in last.items() if (END - day).days > limit}
    found = next(item for item in result.findings if item.id == "cycle_overdue")
    assert (found.base, found.status) == (len(late), "stated" if len(late) >= 30 else "withheld")


def _lapsed(orders: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return customers who bought weekly in January and never again."""
    who = np.repeat(np.arange(10_001, 10_001 + count), 4)
    when = np.tile(pd.date_range("2024-01-02", periods=4, freq="7D"), count)
    made = {"customer_id": who, "ordered_at": when, "net_sales": 10.0}
    return pd.DataFrame({name: made.get(name) for name in orders.columns if name in made})


def test_lapsed_customers_are_overdue() -> None:
    regular = pd.DataFrame(
        {
            "customer_id": np.repeat(np.arange(1, 101), 26),
            "ordered_at": np.tile(pd.date_range("2024-01-08", periods=26, freq="14D"), 100),
            "net_sales": 20.0,
        }
    )
    both = pd.concat([regular, _lapsed(regular, 40)])
    result = profile.retention(both, period=PERIOD)
    assert result.summary().set_index("share_back").loc[0.95, "days"] == 14
    found = next(item for item in result.findings if item.id == "cycle_overdue")
    assert found.base == 40
    assert found.at_stake == pytest.approx(40 * 4 * 10)
    assert found.estimate == pytest.approx(1600 / (100 * 26 * 20 + 1600))


def cohort_shares(orders: pd.DataFrame, start: str, end: str) -> dict[tuple[str, int], float]:
    """Return the share of each cohort that buys, by month of first purchase and age."""
    last_whole = (pd.Timestamp(end) + pd.Timedelta(days=1)).to_period("M") - 1
    bought = {
        who: {day.to_period("M") for day in days if day <= pd.Timestamp(end)}
        for who, days in days_of(orders).items()
    }
    cohorts = {}
    for months in bought.values():
        if months and min(months) >= pd.Period(start, freq="M"):
            cohorts.setdefault(min(months), []).append(months)
    return {
        (str(first), age): sum(first + age in months for months in people) / len(people)
        for first, people in cohorts.items()
        for age in range((last_whole - first).n + 1)
    }


@pytest.mark.parametrize(
    ("start", "end"),
    [PERIOD, ("2024-03-01", "2024-12-31"), ("2024-01-01", "2024-10-15")],
)
def test_cohorts(start, end) -> None:
    sparse = make_orders(120, seed=3)
    made = profile.retention(sparse, period=(start, end), first_purchase_observed=True)
    frame = made.frames["cohorts"]
    want = cohort_shares(sparse, start, end)
    found = dict(zip(zip(frame["month"], frame["age"], strict=True), frame["share"], strict=True))
    assert found == pytest.approx(want, abs=CLOSE)
    assert 0.0 in want.values()  # a month in which nobody came back counts as such
    assert (frame.loc[frame["age"] == 0, "share"] == 1).all()
    chart = next(item for item in made.charts if item.name == "cohorts")
    ones = frame[frame["age"] == 1]
    assert chart.values["next"].value == pytest.approx(  # noqa: PD011
        ones["customers"].sum() / ones["cohort_size"].sum()
    )


def test_without_first_purchases_there_are_no_cohorts(orders) -> None:
    made = profile.retention(orders, period=PERIOD)
    assert "cohorts" not in made.frames
    item = next(item for item in made.findings if item.id == "retention_cohorts")
    assert item.reason == "first_purchase_not_observed"
    first = pd.Series({who: days[0] for who, days in days_of(orders).items()})
    early = item.values["early"].value  # noqa: PD011
    assert early == pytest.approx((first < "2024-02-01").mean())


def test_renewal_customers_give_their_cycle_back() -> None:
    """Gamma gaps, rates that differ, watched to the end of the year: not the model's own maker."""
    rng = np.random.default_rng(99)
    people = 1500
    mean = rng.gamma(3.0, 10.0, (people, 1))
    gaps = np.ceil(rng.gamma(2.0, mean / 2, (people, 300))).clip(1)
    first = rng.integers(0, 120, (people, 1))
    day = np.concatenate([first, first + np.cumsum(gaps, axis=1)], axis=1)
    who, place = np.nonzero(day <= 365)
    orders = pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": pd.Timestamp(PERIOD[0]) + pd.to_timedelta(day[who, place], unit="D"),
            "net_sales": 1.0,
        }
    )
    truth = np.ceil(rng.gamma(2.0, rng.gamma(3.0, 10.0, 300_000) / 2)).clip(1)
    found = profile.retention(orders, period=PERIOD).summary().set_index("share_back")
    for share in (0.25, 0.5, 0.75):
        row = found.loc[share]
        assert row["low"] <= np.quantile(truth, share) <= row["high"]
    completed = orders.groupby("customer_id")["ordered_at"].diff().dt.days.dropna()
    assert completed.median() < 0.9 * found.loc[0.5, "days"]
    assert completed.mean() < 0.9 * truth.mean()


def test_a_period_shorter_than_the_cycle_says_so() -> None:
    orders = make_orders(900, seed=2)
    made = profile.retention(orders, period=("2024-05-01", "2024-05-10"))
    item = next(item for item in made.findings if item.id == "cycle_median")
    assert (item.status, item.reason) == ("withheld", "period_too_short")
    assert not made.charts
    assert math.isnan(made.summary().set_index("share_back").loc[0.95, "days"])
