"""Open a file by what its first bytes say, never by its ending: text, workbook, table, archive."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.unpacking import (
    BOMB_BYTES,
    BOMB_RATIO,
    BROKEN,
    SPOOL,
    Checked,
    counted,
    damaged,
    protected,
    too_dense,
)
from loyalty_research.study.files.where import Meter, Where

HEAD = 4096
MOST_MEMBERS = 10_000

_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"%PDF", "PDF"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
ARCHIVES = ("gzip", "zstd", "zip")
FOREIGN = ("PDF", "7z", "RAR", "bzip2", "xz", "PNG", "JPEG")
_MARKUP = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<body", b"<style", b"<div")
_SPREADSHEET_XML = b"urn:schemas-microsoft-com:office:spreadsheet"


@dataclass(frozen=True, slots=True)
class Member:
    """A file, or a file inside an archive: what it is, and how it is opened anew."""

    where: Where
    kind: str
    compression: str | None
    path: Path | None
    open: Callable[[], IO[bytes]]


def kind_of(head: bytes) -> str:
    """Return what the first bytes of a file say it is; ``text`` where they say nothing."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[8:12] == b"DUCK":
        return "duckdb"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_MARKUP):
        return "html"
    if start.startswith(b"<?xml"):
        return "spreadsheet XML" if _SPREADSHEET_XML in start else "html"
    return "text"


@contextmanager
def members(path: Path, where: Where, meter: Meter) -> Iterator[list[Member]]:
    """Give what a file holds: itself, or the members of an archive, in the order of their names.

    Raises
    ------
    DataError
        Where it cannot be opened, is empty, or is an archive that cannot be trusted.
    """
    if path.is_dir():
        raise DataError(problem("{place}: {file}: is a folder; allowed: a file", **where.of))
    try:
        with path.open("rb") as raw:
            head = raw.read(HEAD)
    except OSError as error:
        raise DataError(
            problem(
                "{place}: {file}: cannot be opened: {reason}",
                **where.of,
                reason=error.strerror or type(error).__name__,
            )
        ) from error
    if not head:
        raise DataError(
            problem("{place}: {file}: is empty; at least one row is needed", **where.of)
        )
    kind = kind_of(head)
    if kind == "zip" and not _is_workbook(path, where):
        with _archive(path, where) as archive:
            yield _zipped(archive, path, where, meter)
        return
    if kind in ("gzip", "zstd"):
        yield [_compressed(kind, path, where, meter)]
        return
    kind = "excel" if kind == "zip" else kind
    yield [Member(where, _usable(kind, where), None, path, lambda: counted(path, meter))]


def _usable(kind: str, where: Where) -> str:
    if kind in FOREIGN or kind in ARCHIVES:
        raise DataError(
            problem(
                "{place}: {file}: is {kind}; allowed: CSV or other separated text, Excel, Parquet, "
                "SQLite or DuckDB, also compressed as .gz, .zst or .zip; unpack or export it anew",
                **where.of,
                kind=kind,
            )
        )
    if kind == "spreadsheet XML":
        raise DataError(
            problem(
                "{place}: {file}: is an XML spreadsheet of 2003; open it in Excel and save it as "
                ".xlsx",
                **where.of,
            )
        )
    return kind


def _is_workbook(path: Path, where: Where) -> bool:
    with _archive(path, where) as archive:
        names = set(archive.namelist())
    return "[Content_Types].xml" in names or "META-INF/manifest.xml" in names


@contextmanager
def _archive(path: Path, where: Where) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (*BROKEN, OSError, ValueError) as error:
        raise damaged(where, error) from error
    with archive:
        _check_sizes(archive, path, where)
        yield archive


def _check_sizes(archive: zipfile.ZipFile, path: Path, where: Where) -> None:
    """Refuse archives whose members are encrypted, or far larger than the archive explains."""
    entries = archive.infolist()
    if any(item.flag_bits & 1 for item in entries):
        raise protected(where)
    declared = sum(item.file_size for item in entries)
    packed = path.stat().st_size
    if len(entries) > MOST_MEMBERS or (declared > BOMB_BYTES and declared > BOMB_RATIO * packed):
        raise too_dense(where)


def _zipped(archive: zipfile.ZipFile, path: Path, where: Where, meter: Meter) -> list[Member]:
    entries = sorted(
        (item for item in archive.infolist() if not item.is_dir() and not _litter(item.filename)),
        key=lambda item: item.filename,
    )
    if not entries:
        raise DataError(
            problem(
                "{place}: {file}: the archive holds no file; at least one is needed", **where.of
            )
        )
    total, size = sum(item.compress_size for item in entries) or 1, path.stat().st_size
    found = []
    for item in entries:
        inside = where.inside(_name(item))

        def opened(item: zipfile.ZipInfo = item, inside: Where = inside) -> IO[bytes]:
            packed = Checked(lambda: archive.open(item), inside, limit=item.file_size)
            meter.add(size * item.compress_size // total)
            return io.BufferedReader(packed, SPOOL)

        with opened() as stream:
            head = stream.read(HEAD)
        if not head:
            raise DataError(
                problem("{place}: {file}: is empty; at least one row is needed", **inside.of)
            )
        kind = _inner_kind(kind_of(head), archive, item, inside)
        found.append(Member(inside, _usable(kind, inside), "zip", None, opened))
    return found


def _inner_kind(kind: str, archive: zipfile.ZipFile, item: zipfile.ZipInfo, where: Where) -> str:
    """Tell a workbook from an archive inside the archive."""
    if kind != "zip":
        return kind
    with archive.open(item) as stream:
        try:
            with zipfile.ZipFile(stream) as inner:
                names = set(inner.namelist())
        except (*BROKEN, OSError, ValueError) as error:
            raise damaged(where, error) from error
    return "excel" if "[Content_Types].xml" in names else kind


def _litter(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1].startswith((".", "~$"))


def _name(item: zipfile.ZipInfo) -> str:
    """Return the name of a member; Chinese Windows writes it in GBK without saying so."""
    if item.flag_bits & 0x800:
        return item.filename
    try:
        return item.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return item.filename


def _compressed(kind: str, path: Path, where: Where, meter: Meter) -> Member:
    def opened() -> IO[bytes]:
        raw = counted(path, meter)
        inner = (
            (lambda: gzip.GzipFile(fileobj=raw, mode="rb"))
            if kind == "gzip"
            else (lambda: pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd"))
        )
        checked = Checked(inner, where, packed=path.stat().st_size, below=raw)
        return io.BufferedReader(checked, SPOOL)

    with opened() as stream:
        head = stream.read(HEAD)
    if not head:
        raise DataError(
            problem("{place}: {file}: is empty; at least one row is needed", **where.of)
        )
    return Member(where, _usable(kind_of(head), where), kind, None, opened)
