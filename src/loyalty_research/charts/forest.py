"""Named estimates with their intervals, one a row."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from loyalty_research.charts.axes import categories, set_unit
from loyalty_research.charts.look import COLOURS, INK, MUTED
from loyalty_research.language import Translator

_UNSURE = "#8a94a0"


def forest(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    y: str,
    value: str,
    low: str,
    high: str,
    unit: str,
    y_unit: str = "text",
    reference: float | None = 0.0,
    annotate: bool = True,
    x_label: str = "",
    narrow: bool = False,
) -> None:
    """Draw a dot and its interval a row, in the order of the frame, from the top.

    Parameters
    ----------
    y, y_unit
        Column of the names, and their unit or label domain.
    value, low, high
        Columns of the estimate and its interval; a missing interval is not drawn.
    reference
        Value of the upright line; rows whose interval holds it are grey. None for no line.
    annotate
        Print each value beyond its interval.
    """
    places = np.arange(len(frame))
    values, lower, upper = (frame[name].to_numpy(dtype=float) for name in (value, low, high))
    beside = reference is not None and np.isfinite(lower)
    unsure = beside & (lower <= (reference or 0.0)) & (upper >= (reference or 0.0))
    for place, row in enumerate(zip(values, lower, upper, unsure, strict=True)):
        middle, start, end, grey = row
        colour = _UNSURE if grey else COLOURS[0]
        axes.hlines(place, start, end, color=colour, linewidth=2.2)
        axes.plot(middle, place, marker="o", markersize=5.5, color=colour, linestyle="none")
        if annotate and np.isfinite(middle):
            right = end if np.isfinite(end) else middle
            axes.annotate(
                translator.value(float(middle), unit),
                (right, place),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize="small",
                color=INK,
            )
    if reference is not None:
        axes.axvline(reference, color=MUTED, linewidth=1, linestyle="--")
    width = 20 if narrow else 0
    axes.set_yticks(places, categories(frame[y].tolist(), y_unit, translator, width=width))
    axes.set_ylim(len(frame) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.16 if narrow else 0.1)
    set_unit(axes, "x", unit, translator, label=x_label)
