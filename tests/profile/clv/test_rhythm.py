"""How evenly purchases are spread: chance by enumeration, models, rhythm."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from value_shops import PERIOD, START, bought

from loyalty_research.engine import collect
from loyalty_research.profile.clv.rhythm import excess_of_squares, gap_squares, measure_rhythm
from loyalty_research.profile.clv.summary import purchase_days
from loyalty_research.profile.clv.windows import split_weeks
from loyalty_research.profile.common import as_days, valid_orders


def squares(days: tuple[int, ...]) -> int:
    return sum((after - before) ** 2 for before, after in pairwise(days))


@pytest.mark.parametrize(("span", "gaps"), [(6, 2), (9, 3), (10, 4), (12, 5)])
def test_every_choice_of_days_together_is_chance(span, gaps) -> None:
    chosen = [(0, *days, span) for days in combinations(range(1, span), gaps - 1)]
    frame = pd.DataFrame(
        {"gaps": gaps, "span": span, "squares": [squares(days) for days in chosen]}
    )
    assert excess_of_squares(frame).value == pytest.approx(0, abs=1e-12)


def test_a_fixed_rhythm_is_minus_one() -> None:
    frame = pd.DataFrame({"gaps": [4, 5], "span": [28, 50], "squares": [4 * 49, 5 * 100]})
    assert excess_of_squares(frame).value == pytest.approx(-1)


def test_squares_by_hand() -> None:
    orders = pd.DataFrame(
        {
            "customer_id": [1, 1, 1, 1, 2, 3, 3],
            "ordered_at": START + pd.to_timedelta([0, 0, 4, 10, 3, 5, 40], unit="D"),
            "net_sales": 1.0,
        }
    )
    days = purchase_days(valid_orders(orders))
    found = collect(gap_squares(days, split="2023-01-31"), sort_by=["customer_id"])
    assert found.to_numpy().tolist() == [[1, 2, 10, 52]]
    later = collect(
        gap_squares(days, split="2023-12-31", start="2023-01-02"), sort_by=["customer_id"]
    )
    assert later.to_numpy().tolist() == [[1, 1, 6, 36], [3, 1, 35, 1225]]


@pytest.mark.parametrize("dropout", [None, (0.8, 4.0)])
def test_random_buying_is_chance_whether_or_not_customers_leave(dropout) -> None:
    windows = split_weeks(as_days(PERIOD), first_purchase_observed=True)
    found = measure_rhythm(bought(21, 6000, dropout=dropout), windows)
    assert found.base > 3000
    assert found.value == pytest.approx(0, abs=0.04)
    assert 0.01 < found.high - found.low < 0.06


def test_regular_buyers_are_told() -> None:
    rng = np.random.default_rng(4)
    rows = [
        (who, day)
        for who in range(300)
        for day in np.cumsum(rng.gamma(3.0, 4.0, 40)).astype(int)
        if day < 700
    ]
    who, day = np.array(rows).T
    orders = pd.DataFrame(
        {"customer_id": who, "ordered_at": START + pd.to_timedelta(day, unit="D")}
    ).assign(net_sales=1.0)
    windows = split_weeks(as_days(PERIOD), first_purchase_observed=True)
    assert measure_rhythm(orders, windows).high < -0.4
