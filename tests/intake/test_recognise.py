"""Names propose, values dispose."""

from __future__ import annotations

import pytest

from loyalty_research.intake.recognise import recognise
from loyalty_research.intake.values import Column
from loyalty_research.intake.vocabulary import aliases, normalise, status_group, system_of
from loyalty_research.tables import TABLES

TIMES = ("2024-01-05 10:00:00", "2024/2/7 9:30", "2024年3月1日")
AMOUNTS = ("12.50", "¥1,200", "(3.00)")


def column(heading: str, *sample: str, rows: int = 100, distinct: int = 50) -> Column:
    return Column(heading, rows, rows if sample else 0, distinct, sample)


def taken(*columns: Column, table: str = "transactions") -> dict[str, str]:
    found = recognise(table, columns)
    return {name: guess.heading for name, guess in found.guesses.items()}


@pytest.mark.parametrize(
    ("heading", "same"),
    [
        ("\ufeff订单编号\t", "订单编号"),
        ("运费（元）", "运费"),
        ("Ｏrder　ID", "Order id"),
        ("order_id", "Order-ID"),
        ("商品数量(件)", "商品数量"),
        ("收货地址 ", "收货地址"),
    ],
)
def test_headings_are_compared_without_dress(heading: str, same: str):
    assert normalise(heading) == normalise(same)


def test_every_alias_is_of_a_canonical_column():
    for name, table in TABLES.items():
        assert set(aliases(name)) <= set(table.names), name


def test_the_first_alias_wins_and_the_others_are_told():
    found = recognise(
        "transactions", [column("下单时间", *TIMES), column("付款时间", *TIMES)]
    ).guesses["ordered_at"]
    assert (found.heading, found.others) == ("付款时间", ("下单时间",))
    assert found.confidence == "likely"


def test_a_name_whose_values_contradict_it_is_not_taken():
    found = recognise("transactions", [column("支付时间", "是", "否"), column("下单时间", *TIMES)])
    assert found.guesses["ordered_at"].heading == "下单时间"
    assert [item.key for item in found.refused["ordered_at"]] == ["not.times"]


@pytest.mark.parametrize(
    ("heading", "sample", "key"),
    [
        ("手机号", ("138****1234", "139****0000"), "not.masked"),
        ("会员号", ("$$abc$1$", "##def="), "not.masked"),
        ("会员号", (), "not.empty"),
    ],
)
def test_what_hides_persons_is_no_customer(heading: str, sample: tuple[str, ...], key: str):
    found = recognise("transactions", [column(heading, *sample)])
    assert "customer_id" not in found.guesses
    assert [item.key for item in found.refused["customer_id"]] == [key]


def test_the_recipients_phone_is_a_last_resort_and_said_so():
    recipient = column("收货人手机号/提货人手机号", "13900000000")
    assert taken(recipient, column("买家手机号", "13800000000"))["customer_id"] == "买家手机号"
    alone = recognise("transactions", [recipient]).guesses["customer_id"]
    assert alone.confidence == "guess"
    assert "last.recipient" in [item.key for item in alone.notes]


def test_a_rate_is_no_discount():
    found = recognise("transactions", [column("打折率", "0.85", "0.9")])
    assert "discount" not in found.guesses
    assert found.refused["discount"][0].key == "not.rate"
    named = recognise("transactions", [column("会员折扣", "0.85", "1", "0.9")])
    assert named.refused["discount"][0].key == "not.rate"
    assert taken(column("会员折扣", "3.50", "0"))["discount"] == "会员折扣"


def test_several_numbers_in_a_cell_are_no_order():
    found = recognise("transactions", [column("订单号", "a1;a2", "b1")])
    assert [item.key for item in found.refused["order_id"]] == ["not.several"]


def test_genders_are_asked_about():
    found = recognise("customers", [column("性别", "0", "1", "2")]).guesses["gender"]
    assert "ask.gender" in [item.key for item in found.notes]


def test_a_full_birthday_is_not_kept():
    found = recognise("customers", [column("生日", "1990-05-06")])
    assert "birthday_month" not in found.guesses


def test_english_headings():
    found = taken(
        column("Order Number", "1001"),
        column("Customer ID", "c1"),
        column("Paid At", *TIMES),
        column("Net Sales", *AMOUNTS),
        column("Qty", "1", "2"),
        column("SKU", "x"),
    )
    assert found == {
        "order_id": "Order Number",
        "customer_id": "Customer ID",
        "ordered_at": "Paid At",
        "amount": "Net Sales",
        "quantity": "Qty",
        "product_id": "SKU",
    }


def test_headings_named_by_hand_are_taken():
    found = recognise("transactions", [column("金额A", *AMOUNTS)], given={"amount": "金额A"})
    assert found.guesses["amount"].heading == "金额A"


@pytest.mark.parametrize(
    ("headings", "code"),
    [
        (["买家会员名", "买家应付货款", "买家应付邮费", "返点积分", "宝贝种类"], "taobao_orders"),
        (["订单号", "金额", "时间"], None),
        (["门店", "销售时间", "单据号", "会员编号", "商品编号", "单价", "打折率"], "pos"),
    ],
)  # fmt: skip
def test_systems_are_known_by_their_headings(headings: list[str], code: str | None):
    found = system_of(headings)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("status", "group"),
    [
        ("买家已付款，等待卖家发货", "sale"),
        ("卖家已发货，等待买家确认", "sale"),
        ("TRADE_FINISHED", "sale"),
        ("WAIT_BUYER_PAY", "no_sale"),
        ("等待买家付款", "no_sale"),
        ("交易关闭", "no_sale"),
        ("已取消", "no_sale"),
        ("已发货，退款成功", "returned"),
        ("部分退款", "sale"),
        ("Partially refunded", "sale"),
        ("待定", "unknown"),
    ],
)
def test_statuses(status: str, group: str):
    assert status_group(status) == group
