"""What goes into a replay and is refused, what is counted, and the same totals in any partition."""

from __future__ import annotations

import datetime as dt
import gc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from programmes.ledgers import at, days, programme_of

from loyalty_research.errors import DataError, MissingTableError, ParameterError
from loyalty_research.programmes.batches import replay_batches, together, whole_customers
from loyalty_research.programmes.entries import SORTED_BY
from loyalty_research.programmes.replay import replay
from loyalty_research.programmes.schema import Programme

YEAR = days("2024-01-01", "2024-12-31")


def points_programme(**changes: Any) -> Programme:
    content: dict[str, Any] = {
        "wallets": {"points": {"expiry": {"rule": "end_of_month", "months": 2}}},
        "earn": [{"id": "spend", "wallets": ["points"], "points": 1, "whole": True}],
        "rewards": [
            {"id": "cup", "wallet": "points", "points": 30, "kind": "product", "value": 3},
            {"id": "off", "wallet": "points", "points": 20, "kind": "cash", "value": 1, "cost": 1},
        ],
        "tiers": {
            "window": {"kind": "rolling", "months": 3},
            "levels": [
                {"id": "base", "threshold": 0},
                {"id": "gold", "threshold": 150},
                {"id": "black", "fee": {"amount": 9}},
            ],
        },
    }
    return programme_of(**(content | changes))


def orders(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["order_id", "customer_id", "ordered_at", "net_sales"])
    return frame.assign(ordered_at=[at(when) for when in frame.ordered_at])


def many(customers: int = 60, seed: int = 5) -> pd.DataFrame:
    """Return simulated orders of a year."""
    chance = np.random.default_rng(seed)
    count = 20 * customers
    start = np.datetime64("2024-01-01T00:00:00")
    return pd.DataFrame(
        {
            "order_id": np.arange(count),
            "customer_id": chance.integers(0, customers, count),
            "ordered_at": start + chance.integers(0, 366 * 86_400, count).astype("m8[s]"),
            "net_sales": np.round(chance.gamma(2, 15, count), 2),
        }
    )


def problems(error: pytest.ExceptionInfo) -> str:
    return "\n".join(str(item) for item in error.value.problems)


# Refusals


def test_every_argument_that_cannot_be_used_is_named_at_once():
    with pytest.raises(ParameterError) as error:
        replay(
            orders(("a", 1, "2024-01-05", 5)),
            points_programme(),
            redemption="cupp",
            paid="blak",
            period=("2024-02-01", "2024-01-01"),
        )
    told = problems(error)
    assert len(error.value.problems) == 3
    assert "'cupp'; allowed: none, at_once, observed, cup, off; did you mean 'cup'?" in told
    assert "paid: found 'blak'; allowed: black" in told
    assert "period" in told


def test_columns_that_tables_lack_are_named_together():
    rows = orders(("a", 1, "2024-01-05", 5)).drop(columns="customer_id")
    with pytest.raises(MissingTableError) as error:
        replay(rows, points_programme(), events=pd.DataFrame({"customer_id": [1]}))
    assert "rows: missing column(s) customer_id" in problems(error)
    assert "events: missing column(s) at, kind" in problems(error)


def test_a_rule_that_looks_at_products_needs_lines():
    earn = [
        {"id": "fuel", "wallets": ["points"], "points": 1, "where": {"categories": ["fuel"]}},
        {"id": "cups", "wallets": ["points"], "points": 1, "per": "item"},
    ]
    with pytest.raises(ParameterError) as error:
        replay(orders(("a", 1, "2024-01-05", 5)), points_programme(earn=earn))
    assert "rule fuel looks at products" in problems(error)
    assert "rule cups counts items" in problems(error)


def test_an_unknown_category_is_refused_with_the_nearest():
    earn = [
        {"id": "fuel", "wallets": ["points"], "points": 1, "where": {"categories": ["coffe"]}},
        {"id": "app", "wallets": ["points"], "points": 1, "where": {"channels": ["ap"]}},
        {"id": "tea", "wallets": ["points"], "points": 1, "where": {"categories": ["hot"]}},
    ]
    rows = orders(("a", 1, "2024-01-05", 5)).rename(columns={"net_sales": "amount"})
    rows = rows.assign(product_id="p1", channel="app")
    products = pd.DataFrame({"product_id": ["p1"], "category": ["coffee"]})
    given = {"products": products, "terms": {"hot": ["coffee"]}}
    with pytest.raises(ParameterError) as error:
        replay(rows, points_programme(earn=earn), **given)
    assert len(error.value.problems) == 2
    assert "'coffe' is neither a term of the brand nor a value of category" in problems(error)
    assert "did you mean 'coffee'?" in problems(error)
    assert "rule app, channels: 'ap'" in problems(error)


