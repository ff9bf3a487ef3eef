"""The period asked for, and the one to compare it with."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from loyalty_research.errors import ParameterError
from loyalty_research.study import brand_fingerprint, open_brand
from loyalty_research.study.period import as_compare, as_period


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("2024", ("2024-01-01", "2024-12-31")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("2024-01..2024-06", ("2024-01-01", "2024-06-30")),
        ("2024-01-15..2024-02-14", ("2024-01-15", "2024-02-14")),
        (("2024-01-01", "2024-01-31"), ("2024-01-01", "2024-01-31")),
        ((dt.date(2024, 1, 1), dt.date(2024, 1, 2)), ("2024-01-01", "2024-01-02")),
    ],
)
def test_periods_as_they_are_written(written: Any, days: tuple[str, str]) -> None:
    assert as_period(written).iso == days


@pytest.mark.parametrize("wrong", ["", "24", "2024-13", "2024-02-30", "2024..", 2024, ("2024",)])
def test_what_is_no_period_is_refused(wrong: Any) -> None:
    with pytest.raises(ParameterError, match=r"period: found .*2024-01..2024-06"):
        as_period(wrong)
    with pytest.raises(ParameterError, match=r"compare: found .*previous, last_year"):
        as_compare(wrong)


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"ends .* before it starts"):
        as_period("2024-03..2024-01")


@pytest.mark.parametrize(
    ("period", "previous", "last_year"),
    [
        ("2024-01..2024-03", "2023-10..2023-12", "2023-01..2023-03"),
        ("2024-03", "2024-02", "2023-03"),
        ("2024-02", "2024-01", "2023-02"),
        ("2024-01-15..2024-02-14", "2023-12-15..2024-01-14", "2023-01-15..2023-02-14"),
        ("2024", "2023", "2023"),
    ],
)
def test_the_period_to_compare_with(period: str, previous: str, last_year: str) -> None:
    assert as_period(period).previous() == as_period(previous)
    assert as_period(period).last_year() == as_period(last_year)


@pytest.fixture
def year(shop: Any) -> Any:
    """The shop with an order each day from 2023-01-01 on; zoe buys on even days."""
    first = dt.date(2023, 1, 1)
    rows = [
        f"O{n:04d},{'zoe' if n % 2 == 0 else 'ann'},{first + dt.timedelta(days=n)} 10:00,{n + 1}.00"
        for n in range(500)
    ]
    shop.write("lines.csv", "order,buyer,at,paid\n" + "\n".join(rows) + "\n")
    for name in ("discount", "product_id", "quantity"):
        del shop.columns[name]
    del shop.settings["tables"]["products"]
    shop.settings["period"] = {"start": "2024-01-01", "end": "2024-03-31"}
    shop.settings["compare"] = "last_year"
    shop.save()
    return shop


@pytest.mark.usefixtures("year")
def test_orders_of_the_compared_period_are_kept_apart() -> None:
    brand = open_brand("shop")
    assert brand.compare == as_period("2023-01..2023-03")
    orders = brand.orders_compared.order_by("order_id").to_pyarrow().to_pandas()
    assert len(orders) == 90
    assert float(orders["net_sales"].sum()) == sum(range(1, 91))
    assert orders["customer_id"].tolist()[:2] == [1, 0]  # zoe, ann: numbered as in the period
    counts = brand.quality.checks.groupby("code")["count"].sum()
    assert (counts["compared_period"], counts["outside_period"]) == (90, 500 - 90 - 91)
    row = brand.quality.balance.iloc[0]
    assert (row["read"], row["kept"], row["dropped"]) == (500, 91, 409)


@pytest.mark.usefixtures("year")
def test_what_is_asked_for_overrides_the_file_and_has_a_key_of_its_own() -> None:
    brand = open_brand("shop", period="2023-06", compare="previous")
    assert (brand.period, brand.compare) == (as_period("2023-06"), as_period("2023-05"))
    assert open_brand("shop", compare="none").orders_compared is None
    keys = {
        brand_fingerprint("shop", period=period, compare=compare).key
        for period in (None, "2023-06")
        for compare in (None, "previous", "none")
    }
    assert len(keys) == 6


@pytest.mark.usefixtures("year")
def test_no_comparison_with_days_the_data_do_not_reach() -> None:
    brand = open_brand("shop", period="2023-02", compare="last_year")
    assert (brand.compare, brand.orders_compared) == (None, None)
    found = brand.quality.found().set_index("code").loc["compared_uncovered"]
    assert (found["count"], found["base"], found["severity"]) == (28, 28, "warning")
