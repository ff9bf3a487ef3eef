"""Figures that PowerPoint draws itself: bars, stacked bars and lines, with their data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Pt

from loyalty_research.charts.axes import categories
from loyalty_research.charts.draw import in_language
from loyalty_research.charts.look import COLOURS, INK, MUTED, RULE
from loyalty_research.findings import Chart
from loyalty_research.language import Translator
from loyalty_research.language.numbers import axis_scale

if TYPE_CHECKING:
    import pandas as pd

LATIN = "Arial"
EAST_ASIAN = "Microsoft YaHei"
_CONTINUOUS = {"number", "days", "share", "count"}
_MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class NativeChart:
    """A chart for PowerPoint: kind, data, and what is set once it stands on a slide."""

    kind: Any
    data: CategoryChartData
    dress: Callable[[Any], None]


def native(chart: Chart, frame: pd.DataFrame, words: Translator) -> NativeChart | None:
    """Return a figure as a chart that can be edited; None where PowerPoint has no such kind.

    Parameters
    ----------
    chart, frame
        The figure and what it draws.
    words
        Language and brand context.
    """
    encode = {role: in_language(named, words.language) for role, named in chart.encode.items()}
    for column, value in (encode.get("where") or {}).items():
        frame = frame[frame[column] == value]
    if not 0 < len(frame) <= _MOST_ROWS or _is_hidden(encode, frame):
        return None
    if chart.kind == "bars":
        return _bars(encode, frame, words)
    if chart.kind == "stacked":
        return _stacked(encode, frame, words)
    discrete = encode.get("x_unit", "number") not in _CONTINUOUS
    if chart.kind == "curve" and discrete and not encode.get("step") and not encode.get("marks"):
        return _line(encode, frame, words)
    return None


def _is_hidden(encode: Mapping[str, Any], frame: pd.DataFrame) -> bool:
    """Tell whether nothing is left to draw, as every value is hidden."""
    named = encode.get("parts") or encode.get("y") or ()
    names = [named] if isinstance(named, str) else list(named)
    return bool(frame[names].isna().all(axis=None))


def child(parent: Any, tag: str, **attributes: str) -> Any:
    """Append an element such as ``a:ln`` and return it."""
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(name, value)
    parent.append(element)
    return element


def fonts(properties: Any) -> None:
    """Name the fonts of both scripts in run properties."""
    for tag, name in (("latin", LATIN), ("ea", EAST_ASIAN)):
        found = properties.find(qn(f"a:{tag}"))
        if found is None:
            found = child(properties, f"a:{tag}")
        found.set("typeface", name)


def _bars(encode: Mapping[str, Any], frame: pd.DataFrame, words: Translator) -> NativeChart:
    names = [encode["y"]] if isinstance(encode["y"], str) else list(encode["y"])
    horizontal = bool(encode.get("horizontal"))
    data, word = _data(encode, frame, words, names)
    low, high = encode.get("low", ""), encode.get("high", "")

    def dress(chart: Any) -> None:
        _dress(chart, word=_axis(encode.get("y_label", ""), word, words))
        chart.plots[0].gap_width, chart.plots[0].overlap = 45, 0
        _colour(chart, names)
        if horizontal:  # the first category on top, as on the page
            chart.category_axis.reverse_order = True
            chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
        _from_zero(chart, frame, [*names, *(name for name in (low, high) if name)])
        if low and high:
            divisor = _scale(frame, names, encode["unit"], words)[0]
            bounds = frame[[low, high]].to_numpy(dtype=float) / divisor
            _whiskers(chart, frame[names[0]].to_numpy(dtype=float) / divisor, bounds)

    kind = XL_CHART_TYPE.BAR_CLUSTERED if horizontal else XL_CHART_TYPE.COLUMN_CLUSTERED
    return NativeChart(kind, data, dress)


def _stacked(encode: Mapping[str, Any], frame: pd.DataFrame, words: Translator) -> NativeChart:
    total = [encode["total"]] if encode.get("total") else []
    names = [*encode["parts"], *total]
    data, word = _data(encode, frame, words, names)

    def dress(chart: Any) -> None:
        _dress(chart, word=_axis(encode.get("y_label", ""), word, words))
        chart.plots[0].gap_width = 45
        chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        _colour(chart, names)
        if total:
            _as_marks(chart)

    return NativeChart(XL_CHART_TYPE.COLUMN_STACKED, data, dress)


def _line(encode: Mapping[str, Any], frame: pd.DataFrame, words: Translator) -> NativeChart:
    bounds = [encode[side] for side in ("low", "high") if encode.get(side)]
    names = [encode["y"], *bounds]
    data, word = _data(encode, frame, words, names)

    def dress(chart: Any) -> None:
        _dress(chart, word=_axis(encode.get("y_label", ""), word, words))
        if encode.get("from_zero", True):
            _from_zero(chart, frame, names)
        for place, series in enumerate(chart.plots[0].series):
            series.smooth = False
            series.format.line.color.rgb = RGBColor.from_string(COLOURS[0].removeprefix("#"))
            series.format.line.width = Pt(0.75 if place else 2.25)

    return NativeChart(XL_CHART_TYPE.LINE, data, dress)


def _data(
    encode: Mapping[str, Any], frame: pd.DataFrame, words: Translator, names: Sequence[str]
) -> tuple[CategoryChartData, str]:
    divisor, word = _scale(frame, names, encode["unit"], words)
    data = CategoryChartData(number_format="General")
    data.categories = categories(frame[encode["x"]].tolist(), encode.get("x_unit", "text"), words)
    for name in names:
        key = f"column.{name}"
        values = [
            None if value != value else float(f"{value / divisor:.6g}")
            for value in frame[name].astype(float)
        ]
        data.add_series(words.text(key) if words.has(key) else name, values)
    return data, word


def _scale(
    frame: pd.DataFrame, names: Sequence[str], unit: str, words: Translator
) -> tuple[float, str]:
    top = float(frame[list(names)].astype(float).abs().max().max())
    return axis_scale(top, unit, words.language, words.context)


def _axis(label: str, word: str, words: Translator) -> str:
    name = words.text(f"axis.{label}") if label else ""
    if not (name and word):
        return name or word
    return f"{name}（{word}）" if words.language == "zh" else f"{name} ({word})"


def _dress(chart: Any, *, word: str) -> None:
    chart.font.size = Pt(11)
    chart.font.color.rgb = RGBColor.from_string(MUTED.removeprefix("#"))
    properties = chart._chartSpace.txPr.p_lst[0].pPr.find(qn("a:defRPr"))
    fonts(properties)
    several = len(list(chart.plots[0].series)) > 1
    chart.has_legend = several
    if several:
        chart.legend.position = XL_LEGEND_POSITION.BOTTOM
        chart.legend.include_in_layout = False
    chart.has_title = bool(word)
    if word:  # the name of the values above the axis, as on the page
        frame = chart.chart_title.text_frame
        frame.text = word
        font = frame.paragraphs[0].runs[0].font
        font.size, font.bold = Pt(11), False
        font.color.rgb = RGBColor.from_string(MUTED.removeprefix("#"))
        fonts(frame.paragraphs[0].runs[0]._r.get_or_add_rPr())
    axis = chart.value_axis
    axis.major_gridlines.format.line.color.rgb = RGBColor.from_string(RULE.removeprefix("#"))
    axis.format.line.fill.background()
    axis.tick_labels.number_format = "#,##0.##"
    axis.tick_labels.number_format_is_linked = False
    chart.category_axis.format.line.color.rgb = RGBColor.from_string(RULE.removeprefix("#"))


def _from_zero(chart: Any, frame: pd.DataFrame, names: Sequence[str]) -> None:
    if float(frame[list(names)].astype(float).min().min()) >= 0:
        chart.value_axis.minimum_scale = 0


def _colour(chart: Any, names: Sequence[str]) -> None:
    for place, series in enumerate(chart.plots[0].series):
        if place < len(names):
            series.invert_if_negative = False
            series.format.fill.solid()
            colour = COLOURS[place % len(COLOURS)].removeprefix("#")
            series.format.fill.fore_color.rgb = RGBColor.from_string(colour)


def _whiskers(chart: Any, values: Any, bounds: Any) -> None:
    """Give the first series its intervals as error bars with values of their own."""
    series = chart.plots[0].series[0]._element
    bars = OxmlElement("c:errBars")
    for tag, value in (("errBarType", "both"), ("errValType", "cust"), ("noEndCap", "0")):
        child(bars, f"c:{tag}", val=value)
    sides = (("plus", bounds[:, 1] - values), ("minus", values - bounds[:, 0]))
    for tag, lengths in sides:
        literal = child(child(bars, f"c:{tag}"), "c:numLit")
        child(literal, "c:formatCode").text = "General"
        child(literal, "c:ptCount", val=str(len(lengths)))
        for place, length in enumerate(lengths):
            if length == length:
                point = child(literal, "c:pt", idx=str(place))
                child(point, "c:v").text = f"{max(length, 0):.6g}"
    shape = child(bars, "c:spPr")
    line = child(shape, "a:ln", w="12700")
    fill = child(line, "a:solidFill")
    child(fill, "a:srgbClr", val=INK.removeprefix("#"))
    series.find(qn("c:cat")).addprevious(bars)


def _as_marks(chart: Any) -> None:
    """Turn the last series of stacked columns into marks on the same axes: the total."""
    plot = chart.plots[0]._element
    series = plot.findall(qn("c:ser"))[-1]
    plot.remove(series)
    for tag in ("invertIfNegative", "spPr"):
        for found in series.findall(qn(f"c:{tag}")):
            series.remove(found)
    colour = INK.removeprefix("#")
    style = parse_xml(
        '<c:x xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        "<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>"
        '<c:marker><c:symbol val="diamond"/><c:size val="8"/><c:spPr><a:solidFill>'
        f'<a:srgbClr val="{colour}"/></a:solidFill></c:spPr></c:marker></c:x>'
    )
    place = series.find(qn("c:tx"))
    for element in reversed(list(style)):
        place.addnext(element)
    lines = OxmlElement("c:lineChart")
    child(lines, "c:grouping", val="standard")
    child(lines, "c:varyColors", val="0")
    lines.append(series)
    child(lines, "c:marker", val="1")
    for axis in plot.findall(qn("c:axId")):
        child(lines, "c:axId", val=axis.get("val"))
    plot.addnext(lines)
