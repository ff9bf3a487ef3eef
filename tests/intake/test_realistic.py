"""Traps of real exports, end to end: the brand comes to the truth, or one message says why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from intake.desk import Desk
from intake.exports import Order, made_orders
from intake.realistic import MAKERS

from loyalty_research.cli import main
from loyalty_research.intake import totals_of
from loyalty_research.study import open_brand


@pytest.fixture(scope="module")
def orders() -> list[Order]:
    drawn = made_orders(7, count=150, people=30, freight=False)
    return [order for order in drawn if order.state == "paid"]


REFUSED = {
    "order numbers of 18 digits stored as numbers": "已在电子表格中丢失末几位",
    "4.12346E+17 for an order number": "已在电子表格中丢失末几位",
}


@pytest.mark.parametrize("name", [name for name in MAKERS if name not in REFUSED])
def test_a_trap_comes_to_the_truth(desk: Desk, orders: list[Order], name: str):
    case = MAKERS[name](desk.files, orders)
    status, out, errors = desk.new("shop", *case.arguments)
    assert (status, errors) == (0, ""), out
    assert [part for part in case.told if part not in out] == [], out
    brand = open_brand("shop")
    found, truth = totals_of(brand), case.truth
    assert found is not None
    assert truth is not None
    assert (found.start, found.end) == ("2024-01-01", case.end)
    assert (found.orders, Decimal(str(found.net_sales))) == (truth.orders, truth.net_sales)
    assert found.buyers == (truth.buyers if case.buyers else None)
    if case.buyers:
        assert found.repurchase_rate == pytest.approx(truth.repurchase_rate, rel=1e-12)
    if case.customers is not None:
        assert len(brand.customers.to_pandas()) == case.customers


@pytest.mark.parametrize("ui", ["en", "zh"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_trap_is_refused_in_one_line(desk: Desk, orders: list[Order], name: str, ui: str):
    case = MAKERS[name](desk.files, orders)
    assert main(["--ui", ui, "new", "shop", *map(str, case.arguments)]) == 2
    out, errors = desk.capture.readouterr()
    assert (out, len(errors.splitlines())) == ("", 1)
    told = case.refused if ui == "en" else (REFUSED[name], "请重新导出")
    assert [part for part in (*told, "订单号", str(case.arguments[1])) if part not in errors] == []
    assert list((desk.home / "data" / "brands").iterdir()) == []
    assert [item for item in desk.cache.rglob("*") if item.is_file()] == []
