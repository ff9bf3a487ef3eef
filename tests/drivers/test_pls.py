"""Path models against published values, against other ways to the same number, and their bounds."""

from __future__ import annotations

import numpy as np
import pytest

import loyalty_research as lr
from loyalty_research.drivers import paths
from loyalty_research.drivers.paths import compare_paths, fit_design, make_design, predict
from loyalty_research.drivers.pls.effects import effect_sizes, inflation, total_effects
from loyalty_research.drivers.pls.moments import drawn_moments, moments_of, sample_moments
from loyalty_research.drivers.pls.solution import solve
from loyalty_research.drivers.survey import load_model, read_answers
from loyalty_research.errors import ParameterError

PRINTED = 5e-6
"""Half a unit of the fifth decimal: the published values are rounded to it."""
# Tenenhaus, Esposito Vinzi, Chatelin & Lauro 2005, path weighting scheme, mode A.
PATHS = {
    ("image", "expectations"): 0.50491,
    ("expectations", "quality"): 0.55675,
    ("expectations", "value"): 0.04999,
    ("quality", "value"): 0.55830,
    ("image", "satisfaction"): 0.17874,
    ("expectations", "satisfaction"): 0.06252,
    ("quality", "satisfaction"): 0.51202,
    ("value", "satisfaction"): 0.19477,
    ("satisfaction", "complaints"): 0.52807,
    ("image", "loyalty"): 0.19576,
    ("satisfaction", "loyalty"): 0.48548,
    ("complaints", "loyalty"): 0.06693,
}
R_SQUARED = {
    "expectations": 0.2549,
    "quality": 0.3100,
    "value": 0.3453,
    "satisfaction": 0.6811,
    "complaints": 0.2789,
    "loyalty": 0.4569,
}


@pytest.fixture(scope="module")
def mobile():
    return lr.open_brand("mobile")


@pytest.fixture(scope="module")
def answers(mobile):
    return read_answers(mobile.survey, load_model("ecsi")).matrix


@pytest.fixture(scope="module")
def design():
    return load_model("ecsi").design


def factors(n: int = 400, seed: int = 1) -> np.ndarray:
    """Two common factors of three items, path .5; simulated."""
    rng = np.random.default_rng(seed)
    cause = rng.standard_normal(n)
    effect = 0.5 * cause + np.sqrt(0.75) * rng.standard_normal(n)
    noise = rng.standard_normal((n, 6))
    return 0.8 * np.repeat([cause, effect], 3, axis=0).T + 0.6 * noise


