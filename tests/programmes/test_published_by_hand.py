"""One customer's purchases in six published programmes, worked out by hand.

The arithmetic stands beside the numbers; none of them was read off a run.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from programmes.ledgers import LEDGERS, bought, days, happened, level_of, told

from loyalty_research.programmes import load_programme


@pytest.fixture(params=sorted(LEDGERS))
def ledger(request) -> Any:
    return LEDGERS[request.param]


def test_starbucks_us_2026(ledger) -> None:
    """Stars in hundredths; saving for the brewed coffee of 100 Stars, worth at most USD 6."""
    rows = [
        bought("2026-03-10", 420),  # Green: 420 x 1 = 420.00
        # 100 are redeemed: 320.00; 90.50 x 1 = 90.50, so 410.50. Earned in twelve months 510.50,
        # at least 500: Gold from here to 20 March 2027.
        bought("2026-03-20", 90.50),
        # 310.50; Gold: 10.33 x 1.2 = 12.396, rounded down 12.39, so 322.89.
        bought("2026-04-01", 10.33),
        # Somebody Green: 40.00, six months after 15 March is 15 September.
        bought("2026-03-15", 40, "bob"),
    ]
    # A reload of USD 50 gives 10 (from 30) and 15 (from 50) more: 347.89.
    events = [happened("2026-04-02", "reload", amount=50)]
    programme = load_programme("starbucks_us_2026")
    options = {"events": events, "redemption": "brewed_100"}
    period = days("2026-03-10", "2027-12-31")
    found = ledger(rows, programme, period=period, **options)
    # The last order was on 1 April; six months later is 1 October 2026. Gold's Stars do not expire.
    # On 21 March 2027 the twelve months before it hold 12.39 + 25 = 37.39 Stars: Green again, and
    # the 347.89 are gone that day.
    assert told(found) == [
        "2026-03-10 earn +42000 = 42000",
        "2026-03-20 redeem -10000 = 32000",
        "2026-03-20 earn +9050 = 41050",
        "2026-04-01 redeem -10000 = 31050",
        "2026-04-01 earn +1239 = 32289",
        "2026-04-02 earn +1000 = 33289",
        "2026-04-02 earn +1500 = 34789",
        "2027-03-21 expire -34789 = 0",
        "2026-03-15 earn +4000 = 4000",
        "2026-09-16 expire -4000 = 0",
    ]
    ann = next(row for row in found.customers if row["customer_id"] == "ann")
    assert (ann["redemptions"], float(ann["value"])) == (2, 12.0)  # twice at most USD 6
    assert (ann["tier"], ann["top_tier"]) == ("green", "gold")
    alone = ledger(rows[:3], programme, period=days("2026-03-10", "2027-03-20"), **options)
    assert level_of(alone) == ("gold", "2026-03-20", "2027-03-20")


def test_costco_executive(ledger) -> None:
    """2% back in cents, at most USD 1,250 a year; every order is paid with what is there."""
    rows = [
        bought("2025-01-10", 1234.56),  # 24.6912, rounded down 24.69
        # 24.69 are spent; 62,000 x 2% = 1,240, of which the year has 1,250 - 24.69 = 1,225.31 left.
        bought("2025-02-01", 62000),
        bought("2025-03-01", 100),  # 100.00 spent, nothing left to earn: 1,125.31
        bought("2026-01-05", 50),  # 50.00 spent, 1.00 earned in the new year: 1,076.31
        bought("2026-01-06", -20),  # 0.40 taken back: 1,075.91
    ]
    period = days("2025-01-01", "2026-01-31")
    programme = load_programme("costco_executive")
    found = ledger(rows, programme, period=period, redemption="at_once", paid="executive")
    assert told(found) == [
        "2025-01-10 earn +2469 = 2469",
        "2025-02-01 redeem -2469 = 0",
        "2025-02-01 earn +122531 = 122531",
        "2025-03-01 redeem -10000 = 112531",
        "2026-01-05 redeem -5000 = 107531",
        "2026-01-05 earn +100 = 107631",
        "2026-01-06 return -40 = 107591",
    ]
    (row,) = found.customers
    assert float(row["value"]) == pytest.approx(24.69 + 100 + 50, rel=1e-12)
    assert level_of(found) == ("executive", "2025-01-10", None)
    # A Gold Star member gets nothing back.
    assert ledger(rows, programme, period=period, redemption="at_once").postings == []


def test_dunkin_us_2025(ledger) -> None:
    """10 points a dollar, 12 for three months after twelve visits in a month; bagels at 500."""
    first = dt.date(2025, 10, 6)
    rows = [
        # Twelve days from 6 to 17 October: 4.25 x 10 = 42.5, whole points 42 each. The twelfth
        # visit lifts the level, for the next order.
        *(bought(f"{first + dt.timedelta(days=n)} 09:00", 4.25) for n in range(12)),
        # 12 x 42 = 504: 500 are redeemed, 4 left; 5 x 12 = 60, so 64.
        bought("2025-10-17 15:00", 5),
        bought("2026-01-17", 10),  # the last day of the level: 120, so 184
        # On 18 January: the month that holds 17 January came to one visit, so 10 x 10 = 100: 284.
        bought("2026-01-18", 10),
    ]
    programme = load_programme("dunkin_us_2025")
    period = days("2025-10-06", "2027-02-28")
    found = ledger(rows, programme, period=period, redemption="bagel_500")
    # Points of October 2025 live to the end of October 2026, those of January 2026 to the end of
    # January 2027.
    assert told(found)[12:] == [
        "2025-10-17 redeem -500 = 4",
        "2025-10-17 earn +60 = 64",
        "2026-01-17 earn +120 = 184",
        "2026-01-18 earn +100 = 284",
        "2026-11-01 expire -64 = 220",
        "2027-02-01 expire -220 = 0",
    ]
    assert {text.split(" = ")[0][11:] for text in told(found)[:12]} == {"earn +42"}
    early = ledger(rows, programme, period=days("2025-10-06", "2025-12-31"))
    assert level_of(early) == ("boosted", "2025-10-17", "2026-01-17")
    assert level_of(found) == ("member", "2026-01-18", None)


def test_starbucks_cn(ledger) -> None:
    """One Star for CNY 50, in ten-thousandths; a quarter more by the app; Jade from four Stars."""
    rows = [
        bought("2024-06-20", 100),  # 2.0000
        bought("2024-06-21", 88.88),  # 88.88 / 50 = 1.7776
        bought("2024-07-01", 300),  # 6.0000: 4.2220 + 6 = 10.2220
        bought("2024-07-02", 10),  # a drink for nine Stars: 1.2220; 0.2000: 1.4220
    ]
    events = [
        # Paid by the app at the same second, so counted before: 88.88 / 200 = 0.4444.
        happened("2024-06-21", "app_payment", amount=88.88),
        happened("2024-06-20", "gift_card", "bob"),
    ]
    programme = load_programme("starbucks_cn")
    period = days("2024-06-01", "2024-12-31")
    found = ledger(rows, programme, period=period, events=events, redemption="drink_9")
    assert told(found) == [
        "2024-06-20 earn +20000 = 20000",
        "2024-06-21 earn +4444 = 24444",
        "2024-06-21 earn +17776 = 42220",
        "2024-07-01 earn +60000 = 102220",
        "2024-07-02 redeem -90000 = 12220",
        "2024-07-02 earn +2000 = 14220",
    ]
    # 2.0000 + 0.4444 + 1.7776 = 4.2220 Stars on 21 June; a gift card makes Jade at once.
    assert {
        row["customer_id"]: (row["tier"], str(row["since"]), str(row["until"]))
        for row in found.tiers
    } == {
        "ann": ("jade", "2024-06-21", "2025-06-21"),
        "bob": ("jade", "2024-06-20", "2025-06-20"),
    }


def test_costa_uk(ledger) -> None:
    """One bean a handcrafted drink, one more with an own cup; a free drink for ten."""
    rows = [
        bought("2023-09-01", 11.25, order_id="a", product_id="latte", quantity=3),  # 3
        bought("2023-09-01", 3.1, order_id="a", product_id="cake", quantity=2),  # none
        bought("2023-09-02", 7.4, order_id="b", product_id="latte", quantity=2),  # 2
        bought("2023-09-02", 4.2, order_id="b", product_id="frappe", quantity=1),  # 1: three
        bought("2023-09-03", 3.1, order_id="c", product_id="cake", quantity=1),  # none
        bought("2023-09-04", 11.1, order_id="d", product_id="latte", quantity=3),  # 3
        bought("2023-09-05", 3.7, order_id="e", product_id="latte", quantity=1),
    ]
    events = [happened("2023-09-02 18:00", "own_cup")]
    found = ledger(
        rows,
        load_programme("costa_uk"),
        period=days("2023-08-01", "2024-12-31"),
        events=events,
        redemption="at_once",
        products={"latte": "hot drinks", "frappe": "cold drinks", "cake": "food"},
        terms={"drink": ["hot drinks", "cold drinks"]},
    )
    # 3 + 3 + 1 + 3 = 10; the order of 5 September takes a drink and earns a bean. None expire.
    assert told(found) == [
        "2023-09-01 earn +3 = 3",
        "2023-09-02 earn +3 = 6",
        "2023-09-02 earn +1 = 7",
        "2023-09-04 earn +3 = 10",
        "2023-09-05 redeem -10 = 0",
        "2023-09-05 earn +1 = 1",
    ]
    (row,) = found.customers
    assert (str(row["first_reward_on"]), row["first_reward_orders"]) == ("2023-09-04", 4)


def test_tesco_clubcard(ledger) -> None:
    """One point for a whole pound except fuel; each quarter 150 points become a voucher of 1.50."""
    shop = {"product_id": "bread", "quantity": 1}
    rows = [
        # 80.90 beside 45 of fuel: 80 points.
        bought("2023-07-01", 80.90, order_id="a", **shop),
        bought("2023-07-01", 45, order_id="a", product_id="diesel", quantity=30),
        bought("2023-08-15", 140.60, order_id="b", **shop),  # 140: 220 points
        # On 1 October once 150 points for 1.50: 70 left. The voucher is spent on this order.
        bought("2023-10-05", 30, order_id="c", **shop),  # 30: 100 points
        bought("2023-11-20", -10.50, order_id="d", **shop),  # 10 whole pounds back: 90
        bought("2023-12-20", 60.99, order_id="e", **shop),  # 60: 150
    ]
    found = ledger(
        rows,
        load_programme("tesco_clubcard"),
        period=days("2023-07-01", "2026-01-31"),
        redemption="at_once",
        products={"bread": "grocery", "diesel": "petrol"},
        terms={"fuel": ["petrol"]},
    )
    # The voucher of 1 January 2024 lives for 24 months, 1 January 2026 included.
    assert told(found) == [
        "2023-07-01 earn +80 = 80",
        "2023-08-15 earn +140 = 220",
        "2023-10-01 convert_out -150 = 70",
        "2023-10-01 convert_in +150 = 150",
        "2023-10-05 redeem -150 = 0",
        "2023-10-05 earn +30 = 100",
        "2023-11-20 return -10 = 90",
        "2023-12-20 earn +60 = 150",
        "2024-01-01 convert_out -150 = 0",
        "2024-01-01 convert_in +150 = 150",
        "2026-01-02 expire -150 = 0",
    ]
    (row,) = found.customers
    assert float(row["value"]) == 1.5
