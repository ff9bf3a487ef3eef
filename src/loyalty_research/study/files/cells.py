"""Clean columns of text, and leave out the rows that are no data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from loyalty_research.study.files.shape import TOTAL

_WRAPPED = r'^="(.*)"$'
_SCIENTIFIC = r"^-?\d(\.\d+)?E\+(1[1-9]|[2-9]\d)$"
_CONTROLS = bytes(sign for sign in (*range(32), 127) if sign not in b"\t\n\r")
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
"""Signs that mean nothing in a table, and that no page or office file may hold."""
_DIGITS_KEPT = 15
_LONG_DIGITS = r"^\d{16,}$"
_ZEROS = r"^\d{15}0+$"
_ENOUGH = 3
_TOTAL_SIGNS = tuple(sign.encode() for sign in ("计", "共", "total"))
_UNUSUAL_SPACES = tuple(sign.encode() for sign in "\u3000\xa0\n\r\v\f\u2028\u2029\u2003\u2002")


@dataclass(slots=True)
class Tally:
    """What was left out of one file or sheet so far, and what Excel has done to its numbers."""

    rows: int = 0
    blank_rows: int = 0
    total_rows: int = 0
    explanation_rows: int = 0
    lost: set[str] = field(default_factory=set)
    padded: Counter[str] = field(default_factory=Counter)
    exact: set[str] = field(default_factory=set)

    def lost_digits(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the headings whose numbers have lost digits, in their order.

        Numbers of 16 digits and more that all end in zeros after the fifteenth count as lost.
        """
        zeros = {name for name, count in self.padded.items() if count >= _ENOUGH}
        return tuple(name for name in names if name in self.lost | (zeros - self.exact))


def tidy(table: pa.Table, tally: Tally) -> pa.Table:
    """Return rows of data: cells without wrappers, empty ones missing, totals left out."""
    columns = [_clean(column) for column in table.columns]
    leading = pc.coalesce(*columns) if len(columns) > 1 else columns[0]
    blank = pc.is_null(leading)
    total = _totals(leading)
    heads = _repeats_heading(table.column_names, columns)
    drop = pc.or_(pc.or_(blank, total), heads)
    table = pa.table(columns, names=table.column_names)
    tally.blank_rows += _count(blank)
    tally.total_rows += _count(total)
    tally.explanation_rows += _count(heads)
    if _count(drop):
        table = table.filter(pc.invert(drop))
    tally.rows += table.num_rows
    _look_for_lost_digits(table, tally)
    return table


def _count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)


def _any(mask: pa.ChunkedArray) -> bool:
    return bool(pc.any(mask).as_py())


def _bytes(column: pa.ChunkedArray) -> bytes:
    """Return the text of a column at once, to see quickly what it does not hold."""
    buffers = (chunk.buffers()[2] for chunk in column.chunks)
    return b"".join(buffer.to_pybytes() for buffer in buffers if buffer is not None)


def _totals(leading: pa.ChunkedArray) -> pa.ChunkedArray:
    text = _bytes(leading).lower()
    if not any(sign in text for sign in _TOTAL_SIGNS):
        return pa.chunked_array([pa.repeat(False, len(leading))])
    return pc.fill_null(pc.match_substring_regex(leading, TOTAL), False)


def _clean(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Take wrappers off the cells of a column; cells without a character are missing."""
    text = _bytes(column)
    if len(text.translate(None, _CONTROLS)) < len(text):
        column = pc.replace_substring_regex(column, _CONTROL, "")
    if b"\t" in text:
        column = pc.utf8_trim(column, "\t")
    if b'="' in text:
        column = pc.replace_substring_regex(column, _WRAPPED, r"\1")
    if b"'" in text:
        marked = pc.starts_with(column, "'")
        column = pc.if_else(marked, pc.utf8_slice_codeunits(column, 1), column)
    shown = pc.utf8_trim_whitespace(column) if _may_be_blank(column, text) else column
    empty = pc.equal(shown, "")
    return pc.if_else(empty, pa.scalar(None, column.type), column) if _any(empty) else column


def _may_be_blank(column: pa.ChunkedArray, text: bytes) -> bool:
    if any(sign in text for sign in _UNUSUAL_SPACES):
        return True
    return b" " in text and _any(pc.starts_with(column, " "))


def _repeats_heading(names: Sequence[str], columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    same = pc.and_(pc.fill_null(pc.equal(columns[0], names[0]), False), len(names) > 1)
    for name, column in zip(names[1:], columns[1:], strict=True):
        if not _any(same):
            break
        same = pc.and_(same, pc.fill_null(pc.equal(column, name), False))
    return same


def _look_for_lost_digits(table: pa.Table, tally: Tally) -> None:
    for name, column in zip(table.column_names, table.columns, strict=True):
        possible = name not in tally.lost and b"E+" in _bytes(column)
        if possible and _any(pc.match_substring_regex(column, _SCIENTIFIC)):
            tally.lost.add(name)
        if name not in tally.exact:
            _look_for_zeros(name, column, tally)


def _look_for_zeros(name: str, column: pa.ChunkedArray, tally: Tally) -> None:
    long = column.filter(pc.greater(pc.binary_length(column), _DIGITS_KEPT))
    numbers = long.filter(pc.match_substring_regex(long, _LONG_DIGITS))
    if not len(numbers):
        return
    padded = _count(pc.match_substring_regex(numbers, _ZEROS))
    tally.padded[name] += padded
    if padded < len(numbers):
        tally.exact.add(name)
