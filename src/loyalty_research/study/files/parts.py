"""Write tables as Parquet in row groups of bounded size."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.options import FileNote
from loyalty_research.study.files.where import Where

GROUP_ROWS = 100_000
_GROUP_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One file or sheet as Parquet."""

    path: Path
    schema: pa.Schema
    note: FileNote
    where: Where


@contextmanager
def disk_space(place: str) -> Iterator[None]:
    """Say that the disk, or the memory the engine may take, is full where it is."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or "No space left" in str(error):
            raise DataError(
                problem(
                    "{place}: the disk is full; nothing was kept; make room, or set LOYALTY_CACHE "
                    "to a folder on another disk",
                    place=place,
                )
            ) from error
        if isinstance(error, duckdb.OutOfMemoryException):
            raise DataError(
                problem(
                    "{place}: the engine needs more memory; set LOYALTY_MEMORY to more, such as "
                    "4GB",
                    place=place,
                )
            ) from error
        raise


def write_groups(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> int:
    """Write tables of one schema as Parquet in row groups of bounded size; return the rows."""
    rows, held, waiting = 0, 0, [schema.empty_table()]
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for table in tables:
            waiting.append(table)
            held += table.nbytes
            if sum(item.num_rows for item in waiting) >= GROUP_ROWS or held >= _GROUP_BYTES:
                rows += _write(writer, waiting)
                held, waiting = 0, []
        if waiting:
            rows += _write(writer, waiting)
    return rows


def _write(writer: pq.ParquetWriter, tables: Sequence[pa.Table]) -> int:
    table = pa.concat_tables(tables)
    if table.num_rows:
        writer.write_table(table, row_group_size=2 * GROUP_ROWS)
    return int(table.num_rows)


def number_rows(path: Path, name: str, where: Where) -> None:
    """Add a column to a Parquet file that counts its rows from 1.

    Raises
    ------
    DataError
        Where there is a column of that name.
    """
    numbered = path.with_suffix(".numbered")
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        if name in schema.names:
            raise DataError(
                problem(
                    "{place}: row_number: {file} has a column {name!r} already; allowed: another "
                    "name",
                    **where.of,
                    name=name,
                )
            )
        whole = schema.append(pa.field(name, pa.int64()))
        write_groups(numbered, whole, _numbered(file, whole))
    numbered.replace(path)


def _numbered(file: pq.ParquetFile, schema: pa.Schema) -> Iterator[pa.Table]:
    start = 1
    for batch in file.iter_batches(GROUP_ROWS):
        numbers = pa.array(range(start, start + batch.num_rows), pa.int64())
        start += batch.num_rows
        yield pa.table([*batch.columns, numbers], schema=schema)


def plain(schema: pa.Schema) -> pa.Schema:
    """Return a schema without dictionaries and notes of other programs."""
    return pa.schema(
        [
            (item.name, item.type.value_type if pa.types.is_dictionary(item.type) else item.type)
            for item in schema
        ]
    )
