"""Brands by penetration and frequency, beside the line a model draws for brands of every size."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes

from loyalty_research.charts.axes import categories, set_unit
from loyalty_research.charts.lines import legend_columns
from loyalty_research.charts.look import COLOURS, INK
from loyalty_research.charts.plane import place_names
from loyalty_research.language import Translator

_SHADES = {"above": COLOURS[0], "below": COLOURS[5], "alike": "#8a94a0", "few": "#c4cbd2"}


def jeopardy(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str,
    x_expected: str,
    y_expected: str,
    name: str,
    group: str,
    group_unit: str,
    unit: str,
    y_unit: str,
    x_label: str,
    y_label: str,
    narrow: bool = False,
) -> None:
    """Draw each row as a point with its name, and a dashed line through what is expected.

    Parameters
    ----------
    x, y
        Columns of the place.
    x_expected, y_expected
        Columns of the place a model gives the row; the line runs through them by size.
    name
        Column of the name.
    group, group_unit
        Column of the side of the line (``above``, ``alike``, ``below``, ``few``), and its label
        domain; named in the legend.
    unit, y_unit
        Units of the two directions.
    """
    line = frame.sort_values(x_expected)
    across, up = (line[column].to_numpy(dtype=float) for column in (x_expected, y_expected))
    expected = translator.text("axis.expected_for_size")
    axes.plot(across, up, color=INK, linewidth=1.2, linestyle="--", label=expected)
    legend = [expected]
    for side, colour in _SHADES.items():
        own = frame[frame[group] == side]
        if len(own):
            label = translator.value(side, group_unit)
            legend.append(label)
            axes.plot(own[x], own[y], linestyle="none", marker="o", markersize=7, color=colour,
                      label=label)  # fmt: skip
    axes.set_xlim(0, 1.15 * float(frame[[x, x_expected]].to_numpy(dtype=float).max()))
    axes.set_ylim(0, 1.15 * float(frame[[y, y_expected]].to_numpy(dtype=float).max()))
    set_unit(axes, "x", unit, translator, label=x_label)
    set_unit(axes, "y", y_unit, translator, label=y_label)
    axes.figure.legend(loc="outside lower center", ncols=legend_columns(legend, narrow=narrow))
    texts = categories(frame[name].tolist(), "text", translator, width=12 if narrow else 0)
    points = list(zip(frame[x].astype(float), frame[y].astype(float), strict=True))
    ends = list(zip(across, up, strict=True))
    place_names(axes, points, texts, list(pairwise(ends)))
