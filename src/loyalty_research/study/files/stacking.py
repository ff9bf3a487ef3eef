"""Stack parts into one table, without the rows that stand in two of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loyalty_research.engine import connect
from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.parts import GROUP_ROWS, Part, write_groups

_SHARED = 0.5
Rows = npt.NDArray[np.int64]


def stacked_schema(parts: Sequence[Part]) -> pa.Schema:
    """Return the columns of all parts, in the order in which they are first seen.

    A column that is typed differently in two parts becomes a wide integer where both are integers,
    else text.

    Raises
    ------
    DataError
        Where a part shares less than half of its columns, or of the first one's, with the first.
    """
    first = parts[0]
    types: dict[str, pa.DataType] = {}
    for part in parts:
        _check_shared(first, part)
        for item in part.schema:
            types[item.name] = _common(types.get(item.name), item.type)
    return pa.schema(list(types.items()))


def _common(one: pa.DataType | None, other: pa.DataType) -> pa.DataType:
    if one is None or one == other or pa.types.is_null(one):
        return other
    if pa.types.is_null(other):
        return one
    integers = pa.types.is_integer(one) and pa.types.is_integer(other)
    return pa.int64() if integers else pa.string()


def _check_shared(first: Part, part: Part) -> None:
    one, other = first.schema.names, part.schema.names
    shared = len(set(one) & set(other))
    if shared < _SHARED * min(len(one), len(other)):
        raise DataError(
            problem(
                "{place}: {file} has other columns than {first} and is no part of the same table: "
                "{columns}, not {expected}; give it as a table of its own",
                place=part.where.place,
                file=part.where.file,
                first=first.where.file,
                columns=_listed(other),
                expected=_listed(one),
            )
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")


def stack(
    parts: Sequence[Part], target: Path, work: Path, *, limit: int | None = None
) -> tuple[pa.Schema, int, int]:
    """Write the rows of all parts as one table; return its schema, its rows and the repeats.

    A row stands as often as in the file that has it most often: what two files share is there once.
    """
    schema = stacked_schema(parts)
    if len(parts) == 1 and limit is None:
        parts[0].path.replace(target)
        return schema, parts[0].note.rows, 0
    repeats = Repeats(parts, schema, work) if len(parts) > 1 else None
    found = 0

    def tables() -> Iterator[pa.Table]:
        nonlocal found
        left = limit
        for index, part in enumerate(parts):
            dropped = repeats.lines(index) if repeats else np.empty(0, dtype=np.int64)
            found += len(dropped)
            for table in _kept(part, schema, dropped):
                cut = table if left is None else table.slice(0, left)
                left = None if left is None else left - cut.num_rows
                yield cut

    try:
        rows = write_groups(target, schema, tables())
    finally:
        if repeats:
            repeats.close()
    return schema, rows, found


def _kept(part: Part, schema: pa.Schema, dropped: Rows) -> Iterator[pa.Table]:
    """Yield the rows of a part that stay, with the columns of the whole."""
    start = 0
    with pq.ParquetFile(part.path) as file:
        for batch in file.iter_batches(GROUP_ROWS):
            size = batch.num_rows
            here = dropped[np.searchsorted(dropped, start) : np.searchsorted(dropped, start + size)]
            table = pa.Table.from_batches([batch])
            if len(here):
                keep = np.ones(size, dtype=bool)
                keep[here - start] = False
                table = table.filter(pa.array(keep))
            start += size
            yield pa.table([_column(table, item) for item in schema], schema=schema)


def _column(table: pa.Table, item: pa.Field) -> pa.ChunkedArray:
    if item.name not in table.column_names:
        return pa.nulls(table.num_rows, item.type)
    return pc.cast(table[item.name], item.type)


class Repeats:
    """The rows that stand in more than one part, found by the engine, which spills to disk."""

    def __init__(self, parts: Sequence[Part], schema: pa.Schema, work: Path) -> None:
        self._backend = connect(temp_directory=str(work / "spill"))
        self._sql = self._backend.con
        every = " UNION ALL ".join(
            _selected(index, part, schema) for index, part in enumerate(parts)
        )
        cells = ", ".join(f"c{index}" for index in range(len(schema)))
        self._sql.execute(f"CREATE VIEW every AS {every}")
        self._sql.execute(
            f"""CREATE TEMP TABLE shared AS SELECT mark FROM (
                SELECT DISTINCT hash({cells}) AS mark, file FROM every
            ) GROUP BY mark HAVING count(*) > 1"""
        )
        self._sql.execute(
            f"""CREATE TEMP TABLE dropped AS SELECT file, line FROM (
                SELECT file, line, row_number() OVER (
                    PARTITION BY time, {cells} ORDER BY file
                ) AS copy FROM (
                    SELECT *, row_number() OVER (PARTITION BY file, {cells} ORDER BY line) AS time
                    FROM every WHERE hash({cells}) IN (SELECT mark FROM shared)
                )
            ) WHERE copy > 1"""
        )

    def lines(self, index: int) -> Rows:
        """Return the rows of a part to leave out, counted from 0, in order."""
        query = self._sql.execute("SELECT line FROM dropped WHERE file = ? ORDER BY line", [index])
        return np.asarray(query.fetchnumpy()["line"], dtype=np.int64)

    def close(self) -> None:
        """Give back memory and spilled files."""
        self._backend.disconnect()


def _selected(index: int, part: Part, schema: pa.Schema) -> str:
    own = {item.name: item.type for item in part.schema}
    cells = []
    for number, item in enumerate(schema):
        name = '"' + item.name.replace('"', '""') + '"'
        if item.name not in own:
            cells.append(f"NULL AS c{number}")
        elif own[item.name] != item.type and pa.types.is_string(item.type):
            cells.append(f"CAST({name} AS VARCHAR) AS c{number}")
        else:
            cells.append(f"{name} AS c{number}")
    path = str(part.path).replace("'", "''")
    return (
        f"SELECT {', '.join(cells)}, {index} AS file, file_row_number AS line "
        f"FROM read_parquet('{path}', file_row_number = true)"
    )
