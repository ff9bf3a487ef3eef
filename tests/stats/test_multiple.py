"""Holm's test against statsmodels, on draws and at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from loyalty_research.stats import holm


@pytest.mark.parametrize("seed", range(5))
def test_as_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.concatenate([rng.random(6), rng.random(6) / 200])
    rng.shuffle(values)
    want = multipletests(values, alpha=0.05, method="holm")[0]
    assert holm(values).tolist() == want.tolist()
    assert want.any()


def test_edges() -> None:
    assert holm(np.array([])).tolist() == []
    assert holm(np.array([0.04])).tolist() == [True]
    assert holm(np.array([0.04]), level=0.99).tolist() == [False]
    # The smallest fails at 0.05 / 2, so the larger cannot pass at 0.05.
    assert holm(np.array([0.03, 0.04])).tolist() == [False, False]
