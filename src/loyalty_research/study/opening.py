"""Open a brand: make its cached tables where they are missing, then put them on an engine."""

from __future__ import annotations

import datetime as dt
import shutil
import weakref
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
from ibis.backends import BaseBackend

from loyalty_research.brand import BrandFile, cache_folder
from loyalty_research.brand.schema import PeriodSpec
from loyalty_research.engine import Context, attach_context, connect
from loyalty_research.study.brand import ORDERS_NAME, Brand
from loyalty_research.study.cache import (
    complete_folder,
    make_private,
    remove_spilled,
    remove_stale,
    touch,
)
from loyalty_research.study.conversion import converted_sources
from loyalty_research.study.fingerprint import brand_fingerprint
from loyalty_research.study.ingest import CUSTOMER_IDS, ORDERS_COMPARED, ingest
from loyalty_research.study.period import as_compare, as_period
from loyalty_research.study.plan import Settings, plans_of_file
from loyalty_research.study.progress import Patient, Progress, Say, silent
from loyalty_research.study.quality import DOCUMENT, Findings, quality_of
from loyalty_research.study.sources import files_of
from loyalty_research.study.worlds import brand_file


def open_brand(
    name: str, *, period: Any = None, compare: Any = None, say: Say | None = None
) -> Brand:
    """Open a brand by name: its tables are read, checked and cached the first time.

    Parameters
    ----------
    name
        Name of a folder in ``data/brands``, or a simulated world, such as ``world:bakery`` or
        ``world:bakery?seed=7&customers=20000``.
    period
        In place of the brand file's: ``"2024"``, ``"2024-01..2024-06"``,
        ``"2024-01-15..2024-02-14"``, or (first day, last day).
    compare
        In place of the brand file's: ``none``, ``previous``, ``last_year``, or a period.
    say
        Takes the stage and the table of work that takes more than a moment; None says nothing.

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
    ParameterError
        Where ``period`` or ``compare`` cannot be read.
    """
    file = brand_file(name)
    key = brand_fingerprint(file, period=period, compare=compare).key
    folder = cache_folder() / "brands" / file.brand / key
    if not (folder / DOCUMENT).is_file():
        settings = _settings(file, period, compare)
        if say is None:
            _fill(file, folder, settings, silent)
        else:
            with Patient(say) as progress:
                _fill(file, folder, settings, progress)
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
    remove_spilled(spill)
    backend = connect(temp_directory=str(spill))
    attach_context(backend, context)
    if remove_after:
        weakref.finalize(backend, shutil.rmtree, folder, ignore_errors=True)
    names = [item.table for item in findings.balance]
    if (folder / f"{ORDERS_NAME}.parquet").is_file():
        names = [ORDERS_NAME, *names]
    tables = {item: _open_table(backend, folder, item) for item in names}
    if (folder / f"{CUSTOMER_IDS}.parquet").is_file():
        _open_table(backend, folder, CUSTOMER_IDS)  # no table of the brand: for exports of persons
    other = findings.compared
    return Brand(
        name=name,
        file=file,
        period=as_period(findings.period),
        compare=None if other is None else as_period(other),
        orders_compared=None if other is None else _open_table(backend, folder, ORDERS_COMPARED),
        context=context,
        quality=quality,
        tables=tables,
    )


def _open_table(backend: BaseBackend, folder: Path, name: str) -> ir.Table:
    return backend.read_parquet(str(folder / f"{name}.parquet"), table_name=name)


def _settings(file: BrandFile, period: Any, compare: Any) -> Settings:
    own = None if file.period is None else (file.period.start, file.period.end)
    asked = own if period is None else period
    against: Any = file.compare
    if isinstance(against, PeriodSpec):
        against = (against.start, against.end)
    return Settings(
        timezone=file.timezone,
        public=file.customers.identifiers == "public",
        today=dt.datetime.now(tz=ZoneInfo(file.timezone)).date(),
        period=None if asked is None else as_period(asked).iso,
        compare=as_compare(against if compare is None else compare),
    )


def _fill(file: BrandFile, folder: Path, settings: Settings, progress: Progress) -> None:
    with complete_folder(folder) as work:
        sources = converted_sources(files_of(file), progress)
        findings = ingest(sources, plans_of_file(file), settings, work, progress)
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
        margin=file.margin,
        definitions=dict(file.definitions),
    )
