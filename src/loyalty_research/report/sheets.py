"""The figures and tables of a report as sheets of a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loyalty_research.findings import Chart, TableView
from loyalty_research.language import Translator
from loyalty_research.report.sheet_columns import (
    Cell,
    Head,
    Texts,
    Words,
    column_parts,
    unit_text,
    words_of,
)
from loyalty_research.results import StoredResult
from loyalty_research.results.columns import DataColumn, columns_of, is_words

NAME_LIMIT = 31
"""Characters the name of a sheet may have."""
_FORBIDDEN = str.maketrans("[]:*?/\\'", "（）：＊？／／ ")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table in both languages.

    Parameters
    ----------
    name
        Name of the sheet, valid and unique.
    titles
        Title by language.
    heads
        Headings of the columns.
    rows
        Cells by row, as many as there are headings.
    notes
        Lines below the table: source, base and period, definitions, in both languages.
    chapter
        Name of the chapter by language; empty for sheets of the whole report.
    base, base_unit
        Number of customers, orders, ... it rests on, and their word; None for the whole report.
    simulated
        Whether its rows were simulated.
    """

    name: str
    titles: Texts
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    chapter: Texts | None = None
    base: int | None = None
    base_unit: str = ""
    simulated: bool = False


def result_sheets(
    result: StoredResult, chapter: Texts, *, figures: int, tables: int
) -> Iterator[Sheet]:
    """Yield a sheet for every figure's data and every table of a result, in the order shown.

    Parameters
    ----------
    result
        A stored result.
    chapter
        Name of its chapter by language.
    figures, tables
        How many of each came before.
    """
    words = words_of(result.context)
    views: list[Chart | TableView] = [*result.charts, *result.tables]
    for view in views:
        if isinstance(view, Chart) and _told_by_a_table(view, result):
            continue
        frame = result.frames[view.frame]
        columns = columns_of(view, frame)
        if isinstance(view, Chart):
            figures += 1
            name = sheet_name(f"图{figures} {_shown(columns, words['zh'])}")
        else:
            tables += 1
            name = sheet_name(f"表{tables} {words['zh'].title(view)}")
        parts = list(column_parts(columns, frame, words))
        yield Sheet(
            name=name,
            titles={language: own.title(view) for language, own in words.items()},
            heads=tuple(head for head, _ in parts),
            rows=tuple(zip(*(cells for _, cells in parts), strict=True)),
            notes=tuple(_notes(view, result, words)),
            chapter=chapter,
            base=view.base,
            base_unit=unit_text(view.base_unit, result.context),
            simulated=result.context.evidence == "synthetic",
        )


def sheet_name(text: str) -> str:
    """Return ``text`` as a valid name of a sheet."""
    return text.translate(_FORBIDDEN).strip()[:NAME_LIMIT].rstrip()


def _shown(columns: Sequence[DataColumn], words: Translator) -> str:
    """Return what a figure shows: the value with an interval, else its last number."""
    found = [column for column in columns if column.low]
    found = found or [column for column in columns if not is_words(column.unit)][-1:]
    return found[0].heading(words) if found else ""


def _told_by_a_table(chart: Chart, result: StoredResult) -> bool:
    """Tell whether a table of the same frame holds all that a figure draws."""
    drawn = {column.name for column in columns_of(chart, result.frames[chart.frame])}
    return any(
        view.frame == chart.frame and drawn <= {column.name for column in view.columns}
        for view in result.tables
    )


def _notes(view: Chart | TableView, result: StoredResult, words: Words) -> Iterator[str]:
    """Yield source, base and period, grade of the rows, level of the interval, definitions."""
    for own in words.values():
        yield own.source(view)
    for own in words.values():
        yield from own.notes(view)
    levels = {finding.level for finding in result.findings if finding.level is not None}
    has_interval = any(column.low for column in columns_of(view, result.frames[view.frame]))
    if has_interval and len(levels) == 1:
        for own in words.values():
            yield own.text("workbook.level", level=f"{next(iter(levels)):.0%}")
    for own in words.values():
        for term, text in own.definitions(view):
            yield f"{term}{own.text('report.colon')}{text}"
