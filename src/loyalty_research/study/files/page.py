"""Rows of the table of a web page: some systems export one under the name of a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.where import Where


class _Tables(HTMLParser):
    """Rows of every table of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[Any]]] = []
        self._open: list[int] = []
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
            self._open.append(len(self.tables) - 1)
        elif self._open and tag == "tr":
            self._close_cell()
            self.tables[self._open[-1]].append([])
        elif self._open and tag in ("td", "th"):
            self._close_cell()
            span = dict(attrs).get("colspan") or "1"
            self._cell, self._span = [], min(int(span), 1000) if span.isdigit() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close_cell()
        if tag == "table" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _close_cell(self) -> None:
        if self._cell is None:
            return
        table = self.tables[self._open[-1]] if self._open else []
        if not table:
            table.append([])
        table[-1].append("".join(self._cell).strip())
        table[-1].extend([""] * (self._span - 1))
        self._cell = None


def page_rows(blocks: Iterator[bytes], where: Where) -> Iterator[list[Any]]:
    """Yield the rows of the largest table of a web page, given as UTF-8."""
    parser = _Tables()
    rest = b""
    for block in blocks:
        end = (rest + block).rfind(b">") + 1
        text, rest = (rest + block)[:end], (rest + block)[end:]
        parser.feed(text.decode("utf-8"))
    parser.feed(rest.decode("utf-8"))
    parser.close()
    largest = max(parser.tables, key=len, default=[])
    if not largest:
        raise DataError(
            problem(
                "{place}: {file}: is a web page without a table; open it in Excel and save it as "
                ".xlsx, or export it as CSV",
                **where.of,
            )
        )
    width = max(len(row) for row in largest)
    return (row + [""] * (width - len(row)) for row in largest)
