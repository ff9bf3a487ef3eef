"""What every analysis owes its caller: any table, any order of rows, clear errors, no crash."""

from __future__ import annotations

import dataclasses

import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from results.analyses import PERIOD, SHOPS, analyse, make_orders, shop_results

import loyalty_research as lr
from loyalty_research import profile
from loyalty_research.engine import Context, attach_context, connect
from loyalty_research.errors import DataError, ParameterError

NAMES = ["board", "concentration", "rfm", "retention", "lifecycle", "migration", "timing"]
NAMES += ["stores", "store_board", "prices", "preferences", "people"]
NAMES += ["tiers", "staff", "channels", "stored_value", "promotions", "funnel", "new_products"]
BY_PERIOD = [
    profile.board,
    profile.concentration,
    profile.retention,
    profile.lifecycle,
    profile.migration,
    profile.timing,
    profile.store_loyalty,
    profile.stores,
    profile.staff,
    profile.channels,
    profile.stored_value,
    profile.promotions,
    profile.prices,
]
CUSTOMERS = [item for item in BY_PERIOD if item is not profile.timing]
SHIFT = pd.Timedelta(days=364)  # whole weeks


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return make_orders(100, seed=21)


@pytest.fixture(scope="module")
def results(orders) -> dict:
    return made_from(orders)


def made_from(orders, period=PERIOD) -> dict:
    return {item.name: item for item in analyse(orders, period, observed=True)}


def same(first, second) -> None:
    """Assert that two results hold the same frames, digit by digit."""
    assert first.frames.keys() == second.frames.keys()
    for name, frame in first.frames.items():
        pd.testing.assert_frame_equal(frame, second.frames[name], check_exact=True)


def _on_duckdb(frame: pd.DataFrame):
    return connect().create_table("orders", pa.Table.from_pandas(frame, preserve_index=False))


KINDS = {
    "polars": pl.from_pandas,
    "polars lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "ibis in memory": ibis.memtable,
    "ibis on duckdb": _on_duckdb,
    "pandas, shuffled": lambda frame: frame.sample(frac=1, random_state=5),
    "pandas again": lambda frame: frame.copy(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_any_table_in_any_order_gives_the_same(orders, results, kind) -> None:
    before = orders.copy()
    for name, result in made_from(KINDS[kind](orders)).items():
        same(results[name], result)
        assert result.findings == results[name].findings
    pd.testing.assert_frame_equal(orders, before)  # the input is left as it was


def test_money_times_ten_leaves_shares_unchanged(orders, results) -> None:
    money = ["net_sales", "unit_sales", "discount", "coupon_discount", "platform_discount"]
    money += ["discounted_sales", "stored_value_used"]
    richer = orders.assign(**{name: (orders[name] * 10).round(4) for name in money})
    for name, result in made_from(richer).items():
        for before, after in zip(results[name].findings, result.findings, strict=True):
            assert (before.id, before.status, before.base) == (after.id, after.status, after.base)
            if before.status == "withheld":
                continue
            factor = 10 if before.unit == "money" else 1
            for field in ("estimate", "low", "high"):
                first, last = getattr(before, field), getattr(after, field)
                if first is not None:
                    assert last == pytest.approx(factor * first, rel=1e-7), (before.id, field)
            if before.at_stake:
                assert after.at_stake == pytest.approx(10 * before.at_stake)


def test_dates_a_year_of_weeks_later_leave_the_rest_unchanged(orders, results) -> None:
    later = orders.assign(ordered_at=orders["ordered_at"] + SHIFT)
    period = tuple((pd.Timestamp(day) + SHIFT).date() for day in PERIOD)
    # Months are not moved by whole weeks; their frames, and seeds that name days, are left out.
    for name, result in made_from(later, period).items():
        if name == "concentration":
            continue
        for frame in ("summary", "survival", "grid", "hours", "bands", "sensitivity", "cuts"):
            if frame in result.frames:
                pd.testing.assert_frame_equal(results[name].frames[frame], result.frames[frame])


def test_unidentified_orders_touch_no_statement_on_customers(orders, results) -> None:
    loose = orders.head(50).assign(customer_id=pd.NA, net_sales=999.0)
    more = made_from(pd.concat([orders, loose]))
    for name in ("concentration", "rfm", "retention", "stores", "prices"):
        same(results[name], more[name])
        assert results[name].findings == more[name].findings
    assert more["timing"].summary()["orders"].sum() == len(orders) + 50


@pytest.mark.parametrize("analysis", CUSTOMERS, ids=lambda item: item.__name__)
def test_missing_columns_are_all_named(analysis) -> None:
    with pytest.raises(DataError, match=r"ordered_at, net_sales, customer_id.*has other"):
        analysis(pd.DataFrame({"other": [1]}), period=PERIOD)


def test_missing_columns_of_rfm_and_timing_are_all_named() -> None:
    with pytest.raises(DataError, match="ordered_at, net_sales, customer_id"):
        profile.rfm(pd.DataFrame({"other": [1]}), as_of=PERIOD[1])
    with pytest.raises(DataError, match="ordered_at, net_sales"):
        profile.timing(pd.DataFrame({"other": [1]}), period=PERIOD)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("ordered_at", ["2024-01-01", "2024-01-02"], "ordered_at has type string"),
        ("net_sales", ["5", "7"], "net_sales has type string"),
        ("discount", ["a", "b"], "discount has type string"),
    ],
)
def test_wrong_types_are_named(column, values, message) -> None:
    frame = pd.DataFrame(
        {"customer_id": [1, 2], "ordered_at": pd.Timestamp("2024-01-05"), "net_sales": 1.0}
    ).assign(**{column: values})
    with pytest.raises(DataError, match=message):
        profile.board(frame, period=PERIOD)


