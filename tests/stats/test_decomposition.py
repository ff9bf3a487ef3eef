"""The split of a change: it adds up, it is antisymmetric, and equal factors share equally."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_research.stats import log_mean, split_change

ROUNDING = 1e-12
"""Relative to the larger of the two products."""

positive = st.floats(1e-3, 1e6)
factors = st.fixed_dictionaries({"buyers": positive, "orders": positive, "value": positive})


@given(factors, factors)
def test_parts_add_up_to_the_change_and_turn_with_time(first, last) -> None:
    before, after = math.prod(first.values()), math.prod(last.values())
    parts = split_change(first, last)
    slack = ROUNDING * max(before, after) * 100
    assert sum(parts.values()) == pytest.approx(after - before, abs=slack)
    back = split_change(last, first)
    assert {name: -part for name, part in back.items()} == pytest.approx(parts, abs=slack)
    for name, part in parts.items():
        assert math.copysign(1, part) == math.copysign(1, last[name] - first[name]) or part == 0


@given(factors, st.floats(0.1, 10))
def test_factors_that_move_alike_share_alike(first, growth) -> None:
    last = {name: value * growth for name, value in first.items()}
    parts = split_change(first, last)
    change = math.prod(last.values()) - math.prod(first.values())
    slack = 1e-9 * max(math.prod(last.values()), math.prod(first.values()))
    assert list(parts.values()) == pytest.approx([change / 3] * 3, abs=slack)


@given(factors, positive)
def test_a_factor_that_stays_takes_no_part(first, value) -> None:
    parts = split_change(first, first | {"value": value})
    assert (parts["buyers"], parts["orders"]) == (0.0, 0.0)


def test_worked_example() -> None:
    # 100 x 2 x 10 = 2000 -> 110 x 2 x 12 = 2640; L = 640 / ln 1.32
    weight = 640 / math.log(1.32)
    parts = split_change(
        {"buyers": 100, "orders": 2, "value": 10}, {"buyers": 110, "orders": 2, "value": 12}
    )
    assert parts == pytest.approx(
        {"buyers": weight * math.log(1.1), "orders": 0, "value": weight * math.log(1.2)}
    )


@given(positive, positive)
def test_log_mean_lies_between_the_geometric_and_the_arithmetic(first, last) -> None:
    found = log_mean(first, last)
    tiny = 1e-6 * max(first, last)
    assert math.sqrt(first * last) - tiny <= found <= (first + last) / 2 + tiny
    assert found == pytest.approx(log_mean(last, first))


@pytest.mark.parametrize("pair", [(0, 5), (5, 0), (-1, 5)])
def test_log_mean_of_nothing_is_zero(pair) -> None:
    assert log_mean(*pair) == 0


@pytest.mark.parametrize("bad", [0.0, -2.0])
def test_a_factor_that_is_not_positive_is_refused(bad) -> None:
    with pytest.raises(ValueError, match="positive"):
        split_change({"a": 1.0}, {"a": bad})
