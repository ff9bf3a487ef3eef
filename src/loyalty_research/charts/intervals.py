"""Many units with their intervals against one reference line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from loyalty_research.charts.axes import set_unit
from loyalty_research.charts.look import COLOURS, INK, MUTED
from loyalty_research.language import Translator

_SHADES = {"above": COLOURS[0], "alike": "#9aa4ae", "below": COLOURS[5]}


def intervals(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    value: str,
    low: str,
    high: str,
    reference: str,
    group: str,
    groups: Sequence[str],
    group_unit: str,
    unit: str,
    x_label: str = "",
    narrow: bool = False,
) -> None:
    """Draw each unit's estimate with its interval, coloured by its side of the reference.

    Parameters
    ----------
    value, low, high
        Columns of the estimate and its interval.
    reference
        Column with the same reference in each row.
    group, groups
        Column with the side (``above``, ``alike``, ``below``), and the sides drawn.
    group_unit
        Label domain of the sides, ``label:<domain>``.
    """
    rows = frame.sort_values([value, low], ignore_index=True)
    for name in groups:
        inside = (rows[group] == name).to_numpy()
        if not inside.any():
            continue
        places = np.flatnonzero(inside)
        part = rows[inside]
        axes.hlines(places, part[low], part[high], color=_SHADES[name], linewidth=1.2, alpha=0.75)
        axes.plot(
            part[value],
            places,
            linestyle="none",
            marker="o",
            markersize=2.6 if narrow else 3.2,
            color=_SHADES[name],
            label=f"{translator.value(name, group_unit)} ({len(part)})",
        )
    axes.axvline(float(rows[reference].iloc[0]), color=INK, linewidth=1, linestyle="--")
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    axes.tick_params(colors=MUTED)
    set_unit(axes, "x", unit, translator, label=x_label)
    axes.figure.legend(loc="outside lower center", ncols=1 if narrow else 3)
