"""Bars of parts that make up a whole: levels by month, by programme, by group of customers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from loyalty_research.charts.axes import categories, set_unit
from loyalty_research.charts.bars import category_ticks
from loyalty_research.charts.lines import legend_columns
from loyalty_research.charts.look import COLOURS, INK, SEQUENCE
from loyalty_research.language import Translator

_PRINTED_FROM = 0.07
"""Share of the longest bar from which a part has room for its value."""


def layers(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str,
    group: str,
    unit: str,
    x_unit: str = "text",
    group_unit: str = "text",
    ranked: bool = False,
    horizontal: bool = False,
    annotate: bool = False,
    y_label: str = "",
    where: Mapping[str, str] | None = None,
    narrow: bool = False,
) -> None:
    """Draw one bar an ``x``, made of ``y`` by ``group``, both in the order of the rows.

    Parameters
    ----------
    x, y, group
        Columns: bar, size of the part, name of the part.
    unit, x_unit, group_unit
        Units; those of names may be label domains.
    ranked
        Whether the groups rise, so that one colour darkens with them.
    horizontal
        Bars down the page: for long names.
    annotate
        Print the value of every part that has room for it.
    where
        Rows drawn: those equal to these values; None for all.
    """
    for column, value in (where or {}).items():
        frame = frame[frame[column] == value]
    bars = frame[x].drop_duplicates().tolist()
    names = frame[group].drop_duplicates().tolist()
    sizes = frame.pivot_table(index=x, columns=group, values=y, aggfunc="sum", sort=False)
    sizes = sizes.reindex(index=bars, columns=names).fillna(0.0)
    places, start = np.arange(len(bars)), np.zeros(len(bars))
    room = _PRINTED_FROM * (2 if narrow else 1) * float(sizes.sum(axis=1).max() or 1.0)
    texts = categories(names, group_unit, translator)
    for index, (name, text) in enumerate(zip(names, texts, strict=True)):
        values = sizes[name].to_numpy(dtype=float)
        colour = _colour(index, len(names), ranked=ranked)
        if horizontal:
            axes.barh(places, values, 0.72, left=start, color=colour, label=text)
        else:
            axes.bar(places, values, 0.72, bottom=start, color=colour, label=text)
        if annotate:
            shown = values >= room
            _print(axes, places[shown], (start + values / 2)[shown], values[shown], unit,
                   translator, dark=_is_dark(colour), horizontal=horizontal)  # fmt: skip
        start = start + values
    printed = categories(bars, x_unit, translator, width=14 if horizontal and narrow else 0)
    if horizontal:
        axes.set_yticks(places, printed)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        set_unit(axes, "x", unit, translator, label=y_label)
    else:
        category_ticks(axes, places, printed, narrow=narrow)
        set_unit(axes, "y", unit, translator, label=y_label)
    axes.figure.legend(loc="outside lower center", ncols=legend_columns(texts, narrow=narrow))


def _colour(index: int, count: int, *, ranked: bool) -> tuple[float, float, float, float] | str:
    if not ranked:
        return COLOURS[index % len(COLOURS)]
    return SEQUENCE(0.25 + 0.75 * index / max(count - 1, 1))


def _is_dark(colour: tuple[float, float, float, float] | str) -> bool:
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.55


def _print(
    axes: Axes,
    places: np.ndarray,
    middles: np.ndarray,
    values: np.ndarray,
    unit: str,
    translator: Translator,
    *,
    dark: bool,
    horizontal: bool,
) -> None:
    for place, middle, value in zip(places, middles, values, strict=True):
        point = (middle, place) if horizontal else (place, middle)
        text = translator.value(float(value), unit)
        colour = "white" if dark else INK
        axes.text(*point, text, ha="center", va="center", fontsize="small", color=colour)
