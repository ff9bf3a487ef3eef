"""The gamma-Poisson model: truth recovered, scipy's likelihood, gaps and counts by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, nbinom

from loyalty_research.errors import DataError
from loyalty_research.stats import GammaPoisson, fit_gamma_poisson

R, ALPHA = 1.4, 35.0
CUSTOMERS = 20_000
CLOSE = 1e-8
FIT = 1e-3
"""Two ways to the same maximum, relative."""
RECOVERED = 0.06
"""Relative; about three standard errors of either parameter at this number of customers."""
CHANCE = 1e-4
"""Below it a count is no longer put down to chance."""
MODEL = GammaPoisson(R, ALPHA, 0.0, 0, True)


@pytest.fixture(scope="module")
def made() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rates, days watched, and counts of customers."""
    rng = np.random.default_rng(17)
    rate = rng.gamma(R, 1 / ALPHA, CUSTOMERS)
    days = rng.integers(1, 366, CUSTOMERS).astype(float)
    return rate, days, rng.poisson(rate * days)


def test_truth_is_recovered_under_unequal_exposures(made) -> None:
    _, days, count = made
    found = fit_gamma_poisson(count, days)
    assert found.converged
    assert found.base == CUSTOMERS
    assert (found.r, found.alpha) == pytest.approx((R, ALPHA), rel=RECOVERED)


def test_truth_is_recovered_from_buyers_only(made) -> None:
    _, days, count = made
    bought = count > 0
    found = fit_gamma_poisson(count[bought], days[bought], truncated=True)
    assert found.converged
    assert (found.r, found.alpha) == pytest.approx((R, ALPHA), rel=2 * RECOVERED)
    # Without the correction the customers nobody has seen are missed.
    naive = fit_gamma_poisson(count[bought], days[bought])
    assert naive.r > 1.3 * R


@pytest.mark.parametrize("truncated", [False, True])
def test_the_likelihood_is_scipys(made, truncated) -> None:
    _, days, count = made
    days, count = days[:500], count[:500]
    if truncated:
        days, count = days[count > 0], count[count > 0]
    found = fit_gamma_poisson(count, days, truncated=truncated)
    share = found.alpha / (found.alpha + days)
    want = nbinom.logpmf(count, found.r, share)
    if truncated:
        want = want - np.log1p(-nbinom.pmf(0, found.r, share))
    assert found.log_likelihood == pytest.approx(want.sum(), rel=CLOSE)
    for factor in (0.9, 1.1):  # it is the largest
        other = nbinom.logpmf(count, found.r * factor, share)
        if truncated:
            other = other - np.log1p(-nbinom.pmf(0, found.r * factor, share))
        assert other.sum() < want.sum()


