"""Text in any of the usual encodings, as a stream of UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO

import numpy as np
import numpy.typing as npt

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.where import Where

BLOCK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SUPERSETS = {"gbk": "gb18030", "gb2312": "gb18030", "utf-8-sig": "utf-8"}
_EVIDENCE = 12
"""So many bytes of multi-byte UTF-8 do not come about by chance in GB18030."""

_LINE, _RUN = 1 << 16, 12


class NotUtf8Error(Exception):
    """The stream is not UTF-8 after all; nothing before that spoke for UTF-8 either."""


def encoding_of(head: bytes, given: str | None, where: Where) -> str:
    """Return the encoding to begin with: as given, as the mark says, else UTF-8.

    Raises
    ------
    DataError
        Where the one given is none.
    """
    if given is None:
        return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    try:
        found = codecs.lookup(given)
        "".encode(found.name)  # refuses codecs that are no text encodings
    except (LookupError, TypeError, ValueError) as error:
        raise DataError(
            problem(
                "{place}: {file}: encoding: found {found!r}; allowed: {allowed}",
                **where.of,
                found=given,
                allowed="utf-8, gb18030, utf-16, utf-16-le, utf-16-be, big5, cp1252",
            )
        ) from error
    return _SUPERSETS.get(found.name, found.name)


def utf8_blocks(stream: IO[bytes], encoding: str, where: Where, *, given: bool) -> Iterator[bytes]:
    """Yield a text stream as UTF-8 in blocks, which may end within a line.

    Parameters
    ----------
    stream
        From its first byte.
    encoding
        What it is read as.
    given
        Whether the user said so.

    Raises
    ------
    NotUtf8Error
        Where UTF-8 was only tried, and GB18030 should be next.
    DataError
        Where a byte cannot be read, or where encodings are mixed.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    read, extra, first = 0, 0, True
    lines = _Utf8Lines(where) if encoding == "gb18030" and not given else None
    while True:
        block = stream.read(BLOCK)
        read += len(block)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            place = read - len(error.object) + error.start
            extra += _extra(error.object[: error.start])
            if encoding == "utf-8" and not given and extra < _EVIDENCE:
                raise NotUtf8Error from None
            raise _unreadable(where, encoding, place, given) from error
        if lines is not None:
            lines.look(block)
        if first:
            text, first = text.removeprefix("\ufeff"), not text
        if "\0" in text:
            raise _nul(where, encoding)
        encoded = text.encode()
        if encoding == "utf-8":
            extra += len(encoded) - len(text)
        if encoded:
            yield encoded
        if not block:
            return


def _extra(valid: bytes) -> int:
    return len(valid) - len(valid.decode("utf-8", "ignore"))


class _Utf8Lines:
    """Looks for lines of UTF-8 in what is read as GB18030: four Chinese characters in a row."""

    def __init__(self, where: Where) -> None:
        self._where, self._rest, self._read = where, b"", 0

    def look(self, block: bytes) -> None:
        """Refuse a block in which a line is UTF-8 and has several Chinese characters."""
        text = self._rest + block
        for place in _runs(text):
            start = text.rfind(b"\n", 0, place) + 1
            end = text.find(b"\n", place)
            if self._is_utf8(text[start : end if end >= 0 else len(text)]):
                raise _mixed(self._where, self._read + start)
        self._rest = text[text.rfind(b"\n") + 1 :][-_LINE:]
        self._read += len(text) - len(self._rest)

    @staticmethod
    def _is_utf8(line: bytes) -> bool:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return len(line) - len(text) >= _EVIDENCE


def _runs(text: bytes) -> npt.NDArray[np.int64]:
    """Return where four Chinese characters of UTF-8 follow each other, which is rare by chance."""
    values = np.frombuffer(text, dtype=np.uint8)
    if len(values) < _RUN:
        return np.empty(0, dtype=np.int64)
    within = (values & 0xC0) == 0x80
    single = (values[:-2] >= 0xE3) & (values[:-2] <= 0xE9) & within[1:-1] & within[2:]
    double = single[:-3] & single[3:]
    return np.flatnonzero(double[:-6] & double[6:])


def _unreadable(where: Where, encoding: str, place: int, given: bool) -> DataError:
    if encoding == "utf-8" and not given:
        return _mixed(where, place)
    tried = encoding if given or encoding.startswith("utf-16") else f"utf-8, {encoding}"
    return DataError(
        problem(
            "{place}: {file}: byte {offset} cannot be read as {encoding}; export the file anew as "
            "UTF-8, or say encoding: in the brand file",
            **where.of,
            offset=f"{place:,}",
            encoding=tried,
        )
    )


def _mixed(where: Where, place: int) -> DataError:
    return DataError(
        problem(
            "{place}: {file}: mixes encodings: from byte {offset} on it is written in another one "
            "than before; export it anew as UTF-8, or give its parts as files of their own",
            **where.of,
            offset=f"{place:,}",
        )
    )


def _nul(where: Where, encoding: str) -> DataError:
    return DataError(
        problem(
            "{place}: {file}: holds NUL characters when read as {encoding}, so it is no text or in "
            "another encoding; export it anew as UTF-8, or say encoding: utf-16-le",
            **where.of,
            encoding=encoding,
        )
    )
