"""Seeds derive from names: stable over processes and versions, different for different names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_research.stats import seed_from


@pytest.mark.parametrize(
    ("names", "seed"),
    [
        ((), 1_449_310_910_991_872_227),
        (("concentration", "2017-01-01", "2017-12-31"), 5_548_954_347_837_791_641),
        (("集中度",), 13_278_494_834_643_163_065),
    ],
)
def test_seeds_never_change(names, seed) -> None:
    assert seed_from(*names) == seed


words = st.lists(
    st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"])), max_size=4
)


@given(words, words)
def test_other_names_other_seed(first, second) -> None:
    # One empty name and none at all are the same text.
    if (first or [""]) != (second or [""]):
        assert seed_from(*first) != seed_from(*second)


def test_a_seed_fits_the_generator() -> None:
    draws = [np.random.default_rng(seed_from("a")).random() for _ in range(2)]
    assert draws[0] == draws[1]
