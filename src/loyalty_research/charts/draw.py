"""Draw a figure from its description, and write it as bytes that do not change."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from loyalty_research.charts.bars import bars, stacked
from loyalty_research.charts.brand_map import brand_map
from loyalty_research.charts.curves import curve, lorenz
from loyalty_research.charts.flows import flows
from loyalty_research.charts.forest import forest
from loyalty_research.charts.intervals import intervals
from loyalty_research.charts.jeopardy import jeopardy
from loyalty_research.charts.layers import layers
from loyalty_research.charts.lines import lines
from loyalty_research.charts.look import COLOURS, NARROW, WIDE, look
from loyalty_research.charts.matrix import matrix
from loyalty_research.charts.panels import panels
from loyalty_research.charts.plane import plane
from loyalty_research.findings import Chart
from loyalty_research.language import Translator

KINDS: dict[str, Callable[..., None]] = {
    "bars": bars,
    "brand_map": brand_map,
    "stacked": stacked,
    "curve": curve,
    "flows": flows,
    "forest": forest,
    "intervals": intervals,
    "jeopardy": jeopardy,
    "layers": layers,
    "lines": lines,
    "lorenz": lorenz,
    "matrix": matrix,
    "panels": panels,
    "plane": plane,
}
"""Drawing functions by name; each takes axes, frame, translator and the chart's ``encode``."""

RESOLUTION = 220
"""Dots per inch of a figure as PNG, at the size it is drawn in."""


_STRIP, _BELOW = 0.28, 0.08
"""Inches at the foot of a figure that are kept for the mark of simulated data, and between what is
drawn and a legend."""


def draw(
    chart: Chart,
    frame: pd.DataFrame,
    translator: Translator,
    *,
    narrow: bool = False,
    title: bool = False,
) -> Figure:
    """Draw ``chart`` from ``frame`` in the translator's language.

    Parameters
    ----------
    chart
        Description of the figure.
    frame
        The tidy frame it names.
    translator
        Language and brand context.
    narrow
        Drawn for a phone's width instead of a page's.
    title
        Whether the title sentence stands inside the figure; a page prints it as text.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot, so nothing has to be closed.
    """
    with look(narrow=narrow):
        size = NARROW if narrow else WIDE
        height = chart.encode.get("height", 1.0)
        figure = Figure(figsize=(size[0], size[1] * height))
        FigureCanvasAgg(figure)
        axes: Axes = figure.add_subplot()
        encode = {
            key: in_language(value, translator.language)
            for key, value in chart.encode.items()
            if key != "height"
        }
        KINDS[chart.kind](axes, frame, translator, narrow=narrow, **encode)
        if title:
            figure.suptitle(translator.title(chart), x=0.01, ha="left", wrap=True, fontsize=11)
        if translator.context.evidence == "synthetic":
            _mark(figure, translator.text("simulated"))
        figure.draw_without_rendering()
    return figure


def in_language(named: Any, language: str) -> Any:
    """Return a role of an encoding in ``language``: ``name_{language}``, or a list for each."""
    if isinstance(named, str):
        return named.replace("{language}", language)
    if isinstance(named, Mapping) and language in named:
        return named[language]
    if isinstance(named, (list, tuple)):
        return [in_language(item, language) for item in named]
    return named


def _mark(figure: Figure, text: str) -> None:
    """Print what marks simulated data in a strip of its own, below all that is drawn."""
    strip = _STRIP / figure.get_figheight()
    foot = strip
    for legend in figure.legends:  # one that is anchored gets no room from the layout
        height = legend.get_window_extent().height
        foot = max(foot, strip + height / figure.bbox.height + _BELOW / figure.get_figheight())
        legend.set_bbox_to_anchor((0, strip, 1, 1 - strip), transform=figure.transFigure)
    engine = figure.get_layout_engine()
    assert isinstance(engine, ConstrainedLayoutEngine)
    engine.set(rect=(0, foot, 1, 1 - foot))
    figure.text(0.99, 0.01, text, ha="right", va="bottom", color=COLOURS[5])


def png_bytes(figure: Figure) -> bytes:
    """Return ``figure`` as PNG for documents that take no SVG: the same bytes each time."""
    with look(narrow=False):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None}, dpi=RESOLUTION)
    return buffer.getvalue()


def svg_bytes(figure: Figure) -> bytes:
    """Return ``figure`` as SVG, glyphs as paths, without a date: the same bytes each time."""
    with look(narrow=False):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
