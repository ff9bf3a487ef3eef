"""Several files of a table: stacked, converted once, and noticed when one changes."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty_research.errors import DataError
from loyalty_research.study import conversion, open_brand
from loyalty_research.study.fingerprint import brand_fingerprint

HEAD = "order,buyer,at,paid,cut,item,pieces\n"
JANUARY = "A1,zoe,2024-01-30 10:00,10,0,p1,1\nA2,bob,2024-01-31 10:00,20,0,p1,1\n"
FEBRUARY = "A2,bob,2024-01-31 10:00,20,0,p1,1\nA3,zoe,2024-02-01 10:00,30,0,p1,1\n"


@pytest.fixture
def months(shop: Any) -> Any:
    """The shop with one file a month; a row of January stands in both."""
    shop.write("2024-01.csv", HEAD + JANUARY)
    shop.write("2024-02.csv", HEAD + FEBRUARY)
    shop.settings["tables"]["transactions"]["source"] = ["2024-*.csv"]
    shop.save()
    return shop


@pytest.mark.usefixtures("months")
def test_a_row_of_two_files_counts_once() -> None:
    quality = open_brand("shop").quality
    assert (quality.facts["orders"], quality.facts["net_sales"]) == (3, 60)
    row = quality.balance.set_index("table").loc["transactions"]
    assert (row["read"], row["kept"], row["dropped"]) == (4, 3, 1)
    assert quality.checks.set_index("code")["count"]["repeated_rows"] == 1


def test_a_new_or_changed_file_is_noticed(months: Any) -> None:
    keys = [brand_fingerprint("shop").key]
    months.write("2024-03.csv", HEAD + "A4,zoe,2024-03-01 10:00,5,0,p1,1\n")
    keys.append(brand_fingerprint("shop").key)
    assert open_brand("shop").quality.facts["orders"] == 4
    months.write("2024-01.csv", HEAD + JANUARY.replace("10,0", "11,0", 1))
    keys.append(brand_fingerprint("shop").key)
    assert len(set(keys)) == 3


def test_files_are_converted_once(months: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_brand("shop").quality.facts
    monkeypatch.setattr(conversion, "convert", None)
    months.settings["currency"] = "EUR"  # another brand file, the same files
    months.save()
    assert open_brand("shop").quality.facts == first


def test_a_missing_file_of_several_is_named(months: Any) -> None:
    months.settings["tables"]["transactions"]["source"] = ["2024-01.csv", "2024-09.csv"]
    months.save()
    with pytest.raises(DataError, match=r"'2024-09\.csv'"):
        open_brand("shop")


def test_free_text_is_masked_before_it_is_kept(shop: Any) -> None:
    shop.write("said.csv", "id,at,said\n1,2024-03-02,请打 13812345678 找我\n2,2024-03-03,很好\n")
    shop.settings["tables"]["feedback"] = {
        "source": "said.csv",
        "columns": {"feedback_id": "id", "posted_at": "at", "text": "said"},
    }
    shop.save()
    brand = open_brand("shop")
    texts = brand.feedback.order_by("feedback_id").to_pyarrow().to_pandas()["text"].tolist()
    assert "13812345678" not in texts[0]
    assert texts[1] == "很好"
    assert brand.quality.facts["masked_feedback"] == 1
    held = b"".join(path.read_bytes() for path in (shop.cache / "brands").rglob("feedback.parquet"))
    assert b"13812345678" not in held


def test_an_attribute_that_names_persons_is_refused(shop: Any) -> None:
    shop.write("people.csv", "buyer,手机号\nzoe,13812345678\nbob,13912345678\n")
    shop.settings["tables"]["customers"] = {
        "source": "people.csv",
        "columns": {"customer_id": "buyer", "contact": "手机号"},
    }
    shop.save()
    with pytest.raises(DataError, match=r"手机号 for contact holds persons \(phone\)"):
        open_brand("shop")
