"""Where a brand's tables come from: the files of each, found, and known by their content.

Needs the standard library and the brand file only.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from loyalty_research.brand import BrandFile, shown
from loyalty_research.brand.schema_tables import FileSpec
from loyalty_research.errors import BrandFileError, DataError, LoyaltyError
from loyalty_research.study.files.finding import find_sources
from loyalty_research.study.files.options import FileOptions
from loyalty_research.study.plan import without_password
from loyalty_research.study.worlds import file_in_world, is_world

ORDERS_OF = "{table}.orders"
"""Name of the order-level file of a table, beside the names of the tables."""
SNAPSHOT_VARIABLE = "LOYALTY_SNAPSHOT"


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a table, and how they are read."""

    place: str
    found: tuple[Path | str, ...]
    options: FileOptions


def files_of(file: BrandFile) -> dict[str, Files]:
    """Return the files of every table of a brand; order-level files as ``transactions.orders``.

    Raises
    ------
    BrandFileError
        Where a source may not be used.
    DataError
        Where files are missing. Either lists the problems of all tables.
    """
    found: dict[str, Files] = {}
    wrong: list[LoyaltyError] = []
    for name, spec in _specs(file):
        place = f"{shown(file.path)}: tables.{name}.source"
        try:
            named = [file_in_world(item) if is_world(item) else item for item in spec.source]
            paths = find_sources(named, folder=file.folder, place=place)
        except LoyaltyError as error:
            wrong.append(error)
        else:
            found[name] = Files(place, tuple(paths), _options(spec))
    if wrong:
        family = next((type(item) for item in wrong if isinstance(item, BrandFileError)), DataError)
        raise family(*(item for error in wrong for item in error.problems))
    return found


def _specs(file: BrandFile) -> Iterator[tuple[str, FileSpec]]:
    for name, spec in file.tables.items():
        yield name, spec
        if spec.orders is not None:
            yield ORDERS_OF.format(table=name), spec.orders


def _options(spec: FileSpec) -> FileOptions:
    return FileOptions(
        encoding=spec.encoding,
        separator=spec.separator,
        sheets=spec.sheets,
        table=spec.table,
        heading_row=spec.heading_row,
        skip_rows=spec.skip_rows,
        row_number=spec.row_number,
        adapter=spec.adapter,
    )


def content_of(files: Files, content: Callable[[Path], str]) -> str:
    """Return what identifies the rows of a table: the contents of its files and how they are read.

    A database has no content to hash: it is read once a day, and anew where ``LOYALTY_SNAPSHOT``
    has another value. Its password is no part of it.

    Parameters
    ----------
    files
        Files of the table.
    content
        Gives the hash of a file.
    """
    parts = [content(item) if isinstance(item, Path) else _state(item) for item in files.found]
    plain = files.options == FileOptions()
    if len(parts) == 1 and plain and isinstance(files.found[0], Path):
        return parts[0]
    options: Mapping[str, object] = dataclasses.asdict(files.options)
    text = "\n".join([*parts, *(f"{name}={value!r}" for name, value in sorted(options.items()))])
    return hashlib.sha256(text.encode()).hexdigest()


def _state(address: str) -> str:
    day = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return f"{without_password(address)} {os.environ.get(SNAPSHOT_VARIABLE, day)}"
