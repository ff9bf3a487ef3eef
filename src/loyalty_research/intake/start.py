"""Begin a brand: read its files, draft its brand file, write it, and prove that it works."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ibis.backends import BaseBackend

from loyalty_research.brand import cache_folder, load_brand_file, shown
from loyalty_research.engine import connect
from loyalty_research.errors import (
    BrandFileError,
    DataError,
    LoyaltyError,
    Problem,
    problem,
    raise_all,
)
from loyalty_research.intake.brand_draft import BrandDraft
from loyalty_research.intake.draft import TableDraft, draft_table, with_orders
from loyalty_research.intake.links import linked
from loyalty_research.intake.notes import Words
from loyalty_research.intake.period import coverage
from loyalty_research.intake.proof import Totals, totals_of
from loyalty_research.intake.refusals import no_sale, not_found, unknown_headings
from loyalty_research.intake.request import LINES, ORDERS, Request, check_request, named_sources
from loyalty_research.intake.rows import row_rules
from loyalty_research.intake.source import Source, open_source
from loyalty_research.intake.writing import brand_text
from loyalty_research.study.cache import working_folder
from loyalty_research.study.files import FileOptions, convert, find_sources
from loyalty_research.study.files.parts import disk_space
from loyalty_research.study.progress import Say

_PREVIEW_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Started:
    """A brand, begun.

    Parameters
    ----------
    draft
        What was guessed.
    path
        The brand file; None where nothing was written.
    totals
        What the opened brand comes to; None where it does not open, or was not tried.
    problems
        What is to be corrected before it opens.
    """

    draft: BrandDraft
    path: Path | None = None
    totals: Totals | None = None
    problems: tuple[Problem, ...] = ()


def start_brand(request: Request, words: Words, *, say: Say | None = None) -> Started:
    """Draft a brand file from a brand's files, write it and open the brand.

    Parameters
    ----------
    request
        The brand and its files.
    words
        Words the comments of the brand file.
    say
        Takes the stages of opening the brand; None says nothing.

    Raises
    ------
    ParameterError
        Where what is asked for does not go together.
    BrandFileError
        Where the brand is there already.
    DataError
        Where a file cannot be read, or a required column is in none of its headings.
    """
    check_request(request)
    with disk_space(shown(request.path)), _workshop() as (backend, folder):
        draft = _draft(request, backend, folder)
        if request.preview:
            return Started(draft)
        text = brand_text(draft, words)
    path = _write(request, text)
    return _prove(draft, path, say)


@contextmanager
def _workshop() -> Iterator[tuple[BaseBackend, Path]]:
    """Lend an engine that keeps the order of rows, and a folder; both are gone afterwards."""
    folder = working_folder(cache_folder() / "intake")
    backend = connect(temp_directory=str(folder / "spill"), keep_order=True)
    try:
        yield backend, folder
    finally:
        backend.disconnect()
        shutil.rmtree(folder, ignore_errors=True)


def _draft(request: Request, backend: BaseBackend, folder: Path) -> BrandDraft:
    sources: dict[str, Source] = {}
    wrong: list[Problem] = []
    for name in request.files:
        try:
            sources[name] = _read(request, name, backend, folder)
        except LoyaltyError as error:
            wrong.extend(error.problems)
    wrong += unknown_headings(request.choices.columns, sources)
    raise_all(wrong, DataError)
    tables = _tables(request, sources)
    raise_all(not_found(tables.values()), DataError)
    tables = linked(tables)
    lines = tables.get("transactions")
    if lines is not None:
        lines = replace(lines, rows=row_rules(lines, request.sale_status))
        tables["transactions"] = lines
        raise_all(no_sale(lines), DataError)
    days = coverage(lines) if lines is not None else None
    return BrandDraft(
        brand=request.brand,
        names=request.names,
        currency=request.currency,
        timezone=request.choices.timezone,
        tables=tables,
        coverage=days,
    )


def _read(request: Request, name: str, backend: BaseBackend, folder: Path) -> Source:
    given = named_sources(request.files[name], request.folder)
    place = f"--{name}"
    options = FileOptions(sheets=request.sheets or None)
    files = find_sources(given, folder=request.folder, place=place)
    converted = convert(
        files,
        options,
        place=place,
        target=folder / f"{name}.parquet",
        limit=_PREVIEW_ROWS if request.preview else None,
    )
    written: dict[str, object] = {"sheets": request.sheets} if request.sheets else {}
    return open_source(backend, converted, given=given, options=written)


def _tables(request: Request, sources: dict[str, Source]) -> dict[str, TableDraft]:
    tables: dict[str, TableDraft] = {}
    if ORDERS in sources and LINES in sources:
        lines = draft_table("transactions", sources[LINES], request.choices)
        orders = draft_table("transactions", sources[ORDERS], request.choices)
        tables["transactions"] = with_orders(lines, orders)
    for name, source in sources.items():
        if name not in (ORDERS, LINES):
            tables[name] = draft_table(name, source, request.choices)
    return tables


def _write(request: Request, text: str) -> Path:
    """Write the brand file once it is known to load; what was there is kept beside it."""
    folder, path = request.folder, request.path
    made = not folder.exists()
    fresh = path.with_name(f".{path.stem}.new.yaml")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8", newline="\n")
        load_brand_file(fresh)
        if path.exists():
            path.replace(path.with_name(f"{path.name}.bak"))
        fresh.replace(path)
    except BaseException as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
            if made:
                folder.rmdir()
        if isinstance(error, OSError):
            raise BrandFileError(_not_written(path, error)) from error
        raise
    return path


def _not_written(path: Path, error: OSError) -> Problem:
    return problem(
        "{file}: cannot be written: {reason}; nothing was kept",
        file=shown(path),
        reason=error.strerror or error,
    )


def _prove(draft: BrandDraft, path: Path, say: Say | None) -> Started:
    from loyalty_research.study import open_brand

    try:
        brand = open_brand(draft.brand, say=say)
    except LoyaltyError as error:
        return Started(draft, path, problems=error.problems)
    return Started(draft, path, totals_of(brand))
