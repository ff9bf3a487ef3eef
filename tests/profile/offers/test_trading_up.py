"""Trading up: at constant prices, against days dealt without regard to time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from loyalty_research.errors import MissingTableError
from loyalty_research.profile.offers import trading_up
from loyalty_research.results.html import result_html

PERIOD = ("2024-01-01", "2024-12-30")


def made(customers: int = 400, *, dearer: float = 0.0, price_rise: float = 0.0) -> pd.DataFrame:
    """Return lines of one category with a cheap and a dear product.

    ``dearer`` is added to the share of the dear one in the second half; ``price_rise`` to prices.
    """
    rng = np.random.default_rng(4)
    number = rng.integers(6, 16, customers)
    who = np.repeat(np.arange(customers), number)
    day = rng.integers(0, 365, len(who))
    late = day >= 183
    taste = rng.beta(2, 2, customers)[who] * 0.8
    dear = rng.random(len(who)) < taste + dearer * late
    price = np.where(dear, 10.0, 5.0) * (1 + price_rise * late)
    pieces = 1 + (rng.random(len(who)) < 0.3)
    return pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": pd.Timestamp(PERIOD[0]) + pd.to_timedelta(day, unit="D"),
            "amount": price * pieces,
            "quantity": pieces,
            "product_id": dear.astype(int),
            "category": "drinks",
        }
    )


def rows(lines: pd.DataFrame) -> dict[str, dict]:
    result = trading_up(lines, period=PERIOD)
    return {row["measure"]: row for row in result.summary().to_dict("records")}


def within_chance(row: dict, name: str) -> bool:
    """Whether 0 is within 3.3 standard errors: once in a thousand, chance alone goes beyond."""
    half = (row[f"{name}_high"] - row[f"{name}_low"]) / 2
    return abs(row[name]) < half * 3.3 / 1.96


def test_by_chance_alone_nothing_goes_beyond_chance() -> None:
    found = rows(made())
    for row in found.values():
        assert within_chance(row, "change")
        for side in ("up", "down"):
            assert row[f"{side}_chance"] > 0.2  # there is much to mistake for a move
            assert within_chance(row, f"{side}_beyond")


def test_a_move_to_dearer_products_is_found() -> None:
    price = rows(made(dearer=0.2))["price"]
    assert price["change_low"] > 0.05
    assert price["up_beyond_low"] > 0
    assert price["down_beyond_high"] < 0


def test_both_languages_print_it() -> None:
    result = trading_up(made(dearer=0.2), period=PERIOD)
    for language, word in (("zh", "买得更贵"), ("en", "dearer products")):
        assert word in result_html(result, language)


def test_a_rise_of_all_prices_is_no_choice() -> None:
    price, plain = rows(made(price_rise=0.5))["price"], rows(made())["price"]
    assert price["change"] == pytest.approx(plain["change"], abs=0.005)


def test_change_of_one_customer_by_hand() -> None:
    day = ["2024-02-01", "2024-03-01", "2024-09-01", "2024-10-01"]
    lines = pd.DataFrame(
        {
            "customer_id": 1,
            "ordered_at": pd.to_datetime(day),
            "amount": [5.0, 5.0, 10.0, 30.0],
            "quantity": [1, 1, 1, 3],
            "product_id": [0, 0, 1, 1],
            "category": "drinks",
        }
    )
    two = pd.concat([lines, lines.assign(customer_id=2)])
    found = rows(two)
    assert found["price"]["change"] == pytest.approx(10 / 5 - 1)
    assert found["size"]["change"] == pytest.approx(2 / 1 - 1)
    assert found["price"]["up"] == 1


def test_without_pieces_the_section_says_what_it_needs() -> None:
    with pytest.raises(MissingTableError, match="quantity"):
        trading_up(made().drop(columns="quantity"), period=PERIOD)
