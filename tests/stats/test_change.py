"""Changes between two periods: against the jackknife, against independence, coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from loyalty_research.stats import Loose, Part, changed, difference, moved, proportion, ratio

SIMULATIONS = 400
DOUBT = 0.999
Z = norm.ppf(0.975)


def two_periods(rng, customers: int = 200, trend: float = 1.0):
    """Return orders and sales of both periods; a customer keeps the own rate, and the price level.

    Simulated: rates are log-normal, order values too, and some customers buy in one period only.
    """
    rate = rng.lognormal(0.8, 0.7, customers)
    level = rng.lognormal(3.0, 0.5, customers)
    orders = [rng.poisson(rate), rng.poisson(rate)]
    sales = [
        np.array([rng.lognormal(0.0, 0.3, n).sum() for n in count]) * level * scale
        for count, scale in zip(orders, (1.0, trend), strict=True)
    ]
    return orders, sales


def error_of(found, *, relative: bool) -> float:
    low, high = (math.log1p(x) if relative else x for x in (found.low, found.high))
    return (high - low) / (2 * Z)


@pytest.mark.parametrize("relative", [True, False])
def test_it_is_what_leaving_out_each_customer_says(relative) -> None:
    orders, sales = two_periods(np.random.default_rng(3), trend=1.2)
    now, then = Part(sales[1], orders[1]), Part(sales[0], orders[0])
    found = changed(now, then, relative=relative)
    values = np.array([s.sum() / n.sum() for s, n in zip(sales, orders, strict=True)])
    without = np.array([(s.sum() - s) / (n.sum() - n) for s, n in zip(sales, orders, strict=True)])
    moves = np.log(without[1] / without[0]) if relative else without[1] - without[0]
    n = len(moves)
    jackknife = math.sqrt((n - 1) / n * ((moves - moves.mean()) ** 2).sum())
    assert (found.then, found.now) == pytest.approx(tuple(values))
    expected = values[1] / values[0] - 1 if relative else values[1] - values[0]
    assert found.value == pytest.approx(expected)
    assert error_of(found, relative=relative) == pytest.approx(jackknife, rel=0.03)


def test_customers_of_one_period_only_are_independent() -> None:
    rng = np.random.default_rng(8)
    first, last = rng.random(150) < 0.3, rng.random(250) < 0.4
    none1, none2 = np.zeros(250), np.zeros(150)
    then = Part(np.concatenate([first, none1]), np.concatenate([np.ones(150), none1]))
    now = Part(np.concatenate([none2, last]), np.concatenate([none2, np.ones(250)]))
    found = changed(now, then, relative=False)
    apart = difference(ratio(last, np.ones(250)), ratio(first, np.ones(150)))
    assert found.value == pytest.approx(apart.value)
    assert (found.low, found.high) == pytest.approx((apart.low, apart.high), abs=1e-3)
    assert proportion(int(last.sum()), 250).value == found.now


def test_the_same_customers_doing_the_same_leave_no_doubt() -> None:
    orders, sales = two_periods(np.random.default_rng(5))
    same = changed(Part(sales[0], orders[0]), Part(sales[0], orders[0]), relative=True)
    assert (same.value, same.low, same.high, same.p_value) == (0, None, None, None)
    dearer = changed(Part(1.1 * sales[0], orders[0]), Part(sales[0], orders[0]), relative=True)
    assert dearer.value == pytest.approx(0.1)
    paired = changed(Part(sales[1], orders[1]), Part(sales[0], orders[0]), relative=True)
    count = len(orders[0])
    pad = np.zeros(count)
    apart = changed(
        Part(np.concatenate([pad, sales[1]]), np.concatenate([pad, orders[1]])),
        Part(np.concatenate([sales[0], pad]), np.concatenate([orders[0], pad])),
        relative=True,
    )
    assert error_of(paired, relative=True) < 0.8 * error_of(apart, relative=True)


def test_loose_units_add_their_own_variance() -> None:
    """An order without a customer counts as a unit of its own, seen in one period."""
    rng = np.random.default_rng(2)
    values = rng.lognormal(3, 0.5, 80)
    loose = Loose(x=80.0, y=values.sum(), xx=80.0, yy=values @ values, xy=values.sum())
    empty = np.zeros(2)
    other = Part(np.array([30.0, 20.0]), np.ones(2))
    found = changed(Part(empty, empty, loose), other, relative=False)
    alone = ratio(values, np.ones(80))
    fixed = (other.y - other.y.mean()) / 2
    spread = ((alone.value - alone.low) / Z) ** 2 * 79 / 80 + 2 * float(fixed @ fixed)
    assert found.now == pytest.approx(alone.value)
    assert error_of(found, relative=False) == pytest.approx(math.sqrt(spread))


@pytest.mark.parametrize("kind", ["total", "ratio"])
def test_intervals_cover_the_truth(kind) -> None:
    """Customers are drawn anew each time, so the truth is the trend of the shop."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(SIMULATIONS):
        orders, sales = two_periods(rng, trend=1.15)
        now, then = (Part(sales[i], orders[i] if kind == "ratio" else None) for i in (1, 0))
        found = changed(now, then, relative=True)
        hits += found.low <= 0.15 <= found.high
    interval = binomtest(hits, SIMULATIONS).proportion_ci(DOUBT, method="exact")
    assert interval.low <= 0.95 <= interval.high, hits


def test_p_values_are_even_where_nothing_changed() -> None:
    rng = np.random.default_rng(12)
    small = 0
    for _ in range(SIMULATIONS):
        orders, sales = two_periods(rng)
        found = changed(Part(sales[1], orders[1]), Part(sales[0], orders[0]), relative=True)
        small += found.p_value < 0.1
    interval = binomtest(small, SIMULATIONS).proportion_ci(DOUBT, method="exact")
    assert interval.low <= 0.1 <= interval.high, small


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (Part(np.array([1.0]), np.array([0.0])), Part(np.array([1.0]), np.array([1.0]))),
        (Part(np.array([1.0])), Part(np.array([0.0]))),
        (Part(np.array([-1.0])), Part(np.array([2.0]))),
    ],
)
def test_nothing_to_divide_by_nothing_said(now, then) -> None:
    found = changed(now, then, relative=True)
    assert (found.value, found.low, found.high, found.p_value) == (None,) * 4


def test_a_change_is_certain_where_its_bounds_leave_out_nothing_moved() -> None:
    near = moved(11.0, 10.0, 0.1, error=0.05, base=9, relative=True)
    far = moved(12.0, 10.0, 0.2, error=0.05, base=9, relative=True)
    assert near.low < 0 < near.high
    assert near.p_value > 0.05 > far.p_value
    assert far.low > 0
    assert far.p_value == pytest.approx(2 * norm.sf(math.log(1.2) / 0.05))
