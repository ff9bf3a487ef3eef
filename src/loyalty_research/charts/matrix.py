"""A matrix of cells: score grids, weekday by hour, cohorts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from loyalty_research.charts.axes import categories
from loyalty_research.charts.look import INK, RULE, SEQUENCE
from loyalty_research.language import Translator

WHITE_FROM = 0.7
"""Share of the scale above which a printed value is white: there both inks contrast alike."""


def matrix(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str,
    value: str,
    unit: str,
    x_unit: str = "count",
    y_unit: str = "count",
    x_label: str = "",
    y_label: str = "",
    x_order: Sequence[int | str] = (),
    y_order: Sequence[int | str] = (),
    annotate: bool = True,
    scale_label: str = "",
    narrow: bool = False,
) -> None:
    """Draw ``value`` in the cells of ``y`` by ``x``, darker for more.

    Parameters
    ----------
    x_order, y_order
        Category order; sorted where empty.
    annotate
        Print each value in its cell; on a phone only where at most eight columns stand.
    scale_label
        Key ``axis.<scale_label>`` of the colour bar; empty for none.
    """
    table = frame.pivot(index=y, columns=x, values=value)
    columns = list(x_order) or sorted(table.columns)
    rows = list(y_order) or sorted(table.index)
    table = table.reindex(index=rows, columns=columns)
    cells = table.to_numpy(dtype=float)
    top = float(np.nanmax(cells)) if np.isfinite(cells).any() else 1.0
    norm = Normalize(0, top or 1.0)
    image = axes.imshow(cells, cmap=SEQUENCE, norm=norm, aspect="auto")
    axes.set_facecolor("#fafbfc")
    axes.set_xticks(np.arange(len(columns)) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(rows)) - 0.5, minor=True)
    axes.grid(visible=False, which="major")
    axes.grid(which="minor", color="white", linewidth=1.2)
    axes.tick_params(which="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    room = 8 if narrow else 26
    step = max(1, int(np.ceil(len(columns) / room)))
    texts = categories(columns, x_unit, translator)
    axes.set_xticks(np.arange(len(columns))[::step], texts[::step])
    axes.set_yticks(np.arange(len(rows)), categories(rows, y_unit, translator))
    if x_label:
        axes.set_xlabel(translator.text(f"axis.{x_label}"))
    if y_label:
        axes.set_title(
            translator.text(f"axis.{y_label}"),
            loc="left",
            fontsize="medium",
            color=axes.xaxis.label.get_color(),
        )
    if annotate and (not narrow or len(columns) <= 8):
        _print_cells(axes, cells, norm, unit, translator)
    elif scale_label:
        bar = axes.figure.colorbar(image, ax=axes, shrink=0.9, pad=0.02)
        bar.outline.set_edgecolor(RULE)
        bar.ax.yaxis.set_major_formatter(lambda number, _: translator.value(float(number), unit))
        bar.ax.set_title(translator.text(f"axis.{scale_label}"), fontsize="small", loc="left")


def _print_cells(
    axes: Axes, cells: np.ndarray, norm: Normalize, unit: str, translator: Translator
) -> None:
    for (row, column), value in np.ndenumerate(cells):
        if np.isfinite(value):
            axes.text(
                column,
                row,
                translator.value(float(value), unit),
                ha="center",
                va="center",
                fontsize="small",
                color="white" if norm(value) > WHITE_FROM else INK,
            )
