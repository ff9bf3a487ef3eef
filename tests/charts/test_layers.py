"""Bars made of parts: sizes, order, names in both languages."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from loyalty_research.charts import draw
from loyalty_research.charts.look import COLOURS
from loyalty_research.findings import Chart
from loyalty_research.language import translator

FRAME = pd.DataFrame(
    {
        "plan": ["a", "a", "b", "b", "b"],
        "level_zh": ["普通", "金卡", "普通", "银卡", "金卡"],
        "level_en": ["Basic", "Gold", "Basic", "Silver", "Gold"],
        "share": [0.7, 0.3, 0.5, 0.45, 0.05],
    }
)
CHART = Chart(
    name="levels",
    key="made",
    kind="layers",
    frame="levels",
    encode={
        "x": "plan",
        "y": "share",
        "group": "level_{language}",
        "unit": "share",
        "ranked": True,
        "annotate": True,
    },
    base=100,
    base_unit="customers",
    period=("2024-01-01", "2024-12-31"),
)
NAMES = {"zh": ["普通", "金卡", "银卡"], "en": ["Basic", "Gold", "Silver"]}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("narrow", [False, True])
def test_parts_stack_to_the_whole_and_are_named(language, narrow) -> None:
    figure = draw(CHART, FRAME, translator(language), narrow=narrow)
    (axes,) = figure.axes
    heights = [[bar.get_height() for bar in part] for part in axes.containers]
    assert heights[0] == pytest.approx([0.7, 0.5])
    assert heights[1] == pytest.approx([0.3, 0.05])
    assert heights[2] == pytest.approx([0.0, 0.45])
    tops = [bar.get_y() + bar.get_height() for bar in axes.containers[-1]]
    assert tops == pytest.approx([1.0, 1.0])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == NAMES[language]


def test_values_are_printed_where_there_is_room() -> None:
    (axes,) = draw(CHART, FRAME, translator("en")).axes
    assert [text.get_text() for text in axes.texts] == ["70.0%", "50.0%", "30.0%", "45.0%"]


def test_where_chooses_rows_and_bars_may_lie() -> None:
    encode = {**CHART.encode, "where": {"plan": "b"}, "horizontal": True, "ranked": False}
    (axes,) = draw(dataclasses.replace(CHART, encode=encode), FRAME, translator("en")).axes
    widths = [bar.get_width() for part in axes.containers for bar in part]
    assert widths == pytest.approx([0.5, 0.45, 0.05])
    shades = [part[0].get_facecolor() for part in axes.containers]
    assert shades == [to_rgba(colour) for colour in COLOURS[:3]]
