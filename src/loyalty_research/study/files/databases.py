"""Tables typed where they stand: Parquet, SQLite, DuckDB, and databases by their address."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.shape import check_names
from loyalty_research.study.files.where import Where

_BATCH = 50_000
_SYSTEM = ("sqlite_", "duckdb_", "pg_")
_EXTRAS = {"postgres": "postgres", "postgresql": "postgres"}
_DUCKDB = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "800MB",
    "temp_directory": "",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A table that is typed where it stands."""

    kind: str
    table: str | None
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


@contextmanager
def open_typed(kind: str, path: Path, table: str | None, where: Where) -> Iterator[Typed]:
    """Open a Parquet, SQLite or DuckDB file for reading only.

    Raises
    ------
    DataError
        Where it is damaged, or the table is not there, or not named where there are several.
    """
    opener = {"parquet": _parquet, "sqlite": _sqlite, "duckdb": _duckdb}[kind]
    try:
        with opener(path, table, where) as found:
            check_names(found.schema.names, where)
            yield found
    except (pa.ArrowException, duckdb.Error, sqlite3.Error, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DataError(
            problem(
                "{place}: {file}: cannot be read as {kind}: {reason}",
                **where.of,
                kind={"parquet": "Parquet", "sqlite": "SQLite", "duckdb": "DuckDB"}[kind],
                reason=_first_line(error, path),
            )
        ) from error


def _first_line(error: Exception, path: Path) -> str:
    text = str(error).replace(str(path), path.name).strip()
    return text.splitlines()[0] if text else type(error).__name__


@contextmanager
def _parquet(path: Path, table: str | None, where: Where) -> Iterator[Typed]:  # noqa: ARG001
    with pq.ParquetFile(path) as file:
        yield Typed("parquet", None, file.schema_arrow, file.iter_batches(_BATCH))


@contextmanager
def _duckdb(path: Path, table: str | None, where: Where) -> Iterator[Typed]:
    with duckdb.connect(str(path), read_only=True, config=dict(_DUCKDB)) as connection:
        connection.execute("SET enable_external_access = false")
        found = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
        ).fetchall()
        name = _chosen([row[0] for row in found], table, where)
        query = connection.execute(f"SELECT * FROM {_quoted(name)}")
        reader = query.to_arrow_reader(_BATCH)
        yield Typed("duckdb", name, reader.schema, iter(reader))


@contextmanager
def _sqlite(path: Path, table: str | None, where: Where) -> Iterator[Typed]:
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        found = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
        ).fetchall()
        name = _chosen([row[0] for row in found], table, where)
        schema = _sqlite_schema(connection, name)
        cursor = connection.execute(f"SELECT * FROM {_quoted(name)}")
        yield Typed("sqlite", name, schema, _sqlite_batches(cursor, schema))


def _sqlite_schema(connection: sqlite3.Connection, name: str) -> pa.Schema:
    """Return the types that the values have: SQLite does not hold columns to theirs."""
    names = [item[0] for item in connection.execute(f"SELECT * FROM {_quoted(name)}").description]
    if len(set(names)) < len(names):
        return pa.schema([(item, pa.string()) for item in names])
    counts = ", ".join(
        f"sum(typeof({_quoted(item)}) = '{kind}')"
        for item in names
        for kind in ("text", "blob", "real", "integer")
    )
    row = connection.execute(f"SELECT {counts} FROM {_quoted(name)}").fetchone()
    fields = []
    for index, item in enumerate(names):
        text, blob, real, integer = (count or 0 for count in row[4 * index : 4 * index + 4])
        kind = pa.int64() if integer and not text + blob + real else pa.string()
        fields.append((item, pa.float64() if real and not text + blob else kind))
    return pa.schema(fields)


