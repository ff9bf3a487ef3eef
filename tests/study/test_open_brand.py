"""From files to tables: what is kept, dropped, changed and cached."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from loyalty_research.engine import context_of
from loyalty_research.language.catalogue import catalogue
from loyalty_research.study import open_brand
from loyalty_research.study.fingerprint import brand_fingerprint
from loyalty_research.study.quality import CODES


def _frame(table: Any, key: str = "order_id") -> pd.DataFrame:
    return table.order_by(key).to_pyarrow().to_pandas()


@pytest.mark.usefixtures("shop")
def test_orders_are_built_from_the_lines() -> None:
    orders = _frame(open_brand("shop").orders)
    assert orders["order_id"].tolist() == ["A1", "A3", "A4"]
    assert orders["net_sales"].astype(float).tolist() == [15.5, 7.25, 3.0]
    assert orders["lines"].tolist() == [2, 1, 1]
    assert orders["list_amount"].astype(float).tolist() == [16.5, 7.25, 3.0]
    assert orders["discounted_sales"].astype(float).tolist() == [10.0, 0.0, 0.0]
    assert orders["units"].fillna(-1).tolist() == [3.0, 1.0, -1.0]
    assert orders["unit_sales"].astype(float).fillna(-1).tolist() == [15.5, 7.25, -1.0]


def test_customer_ids_are_dense_in_source_order(shop: Any) -> None:
    shop.write("people.csv", "buyer,since,town\nann,2023-01-05,Lu\nzoe,,\n")
    shop.settings["tables"]["customers"] = {
        "source": "people.csv",
        "columns": {"customer_id": "buyer", "joined_on": "since", "home_town": "town"},
    }
    shop.save()
    brand = open_brand("shop")
    assert _frame(brand.orders)["customer_id"].fillna(-1).tolist() == [2, -1, 1]
    people = _frame(brand.customers, "customer_id")
    assert people["customer_id"].tolist() == [0, 2]
    assert people["home_town"].tolist()[0] == "Lu"
    assert brand.quality.facts["customers_described"] == 1


@pytest.mark.usefixtures("shop")
def test_checks_say_what_was_found_and_done() -> None:
    found = open_brand("shop").quality.found()
    table = {(row.code, row.column): row for row in found.itertuples()}
    counts = dict(zip(table, found["count"], strict=True))
    assert counts == {
        ("above_limit", "quantity"): 1,
        ("amount_not_positive", ""): 1,
        ("unidentified", ""): 1,
        ("unknown_product", ""): 1,
        ("no_category", ""): 2,
        ("order_unpaid", ""): 1,
    }
    assert table["unknown_product", ""].example == "p9"
    assert table["above_limit", "quantity"].action == "set_null"


def test_dropped_and_kept_are_what_was_read(shop: Any) -> None:
    shop.columns["status"] = "item"
    shop.settings["tables"]["transactions"]["sale_status"] = ["p1", "p2"]
    shop.settings["period"] = {"start": "2024-03-01", "end": "2024-03-31"}
    shop.save()
    quality = open_brand("shop").quality
    lines = quality.balance.set_index("table").loc["transactions"]
    assert (lines["read"], lines["kept"], lines["dropped"]) == (5, 3, 2)
    counts = quality.checks.set_index("code")["count"]
    assert counts["not_a_sale"] == 1
    assert counts["outside_period"] == 1


@pytest.mark.usefixtures("shop")
def test_period_of_the_data_counts_both_ends() -> None:
    period = open_brand("shop").period
    assert period.iso == ("2024-03-01", "2024-04-01")
    assert period.days == 32


@pytest.mark.parametrize("written", ["2024-03-01T02:00:00Z", "2024-03-01 10:00:00+08:00"])
def test_zoned_text_is_told_in_the_brands_zone(shop: Any, written: str) -> None:
    path = shop.folder / "lines.csv"
    text = path.read_text("utf-8").replace("2024-03-01 10:00:00", written)
    path.write_text(text, encoding="utf-8")
    first = _frame(open_brand("shop").orders)["ordered_at"].iloc[0]
    assert first == pd.Timestamp("2024-03-01 10:00:00")


def test_declared_zone_is_converted(shop: Any) -> None:
    shop.columns["ordered_at"] = {"column": "at", "timezone": "UTC"}
    shop.save()
    orders = _frame(open_brand("shop").orders)
    assert orders["ordered_at"].iloc[0] == pd.Timestamp("2024-03-01 18:00:00")
    assert str(orders["day"].iloc[0]) == "2024-03-01"


def test_context_belongs_to_its_brand(shop: Any) -> None:
    one = open_brand("shop")
    shop.settings["currency"] = "EUR"
    shop.save()
    two = open_brand("shop")
    assert context_of(one.orders).currency == "CNY"
    assert context_of(two.orders).currency == "EUR"


def test_notices_print_facts(shop: Any) -> None:
    shop.settings["notices"] = [
        {"id": "n", "zh": "{orders} 单，{identified_share}", "en": "{net_sales} in {orders} orders"}
    ]
    shop.save()
    notice = open_brand("shop").quality.notices[0]
    assert (notice.zh, notice.en) == ("3 单，67%", "26 in 3 orders")


@pytest.mark.usefixtures("shop")
def test_second_opening_reads_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _frame(open_brand("shop").orders)
    monkeypatch.setattr("loyalty_research.study.opening.ingest", None)
    pd.testing.assert_frame_equal(_frame(open_brand("shop").orders), before)


def test_changed_source_is_read_anew(shop: Any) -> None:
    old = brand_fingerprint("shop").key
    assert open_brand("shop").quality.facts["orders"] == 3
    path = shop.folder / "lines.csv"
    path.write_text(path.read_text("utf-8") + "A5,bob,2024-03-05,1,0,p1,1\n", encoding="utf-8")
    assert brand_fingerprint("shop").key != old
    assert open_brand("shop").quality.facts["orders"] == 4


def test_another_process_finishing_first_is_no_harm(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loyalty_research.study import opening

    original = opening.ingest

    def overtaken(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(opening, "ingest", original)
        open_brand("shop")
        return original(*arguments, **options)

    monkeypatch.setattr(opening, "ingest", overtaken)
    assert open_brand("shop").quality.facts["orders"] == 3
    assert len(list((shop.cache / "brands" / "shop").iterdir())) == 1
    assert [name for name in shop.leftovers() if name.startswith(".")] == []


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_cache_is_private(shop: Any) -> None:
    open_brand("shop")
    for path in [shop.cache, *shop.cache.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_parquet_and_absolute_paths(shop: Any, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.parquet"
    source = shop.folder / "lines.csv"
    duckdb.execute(f"copy (from read_csv('{source}')) to '{target}' (format parquet)")
    before = _frame(open_brand("shop").orders)
    shop.settings["tables"]["transactions"]["source"] = str(target)
    shop.save()
    pd.testing.assert_frame_equal(_frame(open_brand("shop").orders), before)


@pytest.mark.usefixtures("shop")
def test_repr_names_tables() -> None:
    text = repr(open_brand("shop"))
    assert "'shop'" in text
    assert "orders (3)" in text
    assert "2024-03-01 to 2024-04-01, CNY" in text


@pytest.mark.usefixtures("shop")
def test_fingerprint_needs_no_heavy_library() -> None:
    code = (
        "import sys; from loyalty_research.study.fingerprint import brand_fingerprint;"
        "brand_fingerprint('shop');"
        "print([m for m in ('pandas', 'ibis', 'duckdb', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_check_and_action_has_a_label(language: Any) -> None:
    known = catalogue(language)
    names = [f"label.check.{code}" for code in CODES]
    for severity, action in CODES.values():
        names += [f"label.severity.{severity}", f"label.action.{action}"]
    assert [name for name in names if not known.get(name)] == []
