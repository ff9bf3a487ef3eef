"""Traps of real exports, end to end: the opened brand comes to the truth, or one message says why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from intake.desk import Desk
from intake.exports import Order, made_orders
from intake.realistic import MAKERS

from loyalty_research.intake import totals_of
from loyalty_research.study import open_brand


@pytest.fixture(scope="module")
def orders() -> list[Order]:
    drawn = made_orders(7, count=150, people=30, freight=False)
    return [order for order in drawn if order.state == "paid"]


@pytest.mark.parametrize("name", MAKERS)
def test_a_trap(desk: Desk, orders: list[Order], name: str):
    case = MAKERS[name](desk.files, orders)
    status, out, errors = desk.new("shop", *case.arguments)
    print(out, errors)
    if case.truth is None:
        assert (status, out) == (2, "")
        assert all(part in errors for part in case.refused), errors
        assert not desk.brand_file("shop").parent.exists()
        return
    assert (status, errors) == (0, "")
    assert all(part in out for part in case.told), out
    brand = open_brand("shop")
    found = totals_of(brand)
    assert found is not None
    assert (found.start, found.end) == ("2024-01-01", case.end)
    assert (found.orders, Decimal(str(found.net_sales))) == (case.truth.orders, case.truth.net_sales)
    if case.buyers:
        assert found.buyers == case.truth.buyers
        assert found.repurchase_rate == pytest.approx(case.truth.repurchase_rate, rel=1e-12)
    else:
        assert found.buyers is None
    if case.customers is not None:
        assert len(brand.customers.to_pandas()) == case.customers
