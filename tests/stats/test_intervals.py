"""Intervals of shares, ratios and differences: published values, identities, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm
from statsmodels.stats.proportion import proportion_confint

from loyalty_research.stats import Estimate, difference, proportion, ratio, ratio_sums, share_of

PRINTED = 5e-5
CLOSE = 1e-9
SIMULATIONS = 500
DOUBT = 0.999
Z = norm.ppf(0.975)


@pytest.mark.parametrize(
    ("successes", "base", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(successes, base, low, high) -> None:
    found = proportion(successes, base)
    assert found.value == pytest.approx(successes / base)
    assert (found.low, found.high) == pytest.approx((low, high), abs=PRINTED)
    assert found.base == base


@given(
    st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from([0.8, 0.95, 0.99]),
)
def test_wilson_solves_the_score_equation(pair, level) -> None:
    hits, base = pair
    found = proportion(hits, base, level=level)
    mirror = proportion(base - hits, base, level=level)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low == pytest.approx(1 - mirror.high, abs=CLOSE)
    z = norm.ppf(0.5 + level / 2)
    for bound in (found.low, found.high):
        assert (found.value - bound) ** 2 == pytest.approx(
            z * z * bound * (1 - bound) / base, abs=CLOSE
        )
    other = proportion_confint(hits, base, alpha=1 - level, method="wilson")
    assert (found.low, found.high) == pytest.approx(other, abs=CLOSE)


@pytest.mark.parametrize("empty", [proportion(0, 0), ratio([], []), ratio([1.0], [0.0])])
def test_no_base_no_estimate(empty) -> None:
    assert (empty.value, empty.low, empty.high) == (None, None, None)


def test_one_customer_has_a_value_and_no_interval() -> None:
    assert ratio([6.0], [2.0]) == Estimate(3.0, None, None, 1)


totals = st.lists(st.tuples(st.integers(1, 500), st.integers(0, 100_000)), min_size=2, max_size=30)


@given(totals)
def test_five_sums_say_as_much_as_the_customers(rows) -> None:
    x, y = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    whole = ratio(y, x)
    sums = ratio_sums(len(x), x=sum(x), y=sum(y), xx=sum(x * x), yy=sum(y * y), xy=sum(x * y))
    assert whole.value == pytest.approx(y.sum() / x.sum())
    residuals = y - whole.value * x
    error = np.sqrt(len(x) / (len(x) - 1) * (residuals**2).sum()) / x.sum()
    slack = 1e-6 * max(1.0, y.max())
    assert whole.high - whole.value == pytest.approx(Z * error, abs=slack)
    assert (sums.low, sums.high) == pytest.approx((whole.low, whole.high), abs=slack)


def test_a_ratio_to_ones_is_the_mean_with_its_usual_error() -> None:
    y = np.array([3.0, 9.0, 4.0, 4.0])
    found = ratio(y, np.ones(4))
    assert found.value == y.mean()
    assert found.high - found.value == pytest.approx(Z * y.std(ddof=1) / 2)


def test_difference_of_two_scores_as_published() -> None:
    # references.md, section 4: 30 against 20 with standard errors of both groups
    first, second = (
        Estimate(value, value - Z * error, value + Z * error, 100)
        for value, error in ((30.0, 7.810), (20.0, 8.124))
    )
    found = difference(first, second)
    assert found.value == 10
    assert (found.low, found.high) == pytest.approx((-12.09, 32.09), abs=0.005)
    back = difference(second, first)
    assert (back.low, back.high) == pytest.approx((-found.high, -found.low))


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        (Estimate(None, None, None, 0), Estimate(1.0, 0.5, 1.5, 40), None),
        (Estimate(3.0, None, None, 1), Estimate(1.0, 0.5, 1.5, 40), 2.0),
    ],
)
def test_difference_without_an_interval(first, second, value) -> None:
    found = difference(first, second)
    assert (found.value, found.low, found.base) == (value, None, first.base)


def shop(rng, customers: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return orders and sales of customers, and the error that takes orders as independent.

    Frequent customers spend more an order, and the orders of one customer resemble each other.
    """
    rate = rng.gamma(2.0, 1.0, customers)
    orders = 1 + rng.poisson(rate)
    level = 10 + rate + rng.normal(0, 3, customers)
    values = np.repeat(level, orders) + rng.normal(0, 1, orders.sum())
    sales = np.bincount(np.repeat(np.arange(customers), orders), weights=values)
    return orders.astype(float), sales, values.std(ddof=1) / np.sqrt(len(values))


def test_interval_covers_where_orders_are_clustered_in_customers() -> None:
    truth = (10 + 11 * 2 + 6) / 3  # E[(1 + r)(10 + r)] / E[1 + r] for r ~ Gamma(2, 1)
    rng = np.random.default_rng(7)
    clustered = loose = 0
    for _ in range(SIMULATIONS):
        orders, sales, error = shop(rng, 150)
        found = ratio(sales, orders)
        clustered += found.low <= truth <= found.high
        loose += abs(found.value - truth) <= Z * error
    interval = binomtest(clustered, SIMULATIONS).proportion_ci(DOUBT, method="exact")
    assert interval.low <= 0.95 <= interval.high, clustered
    # Orders taken as independent would promise too much: the reason for this interval.
    assert binomtest(loose, SIMULATIONS).proportion_ci(DOUBT, method="exact").high < 0.9


@pytest.mark.parametrize("hits", [1, 2, 5, 50, 95, 98, 99])
def test_a_share_of_totals_stays_within_its_bounds(hits: int) -> None:
    part = np.r_[np.ones(hits), np.zeros(100 - hits)]
    found = share_of(part, np.ones(100))
    assert found.value == hits / 100
    assert 0 < found.low < found.value < found.high < 1


def test_a_share_of_totals_agrees_with_the_symmetric_interval_where_there_is_room() -> None:
    rng = np.random.default_rng(5)
    whole = rng.gamma(2, 50, 20_000)
    part = whole * rng.beta(5, 5, 20_000)
    near, plain = share_of(part, whole), ratio(part, whole)
    assert near.low == pytest.approx(plain.low, rel=1e-4)
    assert near.high == pytest.approx(plain.high, rel=1e-4)


def test_bounds_of_a_small_share_of_skewed_totals_cover_it() -> None:
    """2 % of customers hold what is counted: 400 samples, judged by the exact binomial interval."""
    rng = np.random.default_rng(11)
    truth, covered, runs = 0.02, 0, 400
    for _ in range(runs):
        whole = rng.gamma(2, 50, 800)
        found = share_of(whole * (rng.random(800) < truth), whole)
        covered += found.low <= truth <= found.high
    low, high = proportion_confint(covered, runs, alpha=0.01, method="beta")
    assert low <= 0.95 <= high or covered / runs > 0.95


def test_a_share_at_the_edge_keeps_its_bounds() -> None:
    assert share_of(np.zeros(50), np.ones(50)).low == 0
    assert share_of(np.ones(50), np.ones(50)).high == 1


def test_a_difference_of_lopsided_intervals_leans_with_them() -> None:
    found = difference(Estimate(0.5, 0.4, 0.55, 100), Estimate(0.2, 0.19, 0.3, 80))
    assert found.value == pytest.approx(0.3)
    assert found.low == pytest.approx(0.3 - np.hypot(0.1, 0.1))
    assert found.high == pytest.approx(0.3 + np.hypot(0.05, 0.01))
