"""A map of brands among attributes: places with ellipses, one scale both ways."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

from loyalty_research.charts.axes import categories, set_unit
from loyalty_research.charts.lines import legend_columns
from loyalty_research.charts.look import COLOURS, MUTED
from loyalty_research.charts.plane import place_names
from loyalty_research.language import Translator

_BRANDS = {"apart": COLOURS[0], "within": "#8a94a0"}
_ATTRIBUTE = COLOURS[5]
_ROOM = 0.12
"""Part of a side that stays free around the map."""


def brand_map(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str,
    name: str,
    kind: str,
    kind_unit: str,
    told: str,
    long: str,
    short: str,
    angle: str,
    x_label: str,
    y_label: str,
    narrow: bool = False,
) -> None:
    """Draw brands as points with an ellipse each, and attributes as crosses.

    Parameters
    ----------
    x, y
        Columns of the place; a unit is as long across as it is up.
    name
        Column of the name.
    kind, kind_unit
        Column that tells what a row is (``apart`` and ``within``: brands; ``attribute``), and its
        label domain; named in the legend.
    told
        Column that tells which rows are drawn.
    long, short, angle
        Columns of an ellipse: half axes, and the angle of the longer in degrees; missing for
        attributes.
    """
    frame = frame[frame[told].astype(bool)]
    axes.axhline(0, color=MUTED, linewidth=0.9, linestyle="--")
    axes.axvline(0, color=MUTED, linewidth=0.9, linestyle="--")
    legend = []
    for code, colour in (*_BRANDS.items(), ("attribute", _ATTRIBUTE)):
        own = frame[frame[kind] == code]
        if own.empty:
            continue
        legend.append(translator.value(code, kind_unit))
        marker = {"marker": "x", "markersize": 5} if code == "attribute" else {"marker": "o"}
        axes.plot(own[x], own[y], linestyle="none", color=colour, label=legend[-1], **marker)
        for row in own.dropna(subset=[long]).to_dict("records"):
            axes.add_patch(_ellipse(row, (x, y, long, short, angle), colour))
    set_unit(axes, "x", "number", translator, label=x_label)
    set_unit(axes, "y", "number", translator, label=y_label)
    axes.figure.legend(loc="outside lower center", ncols=legend_columns(legend, narrow=narrow))
    _limits(axes, _sides(frame, (x, y, long)))
    axes.set_aspect("equal", adjustable="box")
    texts = categories(frame[name].tolist(), "text", translator, width=12 if narrow else 18)
    points = list(zip(frame[x].astype(float), frame[y].astype(float), strict=True))
    place_names(axes, points, texts, [])


def _ellipse(row: dict[Any, Any], names: tuple[str, str, str, str, str], colour: str) -> Ellipse:
    x, y, long, short, angle = names
    return Ellipse((row[x], row[y]), 2 * row[long], 2 * row[short], angle=row[angle],
                   facecolor=colour, edgecolor=colour, alpha=0.16, linewidth=0.8)  # fmt: skip


def _sides(frame: pd.DataFrame, names: tuple[str, str, str]) -> list[tuple[float, float]]:
    """Return what the axes have to hold: places and origin, and ellipses no wider than these."""
    x, y, long = names
    reach = frame[long].fillna(0.0).astype(float)
    sides = []
    for column in (x, y):
        place = frame[column].astype(float)
        own = reach.clip(upper=max(float(place.max() - place.min()), 1e-9))
        sides.append((min(0.0, float((place - own).min())), max(0.0, float((place + own).max()))))
    return sides


def _limits(axes: Axes, sides: list[tuple[float, float]]) -> None:
    """Set limits that hold both sides, with one scale, and fill the room there is."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # now the layout is known
    box = axes.get_window_extent()
    scale = max(
        (1 + _ROOM) * (high - low) / size
        for (low, high), size in zip(sides, (box.width, box.height), strict=True)
    )
    for which, (low, high), size in zip("xy", sides, (box.width, box.height), strict=True):
        middle, half = (low + high) / 2, scale * size / 2
        axes.set(**{f"{which}lim": (middle - half, middle + half)})
