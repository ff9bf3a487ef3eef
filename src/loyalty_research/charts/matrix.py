"""A matrix of cells: score grids, weekday by hour, cohorts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from loyalty_research.charts.axes import categories
from loyalty_research.charts.look import DIVERGING, INK, RULE, SEQUENCE
from loyalty_research.language import Translator

WHITE_FROM = 0.7
WHITE_FROM_TWO_SIDED = 0.9
"""Share of the scale above which a printed value is white: there both inks contrast alike."""
ROOM, ROOM_NARROW = 38, 17
"""Widths of a Chinese character that fit below a matrix."""
_LETTERS = 80  # Latin letters that stand beside each other below a wide matrix
_GAP = 0.4
_FEW = 5  # columns whose names stand below each other's words on a phone
_HAN = 0x2E80


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
    centre: float | None = None,
    star: str = "",
    star_unit: str = "label:yes_no",
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
    centre
        Value drawn white, with one colour below it and another above; None for a scale from 0.
    star
        Column that tells which cells carry a star; empty for none.
    star_unit
        Unit of that column, for the data behind the figure.
    """
    del star_unit  # the figure prints a star instead
    table = frame.pivot(index=y, columns=x, values=value)
    columns = list(x_order) or sorted(table.columns)
    rows = list(y_order) or sorted(table.index)
    table = table.reindex(index=rows, columns=columns)
    stars = frame.pivot(index=y, columns=x, values=star) if star else table.isna() & False
    starred = stars.reindex(index=rows, columns=columns).to_numpy() == True  # noqa: E712
    cells = table.to_numpy(dtype=float)
    known = cells[np.isfinite(cells)]
    top = float(known.max(initial=0.0))
    norm = Normalize(0, top or 1.0)
    colours = SEQUENCE
    if centre is not None:
        reach = float(np.abs(known - centre).max(initial=0.0)) or 1.0
        norm, colours = Normalize(centre - reach, centre + reach), DIVERGING
    image = axes.imshow(cells, cmap=colours, norm=norm, aspect="auto")
    axes.set_facecolor("#fafbfc")
    axes.set_xticks(np.arange(len(columns)) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(rows)) - 0.5, minor=True)
    axes.grid(visible=False, which="major")
    axes.grid(which="minor", color="white", linewidth=1.2)
    axes.tick_params(which="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    words = x_unit.startswith("label:") or (x_unit == "text" and len(columns) <= _FEW)
    crowded = narrow and words and len(columns) > _FEW
    upright = crowded and translator.language == "en"  # Latin words cannot be broken so short
    wrapped = 4 if crowded else 11 if words else 0
    texts = categories(columns, x_unit, translator, width=0 if upright else wrapped)
    step = 1 if wrapped or upright else _step(texts, narrow=narrow)
    longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
    if wrapped and not upright and longest * len(columns) > _LETTERS:
        plain = categories(columns, x_unit, translator)
        axes.set_xticks(np.arange(len(columns)), plain, rotation=30, ha="right")
    else:
        turn = 90 if upright else 0
        axes.set_xticks(np.arange(len(columns))[::step], texts[::step], rotation=turn)
    row_width = 13 if narrow and y_unit.startswith("label:") else 0
    axes.set_yticks(np.arange(len(rows)), categories(rows, y_unit, translator, width=row_width))
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
        _print_cells(axes, cells, starred, norm, unit, translator, two_sided=centre is not None)
    elif scale_label:
        bar = axes.figure.colorbar(image, ax=axes, shrink=0.9, pad=0.02)
        bar.outline.set_edgecolor(RULE)
        bar.ax.yaxis.set_major_formatter(lambda number, _: translator.value(float(number), unit))
        bar.ax.set_title(translator.text(f"axis.{scale_label}"), fontsize="small", loc="left")


def _step(texts: Sequence[str], *, narrow: bool) -> int:
    """Return of how many columns one is labelled, so that labels stay apart."""
    widest = max(
        (sum(1.0 if ord(sign) > _HAN else 0.55 for sign in text) for text in texts), default=0
    )
    room = ROOM_NARROW if narrow else ROOM
    return max(1, int(np.ceil(len(texts) * (widest + _GAP) / room)))


def _print_cells(
    axes: Axes,
    cells: np.ndarray,
    starred: np.ndarray,
    norm: Normalize,
    unit: str,
    translator: Translator,
    *,
    two_sided: bool,
) -> None:
    def dark(place: float) -> bool:
        return (
            place > WHITE_FROM_TWO_SIDED or place < 1 - WHITE_FROM_TWO_SIDED
            if two_sided
            else (place > WHITE_FROM)
        )

    for (row, column), value in np.ndenumerate(cells):
        if np.isfinite(value):
            axes.text(
                column,
                row,
                translator.value(float(value), unit) + ("*" if starred[row, column] else ""),
                ha="center",
                va="center",
                fontsize="small",
                color="white" if dark(float(norm(value))) else INK,
            )
