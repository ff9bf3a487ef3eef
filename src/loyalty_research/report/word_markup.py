"""Pieces of a Word document that the library has no call for."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from docx.document import Document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from loyalty_research.report.word_styles import MUTED

_RULE = "D5DAE0"


def field(paragraph: Paragraph, code: str, shown: str, *, stale: bool = False) -> None:
    """Append a field, such as ``PAGE``, with the text shown until Word counts anew."""
    for kind in ("begin", code, "separate", shown, "end"):
        run = paragraph.add_run()
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            if stale and kind == "begin":
                mark.set(qn("w:dirty"), "true")
            run._r.append(mark)
        elif kind == code:
            text = OxmlElement("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = f" {code} "
            run._r.append(text)
        else:
            run.text = shown


def footer(paragraph: Paragraph, text: str, section: Any) -> None:
    """Write the footer: its text on the left, the number of the page on the right."""
    paragraph.style = "Small"
    width = section.page_width - section.left_margin - section.right_margin
    stops = paragraph.paragraph_format.tab_stops
    stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT)
    paragraph.add_run(f"{text}\t")
    field(paragraph, "PAGE", "1")


def contents(document: Document, entries: Iterable[tuple[int, str]]) -> None:
    """Write a table of contents: a field with the headings, which Word brings up to date."""
    listed = list(entries)
    first = document.add_paragraph(style=_contents_style(document, 1))
    for kind in ("begin", "separate"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        if kind == "begin":
            mark.set(qn("w:dirty"), "true")
        first.add_run()._r.append(mark)
        if kind == "begin":
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = ' TOC \\o "1-2" \\h \\z \\u '
            first.add_run()._r.append(code)
    paragraph = first
    for place, (level, text) in enumerate(listed):
        if place:
            paragraph = document.add_paragraph(style=_contents_style(document, level))
        paragraph.add_run(text)
    end = OxmlElement("w:fldChar")
    end.set(qn("w:fldCharType"), "end")
    paragraph.add_run()._r.append(end)


def _contents_style(document: Document, level: int) -> Any:
    from docx.enum.style import WD_STYLE_TYPE

    name = f"toc {level}"
    if name not in [style.name for style in document.styles]:
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
        style.base_style = document.styles["Normal"]
        style.paragraph_format.left_indent = Cm(0.8 * (level - 1))
        style.paragraph_format.space_after = Pt(2)
        style.paragraph_format.tab_stops.add_tab_stop(Cm(16), WD_TAB_ALIGNMENT.RIGHT)
    return document.styles[name]


def logo(paragraph: Paragraph, content: bytes) -> Any:
    """Place the logo, at most 6 cm wide and 2.4 cm high."""
    picture = paragraph.add_run().add_picture(io.BytesIO(content))
    scale = min(Cm(6) / picture.width, Cm(2.4) / picture.height)
    picture.width, picture.height = Length(picture.width * scale), Length(picture.height * scale)
    return picture


def describe(picture: Any, text: str) -> None:
    """Give a picture its alternative text."""
    picture._inline.docPr.set("descr", text)


def plain_table(
    document: Document,
    rows: Iterable[tuple[str, str]],
    widths: Sequence[Length],
    *,
    lines: bool = False,
) -> Table:
    """Write pairs of label and text as a table without a head."""
    listed = list(rows)
    table = document.add_table(len(listed), 2)
    fixed_widths(table, widths)
    for row, (label, text) in zip(table.rows, listed, strict=True):
        unbreakable(row)
        small = 9 if lines else 10.5
        write_cell(row.cells[0], label, size=small, colour=MUTED)
        write_cell(row.cells[1], text, size=small)
        if lines:
            for cell in row.cells:
                border(cell, top=_RULE)
    document.add_paragraph().paragraph_format.space_after = Pt(0)
    return table


def numbers(document: Document, items: Sequence[dict[str, Any]], separator: str) -> None:
    """Write the strip of numbers, three in a row."""
    rows = -(-len(items) // 3)
    table = document.add_table(rows, 3)
    fixed_widths(table, (Cm(5.3),) * 3)
    for place, item in enumerate(items):
        cell = table.rows[place // 3].cells[place % 3]
        border(cell, top=_RULE)
        write_cell(cell, item["label"], size=9, colour=MUTED)
        value = cell.add_paragraph()
        value.paragraph_format.space_after = Pt(0)
        run = value.add_run(item["value"])
        run.font.size = Pt(17)
        parts = [item["interval"], f"{item['grade']}{separator}{item['base']}"]
        for text in (part for part in parts if part):
            small = cell.add_paragraph(text, style="Small")
            small.paragraph_format.space_after = Pt(1)
    for row in table.rows:
        unbreakable(row)


def numbered(document: Document, place: int, text: str) -> Paragraph:
    """Write a numbered sentence."""
    paragraph = document.add_paragraph(f"{place}.\t{text}")
    form = paragraph.paragraph_format
    form.left_indent, form.first_line_indent = Cm(0.8), -Cm(0.8)
    form.tab_stops.add_tab_stop(Cm(0.8))
    form.keep_with_next, form.space_after = True, Pt(2)
    return paragraph


def indented(paragraph: Paragraph) -> None:
    """Put a paragraph under a numbered sentence."""
    paragraph.paragraph_format.left_indent = Cm(0.8)


def small_run(paragraph: Paragraph, text: str) -> None:
    """Append small print to a paragraph."""
    run = paragraph.add_run(text)
    run.font.size = Pt(8)
    run.font.color.rgb = RGBColor.from_string(MUTED)


def write_cell(
    cell: _Cell, text: str, *, size: float, colour: str = "", bold: bool = False
) -> Paragraph:
    """Write a table cell without the space a paragraph has."""
    paragraph = cell.paragraphs[0]
    form = paragraph.paragraph_format
    form.space_after, form.space_before, form.line_spacing = Pt(1.5), Pt(1.5), 1.15
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(size), bold
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    return paragraph


def fixed_widths(table: Table, widths: Sequence[Length]) -> None:
    """Set the widths of the columns, for programs that read them by column and by cell."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def border(cell: _Cell, **edges: str) -> None:
    """Draw thin lines, such as ``top="D5DAE0"``."""
    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        properties.append(borders)
    for edge, colour in edges.items():
        line = OxmlElement(f"w:{edge}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)


def unbreakable(row: Any, *, head: bool = False) -> None:
    """Keep a row on one page; a head is repeated on every page."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))
