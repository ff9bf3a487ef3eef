"""From source files to canonical Parquet, checked; nothing is believed before it is counted."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from loyalty_research.engine import collect_one, connect
from loyalty_research.errors import DataError, Problem, problem, raise_all
from loyalty_research.study.checks import (
    Report,
    check_dropped,
    check_lines,
    check_period,
    check_table,
)
from loyalty_research.study.facts import gather_facts
from loyalty_research.study.orders import build_orders
from loyalty_research.study.plan import Settings, TablePlan
from loyalty_research.study.quality import Balance, Findings, facts_of_checks
from loyalty_research.study.reading import (
    check_columns,
    probe,
    read_source,
    text_ids,
    typed_table,
)
from loyalty_research.study.reductions import kept_lines
from loyalty_research.tables import TABLES

CUSTOMER_IDS = "customer_ids"
_WORK = "work"
_LIST_PARTS = ("discount", "coupon_discount")


def ingest(
    paths: Mapping[str, Path], plans: Mapping[str, TablePlan], settings: Settings, folder: Path
) -> Findings:
    """Write the canonical tables and the orders of a brand into ``folder``.

    Parameters
    ----------
    paths
        Source file of each table.
    plans
        What to read from it.
    settings
        Time zone, period, whether identifiers are public.
    folder
        Empty folder to fill: a Parquet file a table, orders, the dense customer identifiers and
        what the checks found.

    Raises
    ------
    DataError
        With every problem of the first stage that finds one: files and columns, values, keys and
        ranges.
    """
    work = folder / _WORK
    work.mkdir()
    backend = connect(temp_directory=str(work / "spill"), keep_order=True)
    try:
        bench = _Bench(backend, plans, settings, folder, Report(settings.public))
        bench.read(paths)
        bench.stage(paths)
        bench.check()
        findings = bench.write()
    finally:
        backend.disconnect()
        shutil.rmtree(work, ignore_errors=True)
    findings.write(folder)
    return findings


@dataclass(slots=True)
class _Bench:
    """Tables on their way through one ingest."""

    backend: BaseBackend
    plans: Mapping[str, TablePlan]
    settings: Settings
    folder: Path
    report: Report
    sources: dict[str, ir.Table] = field(default_factory=dict)
    staged: dict[str, ir.Table] = field(default_factory=dict)
    tables: dict[str, ir.Table] = field(default_factory=dict)
    kept: ir.Table | None = None
    period: tuple[str, str] | None = None
    dropped: int = 0

    def read(self, paths: Mapping[str, Path]) -> None:
        problems: list[Problem] = []
        for name, plan in self.plans.items():
            try:
                self.sources[name] = read_source(self.backend, paths[name], plan)
            except DataError as error:
                problems.extend(error.problems)
            else:
                problems.extend(check_columns(self.sources[name], plan, self.settings))
        raise_all(problems, DataError)

    def stage(self, paths: Mapping[str, Path]) -> None:
        kinds = text_ids(self.sources, self.plans)
        problems: list[Problem] = []
        for name, plan in self.plans.items():
            checks, wrong = probe(self.sources[name], paths[name], plan, self.settings, kinds)
            self.report.checks.extend(checks)
            problems.extend(wrong)
        raise_all(problems, DataError)
        for name, plan in self.plans.items():
            typed = typed_table(self.sources[name], plan, self.settings, kinds)
            self.staged[name] = self._store(typed, f"typed_{name}", self.folder / _WORK)

    def check(self) -> None:
        lines = self.staged.get("transactions")
        if lines is not None:
            plan = self.plans["transactions"]
            self.period = check_period(lines, plan, self.settings, self.report)
            if self.period is not None:
                start, end = self.period
                self.dropped = check_dropped(lines, plan, self.period, self.report)
                self.kept = kept_lines(lines, start=start, end=end, sale_status=plan.sale_status)
        else:
            self.period = self.settings.period
        for name, plan in self.plans.items():
            table = self.kept if name == "transactions" and self.kept is not None else None
            check_table(self.staged[name] if table is None else table, plan, self.report)
        raise_all(self.report.problems, DataError)
        if self.kept is not None:
            check_lines(self.kept, self.staged, self.report)

    def write(self) -> Findings:
        assert self.period is not None
        ids = self._customer_ids()
        for name, plan in self.plans.items():
            table = self.kept if name == "transactions" else self.staged[name]
            assert table is not None
            final = _without_excess(_with_dense_ids(table, ids), plan)
            if name == "transactions":
                final = _with_list_amount(final)
            self.tables[name] = self._store(_arranged(final, plan), name, self.folder)
        if self.kept is not None:
            orders = build_orders(self.tables["transactions"]).order_by("order_id")
            self.tables["orders"] = self._store(orders, "orders", self.folder)
        facts = gather_facts(self.tables, self.staged, self.plans, self.period)
        return Findings(
            checks=tuple(self.report.checks),
            balance=tuple(self._balance(name) for name in self.plans),
            facts={**facts, **facts_of_checks(self.report.checks)},
            period=self.period,
        )

    def _customer_ids(self) -> ir.Table | None:
        holders = [name for name, plan in self.plans.items() if plan.has("customer_id")]
        if not holders:
            return None
        known = [self.staged[name].select(source_id="customer_id") for name in holders]
        every = ibis.union(*known, distinct=True) if len(known) > 1 else known[0].distinct()
        every = every.filter(every.source_id.notnull())
        number = ibis.row_number().over(order_by="source_id").cast("int64")
        ids = every.select(customer_id=number, source_id=every.source_id).order_by("customer_id")
        return self._store(ids, CUSTOMER_IDS, self.folder)

    def _balance(self, name: str) -> Balance:
        """Count what was read and what was kept anew, and compare with what was dropped."""
        read = _rows(self.sources[name])
        kept = _rows(self.tables[name])
        dropped = self.dropped if name == "transactions" else 0
        if dropped + kept != read:
            raise DataError(
                problem(
                    "{place}: {read} rows read, but {kept} kept and {dropped} dropped",
                    place=self.plans[name].place,
                    read=read,
                    kept=kept,
                    dropped=dropped,
                )
            )
        return Balance(name, read, kept, dropped)

    def _store(self, table: ir.Table, name: str, folder: Path) -> ir.Table:
        path = folder / f"{name}.parquet"
        try:
            self.backend.to_parquet(table, str(path), compression="zstd")
        except (duckdb.Error, OSError) as error:
            raise DataError(
                problem("{table}: cannot be written: {reason}", table=name, reason=error)
            ) from error
        return self.backend.read_parquet(str(path), table_name=name)


def _rows(table: ir.Table) -> int:
    return int(collect_one(table.aggregate(rows=table.count()))["rows"])


def _with_dense_ids(table: ir.Table, ids: ir.Table | None) -> ir.Table:
    if ids is None or "customer_id" not in table.columns:
        return table
    joined = table.rename(_source="customer_id").left_join(ids, [("_source", "source_id")])
    return joined.select(*table.columns)


def _without_excess(table: ir.Table, plan: TablePlan) -> ir.Table:
    capped = {
        item.name: ibis.ifelse(table[item.name] <= item.at_most, table[item.name], ibis.null())
        for item in plan.columns
        if item.at_most is not None
    }
    return table.mutate(**capped) if capped else table


def _with_list_amount(lines: ir.Table) -> ir.Table:
    """Where no list amount is given: what was paid plus what the brand itself took off."""
    parts = [name for name in _LIST_PARTS if name in lines.columns]
    if "list_amount" in lines.columns or "discount" not in parts:
        return lines
    zero = ibis.literal(0).cast("decimal(18, 4)")
    total = lines.amount
    for name in parts:
        total = total + ibis.coalesce(lines[name], zero)
    return lines.mutate(list_amount=total.cast("decimal(18, 4)"))


def _arranged(table: ir.Table, plan: TablePlan) -> ir.Table:
    """Put columns in canonical order, and rows in one that does not depend on the source's."""
    known = [name for name in TABLES[plan.name].names if name in table.columns]
    columns = known + [name for name in table.columns if name not in known]
    first = [name for name in ("ordered_at", *plan.table.key) if name in columns]
    return table.select(*columns).order_by([*first, *(c for c in columns if c not in first)])
