"""Prose cells in a Word document: Markdown as paragraphs, lists and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from docx.document import Document
from docx.shared import Cm
from docx.text.paragraph import Paragraph

from loyalty_research.report import word_markup as markup
from loyalty_research.report.prose import parsed

if TYPE_CHECKING:
    from markdown_it.token import Token


def write_prose(document: Document, text: str) -> None:
    """Append Markdown; raw HTML in it is shown as text.

    Parameters
    ----------
    document
        Being written.
    text
        Markdown without headings.
    """
    lists: list[list[Any]] = []  # kind and place of each open list
    row: list[Token] = []
    rows: list[list[Token]] = []
    quoted = in_cell = False
    for token in parsed(text):
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            lists.append([kind, 0])
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif kind == "list_item_open":
            lists[-1][1] += 1
        elif kind in ("blockquote_open", "blockquote_close"):
            quoted = kind == "blockquote_open"
        elif kind in ("th_open", "td_open", "th_close", "td_close"):
            in_cell = kind.endswith("open")
        elif kind == "tr_close":
            rows.append(row)
            row = []
        elif kind == "table_close":
            _table(document, rows)
            rows = []
        elif kind in ("fence", "code_block"):
            document.add_paragraph(token.content.rstrip("\n"), style="Small")
        elif kind == "inline" and in_cell:
            row.append(token)
        elif kind == "inline":
            _runs(_paragraph(document, lists, quoted=quoted), token)


def _paragraph(document: Document, lists: Sequence[list[Any]], *, quoted: bool) -> Paragraph:
    if not lists:
        paragraph = document.add_paragraph()
        if quoted:
            markup.indented(paragraph)
        return paragraph
    kind, place = lists[-1]
    if kind == "ordered_list_open":
        paragraph = markup.numbered(document, place, "")
        paragraph.paragraph_format.keep_with_next = False
    else:
        paragraph = document.add_paragraph(style="List Bullet")
    if len(lists) > 1:
        paragraph.paragraph_format.left_indent = Cm(0.8 * len(lists))
    return paragraph


def _runs(paragraph: Paragraph, token: Token) -> None:
    bold = italic = 0
    for child in token.children or ():
        kind = child.type
        bold += {"strong_open": 1, "strong_close": -1}.get(kind, 0)
        italic += {"em_open": 1, "em_close": -1}.get(kind, 0)
        text = {"softbreak": " ", "hardbreak": "\n"}.get(kind, child.content)
        if text and not kind.endswith(("_open", "_close")):
            run = paragraph.add_run(text)
            run.bold, run.italic = bool(bold) or None, bool(italic) or None


def _table(document: Document, rows: Sequence[Sequence[Token]]) -> None:
    width = max(len(row) for row in rows)
    table = document.add_table(len(rows), width)
    markup.fixed_widths(table, (Cm(16 / width),) * width)
    for place, (row, made) in enumerate(zip(rows, table.rows, strict=True)):
        markup.unbreakable(made, head=place == 0)
        for token, cell in zip(row, made.cells, strict=False):
            _runs(markup.write_cell(cell, "", size=9), token)
            markup.border(cell, bottom="8A949E" if place == 0 else "D5DAE0")
    document.add_paragraph()
