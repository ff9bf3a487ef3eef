"""Rows of Excel sheets."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, Any

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
)

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.compound import COMPOUND, chains_end
from loyalty_research.study.files.rows import Columns, rows_to_table
from loyalty_research.study.files.shape import HEAD_ROWS, Cells, Row, is_value
from loyalty_research.study.files.unpacking import BOMB_BYTES, BROKEN, damaged, protected, too_dense
from loyalty_research.study.files.where import Where

DIGITS_KEPT = 15
_BATCH = 20_000
_MOST_BYTES = 4 << 30
_MOST_RATIO = 200
_MOST_CELLS = 100_000_000
_CORNER = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_TAIL = 32


class Sheet:
    """The rows of a sheet on their way: the first ones, then the rest as tables of text."""

    def __init__(self, rows: Iterator[list[Any]], where: Where, merged: Merged = ()) -> None:
        self.where = where
        self.lost: set[int] = set()
        self._merged = merged
        self._head: list[Row] | None = None
        filled = _filled_down(rows, merged)
        self._rows = (Row(number, self._texts(cells)) for number, cells in enumerate(filled, 1))

    def head(self, count: int = HEAD_ROWS) -> list[Row]:
        """Return the first rows, with headings of two rows drawn together."""
        if self._head is None:
            self._head = _one_heading(list(itertools.islice(self._rows, count)), self._merged)
        return self._head

    def rest(self, columns: Columns) -> Iterator[pa.Table]:
        """Yield what follows the head."""
        while batch := list(itertools.islice(self._rows, _BATCH)):
            yield rows_to_table(batch, columns, self.where)

    def _texts(self, cells: list[Any]) -> Cells:
        for index, value in enumerate(cells):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if number and abs(value) >= 10**DIGITS_KEPT:
                self.lost.add(index)
        return [text_of(value) for value in cells]


Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]


def text_of(value: object) -> str:
    """Return a cell as text: whole numbers without a point, dates and times as ISO 8601 has them.

    A number has the 15 digits Excel shows.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value))
        return format(Decimal(f"{value:.15g}"), "f")
    if isinstance(value, dt.datetime):
        near = (value + dt.timedelta(milliseconds=500)).replace(microsecond=0)
        return str(near.date()) if near.time() == dt.time() else near.isoformat(sep=" ")
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return "" if value is None else str(value)


def _filled_down(rows: Iterator[list[Any]], merged: Merged) -> Iterator[list[Any]]:
    """Yield rows with texts and dates of cells merged downwards in each of their rows.

    Numbers are not repeated: an order's amount beside its lines counts once.
    """
    open_cells: dict[int, tuple[int, Any]] = {}
    starts: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, right) in merged:
        if bottom > top and left == right:
            starts.setdefault(top, []).append((left, bottom))
    for number, cells in enumerate(rows):
        for column, (bottom, value) in list(open_cells.items()):
            if number > bottom:
                del open_cells[column]
            else:
                cells[column] = value
        for left, bottom in starts.get(number, ()):
            if not isinstance(cells[left], int | float):
                open_cells[left] = (bottom, cells[left])
        yield cells


def _one_heading(rows: list[Row], merged: Merged) -> list[Row]:
    """Draw a heading of two rows, known by cells merged both ways, into the lower one.

    A cell merged sideways names the columns under it where they share their name.
    """
    deep = {top for (top, _), (bottom, _) in merged if bottom == top + 1}
    wide = {top for (top, left), (bottom, right) in merged if bottom == top and right > left}
    for top in sorted(deep & wide):
        if top + 1 >= len(rows) or _has_values(rows[top]) or _has_values(rows[top + 1]):
            continue
        upper, lower = list(rows[top].cells), rows[top + 1].cells
        for (first, left), (bottom, right) in merged:
            if first == bottom == top:
                upper[left : right + 1] = [upper[left]] * (right - left + 1)
        names = [
            f"{above}-{below}" if below and lower.count(below) > 1 and above else below or above
            for above, below in zip(upper, lower, strict=True)
        ]
        rows[top] = Row(rows[top].number, [""] * len(upper))
        rows[top + 1] = Row(rows[top + 1].number, names)
        break
    return rows


def _has_values(row: Row) -> bool:
    return any(is_value(cell) for cell in row.cells)


def open_workbook(stream: IO[bytes], where: Where) -> CalamineWorkbook:
    """Open a workbook.

    Raises
    ------
    DataError
        Where it is damaged, needs a password, or unpacks to more than a workbook may hold.
    """
    _check_size(stream, where)
    stream.seek(0)
    if stream.read(8) == COMPOUND:
        stream.seek(0)
        if not chains_end(stream):
            raise damaged(where, ValueError("its sectors run in circles"))
    stream.seek(0)
    try:
        with _reader(where):
            return CalamineWorkbook.from_filelike(stream)
    except DataError:
        stream.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in stream.read(1 << 20):
            raise protected(where) from None
        raise


@contextmanager
def _reader(where: Where) -> Iterator[None]:
    """Refuse what the reader of workbooks does not understand; it may also panic."""
    try:
        yield
    except PasswordError as error:
        raise protected(where) from error
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(where, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(where, ValueError("not a workbook")) from None


def _check_size(stream: IO[bytes], where: Where) -> None:
    if stream.read(2) != b"PK":
        return
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            declared = sum(item.file_size for item in entries)
            packed = sum(item.compress_size for item in entries)
            if declared > _MOST_BYTES or (
                declared > BOMB_BYTES and declared > _MOST_RATIO * packed
            ):
                raise too_dense(where)
            for item in entries:
                if item.filename.startswith("xl/worksheets/") and item.filename.endswith(".xml"):
                    _check_corner(archive, item, where)
    except (*BROKEN, OSError, ValueError, RuntimeError) as error:
        raise damaged(where, error) from error


def _check_corner(archive: zipfile.ZipFile, item: zipfile.ZipInfo, where: Where) -> None:
    """Refuse a sheet whose few cells stand so far apart that the space between fills the memory."""
    if item.file_size > 100 << 20:
        return  # so many cells fill their sheet
    height = width = 0
    with archive.open(item) as stream:
        before = b""
        while block := stream.read(1 << 20):
            for letters, number in _CORNER.findall(before + block):
                width = max(width, _column(letters))
                height = max(height, int(number))
            before = block[-_TAIL:]
    if height * width > _MOST_CELLS:
        raise DataError(
            problem(
                "{place}: {file}: a sheet has cells as far as row {row} and column {column}; "
                "delete what stands far from the table, or save the sheet as CSV",
                **where.of,
                row=f"{height:,}",
                column=f"{width:,}",
            )
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def open_sheet(book: CalamineWorkbook, name: str, where: Where) -> Sheet:
    """Return the rows of a sheet."""
    with _reader(where.inside(name)):
        sheet: CalamineSheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return Sheet(iter(()), where)
    left = sheet.start[1]
    merged = [
        ((top, first - left), (bottom, last - left))
        for (top, first), (bottom, last) in sheet.merged_cell_ranges or ()
    ]
    return Sheet(iter(sheet.iter_rows()), where, merged)
