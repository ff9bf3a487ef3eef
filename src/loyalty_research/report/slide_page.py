"""A slide and what is put on it: text that fits its box, tables, pictures, charts."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from loyalty_research.report.slide_charts import NativeChart, child, fonts

WIDTH, HEIGHT = 13.333, 7.5
INK, MUTED, RULE = "1B1F24", "59636E", "D5DAE0"
SMALLEST = 9
_TITLE_ONLY = 5
_LINE = 1.32
"""Height of a line in font sizes, with the space between paragraphs."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Left, top, width, height as the library counts them."""
        return (
            Inches(self.left),
            Inches(self.top),
            Inches(self.width),
            Inches(self.height),
        )


def prepare(deck: Any) -> None:
    """Make a new presentation wide."""
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)


def text_width(text: str, size: float) -> float:
    """Return the width of a line in inches: a Chinese glyph is a square, a Latin one 0.53 of it."""
    return sum(1.0 if ord(item) > 0x2E80 else 0.53 for item in text) * size / 72


def fitting_size(texts: Sequence[str], box: Box, largest: float) -> float:
    """Return the largest font size at which ``texts``, a paragraph each, fit a box.

    Parameters
    ----------
    texts
        Paragraphs.
    box
        With margins of 0.1 inch at the sides and 0.05 above and below.
    largest
        Size to begin with, in points.

    Returns
    -------
    float
        In points; not below :data:`SMALLEST`.
    """
    size = largest
    while size > SMALLEST:
        width = box.width - 0.2
        lines = sum(max(1, math.ceil(text_width(text, size) / width * 1.04)) for text in texts)
        gaps = 0.4 * (len(texts) - 1)
        if (lines + gaps) * size * _LINE / 72 <= box.height - 0.1:
            break
        size -= 0.5
    return size


