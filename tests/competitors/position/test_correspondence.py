"""Correspondence analysis: published values, quality and contributions, refused tables, draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from loyalty_research.competitors import position
from loyalty_research.competitors.position.resampled import ellipse
from loyalty_research.errors import DataError

SMOKING = pd.DataFrame(  # Greenacre 1984, table 3.1: staff of a firm by how much they smoke
    [[4, 2, 3, 2], [4, 3, 7, 4], [25, 10, 12, 4], [18, 24, 33, 13], [10, 6, 7, 2]],
    index=["SM", "JM", "SE", "JE", "SC"],
    columns=["none", "light", "medium", "heavy"],
)
CLOSE = 1e-9


@pytest.fixture(scope="module")
def smoking() -> position.Correspondence:
    return position.correspondence(SMOKING)


def test_eigenvalues_as_published(smoking) -> None:
    assert smoking.eigenvalues == pytest.approx([0.074759, 0.010017, 0.000414], abs=5e-7)


def test_inertia_is_chi_square_over_n(smoking) -> None:
    counts = SMOKING.to_numpy(dtype=float)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert smoking.eigenvalues.sum() == pytest.approx(chi_square / counts.sum(), rel=CLOSE)
    assert smoking.shares.sum() == pytest.approx(1, rel=CLOSE)


def test_quality_and_contributions_add_up(smoking) -> None:
    for parts in (smoking.contributions, smoking.attribute_contributions):
        assert parts.sum(axis=0) == pytest.approx(np.ones(3), rel=CLOSE)
    masses = SMOKING.to_numpy(dtype=float).sum(axis=1) / SMOKING.to_numpy().sum()
    for axis in range(3):
        inertia = masses * smoking.places[:, axis] ** 2
        assert inertia.sum() == pytest.approx(smoking.eigenvalues[axis], rel=CLOSE)
        assert smoking.contributions[:, axis] == pytest.approx(inertia / inertia.sum(), abs=CLOSE)
        assert smoking.places[smoking.contributions[:, axis].argmax(), axis] > 0
    assert smoking.quality.sum(axis=1) == pytest.approx(np.ones(5), rel=CLOSE)
    # Greenacre, exhibit 11.8: 893 of 1,000 of the senior managers' distance on two axes.
    assert smoking.quality[0, :2].sum() == pytest.approx(0.893, abs=5e-4)


def test_distances_between_brands_are_those_of_profiles(smoking) -> None:
    counts = SMOKING.to_numpy(dtype=float)
    profiles = counts / counts.sum(axis=1, keepdims=True)
    weights = counts.sum(axis=0) / counts.sum()
    for one in range(5):
        for two in range(5):
            apart = ((profiles[one] - profiles[two]) ** 2 / weights).sum()
            drawn = ((smoking.places[one] - smoking.places[two]) ** 2).sum()
            assert drawn == pytest.approx(apart, abs=CLOSE)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([[3, 4]], "found 1 brands"),
        ([[3], [4]], "found 1 attributes"),
        ([[3, 4], [0, 0]], "brands without any count: brand 2"),
        ([[3, 0], [4, 0]], "attributes without any count: attribute 2"),
        ([[3, -1], [4, 2]], "0 or above"),
        ([[3, np.nan], [4, 2]], "none missing"),
        ([["a", "b"], ["c", "d"]], "allowed are numbers"),
        ([[2, 4], [3, 6]], "nothing to map"),
    ],
)
def test_tables_that_cannot_be_mapped_are_refused(table, said) -> None:
    with pytest.raises(DataError, match=said):
        position.correspondence(table)


def test_all_problems_at_once() -> None:
    with pytest.raises(DataError) as error:
        position.correspondence([[0, 3, 0], [0, 0, 0]])
    assert len(error.value.problems) == 2


def test_two_brands_have_one_axis() -> None:
    found = position.correspondence([[30, 10, 5], [10, 20, 15]], brands=["a", "b"])
    assert found.places.shape == (2, 1)
    drawn = position.resampled(np.full((40, 2, 3), 1.0) + np.eye(2, 3), found, seed=1, draws=50)
    assert drawn.p_values.shape == (1,)


def people(rng: np.random.Generator, count: int, *, tilt: float) -> np.ndarray:
    """Draw households that buy six times among four brands; half are of one kind, half not."""
    kind = rng.integers(0, 2, count)
    likings = np.array([[0.4, 0.3, 0.2, 0.1], [0.4 - tilt, 0.3, 0.2, 0.1 + tilt]])
    found = np.zeros((count, 4, 2))
    for place, own in enumerate(kind):
        found[place, :, own] = rng.multinomial(6, likings[own])
    extra = rng.integers(0, 3, count)
    each = np.zeros((count, 4, 5))
    each[:, :, :2] = found
    each[np.arange(count), :, 2 + extra] = found.sum(axis=2)
    return each


def test_an_axis_is_read_where_there_is_something_to_read() -> None:
    units = people(np.random.default_rng(3), 400, tilt=0.2)
    found = position.correspondence(units.sum(axis=0))
    drawn = position.resampled(units, found, seed=1, draws=299)
    assert drawn.axes == 1
    assert drawn.clear[[0, 3], 0].all()  # the two brands that differ
    assert not drawn.interpretable[1]
    again = position.resampled(units, found, seed=1, draws=299)
    assert np.array_equal(drawn.spread, again.spread)


def test_ellipses_alone_would_read_an_accident() -> None:
    read = lone = 0
    for seed in range(30):
        units = people(np.random.default_rng([seed, 9]), 300, tilt=0.0)
        found = position.correspondence(units.sum(axis=0))
        drawn = position.resampled(units, found, seed=seed, draws=99)
        read += drawn.axes > 0
        lone += bool(drawn.clear[:, 0].any())
        assert not drawn.interpretable[1] or drawn.interpretable[0]
    assert read <= 5  # 1.5 in 30 are nominal; six or more have a chance below 0.4 %
    assert lone > read


def test_spread_is_that_of_independent_counts() -> None:
    """With one purchase a household, the spread of a brand's share is the binomial one."""
    rng = np.random.default_rng(5)
    sizes = np.array([1_500, 1_000])
    units = np.zeros((sizes.sum(), 2, 2))
    row = np.repeat([0, 1], sizes)
    units[
        np.arange(len(row)), row, (rng.random(len(row)) < np.array([0.6, 0.3])[row]).astype(int)
    ] = 1
    drawn = position.resampled(
        units, position.correspondence(units.sum(axis=0)), seed=2, draws=1_000
    )
    shares = units.sum(axis=0) / units.sum(axis=(0, 2))[:, None]
    errors = np.sqrt(shares * (1 - shares) / sizes[:, None])
    assert drawn.share_errors == pytest.approx(errors, rel=0.09)


def test_ellipse_of_a_known_covariance() -> None:
    turn = np.radians(30)
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    long, short, angle = ellipse(axes @ np.diag([4.0, 1.0]) @ axes.T, brands=1)
    assert long / short == pytest.approx(2)
    assert short == pytest.approx(np.sqrt(5.991465), rel=1e-6)  # chi-square, 2 degrees, 95 %
    assert angle % 180 == pytest.approx(30)
