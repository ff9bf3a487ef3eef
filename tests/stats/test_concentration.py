"""Gini and top shares: textbook values, brute force, properties, and coverage of the intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from loyalty_research.stats import concentration, lorenz_curve

EXACT = 1e-12
SIMULATIONS, CUSTOMERS, RESAMPLES = 300, 250, 150
DOUBT = 0.999
"""Confidence of the exact interval that must hold the nominal coverage."""

amounts = st.lists(st.integers(0, 10_000), min_size=1, max_size=40).filter(lambda x: sum(x) > 0)


def estimate(sales, **options):
    return concentration(np.asarray(sales, dtype=float), seed=1, replicates=20, **options)


def brute_gini(sales) -> float:
    """Mean absolute difference over all pairs, relative to twice the mean."""
    values = np.asarray(sales, dtype=float)
    pairs = sum(abs(first - second) for first in values for second in values)
    return pairs / (2 * len(values) ** 2 * values.mean())


def brute_top(sales, share: float) -> float:
    """Add up the best customers one by one; the last counts by the part that still fits."""
    room, held = share * len(sales), 0.0
    for value in sorted(sales, reverse=True):
        held += value * min(1.0, max(room, 0.0))
        room -= 1
    return held / sum(sales)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 99])
def test_gini_of_the_first_integers(n) -> None:
    assert estimate(range(1, n + 1)).gini.value == pytest.approx((n - 1) / (3 * n), abs=EXACT)


@pytest.mark.parametrize(
    ("sales", "gini", "top20"),
    [
        ([5.0] * 10, 0.0, 0.2),
        ([0.0] * 9 + [7.0], 0.9, 1.0),  # one customer spends all: (n - 1) / n
        ([4.0], 0.0, 0.2),
        ([1.0, 1.0, 1.0, 1.0, 6.0], 0.4, 0.6),
        ([1.0] * 7, 0.0, 0.2),  # 20 % of seven customers is one and two fifths
    ],
)
def test_values_worked_out_by_hand(sales, gini, top20) -> None:
    found = estimate(sales)
    assert found.gini.value == pytest.approx(gini, abs=EXACT)
    assert found.top[0.2].value == pytest.approx(top20, abs=EXACT)
    assert found.gini.base == len(sales)


@given(amounts)
def test_brute_force_gives_the_same(sales) -> None:
    found = estimate(sales, shares=(0.1, 0.2, 0.5))
    assert found.gini.value == pytest.approx(brute_gini(sales), abs=1e-9)
    for share, item in found.top.items():
        assert item.value == pytest.approx(brute_top(sales, share), abs=1e-9)


@given(amounts, st.integers(2, 4), st.randoms(use_true_random=False))
def test_duplicates_scale_and_order_change_nothing(sales, copies, random) -> None:
    before = estimate(sales)
    shuffled = list(sales) * copies
    random.shuffle(shuffled)
    after = estimate([value * 10 for value in shuffled])
    assert after.gini.value == pytest.approx(before.gini.value, abs=1e-9)
    for share in before.top:
        assert after.top[share].value == pytest.approx(before.top[share].value, abs=1e-9)


@given(amounts.filter(lambda x: len(x) > 1))
def test_a_transfer_to_the_poorer_lowers_the_gini(sales) -> None:
    ordered = sorted(sales)
    gap = ordered[-1] - ordered[0]
    moved = [ordered[0] + gap / 4, *ordered[1:-1], ordered[-1] - gap / 4]
    assert estimate(moved).gini.value <= estimate(sales).gini.value + EXACT


@pytest.mark.parametrize("sales", [[], [0.0, 0.0]])
def test_nothing_sold_gives_nothing(sales) -> None:
    found = estimate(sales)
    assert found.gini.value is None
    assert [item.value for item in found.top.values()] == [None] * 3


def test_lorenz_curve_rises_ever_more_slowly_to_one() -> None:
    shares, held = lorenz_curve(np.array([9.0, 1.0, 4.0, 4.0]), points=5)
    assert shares.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert held == pytest.approx([0, 9 / 18, 13 / 18, 17 / 18, 1], abs=EXACT)
    assert (np.diff(held, 2) <= EXACT).all()


def test_same_seed_same_interval_other_seed_another() -> None:
    sales = np.random.default_rng(4).lognormal(size=200)
    first, again, other = (
        concentration(sales, seed=seed, replicates=100).gini for seed in (1, 1, 2)
    )
    assert first == again
    assert (first.low, first.high) != (other.low, other.high)


def test_interval_narrows_with_the_square_root_of_customers() -> None:
    rng = np.random.default_rng(8)
    small, large = (
        concentration(rng.lognormal(size=n), seed=3, replicates=300).gini for n in (300, 4800)
    )
    assert (small.high - small.low) / (large.high - large.low) == pytest.approx(4, rel=0.4)


def test_bootstrap_intervals_cover_the_truth_of_a_lognormal() -> None:
    sigma = 0.8
    truth = {"gini": math.erf(sigma / 2), "top20": norm.cdf(sigma - norm.ppf(0.8))}
    rng = np.random.default_rng(20240101)
    covered = dict.fromkeys(truth, 0)
    for seed in range(SIMULATIONS):
        sales = rng.lognormal(sigma=sigma, size=CUSTOMERS)
        found = concentration(sales, shares=(0.2,), seed=seed, replicates=RESAMPLES)
        for name, item in (("gini", found.gini), ("top20", found.top[0.2])):
            covered[name] += item.low <= truth[name] <= item.high
    for name, hits in covered.items():
        interval = binomtest(hits, SIMULATIONS).proportion_ci(DOUBT, method="exact")
        assert interval.low <= 0.95 <= interval.high, (name, hits)
