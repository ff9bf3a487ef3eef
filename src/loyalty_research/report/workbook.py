"""tables.xlsx: all tables of a report in one workbook, rendered from the store."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

from loyalty_research.language import LANGUAGES
from loyalty_research.report.material import Report
from loyalty_research.report.overview_sheets import contents_rows, definitions_sheet, findings_sheet
from loyalty_research.report.pages import reading_of, report_title
from loyalty_research.report.sheet_columns import both, words_of
from loyalty_research.report.sheet_writer import SheetWriter
from loyalty_research.report.sheets import Sheet, result_sheets

NAME = "tables.xlsx"


def workbook_bytes(report: Report) -> bytes:
    """Return the workbook of a report: contents, findings, figures, tables, definitions.

    It holds both languages, whichever the pages are in. The same report gives the same bytes: the
    one date inside is the report's.

    Parameters
    ----------
    report
        What the pages print as well.
    """
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    buffer = io.BytesIO()
    options = ("strings_to_formulas", "strings_to_numbers", "strings_to_urls")
    book = Workbook(buffer, {"in_memory": True} | dict.fromkeys(options, False))
    titles = [report_title(report, own) for own in words_of(report.context).values()]
    created = dt.datetime.fromisoformat(report.date)
    book.set_properties({"title": both(*titles), "created": created})
    writer = SheetWriter(book)
    sheets = list(all_sheets(report))
    writer.contents(titles, list(contents_rows(report, words_of(report.context))), sheets)
    for sheet in sheets:
        writer.sheet(sheet)
    book.close()
    return buffer.getvalue()


def all_sheets(report: Report) -> Iterator[Sheet]:
    """Yield findings, then figures and tables in the order shown, then definitions."""
    yield findings_sheet(report)
    figures = tables = 0
    for part in report.parts:
        chapter = {language: reading_of(part, language).title for language in LANGUAGES}
        for result in part.results.values():
            for sheet in result_sheets(result, chapter, figures=figures, tables=tables):
                figures += sheet.name.startswith("图")
                tables += sheet.name.startswith("表")
                yield sheet
    yield definitions_sheet(report)
