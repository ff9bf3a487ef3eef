"""The batched kernels beside scikit-learn's, on the same customers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from loyalty_research.profile.segments.agreement import adjusted_rand
from loyalty_research.profile.segments.kmeans import fit_kmeans
from loyalty_research.profile.segments.mixture import expect


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    rng = np.random.default_rng(5)
    centres = np.array([[0.0, 0, 0], [4, 0, 1], [0, 5, -2]])
    return np.concatenate([rng.normal(c, 1.0, (150, 3)) for c in centres])


@pytest.mark.parametrize("segments", [2, 3])
def test_kmeans_reaches_the_same_partition(rows: np.ndarray, segments: int) -> None:
    ours = fit_kmeans(rows, np.ones((1, 450)), segments=segments, rng=np.random.default_rng(1))
    peer = KMeans(segments, n_init=10, random_state=0).fit(rows)
    assert ours.within[0] == pytest.approx(peer.inertia_ / len(rows), rel=1e-9)
    assert adjusted_rand_score(ours.labels[0], peer.labels_) == 1.0


def test_kmeans_of_weighted_customers(rows: np.ndarray) -> None:
    weights = np.random.default_rng(2).integers(0, 4, len(rows)).astype(float)
    ours = fit_kmeans(rows, weights[None], segments=3, rng=np.random.default_rng(1))
    peer = KMeans(3, n_init=10, random_state=0).fit(rows, sample_weight=weights)
    assert ours.within[0] == pytest.approx(peer.inertia_ / weights.sum(), rel=1e-9)


def test_densities_of_a_mixture_with_one_covariance(rows: np.ndarray) -> None:
    peer = GaussianMixture(3, covariance_type="tied", random_state=0).fit(rows)
    chances, log_density = expect(
        rows, peer.weights_[None], peer.means_[None], peer.covariances_[None]
    )
    np.testing.assert_allclose(log_density[0], peer.score_samples(rows), rtol=1e-9)
    np.testing.assert_allclose(chances[:, 0, :].T, peer.predict_proba(rows), atol=1e-9)


def test_agreement_of_partitions() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.integers(0, 4, 300), rng.integers(0, 3, 300)
    close = np.where(rng.random(300) < 0.8, one, other)
    for second in (other, close):
        found = adjusted_rand(one, second, segments=4)
        assert found == pytest.approx(adjusted_rand_score(one, second), abs=1e-12)
