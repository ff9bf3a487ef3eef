"""Shrinkage: a case by hand, its two ends, its coverage, and no difference where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from loyalty_research.stats import shrink

CLOSE = 1e-12
CHANCE = 1e-4


def test_by_hand() -> None:
    # Errors of 1: Q = 2 (-3)^2 + 2 3^2 = 36, tau^2 = (36 - 3) / (4 - 1) = 11, b = 11 / 12.
    found = shrink(np.array([7.0, 7.0, 13.0, 13.0]), np.ones(4))
    assert found.mean == pytest.approx(10, abs=CLOSE)
    assert found.spread == pytest.approx(np.sqrt(11), abs=CLOSE)
    assert found.value == pytest.approx([7.25, 7.25, 12.75, 12.75], abs=CLOSE)
    # b s^2 + (1 - b)^2 Var(mean) = 11/12 + (1/12)^2 12/4 = 45/48
    margin = norm.ppf(0.975) * np.sqrt(45 / 48)
    assert found.high - found.value == pytest.approx(np.full(4, margin), abs=CLOSE)
    assert found.value - found.low == pytest.approx(np.full(4, margin), abs=CLOSE)


def test_by_hand_with_unequal_errors() -> None:
    # w = 1, 1/4; fixed mean = 0.8 x 0 + 0.2 x 10 = 2; Q = 4 + 64/4 = 20;
    # scale = 1.25 - (1 + 1/16) / 1.25 = 0.4; tau^2 = 19 / 0.4 = 47.5.
    found = shrink(np.array([0.0, 10.0]), np.array([1.0, 2.0]))
    assert found.spread == pytest.approx(np.sqrt(47.5), abs=1e-9)
    weights = np.array([1 / 48.5, 1 / 51.5])
    mean = 10 * weights[1] / weights.sum()
    assert found.mean == pytest.approx(mean)
    assert found.value == pytest.approx([mean / 48.5, (47.5 * 10 + 4 * mean) / 51.5])


def test_without_spread_all_stand_at_the_mean() -> None:
    estimate, error = np.array([4.9, 5.0, 5.1, 5.0]), np.array([1.0, 2.0, 1.0, 4.0])
    found = shrink(estimate, error)
    assert found.spread == 0
    weights = error**-2
    assert found.value == pytest.approx(np.full(4, weights @ estimate / weights.sum()))
    assert (found.low < found.mean).all()
    assert (found.mean < found.high).all()


def test_with_huge_spread_each_keeps_its_own() -> None:
    estimate = np.array([-1e6, 0.0, 2e6])
    found = shrink(estimate, np.array([1.0, 2.0, 3.0]))
    assert found.value == pytest.approx(estimate, abs=1e-3)
    assert found.high - found.value == pytest.approx(norm.ppf(0.975) * np.array([1, 2, 3]))


def test_the_less_is_known_the_more_is_shrunk() -> None:
    estimate, error = np.array([8.0, 8.0, 2.0, 2.0]), np.array([0.5, 2.0, 0.5, 2.0])
    found = shrink(estimate, error)
    pulled = np.abs(estimate - found.value)
    assert pulled[0] < pulled[1]
    assert pulled[2] < pulled[3]
    assert (np.sign(found.value - found.mean) == np.sign(estimate - found.mean)).all()


def test_scale_and_place_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    estimate, error = rng.normal(size=12), rng.uniform(0.2, 1, 12)
    plain, moved = shrink(estimate, error), shrink(3 * estimate + 7, 3 * error)
    assert moved.value == pytest.approx(3 * plain.value + 7)
    assert moved.low == pytest.approx(3 * plain.low + 7)
    assert moved.spread == pytest.approx(3 * plain.spread)


def test_edges() -> None:
    nobody = shrink(np.array([]), np.array([]))
    assert len(nobody.value) == 0
    assert np.isnan(nobody.mean)
    alone = shrink(np.array([3.0]), np.array([0.5]))
    assert (alone.mean, alone.spread, alone.value[0]) == (3.0, 0.0, 3.0)
    for bad in (0.0, -1.0):
        with pytest.raises(ValueError, match="positive"):
            shrink(np.array([1.0, 2.0]), np.array([1.0, bad]))


def _worlds(spread: float, *, worlds: int = 400, units: int = 60) -> tuple[int, int, int]:
    """Return units covered, units told from the mean, and units."""
    rng = np.random.default_rng(29)
    covered = told = 0
    for _ in range(worlds):
        truth = rng.normal(0.6, spread, units) if spread else np.full(units, 0.6)
        error = rng.uniform(0.02, 0.08, units)
        found = shrink(rng.normal(truth, error), error)
        covered += int(((found.low <= truth) & (truth <= found.high)).sum())
        told += int(((found.low > found.mean) | (found.high < found.mean)).sum())
    return covered, told, worlds * units


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    covered, _, units = _worlds(0.05)
    bounds = binomtest(covered, units).proportion_ci(1 - CHANCE, method="exact")
    # The spread itself is estimated, which the interval leaves out: a little short is expected.
    assert bounds.low <= 0.95
    assert bounds.high >= 0.94


def test_alike_units_are_told_apart_no_oftener_than_the_level_allows() -> None:
    covered, told, units = _worlds(0.0)
    assert binomtest(told, units, 0.05, alternative="greater").pvalue > CHANCE
    assert told / units < 0.01  # far fewer: the estimated spread is then about nil
    assert covered / units > 0.95
