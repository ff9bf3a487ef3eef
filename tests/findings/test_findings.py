"""Findings and views: what they refuse, when they are withheld, and their way through JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_research.findings import Chart, Column, Finding, TableView, Value, state

DEFAULTS = {
    "id": "made",
    "template": "made",
    "chapter": "profile",
    "section": "board",
    "subject": "made",
    "estimate": 0.5,
    "low": 0.4,
    "high": 0.6,
    "level": 0.95,
    "unit": "share",
    "base": 100,
    "base_unit": "customers",
    "definition": "rfm",
    "period": ("2024-01-01", "2024-12-31"),
    "method": "count",
    "at_stake": 12.5,
    "values": {"people": Value(50, "customers")},
}


def made(**changes) -> Finding:
    return Finding(**(DEFAULTS | changes))


@pytest.mark.parametrize("name", ["", "with space", "dash-ed", "点", "a.b"])
def test_ids_are_letters_digits_and_underscores(name) -> None:
    with pytest.raises(ValueError, match="only letters, digits"):
        made(id=name)


@pytest.mark.parametrize("field", ["estimate", "low", "high", "at_stake"])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_number_is_infinite_or_missing(field, number) -> None:
    with pytest.raises(ValueError, match=field):
        made(**{field: number})


@pytest.mark.parametrize("base", [0, 29, 30, 1000])
def test_the_base_decides(base) -> None:
    found = state(made(base=base), base_limit=30)
    if base >= 30:
        assert found == made(base=base)
        return
    assert (found.status, found.reason, found.base) == ("withheld", "base_too_small", base)
    assert (found.estimate, found.low, found.high, found.at_stake) == (None,) * 4
    assert found.values == {}


def test_a_reason_given_before_stays() -> None:
    found = state(made(base=1, status="withheld", reason="one_year"), base_limit=30)
    assert found.reason == "one_year"


numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(numbers, numbers, st.integers(0, 10**9), st.text(max_size=8))
def test_a_finding_survives_json(estimate, stake, base, text) -> None:
    values = {"n": Value(np.int64(base), "count"), "t": Value(text, "text")}
    before = made(estimate=estimate, at_stake=stake, base=base, values=values)
    text = json.dumps(before.as_dict(), allow_nan=False)
    after = Finding.from_dict(json.loads(text))
    assert after.as_dict() == before.as_dict()
    assert after.period == before.period
    if estimate is not None:
        assert after.estimate == pytest.approx(estimate, rel=1e-11)


def test_numbers_keep_twelve_digits_and_missing_ones_become_null() -> None:
    data = made(estimate=1 / 3, values={"x": Value(math.nan), "y": Value(2 / 3)}).as_dict()
    assert data["estimate"] == 0.333333333333
    assert data["values"]["x"]["value"] is None
    assert data["values"]["y"]["value"] == 0.666666666667


def test_views_survive_json() -> None:
    chart = Chart(
        name="a",
        key="k.a",
        kind="bars",
        frame="summary",
        base=3,
        base_unit="customers",
        encode={"x": "band", "y": ["one", "two"]},
        period=("2024-01-01", "2024-12-31"),
        values={"v": Value(0.1, "share")},
        definitions=("rfm",),
    )
    table = TableView(
        name="a",
        key="k.a",
        frame="summary",
        base=3,
        base_unit="customers",
        columns=(Column("value", "@unit", low="low", high="high"),),
        definitions=("rfm",),
        period=("2024-01-01", "2024-12-31"),
        values={"v": Value("111", "label:rfm8")},
    )
    assert Chart.from_dict(json.loads(json.dumps(chart.as_dict()))) == chart
    assert TableView.from_dict(json.loads(json.dumps(table.as_dict()))) == table