def test_weights_are_customers(made) -> None:
    _, days, count = made
    pairs, number = np.unique(
        np.column_stack([count[:2000], (days[:2000] // 60) * 60 + 30]), axis=0, return_counts=True
    )
    grouped = fit_gamma_poisson(pairs[:, 0], pairs[:, 1], number)
    one_by_one = fit_gamma_poisson(np.repeat(pairs[:, 0], number), np.repeat(pairs[:, 1], number))
    assert grouped.base == one_by_one.base == 2000
    assert grouped.log_likelihood == pytest.approx(one_by_one.log_likelihood, rel=CLOSE)
    assert (grouped.r, grouped.alpha) == pytest.approx((one_by_one.r, one_by_one.alpha), rel=FIT)


def test_customers_who_were_not_watched_do_not_count(made) -> None:
    _, days, count = made
    some = fit_gamma_poisson(count[:300], days[:300])
    more = fit_gamma_poisson(np.append(count[:300], [0, 0]), np.append(days[:300], [0, 0]))
    assert some == more
    for unseen in ([], [0.0, 0.0]):
        with pytest.raises(DataError, match="positive exposure"):
            fit_gamma_poisson(np.zeros(len(unseen)), np.array(unseen))


@pytest.mark.parametrize(
    "count", [np.full(200, 12), np.zeros(200), np.tile([11, 12, 13], 70)], ids=["12", "0", "11-13"]
)
def test_customers_too_much_alike_are_not_fitted_silently(count) -> None:
    """No gamma distribution is narrow enough, or none is seen: not a wrong number but a note."""
    assert not fit_gamma_poisson(count, np.full(len(count), 180.0)).converged


@pytest.mark.parametrize("quantile", [0.5, 0.8, 0.95, 0.99])
@pytest.mark.parametrize("count", [0, 3, 20])
def test_gaps_of_customers_with_the_same_past(count, quantile) -> None:
    """Rates drawn from the posterior of who bought ``count`` times in 50 days."""
    rng = np.random.default_rng([count, round(quantile * 100)])
    gap = rng.exponential(1 / rng.gamma(R + count, 1 / (ALPHA + 50), 100_000))
    (limit,) = MODEL.predictive_gap(np.array([count]), np.array([50.0]), quantile)
    below = binomtest(int((gap <= limit).sum()), len(gap), quantile)
    assert below.pvalue > CHANCE


def test_gaps_of_the_base(made) -> None:
    """Whoever bought how often: the next gap stays below its quantile as often as it says."""
    rate, days, count = made
    gap = np.random.default_rng(3).exponential(1 / rate)
    for quantile in (0.8, 0.95, 0.99):
        below = gap <= MODEL.predictive_gap(count, days, quantile)
        assert binomtest(int(below.sum()), CUSTOMERS, quantile).pvalue > CHANCE


def test_gaps_widen_with_the_quantile_and_narrow_with_purchases() -> None:
    count, days = np.arange(30), np.full(30, 100.0)
    limits = [MODEL.predictive_gap(count, days, quantile) for quantile in (0.8, 0.95, 0.99)]
    assert (np.diff(limits, axis=0) > 0).all()
    assert (np.diff(limits, axis=1) < 0).all()
    assert (MODEL.predictive_gap(count, 2 * days, 0.8) > limits[0]).all()


@pytest.mark.parametrize("days", [60.0, 180.0, 365.0])
def test_silence_at_a_day_of_looking(days) -> None:
    """Long gaps are looked at more often than short ones, so the share is not 1 - q."""
    rng = np.random.default_rng(int(days))
    people = 40_000
    rate = rng.gamma(R, 1 / ALPHA, people)
    count = rng.poisson(rate * days)
    # Points of a Poisson process are spread evenly: the last of x is the largest of x.
    last = np.where(count > 0, days * rng.random(people) ** (1 / np.maximum(count, 1)), 0.0)
    for quantile in (0.8, 0.95, 0.99):
        beyond = days - last > MODEL.predictive_gap(count, last, quantile)
        (chance,) = MODEL.silent_by_chance(np.array([days]), quantile)
        assert binomtest(int(beyond.sum()), people, chance).pvalue > CHANCE
    ages = np.array([days, 0.0, days])
    assert MODEL.silent_by_chance(ages, 0.8)[1] == 0  # seen today for the first time
    assert np.ptp(MODEL.silent_by_chance(ages, 0.8)[[0, 2]]) == 0


@pytest.mark.parametrize(("count", "exposure", "ahead"), [(0, 90, 90), (4, 90, 90), (7, 30, 200)])
def test_counts_ahead(count, exposure, ahead) -> None:
    chance = MODEL.conditional_counts(count, exposure, ahead, upto=3000)
    places = np.arange(3001)
    assert chance.sum() == pytest.approx(1, abs=CLOSE)
    mean = (R + count) / (ALPHA + exposure) * ahead
    assert chance @ places == pytest.approx(mean, rel=CLOSE)
    # Poisson around the posterior of the rate.
    rate_variance = (R + count) / (ALPHA + exposure) ** 2
    variance = mean + rate_variance * ahead**2
    assert chance @ places**2 - mean**2 == pytest.approx(variance, rel=1e-6)
