"""Bars in panels of their own: series that are counted differently share no axis."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from loyalty_research.charts.axes import set_unit
from loyalty_research.charts.look import COLOURS, INK
from loyalty_research.language import Translator

_HEIGHT = 2.1
"""Inches of a panel."""
_FEW = 3
"""Bars up to which each prints its value; as many have their room where there are fewer."""
_LETTERS = {False: 44, True: 46}
"""Width of a panel's time axis, wide and narrow, in letters."""


def panels(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str,
    group: str,
    unit: str,
    narrow: bool = False,
) -> None:
    """Draw bars of ``y`` by ``x``, one panel a ``group``, each with a scale of its own.

    Parameters
    ----------
    axes
        Gives way to the panels.
    x, y
        Columns: place, value.
    group
        Column with the name above a panel, in the order of the rows.
    unit
        Column with the unit of the rows of a panel.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    axes.remove()
    names = frame[group].drop_duplicates().tolist()
    columns = 1 if narrow else 2
    lines = -(-len(names) // columns)
    figure.set_size_inches(figure.get_figwidth(), max(_HEIGHT * lines, _HEIGHT * 1.2))
    for place, name in enumerate(names, start=1):
        own = frame[frame[group] == name]
        panel = figure.add_subplot(lines, columns, place)
        _bars(panel, own, translator, x=x, y=y, unit=str(own[unit].iloc[0]), narrow=narrow)
        panel.set_title(name, loc="left", fontsize="small", color=INK, wrap=True)


def _bars(
    panel: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str,
    unit: str,
    narrow: bool,
) -> None:
    places, values = np.arange(len(frame)), frame[y].to_numpy(dtype=float)
    bars = panel.bar(places, values, width=0.76, color=COLOURS[0])
    panel.set_xlim(-0.6, max(len(frame), _FEW + 1) - 0.4)
    if len(frame) <= _FEW:
        told = [translator.value(float(value), unit) for value in values]
        panel.bar_label(bars, told, padding=2, fontsize="small", color=INK)
        panel.margins(y=0.2)
    if frame[y].min() < 0:
        panel.axhline(0, color=INK, linewidth=0.8)
    texts = frame[x].tolist()
    letters = max(len(text) for text in texts) + 2
    step = max(1, int(np.ceil(len(texts) * letters / _LETTERS[narrow])))
    panel.set_xticks(places[::step], texts[::step])
    panel.tick_params(labelsize="small")
    panel.grid(visible=False, axis="x")
    set_unit(panel, "y", unit, translator)
    # The name of the panel takes the place of the unit, which stands at the axis instead.
    panel.set_ylabel(panel.get_title(loc="left").strip("（） ()"), fontsize="small")
