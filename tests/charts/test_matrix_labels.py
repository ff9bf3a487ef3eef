"""The labels below a matrix stay apart, however many columns it has."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from loyalty_research.charts.look import NARROW, WIDE, look
from loyalty_research.charts.matrix import matrix
from loyalty_research.engine import Context
from loyalty_research.language import Translator

MONTHS = [f"{2024 + number // 12}-{number % 12 + 1:02d}" for number in range(24)]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("columns", "unit"), [(MONTHS, "text"), (list(range(24)), "count")])
def test_labels_do_not_touch(language, narrow, columns, unit) -> None:
    frame = pd.DataFrame(
        [{"row": row, "column": column, "value": 0.5} for row in "ab" for column in columns]
    )
    words = Translator(language, Context(currency="CNY"))
    with look(narrow=narrow):
        figure = Figure(figsize=NARROW if narrow else WIDE)
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        matrix(
            axes,
            frame,
            words,
            x="column",
            y="row",
            value="value",
            unit="share",
            x_unit=unit,
            y_unit="text",
            annotate=False,
            scale_label="share_orders",
            narrow=narrow,
        )
        figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
    assert len(boxes) >= 4
    assert all(before.x1 < after.x0 for before, after in pairwise(boxes))
