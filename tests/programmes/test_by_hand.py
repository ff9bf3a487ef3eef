"""Cases worked out by hand from docs/ledger.md, asked of the reference and of the fast ledger."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from programmes.ledgers import (
    LEDGERS,
    at,
    bought,
    days,
    happened,
    level_of,
    programme_of,
    told,
)

import loyalty_research as lr

ONE_A_UNIT = {"id": "base", "wallets": ["p"], "points": 1}
DRINK = {"id": "drink", "wallet": "p", "points": 100, "kind": "product", "value": 5}


@pytest.fixture(params=sorted(LEDGERS))
def ledger(request) -> Any:
    return LEDGERS[request.param]


def points(expiry: dict[str, Any] | None = None, **wallet: Any) -> dict[str, Any]:
    return {"p": {"expiry": expiry or {"rule": "never"}, **wallet}}


def spend_levels(*levels: dict[str, Any], **tiers: Any) -> dict[str, Any]:
    names = ("basic", "silver", "gold")
    return {
        "metric": "spend",
        "levels": [{"id": names[n], **level} for n, level in enumerate(levels)],
        **tiers,
    }


# The calendar


@pytest.mark.parametrize(
    ("earned", "gone"),
    [
        ("2024-01-31", "2024-03-01"),  # 31 Jan + 1 month = 29 Feb, its last day, in a leap year
        ("2023-01-31", "2023-03-01"),  # ... = 28 Feb
        ("2023-01-28", "2023-03-01"),  # 28 Feb as well
        ("2024-03-31", "2024-05-01"),  # 30 April
        ("2024-02-29", "2024-03-30"),  # 29 March is the last day
    ],
)
def test_a_month_after_the_end_of_a_month(ledger, earned, gone) -> None:
    programme = programme_of(wallets=points({"rule": "fixed", "months": 1}), earn=[ONE_A_UNIT])
    period = days(earned[:4] + "-01-01", earned[:4] + "-12-31")
    found = ledger([bought(earned, 7)], programme, period=period)
    assert told(found) == [f"{earned} earn +7 = 7", f"{gone} expire -7 = 0"]


@pytest.mark.parametrize(
    ("rule", "gone"),
    [
        # Earned on 30 November 2023; three months later is 29 February 2024.
        ({"rule": "end_of_month", "months": 3}, "2024-03-01"),
        ({"rule": "end_of_quarter", "months": 3}, "2024-04-01"),
        ({"rule": "end_of_quarter"}, "2024-01-01"),
        ({"rule": "end_of_year", "months": 1}, "2024-01-01"),  # 30 December 2023
        ({"rule": "end_of_year", "months": 2}, "2025-01-01"),  # 30 January 2024
        ({"rule": "fixed", "days": 92}, "2024-03-02"),  # 1 + 31 + 31 + 29 = 92 days to 1 March
    ],
)
def test_the_end_of_a_period(ledger, rule, gone) -> None:
    programme = programme_of(wallets=points(rule), earn=[ONE_A_UNIT])
    found = ledger([bought("2023-11-30", 7)], programme, period=days("2023-01-01", "2025-12-31"))
    assert told(found) == ["2023-11-30 earn +7 = 7", f"{gone} expire -7 = 0"]


def test_points_of_one_day_can_be_used_on_it_and_expire_at_its_end(ledger) -> None:
    programme = programme_of(
        wallets=points({"rule": "fixed", "days": 0}), earn=[ONE_A_UNIT], rewards=[DRINK]
    )
    rows = [bought("2024-05-01 09:00", 150), bought("2024-05-01 10:00", 10)]
    found = ledger(rows, programme, period=days("2024-05-01", "2024-05-31"), redemption="at_once")
    # 150 earned; 100 redeemed at ten; 10 earned; 150 - 100 + 10 = 60 are gone at midnight.
    assert told(found) == [
        "2024-05-01 earn +150 = 150",
        "2024-05-01 redeem -100 = 50",
        "2024-05-01 earn +10 = 60",
        "2024-05-02 expire -60 = 0",
    ]


def test_on_the_last_day_of_the_period_nothing_has_expired_yet(ledger) -> None:
    programme = programme_of(wallets=points({"rule": "fixed", "days": 0}), earn=[ONE_A_UNIT])
    found = ledger([bought("2024-05-31", 5)], programme, period=days("2024-05-01", "2024-05-31"))
    assert [(row["earned"], row["expired"], row["closing"]) for row in found.balances] == [
        (5, 0, 5)
    ]


def test_blocks_from_a_leap_day(ledger) -> None:
    # Joined on 29 February 2024: the second block begins on 28 February 2025.
    tiers = spend_levels(
        {"threshold": 0}, {"threshold": 100}, window={"kind": "anniversary", "months": 12}
    )
    programme = programme_of(wallets=points(), tiers=tiers)
    rows = [
        bought("2024-02-29", 1),
        bought("2025-02-27", 60),  # first block: 61
        bought("2025-02-28", 60),  # second block: 60
    ]
    period = days("2024-01-01", "2025-12-31")
    assert level_of(ledger(rows, programme, period=period)) == ("basic", "2024-02-29", None)
    found = ledger([*rows, bought("2025-03-01", 40)], programme, period=period)  # 100
    assert level_of(found) == ("silver", "2025-03-01", "2026-02-27")


def test_the_fifth_block_from_a_leap_day_begins_on_one(ledger) -> None:
    tiers = spend_levels(
        {"threshold": 0}, {"threshold": 100}, window={"kind": "anniversary", "months": 12}
    )
    rows = [bought("2024-02-29", 1), bought("2028-02-28", 100)]  # the fourth ends that day
    programme = programme_of(wallets=points(), tiers=tiers)
    found = ledger(rows, programme, period=days("2024-01-01", "2028-02-28"))
    assert level_of(found) == ("silver", "2028-02-28", "2028-02-28")
    found = ledger(rows, programme, period=days("2024-01-01", "2028-02-29"))
    # Kept: the block that ended came to 100. The next ends before 28 February 2029.
    assert level_of(found) == ("silver", "2028-02-28", "2029-02-27")


def test_a_birthday_is_the_first_of_its_month_once_a_year(ledger) -> None:
    rule = {"id": "gift", "wallets": ["p"], "on": "birthday", "points": 50}
    programme = programme_of(wallets=points(), earn=[rule])
    found = ledger(
        [bought("2024-02-02", 1), bought("2024-02-10", 1, "bob"), bought("2024-02-10", 1, "cy")],
        programme,
        period=days("2024-02-01", "2026-02-28"),
        customers={"ann": 2, "bob": 3, "cy": None},
    )
    # Ann joins on 2 February, a day late for 2024.
    assert [(r["customer_id"], str(r["at"])) for r in found.postings] == [
        ("ann", "2025-02-01 00:00:00"),
        ("ann", "2026-02-01 00:00:00"),
        ("bob", "2024-03-01 00:00:00"),
        ("bob", "2025-03-01 00:00:00"),
    ]


@pytest.mark.parametrize("week_start", [0, 6])
def test_a_cap_of_a_week_begins_with_the_brands_week(ledger, week_start) -> None:
    rule = {**ONE_A_UNIT, "cap": {"points": 15, "per": "week"}}
    programme = programme_of(wallets=points(), earn=[rule])
    rows = [bought(f"2024-06-{day:02d}", 10) for day in (1, 2, 3)]  # Saturday, Sunday, Monday
    found = ledger(rows, programme, period=days("2024-06-01", "2024-06-30"), week_start=week_start)
    # From Monday: 10 and 5 in the first week, 10. From Sunday: 10, then 10 and 5.
    given = [row["points"] for row in found.postings]
    assert given == ([10, 5, 10] if week_start == 0 else [10, 10, 5])


@pytest.mark.parametrize(
    ("zone", "days_given", "gone"),
    [
        ("Asia/Shanghai", ["2024-02-01"], "2024-03-01"),  # 07:30 on 1 February
        ("America/New_York", ["2024-01-31"], "2024-02-01"),  # 18:30 on 31 January
    ],
)
def test_midnight_is_that_of_the_brand(zone, days_given, gone) -> None:
    programme = programme_of(wallets=points({"rule": "end_of_month"}), earn=[ONE_A_UNIT])
    lines = pd.DataFrame(
        {
            "order_id": ["a", "b"],
            "customer_id": ["ann", "ann"],
            "ordered_at": pd.to_datetime(["2024-01-31 23:30", "2024-03-20 12:00"], utc=True),
            "amount": [7.0, 1.0],
        }
    )
    brand = lr.Brand.from_frames(currency="CNY", transactions=lines, timezone=zone)
    for rows in (brand.orders, brand.transactions):
        found = lr.programmes.replay(rows, programme, period=brand.period).postings.execute()
        given = [str(when.date()) for when in found.loc[found["points"] == 7, "at"]]
        assert given == days_given
        assert [str(when) for when in found.loc[found["kind"] == "expire", "at"]] == [
            f"{gone} 00:00:00"
        ]


# The same second, the same day


def test_at_the_same_second_events_come_first(ledger) -> None:
    tiers = spend_levels({"threshold": 0}, {"granted_by": ["match"]})
    rule = {**ONE_A_UNIT, "by_tier": {"silver": 2}}
    programme = programme_of(wallets=points(), earn=[rule], tiers=tiers)
    found = ledger(
        [bought("2024-01-10", 10)],
        programme,
        events=[happened("2024-01-10", "match")],
        period=days("2024-01-01", "2024-12-31"),
    )
    assert told(found) == ["2024-01-10 earn +20 = 20"]
    assert level_of(found) == ("silver", "2024-01-10", "2024-12-31")


@pytest.mark.parametrize("turned", [False, True])
def test_at_the_same_second_orders_follow_their_numbers(ledger, turned) -> None:
    rule = {**ONE_A_UNIT, "cap": {"points": 12, "per": "day"}}
    programme = programme_of(wallets=points(), earn=[rule])
    rows = [
        bought("2024-01-10", 10, order_id="a"),
        bought("2024-01-10", 8, order_id="b"),
    ]
    found = ledger(
        rows[::-1] if turned else rows, programme, period=days("2024-01-01", "2024-12-31")
    )
    assert [row["points"] for row in found.postings] == [10, 2]


def test_a_level_acts_from_the_next_entry_of_the_same_day(ledger) -> None:
    tiers = spend_levels({"threshold": 0}, {"threshold": 100})
    rule = {**ONE_A_UNIT, "by_tier": {"silver": 1.5}}
    programme = programme_of(wallets=points(), earn=[rule], tiers=tiers)
    rows = [
        bought("2024-01-10 09:00", 100),  # reaches silver, earns as basic: 100
        bought("2024-01-10 09:01", 33),  # 33 x 1.5 = 49.5, rounded down: 49
    ]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-12-31"))
    assert told(found) == ["2024-01-10 earn +100 = 100", "2024-01-10 earn +49 = 149"]
    assert [(row["from_tier"], row["to_tier"], row["members"]) for row in found.moves] == [
        ("", "basic", 1),
        ("basic", "silver", 1),
    ]


# Earning


@pytest.mark.parametrize(
    ("rounding", "whole", "given"),
    [
        # 4.25 / 0.5 x 0.3 = 8.5 x 0.3 = 2.55; in whole multiples 8 x 0.3 = 2.4
        ("down", False, 25),
        ("nearest", False, 26),  # 25.5 tenths, halves up
        ("up", False, 26),
        ("nearest", True, 24),
    ],
)
def test_points_are_exact_and_rounded_once(ledger, rounding, whole, given) -> None:
    rule = {**ONE_A_UNIT, "every": 0.5, "points": 0.3, "rounding": rounding, "whole": whole}
    programme = programme_of(wallets=points(decimals=1), earn=[rule])
    found = ledger([bought("2024-01-10", 4.25)], programme, period=days("2024-01-01", "2024-01-31"))
    assert [row["points"] for row in found.postings] == [given]


def test_lines_are_summed_before_they_are_rounded(ledger) -> None:
    rule = {**ONE_A_UNIT, "where": {"categories": ["drink"]}, "minimum": 1}
    cups = {**ONE_A_UNIT, "id": "cup", "per": "item", "where": {"not_categories": ["food"]}}
    programme = programme_of(wallets=points(), earn=[rule, cups])
    rows = [
        bought("2024-01-10", 0.6, order_id="a", product_id="tea", quantity=1.5),
        bought("2024-01-10", 0.6, order_id="a", product_id="tea", quantity=None),
        bought("2024-01-10", 9, order_id="a", product_id="bun", quantity=3),
        bought("2024-01-10", 9, order_id="a", product_id="bag", quantity=2),
    ]
    found = ledger(
        rows,
        programme,
        period=days("2024-01-01", "2024-01-31"),
        products={"tea": "drink", "bun": "food", "bag": None},
    )
    # 0.6 + 0.6 = 1.2 of drinks, at least 1: one point. Items that are not food: 1.5 + 1 + 2 = 4.5,
    # so four; the bag has no category and is not food.
    assert [(row["rule"], row["points"]) for row in found.postings] == [("base", 1), ("cup", 4)]


def test_a_visit_is_the_first_order_of_a_day_that_fits(ledger) -> None:
    rule = {"id": "visit", "wallets": ["p"], "per": "visit", "points": 10, "minimum": 5}
    programme = programme_of(wallets=points(), earn=[rule])
    rows = [
        bought("2024-01-10 08:00", 4),  # too small to be the visit
        bought("2024-01-10 09:00", 5),
        bought("2024-01-10 10:00", 6),
        bought("2024-01-11 00:00", 7),
    ]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-01-31"))
    assert [str(row["at"]) for row in found.postings] == [
        "2024-01-10 09:00:00",
        "2024-01-11 00:00:00",
    ]


def test_a_streak_of_three_begins_anew(ledger) -> None:
    rule = {**ONE_A_UNIT, "on": "event", "event": "checkin", "per": "order", "points": 5}
    programme = programme_of(wallets=points(), earn=[{**rule, "streak": 3}])
    given = [1, 2, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]
    events = [happened(f"2024-01-{day:02d} 1{n % 10}:00", "checkin") for n, day in enumerate(given)]
    found = ledger([], programme, events=events, period=days("2024-01-01", "2024-01-31"))
    # 1, 2, 3 earn; 4, 5 are cut short by the 6th; 7, 8, 9 earn; 10, 11, 12 earn.
    assert [row["at"].day for row in found.postings] == [3, 9, 12]


def test_caps_of_an_order_and_a_month_with_two_wallets(ledger) -> None:
    rule = {
        **ONE_A_UNIT,
        "wallets": ["p", "q"],
        "cap_per_order": 30,
        "cap": {"points": 50, "per": "month"},
    }
    programme = programme_of(wallets={"p": {}, "q": {}}, earn=[rule])
    rows = [bought("2024-01-10", 40), bought("2024-01-20", 25), bought("2024-02-01", 25)]
    rows.insert(1, bought("2024-01-15", -40))
    found = ledger(rows, programme, period=days("2024-01-01", "2024-02-29"))
    # 30; a return without caps: 40, within the balance 30; the cap has 20 left; 25 in February.
    expected = ["01-10 earn +30 = 30", "01-15 return -30 = 0", "01-20 earn +20 = 20"]
    expected = [f"2024-{text}" for text in [*expected, "02-01 earn +25 = 45"]]
    assert told(found, "p") == told(found, "q") == expected


def test_partners_are_counted_apart(ledger) -> None:
    own, fuel = ONE_A_UNIT, {**ONE_A_UNIT, "id": "fuel", "points": 2, "partner": "fuel"}
    tiers = spend_levels({"threshold": 0}, {"threshold": 15})
    programme = programme_of(wallets=points(), earn=[own, fuel], tiers=tiers)
    rows = [bought("2024-01-10", 10), bought("2024-01-11", 10, partner="fuel")]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-01-31"))
    assert [(row["rule"], row["points"]) for row in found.postings] == [("base", 10), ("fuel", 20)]
    assert level_of(found)[0] == "basic"  # 10 of 15: the partner's order is no spend


# Waiting and taking back


def test_pending_points_wait_and_can_expire_waiting(ledger) -> None:
    programme = programme_of(
        wallets=points({"rule": "fixed", "days": 8}),
        earn=[{**ONE_A_UNIT, "pending_days": 7}],
        rewards=[DRINK],
    )
    rows = [bought("2024-01-01", 120), bought("2024-01-07", 1), bought("2024-01-08", 1)]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-01-31"), redemption="drink")
    # Usable from 8 January, when 100 are redeemed; last day 9 January: 20 expire on the 10th,
    # the point of the 7th (usable on the 14th) after the 15th, that of the 8th after the 16th.
    assert told(found) == [
        "2024-01-01 earn +120 = 120",
        "2024-01-07 earn +1 = 121",
        "2024-01-08 redeem -100 = 21",
        "2024-01-08 earn +1 = 22",
        "2024-01-10 expire -20 = 2",
        "2024-01-16 expire -1 = 1",
        "2024-01-17 expire -1 = 0",
    ]
    never = programme_of(
        wallets=points({"rule": "fixed", "days": 5}), earn=[{**ONE_A_UNIT, "pending_days": 7}]
    )
    found = ledger(rows[:1], never, period=days("2024-01-01", "2024-01-31"))
    assert told(found) == ["2024-01-01 earn +120 = 120", "2024-01-07 expire -120 = 0"]


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        # 100 earned, all redeemed with the next order, which earns 30. Then 100 come back.
        ("within_balance", ["return -30 = 0", "earn +50 = 50"]),
        ("negative_balance", ["return -100 = -70", "earn +50 = -20"]),
        ("pending_only", ["earn +50 = 80"]),
        ("kept", ["earn +50 = 80"]),
    ],
)
def test_returns_after_redemption(ledger, returns, expected) -> None:
    programme = programme_of(wallets=points(returns=returns), earn=[ONE_A_UNIT], rewards=[DRINK])
    rows = [
        bought("2024-01-01", 100),
        bought("2024-01-02", 30),
        bought("2024-01-03", -100),
        bought("2024-01-04", 50),
    ]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-01-31"), redemption="at_once")
    start = ["earn +100 = 100", "redeem -100 = 0", "earn +30 = 30"]
    assert [text[11:] for text in told(found)] == start + expected
    (row,) = found.balances
    assert row["opening"] + row["earned"] - row["redeemed"] - row["expired"] == row["closing"]


def test_a_return_takes_pending_points_the_last_earned_first(ledger) -> None:
    programme = programme_of(
        wallets=points({"rule": "fixed", "days": 20}, returns="pending_only"),
        earn=[{**ONE_A_UNIT, "pending_days": 10}],
    )
    rows = [
        bought("2024-01-01", 50),
        bought("2024-01-05", 30),
        bought("2024-01-11", -40),  # the 50 are no longer pending: 30 only
        bought("2024-01-12", 5),
        bought("2024-01-13", 7),
        bought("2024-01-14", -8),  # 7 and 1
    ]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-02-10"))
    assert told(found) == [
        "2024-01-01 earn +50 = 50",
        "2024-01-05 earn +30 = 80",
        "2024-01-11 return -30 = 50",
        "2024-01-12 earn +5 = 55",
        "2024-01-13 earn +7 = 62",
        "2024-01-14 return -8 = 54",
        "2024-01-22 expire -50 = 4",
        "2024-02-02 expire -4 = 0",  # what is left of the 12th
    ]


def test_a_debt_is_paid_by_what_is_earned_later_not_by_what_was_pending(ledger) -> None:
    programme = programme_of(
        wallets=points(returns="negative_balance"),
        earn=[{**ONE_A_UNIT, "pending_days": 5}],
        rewards=[DRINK],
    )
    rows = [
        bought("2024-01-01", 100),
        bought("2024-01-02", -60),  # nothing can be used: a debt of 60
        bought("2024-01-03", 20),  # pays 20 of it
        bought("2024-01-06", 10),  # the 100 can be used, and are; 10 more are paid
    ]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-01-31"), redemption="drink")
    assert told(found) == [
        "2024-01-01 earn +100 = 100",
        "2024-01-02 return -60 = 40",
        "2024-01-03 earn +20 = 60",
        "2024-01-06 redeem -100 = -40",
        "2024-01-06 earn +10 = -30",
    ]


def test_a_return_is_recomputed_at_the_level_held_now(ledger) -> None:
    tiers = spend_levels({"threshold": 0}, {"threshold": 100})
    rule = {**ONE_A_UNIT, "by_tier": {"silver": 2}}
    programme = programme_of(wallets=points(), earn=[rule], tiers=tiers)
    rows = [bought("2024-01-01", 100), bought("2024-01-02", 10), bought("2024-01-03", -15)]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-12-31"))
    # 100 + 20 - 30; the spend of 95 takes no level away at once.
    assert told(found)[-1] == "2024-01-03 return -30 = 90"
    assert level_of(found)[0] == "silver"


# Spending


def test_cash_in_steps_within_a_share_of_the_order_and_a_limit(ledger) -> None:
    cash = {
        "id": "cash",
        "wallet": "p",
        "points": 10,
        "kind": "cash",
        "value": 0.5,
        "most_of_order": 0.5,
        "limit": {"count": 12, "per": "month"},
        "cost": 0.4,
    }
    programme = programme_of(wallets=points(), earn=[ONE_A_UNIT], rewards=[cash])
    rows = [
        bought("2024-01-01", 205),  # 205 points
        bought("2024-01-02", 9),  # half of it is 4.50: 9 steps, 90 points; 115 + 9 = 124
        bought("2024-01-03", 100),  # 12 steps reach, 3 are left: 30; 94 + 100 = 194
        bought("2024-01-04", 100),  # the month's limit is reached; 294
        bought("2024-02-01", 0.9),  # half is 0.45: not one step
    ]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-02-29"), redemption="at_once")
    assert [text for text in told(found) if "redeem" in text] == [
        "2024-01-02 redeem -90 = 115",
        "2024-01-03 redeem -30 = 94",
    ]
    (row,) = found.customers
    assert (row["redemptions"], float(row["value"]), float(row["cost"])) == (12, 6.0, 4.8)


def test_the_highest_value_per_point_is_taken(ledger) -> None:
    half = {"id": "tenth", "wallet": "p", "points": 50, "kind": "percent", "percent": 0.1}
    programme = programme_of(wallets=points(), earn=[ONE_A_UNIT], rewards=[DRINK, half])
    rows = [
        bought("2024-01-01", 200),
        bought("2024-01-02", 25),  # 5 / 100 = 0.05 a point; 2.5 / 50 = 0.05: the lower price
        bought("2024-01-03", 24.999),  # 2.4999 / 50 is less: the drink
    ]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-01-31"), redemption="at_once")
    taken = [(row["rule"], row["points"]) for row in found.postings if row["kind"] == "redeem"]
    assert taken == [("tenth", -50), ("drink", -100)]
    (row,) = found.customers
    assert (float(row["value"]), row["redemptions"]) == (7.5, 2)
    assert (str(row["first_reward_on"]), row["first_reward_orders"]) == ("2024-01-01", 1)
    assert str(row["first_redeemed_on"]) == "2024-01-02"


def test_what_was_observed_is_taken_as_far_as_it_goes(ledger) -> None:
    programme = programme_of(wallets=points(), earn=[ONE_A_UNIT], rewards=[DRINK])
    rows = [
        bought("2024-01-01", 80),
        bought("2024-01-02", 10, points_used=50),  # 30 left, then 40
        bought("2024-01-03", 1, points_used=60),  # 40 of 60
    ]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-01-31"), redemption="observed")
    assert [text[11:] for text in told(found) if "redeem" in text] == [
        "redeem -50 = 30",
        "redeem -40 = 0",
    ]
    assert found.notes["observed_short"]


def test_conversions_at_once_and_at_quarters(ledger) -> None:
    programme = programme_of(
        wallets={"p": {}, "coins": {}, "q": {}},
        earn=[ONE_A_UNIT],
        conversions=[
            {"id": "c1", "source_wallet": "p", "target_wallet": "coins", "take": 10, "give": 3},
            {
                "id": "c2",
                "source_wallet": "coins",
                "target_wallet": "q",
                "take": 4,
                "give": 1,
                "at": "quarter",
            },
        ],
    )
    rows = [bought("2024-02-10", 25), bought("2024-03-31", 8)]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-06-30"))
    # 25: twice ten for six coins, 5 left; 5 + 8: once ten for three, 3 left; on 1 April 9 coins
    # are twice four for two, 1 left.
    assert [
        (row["wallet"], row["earned"], row["redeemed"], row["closing"])
        for row in sorted(found.balances, key=lambda row: row["wallet"])
    ] == [("coins", 9, 8, 1), ("p", 33, 30, 3), ("q", 2, 0, 2)]
    assert told(found, "q") == ["2024-04-01 convert_in +2 = 2"]


# Inactivity


def test_inactivity_takes_the_whole_wallet(ledger) -> None:
    share = {**ONE_A_UNIT, "id": "share", "on": "event", "event": "share", "points": 4}
    programme = programme_of(
        wallets=points({"rule": "inactivity", "months": 1}),
        earn=[ONE_A_UNIT, {**share, "per": "order"}],
    )
    rows = [
        bought("2024-01-01", 10),
        bought("2024-01-31", 20),  # the last day moves from 1 to 29 February
        bought("2024-02-10", -1),  # a return moves nothing: 29 points
    ]
    events = [happened("2024-02-20", "share"), happened("2024-03-05", "share")]
    found = ledger(rows, programme, events=events, period=days("2024-01-01", "2024-03-31"))
    assert told(found) == [
        "2024-01-01 earn +10 = 10",
        "2024-01-31 earn +20 = 30",
        "2024-02-10 return -1 = 29",
        "2024-02-20 earn +4 = 33",
        "2024-03-01 expire -33 = 0",
        "2024-03-05 earn +4 = 4",  # the last day has passed, so they live for this day
        "2024-03-06 expire -4 = 0",
    ]


def test_points_spared_by_a_level_expire_when_it_ends(ledger) -> None:
    tiers = spend_levels(
        {"threshold": 0}, {"threshold": 100}, validity={"kind": "months", "months": 3}
    )
    programme = programme_of(
        wallets=points({"rule": "fixed", "days": 10, "never_for": ["silver"]}),
        earn=[ONE_A_UNIT],
        tiers={**tiers, "window": {"kind": "calendar", "months": 1}},
    )
    rows = [bought("2024-01-10", 40), bought("2024-01-12", 60)]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-12-31"))
    # Silver from 12 January to 12 April. On 13 April the block that holds 12 April came to 0: the
    # level is lost, and with it all that was spared.
    assert told(found)[2:] == ["2024-04-13 expire -100 = 0"]


# Levels


def test_soft_landing_and_a_hard_fall(ledger) -> None:
    levels = ({"threshold": 0}, {"threshold": 100}, {"threshold": 200})
    rows = [bought("2023-03-01", 250)]
    expected = {
        # 250 in 2023: gold to the end of 2023, kept for 2024; nothing in 2024 and 2025.
        (True, "2024-12-31"): ("gold", "2023-03-01", "2024-12-31"),
        (True, "2025-12-31"): ("silver", "2025-01-01", "2025-12-31"),
        (True, "2026-01-01"): ("basic", "2026-01-01", None),
        (False, "2025-12-31"): ("basic", "2025-01-01", None),
    }
    for (soft, end), level in expected.items():
        tiers = spend_levels(*levels, soft_landing=soft)
        programme = programme_of(wallets=points(), tiers=tiers)
        found = ledger(rows, programme, period=days("2023-01-01", end))
        assert level_of(found) == level, (soft, end)


def test_days_of_grace_count_towards_keeping(ledger) -> None:
    levels = ({"threshold": 0}, {"threshold": 200, "requalify": 150})
    programme = programme_of(wallets=points(), tiers=spend_levels(*levels, grace_days=31))
    first = bought("2023-03-01", 200)
    rows = [first, bought("2024-12-31", 50), bought("2025-01-31", 100)]
    period = days("2023-01-01", "2025-12-31")
    # Reached 2023, kept on 1 February 2024 by the 200 of 2023. On 1 February 2025 the block of
    # 2024 and its grace come to 50 + 100 = 150.
    assert level_of(ledger(rows, programme, period=period)) == (
        "silver",
        "2023-03-01",
        "2025-12-31",
    )
    late = [*rows[:2], bought("2025-02-01", 100)]
    assert level_of(ledger(late, programme, period=period)) == ("basic", "2025-02-01", None)
    # The level holds through the grace.
    at_the_end = ledger(late, programme, period=days("2023-01-01", "2025-01-31"))
    assert level_of(at_the_end) == ("silver", "2023-03-01", "2024-12-31")


def test_a_level_as_long_as_the_rolling_spend_is_high_enough(ledger) -> None:
    tiers = spend_levels(
        {"threshold": 0},
        {"threshold": 100},
        window={"kind": "rolling", "months": 1},
        validity={"kind": "while"},
    )
    programme = programme_of(wallets=points(), tiers=tiers)
    rows = [bought("2024-01-31", 100)]
    # The window of 29 February begins on 30 January, that of 1 March on 2 February.
    found = ledger(rows, programme, period=days("2024-01-01", "2024-02-29"))
    assert level_of(found) == ("silver", "2024-01-31", None)
    found = ledger(rows, programme, period=days("2024-01-01", "2024-03-31"))
    assert level_of(found) == ("basic", "2024-03-01", None)


def test_a_rolling_level_of_the_window_kind(ledger) -> None:
    tiers = spend_levels(
        {"threshold": 0}, {"threshold": 100}, window={"kind": "rolling", "months": 12}
    )
    programme = programme_of(wallets=points(), tiers=tiers)
    rows = [bought("2023-02-28", 60), bought("2024-02-28", 40), bought("2024-02-29", 60)]
    # On 28 February 2024 the window begins on 1 March 2023 (the day after 28 February): 40.
    # On the 29th: 40 + 60 = 100. The level lasts to 28 February 2025.
    found = ledger(rows, programme, period=days("2023-01-01", "2024-12-31"))
    assert level_of(found) == ("silver", "2024-02-29", "2025-02-28")
    # On 1 March 2025 the twelve months before it begin on 1 March 2024: nothing.
    found = ledger(rows, programme, period=days("2023-01-01", "2025-12-31"))
    assert level_of(found) == ("basic", "2025-03-01", None)


def test_levels_reached_at_the_end_of_a_block(ledger) -> None:
    tiers = spend_levels(
        {"threshold": 0},
        {"threshold": 100},
        window={"kind": "calendar", "months": 3},
        upgrade="period_end",
        validity={"kind": "window", "windows": 1},
    )
    rule = {**ONE_A_UNIT, "by_tier": {"silver": 2}}
    programme = programme_of(wallets=points(), earn=[rule], tiers=tiers)
    rows = [bought("2024-02-10", 100), bought("2024-03-31", 10), bought("2024-04-01", 10)]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-09-30"))
    assert [row["points"] for row in found.postings] == [100, 10, 20]
    # From 1 April to the end of that quarter and one more; then nothing.
    assert level_of(found) == ("silver", "2024-04-01", "2024-09-30")
    found = ledger(rows, programme, period=days("2024-01-01", "2024-10-01"))
    assert level_of(found) == ("basic", "2024-10-01", None)


def test_a_level_for_life_is_a_floor(ledger) -> None:
    tiers = spend_levels(
        {"threshold": 0},
        {"threshold": 100, "for_life_at": 300},
        {"threshold": 200},
        validity={"kind": "months", "months": 6},
    )
    programme = programme_of(wallets=points(), tiers=tiers)
    rows = [bought("2023-01-10", 200), bought("2024-06-10", 100)]
    # Gold to 10 July 2023; on the 11th the block of 2023 came to 200: kept to 11 January 2024. On
    # the 12th the block of 2024 is empty: basic. On 10 June 2024 the year's spend is 100, the
    # spend since joining 300: silver for good.
    found = ledger(rows, programme, period=days("2023-01-01", "2024-06-09"))
    assert level_of(found) == ("basic", "2024-01-12", None)
    found = ledger(rows, programme, period=days("2023-01-01", "2026-12-31"))
    assert level_of(found) == ("silver", "2024-06-10", None)


def test_a_granted_level_runs_like_a_reached_one(ledger) -> None:
    tiers = spend_levels(
        {"threshold": 0}, {"threshold": 100}, {"threshold": 200, "granted_by": ["match"]}
    )
    programme = programme_of(wallets=points(), tiers=tiers)
    rows = [bought("2024-02-01", 120)]
    events = [happened("2024-03-01", "match")]
    found = ledger(rows, programme, events=events, period=days("2024-01-01", "2024-12-31"))
    assert level_of(found) == ("gold", "2024-03-01", "2024-12-31")
    found = ledger(rows, programme, events=events, period=days("2024-01-01", "2025-01-01"))
    assert level_of(found) == ("silver", "2025-01-01", "2025-12-31")


def test_a_paid_level_lasts_as_long_as_the_membership(ledger) -> None:
    tiers = spend_levels({"threshold": 0}, {"fee": {"amount": 99}})
    rule = {**ONE_A_UNIT, "where": {"tiers": ["silver"]}}
    programme = programme_of(wallets=points(), earn=[rule], tiers=tiers)
    rows = [bought("2023-02-01", 120), bought("2025-02-01", 7)]
    period = days("2023-01-01", "2025-12-31")
    found = ledger(rows, programme, period=period, paid="silver")
    assert [row["points"] for row in found.postings] == [120, 7]
    assert level_of(found) == ("silver", "2023-02-01", None)
    assert not ledger(rows, programme, period=period).postings


def test_welcome_points_count_in_the_metric(ledger) -> None:
    tiers = {
        "metric": "wallet",
        "wallet": "p",
        "levels": [{"id": "basic", "threshold": 0}, {"id": "silver", "threshold": 50}],
    }
    welcome = {"id": "hello", "wallets": ["p"], "on": "join", "points": 50}
    programme = programme_of(wallets=points(), earn=[welcome], tiers=tiers)
    found = ledger(
        [],
        programme,
        period=days("2024-01-01", "2024-12-31"),
        joined={"ann": at("2024-03-05").date()},
    )
    assert told(found) == ["2024-03-05 earn +50 = 50"]
    assert level_of(found) == ("silver", "2024-03-05", "2024-12-31")


# Who belongs, and what is left out


def test_membership_by_a_day_of_joining(ledger) -> None:
    programme = programme_of(wallets=points(), earn=[ONE_A_UNIT])
    rows = [
        bought("2024-01-05", 1),
        bought("2024-01-10 00:00", 2),
        bought("2024-01-05", 4, "bob"),
        bought("2024-01-05", 8, "cy"),
    ]
    found = ledger(
        rows,
        programme,
        period=days("2024-01-01", "2024-01-31"),
        joined={"ann": dt.date(2024, 1, 10), "bob": dt.date(2023, 5, 5), "cy": None},
    )
    assert [(row["customer_id"], row["points"]) for row in found.postings] == [
        ("ann", 2),
        ("bob", 4),
    ]
    assert {row["customer_id"]: str(row["joined_on"]) for row in found.customers} == {
        "ann": "2024-01-10",
        "bob": "2024-01-01",
    }


def test_a_return_makes_nobody_a_member(ledger) -> None:
    programme = programme_of(wallets=points(returns="negative_balance"), earn=[ONE_A_UNIT])
    rows = [bought("2024-01-05", -10), bought("2024-01-06", 3)]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-01-31"))
    assert told(found) == ["2024-01-06 earn +3 = 3"]


def test_no_rules_post_nothing(ledger) -> None:
    programme = programme_of(wallets=points(), rewards=[DRINK])
    rows = [bought("2024-01-05", 500), bought("2024-01-06", 3)]
    found = ledger(rows, programme, period=days("2024-01-01", "2024-01-31"), redemption="at_once")
    assert found.postings == []
    assert [row["closing"] for row in found.balances] == [0]
