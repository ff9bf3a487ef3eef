"""Figures and tables of results in a Word document."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from loyalty_research.findings import Chart, TableView
from loyalty_research.language import Translator
from loyalty_research.report import word_markup as markup
from loyalty_research.report.figures import Drawing
from loyalty_research.report.word_styles import MUTED
from loyalty_research.results import StoredResult
from loyalty_research.results.html import cell_texts, heading, is_number

if TYPE_CHECKING:
    import pandas as pd

WIDTH = Cm(16)
_WIDE = 0x2E80


class ViewWriter:
    """Writes figures and tables with numbered captions.

    Parameters
    ----------
    document
        Being written.
    language
        ``zh`` or ``en``.
    images
        PNG of every wide drawing.
    """

    def __init__(self, document: Document, language: str, images: Mapping[Drawing, bytes]) -> None:
        self.document, self.language, self.images = document, language, images
        self._count = {"figure": 0, "table": 0}

    def write(self, store: str, result: StoredResult, words: Translator) -> None:
        """Write all figures, then all tables of a result."""
        for chart in result.charts:
            drawing = Drawing(store, result.key, chart.name, self.language, image="png")
            self._figure(chart, self.images[drawing], words)
        for view in result.tables:
            self._table(view, result.frames[view.frame], words)

    def _figure(self, chart: Chart, image: bytes, words: Translator) -> None:
        self._caption("figure", words.title(chart), words)
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        picture = paragraph.add_run().add_picture(io.BytesIO(image), width=WIDTH)
        markup.describe(picture, words.alt(chart))
        self._notes(chart, words)

    def _table(self, view: TableView, frame: pd.DataFrame, words: Translator) -> None:
        self._caption("table", words.title(view), words)
        heads = [heading(column, words) for column in view.columns]
        texts = [
            [cell_texts(column, row, words) for column in view.columns]
            for row in frame.to_dict("records")
        ]
        table = self.document.add_table(len(texts) + 1, len(heads))
        size = 8.5 if len(heads) <= 6 else 7.5
        numbers = [is_number(column) for column in view.columns]
        markup.fixed_widths(table, _widths(heads, texts, numbers, size))
        markup.unbreakable(table.rows[0], head=True)
        for column, head, cell in zip(view.columns, heads, table.rows[0].cells, strict=True):
            paragraph = markup.write_cell(cell, head, size=size, colour=MUTED)
            paragraph.paragraph_format.keep_with_next = True
            markup.border(cell, bottom="8A949E")
            if is_number(column):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for place, (made, texts_of_row) in enumerate(
            zip(list(table.rows)[1:], texts, strict=True), start=1
        ):
            markup.unbreakable(made)
            cells = made.cells
            for column, (value, interval), cell in zip(
                view.columns, texts_of_row, cells, strict=True
            ):
                shown = f"{value}\n{interval}" if interval else value
                paragraph = markup.write_cell(cell, shown, size=size)
                markup.border(cell, bottom="E8EBEE")
                # The source line stays with the end of its table.
                paragraph.paragraph_format.keep_with_next = place > len(texts) - 2
                if is_number(column):
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self._notes(view, words)

    def _caption(self, kind: str, title: str, words: Translator) -> None:
        self._count[kind] += 1
        paragraph = self.document.add_paragraph(style="Caption")
        before, _, after = words.text(f"report.{kind}_number", number="\0").partition("\0")
        paragraph.add_run(before)
        name = {"figure": "Figure", "table": "Table"}[kind]
        markup.field(paragraph, f"SEQ {name} \\* ARABIC", str(self._count[kind]))
        paragraph.add_run(f"{after} {title}")

    def _notes(self, view: Chart | TableView, words: Translator) -> None:
        paragraph = self.document.add_paragraph(words.source(view), style="Small")
        paragraph.paragraph_format.space_before = Pt(3)
        for text in words.notes(view):
            paragraph.add_run(f"\n{text}")
        colon = words.text("report.colon")
        for term, text in words.definitions(view):
            paragraph.add_run(f"\n{term}{colon}{text}")


def _widths(
    heads: list[str], rows: list[list[tuple[str, str]]], numbers: list[bool], size: float
) -> list[Cm]:
    """Share the width: no number and no word is broken, the rest goes by length of text."""
    glyph, margins = size * 0.56 / 72 * 2.54, 0.45
    least, wanted = [], []
    for place, (head, number) in enumerate(zip(heads, numbers, strict=True)):
        parts = [part for row in rows for part in row[place]]
        words = [head, *parts]
        longest = max((_columns(part) for part in parts), default=1)
        unbroken = max(_longest_word(text) for text in words)
        least.append((max(longest, unbroken) if number else unbroken) * glyph + margins)
        wanted.append(max(least[-1], min(longest, 60) * glyph + margins))
    room, spare = WIDTH.cm, sum(wanted) - sum(least)
    if sum(least) >= room or not spare:
        return [Cm(room * width / sum(least)) for width in least]
    share = (room - sum(least)) / spare
    return [Cm(low + (high - low) * share) for low, high in zip(least, wanted, strict=True)]


def _longest_word(text: str) -> int:
    """Return the columns of the longest part that cannot be broken, Chinese after any glyph."""
    return max(
        (min(_columns(word), 8 if ord(word[0]) > _WIDE else 16) for word in text.split()), default=1
    )


def _columns(text: str) -> int:
    return sum(2 if ord(item) > _WIDE else 1 for item in text)
