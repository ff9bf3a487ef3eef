"""Holm's test against statsmodels, on draws and at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from loyalty_research.stats import false_discoveries, holm


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


def test_false_discoveries_are_those_of_another_implementation() -> None:
    rng = np.random.default_rng(5)
    for size in (0, 1, 7, 200):
        values = np.where(rng.random(size) < 0.3, rng.random(size) / 100, rng.random(size))
        want = multipletests(values, alpha=0.05, method="fdr_bh")[0] if size else np.array([])
        assert false_discoveries(values).tolist() == want.tolist()
