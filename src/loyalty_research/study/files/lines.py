"""A stream of UTF-8 by lines, or by blocks that end with a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.where import Where

LONGEST = 64 << 20
"""A record of so many bytes is none: a quote is open, or the file is no table."""
_QUOTE, _NEWLINE, _RETURN = b'"\n\r'


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records as UTF-8, and their number, blank ones with them."""

    content: bytes
    lines: int


class Lines:
    """Lines of a stream, as ``csv.reader`` wants them; what it leaves can be had in blocks."""

    def __init__(self, blocks: Iterator[bytes], where: Where) -> None:
        self._blocks, self._where = blocks, where
        self._buffer, self._at = b"", 0

    def peek(self) -> bytes:
        """Return what comes next, without taking it."""
        if self._at >= len(self._buffer):
            self._fill()
        return self._buffer[self._at :]

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        end = self._buffer.find(b"\n", self._at)
        while end < 0:
            start = len(self._buffer) - self._at
            if not self._fill():
                break
            end = self._buffer.find(b"\n", self._at + start)
        end = len(self._buffer) if end < 0 else end + 1
        if end == self._at:
            raise StopIteration
        line, self._at = self._buffer[self._at : end], end
        return line.decode()

    def _fill(self) -> bool:
        block = next(self._blocks, b"")
        self._buffer, self._at = self._buffer[self._at :] + block, 0
        if len(self._buffer) > LONGEST:
            raise too_long(self._where)
        return bool(block)

    def blocks(self, separator: str) -> Iterator[Block]:
        """Yield what is left as blocks of whole records.

        In each, every quote opens or closes a field. They end before the first block of which this
        is not true; what is left then is to be had by lines.
        """
        sign = ord(separator)
        last = False
        while not last:
            last = not self._fill()
            if not self._buffer:
                return
            content, lines, clean = _cut(self._buffer, sign, last=last)
            if not clean:
                return
            self._at = len(content)
            if content:
                yield Block(content, lines)


def _cut(buffer: bytes, separator: int, *, last: bool) -> tuple[bytes, int, bool]:
    """Return the whole records at the start of a buffer, their number, and whether all is well."""
    values = np.frombuffer(buffer, dtype=np.uint8)
    ends = np.flatnonzero(values == _NEWLINE)
    quotes = np.flatnonzero(values == _QUOTE)
    if len(quotes):
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    size = len(buffer) if last else int(ends[-1]) + 1 if len(ends) else 0
    inside = quotes[quotes < size]
    clean = len(inside) % 2 == 0 and _well_placed(values, inside, separator, size)
    if clean and b"\r" in buffer:
        clean = buffer.count(b"\r", 0, size) == buffer.count(b"\r\n", 0, size)
    open_end = last and size > 0 and buffer[size - 1] != _NEWLINE
    return buffer[:size], len(ends) + int(open_end), clean


def _well_placed(
    values: npt.NDArray[np.uint8], quotes: npt.NDArray[np.int64], separator: int, size: int
) -> bool:
    """Tell whether quotes open after a separator or a line's end, and close before one."""
    if not len(quotes):
        return True
    opening, closing = quotes[::2], quotes[1::2]
    before = np.where(opening > 0, values[opening - 1], _NEWLINE)
    after = np.where(closing + 1 < size, values[np.minimum(closing + 1, size - 1)], _NEWLINE)
    limits = np.array([separator, _NEWLINE, _RETURN], dtype=np.uint8)
    doubled = np.zeros(len(opening), dtype=bool)
    doubled[1:] = opening[1:] == closing[:-1] + 1
    opens = np.isin(before, limits) | doubled
    closes = np.isin(after, limits)
    closes[:-1] |= doubled[1:]
    return bool(opens.all() and closes.all())


def too_long(where: Where) -> DataError:
    """Return the error about a record without an end."""
    return DataError(
        problem(
            "{place}: {file}: a record of more than {most} MB: a quote is never closed, or the "
            "file is no table; export it anew",
            **where.of,
            most=LONGEST >> 20,
        )
    )
