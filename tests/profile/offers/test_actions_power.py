"""The size of an evaluation: the gain that pays, customers needed, the gain that can be told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom, norm

from loyalty_research.profile.offers.actions_power import (
    LEAST_SHARE,
    MOST_SHARE,
    Stakes,
    customers_needed,
    detectable,
    holdout_share,
    smallest_paying,
)


def exact_power(base: float, gain: float, held: int, treated: int) -> float:
    """Return the power of the two-sided pooled z test at 5 %, over all outcomes."""
    none, some = np.arange(held + 1), np.arange(treated + 1)
    pooled = (none[:, None] + some[None, :]) / (held + treated)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (some[None, :] / treated - none[:, None] / held) / np.sqrt(
            pooled * (1 - pooled) * (1 / held + 1 / treated)
        )
    found = np.abs(np.nan_to_num(z)) > norm.isf(0.025)
    weight = binom.pmf(none, held, base)[:, None] * binom.pmf(some, treated, base + gain)[None, :]
    return float(weight[found].sum())


@pytest.mark.parametrize(
    ("base", "gain", "share"),
    [(0.2, 0.1, 0.5), (0.2, 0.1, 0.2), (0.5, 0.12, 0.3), (0.05, 0.08, 0.5), (0.7, 0.15, 0.25)],
)
def test_the_number_needed_has_the_power_it_promises(base, gain, share) -> None:
    n = customers_needed(base, gain, share)
    held = round(n * share)
    assert exact_power(base, gain, held, n - held) == pytest.approx(0.80, abs=0.03)


def test_equal_groups_are_the_textbook_case() -> None:
    """Fleiss, Levin & Paik (2003, section 4.2): n a group without correction, .25 against .40."""
    z = norm.isf(0.025), norm.isf(0.2)
    mean = 0.325
    spread = z[0] * math.sqrt(2 * mean * (1 - mean))
    spread += z[1] * math.sqrt(0.25 * 0.75 + 0.4 * 0.6)
    each = (spread / 0.15) ** 2
    assert customers_needed(0.25, 0.15, 0.5) == math.ceil(2 * each)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
@pytest.mark.parametrize("base", [0.0, 0.02, 0.4, 0.9])
def test_the_gain_that_can_be_told_is_the_inverse(base, share) -> None:
    gain = detectable(2_000, base, share)
    assert gain is not None
    assert customers_needed(base, gain, share) in (2_000, 2_001)


def test_too_few_customers_tell_nothing() -> None:
    assert detectable(1, 0.2, 0.5) is None
    assert detectable(10, 0.95, 0.5) is None
    assert detectable(500, 1.0, 0.5) is None


def test_the_gain_that_pays_counts_those_who_would_have_bought() -> None:
    stakes = Stakes(margin=0.3, offer=0.1, contact=0.02)
    gain = smallest_paying(0.4, stakes)
    assert gain == pytest.approx((0.02 + 0.04) / 0.2)
    cost = stakes.contact + (0.4 + gain) * stakes.offer
    assert gain * stakes.margin == pytest.approx(cost)


@pytest.mark.parametrize(
    ("base", "stakes"),
    [(0.2, Stakes(0.1, 0.1, 0.0)), (0.2, Stakes(0.1, 0.3, 0.0)), (0.9, Stakes(0.3, 0.1, 0.0))],
)
def test_where_nothing_pays_there_is_no_gain(base, stakes) -> None:
    assert smallest_paying(base, stakes) is None


def test_the_share_is_the_smallest_that_is_enough() -> None:
    share = holdout_share(3_000, 0.2, 0.1)
    assert LEAST_SHARE < share < MOST_SHARE
    assert customers_needed(0.2, 0.1, share) <= 3_000 < customers_needed(0.2, 0.1, share - 0.01)
    assert holdout_share(1_000_000, 0.2, 0.1) == LEAST_SHARE
    assert holdout_share(50, 0.2, 0.1) == holdout_share(3_000, 0.2, None) == MOST_SHARE
