"""k-means, mixtures, agreement and structureless draws, against plain references."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, spearmanr

from loyalty_research.profile.segments.agreement import adjusted_rand
from loyalty_research.profile.segments.kmeans import fit_kmeans, nearest
from loyalty_research.profile.segments.mixture import expect, fit_mixture
from loyalty_research.profile.segments.surrogate import fit_surrogate

RIDGE = 0.05


@pytest.fixture(scope="module")
def groups() -> tuple[np.ndarray, np.ndarray]:
    """Return 300 customers of three far groups, and the group of each."""
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 3, 300)
    centres = np.array([[0.0, 0, 0], [9, 0, 0], [0, 9, 9]])
    return centres[truth] + rng.normal(size=(300, 3)), truth


def weights_of(n: int, *, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([np.ones((1, n)), rng.multinomial(n, np.full(n, 1 / n), 4)])


def test_kmeans_is_a_fixed_point_under_each_weighting(groups) -> None:
    rows, truth = groups
    weights = weights_of(len(rows), seed=1)
    found = fit_kmeans(rows, weights, segments=3, rng=np.random.default_rng(2))
    for place, own in enumerate(weights):
        labels = found.labels[place]
        apart = ((rows[:, None] - found.centres[place]) ** 2).sum(axis=2)
        assert (labels == apart.argmin(axis=1)).all()
        assert found.within[place] == pytest.approx(np.average(apart.min(axis=1), weights=own))
        for segment in range(3):
            inside = labels == segment
            mean = np.average(rows[inside], axis=0, weights=own[inside])
            assert found.centres[place, segment] == pytest.approx(mean)
        assert adjusted_rand(truth, labels, segments=3) == 1


def test_a_weight_of_two_is_the_customer_twice(groups) -> None:
    rows = groups[0][:50]
    twice = np.repeat(rows, 2, axis=0)
    one = fit_kmeans(rows, np.full((1, 50), 2.0), segments=1, rng=np.random.default_rng(0))
    two = fit_kmeans(twice, np.ones((1, 100)), segments=1, rng=np.random.default_rng(0))
    assert one.centres == pytest.approx(two.centres)
    assert one.within == pytest.approx(two.within)


def test_customers_all_alike_make_no_trouble() -> None:
    rows = np.zeros((20, 2))
    weights = np.ones((2, 20))
    found = fit_kmeans(rows, weights, segments=3, rng=np.random.default_rng(0))
    assert (found.within == 0).all()
    mixture = fit_mixture(rows, weights, found.labels, segments=3)
    assert np.isfinite(mixture.log_likelihood).all()


def test_one_component_is_the_gaussian_fit(groups) -> None:
    rows = groups[0]
    found = fit_mixture(rows, np.ones((1, 300)), np.zeros((1, 300), dtype=int), segments=1)
    covariance = np.cov(rows, rowvar=False, bias=True) + RIDGE * np.eye(3)
    density = multivariate_normal(rows.mean(axis=0), covariance).logpdf(rows)
    assert found.log_likelihood[0] == pytest.approx(density.mean())


def test_densities_and_chances_of_a_mixture() -> None:
    rng = np.random.default_rng(4)
    rows, means = rng.normal(size=(40, 2)), rng.normal(size=(3, 2))
    covariance = np.array([[1.0, 0.4], [0.4, 0.7]])
    shares = np.array([0.5, 0.3, 0.2])
    chances, log_sums = expect(rows, shares[None], means[None], covariance[None])
    density = np.stack([multivariate_normal(mean, covariance).pdf(rows) for mean in means])
    joint = shares[:, None] * density
    assert np.exp(log_sums[0]) == pytest.approx(joint.sum(axis=0))
    assert chances[:, 0] == pytest.approx(joint / joint.sum(axis=0))


def test_the_mixture_finds_long_groups_that_means_alone_cut_across() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, 400)
    rows = rng.normal(size=(400, 2)) * [6.0, 0.5] + np.stack([truth * 0.0, truth * 4.0], axis=1)
    start = fit_kmeans(rows, np.ones((8, 400)), segments=2, rng=rng)
    found = fit_mixture(rows, np.ones((8, 400)), start.labels, segments=2)
    best = int(found.log_likelihood.argmax())
    assert adjusted_rand(truth, found.labels[best], segments=2) >= adjusted_rand(
        truth, start.labels[int(start.within.argmin())], segments=2
    )


def pair_counting(first: np.ndarray, second: np.ndarray) -> float:
    """Return the adjusted Rand index by going through all pairs."""
    pairs = list(combinations(range(len(first)), 2))
    one = np.array([first[a] == first[b] for a, b in pairs])
    two = np.array([second[a] == second[b] for a, b in pairs])
    expected = one.sum() * two.sum() / len(pairs)
    return float(((one & two).sum() - expected) / ((one.sum() + two.sum()) / 2 - expected))


@pytest.mark.parametrize("seed", range(4))
def test_agreement_counts_pairs(seed) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 3, 40), rng.integers(0, 4, 40)
    found = adjusted_rand(first, second, segments=4)
    assert found == pytest.approx(pair_counting(first, second))
    assert found == pytest.approx(adjusted_rand(second, first, segments=4))
    renamed = np.array([2, 0, 3, 1])[second]
    assert found == pytest.approx(adjusted_rand(first, renamed, segments=4))
    assert adjusted_rand(second, renamed, segments=4) == 1


def correlated(n: int) -> np.ndarray:
    """Return customers with a skewed feature, one of four levels and one heaped at zero."""
    rng = np.random.default_rng(11)
    root = np.linalg.cholesky(np.array([[1, 0.7, -0.5], [0.7, 1, -0.2], [-0.5, -0.2, 1]]))
    latent = rng.normal(size=(n, 3)) @ root.T
    columns = [np.exp(latent[:, 0]), np.floor(latent[:, 1]).clip(-2, 1), latent[:, 2].clip(-0.3)]
    return np.stack(columns, axis=1)


def test_structureless_draws_keep_values_and_rank_correlations() -> None:
    rows = correlated(500)
    surrogate = fit_surrogate(rows, rng=np.random.default_rng(1))
    draws = [surrogate.draw(np.random.default_rng([2, place])) for place in range(40)]
    for drawn in draws:
        assert (np.sort(drawn, axis=0) == np.sort(rows, axis=0)).all()
    assert not np.array_equal(draws[0], draws[1])
    reached = np.mean([spearmanr(drawn).statistic for drawn in draws], axis=0)
    assert reached == pytest.approx(spearmanr(rows).statistic, abs=0.02)


def test_structureless_draws_hold_no_groups(groups) -> None:
    rows, _ = groups
    drawn = fit_surrogate(rows, rng=np.random.default_rng(1)).draw(np.random.default_rng(3))
    weights = np.ones((10, len(rows)))
    within = [
        fit_kmeans(each, weights, segments=3, rng=np.random.default_rng(0)).within.min()
        for each in (rows, drawn)
    ]
    assert within[1] > 2 * within[0]


def test_nearest_gives_squared_distances() -> None:
    rng = np.random.default_rng(1)
    rows, centres = rng.normal(size=(30, 4)), rng.normal(size=(2, 5, 4))
    labels, squares = nearest(rows, centres)
    plain = ((rows[None, :, None] - centres[:, None]) ** 2).sum(axis=3)
    assert (labels == plain.argmin(axis=2)).all()
    assert squares == pytest.approx(plain.min(axis=2))
