"""Source files as one Parquet table each, converted once and kept by content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loyalty_research.brand import cache_folder
from loyalty_research.errors import DataError, Problem, raise_all
from loyalty_research.study.cache import complete_folder, make_private, remove_stale, touch
from loyalty_research.study.files.conversion import convert
from loyalty_research.study.files.options import FileOptions
from loyalty_research.study.fingerprint import file_fingerprint, reader_fingerprint
from loyalty_research.study.progress import Progress
from loyalty_research.study.sources import Files, content_of

_ROWS = "rows.parquet"
_NOTE = "note.json"


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of a table, or of an order-level file, as one Parquet file.

    Parameters
    ----------
    path
        The Parquet file.
    lost_digits
        Columns whose numbers have lost their last digits on the way.
    repeats
        Rows left out because another file holds the same row.
    total_rows
        Rows left out because they are sums of others.
    """

    path: Path
    lost_digits: frozenset[str] = field(default_factory=frozenset)
    repeats: int = 0
    total_rows: int = 0


def converted_sources(files: Mapping[str, Files], progress: Progress) -> dict[str, Source]:
    """Return the rows of every table, converting the files that are not kept yet.

    Raises
    ------
    DataError
        Where a file cannot be read; lists the problems of all tables.
    """
    found: dict[str, Source] = {}
    problems: list[Problem] = []
    for name, item in files.items():
        progress("reading", name)
        try:
            found[name] = _as_typed(item) or _converted(item)
        except DataError as error:
            problems.extend(error.problems)
    raise_all(problems, DataError)
    return found


def _as_typed(files: Files) -> Source | None:
    """Return a single Parquet file as it is: it needs no conversion."""
    only = files.found[0]
    plain = len(files.found) == 1 and files.options == FileOptions()
    if plain and isinstance(only, Path) and only.suffix.lower() == ".parquet":
        return Source(only)
    return None


def _converted(files: Files) -> Source:
    text = f"{content_of(files, file_fingerprint)}\n{reader_fingerprint()}"
    key = hashlib.sha256(text.encode()).hexdigest()[:24]
    folder = make_private(cache_folder() / "files") / key
    if not (folder / _NOTE).is_file():
        with complete_folder(folder) as work:
            _convert(files, work)
        remove_stale(folder)
    touch(folder)
    note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
    lost = frozenset(note["lost_digits"])
    return Source(folder / _ROWS, lost, int(note["repeats"]), int(note["total_rows"]))


def _convert(files: Files, work: Path) -> None:
    made = convert(files.found, files.options, place=files.place, target=work / _ROWS)
    lost = sorted({name for item in made.notes for name in item.lost_digits})
    totals = sum(item.total_rows for item in made.notes)
    note = {"lost_digits": lost, "repeats": made.repeats, "total_rows": totals}
    (work / _NOTE).write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
