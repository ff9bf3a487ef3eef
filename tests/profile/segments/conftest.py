"""The made shops of kinds, and what is found in them."""

from __future__ import annotations

import pytest
from results.segment_shops import planted_kinds, segment_results, shop_of_kinds


@pytest.fixture(scope="session")
def kinds():
    return planted_kinds(260, seed=3)


@pytest.fixture(scope="session")
def orders(kinds):
    return shop_of_kinds(kinds, seed=3)


@pytest.fixture(scope="session")
def found():
    return segment_results()["kinds"]


@pytest.fixture(scope="session")
def continuum():
    """Return what is found where every trait is dealt from another customer's kind."""
    return segment_results()["no_kinds"]


@pytest.fixture(scope="session")
def movers():
    """Return what is found where a fifth of the customers change their kind in the middle."""
    return segment_results()["movers"]