class SlidePage:
    """A new slide.

    Parameters
    ----------
    deck
        Presentation it is appended to.
    language
        ``zh`` or ``en``.
    colour
        ``#rrggbb`` of title and rules.
    """

    def __init__(self, deck: Any, language: str, colour: str) -> None:
        self.slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
        self.number_of = len(deck.slides)
        self.language = "zh-CN" if language == "zh" else "en-GB"
        self.colour = colour.removeprefix("#").upper()

    def head(self, title: str) -> None:
        """Write the title and the rule below it."""
        box = Box(0.5, 0.35, 12.35, 1.0)
        self._title(title, box, fitting_size([title], box, 25))
        self._rule(Box(0.6, 1.38, 12.15, 0.03), self.colour)

    def cover(self, title: str) -> None:
        """Write the title of the report."""
        box = Box(0.8, 2.1, 11.7, 1.7)
        self._title(title, box, fitting_size([title], box, 40))
        self._rule(Box(0.9, 3.95, 11.5, 0.05), self.colour)

    def foot(self, text: str, source: str) -> None:
        """Write source, footer and number of the slide."""
        box = Box(0.5, 6.62, 12.35, 0.36)
        self._write(box, [source], fitting_size([source], box, 10), colour=MUTED)
        self._write(Box(0.5, 7.02, 11.3, 0.34), [text], 9, colour=MUTED)
        right = self._write(Box(11.85, 7.02, 1.0, 0.34), [str(self.number_of)], 9, colour=MUTED)
        right.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT

    def text(
        self,
        box: Box,
        lines: Sequence[str],
        largest: float,
        *,
        rule: bool = False,
        bullets: bool = False,
    ) -> None:
        """Write paragraphs at the largest size that fits."""
        if not lines:
            return
        shown = [f"• {line}" for line in lines] if bullets else list(lines)
        if rule:
            self._rule(Box(box.left, box.top, 0.04, box.height), self.colour)
            box = Box(box.left + 0.15, box.top, box.width - 0.15, box.height)
        self._write(box, shown, fitting_size(shown, box, largest), colour=INK)

    def caption(self, box: Box, text: str) -> None:
        """Write the title of a figure above it."""
        self._write(box, [text], fitting_size([text], box, 12), colour=MUTED)

    def number(self, box: Box, item: Mapping[str, Any], separator: str) -> None:
        """Write a key number: label, value, interval, base."""
        self._rule(Box(box.left, box.top, box.width, 0.05), self.colour)
        small = f"{item['grade']}{separator}{item['base']}"
        if item["period"]:
            small += f"{separator}{item['period']}"
        rows = (
            (item["label"], 0.1, 0.5, 14, MUTED),
            (item["value"], 0.55, 0.7, 30, self.colour),
            (item["interval"], 1.22, 0.4, 13, INK),
            (small, 1.58, 0.6, 11, MUTED),
        )
        for text, down, height, size, colour in rows:
            if text:
                inner = Box(box.left, box.top + down, box.width, height)
                self._write(inner, [text], fitting_size([text], inner, size), colour=colour)

    def figure_value(self, box: Box, value: str, interval: str) -> None:
        """Write one number large, where there is no figure."""
        upper = Box(box.left, box.top + 1.0, box.width, 1.6)
        self._write(upper, [value], fitting_size([value], upper, 66), colour=self.colour)
        if interval:
            lower = Box(box.left, box.top + 2.7, box.width, 0.7)
            self._write(lower, [interval], fitting_size([interval], lower, 22), colour=MUTED)

    def table(self, box: Box, rows: Sequence[tuple[str, str]]) -> None:
        """Write pairs of label and text as a native table without a head, at a size that fits."""
        label = min(3.0, max([1.1, *(text_width(name, 16) + 0.35 for name, _ in rows)]))
        size = 17.0
        while size > SMALLEST and self._height(rows, label, box.width, size) > 0.95 * box.height:
            size -= 0.5
        shape = self.slide.shapes.add_table(len(rows), 2, *box.place)
        table = shape.table
        shape._element.graphic.graphicData.tbl.tblPr.attrib.clear()
        style = shape._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId"))
        style.text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid
        table.columns[0].width, table.columns[1].width = Inches(label), Inches(box.width - label)
        for place, (name, text) in enumerate(rows):
            height = self._height([(name, text)], label, box.width, size)
            table.rows[place].height = Inches(height)
            for cell, shown, colour in zip(
                table.rows[place].cells, (name, text), (MUTED, INK), strict=True
            ):
                cell.margin_top = cell.margin_bottom = Inches(0.04)
                cell.vertical_anchor = MSO_ANCHOR.TOP
                self._runs(cell.text_frame, [shown], size, colour)
                _line_below(cell)

    def picture(self, content: bytes, box: Box, alt: str, *, left: bool = False) -> None:
        """Place a picture as large as its box allows."""
        shape = self.slide.shapes.add_picture(io.BytesIO(content), 0, 0)
        scale = min(Inches(box.width) / shape.width, Inches(box.height) / shape.height)
        shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
        across = 0 if left else (Inches(box.width) - shape.width) // 2
        shape.left = Inches(box.left) + across
        shape.top = Inches(box.top) + (Inches(box.height) - shape.height) // 2
        shape._element.nvPicPr.cNvPr.set("descr", alt)

    def chart(self, native: NativeChart, box: Box, alt: str) -> None:
        """Place a chart that can be edited, with its data."""
        shape = self.slide.shapes.add_chart(native.kind, *box.place, native.data)
        shape._element.nvGraphicFramePr.cNvPr.set("descr", alt)
        native.dress(shape.chart)

    def _height(
        self, rows: Sequence[tuple[str, str]], label: float, width: float, size: float
    ) -> float:
        total = 0.0
        for name, text in rows:
            lines = max(
                math.ceil(text_width(name, size) / (label - 0.22) * 1.04),
                math.ceil(text_width(text, size) / (width - label - 0.22) * 1.04),
                1,
            )
            total += lines * size * 1.25 / 72 + 0.1
        return total

    def _title(self, text: str, box: Box, size: float) -> None:
        shape = self.slide.shapes.title
        shape.left, shape.top, shape.width, shape.height = box.place
        frame = shape.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.BOTTOM
        self._runs(frame, [text], size, self.colour)
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT

    def _write(self, box: Box, texts: Sequence[str], size: float, *, colour: str) -> Any:
        shape = self.slide.shapes.add_textbox(*box.place)
        frame = shape.text_frame
        frame.word_wrap = True
        self._runs(frame, texts, size, colour)
        return shape

    def _runs(self, frame: Any, texts: Sequence[str], size: float, colour: str) -> None:
        for place, text in enumerate(texts):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            if place:
                paragraph.space_before = Pt(size * 0.4)
            run = paragraph.add_run()
            run.text = text
            run.font.size, run.font.bold = Pt(size), False
            run.font.color.rgb = RGBColor.from_string(colour)
            properties = run._r.get_or_add_rPr()
            properties.set("lang", self.language)
            fonts(properties)

    def _rule(self, box: Box, colour: str) -> None:
        shape = self.slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *box.place)
        shape.fill.solid()
        shape.fill.fore_color.rgb = RGBColor.from_string(colour)
        shape.line.fill.background()
        shape.shadow.inherit = False
        shape._element.nvSpPr.cNvPr.set("descr", "")


def _line_below(cell: Any) -> None:
    properties = cell._tc.get_or_add_tcPr()
    line = child(properties, "a:lnB", w="6350")
    fill = child(line, "a:solidFill")
    child(fill, "a:srgbClr", val=RULE)
    properties.remove(line)
    properties.insert(0, line)  # the schema wants lines before fills
