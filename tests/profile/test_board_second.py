"""The second purchase: who counts as new, who is censored, and the truth of a made shop."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from results.analyses import PERIOD

from loyalty_research import profile
from loyalty_research.engine import Context, attach_context, connect
from loyalty_research.language import translator
from loyalty_research.profile.board_second import second_purchase
from loyalty_research.profile.common import as_days, valid_orders

START, END = (pd.Timestamp(day) for day in PERIOD)
NAME = "board_second_purchase_rate"


def orders_of(days: dict[int, list[str]]) -> pd.DataFrame:
    """Return one order a day named, two on a day named twice."""
    rows = [(who, pd.Timestamp(day), 10.0) for who, found in days.items() for day in found]
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at", "net_sales"])


def table_of(orders: pd.DataFrame, **context):
    backend = connect()
    attach_context(backend, Context(**context))
    return backend.create_table("orders", pa.Table.from_pandas(orders, preserve_index=False))


def board(orders, *, observed: bool = True, limit: int = 1, period=PERIOD, **more):
    table = table_of(orders, first_purchase_observed=observed, base_limit=limit)
    return profile.board(table, period=period, **more)


def finding(result, name: str = NAME):
    return next(item for item in result.findings if item.id == name)


SMALL = {
    1: ["2024-01-05", "2024-01-25"],  # back after 20 days
    2: ["2024-02-01", "2024-04-01"],  # after 60
    3: ["2024-03-10", "2024-03-10"],  # two orders on one day are one occasion: never back
    4: ["2024-06-01", "2024-12-01"],  # after 183
    5: ["2024-12-11"],  # followed for 20 days only
    6: ["2024-12-31"],  # followed for none
    7: ["2024-11-21", "2024-12-16"],  # back after 25
    8: ["2024-10-22"],  # followed for 70
}


def test_a_shop_of_eight_by_hand() -> None:
    """At risk: 7 on day 20 (one leaves there, after the event), 5 on day 25, 4 on day 60."""
    result = board(orders_of(SMALL))
    frame = result.frames["second_purchase"].set_index("days")
    by_30 = 1 - (6 / 7) * (4 / 5)
    by_60 = 1 - (6 / 7) * (4 / 5) * (3 / 4)
    assert frame["share"].to_dict() == pytest.approx({30: by_30, 60: by_60, 90: by_60})
    found = finding(result)
    assert found.base == 8
    assert found.estimate == pytest.approx(by_60)
    assert found.low < by_60 < found.high
    assert "8 customers new" in translator("en", result.context).finding(found)
    assert found.definition == "second_purchase_rate"


def test_young_customers_are_not_taken_for_lost_ones() -> None:
    """Leaving out who was not followed for long enough, or counting them as lost, says less."""
    result = board(orders_of(SMALL))
    back, all_new = 3, 8
    assert finding(result).estimate > back / all_new


def reference(orders: pd.DataFrame, new: set[int], day: int) -> float:
    """Return the share back within ``day`` days, customer by customer."""
    survival, gaps, open_gaps = 1.0, [], []
    for who, part in orders.groupby("customer_id"):
        days = sorted(part["ordered_at"].dt.normalize().unique())
        if who in new:
            gaps += [(days[1] - days[0]).days] if len(days) > 1 else []
            open_gaps += [(END - days[0]).days] if len(days) == 1 else []
    for gap in sorted(set(gaps)):
        if gap <= day:
            at_risk = sum(item >= gap for item in [*gaps, *open_gaps])
            survival *= 1 - gaps.count(gap) / at_risk
    return 1 - survival


def made_shop(seed: int = 4, customers: int = 400) -> pd.DataFrame:
    """Return simulated orders from a year before the period on; first purchases are spread."""
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(customers):
        day = START + pd.Timedelta(days=int(rng.integers(-366, 366)))
        while day <= END:
            rows.append((who, day, 10.0))
            if rng.random() > 0.7:
                break
            day += pd.Timedelta(days=1 + int(rng.gamma(2.0, 20.0)))
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at", "net_sales"])


@pytest.mark.parametrize("day", [30, 60, 90])
def test_who_bought_before_the_period_is_not_new(day) -> None:
    orders = made_shop()
    first = orders.groupby("customer_id")["ordered_at"].min()
    new = set(first.index[first >= START])
    frame = board(orders).frames["second_purchase"].set_index("days")
    assert frame.loc[day, "share"] == pytest.approx(reference(orders, new, day))
    earlier = orders["ordered_at"] < START
    apart = board(
        orders[~earlier], compare=("2023-01-01", "2023-12-31"), compared_orders=orders[earlier]
    )
    assert finding(apart).base == len(new)
    pd.testing.assert_frame_equal(apart.frames["second_purchase"].set_index("days"), frame)


def test_join_dates_tell_who_is_new() -> None:
    orders = made_shop()
    inside = orders[orders["ordered_at"] >= START]
    first = inside.groupby("customer_id")["ordered_at"].min()
    joined = first.copy()
    joined.iloc[::5] = START - pd.Timedelta(days=1)  # joined before: not new
    joined.iloc[1::5] += pd.Timedelta(days=1)  # bought before joining: known to be there already
    joined.iloc[2::5] = pd.NaT
    members = pd.DataFrame({"customer_id": joined.index, "joined_on": joined.to_numpy()})
    result = board(inside, observed=False, customers=members)
    new = {*joined.index[3::5], *joined.index[4::5]}
    assert finding(result).base == len(new)
    assert finding(result).estimate == pytest.approx(reference(inside, new, 90))
    assert "by join date" in translator("en", result.context).finding(finding(result))


@pytest.mark.parametrize(("reach", "known"), [(366, True), (40, False)])
def test_a_history_longer_than_the_gaps_tells_too(reach, known) -> None:
    """Gaps last 41 days on average and hardly ever half a year."""
    orders = made_shop()
    orders = orders[orders["ordered_at"] >= START - pd.Timedelta(days=reach)]
    found = finding(board(orders, observed=False))
    assert (found.status == "stated") == known
    if known:
        first = orders.groupby("customer_id")["ordered_at"].min()
        assert found.estimate == pytest.approx(
            reference(orders, set(first.index[first >= START]), 90)
        )
    else:
        assert found.reason == "first_purchase_not_observed"


def test_a_history_with_a_hole_before_the_period_tells_nothing() -> None:
    orders = made_shop()
    hole = orders["ordered_at"].between(START - pd.Timedelta(days=60), START, inclusive="left")
    assert finding(board(orders[~hole], observed=False)).reason == "first_purchase_not_observed"


def test_established_shoppers_are_withheld_with_the_share_seen_early() -> None:
    days = {who: ["2024-01-10", "2024-05-01"] if who % 4 else ["2024-07-01"] for who in range(40)}
    found = finding(board(orders_of(days), observed=False))
    assert (found.status, found.reason) == ("withheld", "first_purchase_not_observed")
    printed = found.values  # noqa: PD011  a finding, no frame
    assert printed["early"].value == 0.75
    assert board(orders_of(days), observed=False).frames["second_purchase"].empty


@pytest.mark.parametrize(("end", "stated"), [("2024-03-31", True), ("2024-03-30", False)])
def test_a_period_too_short_for_ninety_days(end, stated) -> None:
    """Followed from 1 January, 90 days are full on 31 March of a leap year."""
    days = {who: ["2024-01-01"] for who in range(40)} | {99: ["2024-01-01", "2024-01-09"]}
    result = board(orders_of(days), limit=30, period=("2024-01-01", end))
    found = finding(result)
    assert (found.status == "stated") == stated
    assert found.reason == ("" if stated else "period_too_short")
    shares = result.frames["second_purchase"]["share"]
    assert shares[:2].tolist() == pytest.approx([1 / 41] * 2)
    assert shares[2:].notna().all() == stated


@pytest.mark.parametrize("end", ["2024-12-31", "2024-02-20"])
def test_too_few_new_customers(end) -> None:
    result = board(orders_of(SMALL), limit=30, period=("2024-01-01", end))
    found = finding(result)
    assert (found.reason, found.values) == ("base_too_small", {})  # noqa: PD011  a finding
    assert not any(view.name == "second_purchase" for view in result.tables)


def test_the_truth_of_a_made_shop_comes_back() -> None:
    """Simulated: 70 % return, after 1 + gamma(2, 20) days rounded down; half enter late."""
    rng = np.random.default_rng(1)
    gap = 1 + np.floor(rng.gamma(2.0, 20.0, 400_000))
    truth = 0.7 * (gap <= 60).mean()
    shares = []
    for seed in range(12):
        orders = valid_orders(made_shop(seed, 500), "customer_id")
        found = second_purchase(orders, as_days(PERIOD), observed=True, joined=None)
        item = found.limit.reached_by(60)
        shares.append(item.value)
    error = (item.high - item.low) / 3.92 / np.sqrt(len(shares))
    assert np.mean(shares) == pytest.approx(truth, abs=4 * error)


def test_gaps_between_days_are_those_of_the_calendar() -> None:
    days = ["2024-02-28", "2024-03-01"]
    assert [(pd.Timestamp(b) - pd.Timestamp(a)).days for a, b in pairwise(days)] == [2]
    limit = second_purchase(
        valid_orders(orders_of({1: days}), "customer_id"),
        as_days(PERIOD),
        observed=True,
        joined=None,
    ).limit
    assert [limit.reached_by(day).value for day in (1, 2)] == [0.0, 1.0]
