"""Several lines of one value, told apart by colour, dash and marker."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from loyalty_research.charts.axes import categories, set_unit
from loyalty_research.charts.look import COLOURS
from loyalty_research.language import Translator

_DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
_MARKERS = ("o", "s", "^", "D", "v", "P")
_KEY = 7  # letters that the line before a name takes
_WIDE_FROM = 0x2E80  # Chinese characters and signs are two letters wide


def lines(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str,
    unit: str,
    group: str,
    x_unit: str = "count",
    group_unit: str = "text",
    x_label: str = "",
    y_label: str = "",
    narrow: bool = False,
) -> None:
    """Draw ``y`` along ``x``, one line a ``group`` in the order of the rows.

    Parameters
    ----------
    x, y
        Columns: place, value.
    group
        Column that names the line; at most six are drawn.
    unit, x_unit, group_unit
        Units; that of the group may be a label domain.
    """
    names = frame[group].drop_duplicates().tolist()[: len(_MARKERS)]
    texts = categories(names, group_unit, translator)
    for place, (name, text) in enumerate(zip(names, texts, strict=True)):
        own = frame[frame[group] == name]
        axes.plot(
            own[x].astype(float),
            own[y].astype(float),
            color=COLOURS[place % len(COLOURS)],
            linestyle=_DASHES[place],
            marker=_MARKERS[place],
            markersize=3.5,
            linewidth=1.7,
            label=text,
        )
    axes.set_xlim(float(frame[x].min()), float(frame[x].max()))
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]) if frame[y].min() < 0 else 0)
    set_unit(axes, "x", x_unit, translator, label=x_label)
    set_unit(axes, "y", unit, translator, label=y_label)
    axes.figure.legend(loc="outside lower center", ncols=legend_columns(texts, narrow=narrow))


def legend_columns(texts: Sequence[str], *, narrow: bool) -> int:
    """Return how many names stand beside each other in the legend without being cut off."""
    longest = max((sum(1 + (ord(item) > _WIDE_FROM) for item in text) for text in texts), default=1)
    room, most = (50, 2) if narrow else (96, 3)
    return max(1, min(most, room // (longest + _KEY)))
