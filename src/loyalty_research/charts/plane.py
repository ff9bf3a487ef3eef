"""Units on a plane, each with an interval both ways and its name beside it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from loyalty_research.charts.axes import categories, set_unit
from loyalty_research.charts.look import COLOURS, INK, MUTED
from loyalty_research.language import Translator

_RADII = (7.0, 15.0, 26.0, 40.0)
_SIDES = ((1, 1), (-1, 1), (1, -1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1))
_Line = tuple[tuple[float, float], tuple[float, float]]
_ANCHOR = {1: ("left", "bottom"), 0: ("center", "center"), -1: ("right", "top")}


def plane(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str,
    name: str,
    x_low: str,
    x_high: str,
    y_low: str,
    y_high: str,
    unit: str,
    y_unit: str,
    x_label: str,
    y_label: str,
    name_unit: str = "text",
    x_unit: str = "",
    narrow: bool = False,
) -> None:
    """Draw each row as a point with whiskers both ways; dashed lines stand at the means.

    Names are put where they cover neither each other nor a point nor, if it can be, a whisker.

    Parameters
    ----------
    x, y
        Columns of the place.
    name, name_unit
        Column of the name, and its unit or label domain.
    x_low, x_high, y_low, y_high
        Columns of the intervals.
    unit, x_unit, y_unit
        Units of the two directions; ``x_unit`` is ``unit`` where not given.
    """
    across, up = frame[x].to_numpy(dtype=float), frame[y].to_numpy(dtype=float)
    for low, high, centre, draw in (
        (x_low, x_high, up, axes.hlines),
        (y_low, y_high, across, axes.vlines),
    ):
        draw(centre, frame[low], frame[high], color=COLOURS[0], linewidth=1.3, alpha=0.55)
    axes.plot(across, up, linestyle="none", marker="o", markersize=6, color=COLOURS[0])
    axes.axvline(float(across.mean()), color=MUTED, linewidth=0.9, linestyle="--")
    axes.axhline(float(up.mean()), color=MUTED, linewidth=0.9, linestyle="--")
    axes.margins(x=0.12, y=0.12)
    set_unit(axes, "x", x_unit or unit, translator, label=x_label)
    set_unit(axes, "y", y_unit, translator, label=y_label)
    texts = categories(frame[name].tolist(), name_unit, translator, width=12 if narrow else 0)
    lines = _whiskers(frame, x, y, (x_low, x_high, y_low, y_high))
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    lines += [
        ((left, float(up.mean())), (right, float(up.mean()))),
        ((float(across.mean()), bottom), (float(across.mean()), top)),
    ]
    place_names(axes, list(zip(across, up, strict=True)), texts, lines)


def _whiskers(frame: pd.DataFrame, x: str, y: str, ends: Sequence[str]) -> list[_Line]:
    """Return the ends of all whiskers in the plane; those without a bound are left out."""
    found: list[_Line] = []
    for row in frame.dropna(subset=list(ends)).to_dict("records"):
        found.append(((row[ends[0]], row[y]), (row[ends[1]], row[y])))
        found.append(((row[x], row[ends[2]]), (row[x], row[ends[3]])))
    return found


def place_names(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    whiskers: Sequence[_Line],
) -> None:
    """Put each name at the first of several places that covers least."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # now the layout is known
    change = axes.transData.transform
    dots = [Bbox.from_extents(a - 4, b - 4, a + 4, b + 4) for a, b in map(change, points)]
    lines = [_box(change(start), change(end)) for start, end in whiskers]
    frame = axes.get_window_extent()
    taken: list[Bbox] = []
    for number, (point, text) in enumerate(zip(points, texts, strict=True)):
        best: tuple[float, Annotation] | None = None
        for radius, side in itertools.product(_RADII, _SIDES):
            label = _label(axes, point, text, radius, side)
            box = label.get_window_extent()
            cost = (
                100 * sum(box.overlaps(other) for other in [*taken, *dots])
                + 3 * sum(box.overlaps(line) for line in lines)
                + 50 * (not (frame.x0 <= box.x0 and box.x1 <= frame.x1))
                + 50 * (not (frame.y0 <= box.y0 and box.y1 <= frame.y1))
                + 60 * (_nearest(box, dots) != number)
                + radius / 20
            )
            if best is None or cost < best[0]:
                if best is not None:
                    best[1].remove()
                best = (cost, label)
            else:
                label.remove()
        assert best is not None
        taken.append(best[1].get_window_extent())


def _nearest(box: Bbox, dots: Sequence[Bbox]) -> int:
    """Return the dot that lies nearest to a name, from edge to edge."""
    gaps = [
        np.hypot(
            max(dot.x0 - box.x1, box.x0 - dot.x1, 0.0), max(dot.y0 - box.y1, box.y0 - dot.y1, 0.0)
        )
        for dot in dots
    ]
    return int(np.argmin(gaps))


def _label(
    axes: Axes, point: tuple[float, float], text: str, radius: float, side: tuple[int, int]
) -> Annotation:
    label = axes.annotate(
        text,
        point,
        xytext=(radius * side[0] * (0.7 if side[1] else 1), radius * side[1] * 0.7),
        textcoords="offset points",
        ha=_ANCHOR[side[0]][0],
        va=_ANCHOR[side[1]][1],
        fontsize="small",
        color=INK,
    )
    label.set_in_layout(False)
    return label


def _box(start: np.ndarray, end: np.ndarray) -> Bbox:
    low, high = np.minimum(start, end) - 1, np.maximum(start, end) + 1
    return Bbox.from_extents(*low, *high)
