"""Evidence from elsewhere: what it must look like, and what it does to priors and posteriors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from loyalty_research.errors import ParameterError
from loyalty_research.tiers.calibration.evidence import normal_factors, weighed


def rows(**values: object) -> pd.DataFrame:
    return pd.DataFrame([{"term": "theta_P", "estimate": 0.2, "low": 0.1, "high": 0.3, **values}])


def test_none_is_none() -> None:
    assert normal_factors(None) == {}


def test_two_findings_count_by_their_precision() -> None:
    """An interval of 90 % is 2 x 1.645 standard deviations wide; the narrower counts four times."""
    frame = pd.concat([rows(), rows(estimate=0.3, low=0.25, high=0.35)])
    mean, sd = normal_factors(frame)["theta_P"]
    each = 0.2 / (2 * 1.6448536)
    assert mean == pytest.approx((0.2 + 4 * 0.3) / 5)
    assert sd == pytest.approx(each / 5**0.5)


def test_a_normal_prior_becomes_the_normal_posterior() -> None:
    rng = np.random.default_rng(1)
    pool = {"theta_P": rng.normal(0, 1, 200_000), "psi": rng.random(200_000)}
    found = weighed(pool, {"theta_P": (1.0, 0.5)}, rng)
    assert found["theta_P"].mean() == pytest.approx(0.8, abs=0.01)
    assert found["theta_P"].std() == pytest.approx(0.2**0.5, abs=0.01)
    assert found["psi"] is pool["psi"]


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (rows().drop(columns="low"), "columns low are missing"),
        (rows(term="nonsense"), "unknown term nonsense"),
        (rows(low=0.3, high=0.1), "interval 0.3 to 0.1"),
        (rows(estimate=0.5), "estimate 0.5"),
        (rows(high=float("inf")), "interval 0.1 to inf"),
    ],
)
def test_what_cannot_be_used_is_told(frame, told) -> None:
    with pytest.raises(ParameterError, match=told):
        normal_factors(frame)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        normal_factors(pd.concat([rows(term="one"), rows(estimate=0.5)]))
    assert len(caught.value.problems) == 2
