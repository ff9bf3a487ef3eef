"""An order-level file beside the lines: joined, shared out, and what neither has is counted."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from loyalty_research.errors import DataError
from loyalty_research.study import Brand, looks_repeated, open_brand

ITEMS = """order,item,price
A1,p1,30
A1,p2,60
A1,p3,10
A2,p1,5
A9,p1,5
"""
ORDERS = """order,buyer,at,paid,post
A1,zoe,2024-03-01 10:00,100.01,10
A2,bob,2024-03-02 11:00,"1,005.00",0
A3,zoe,2024-03-03 12:00,¥7.00,0
"""


@pytest.fixture
def split(shop: Any) -> Any:
    """The shop with its lines in one file and its orders in another."""
    shop.write("items.csv", ITEMS)
    shop.write("orders.csv", ORDERS)
    shop.settings["tables"] = {
        "transactions": {
            "source": "items.csv",
            "columns": {"order_id": "order", "product_id": "item", "list_amount": "price"},
            "orders": {
                "source": "orders.csv",
                "columns": {
                    "order_id": "order",
                    "customer_id": "buyer",
                    "ordered_at": "at",
                    "amount": {"column": "paid", "less": "post"},
                },
            },
        }
    }
    shop.save()
    return shop


def _lines(brand: Any) -> pd.DataFrame:
    frame = brand.transactions.to_pyarrow().to_pandas()
    return frame.sort_values(["order_id", "product_id"]).reset_index(drop=True)


@pytest.mark.usefixtures("split")
def test_amounts_are_shared_out_by_list_amount_and_add_up_exactly() -> None:
    brand = open_brand("shop")
    lines = _lines(brand)
    shares = [str(value) for value in lines["amount"]]
    # 100.01 less 10 of freight, over 30 : 60 : 10, the remainder on the last line
    assert shares[:3] == ["27.0030", "54.0060", "9.0010"]
    assert shares[3:] == ["1005.0000", "7.0000"]
    orders = brand.orders.order_by("order_id").to_pyarrow().to_pylist()
    assert [(o["order_id"], str(o["net_sales"]), o["customer_id"]) for o in orders] == [
        ("A1", "90.0100", 1),
        ("A2", "1005.0000", 0),
        ("A3", "7.0000", 1),
    ]


@pytest.mark.usefixtures("split")
def test_lines_and_orders_without_each_other_are_counted() -> None:
    quality = open_brand("shop").quality
    counts = quality.checks.groupby("code")["count"].sum()
    assert counts["orders_without_lines"] == 1
    assert counts["lines_without_order"] == 1
    row = quality.balance.iloc[0]
    assert (row["read"], row["kept"], row["dropped"]) == (6, 5, 1)


def test_equal_shares_where_a_line_has_no_list_amount(split: Any) -> None:
    split.write("items.csv", ITEMS.replace("A1,p2,60", "A1,p2,"))
    shares = [str(value) for value in _lines(open_brand("shop"))["amount"][:3]]
    assert shares == ["30.0033", "30.0033", "30.0034"]


def test_an_order_that_stands_twice_is_refused(split: Any) -> None:
    split.write("orders.csv", ORDERS + "A2,bob,2024-03-02 11:00,1,0\n")
    with pytest.raises(DataError, match=r"1 of 4 row.*order_id.*each once"):
        open_brand("shop")


def test_files_that_do_not_belong_together_are_refused(split: Any) -> None:
    split.write("orders.csv", ORDERS.replace("A1", "B1").replace("A2", "B2"))
    split.write("items.csv", ITEMS)
    with pytest.raises(DataError, match="no order_id of it stands"):
        open_brand("shop")


def test_changed_orders_are_noticed(split: Any) -> None:
    assert open_brand("shop").quality.facts["orders"] == 3
    split.write("orders.csv", ORDERS + "A4,bob,2024-03-04 11:00,1,0\n")
    assert open_brand("shop").quality.facts["orders"] == 4


def _repeated() -> pd.DataFrame:
    rows = [(n, f"2024-03-{1 + n % 28:02d}", 10.0 + n, 3.0 + k) for n in range(40) for k in (1, 2)]
    return pd.DataFrame(rows, columns=["order_id", "ordered_at", "amount", "list_amount"])


def test_an_amount_repeated_on_each_line_is_recognised() -> None:
    lines = _repeated()
    brand = Brand.from_frames(transactions=lines, currency="CNY")
    checks = brand.quality.found().set_index("code")
    assert (checks.loc["amount_repeated", "count"], checks.loc["amount_repeated", "base"]) == (
        40,
        40,
    )
    assert looks_repeated(lines)
    assert not looks_repeated(lines.assign(amount=lines["amount"] + lines["list_amount"]))
    assert not looks_repeated(lines.assign(list_amount=5.0))
    assert not looks_repeated(lines.assign(amount=9.9))


def test_level_order_counts_a_repeated_amount_once(shop: Any) -> None:
    lines = _repeated()
    shop.write("lines.csv", lines.to_csv(index=False))
    shop.settings["tables"] = {
        "transactions": {
            "source": "lines.csv",
            "columns": {
                "order_id": "order_id",
                "ordered_at": "ordered_at",
                "amount": {"column": "amount", "level": "order"},
                "list_amount": "list_amount",
            },
        }
    }
    shop.save()
    once = lines.groupby("order_id")["amount"].first().sum()
    assert open_brand("shop").quality.facts["net_sales"] == pytest.approx(once, abs=1e-9)


def test_level_order_is_refused_where_lines_differ(shop: Any) -> None:
    shop.columns["amount"] = {"column": "paid", "level": "order"}
    shop.write(
        "lines.csv",
        "order,buyer,at,paid,cut,item,pieces\n"
        + "".join(f"A{n},zoe,2024-03-01 10:00,{k},0,p1,1\n" for n in range(5) for k in (1, 2)),
    )
    shop.save()
    with pytest.raises(DataError, match="level: order, but 5 of 5"):
        open_brand("shop")
