"""Bars: one value a category with its interval, or parts of a sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from loyalty_research.charts.axes import categories, set_unit
from loyalty_research.charts.look import COLOURS, INK
from loyalty_research.language import Translator


def bars(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str | Sequence[str],
    unit: str,
    x_unit: str = "text",
    low: str = "",
    high: str = "",
    horizontal: bool = False,
    x_label: str = "",
    y_label: str = "",
    annotate: bool = False,
    where: Mapping[str, str] | None = None,
    narrow: bool = False,
) -> None:
    """Draw bars of ``y`` by ``x``; several ``y`` stand side by side with a legend.

    Parameters
    ----------
    x, y
        Columns: category, and value or values (legend keys ``column.<y>``).
    unit, x_unit
        Unit of the values; unit or label domain of the categories.
    low, high
        Columns of the interval, drawn as whiskers.
    horizontal
        Categories down the page: for long labels.
    annotate
        Print each value at its bar.
    where
        Rows drawn: those equal to these values; None for all.
    """
    for column, value in (where or {}).items():
        frame = frame[frame[column] == value]
    names = [y] if isinstance(y, str) else list(y)
    places = np.arange(len(frame))
    thickness = 0.8 / len(names)
    for index, name in enumerate(names):
        centre = places + (index - (len(names) - 1) / 2) * thickness
        values = frame[name].to_numpy(dtype=float)
        error = None
        if low and high:
            bounds = frame[[low, high]].to_numpy(dtype=float).T
            error = np.abs(bounds - values)
        style: dict[str, Any] = {
            "color": COLOURS[index],
            "label": translator.text(f"column.{name}"),
        }
        whisker: dict[str, Any] = {"ecolor": INK, "capsize": 2.5, "error_kw": {"elinewidth": 1.0}}
        if horizontal:
            axes.barh(centre, values, height=thickness * 0.95, xerr=error, **style, **whisker)
        else:
            axes.bar(centre, values, width=thickness * 0.95, yerr=error, **style, **whisker)
        if annotate:
            ends = values if error is None else frame[high].to_numpy(dtype=float)
            _annotate(axes, centre, values, ends, unit, translator, horizontal=horizontal)
    texts = categories(
        frame[x].tolist(), x_unit, translator, width=(14 if horizontal else 0) if narrow else 0
    )
    if horizontal:
        axes.set_yticks(places, texts)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.margins(x=0.14 if annotate else 0.05)
        set_unit(axes, "x", unit, translator, label=y_label)
    else:
        category_ticks(axes, places, texts, narrow=narrow)
        axes.margins(y=0.12 if annotate else 0.05)
        set_unit(axes, "y", unit, translator, label=y_label)
        if x_label:
            axes.set_xlabel(translator.text(f"axis.{x_label}"))
    if len(names) > 1:
        axes.figure.legend(loc="outside lower center", ncols=len(names))


def stacked(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    parts: Sequence[str],
    unit: str,
    x_unit: str = "text",
    total: str = "",
    x_label: str = "",
    y_label: str = "",
    where: Mapping[str, str] | None = None,
    narrow: bool = False,
) -> None:
    """Draw signed parts of a change stacked up and down from zero, with the total as a mark.

    ``where`` chooses the rows drawn, as in :func:`bars`.
    """
    for column, value in (where or {}).items():
        frame = frame[frame[column] == value]
    places = np.arange(len(frame))
    up = np.zeros(len(frame))
    down = np.zeros(len(frame))
    for index, name in enumerate(parts):
        values = frame[name].to_numpy(dtype=float)
        base = np.where(values >= 0, up, down)
        axes.bar(
            places,
            values,
            bottom=base,
            width=0.7,
            color=COLOURS[index],
            label=translator.text(f"column.{name}"),
        )
        up = up + np.maximum(values, 0)
        down = down + np.minimum(values, 0)
    if total:
        axes.plot(
            places,
            frame[total].to_numpy(dtype=float),
            linestyle="none",
            marker="D",
            markersize=4.5,
            color=INK,
            label=translator.text(f"column.{total}"),
        )
    axes.axhline(0, color=INK, linewidth=0.8)
    texts = categories(frame[x].tolist(), x_unit, translator)
    category_ticks(axes, places, texts, narrow=narrow)
    set_unit(axes, "y", unit, translator, label=y_label)
    if x_label:
        axes.set_xlabel(translator.text(f"axis.{x_label}"))
    axes.figure.legend(loc="outside lower center", ncols=2 if narrow else len(parts) + 1)


def category_ticks(axes: Axes, places: np.ndarray, texts: list[str], *, narrow: bool) -> None:
    """Name as many categories along the axis as have room."""
    widest = max((sum(2 if ord(c) > 0x2E80 else 1 for c in text) for text in texts), default=0)
    room = 44 if narrow else 100
    step = max(1, int(np.ceil(len(texts) * (widest + 2) / room)))
    axes.set_xticks(places[::step], texts[::step])
    axes.grid(visible=False, axis="x")


def _annotate(
    axes: Axes,
    places: np.ndarray,
    values: np.ndarray,
    ends: np.ndarray,
    unit: str,
    translator: Translator,
    *,
    horizontal: bool,
) -> None:
    for place, value, end in zip(places, values, ends, strict=True):
        if not np.isfinite(value):
            continue
        point = (end, place) if horizontal else (place, end)
        axes.annotate(
            translator.value(float(value), unit),
            point,
            xytext=(4, 0) if horizontal else (0, 3),
            textcoords="offset points",
            ha="left" if horizontal else "center",
            va="center" if horizontal else "bottom",
            fontsize="small",
            color=INK,
        )
