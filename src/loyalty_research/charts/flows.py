"""Flows between bands in two periods, observed beside expected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from loyalty_research.charts.look import INK, MUTED, SEQUENCE
from loyalty_research.language import Translator

_GAP = 0.02  # between bands, as a share of the column
_BAR = 0.05  # width of a band's bar


def flows(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    origin: str,
    target: str,
    values: Sequence[str],
    names: Sequence[str],
    unit: str = "customers",
    origin_unit: str = "count",
    target_unit: str = "count",
    narrow: bool = False,
) -> None:
    """Draw flows from ``origin`` to ``target`` for each column of ``values``, side by side.

    Parameters
    ----------
    origin, target
        Columns: number of the band before and after, 0 lowest; its name where ``origin_unit`` is a
        label domain.
    values
        Columns of sizes; each gets a panel, with the heading ``column.<value>`` beside others.
    names
        Printed name of each band.
    unit, target_unit
        Units of the sizes and of the bands after, for the data behind the figure.
    origin_unit
        Unit of the bands: a label domain where they stand by name.
    """
    del unit, target_unit  # the figure does not print them
    count = len(names)
    named = origin_unit.startswith("label:")
    bands = list(names) if named else list(range(count))
    printed = [translator.value(name, origin_unit) for name in names] if named else list(names)
    shades = [SEQUENCE(0.25 + 0.75 * place / max(count - 1, 1)) for place in range(count)]
    for place, value in enumerate(values):
        sizes = (
            frame.pivot(index=origin, columns=target, values=value)
            .reindex(index=bands, columns=bands)
            .fillna(0.0)
            .to_numpy(dtype=float)
        )
        left, bottom = (0.0, -1.3 * place) if narrow else (1.5 * place, 0.0)
        _panel(axes, sizes, printed, shades, left, bottom)
        if len(values) > 1:
            axes.text(
                left,
                bottom + 1.07,
                translator.text(f"column.{value}"),
                color=MUTED,
                ha="left",
                va="bottom",
            )
        for x, key in ((left, "first_half"), (left + 1, "last_half")):
            axes.text(
                x,
                bottom - 0.03,
                translator.text(f"axis.{key}"),
                color=MUTED,
                fontsize="small",
                ha="center",
                va="top",
            )
    across, down = (1, len(values)) if narrow else (len(values), 1)
    axes.set_xlim(-0.2, 1.5 * (across - 1) + 1.2)
    axes.set_ylim(-1.3 * (down - 1) - 0.12, 1.16)
    axes.set_axis_off()


def _panel(
    axes: Axes,
    sizes: np.ndarray,
    names: Sequence[str],
    shades: Sequence[tuple[float, float, float, float]],
    left: float,
    bottom: float,
) -> None:
    count = len(names)
    total = sizes.sum() or 1.0
    scale = (1 - _GAP * (count - 1)) / total
    starts = _stack(sizes.sum(axis=1), scale, bottom)
    ends = _stack(sizes.sum(axis=0), scale, bottom)
    for column, bases, sums in ((0, starts, sizes.sum(axis=1)), (1, ends, sizes.sum(axis=0))):
        x = left if column == 0 else left + 1 - _BAR
        for band in range(count):
            height = sums[band] * scale
            axes.add_patch(Rectangle((x, bases[band]), _BAR, height, color=shades[band], lw=0))
            axes.text(
                left - 0.03 if column == 0 else left + 1.03,
                bases[band] + height / 2,
                names[band],
                ha="right" if column == 0 else "left",
                va="center",
                fontsize="small",
                color=INK,
            )
    out, into = starts.copy(), ends.copy()
    for before in range(count):
        for after in range(count):
            height = sizes[before, after] * scale
            if height <= 0:
                continue
            axes.add_patch(
                _ribbon(
                    left + _BAR, left + 1 - _BAR, out[before], into[after], height, shades[before]
                )
            )
            out[before] += height
            into[after] += height


def _stack(sums: np.ndarray, scale: float, bottom: float) -> np.ndarray:
    heights = np.concatenate(([0.0], np.cumsum(sums * scale + _GAP)[:-1]))
    return bottom + heights


def _ribbon(
    x0: float,
    x1: float,
    y0: float,
    y1: float,
    height: float,
    colour: tuple[float, float, float, float],
) -> PathPatch:
    middle = (x0 + x1) / 2
    points = [
        (x0, y0),
        (middle, y0),
        (middle, y1),
        (x1, y1),
        (x1, y1 + height),
        (middle, y1 + height),
        (middle, y0 + height),
        (x0, y0 + height),
        (x0, y0),
    ]
    codes = [
        Path.MOVETO,
        Path.CURVE4,
        Path.CURVE4,
        Path.CURVE4,
        Path.LINETO,
        Path.CURVE4,
        Path.CURVE4,
        Path.CURVE4,
        Path.CLOSEPOLY,
    ]
    return PathPatch(Path(points, codes), facecolor=to_rgba(colour, 0.45), lw=0)
