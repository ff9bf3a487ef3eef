"""Gaps between purchases: Kaplan-Meier as a special case, recovery, and what naive counts miss."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.duration.survfunc import SurvfuncRight

from loyalty_research.stats import gap_survival, product_limit

EXACT = 1e-9
PRINTED = 5.1e-5
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


REMISSION = [6, 6, 6, 7, 10, 13, 16, 22, 23]
IN_REMISSION = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
"""Weeks of 21 leukaemia patients on 6-MP (Freireich et al. 1963): relapsed, and still followed."""


def counted(ended, followed):
    days = np.concatenate([ended, followed])
    back = np.arange(len(days)) < len(ended)
    return product_limit(days, back.astype(int), (~back).astype(int))


@pytest.mark.parametrize(
    ("week", "survival", "error", "low", "high"),
    [  # as printed by Stata's sts list, whose bounds are on the scale of log(-log S)
        (6, 0.8571, 0.0764, 0.6197, 0.9516),
        (7, 0.8067, 0.0869, 0.5631, 0.9228),
        (10, 0.7529, 0.0963, 0.5032, 0.8894),
        (13, 0.6902, 0.1068, 0.4316, 0.8491),
        (16, 0.6275, 0.1141, 0.3675, 0.8049),
        (22, 0.5378, 0.1282, 0.2678, 0.7468),
        (23, 0.4482, 0.1346, 0.1881, 0.6801),
    ],
)
def test_product_limit_as_published(week, survival, error, low, high) -> None:
    found = counted(REMISSION, IN_REMISSION)
    item = found.reached_by(week)
    assert 1 - item.value == pytest.approx(survival, abs=PRINTED)
    assert found.error_at(week) == pytest.approx(error, abs=PRINTED)
    assert (1 - item.high, 1 - item.low) == pytest.approx((low, high), abs=PRINTED)
    assert item.base == found.base == 21


@pytest.mark.parametrize("seed", range(3))
def test_product_limit_against_another_implementation(seed) -> None:
    day, ended = one_gap_each(np.random.default_rng(seed), 90)
    found = product_limit(day, ended, ~ended)
    reference = SurvfuncRight(day, ended.astype(int))
    at = reference.surv_times.astype(int)
    assert found.survival[at] == pytest.approx(reference.surv_prob, abs=EXACT)
    errors = [found.error_at(day) for day in at]
    assert errors == pytest.approx(list(reference.surv_prob_se), abs=EXACT)


def test_without_censoring_it_is_the_share_and_at_the_ends_wilson() -> None:
    found = counted([3, 3, 5, 8], [])
    assert [found.reached_by(day).value for day in (2, 3, 5, 8)] == [0.0, 0.5, 0.75, 1.0]
    nobody = found.reached_by(2)
    assert nobody.low == 0
    assert nobody.high == pytest.approx(0.4899, abs=PRINTED)  # Wilson, 0 of 4
    everybody = found.reached_by(9)  # the curve stays where it is once everybody is back
    assert (everybody.value, everybody.high) == (1, 1)
    assert everybody.low == pytest.approx(0.5101, abs=PRINTED)  # Wilson, 4 of 4
    assert everybody == found.reached_by(8)
    assert found.error_at(8) is None


def test_nobody_followed_for_so_long() -> None:
    assert counted([], [4, 4]).reached_by(4).value == 0
    assert counted([], [4, 4]).reached_by(5).value is None
    assert counted([2], [4, 4]).error_at(5) is None
    assert counted([], []).reached_by(0).value is None


def test_its_intervals_cover() -> None:
    """Days to the second purchase are a mixture with some who never return; entries are spread."""
    rng = np.random.default_rng(17)
    truth = 0.6 * (1 - np.exp(-90 / 40) * (1 + 90 / 40))
    hits = 0
    for _ in range(4 * SIMULATIONS):
        gap = np.where(rng.random(120) < 0.6, rng.gamma(2.0, 40.0, 120), 1e6)
        followed = rng.integers(0, 365, 120)
        day, ended = np.minimum(np.ceil(gap), followed).astype(int), np.ceil(gap) <= followed
        found = product_limit(day, ended, ~ended).reached_by(90)
        hits += found.low <= truth <= found.high
    interval = binomtest(hits, 4 * SIMULATIONS).proportion_ci(DOUBT, method="exact")
    assert interval.low <= 0.95 <= interval.high, hits
