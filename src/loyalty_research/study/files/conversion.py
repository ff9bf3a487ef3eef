"""Any file a client sends becomes one Parquet table."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import pyarrow as pa

from loyalty_research.errors import DataError, Problem, problem, raise_all
from loyalty_research.study.files.cells import Tally, tidy
from loyalty_research.study.files.databases import Typed, open_address, open_typed, shown_address
from loyalty_research.study.files.delimited import Delimited
from loyalty_research.study.files.encodings import NotUtf8Error, encoding_of, utf8_blocks
from loyalty_research.study.files.finding import is_address
from loyalty_research.study.files.opening import HEAD, Member, members
from loyalty_research.study.files.options import Converted, FileNote, FileOptions
from loyalty_research.study.files.page import page_rows
from loyalty_research.study.files.parts import (
    Part,
    disk_space,
    number_rows,
    plain,
    write_groups,
)
from loyalty_research.study.files.rows import Columns, rows_to_table
from loyalty_research.study.files.shape import find_shape
from loyalty_research.study.files.sheets import chosen_sheets
from loyalty_research.study.files.stacking import stack
from loyalty_research.study.files.where import Meter, Progress, Where, size_of, unchanged
from loyalty_research.study.files.workbook import Sheet, open_workbook
from loyalty_research.study.files.yogurt import adapted

_UNFINISHED = ".unfinished-"


def convert(
    sources: Sequence[Path | str],
    options: FileOptions,
    *,
    place: str,
    target: Path,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Converted:
    """Write the rows of all sources into one Parquet table and tell what was found.

    Text files and workbooks give text; empty cells are missing. Parquet and databases stay as they
    are typed. Files, sheets and members of archives are stacked by their headings; rows that are
    equal in every column across them are kept as often as in the one that has them most often.

    Parameters
    ----------
    sources
        Files and addresses, as ``find_sources`` gives them.
    options
        What the brand file says about them.
    place
        The key of the brand file, with which every message begins.
    target
        The Parquet file to write, readable by its owner only; replaced where it exists.
    limit
        Only so many of the first rows of each file, and of the table.
    progress
        Called with the bytes read and the bytes there are; None where that is not known.

    Raises
    ------
    DataError
        Where a file cannot be read as it is, or no row is found. Nothing is left behind then.
    """
    files = [source for source in sources if not is_address(source)]
    total = sum(size_of(Path(item)) for item in files) if len(files) == len(sources) else None
    meter = Meter(progress, total)
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix=_UNFINISHED))
    try:
        with disk_space(place):
            bench = _Bench(options, place, work, limit, meter)
            problems: list[Problem] = []
            for source in sources:
                try:
                    bench.read(source)
                except DataError as error:
                    problems.extend(error.problems)
            raise_all(problems, DataError)
            return bench.finish(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


@dataclass(slots=True)
class _Bench:
    """Files on their way into one table."""

    options: FileOptions
    place: str
    work: Path
    limit: int | None
    meter: Meter
    parts: list[Part] = field(default_factory=list)
    notes: list[FileNote] = field(default_factory=list)

    def read(self, source: Path | str) -> None:
        """Write a source's tables as parts."""
        if isinstance(source, str) and is_address(source):
            where = Where(self.place, shown_address(source))
            with open_address(source, self.options.table, where, self.limit) as found:
                self._typed(found, where, None)
            return
        path = Path(source)
        where = Where(self.place, path.name)
        if self.options.adapter is not None:
            self._typed(adapted(self.options.adapter, path, where), where, None)
            return
        with unchanged(path, where), members(path, where, self.meter) as inside:
            for member in inside:
                self._member(member)

    def finish(self, target: Path) -> Converted:
        """Stack the parts, and put the whole in its place."""
        if not any(part.note.rows for part in self.parts):
            raise DataError(
                problem(
                    "{place}: {files}: the table is empty; at least one row is needed",
                    place=self.place,
                    files=", ".join(dict.fromkeys(part.note.file for part in self.parts)),
                )
            )
        stacked = self.work / "stacked.parquet"
        schema, rows, repeats = stack(self.parts, stacked, self.work, limit=self.limit)
        names = schema.names
        if self.options.row_number is not None:
            number_rows(stacked, self.options.row_number, self.parts[0].where)
            names = [*names, self.options.row_number]
        stacked.chmod(0o600)
        stacked.replace(target)
        return Converted(target, tuple(self.notes), tuple(names), rows, repeats)

    def _member(self, member: Member) -> None:
        if member.kind == "text":
            self._text(member)
        elif member.kind == "html":
            self._page(member)
        elif member.kind == "excel":
            with self._seekable(member) as stream:
                self._workbook(stream, member)
        else:
            with (
                self._on_disk(member) as path,
                open_typed(member.kind, path, self.options.table, member.where) as found,
            ):
                self._typed(found, member.where, member.compression)

    def _text(self, member: Member) -> None:
        given = self.options.encoding is not None
        encoding = self._encoding(member)
        base = FileNote(member.where.file, None, "csv", compression=member.compression)
        while True:
            try:
                with member.open() as stream:
                    text = Delimited(
                        stream, encoding, self.options.separator, member.where, given=given
                    )
                    note = replace(base, encoding=encoding, separator=text.separator)
                    self._rows(text, note, member.where)
            except NotUtf8Error:
                encoding = "gb18030"
            else:
                return

    def _encoding(self, member: Member) -> str:
        with member.open() as stream:
            return encoding_of(stream.read(HEAD), self.options.encoding, member.where)

    def _page(self, member: Member) -> None:
        given = self.options.encoding is not None
        encoding = self._encoding(member)
        while True:
            try:
                with member.open() as stream:
                    blocks = utf8_blocks(stream, encoding, member.where, given=given)
                    sheet = Sheet(page_rows(blocks, member.where), member.where)
                    note = FileNote(
                        member.where.file, None, "excel", encoding, None, member.compression
                    )
                    self._rows(sheet, note, member.where)
            except NotUtf8Error:
                encoding = "gb18030"
            else:
                return

    def _workbook(self, stream: IO[bytes], member: Member) -> None:
        book = open_workbook(stream, member.where)
        for name, sheet in chosen_sheets(book, self.options, member.where):
            note = FileNote(member.where.file, name, "excel", compression=member.compression)
            if sheet is None:
                self.notes.append(note)
            else:
                self._rows(sheet, note, member.where.inside(name))

    def _rows(self, source: Delimited | Sheet, note: FileNote, where: Where) -> None:
        shape = find_shape(source.head(), self.options, where)
        if shape is None:
            raise DataError(
                problem("{place}: {file}: is empty; at least one row is needed", **where.of)
            )
        columns, tally = Columns(list(shape.names), shape.width), Tally()
        schema = pa.schema([(name, pa.string()) for name in shape.names])

        def tables() -> Iterator[pa.Table]:
            yield tidy(rows_to_table(shape.data, columns, where), tally)
            for table in source.rest(columns):
                yield tidy(table, tally)

        path = self._next()
        rows = write_groups(path, schema, _first(tables(), self.limit))
        if isinstance(source, Sheet):
            tally.lost |= {shape.names[index] for index in source.lost if index < len(shape.names)}
        note = replace(
            note,
            heading_row=shape.heading_row,
            title_rows=shape.title_rows,
            explanation_rows=shape.explanation_rows + tally.explanation_rows,
            total_rows=tally.total_rows + columns.total_rows,
            blank_rows=shape.blank_rows + tally.blank_rows + columns.blank_rows,
            rows=rows,
            lost_digits=tally.lost_digits(shape.names),
        )
        self._keep(Part(path, schema, note, where))

    def _typed(self, found: Typed, where: Where, compression: str | None) -> None:
        path, schema = self._next(), plain(found.schema)
        tables = (pa.Table.from_batches([batch]).cast(schema) for batch in found.batches)
        rows = write_groups(path, schema, _first(tables, self.limit))
        note = FileNote(where.file, found.table, found.kind, compression=compression, rows=rows)
        self._keep(Part(path, schema, note, where))

    def _keep(self, part: Part) -> None:
        self.parts.append(part)
        self.notes.append(part.note)

    def _next(self) -> Path:
        return self.work / f"{len(self.parts)}.parquet"

    @contextmanager
    def _seekable(self, member: Member) -> Iterator[IO[bytes]]:
        if member.path is not None:
            with member.open() as stream:
                yield stream
            return
        with self._on_disk(member) as path, path.open("rb") as stream:
            yield stream

    @contextmanager
    def _on_disk(self, member: Member) -> Iterator[Path]:
        """Give the file itself, or an unpacked copy of a member, under a name of our own."""
        if member.path is not None:
            yield member.path
            self.meter.add(size_of(member.path))
            return
        copy = self.work / "member"
        with member.open() as stream, copy.open("wb") as out:
            shutil.copyfileobj(stream, out, 1 << 20)
        yield copy
        copy.unlink()


def _first(tables: Iterator[pa.Table], limit: int | None) -> Iterator[pa.Table]:
    """Yield tables up to so many rows."""
    left = limit
    for table in tables:
        yield table if left is None else table.slice(0, left)
        if left is not None:
            left -= table.num_rows
            if left <= 0:
                return
