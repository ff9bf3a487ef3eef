"""Frames go through the same checks as files, and give the same tables."""

from __future__ import annotations

import gc
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty_research.engine import context_of
from loyalty_research.errors import DataError, LoyaltyError, MissingTableError, ParameterError
from loyalty_research.study import Brand, build_orders, open_brand
from loyalty_research.study.orders import mark_occasions

LINES = pd.DataFrame(
    {
        "order_id": ["A1", "A1", "A2", "A3"],
        "ordered_at": pd.to_datetime(
            ["2024-03-01 10:00", "2024-03-01 10:00", "2024-03-02 18:30", "2024-03-03 09:15"]
        ),
        "amount": [10.0, 5.5, 0.0, 7.25],
        "customer_id": ["zoe", "zoe", "bob", None],
        "quantity": [2, 1, 1, 1],
    }
)


def _rows(brand: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = brand.orders.order_by("order_id").to_pyarrow().to_pylist()
    return rows


@pytest.mark.parametrize(
    "convert",
    [
        pl.from_pandas,
        lambda frame: pl.from_pandas(frame).lazy(),
        lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
        ibis.memtable,
        lambda frame: ibis.duckdb.connect().create_table("given", ibis.memtable(frame)),
        lambda frame: frame.assign(ordered_at=frame["ordered_at"].astype(str)),
        lambda frame: frame.assign(customer_id=frame["customer_id"].astype("category")),
        lambda frame: frame.sample(frac=1, random_state=1),
    ],
    ids=["polars", "lazy", "arrow", "memtable", "ibis", "text times", "category", "shuffled"],
)
def test_every_kind_of_frame_gives_the_same_orders(convert: Any) -> None:
    expected = _rows(Brand.from_frames(transactions=LINES, currency="CNY"))
    assert _rows(Brand.from_frames(transactions=convert(LINES), currency="CNY")) == expected


def test_frames_equal_files(shop: Any) -> None:
    names = {"order": "order_id", "buyer": "customer_id", "at": "ordered_at", "paid": "amount"}
    names |= {"cut": "discount", "item": "product_id", "pieces": "quantity"}
    lines = pd.read_csv(shop.folder / "lines.csv", dtype=str).rename(columns=names)
    products = pd.read_csv(shop.folder / "products.csv", dtype=str)
    products.columns = pd.Index(["product_id", "name", "category"])
    lines["quantity"] = lines["quantity"].where(lines["quantity"] != "250")
    framed = Brand.from_frames(transactions=lines, products=products, currency="CNY")
    filed = open_brand("shop")
    assert _rows(framed) == _rows(filed)
    assert framed.transactions.to_pyarrow().equals(filed.transactions.to_pyarrow())
    assert framed.products.to_pyarrow().equals(filed.products.to_pyarrow())


def test_context_and_title() -> None:
    brand = Brand.from_frames(
        transactions=LINES, currency="EUR", name="mine", customer_unit="household"
    )
    context = context_of(brand.orders)
    assert (context.currency, context.customer_unit, context.public) == ("EUR", "household", False)
    assert brand.title("zh") == brand.title("en") == "mine"


def test_given_frames_are_not_changed() -> None:
    before = LINES.copy(deep=True)
    Brand.from_frames(transactions=LINES, currency="CNY")
    pd.testing.assert_frame_equal(LINES, before)


def test_files_of_frames_live_as_long_as_their_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    orders = Brand.from_frames(transactions=LINES, currency="CNY").orders
    gc.collect()
    assert orders.count().to_pyarrow().as_py() == 2
    assert list(tmp_path.iterdir()) != []
    del orders
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_missing_identity_may_turn_numbers_into_floats() -> None:
    lines = LINES.assign(customer_id=[7.0, 7.0, 3.0, None])
    assert [
        row["customer_id"] for row in _rows(Brand.from_frames(transactions=lines, currency="CNY"))
    ] == [1, None]


def test_identifier_that_lost_its_last_digits_is_refused() -> None:
    lines = LINES.assign(order_id=[412345678901234567.0] * 4)
    with pytest.raises(DataError, match="order_id"):
        Brand.from_frames(transactions=lines, currency="CNY")


def test_refunds_lower_net_sales_and_may_undo_an_order() -> None:
    lines = LINES.assign(refund_amount=[10.0, 5.5, None, 1.0])
    brand = Brand.from_frames(transactions=lines, currency="CNY")
    assert [(row["order_id"], row["net_sales"]) for row in _rows(brand)] == [
        ("A3", Decimal("6.25"))
    ]


@pytest.mark.parametrize(
    ("arguments", "family", "words"),
    [
        ({"currency": "RMB"}, ParameterError, "currency.*'RMB'.*CNY"),
        ({"timezone": "Asia/Beijing"}, ParameterError, "timezone.*Asia/Beijing"),
        ({"customer_unit": "persons"}, ParameterError, "customer_unit.*persons.*person, household"),
        ({"period": ("2024-03-02", "2024-03-01")}, ParameterError, "period.*end on or after"),
        ({"period": ("2024-03",)}, ParameterError, "period.*two days"),
        ({"product": LINES}, ParameterError, "product.*products"),
        ({"transactions": None}, ParameterError, "no table"),
        ({"transactions": [1, 2]}, ParameterError, "transactions.*list.*pandas"),
        ({"sale_status": ["paid"]}, DataError, "status.*sale_status"),
        ({"transactions": LINES.drop(columns="amount")}, DataError, r"missing column\(s\) amount"),
        ({"transactions": LINES.iloc[:0]}, DataError, "transactions.*empty"),
        (
            {"transactions": LINES.assign(ordered_at=["2024-02-30"] * 4)},
            DataError,
            "ordered_at.*'2024-02-30'.*row 1",
        ),
        ({"transactions": LINES.assign(amount=["x"] * 4)}, DataError, "amount.*'x'"),
        ({"transactions": LINES.assign(amount=[True] * 4)}, DataError, "amount.*boolean"),
        ({"transactions": LINES.assign(discount=-1.0)}, DataError, "discount.*4 of 4.*-1"),
        (
            {"transactions": LINES.assign(line_id=[1, 1, 1, 1])},
            DataError,
            r"1 of 4 row\(s\) repeat the order_id \+ line_id",
        ),
        (
            {"transactions": LINES.assign(ordered_at=LINES["ordered_at"].dt.tz_localize("UTC"))},
            DataError,
            "ordered_at.*timezone=",
        ),
    ],
)
def test_wrong_arguments(
    arguments: dict[str, Any],
    family: type[LoyaltyError],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(family, match=words):
        Brand.from_frames(**{"transactions": LINES, "currency": "CNY", **arguments})
    assert list(tmp_path.iterdir()) == []


def test_absent_tables_of_frames() -> None:
    brand = Brand.from_frames(transactions=LINES, currency="CNY")
    with pytest.raises(MissingTableError, match=r"products=.*from_frames.*product_id"):
        _ = brand.products
    with pytest.raises(ParameterError, match=r"'surveys'.*survey"):
        brand.has("surveys")


_line = st.fixed_dictionaries(
    {
        "order_id": st.integers(1, 6),
        "day": st.integers(0, 40),
        "cents": st.integers(-500, 5_000),
        "refund": st.one_of(st.none(), st.integers(0, 3_000)),
        "customer_id": st.one_of(st.none(), st.sampled_from("abc")),
        "status": st.sampled_from(["paid", "closed", None]),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(_line, min_size=1, max_size=30))
def test_nothing_is_lost_on_the_way(rows: list[dict[str, Any]]) -> None:
    lines = pd.DataFrame(
        {
            "order_id": [row["order_id"] for row in rows],
            "ordered_at": [
                pd.Timestamp("2024-01-01") + pd.Timedelta(days=row["day"]) for row in rows
            ],
            "amount": [Decimal(row["cents"]) / 100 for row in rows],
            "refund_amount": [
                None if row["refund"] is None else row["refund"] / 100 for row in rows
            ],
            "customer_id": pd.Series([row["customer_id"] for row in rows], dtype="object"),
            "status": pd.Series([row["status"] for row in rows], dtype="object"),
        }
    )
    kept = [row for row in rows if row["status"] == "paid" and row["day"] < 31]
    options: dict[str, Any] = {"currency": "CNY", "sale_status": ["paid"]}
    period = ("2024-01-01", "2024-01-31")
    if not kept:
        with pytest.raises(DataError, match="no line is left"):
            Brand.from_frames(transactions=lines, period=period, **options)
        return
    brand = Brand.from_frames(transactions=lines, period=period, **options)
    balance = brand.quality.balance.iloc[0]
    assert balance["dropped"] + balance["kept"] == balance["read"] == len(rows)
    assert balance["kept"] == len(kept)
    totals: dict[int, int] = {}
    for row in kept:
        net = row["cents"] - (row["refund"] or 0)
        totals[row["order_id"]] = totals.get(row["order_id"], 0) + net
    expected = {order: total for order, total in totals.items() if total > 0}
    assert {row["order_id"]: int(row["net_sales"] * 100) for row in _rows(brand)} == expected
    assert (
        _rows(brand)
        == mark_occasions(build_orders(brand.transactions))
        .order_by("order_id")
        .to_pyarrow()
        .to_pylist()
    )


def test_an_order_of_several_members_of_staff_is_nobodys() -> None:
    lines = pd.DataFrame(
        {
            "order_id": ["a", "a", "b", "b"],
            "ordered_at": pd.to_datetime(["2024-01-01"] * 4),
            "amount": [1, 2, 3, 4],
            "staff_id": ["x", "y", "y", "y"],
        }
    )
    brand = Brand.from_frames(transactions=lines, currency="CNY")
    assert {row["order_id"]: row["staff_id"] for row in _rows(brand)} == {"a": None, "b": "y"}
    checks = brand.quality.checks.set_index("code")
    assert checks.loc["order_several_staff", "count"] == 1
    assert checks.loc["order_several_staff", "action"] == "set_null"


def test_a_refund_of_the_whole_order_may_stand_on_one_of_its_lines() -> None:
    lines = pd.DataFrame(
        {
            "order_id": ["a", "a", "b", "b"],
            "ordered_at": pd.to_datetime(["2024-01-01"] * 4),
            "amount": [10, 40, 10, 40],
            "refund_amount": [50, 0, 25, 0],
        }
    )
    brand = Brand.from_frames(transactions=lines, currency="CNY")
    assert {row["order_id"]: row["net_sales"] for row in _rows(brand)} == {"b": 25}
    checks = brand.quality.checks.set_index("code")
    assert checks.loc["refund_above_amount", ["count", "action"]].tolist() == [2, "kept"]
