"""Gaps between purchases: Kaplan-Meier as a special case, recovery, and what naive counts miss."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.duration.survfunc import SurvfuncRight

from loyalty_research.stats import gap_survival

EXACT = 1e-9
SIMULATIONS = 120
DOUBT = 0.999
PERIOD = 200  # days observed


class Gaps(NamedTuple):
    """One row a gap, weighted so that every customer counts once."""

    day: np.ndarray
    group: np.ndarray
    returned: np.ndarray
    silent: np.ndarray


def one_gap_each(rng, customers: int) -> tuple[np.ndarray, np.ndarray]:
    """Return lengths and whether each gap ended, with ties and censoring."""
    gap = 1 + rng.geometric(0.05, customers)
    limit = rng.integers(1, 60, customers)
    return np.minimum(gap, limit), gap <= limit


@pytest.mark.parametrize("seed", range(4))
def test_it_is_kaplan_meier_where_nobody_has_two_gaps(seed) -> None:
    rng = np.random.default_rng(seed)
    day, ended = one_gap_each(rng, 80)
    found = gap_survival(
        day, np.arange(80) % 10, ended.astype(float), (~ended).astype(float), base=80
    )
    reference = SurvfuncRight(day, ended.astype(int))
    at = reference.surv_times.astype(int)
    assert found.survival[at] == pytest.approx(reference.surv_prob, abs=EXACT)
    for share, item in found.quantiles.items():
        back = np.flatnonzero(reference.surv_prob <= 1 - share + 1e-12)
        assert item.value == (float(at[back[0]]) if len(back) else None)
    assert found.base == 80


def true_gaps(rng, customers: int) -> np.ndarray:
    """Return a first gap each: gamma within a customer, rates that differ between customers."""
    mean = rng.gamma(3.0, 8.0, customers)
    return np.ceil(rng.gamma(2.0, mean / 2)).clip(1)


def observe(rng, customers: int, groups: int = 20) -> tuple[Gaps, np.ndarray]:
    """Watch customers from a first purchase to the end; return the completed gaps too."""
    mean = rng.gamma(3.0, 8.0, (customers, 1))
    gaps = np.ceil(rng.gamma(2.0, mean / 2, (customers, 400))).clip(1)
    length = PERIOD - rng.integers(0, 80, customers)
    inside = np.cumsum(gaps, axis=1) <= length[:, None]
    count = inside.sum(axis=1)
    who, _ = np.nonzero(inside)
    never = np.flatnonzero(count == 0)
    day = np.concatenate([gaps[inside], length[never]]).astype(int)
    group = np.concatenate([who, never]) % groups
    weight = np.concatenate([1 / count[who], np.zeros(len(never))])
    silent = np.concatenate([np.zeros(len(who)), np.ones(len(never))])
    return Gaps(day, group, weight, silent), gaps[inside]


def test_the_true_distribution_comes_back_and_naive_counts_are_too_short() -> None:
    rng = np.random.default_rng(11)
    truth = true_gaps(rng, 400_000)
    gaps, completed = observe(rng, 6000)
    found = gap_survival(*gaps, base=6000)
    for day in (5, 10, 20, 40, 80):
        assert found.survival[day] == pytest.approx((truth > day).mean(), abs=0.02)
    for share in (0.25, 0.5, 0.75):
        item = found.quantiles[share]
        real = float(np.quantile(truth, share, method="inverted_cdf"))
        assert item.low <= real <= item.high
        assert item.value == pytest.approx(real, abs=1)
    # The mean of completed gaps lets frequent buyers speak for all and forgets who is still away.
    assert completed.mean() < 0.8 * truth.mean()
    assert np.median(completed) < 0.85 * np.median(truth)


def test_jackknife_intervals_cover() -> None:
    rng = np.random.default_rng(5)
    truth = (true_gaps(rng, 400_000) <= 30).mean()
    hits = 0
    for _ in range(SIMULATIONS):
        gaps, _ = observe(rng, 200)
        found = gap_survival(*gaps, base=200).returned_by(30)
        hits += found.low <= truth <= found.high
    interval = binomtest(hits, SIMULATIONS).proportion_ci(DOUBT, method="exact")
    assert interval.low <= 0.95 <= interval.high, hits


def test_the_curve_falls_and_its_bounds_hold_it() -> None:
    gaps, _ = observe(np.random.default_rng(3), 300)
    found = gap_survival(*gaps, base=300)
    assert found.survival[0] == 1
    assert (np.diff(found.survival) <= EXACT).all()
    assert (found.low <= found.survival + EXACT).all()
    assert (found.high >= found.survival - EXACT).all()
    assert found.returned_by(30).value == pytest.approx(1 - found.survival[30])


def test_copies_of_all_customers_change_the_curve_not_at_all() -> None:
    gaps, _ = observe(np.random.default_rng(6), 100)
    once = gap_survival(*gaps, base=100)
    twice = gap_survival(*(np.concatenate([part, part]) for part in gaps), base=200)
    assert twice.survival == pytest.approx(once.survival, abs=EXACT)


def test_beyond_the_longest_gap_seen_nothing_is_claimed() -> None:
    open_gap = gap_survival(
        np.array([3, 9]), np.array([0, 1]), np.array([1.0, 0.0]), np.array([0.0, 1.0]), base=2
    )
    assert open_gap.returned_by(9).value == 0.5
    assert open_gap.returned_by(10).value is None
    assert open_gap.quantiles[0.75].value is None
    all_back = gap_survival(np.array([3]), np.array([0]), np.ones(1), np.zeros(1), base=1)
    assert all_back.returned_by(30).value == 1.0


def test_no_gaps_no_estimates() -> None:
    none = np.array([], dtype=int)
    found = gap_survival(none, none, none.astype(float), none.astype(float), base=0)
    assert found.base == 0
    assert {item.value for item in found.quantiles.values()} == {None}
