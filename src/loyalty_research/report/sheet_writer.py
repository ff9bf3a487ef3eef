"""Writes the sheets of a workbook: text as text, numbers as numbers, days as days.

No cell starts a formula, whatever a brand's data hold.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from loyalty_research.language import LANGUAGES, Language, translator
from loyalty_research.language.spreadsheets import FORMULA_STARTS
from loyalty_research.report.sheet_columns import Cell, both
from loyalty_research.report.sheets import Sheet

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

FONT = "Microsoft YaHei"
HEADS_AT = 5
"""Row of the first heading of a sheet, from 0."""
FORMATS = {
    "change": "+0.0%;-0.0%;0.0%",
    "date": "yyyy-mm-dd",
    "hour": "0",
    "level": "0%",
    "money": "#,##0.00",
    "money_change": "+#,##0.00;-#,##0.00;0.00",
    "month": "yyyy-mm",
    "number": "0.00",
    "occasions_rate": "0.00",
    "orders_rate": "0.00",
    "p_value": "0.0000",
    "percentage_point": "0.0",
    "point_change": "+0.0;-0.0;0.0",
    "share": "0.0%",
    "text": "General",
    "times": "0.00",
}
"""Number formats by unit; units that count have thousands separators."""
_HEAD = {"bg_color": "#E8F1F8", "font_color": "#08436E", "text_wrap": True, "bottom": 1}
_CONTENTS_HEADS = ("sheet", "title", "title", "chapter", "base", "base_unit")
_CONTENTS_WIDTHS = (30, 48, 60, 30, 12, 18)
_WARNING = {"font_color": "#8A3B00", "bold": True}
_WIDEST, _NARROWEST = 60, 9
_LONGEST = 32_767  # characters a cell may hold


class SheetWriter:
    """Writes sheets with formats of its own, each made once."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, **settings: Any) -> Any:
        """Return the format with ``settings``."""
        key = tuple(sorted(settings.items()))
        if key not in self.made:
            base = {"font_name": FONT, "font_size": 10, "valign": "top"}
            self.made[key] = self.book.add_format(base | settings)
        return self.made[key]

    def contents(
        self,
        titles: Sequence[str],
        lines: Sequence[tuple[str, bool]],
        sheets: Sequence[Sheet],
    ) -> None:
        """Write the first sheet: what this is, and a link to every other.

        Parameters
        ----------
        titles
            Titles of the report.
        lines
            Lines below them, and whether each warns.
        sheets
            The sheets that will be written.
        """
        page = self._page(_common("contents"))
        self.text(page, 0, 0, titles[0], font_size=14, bold=True)
        self.text(page, 1, 0, titles[1], font_size=12)
        for row, (line, warns) in enumerate(lines, start=2):
            self.text(page, row, 0, line, **(_WARNING if warns else {}))
        row = len(lines) + 3
        for language in LANGUAGES:
            for column, key in enumerate(_CONTENTS_HEADS):
                self.text(page, row, column, _word(key, language), **_HEAD)
            row += 1
        for sheet in sheets:
            self._link(page, row, sheet.name, sheet.name)
            chapter = both(*sheet.chapter.values()) if sheet.chapter else None
            values = (sheet.titles["zh"], sheet.titles["en"], chapter, sheet.base, sheet.base_unit)
            for column, value in enumerate(values, start=1):
                self.cell(page, row, column, Cell(value or None, "count"))
            row += 1
        for column, width in enumerate(_CONTENTS_WIDTHS):
            page.set_column(column, column, width)

    def sheet(self, sheet: Sheet) -> None:
        """Write one table with its headings, notes and the way back."""
        page = self._page(sheet.name)
        self._link(page, 0, _common("contents"), _common("back"))
        self.text(page, 1, 0, sheet.titles["zh"], font_size=12, bold=True)
        self.text(page, 2, 0, sheet.titles["en"], font_size=11)
        if sheet.simulated:
            mark = both(*(translator(item).text("report.simulated") for item in LANGUAGES))
            self.text(page, 3, 0, mark, **_WARNING)
        for column, head in enumerate(sheet.heads):
            for place, text in enumerate((head.zh, head.en, head.unit)):
                align = {"align": "right"} if _is_numeric(sheet, column) else {}
                self.text(page, HEADS_AT + place, column, text, **_HEAD, **align)
        first = HEADS_AT + 3
        for place, cells in enumerate(sheet.rows):
            for column, cell in enumerate(cells):
                self.cell(page, first + place, column, cell)
        row = first + len(sheet.rows) + 1
        for note in sheet.notes:
            self.text(page, row, 0, note, font_color="#59636E")
            row += 1
        for column in range(len(sheet.heads)):
            page.set_column(column, column, _width(sheet, column))
        page.freeze_panes(first, 1 if len(sheet.heads) > 2 else 0)
        page.repeat_rows(HEADS_AT, first - 1)

    def cell(self, page: Worksheet, row: int, column: int, cell: Cell) -> None:
        """Write a value as what it is."""
        value = cell.value
        if value is None:
            page.write_blank(row, column, None, self.style())
        elif isinstance(value, str):
            self.text(page, row, column, value, text_wrap=True)
        else:
            number = FORMATS.get(cell.unit, "#,##0" if _is_whole(value) else "#,##0.0")
            style = self.style(num_format=number, align="right")
            if isinstance(value, dt.date):
                page.write_datetime(row, column, value, style)
            else:
                page.write_number(row, column, value, style)

    def text(self, page: Worksheet, row: int, column: int, text: str, **settings: Any) -> None:
        """Write a text as text; what would start a formula when typed again is marked as text."""
        if text.startswith(FORMULA_STARTS):
            settings["quote_prefix"] = True
        page.write_string(row, column, text[:_LONGEST], self.style(**settings))

    def _page(self, name: str) -> Worksheet:
        page = self.book.add_worksheet(name)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        return page

    def _link(self, page: Worksheet, row: int, target: str, text: str) -> None:
        style = self.style(font_color="#005A8C", underline=1)
        page.write_url(row, 0, f"internal:'{target}'!A1", style, text)


def _is_whole(value: object) -> bool:
    """Tell whether a number has no decimals."""
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def _is_numeric(sheet: Sheet, column: int) -> bool:
    values = [row[column].value for row in sheet.rows if row[column].value is not None]
    return bool(values) and not any(isinstance(value, str) for value in values)


def _width(sheet: Sheet, column: int) -> float:
    """Return a width that shows headings and values; long texts wrap."""
    head = sheet.heads[column]
    texts = [head.zh, head.en, head.unit]
    texts += [_shown(row[column]) for row in sheet.rows[:200]]
    widest = max((_cells(text) for text in texts), default=0)
    return min(_WIDEST, max(_NARROWEST, widest + 2))


def _shown(cell: Cell) -> str:
    if isinstance(cell.value, (int, float)):
        return f"{cell.value:,.2f}" if cell.unit not in {"share", "change"} else "00.0%"
    return "" if cell.value is None else str(cell.value)


def _cells(text: str) -> int:
    """Return how many Latin characters wide a text is."""
    return sum(2 if unicodedata.east_asian_width(item) in "WF" else 1 for item in text)


def _word(key: str, language: Language) -> str:
    return translator(language).text(f"workbook.{key}")


def _common(key: str) -> str:
    """Return a word of the workbook in both languages."""
    return both(*(_word(key, language) for language in LANGUAGES))