def test_wrong_types_are_named_all_at_once() -> None:
    frame = pd.DataFrame({"customer_id": [1], "ordered_at": ["x"], "net_sales": ["y"]})
    with pytest.raises(DataError) as caught:
        profile.board(frame, period=PERIOD)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("data", [[1, 2], "orders.csv", {"a": [1]}, None])
def test_no_table(data) -> None:
    with pytest.raises(ParameterError, match="an Ibis table"):
        profile.board(data, period=PERIOD)


@pytest.mark.parametrize("analysis", BY_PERIOD, ids=lambda item: item.__name__)
@pytest.mark.parametrize(
    ("period", "message"),
    [
        (("2024-12-31", "2024-01-01"), "ends .2024-01-01. before it starts"),
        (("2024-01-01",), "first day, last day"),
        (("2024-01-01", "2024-06-01", "2024-12-31"), "first day, last day"),
        ((None, "2024-06-01"), "first day, last day"),
        (("2024-13-01", "2024-12-31"), "2024-13-01"),
        ("2024", "first day, last day"),
        (2024, "first day, last day"),
        (None, "first day, last day"),
    ],
)
def test_wrong_periods(orders, analysis, period, message) -> None:
    with pytest.raises(ParameterError, match=message):
        analysis(orders, period=period)


@pytest.mark.parametrize("days", [0, -3, 1.5, "90", True, None])
def test_wrong_windows(orders, days) -> None:
    with pytest.raises(ParameterError, match="active_days"):
        profile.board(orders, period=PERIOD, active_days=days)


@pytest.mark.parametrize("shop", ["empty", "one_order"])
@pytest.mark.parametrize("name", NAMES)
def test_next_to_nothing_is_withheld_with_a_reason(shop, name) -> None:
    result = shop_results(shop)[name]
    assert result.findings
    for item in result.findings:
        assert item.status == "withheld", item.id
        assert item.reason
        assert (item.estimate, item.low, item.high, item.at_stake) == (None,) * 4
    assert result.charts == ()
    assert isinstance(result.summary(), pd.DataFrame)


@pytest.mark.parametrize("shop", SHOPS)
def test_nothing_is_stated_or_drawn_below_the_base(shop) -> None:
    for result in shop_results(shop).values():
        limit = result.context.base_limit
        for item in result.findings:
            assert item.status == "withheld" or item.base >= limit, item.id
            if item.reason == "base_too_small":
                assert item.base < limit
                assert item.estimate is None
                assert not item.values  # noqa: PD011  they would tell the number anyway
        assert all(chart.base >= limit for chart in result.charts)


@pytest.mark.parametrize("count", [29, 30])
def test_the_base_limit_is_thirty(count) -> None:
    orders = pd.DataFrame(
        {"customer_id": range(count), "ordered_at": pd.Timestamp("2024-05-05"), "net_sales": 2.0}
    )
    found = profile.concentration(orders, period=PERIOD, replicates=5)
    assert (found.findings[0].status == "stated") == (count == 30)
    assert len(found.charts) == (count == 30)


def test_findings_carry_the_context_of_their_table(orders) -> None:
    backend = connect()
    table = backend.create_table("orders", pa.Table.from_pandas(orders, preserve_index=False))
    context = Context(
        brand="made", currency="CNY", evidence="synthetic", provenance="generator", base_limit=5
    )
    attach_context(backend, context)
    for result in made_from(table).values():
        assert result.context == context
        for item in result.findings:
            assert (item.evidence, item.provenance) == ("synthetic", "generator")
            assert (item.chapter, item.section) == ("profile", result.section)
            assert item.period == PERIOD
            assert item.status == "withheld" or item.base >= 5
    assert "元" in lr.profile.board(table, period=PERIOD).plot("months", language="zh").axes[
        0
    ].get_title(loc="left")


def test_ids_are_unique_and_frames_hold_no_infinite_number(results) -> None:
    ids = [item.id for result in results.values() for item in result.findings]
    assert len(ids) == len(set(ids))
    for result in results.values():
        for frame in result.frames.values():
            numbers = frame.select_dtypes("number").to_numpy(dtype=float)
            assert not np.isinf(numbers).any()


def test_results_are_frozen(results) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        results["rfm"].name = "other"
    summary = results["rfm"].summary()
    summary["customers"] = 0
    assert results["rfm"].summary()["customers"].sum() > 0
