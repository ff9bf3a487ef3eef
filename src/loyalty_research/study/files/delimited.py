"""Rows of separated text: the plain way is fast, the careful way says which line is wrong."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO

import pyarrow as pa
import pyarrow.csv

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.encodings import utf8_blocks
from loyalty_research.study.files.lines import LONGEST, Lines
from loyalty_research.study.files.rows import Columns, rows_to_table
from loyalty_research.study.files.shape import HEAD_ROWS, Row
from loyalty_research.study.files.where import Where

SEPARATORS = (",", ";", "\t", "|")
BLANK = " "
"""Separates by any number of blanks; only where the brand file says so."""
_SAMPLE = 1 << 18
_BATCH = 20_000


class Delimited:
    """A text file on its way: the first rows, then the rest as tables of text."""

    def __init__(
        self, stream: IO[bytes], encoding: str, separator: str | None, where: Where, *, given: bool
    ) -> None:
        self.where = where
        self._lines = Lines(utf8_blocks(stream, encoding, where, given=given), where)
        self._number = 1
        sample = self._lines.peek()[:_SAMPLE].decode("utf-8", "ignore")
        sample = sample[: sample.rfind("\n") + 1] or sample
        self.separator = separator or find_separator(sample)
        csv.field_size_limit(LONGEST)

    def head(self, count: int = HEAD_ROWS) -> list[Row]:
        """Return the first rows."""
        return list(itertools.islice(self._rows(self._lines), count))

    def rest(self, columns: Columns) -> Iterator[pa.Table]:
        """Yield what follows the head."""
        for block in self._lines.blocks(self.separator):
            yield self._fast(block.content, block.lines, columns)
        rows = self._rows(self._lines)
        while batch := list(itertools.islice(rows, _BATCH)):
            yield rows_to_table(batch, columns, self.where)

    def _rows(self, lines: Iterable[str]) -> Iterator[Row]:
        first = self._number
        reader = csv.reader(
            lines, delimiter=self.separator, skipinitialspace=self.separator == BLANK, strict=True
        )
        start = first
        try:
            for cells in reader:
                row = Row(start, cells)
                start = self._number = first + reader.line_num
                yield row
        except csv.Error as error:
            raise _broken(error, start, self.where) from error

    def _fast(self, content: bytes, lines: int, columns: Columns) -> pa.Table:
        """Read whole records at once; anything unusual is left to the careful reader."""
        table = None if self.separator == BLANK else _parsed(content, self.separator, columns)
        if table is None:
            rows = list(self._rows(io.StringIO(content.decode(), newline="")))
            return rows_to_table(rows, columns, self.where)
        columns.blank_rows += lines - table.num_rows
        self._number += content.count(b"\n")
        return table


def _parsed(content: bytes, separator: str, columns: Columns) -> pa.Table | None:
    """Return whole records as a table; None where one does not fit the heading."""
    names = [str(index) for index in range(columns.width)]
    parsing = {"quote_char": '"' if b'"' in content else False, "newlines_in_values": True}
    converting = {"strings_can_be_null": True, "null_values": [""]}
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(content),
            read_options=pyarrow.csv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(content) + 1
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=separator, **parsing),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), **converting
            ),
        )
    except pa.ArrowInvalid:
        return None
    width = len(columns.names)
    if any(column.null_count < len(column) for column in table.columns[width:]):
        return None
    return table.select(range(width)).rename_columns(columns.names)


def find_separator(sample: str) -> str:
    """Return the separator that cuts most rows into the same number of cells, more than one."""
    if sample.startswith("sep=") and sample[4:5] in SEPARATORS:
        return sample[4]
    scores = {separator: _score(sample, separator) for separator in SEPARATORS}
    return max(SEPARATORS, key=lambda separator: scores[separator])


def _score(sample: str, separator: str) -> tuple[float, int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    widths: list[int] = []
    with contextlib.suppress(csv.Error):
        widths.extend(len(row) for row in itertools.islice(reader, HEAD_ROWS) if row)
    several = Counter(width for width in widths if width > 1)
    if not several:
        return 0.0, 0
    width, count = max(several.items(), key=lambda item: (item[1], item[0]))
    return count / len(widths), width


def _broken(error: csv.Error, line: int, where: Where) -> DataError:
    return DataError(
        problem(
            "{place}: {file}: the record that begins in line {line} cannot be read ({reason}): a "
            "quote is never closed, or stands inside a field without being doubled; export the "
            "file anew",
            **where.of,
            line=f"{line:,}",
            reason=error,
        )
    )
