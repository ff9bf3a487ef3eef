"""Shapley values of R squared, and the map of importance and performance."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from drivers.packaged import packaged
from hypothesis import given, settings
from hypothesis import strategies as st

import loyalty_research as lr
from loyalty_research.drivers.importance import driver_importance, performance_map, shapley_r2
from loyalty_research.drivers.importance.shapley import subsets_r2
from loyalty_research.errors import DataError, MissingTableError, ParameterError

# Groemping 2006, R data `swiss`, Fertility on the rest.
SWISS = {
    "Agriculture": 0.05709,
    "Examination": 0.17117,
    "Education": 0.26013,
    "Catholic": 0.10557,
    "Infant.Mortality": 0.11277,
}


def test_swiss_has_the_published_shares() -> None:
    found = shapley_r2(packaged("swiss"), outcome="Fertility", drivers=list(SWISS), draws=200)
    values = found.table.set_index("driver")["value"].to_dict()
    assert values == pytest.approx(SWISS, abs=5e-6)
    assert found.r_squared == pytest.approx(0.70674, abs=5e-6)
    inside = (found.table["low"] < found.table["value"]) & (
        found.table["value"] < found.table["high"]
    )
    assert inside.all()


def explained(values: np.ndarray, chosen: tuple[int, ...]) -> float:
    given_ = np.column_stack([np.ones(len(values)), values[:, chosen]])
    rest = values[:, -1] - given_ @ np.linalg.lstsq(given_, values[:, -1], rcond=None)[0]
    return 1 - rest.var() / values[:, -1].var()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 4))
def test_all_subsets_and_all_orders_by_refitting(seed, size) -> None:
    values = np.random.default_rng(seed).normal(size=(30, size + 1)).cumsum(axis=1)
    found = subsets_r2(np.corrcoef(values, rowvar=False)[None])[0]
    for count in range(size + 1):
        for chosen in combinations(range(size), count):
            place = sum(1 << (size - 1 - driver) for driver in chosen)
            assert found[place] == pytest.approx(explained(values, chosen), abs=1e-8)
    gains = dict.fromkeys(range(size), 0.0)
    orders = list(permutations(range(size)))
    for order in orders:
        for place, driver in enumerate(order):
            before, after = tuple(sorted(order[:place])), tuple(sorted(order[: place + 1]))
            gains[driver] += (explained(values, after) - explained(values, before)) / len(orders)
    frame = pd.DataFrame(values, columns=[*(f"x{i}" for i in range(size)), "y"])
    told = shapley_r2(frame, outcome="y", drivers=list(frame.columns[:-1]), draws=0)
    for row in told.table.to_dict("records"):
        assert row["value"] == pytest.approx(gains[int(row["driver"][1:])], abs=1e-8)


def test_twenty_drivers_add_up_and_a_copy_shares_the_credit() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, 20)), columns=[f"x{i}" for i in range(20)])
    frame["x1"] = frame["x0"]
    frame["y"] = frame["x0"] + rng.normal(size=300)
    found = shapley_r2(frame, outcome="y", drivers=[f"x{i}" for i in range(20)], draws=0)
    assert found.table["value"].sum() == pytest.approx(found.r_squared)
    values = found.table.set_index("driver")["value"]
    assert values["x0"] == pytest.approx(values["x1"], abs=1e-8)


def test_what_cannot_be_dealt_out_is_refused() -> None:
    frame = pd.DataFrame({"y": range(9), "a": range(9), "b": 1.0})
    with pytest.raises(ParameterError, match="each once"):
        shapley_r2(frame, outcome="y", drivers=["a", "a"])
    with pytest.raises(ParameterError, match="none"):
        shapley_r2(frame, outcome="y", drivers=[])
    with pytest.raises(MissingTableError, match="zz"):
        shapley_r2(frame, outcome="y", drivers=["zz"])
    with pytest.raises(DataError, match="b: one value"):
        shapley_r2(frame, outcome="y", drivers=["a", "b"])
    with pytest.raises(DataError, match="at least"):
        shapley_r2(frame.head(2), outcome="y", drivers=["a"])


def test_mobile_has_intervals_both_ways_on_the_map() -> None:
    brand = lr.open_brand("mobile")
    told = performance_map(brand, draws=200)
    frame = told.summary()
    assert set(frame["construct"]) == {
        "image", "expectations", "quality", "value", "satisfaction", "complaints",
    }  # fmt: skip
    for name in ("importance", "performance"):
        assert (frame[f"{name}_low"] < frame[name]).all()
        assert (frame[name] < frame[f"{name}_high"]).all()
    assert frame["performance"].between(0, 100).all()
    shares = driver_importance(brand, draws=200).summary()
    assert shares["share"].sum() == pytest.approx(1)
    assert shares["driver"].iloc[0] == "quality"


def test_no_name_on_the_map_covers_another() -> None:
    from loyalty_research.charts import draw

    told = performance_map(lr.open_brand("mobile"), draws=60)
    (chart,) = told.charts
    from loyalty_research.language import translator

    for language in ("zh", "en"):
        for narrow in (False, True):
            words = translator(language, told.context)
            figure = draw(chart, told.frames["summary"], words, narrow=narrow)
            boxes = [text.get_window_extent() for text in figure.axes[0].texts]
            assert len(boxes) == 6
            assert not [1 for a, b in combinations(boxes, 2) if a.overlaps(b)]


def test_kano_by_hand(tmp_path) -> None:
    import yaml
    from drivers.test_survey import document, survey

    from loyalty_research.drivers.importance import kano_table
    from loyalty_research.drivers.survey import load_model

    data = document() | {
        "kano": {
            "seats": {
                "name": {"zh": "座位", "en": "Seats"},
                "present": "with_it",
                "absent": "without",
            }
        }
    }
    path = tmp_path / "example.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    frame = survey(80)
    # 40 like it and expect it (A), 20 like it and dislike its lack (O), 10 must have it (M), 5
    # reverse, 5 did not answer.
    frame["with_it"] = [1] * 60 + [2] * 10 + [5] * 5 + [None] * 5
    frame["without"] = [2] * 40 + [5] * 30 + [1] * 5 + [3] * 5
    row = kano_table(frame, load_model(path)).iloc[0]
    assert (row["category"], row["respondents"]) == ("A", 75)
    assert row["better"] == pytest.approx(60 / 70)
    assert row["worse"] == pytest.approx(30 / 70)
    told = driver_importance(frame, load_model(path), draws=60)
    assert [view.name for view in told.tables] == ["drivers", "kano"]
    assert kano_table(frame, "ecsi").empty
