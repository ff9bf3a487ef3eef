"""Curves: a value along a line with its band, and the Lorenz curve."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from loyalty_research.charts.axes import categories, set_unit
from loyalty_research.charts.look import COLOURS, INK, MUTED
from loyalty_research.language import Translator


def curve(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str,
    unit: str,
    x_unit: str = "number",
    low: str = "",
    high: str = "",
    step: bool = False,
    x_label: str = "",
    y_label: str = "",
    marks: Sequence[float] = (),
    from_zero: bool = True,
    narrow: bool = False,
) -> None:
    """Draw ``y`` along ``x`` with a band from ``low`` to ``high``.

    Parameters
    ----------
    step
        Draw as a step function (survival curves).
    marks
        Values of ``x`` marked by a dotted line down to the axis.
    from_zero
        Whether the value axis starts at zero.
    """
    discrete = x_unit not in {"number", "days", "share", "count"}
    places = pd.Series(range(len(frame))) if discrete else frame[x].astype(float)
    values = frame[y].astype(float)
    drawstyle = "steps-post" if step else "default"
    axes.plot(places, values, color=COLOURS[0], linewidth=2, drawstyle=drawstyle)
    if low and high:
        axes.fill_between(
            places,
            frame[low].astype(float),
            frame[high].astype(float),
            color=COLOURS[0],
            alpha=0.18,
            linewidth=0,
            step="post" if step else None,
        )
    for mark in marks:
        at = values[places >= mark].iloc[0] if (places >= mark).any() else values.iloc[-1]
        axes.plot([mark, mark], [0, at], color=COLOURS[5], linewidth=1.2, linestyle=":")
        axes.plot([mark], [at], color=COLOURS[5], marker="o", markersize=4.5)
        text = translator.value(float(mark), x_unit)
        axes.annotate(text, (mark, at), xytext=(6, 5), textcoords="offset points", color=INK)
    if from_zero:
        axes.set_ylim(bottom=0)
    if discrete:
        texts = categories(frame[x].tolist(), x_unit, translator)
        every = max(1, -(-len(texts) // (4 if narrow else 7)))
        axes.set_xticks(range(0, len(texts), every), texts[::every])
    else:
        axes.set_xlim(float(places.iloc[0]), float(places.iloc[-1]))
        set_unit(axes, "x", x_unit, translator, label=x_label)
    set_unit(axes, "y", unit, translator, label=y_label)


def lorenz(
    axes: Axes,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    x: str,
    y: str,
    mark_x: float,
    mark_y: float,
    narrow: bool = False,
) -> None:
    """Draw the share of sales held by the top share of customers, beside equality.

    Parameters
    ----------
    x, y
        Columns: share of customers, best first; share of their net sales.
    mark_x, mark_y
        The point named in the title.
    """
    shares = frame[[x, y]].astype(float)
    axes.plot(shares[x], shares[y], color=COLOURS[0], linewidth=2.2)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--")
    axes.annotate(
        translator.text("axis.equality"),
        (0.62, 0.62),
        xytext=(6, -12),
        textcoords="offset points",
        color=MUTED,
        fontsize="small",
    )
    axes.plot([mark_x, mark_x, 0], [0, mark_y, mark_y], color=COLOURS[5], linestyle=":")
    axes.plot([mark_x], [mark_y], color=COLOURS[5], marker="o", markersize=5)
    axes.annotate(
        translator.value(mark_y, "share"),
        (mark_x, mark_y),
        xytext=(7, -10),
        textcoords="offset points",
        color=INK,
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    set_unit(axes, "x", "share", translator, label="share_customers_best_first")
    set_unit(axes, "y", "share", translator, label="share_sales")
    if not narrow:
        axes.set_box_aspect(0.62)
