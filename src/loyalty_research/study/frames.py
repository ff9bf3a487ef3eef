"""Frames in memory, opened as a brand through the same checks as files."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
from ibis.common.exceptions import IbisError
from pydantic import TypeAdapter, ValidationError

from loyalty_research.brand.fields import Currency, Zone
from loyalty_research.brand.schema import Customers
from loyalty_research.engine import Context, as_table, backend_of
from loyalty_research.errors import DataError, ParameterError, Problem, problem, raise_all
from loyalty_research.study.brand import Brand
from loyalty_research.study.cache import lock_down
from loyalty_research.study.conversion import Source
from loyalty_research.study.ingest import ingest
from loyalty_research.study.opening import open_folder
from loyalty_research.study.period import as_compare
from loyalty_research.study.plan import Settings, TablePlan, plan_of_frame
from loyalty_research.tables import TABLES

_PLACE = "Brand.from_frames"
_Day = dt.date | str


@dataclass(frozen=True, slots=True)
class FrameOptions:
    """What a brand file would say about the frames."""

    name: str
    currency: str
    timezone: str | None
    period: tuple[_Day, _Day] | None
    compare: Any
    sale_status: tuple[str, ...]
    customer_unit: Literal["person", "household"]
    audience_word: str
    identifiers: Literal["public", "personal"]
    first_purchase_observed: bool
    evidence: Literal["observed", "synthetic"]
    provenance: str


def open_frames(frames: Mapping[str, Any], options: FrameOptions) -> Brand:
    """Check frames, write them to a folder of their own for as long as they are used, open them.

    Raises
    ------
    ParameterError
        Where an option or the name of a table is wrong.
    DataError
        Where a table cannot be used.
    """
    raise_all(_option_problems(frames, options), ParameterError)
    period = _period(options)
    tables = {name: _plain_columns(as_table(data, name=name)) for name, data in frames.items()}
    plans = _plans(tables, options)
    settings = Settings(
        timezone=options.timezone,
        public=options.identifiers == "public",
        today=dt.datetime.now(tz=ZoneInfo(options.timezone or "UTC")).date(),
        period=period,
        compare=as_compare(options.compare),
    )
    folder = Path(tempfile.mkdtemp(prefix="loyalty-research-"))
    try:
        given = {name: Source(_write(table, name, folder)) for name, table in tables.items()}
        ingest(given, plans, settings, folder)
        for source in given.values():
            source.path.unlink()
        lock_down(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return open_folder(
        folder, name=options.name, file=None, context=_context(options), remove_after=True
    )


def _option_problems(frames: Mapping[str, Any], options: FrameOptions) -> Iterator[Problem]:
    for name in frames:
        if name not in TABLES:
            yield _wrong(name, "an argument", ", ".join(TABLES))
    if not frames:
        yield problem("{place}: no table given", place=_PLACE)
    elif "transactions" not in frames and options.period is None:
        yield problem("{place}: period is needed where there are no transactions", place=_PLACE)
    yield from _refused("currency", options.currency, Currency)
    if options.timezone is not None:
        yield from _refused("timezone", options.timezone, Zone)
    for name, allowed in (
        ("customer_unit", get_args(Customers.model_fields["unit"].annotation)),
        ("audience_word", get_args(Customers.model_fields["audience_word"].annotation)),
        ("identifiers", get_args(Customers.model_fields["identifiers"].annotation)),
        ("evidence", ("observed", "synthetic")),
        ("first_purchase_observed", (True, False)),
    ):
        value = getattr(options, name)
        if value not in allowed:
            yield _wrong(name, repr(value), ", ".join(str(item) for item in allowed))
    try:
        period = _period(options)
    except (TypeError, ValueError):
        yield _wrong(
            "period", repr(options.period), "two days such as ('2024-01-01', '2024-12-31')"
        )
    else:
        if period is not None and period[1] < period[0]:
            yield _wrong("period", repr(options.period), "an end on or after the start")


def _refused(name: str, value: object, kind: Any) -> Iterator[Problem]:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        item = error.errors()[0]
        yield _wrong(name, repr(value), str(item.get("ctx", {}).get("error", item["msg"])))


def _wrong(name: str, found: str, allowed: str) -> Problem:
    return problem(
        "{place}: {name}: found {found}; allowed: {allowed}",
        place=_PLACE,
        name=name,
        found=found,
        allowed=allowed,
    )


def _period(options: FrameOptions) -> tuple[str, str] | None:
    if options.period is None:
        return None
    start, end = options.period
    return _iso(start), _iso(end)


def _iso(day: _Day) -> str:
    if isinstance(day, dt.datetime):
        day = day.date()
    return day.isoformat() if isinstance(day, dt.date) else dt.date.fromisoformat(day).isoformat()


def _plans(tables: Mapping[str, ir.Table], options: FrameOptions) -> dict[str, TablePlan]:
    plans: dict[str, TablePlan] = {}
    problems: list[Problem] = []
    for name, table in tables.items():
        status = options.sale_status if name == "transactions" else ()
        try:
            plans[name] = plan_of_frame(
                TABLES[name],
                list(table.columns),
                place=f"{_PLACE}: {name}",
                sale_status=status,
            )
        except DataError as error:
            problems.extend(error.problems)
    raise_all(problems, DataError)
    return plans


def _plain_columns(table: ir.Table) -> ir.Table:
    """Give columns without a single value a type."""
    empty = {
        name: table[name].cast("string") for name in table.columns if table[name].type().is_null()
    }
    return table.mutate(**empty) if empty else table


def _write(table: ir.Table, name: str, folder: Path) -> Path:
    path = folder / f"given_{name}.parquet"
    try:
        backend_of(table).to_parquet(table, str(path))
    except (duckdb.Error, IbisError, pa.ArrowException, TypeError, ValueError) as error:
        raise DataError(
            problem(
                "{place}: {name}: cannot be read as a table: {reason}",
                place=_PLACE,
                name=name,
                reason=str(error).splitlines()[0] if str(error) else type(error).__name__,
            )
        ) from error
    return path


def _context(options: FrameOptions) -> Context:
    return Context(
        brand=options.name,
        currency=options.currency,
        evidence=options.evidence,
        customer_unit=options.customer_unit,
        audience_word=options.audience_word,
        public=options.identifiers == "public",
        first_purchase_observed=options.first_purchase_observed,
        provenance=options.provenance,
    )
