"""What is asked of a file, and what was found in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What a brand file says about a source; None is found out from the file itself.

    Parameters
    ----------
    encoding, separator
        Of text files.
    sheets
        Of a workbook; None for all visible ones with the heading of the first.
    table
        Of a database.
    heading_row
        Row of the headings, counted from 1; what stands above is a title.
    skip_rows
        Rows that hold no data, counted from 1 in the file.
    row_number
        Name of a column to add that counts the rows of the table from 1.
    adapter
        Name of what reads the file, where it has a shape of its own.
    """

    encoding: str | None = None
    separator: str | None = None
    sheets: tuple[str, ...] | None = None
    table: str | None = None
    heading_row: int | None = None
    skip_rows: tuple[int, ...] = ()
    row_number: str | None = None
    adapter: str | None = None


@dataclass(frozen=True, slots=True)
class FileNote:
    """What was found in one file or sheet, and what was left out.

    Parameters
    ----------
    file, sheet
        Name of the file, with the member of an archive; of the sheet or table.
    kind
        ``csv``, ``excel``, ``parquet``, ``duckdb``, ``sqlite`` or ``database``.
    encoding, separator, compression
        As found; None where the kind has none.
    heading_row
        Row of the headings, counted from 1; None where the source is typed.
    title_rows, explanation_rows, total_rows, blank_rows
        Rows left out: above the heading, explaining it, sums, without any value.
    rows
        Rows of data.
    lost_digits
        Headings whose numbers Excel has cut to 15 digits: they identify nothing.
    """

    file: str
    sheet: str | None
    kind: str
    encoding: str | None = None
    separator: str | None = None
    compression: str | None = None
    heading_row: int | None = None
    title_rows: int = 0
    explanation_rows: int = 0
    total_rows: int = 0
    blank_rows: int = 0
    rows: int = 0
    lost_digits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Converted:
    """One Parquet table made of one or more files.

    Parameters
    ----------
    path
        The Parquet file.
    notes
        One a file or sheet, in the order in which they are stacked.
    columns
        Headings, in the order in which they were first seen.
    rows
        Rows of the table.
    repeats
        Rows left out because another file holds the same row.
    """

    path: Path
    notes: tuple[FileNote, ...]
    columns: tuple[str, ...]
    rows: int
    repeats: int
