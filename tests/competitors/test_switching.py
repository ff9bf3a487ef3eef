"""Switching: published counts, breaks at households, random orders, and bad input."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from competitors.choice.panels import panel

import loyalty_research as lr
from loyalty_research.competitors.switching import read_switching, stationary
from loyalty_research.errors import DataError, MissingTableError

ORDER = ("Dannon", "Hiland", "Weight Watchers", "Yoplait")
COUNTS = [[822, 16, 19, 71], [17, 30, 6, 14], [18, 5, 473, 44], [65, 17, 41, 654]]
SHARES = [0.3890, 0.0298, 0.2336, 0.3476]


@pytest.fixture(scope="module")
def yogurt():
    return read_switching(lr.open_brand("yogurt").market)


def market(**columns: list[object]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    return frame.assign(occasion_id=np.arange(len(frame)))


def test_yogurt_is_that_of_the_references(yogurt) -> None:
    place = [yogurt.brands.index(name) for name in ORDER]
    assert yogurt.counts[np.ix_(place, place)].tolist() == COUNTS
    assert yogurt.equilibrium[place] == pytest.approx(SHARES, abs=6e-5)
    assert yogurt.counts.sum() == 2412 - 100


def test_pairs_break_at_households() -> None:
    found = read_switching(
        market(household_id=[1, 1, 2, 2], brand=["a", "a", "b", "b"], sequence=[2, 1, 1, 2])
    )
    assert found.counts.tolist() == [[1, 0], [0, 1]]


def test_a_random_order_is_the_mean_over_all_orders() -> None:
    own = ["a", "a", "b", "c", "a"]
    found = read_switching(market(household_id=[1] * 5, brand=own, sequence=[1, 2, 3, 4, 5]))
    places = [found.brands.index(name) for name in own]
    total = np.zeros((3, 3))
    orders = list(itertools.permutations(places))
    for order in orders:
        np.add.at(total, (order[:-1], order[1:]), 1)
    assert np.allclose(found.shuffled, total / len(orders))


def test_steady_likings_alone_are_no_excess() -> None:
    own = panel(1, households=300, spread=2.0).occasions
    found = read_switching(_table(own))
    low, high = found.interval("excess")
    assert (found.retention > 0.4).any()
    assert ((low < 0) & (high > 0)).sum() >= 3


def test_a_carry_over_is_found() -> None:
    found = read_switching(_table(panel(1, households=300, carry_over=1.0).occasions))
    assert (found.interval("excess")[0] > 0).all()


def _table(own) -> pd.DataFrame:
    return market(
        household_id=own.household,
        brand=np.array(own.brands)[own.chosen],
        sequence=np.arange(len(own.chosen)),
    )


def test_equilibrium_is_where_nothing_moves() -> None:
    counts = np.array([[8.0, 2, 0], [1, 5, 4], [2, 2, 6]])
    shares = stationary(counts)
    moves = counts / counts.sum(axis=1, keepdims=True)
    assert np.allclose(shares @ moves, shares)
    assert shares.sum() == pytest.approx(1)


def test_brands_that_nobody_leaves_have_no_equilibrium() -> None:
    assert np.isnan(stationary(np.array([[5.0, 0], [0, 5]]))).all()


def test_smaller_brands_are_one() -> None:
    own = list("aaabbbccd")
    found = read_switching(market(household_id=[1] * 9, brand=own, sequence=list(range(9))), most=2)
    assert found.brands == ("a", "b", "")
    assert found.counts.sum() == 8


def test_what_cannot_be_used_is_said() -> None:
    with pytest.raises(DataError, match="at least two"):
        read_switching(market(household_id=[1, 1], brand=["a", "a"], sequence=[1, 2]))
    with pytest.raises(DataError, match="nobody bought twice"):
        read_switching(market(household_id=[1, 2], brand=["a", "b"], sequence=[1, 1]))
    with pytest.raises(MissingTableError, match="sequence"):
        read_switching(market(household_id=[1, 2], brand=["a", "b"]))
