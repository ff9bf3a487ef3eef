"""Lines, orders and events become entries: what each brings every rule, and in which order."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from programmes.ledgers import at, frame_of, programme_of

from loyalty_research.engine import as_table, collect, collect_one
from loyalty_research.programmes.asks import Ask, asks_of, columns_of
from loyalty_research.programmes.entries import (
    count_entries,
    entries_within,
    event_entries,
    goods_of,
    lines_to_orders,
    order_entries,
    orders_as_given,
)
from loyalty_research.programmes.fields import Where

COFFEE = Where(categories=("coffee",))
PRODUCTS = pd.DataFrame({"product_id": ["p1", "p2", "p3"], "category": ["coffee", "cake", None]})


def lines(*rows: tuple) -> pd.DataFrame:
    names = ("order_id", "customer_id", "ordered_at", "amount", "product_id", "quantity")
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(ordered_at=[at(when) for when in frame.ordered_at])


def answers(rows: pd.DataFrame, *asks: Ask, terms: dict | None = None) -> pd.DataFrame:
    orders = lines_to_orders(
        as_table(rows), goods=goods_of(asks), terms=terms, products=as_table(PRODUCTS)
    )
    found = collect(order_entries(orders, asks=asks, terms=terms), sort_by=["order_id"])
    return found.set_index("order_id")


def test_amounts_and_items_are_those_of_the_lines_that_fit():
    rows = lines(
        ("a", 1, "2024-01-05", 3.25, "p1", 2.9),
        ("a", 1, "2024-01-05", 4.5, "p2", 1),
        ("a", 1, "2024-01-05", 1.0, "p3", None),
    )
    asks = (
        Ask("amount", Where()),
        Ask("amount", COFFEE),
        Ask("amount", Where(not_categories=("coffee",))),
        Ask("items", COFFEE),
        Ask("items", Where()),
        Ask("order", Where(products=("p9",))),
    )
    row = answers(rows, *asks).loc["a"]
    # 8.75 in all, 3.25 of coffee; 5.5 without, of which one product has no category
    assert row.amount == 87_500
    assert list(row[[f"a{n}" for n in range(6)]]) == [87_500, 32_500, 55_000, 20_000, 40_000, 0]


def test_a_return_answers_with_its_signs_turned_and_no_minimum():
    rows = lines(
        ("back", 1, "2024-01-05", -10.0, "p1", 2),
        ("back", 1, "2024-01-05", 4.0, "p2", 1),
        ("zero", 1, "2024-01-06", 4.0, "p1", 1),
        ("zero", 1, "2024-01-06", -4.0, "p1", 1),
    )
    asks = (Ask("amount", Where(), 50), Ask("amount", COFFEE), Ask("items", COFFEE))
    found = answers(rows, *asks)
    assert list(found.index) == ["back"]
    assert list(found.loc["back", ["amount", "a0", "a1", "a2"]]) == [
        -60_000, 60_000, 100_000, 20_000,
    ]  # fmt: skip


def test_terms_stand_for_the_brands_own_values():
    rows = lines(("a", 1, "2024-01-05", 3, "p1", 1), ("b", 1, "2024-01-05", 3, "p2", 1))
    ask = Ask("amount", Where(categories=("drink",)))
    assert list(answers(rows, ask, terms={"drink": ("coffee",)}).a0) == [30_000, 0]
    assert list(answers(rows, ask, terms={"drink": ()}).a0) == [0, 0]


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        ({"weekdays": ("friday",)}, [True, False, False]),
        ({"days_of_month": (29, 6)}, [False, True, True]),
        ({"hours": ("07:00", "12:00")}, [True, False, False]),
        ({"hours": ("12:00", "24:00")}, [False, True, True]),
        ({"dates": ({"start": "2024-01-05", "end": "2024-01-06"},)}, [True, True, False]),
    ],
)
def test_conditions_on_time(where, fits):
    # Friday 5 January 11:59:59, Saturday noon, Thursday 29 February 23:59
    times = ["2024-01-05 11:59:59", "2024-01-06 12:00", "2024-02-29 23:59"]
    rows = lines(*((name, 1, when, 1, "p1", 1) for name, when in zip("abc", times, strict=True)))
    found = answers(rows, Ask("order", Where(**where)))
    assert list(found.a0 > 0) == fits


def test_a_missing_channel_fits_no_list_and_no_list_that_excludes():
    rows = lines(("a", 1, "2024-01-05", 1, "p1", 1), ("b", 1, "2024-01-05", 1, "p1", 1))
    rows = rows.assign(channel=["app", None])
    asks = (Ask("order", Where(channels=("app",))), Ask("order", Where(not_channels=("app",))))
    found = answers(rows, *asks)
    assert list(found.a0 > 0) == [True, False]
    assert list(found.a1 > 0) == [False, True]


def test_orders_bring_units_and_their_own_net_sales():
    orders = pd.DataFrame(
        {
            "order_id": [1, 2],
            "customer_id": [7, 7],
            "ordered_at": [at("2024-01-05"), at("2024-01-06")],
            "net_sales": [2.5, 4.0],
            "units": [3.0, None],
        }
    )
    asks = (Ask("amount", Where(), 3), Ask("items", Where()))
    found = collect(
        order_entries(orders_as_given(as_table(orders)), asks=asks), sort_by=["order_id"]
    )
    assert list(found.a0) == [0, 40_000]
    assert list(found.a1) == [30_000, 10_000]


def test_an_event_that_fits_and_brings_nothing_is_told_from_one_that_does_not_fit():
    events = frame_of(
        [
            {"customer_id": "ann", "at": at("2024-01-05"), "kind": "reload", "amount": Decimal(0)},
            {"customer_id": "ann", "at": at("2024-01-06"), "kind": "survey", "amount": None},
        ],
        (),
    )
    orders = order_entries(
        lines_to_orders(as_table(lines(("a", "ann", "2024-01-05", 1, "p1", 1)))), asks=()
    )
    asks = (Ask("event_amount", Where(), event="reload"), Ask("event", Where(), event="survey"))
    entries = event_entries(as_table(events), asks=asks, kinds=("reload", "survey"), like=orders)
    found = collect(entries, sort_by=["at"])
    assert list(found.event) == [1, 2]
    assert list(found.a0) == [-1, 0]
    assert list(found.a1) == [0, 10_000]


def test_left_out_entries_are_counted_by_the_first_reason():
    rows = lines(
        ("a", 1, "2024-01-05", 1, "p1", 1),
        ("b", None, "2024-01-05", 1, "p1", 1),
        ("c", 2, "2024-01-05", 1, "p1", 1),
        ("d", 2, "2023-12-31 23:59", 1, "p1", 1),
        ("e", 1, "2024-02-01", 900.5, "p1", 1),
    )
    entries = order_entries(lines_to_orders(as_table(rows)), asks=())
    span = {"start": "2024-01-01", "end": "2024-01-31"}
    known = as_table(pd.DataFrame({"customer_id": [1, 1, 3], "birthday_month": [4, None, 5]}))
    counts = collect_one(count_entries(entries, **span, customers=known))
    assert (counts["without_customer"], counts["outside_period"]) == (1, 2)
    assert (counts["unknown_customers"], counts["counted"]) == (1, 1)
    assert counts["largest"] == 9_005_000
    kept = collect(entries_within(entries, **span, customers=known), sort_by=["order_id"])
    assert list(kept.order_id) == ["a"]
    assert list(kept.birthday) == [4]


def test_rules_that_ask_the_same_share_a_column():
    programme = programme_of(
        wallets={"points": {}, "coins": {}},
        earn=[
            {"id": "one", "wallets": ["points"], "points": 1},
            {"id": "two", "wallets": ["coins"], "points": 2, "where": {"tiers": ["gold"]}},
            {"id": "three", "wallets": ["points"], "points": 1, "minimum": 5},
            {"id": "hello", "on": "join", "wallets": ["points"], "points": 1},
        ],
        rewards=[{"id": "cup", "wallet": "points", "points": 5, "kind": "product"}],
    )
    asks = asks_of(programme)
    assert set(asks) == {"one", "two", "three"}
    assert asks["one"] == asks["two"]
    assert len(columns_of(programme)) == 2