def test_a_condition_on_a_column_that_is_not_there_is_never_met_and_told():
    earn = [
        {"id": "app", "wallets": ["points"], "points": 9, "where": {"channels": ["app"]}},
        {"id": "all", "wallets": ["points"], "points": 1, "where": {"not_channels": ["app"]}},
    ]
    ledger = replay(orders(("a", 1, "2024-01-05", 5)), points_programme(earn=earn))
    assert ledger.never_met == ("app",)
    assert list(ledger.earned.rule) == ["all"]


def test_a_programme_of_which_too_little_is_known_is_refused():
    card = points_programme(status="card")
    with pytest.raises(ParameterError, match="too little is known"):
        replay(orders(("a", 1, "2024-01-05", 5)), card)


def test_times_with_a_zone_are_refused():
    rows = orders(("a", 1, "2024-01-05", 5))
    rows = rows.assign(ordered_at=rows.ordered_at.dt.tz_localize("Asia/Shanghai"))
    with pytest.raises(ParameterError, match="Asia/Shanghai"):
        replay(rows, points_programme())


def test_nothing_to_replay_is_told():
    rows = orders(("a", None, "2024-01-05", 5))
    with pytest.raises(DataError, match="nothing to replay"):
        replay(rows.assign(customer_id=pd.array([None], dtype="Int64")), points_programme())


@pytest.mark.parametrize(
    ("amount", "points", "told"),
    [
        (200_000_000_000, 1, "200,000,000,000"),
        (90_000_000_000, 10**9, "90,000,000,000"),
        (60_000_000, 10**8, "6,000,000,000,000,000 points"),
    ],
)
def test_what_cannot_be_counted_exactly_is_refused_with_the_amount(amount, points, told):
    earn = [{"id": "spend", "wallets": ["points"], "points": points}]
    with pytest.raises(DataError, match=told):
        replay(orders(("a", 1, "2024-01-05", amount)), points_programme(earn=earn))


# What is counted


def test_decisions_are_counted():
    rows = orders(
        ("a", 1, "2024-01-05", 50),
        ("b", 1, "2023-12-31", 50),
        ("c", None, "2024-01-05", 50),
        ("d", 9, "2024-01-05", 50),
        ("e", 2, "2024-01-05", 50),
        ("f", 1, "2024-01-02", 50),
        ("g", 3, "2030-01-01", 50),
    )
    ledger = replay(
        rows.assign(points_used=[100, 0, 0, 0, 0, 0, 0]),
        points_programme(),
        period=YEAR,
        customers=pd.DataFrame({"customer_id": [1, 2, 3]}),
        joined=pd.DataFrame({"customer_id": [1, 2], "joined_on": [dt.date(2024, 1, 3), None]}),
        redemption="observed",
    )
    assert ledger.notes == {
        "without_customer": 1,
        "outside_period": 2,
        "unknown_customers": 1,
        "before_joining": 2,
        "unknown_joined": 1,
        "observed_short": 1,
    }
    assert list(ledger.customers.customer_id) == [1]
    assert list(ledger.customers.orders) == [1]


def test_who_only_returns_never_joins():
    ledger = replay(
        orders(("a", 1, "2024-01-05", -5), ("b", 2, "2024-01-05", 5)), points_programme()
    )
    assert ledger.notes["only_returns"] == 1
    assert list(ledger.balances.customer_id) == [2]


def test_the_period_is_that_of_the_rows_where_none_is_given():
    rows = orders(("a", 1, "2024-03-05", 5), ("b", 1, "2024-01-31 23:59", 5))
    ledger = replay(rows, points_programme())
    assert ledger.period == days("2024-01-31", "2024-03-05")
    assert list(ledger.months.month) == ["2024-01", "2024-02", "2024-03"]


# Frames


