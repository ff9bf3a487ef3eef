"""Open a brand: make its cached tables where they are missing, then put them on an engine."""

from __future__ import annotations

import datetime as dt
import shutil
import weakref
from pathlib import Path

import ibis.expr.types as ir
from ibis.backends import BaseBackend

from loyalty_research.brand import BrandFile, cache_folder, load_brand_file
from loyalty_research.engine import Context, attach_context, connect
from loyalty_research.study.brand import ORDERS_NAME, Brand
from loyalty_research.study.cache import complete_folder, make_private, remove_stale, touch
from loyalty_research.study.fingerprint import brand_fingerprint
from loyalty_research.study.ingest import ingest
from loyalty_research.study.period import Period
from loyalty_research.study.plan import Settings, plans_of_file
from loyalty_research.study.quality import DOCUMENT, Findings, quality_of
from loyalty_research.study.sources import resolve_sources


def open_brand(name: str) -> Brand:
    """Open a brand by name: its tables are read, checked and cached the first time.

    Parameters
    ----------
    name
        Name of a folder in ``data/brands``.

    Returns
    -------
    Brand
        With Ibis tables on an embedded engine.

    Raises
    ------
    BrandFileError
        Where the brand or its file is missing or wrong.
    DataError
        Where a table cannot be used; lists every problem of the first stage that finds one.
    """
    file = load_brand_file(name)
    folder = cache_folder() / "brands" / file.brand / brand_fingerprint(file).key
    if not (folder / DOCUMENT).is_file():
        _fill(file, folder)
    touch(folder)
    return open_folder(folder, name=file.brand, file=file, context=_context(file))


def open_folder(
    folder: Path,
    *,
    name: str,
    file: BrandFile | None,
    context: Context,
    remove_after: bool = False,
) -> Brand:
    """Open canonical tables as :func:`ingest` wrote them.

    Parameters
    ----------
    folder
        Folder that holds them.
    name, file, context
        As in :class:`Brand`.
    remove_after
        Remove the folder when no table of the brand is in use any more.
    """
    findings = Findings.read(folder)
    quality = quality_of(findings, file)
    spill = make_private(cache_folder() / "spill")
    backend = connect(temp_directory=str(spill))
    attach_context(backend, context)
    if remove_after:
        weakref.finalize(backend, shutil.rmtree, folder, ignore_errors=True)
    names = [item.table for item in findings.balance]
    if (folder / f"{ORDERS_NAME}.parquet").is_file():
        names = [ORDERS_NAME, *names]
    tables = {item: _open_table(backend, folder, item) for item in names}
    start, end = (dt.date.fromisoformat(day) for day in findings.period)
    return Brand(
        name=name,
        file=file,
        period=Period(start, end),
        context=context,
        quality=quality,
        tables=tables,
    )


def _open_table(backend: BaseBackend, folder: Path, name: str) -> ir.Table:
    return backend.read_parquet(str(folder / f"{name}.parquet"), table_name=name)


def _fill(file: BrandFile, folder: Path) -> None:
    period = file.period
    settings = Settings(
        timezone=file.timezone,
        public=file.customers.identifiers == "public",
        period=(period.start.isoformat(), period.end.isoformat()) if period else None,
    )
    with complete_folder(folder) as work:
        findings = ingest(resolve_sources(file), plans_of_file(file), settings, work)
        quality_of(findings, file)  # notices that name an unknown fact are refused before caching
    remove_stale(folder)


def _context(file: BrandFile) -> Context:
    customers = file.customers
    return Context(
        brand=file.brand,
        currency=file.currency,
        evidence=file.evidence,
        customer_unit=customers.unit,
        audience_word=customers.audience_word,
        public=customers.identifiers == "public",
        first_purchase_observed=customers.first_purchase_observed,
        provenance=", ".join(source.name for source in file.sources),
        week_start=file.week_start_number,
        definitions=dict(file.definitions),
    )
