"""Rows as columns of text; a row of another width is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.shape import Cells, Row, is_total
from loyalty_research.study.files.where import Where


@dataclass(slots=True)
class Columns:
    """The columns of a file, its width with trailing columns that have no heading.

    ``blank_rows`` and ``total_rows`` count what was left out before cells were looked at.
    """

    names: list[str]
    width: int
    blank_rows: int = 0
    total_rows: int = 0


def rows_to_table(rows: Sequence[Row], columns: Columns, where: Where) -> pa.Table:
    """Return rows as a table of text; blank ones are counted and left out.

    Raises
    ------
    DataError
        Where a row is shorter than the heading, or has a value where there is no heading.
    """
    kept = [row.cells for row in rows if _fits(row, columns, where)]
    width = len(columns.names)
    if kept:
        arrays = [pa.array(column, pa.string()) for column in zip(*kept, strict=False)][:width]
    else:
        arrays = [pa.array([], pa.string()) for _ in columns.names]
    return pa.table(arrays, names=columns.names)


def _fits(row: Row, columns: Columns, where: Where) -> bool:
    """Tell whether a row holds anything; refuse one that does not fit the heading."""
    cells, width = row.cells, len(columns.names)
    if len(cells) == columns.width == width:
        return True
    if not any(cell.strip() for cell in cells):
        columns.blank_rows += 1
        return False
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        if not is_total(cells):
            raise ragged(row.number, cells, width, where)
        columns.total_rows += 1
        return False
    return True


def ragged(number: int, cells: Cells, width: int, where: Where) -> DataError:
    """Return the error about a row that is shorter or longer than the heading."""
    return DataError(
        problem(
            "{place}: {file}: line {line} has {found} cells, the heading {width}; export the file "
            "anew, with cells that hold a separator or a line break in quotes",
            **where.of,
            line=f"{number:,}",
            found=len(cells),
            width=width,
        )
    )
