"""Amounts of the order on every line, and freight inside a payment: the amounts decide."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from loyalty_research.intake.amounts import with_freight, with_levels
from loyalty_research.intake.recognise import Guess

KIND = pa.decimal128(18, 4)


def lines(**columns: Sequence[float | str]) -> ibis.Table:
    made = {
        name: pa.array([Decimal(str(item)) for item in values], KIND)
        if name != "order_id"
        else pa.array(values)
        for name, values in columns.items()
    }
    return ibis.memtable(pa.table(made))


def guesses(*names: str, **headings: str) -> dict[str, Guess]:
    return {name: Guess(name, headings.get(name, name), "sure") for name in names}


def pairs(count: int) -> list[str]:
    """Return two lines an order."""
    return [f"o{place // 2:03d}" for place in range(2 * count)]


def doubled(values: Sequence[float]) -> list[float]:
    return [value for value in values for _ in range(2)]


def test_the_orders_amount_on_every_line_is_counted_once():
    paid = [10 + place for place in range(20)]
    listed = [part for value in paid for part in (value * 0.25, value * 0.75)]
    table = lines(order_id=pairs(20), amount=doubled(paid), list_amount=listed)
    found = with_levels(guesses("order_id", "amount", "list_amount"), table)
    assert found["amount"].rule == {"level": "order"}
    assert found["amount"].confidence == "sure"
    assert found["list_amount"].rule == {}


def test_equal_lines_are_no_repeated_amount():
    """A shop of one price: every line of an order costs the same, and so says its list amount."""
    listed = [part for value in range(20) for part in (12 + value % 2, 12.5 + value % 2)]
    paid = doubled([12 + value % 2 for value in range(20)])
    table = lines(order_id=pairs(20), amount=paid, list_amount=listed)
    found = with_levels(guesses("order_id", "amount", "list_amount"), table)["amount"]
    assert found.rule == {}
    assert [item.key for item in found.notes] == ["level.line"]


def test_the_same_cut_on_every_line_is_no_cut_of_the_order():
    paid = [10 + place for place in range(40)]
    table = lines(
        order_id=pairs(20), amount=paid, discount=[1.0] * 40, freight=doubled([6, 8] * 10)
    )
    found = with_levels(guesses("order_id", "amount", "discount", "freight"), table)
    assert found["discount"].rule == {}
    assert found["freight"].rule == {"level": "order"}  # freight is paid by the order


@pytest.mark.parametrize(("prices", "rule"), [(2, {}), (20, {"level": "order"})])
def test_without_list_amounts_it_is_a_guess(prices: int, rule: dict):
    paid = doubled([10 + place % prices for place in range(40)])
    table = lines(order_id=pairs(40), amount=paid)
    found = with_levels(guesses("order_id", "amount"), table)["amount"]
    assert found.confidence == "guess"
    assert found.rule == rule


@pytest.mark.parametrize("inside", [True, False])
def test_the_amounts_tell_whether_freight_is_inside(inside: bool):
    listed = [20.0 + place for place in range(10)]
    paid = [value - 3 + (6 if inside else 0) for value in listed]
    table = lines(
        order_id=[f"o{place}" for place in range(10)],
        amount=paid,
        list_amount=listed,
        discount=[3.0] * 10,
        freight=[6.0] * 10,
    )
    names = guesses(
        "order_id", "amount", "list_amount", "discount", "freight", amount="用户实付金额"
    )
    found = with_freight(names, table)["amount"]
    assert found.rule == ({"less": "freight"} if inside else {})
    assert found.confidence == "sure"


@pytest.mark.parametrize(("heading", "inside"), [("用户实付金额", True), ("成交金额", False)])
def test_without_such_amounts_the_heading_tells_and_it_is_a_guess(heading: str, inside: bool):
    table = lines(order_id=["a", "b"], amount=[26.0, 27.0], freight=[6.0, 0.0])
    found = with_freight(guesses("order_id", "amount", "freight", amount=heading), table)["amount"]
    assert found.rule == ({"less": "freight"} if inside else {})
    assert found.confidence == "guess"


def test_freight_of_another_level_is_not_taken_off():
    paid = Guess("amount", "用户实付金额", "sure", rule={"level": "order"})
    table = lines(order_id=pairs(3), amount=doubled([26, 27, 28]), freight=[6.0, 0] * 3)
    found = with_freight({**guesses("order_id", "freight"), "amount": paid}, table)["amount"]
    assert found.rule == {"level": "order"}
    assert found.notes[-1].key == "freight.other_level"