def test_frames_agree_with_one_another():
    ledger = replay(many(), points_programme(), redemption="at_once", period=YEAR)
    balances = ledger.balances
    flows = balances.opening + balances.earned - balances.redeemed - balances.expired
    assert_array_equal(flows, balances.closing)
    months = ledger.months
    for column in ("earned", "redeemed", "expired"):
        assert months[column].sum() == balances[column].sum()
    assert months.closing.iloc[-1] == balances.closing.sum()
    assert ledger.earned.points.sum() == balances.earned.sum()
    assert ledger.rewards.points.sum() == balances.redeemed.sum()
    assert ledger.rewards.redemptions.sum() == ledger.customers.redemptions.sum()
    last = ledger.members[ledger.members.month == "2024-12"]
    assert dict(zip(last.tier, last.members, strict=True)) == dict(ledger.tiers.tier.value_counts())
    assert ledger.activity.orders.sum() == ledger.customers.orders.sum() == len(many())
    run_off = ledger.run_off
    assert run_off.earned.sum() == balances.earned.sum()
    assert run_off.redeemed.sum() == balances.redeemed.sum()
    assert run_off.expired.sum() == balances.expired.sum()
    assert run_off.age_months[run_off.expired > 0].unique().tolist() == [3]


def test_postings_are_written_once_and_add_up():
    ledger = replay(many(), points_programme(), redemption="at_once", period=YEAR)
    postings = ledger.postings.execute()
    assert ledger.postings is ledger.postings
    signs = postings.groupby("kind").points.agg(lambda points: set(np.sign(points)))
    assert signs.to_dict() == {"earn": {1}, "redeem": {-1}, "expire": {-1}}
    postings = postings.sort_values(["customer_id", "seq"])
    assert_array_equal(postings.groupby("customer_id").points.cumsum(), postings.balance)
    closing = postings.groupby("customer_id").balance.last()
    assert_array_equal(closing, ledger.balances.closing)


def test_postings_leave_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ledger = replay(many(10), points_programme(), period=YEAR)
    assert ledger.postings.count().execute() > 0
    assert list(tmp_path.glob("loyalty-postings-*/postings.parquet"))
    del ledger
    gc.collect()
    assert not list(tmp_path.glob("loyalty-postings-*"))


def test_lines_and_their_orders_give_the_same():
    whole = many(20)
    halves = pd.concat([whole.assign(amount=whole.net_sales - 1), whole.assign(amount=1.0)])
    programme = points_programme()
    of_lines = replay(halves.drop(columns="net_sales"), programme, period=YEAR)
    of_orders = replay(whole, programme, period=YEAR)
    pd.testing.assert_frame_equal(of_lines.balances, of_orders.balances)
    pd.testing.assert_frame_equal(of_lines.customers, of_orders.customers)


# Partitions


def test_parts_of_the_customers_on_another_engine_add_up_to_the_whole():
    ledger = replay(many(), points_programme(), redemption="at_once", period=YEAR)
    whole = ledger.done
    entries = pl.from_arrow(pa.Table.from_batches(ledger.batches()))
    mixed = entries.sample(fraction=1, shuffle=True, seed=1)
    parts = [mixed.filter(pl.col("customer_id") % 7 == number) for number in range(7)]

    def part(frame: pl.DataFrame) -> Any:
        ordered = frame.sort(SORTED_BY, nulls_last=True).to_arrow()
        return replay_batches(ordered.to_batches(max_chunksize=13), ledger.plan)

    with ThreadPoolExecutor(4) as threads:
        found = together(threads.map(part, parts))
    for name, total in whole.book._asdict().items():
        assert_array_equal(getattr(found.book, name), total, err_msg=name)
    order = np.argsort(found.customers.to_numpy())
    assert_array_equal(found.customers.to_numpy()[order], whole.customers.to_numpy())
    assert_array_equal(found.accounts[order], whole.accounts)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_batches_are_cut_between_customers(size):
    ledger = replay(many(9), points_programme(), period=YEAR)
    table = pa.Table.from_batches(ledger.batches())
    seen = list(whole_customers(table.to_batches(max_chunksize=size)))
    ids = [name for names, _ in seen for name in names.to_pylist()]
    assert ids == sorted(set(ids)) == list(range(9))
    assert sum(len(entries.rows) for _, entries in seen) == len(table)
    for names, entries in seen:
        assert len(entries.starts) == len(names) + 1
        assert entries.starts[-1] == len(entries.rows)