def _sqlite_batches(cursor: sqlite3.Cursor, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while rows := cursor.fetchmany(_BATCH):
        arrays = [
            pa.array(map(_sqlite_text, column) if field.type == pa.string() else column, field.type)
            for column, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        yield pa.record_batch(arrays, schema=schema)


def _sqlite_text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if value is None or isinstance(value, str) else str(value)


def _chosen(found: Sequence[str], asked: str | None, where: Where) -> str:
    """Return the table asked for, or the only one."""
    tables = sorted(name for name in found if not name.startswith(_SYSTEM))
    if asked in found:
        return str(asked)
    if asked is None and len(tables) == 1:
        return tables[0]
    if asked is None:
        raise DataError(
            problem(
                "{place}: {file}: which table is to be read? say table: in the brand file; it has: "
                "{found}",
                **where.of,
                found=", ".join(tables) or "none",
            )
        )
    near = get_close_matches(asked, tables, n=1)
    raise DataError(
        problem(
            "{place}: {file}: no table {table!r}; it has: {found}{near}",
            **where.of,
            table=asked,
            found=", ".join(tables) or "none",
            near=f"; did you mean {near[0]!r}?" if near else "",
        )
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def shown_address(address: str) -> str:
    """Return the address of a database without password and settings."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    return f"{parts.scheme}://{user + '@' if user else ''}{host}{parts.path}"


@contextmanager
def open_address(
    address: str, table: str | None, where: Where, limit: int | None
) -> Iterator[Typed]:
    """Open a table of a database by its address, as Ibis takes it.

    A password stands in the address or in the driver's own variable, such as ``PGPASSWORD``.

    Raises
    ------
    DataError
        Where the driver is missing, the database does not answer, or has no such table.
    """
    said: Callable[[Exception], str] = lambda error: _without_password(error, address)  # noqa: E731
    try:
        connection = ibis.connect(address)
    except ImportError:
        raise DataError(_no_driver(address, where)) from None
    except Exception as error:  # noqa: BLE001  every driver has errors of its own
        raise DataError(
            problem("{place}: {file}: cannot be opened: {reason}", **where.of, reason=said(error))
        ) from None
    try:
        name = _chosen(connection.list_tables(), table, where)
        rows = connection.table(name)
        rows = rows if limit is None else rows.limit(limit)
        check_names(rows.columns, where)
        reader = _plain(rows).to_pyarrow_batches(chunk_size=_BATCH)
        yield Typed("database", name, reader.schema, iter(reader))
    except (DataError, OSError):
        raise
    except Exception as error:  # noqa: BLE001
        raise DataError(
            problem(
                "{place}: {file}: the table cannot be read: {reason}",
                **where.of,
                reason=said(error),
            )
        ) from None
    finally:
        connection.disconnect()


def _plain(rows: ir.Table) -> ir.Table:
    """Return a table with text in place of types that Parquet does not know."""
    texts = {
        name: rows[name].cast("string") for name, kind in rows.schema().items() if not _known(kind)
    }
    return rows.mutate(**texts) if texts else rows


def _known(kind: dt.DataType) -> bool:
    if kind.is_decimal():
        return kind.precision is not None
    return bool(
        kind.is_numeric()
        or kind.is_boolean()
        or kind.is_string()
        or kind.is_date()
        or kind.is_timestamp()
    )


def _no_driver(address: str, where: Where) -> Any:
    scheme = urlsplit(address).scheme
    extra = _EXTRAS.get(scheme)
    install = f"loyalty-research[{extra}]" if extra else f"ibis-framework[{scheme}]"
    return problem(
        "{place}: {file}: the driver for {scheme} is not installed; install it with "
        "`python -m pip install '{install}'`",
        **where.of,
        scheme=scheme,
        install=install,
    )


def _without_password(error: Exception, address: str) -> str:
    """Return the first line of a driver's message, with neither address nor password in it."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    text = text.replace(address, shown_address(address))
    password = urlsplit(address).netloc.rpartition("@")[0].partition(":")[2]
    for secret in (password, unquote(password)):
        if secret:
            text = text.replace(secret, "***")
    return text
