"""Exports of real systems, imitated: what is opened comes to the truth, or one message says why."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from intake import exports
from intake.desk import Desk
from intake.exports import Order, Truth, made_orders, truth_of

from loyalty_research.intake import totals_of
from loyalty_research.study import Brand, open_brand

SEED = 20240101


@pytest.fixture(scope="module")
def orders() -> list[Order]:
    return made_orders(SEED)


def check(brand: Brand, truth: Truth, *, buyers: bool = True) -> None:
    """Compare a brand with the truth, to the cent and the person."""
    found = totals_of(brand)
    assert found is not None
    assert (found.start, found.end) == ("2024-01-01", "2024-03-31")
    assert found.orders == truth.orders
    assert Decimal(str(found.net_sales)) == truth.net_sales
    if buyers:
        assert found.buyers == truth.buyers
        assert found.repurchase_rate == pytest.approx(truth.repurchase_rate, rel=1e-12)
    else:
        assert found.buyers is None


def test_youzan_in_two_files(desk: Desk, orders: list[Order]):
    by_order, by_line = exports.youzan(desk.files, orders)
    status, out, errors = desk.new("甜品 一店", "--orders", by_order, "--lines", by_line)
    assert (status, errors) == (0, "")
    assert "Youzan" in out
    check(open_brand("甜品 一店"), truth_of(orders))
    table = desk.settings("甜品 一店")["tables"]["transactions"]
    assert table["orders"]["columns"]["customer_id"] == "买家手机号"  # not the recipient's
    assert table["orders"]["columns"]["ordered_at"] == "买家付款时间"
    assert table["columns"]["amount"] == "商品实际成交金额"
    assert table["sale_status"] == ["交易完成"]


def test_tmall_in_monthly_files_that_overlap(desk: Desk, orders: list[Order]):
    paths = exports.tmall(desk.files, orders)
    status, out, errors = desk.new("tmall", "--transactions", *paths)
    assert (status, errors) == (0, "")
    assert "14 rows stand in two files" in out
    check(open_brand("tmall"), truth_of(orders))
    columns = desk.settings("tmall")["tables"]["transactions"]["columns"]
    assert columns["amount"] == {"column": "买家实际支付金额", "less": ["买家应付邮费"]}


def test_tmall_items_beside_the_orders(desk: Desk, orders: list[Order]):
    paths = exports.tmall(desk.files, orders)
    items = exports.tmall_items(desk.files, orders)
    status, _, errors = desk.new("both", "--orders", *paths, "--lines", items)
    assert (status, errors) == (0, "")
    brand = open_brand("both")
    check(brand, truth_of(orders))
    sold = {line.product for order in orders for line in order.lines if order.net > 0}
    found = brand.transactions.product_id.as_table().distinct().to_pandas()["product_id"]
    assert set(found.dropna()) == sold


def test_douyin_repeats_amounts_and_hides_its_buyers(desk: Desk, orders: list[Order]):
    some = [order for order in orders if order.state != "partly"]  # it writes no refunded amount
    path = exports.douyin(desk.files, some)
    status, out, errors = desk.new("douyin", "--transactions", path)
    assert (status, errors) == (0, "")
    assert "name no buyer" in out
    assert "100% of its values are masked" in out
    check(open_brand("douyin"), truth_of(some), buyers=False)
    columns = desk.settings("douyin")["tables"]["transactions"]["columns"]
    assert columns["amount"] == {"column": "订单应付金额", "less": ["运费"], "level": "order"}
    assert columns["freight"] == {"column": "运费", "level": "order"}
    assert columns["list_amount"] == "商品金额"
    assert "customer_id" not in columns


def test_pinduoduo_has_no_buyer(desk: Desk, orders: list[Order]):
    some = [replace(order, lines=order.lines[:1]) for order in orders if order.state != "partly"]
    path = exports.pinduoduo(desk.files, some)
    status, out, errors = desk.new("pinduoduo", "--transactions", path)
    assert (status, errors) == (0, "")
    assert "Exports of Pinduoduo name no buyer" in out
    check(open_brand("pinduoduo"), truth_of(some), buyers=False)


def test_a_till_with_walk_ins_and_recharges(desk: Desk):
    drawn = made_orders(SEED + 1, walk_ins=0.4, freight=False)
    paid = [order for order in drawn if order.state == "paid"]
    path = exports.till(desk.files, paid)
    status, out, errors = desk.new("till", "--transactions", path)
    assert (status, errors) == (0, "")
    assert "储值卡充值 (25 rows, 5,000.00)" in out
    truth = truth_of(paid)
    assert 0.3 < sum(order.buyer is None for order in paid) / len(paid) < 0.5
    check(open_brand("till"), truth)
    table = desk.settings("till")["tables"]["transactions"]
    assert set(table["not_customers"]) == {"散客", "来宾", "0"}
    assert table["not_goods"] == {"product_name": ["储值卡充值"]}
    assert "discount" not in table["columns"]  # 打折率 is a rate


def test_a_weengine_dump_with_epochs_codes_and_recharges(desk: Desk, orders: list[Order]):
    some = [order for order in orders if order.state != "partly"]
    path = exports.weengine(desk.files, some)
    status, _out, errors = desk.new("dump", "--transactions", path)
    assert (status, errors) == (0, "")
    check(open_brand("dump"), truth_of(some))
    table = desk.settings("dump")["tables"]["transactions"]
    assert table["columns"]["ordered_at"] == {"column": "paytime", "epoch": "seconds"}
    assert table["not_goods"] == {"order_id_starts": ["RC"]}
    assert set(table["sale_status"]) == {"1", "3"}
