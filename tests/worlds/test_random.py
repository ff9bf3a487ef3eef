"""Random numbers by customer, and the tables variates are looked up in."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from loyalty_research.worlds import random

LOOKED_UP = 3e-4  # relative, of quantiles read from a table


def test_mixing_is_splitmix64() -> None:
    # First five outputs for the seed 1234567: Vigna's splitmix64.c.
    steps = np.uint64(1234567) + np.arange(1, 6, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    assert random.mix(steps).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_a_number_depends_on_its_own_customer_only() -> None:
    many = random.Source(7, "customer", np.arange(1000))
    few = random.Source(7, "customer", np.array([17, 999]))
    assert few.uniform("gap", draw=3).tolist() == many.uniform("gap", draw=3)[[17, 999]].tolist()
    picked = many.uniform("gap", np.array([999, 17]), np.array([3, 3]))
    assert picked.tolist() == few.uniform("gap", draw=3)[::-1].tolist()


@pytest.mark.parametrize(
    "other", [("gap", 8, "customer"), ("size", 7, "customer"), ("gap", 7, "walk-in")]
)
def test_streams_seeds_and_kinds_share_nothing(other: tuple[str, int, str]) -> None:
    stream, seed, kind = other
    index = np.arange(4000)
    one = random.Source(7, "customer", index).uniform("gap")
    two = random.Source(seed, kind, index).uniform(stream)
    assert abs(np.corrcoef(one, two)[0, 1]) < 4 / np.sqrt(len(index))


def test_uniform_over_customers_and_over_draws() -> None:
    over_customers = random.Source(1, "customer", np.arange(20_000)).uniform("gap")
    over_draws = random.Source(1, "customer", np.zeros(20_000)).uniform(
        "gap", draw=np.arange(20_000)
    )
    for drawn in (over_customers, over_draws):
        assert 0 < drawn.min() < drawn.max() < 1
        assert stats.kstest(drawn, "uniform").pvalue > 1e-3
        assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 4 / np.sqrt(len(drawn))


@pytest.mark.parametrize(
    ("made", "law"),
    [
        (random.gamma(0.24), stats.gamma(0.24)),
        (random.gamma(3.0), stats.gamma(3.0)),
        (random.beta(0.7, 9.0), stats.beta(0.7, 9.0)),
        (random.normal(), stats.norm),
    ],
)
def test_quantiles(made: random.Quantiles, law: stats.rv_continuous) -> None:
    below = np.array([1e-9, 1e-4, 0.02, 0.3, 0.4999])
    tails = np.concatenate([below, [0.5001, 0.7, 0.98, 0.9999]])
    assert made(tails) == pytest.approx(law.ppf(tails), rel=LOOKED_UP, abs=1e-11)
    assert made(1 - below) == pytest.approx(law.isf(below), rel=LOOKED_UP)


def test_logarithm_and_exponential() -> None:
    values = np.array([1e-15, 1e-3, 0.5, 0.99, 1.0, 7.3, 1e6])
    assert random.ln(values) == pytest.approx(np.log(values), abs=2e-8)
    assert random.exp(random.ln(values)) == pytest.approx(values, rel=4e-8)
    assert random.logistic(np.array([0.0]))[0] == 0.5


def test_choices_have_their_shares() -> None:
    uniforms = random.Source(3, "customer", np.arange(30_000)).uniform("choice")
    counts = np.bincount(random.choose(random.shares([5, 0, 3, 2]), uniforms), minlength=4)
    assert counts[1] == 0
    assert (
        stats.chisquare(counts[[0, 2, 3]], len(uniforms) * np.array([0.5, 0.3, 0.2])).pvalue > 1e-3
    )


def test_golden_numbers() -> None:
    """The same on every machine: integers made of the hash, the logarithm and the tables."""
    source = random.Source(42, "customer", np.array([0, 16, 999_999]))
    uniforms = source.uniform("gap", draw=5)
    seconds = (random.exponential(uniforms) * 86_400).astype(np.int64)
    cents = (random.gamma(2.5)(uniforms) * 1000).astype(np.int64)
    levels = (random.exp(random.normal()(uniforms)) * 1e6).astype(np.int64)
    found = [(uniforms * 2**32).astype(np.int64).tolist()]
    found += [item.tolist() for item in (seconds, cents, levels)]
    assert found == GOLDEN


GOLDEN = [
    [3931951025, 1238834107, 3336326282],
    [7629, 107418, 21822],
    [4844, 1462, 3482],
    [3956211, 572379, 2141330],
]