TWO = make_design({"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}, {"b": ["a"]})


def test_ecsi_has_the_published_paths_and_r_squared(mobile) -> None:
    fit = paths.fit_pls(mobile.survey, load_model("ecsi"), scheme="path", draws=40)
    found = fit.paths.set_index(["cause", "outcome"])["value"].to_dict()
    assert found == pytest.approx(PATHS, abs=PRINTED)
    explained = fit.r_squared.set_index("construct")["value"].to_dict()
    assert explained == pytest.approx(R_SQUARED, abs=5e-5)


def test_ecsi_has_the_published_rho_a(mobile) -> None:
    fit = paths.fit_pls(mobile, draws=40)
    found = fit.reliability.set_index("construct")["value"]
    assert found["satisfaction"] == pytest.approx(0.7891, abs=5e-5)
    assert found["loyalty"] == pytest.approx(0.7457, abs=5e-5)


@pytest.mark.parametrize("scheme", ["path", "factorial", "centroid"])
def test_mode_b_of_two_blocks_is_the_canonical_correlation(scheme) -> None:
    values = factors()
    modes = {"a": "B", "b": "B"}
    design = make_design(
        {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}, {"b": ["a"]}, modes=modes
    )
    found = solve(sample_moments(values), design, scheme=scheme).paths[0, 0, 1]
    left, right = (
        np.linalg.qr(part - part.mean(axis=0))[0] for part in (values[:, :3], values[:, 3:])
    )
    assert found == pytest.approx(np.linalg.svd(left.T @ right)[1][0], abs=1e-9)


def test_mode_a_of_two_blocks_is_inter_battery() -> None:
    # Two blocks in mode A: weights are the first singular vectors of the cross correlations.
    values = factors()
    correlations = np.corrcoef(values, rowvar=False)
    left, _, right = np.linalg.svd(correlations[:3, 3:])
    scores = [z @ w for z, w in zip(np.hsplit((values - values.mean(0)) / values.std(0), 2),
              (left[:, 0], right[0]), strict=True)]  # fmt: skip
    found = solve(sample_moments(values), TWO).paths[0, 0, 1]
    assert found == pytest.approx(abs(np.corrcoef(*scores)[0, 1]), abs=1e-7)


def test_consistent_estimates_find_the_path_between_factors() -> None:
    # Simulated, n = 200,000: the path is .5; plain mode A loses a part of it to error.
    moments = sample_moments(factors(200_000))
    assert solve(moments, TWO, consistent=True).paths[0, 0, 1] == pytest.approx(0.5, abs=0.01)
    assert solve(moments, TWO).paths[0, 0, 1] < 0.45


def test_moments_of_a_resample_are_those_of_its_rows() -> None:
    values = factors(60)
    rng = np.random.default_rng(5)
    picks = rng.integers(60, size=60)
    counts = np.bincount(picks, minlength=60).astype(float)
    found = moments_of(values, counts[None, :])
    assert found.means[0] == pytest.approx(values[picks].mean(axis=0))
    assert found.covariances[0] == pytest.approx(np.cov(values[picks], rowvar=False))


def test_weights_of_respondents_are_as_good_as_repeating_them() -> None:
    values = factors(80)
    weights = np.random.default_rng(2).integers(1, 4, size=80)
    by_weight = solve(sample_moments(values, weights.astype(float)), TWO)
    repeated = solve(sample_moments(np.repeat(values, weights, axis=0)), TWO)
    assert by_weight.paths == pytest.approx(repeated.paths, abs=1e-7)


def test_many_samples_at_once_are_the_same_as_one_by_one(answers, design) -> None:
    moments = next(drawn_moments(answers, draws=6, rng=np.random.default_rng(3)))
    together = solve(moments, design)
    for place in range(6):
        alone = solve(
            type(moments)(moments.means[place : place + 1], moments.covariances[place : place + 1]),
            design,
        )
        assert together.paths[place] == pytest.approx(alone.paths[0], abs=1e-9)


def test_signs_of_draws_agree_with_the_sample(answers, design) -> None:
    turned = answers.copy()
    turned[:, :5] = 11 - turned[:, :5]  # image asked the other way round
    fit = fit_design(turned, design, draws=200)
    loadings = fit.solution.loadings[0]
    assert (loadings[:5, 0] > 0).all()  # a positive sum of loadings decides
    low, high = fit.draws.interval("paths")
    first, second = design.constructs.index("image"), design.constructs.index("loyalty")
    assert high[first, second] < 0
    assert low[first, second] < fit.solution.paths[0, first, second] < high[first, second]


def test_draws_without_an_estimate_widen_the_interval() -> None:
    values = np.linspace(0, 1, 1001)
    whole = paths.percentile_interval(values)
    holed = values.copy()
    holed[400:420] = np.nan
    few = paths.percentile_interval(holed)
    assert few[0] < whole[0]
    assert few[1] > whole[1]
    holed[400:440] = np.nan  # more than a tail holds
    assert np.isnan(paths.percentile_interval(holed)).all()


def test_inadmissible_draws_are_counted_and_kept() -> None:
    noise = np.random.default_rng(4).standard_normal((40, 6))  # simulated, nothing in it
    fit = fit_design(noise, TWO, consistent=True, draws=200)
    assert 0 < fit.draws.inadmissible <= 200
    assert len(fit.draws.estimates["paths"]) == 200


def test_total_effects_are_direct_and_indirect() -> None:
    chain = np.zeros((1, 3, 3))
    chain[0, 0, 1], chain[0, 1, 2], chain[0, 0, 2] = 0.5, 0.4, 0.1
    assert total_effects(chain)[0, 0, 2] == pytest.approx(0.1 + 0.5 * 0.4)


def test_effect_size_and_inflation_follow_from_regressions(answers, design) -> None:
    found = solve(sample_moments(answers), design)
    related, names = found.related[0], design.constructs
    causes = [names.index(name) for name in ("image", "satisfaction", "complaints")]
    end = names.index("loyalty")

    def explained(rows: list[int]) -> float:
        across = related[rows, end]
        return float(across @ np.linalg.solve(related[np.ix_(rows, rows)], across))

    whole, rest = explained(causes), explained(causes[1:])
    sizes = effect_sizes(found.related, design)[0]
    assert sizes[causes[0], end] == pytest.approx((whole - rest) / (1 - whole))
    others = related[causes[0], causes[1:]]
    r2 = others @ np.linalg.solve(related[np.ix_(causes[1:], causes[1:])], others)
    assert inflation(found.related, design)[0][causes[0], end] == pytest.approx(1 / (1 - r2))


def test_prediction_uses_nothing_of_those_left_out() -> None:
    values = factors(120)
    spoilt = values.copy()
    spoilt[:, 3:] = np.random.default_rng(8).permutation(values[:, 3:])  # no relation left
    rng = np.random.default_rng(1)
    good = predict(values, TWO, rng=rng, repeats=2)
    none = predict(spoilt, TWO, rng=np.random.default_rng(1), repeats=2)
    assert (good.q_squared > 0).all()
    assert none.q_squared.mean() < 0.02
    assert good.low < good.gain < good.high


def test_groups_that_differ_are_told_apart_and_equal_ones_are_not() -> None:
    rng = np.random.default_rng(6)
    same = factors(600, seed=9)
    first = np.arange(600) < 300
    other = same.copy()
    other[first, 3:] = rng.permutation(other[first, 3:])  # no path in the first group
    differ = compare_paths(other, first, TWO, rng=rng, permutations=199)
    assert differ.p_values[0] <= 0.01
    alike = compare_paths(same, first, TWO, rng=rng, permutations=199)
    assert alike.p_values[0] > 0.01
    assert alike.same_scores == pytest.approx(1, abs=0.05)


def test_unknown_scheme_and_too_few_draws_are_refused() -> None:
    with pytest.raises(ParameterError, match="scheme"):
        fit_design(factors(50), TWO, scheme="best")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="draws"):
        fit_design(factors(50), TWO, draws=3)
