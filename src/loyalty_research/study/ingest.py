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
from loyalty_research.study.bridge import Month, gather_months
from loyalty_research.study.casting import cast_table
from loyalty_research.study.checks import Report, check_lines, check_table
from loyalty_research.study.conversion import Source
from loyalty_research.study.facts import gather_facts
from loyalty_research.study.files.parts import disk_space
from loyalty_research.study.finishing import arranged, finished
from loyalty_research.study.levels import join_orders, numbered, order_columns, share_out
from loyalty_research.study.line_checks import (
    check_dropped,
    check_heavy,
    check_join,
    check_judged,
    check_levels,
    check_period,
    check_times,
)
from loyalty_research.study.orders import build_orders, mark_occasions
from loyalty_research.study.persons import one_row_each
from loyalty_research.study.plan import Settings, TablePlan
from loyalty_research.study.privacy import FREE_TEXT, identity_columns, masked_file
from loyalty_research.study.progress import Progress, silent
from loyalty_research.study.quality import Balance, Findings, facts_of_checks
from loyalty_research.study.reading import (
    check_columns,
    probe,
    read_source,
    text_ids,
    typed_table,
)
from loyalty_research.study.reductions import kept_lines
from loyalty_research.study.rows import judged
from loyalty_research.study.sources import ORDERS_OF
from loyalty_research.study.texts import step_by_step

CUSTOMER_IDS = "customer_ids"
ORDERS_COMPARED = "orders_compared"
_WORK = "work"
_ORDERS_SORTED_BY = ("customer_id", "day", "order_id")  # groups by customer and day are runs
_REPEATS = ("repeated_rows", "repeated_customers")


def ingest(
    sources: Mapping[str, Source],
    plans: Mapping[str, TablePlan],
    settings: Settings,
    folder: Path,
    progress: Progress = silent,
) -> Findings:
    """Write the canonical tables and the orders of a brand into ``folder``.

    Parameters
    ----------
    sources
        Rows of each table, and of the order-level file as ``transactions.orders``.
    plans
        What to read from them.
    settings
        Time zone, period, the period to compare with, whether identifiers are public.
    folder
        Empty folder to fill: a Parquet file a table, orders, the dense customer identifiers and
        what the checks found.
    progress
        Takes the stages as they begin.

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
        bench = _Bench(backend, plans, settings, folder, Report(settings.public), progress)
        with step_by_step():
            bench.read(sources)
            bench.stage()
            bench.judge(sources)
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
    progress: Progress
    sources: dict[str, ir.Table] = field(default_factory=dict)
    staged: dict[str, ir.Table] = field(default_factory=dict)
    tables: dict[str, ir.Table] = field(default_factory=dict)
    read_rows: dict[str, int] = field(default_factory=dict)
    kept: ir.Table | None = None
    period: tuple[str, str] | None = None
    compared: tuple[str, str] | None = None
    dropped: int = 0
    amounts: dict[str, float] = field(default_factory=dict)
    masked: dict[str, int] = field(default_factory=dict)

    def _every_plan(self) -> dict[str, TablePlan]:
        """Plans of the tables, and of the order-level file."""
        beside = {
            ORDERS_OF.format(table=name): plan.orders
            for name, plan in self.plans.items()
            if plan.orders is not None
        }
        return {**self.plans, **beside}

    def read(self, sources: Mapping[str, Source]) -> None:
        problems: list[Problem] = []
        for name, plan in self._every_plan().items():
            source = sources[name]
            try:
                table = read_source(self.backend, source.path, plan, name)
            except DataError as error:
                problems.extend(error.problems)
            else:
                self.sources[name] = table
                problems.extend(check_columns(table, plan, self.settings, source.lost_digits))
        raise_all(problems, DataError)

    def stage(self) -> None:
        plans = self._every_plan()
        kinds = text_ids(self.sources, plans)
        zone = self.settings.timezone
        problems: list[Problem] = []
        cast: dict[str, ir.Table] = {}
        for name, plan in plans.items():
            self.progress("checking", name)
            problems.extend(identity_columns(self.sources[name], plan))
            cast[name] = cast_table(self.sources[name], plan.columns, zone=zone, kinds=kinds)
            if _holds_text(self.sources[name], plan):  # reading text costs: it is done once
                cast[name] = self._store(cast[name], f"cast_{name}", self.folder / _WORK)
            checks, wrong = probe(self.sources[name], cast[name], plan, zone)
            self.report.checks.extend(checks)
            problems.extend(wrong)
        raise_all(problems, DataError)
        for name, plan in plans.items():
            typed = typed_table(cast[name], plan)
            if plan.name == "transactions":
                if not _levelled(plan):
                    typed = judged(typed, plan, self._others(cast))
                elif name == "transactions":
                    typed = numbered(typed)
            self.staged[name] = self._store(typed, f"typed_{name}", self.folder / _WORK)
            if name in FREE_TEXT:
                self._mask(name, FREE_TEXT[name])

    def _others(self, cast: Mapping[str, ir.Table]) -> dict[str, ir.Table]:
        """Return the typed tables beside the transactions."""
        return {
            name: typed_table(cast[name], plan)
            for name, plan in self.plans.items()
            if name != "transactions"
        }

    def _mask(self, name: str, column: str) -> None:
        work = self.folder / _WORK
        target = work / f"masked_{name}.parquet"
        counts = masked_file(work / f"typed_{name}.parquet", column, target)
        self.masked |= {f"masked_{name}_{kind}": count for kind, count in counts.items()}
        self.masked[f"masked_{name}"] = sum(counts.values())
        self.staged[name] = self.backend.read_parquet(str(target), table_name=f"masked_{name}")

    def judge(self, sources: Mapping[str, Source]) -> None:
        """Join and share out what belongs to orders; count the rows read."""
        for name in self.plans:
            repeats = sources[name].repeats
            self.read_rows[name] = _rows(self.staged[name]) + repeats
            if repeats:
                self.report.add(name, "repeated_rows", repeats, self.read_rows[name])
            if sources[name].total_rows:
                total = sources[name].total_rows
                self.report.add(name, "total_rows", total, total + self.read_rows[name])
        self._list_once()
        plan = self.plans.get("transactions")
        if plan is None or not _levelled(plan):
            return
        lines = self.staged["transactions"]
        check_levels(lines, plan, self.report)
        if plan.orders is not None:
            orders = self.staged[ORDERS_OF.format(table="transactions")]
            added = check_join(lines, orders, plan, self.report)
            self.read_rows["transactions"] += added
            raise_all(self.report.problems, DataError)
            lines = join_orders(lines, orders, with_amount=plan.orders.has("amount"))
        raise_all(self.report.problems, DataError)
        shared = share_out(lines, order_columns(plan))
        work = self.folder / _WORK
        lines = judged(shared, plan, self.staged)
        self.staged["transactions"] = self._store(lines, "judged", work)

    def _list_once(self) -> None:
        """Keep one row of each customer."""
        plan = self.plans.get("customers")
        if plan is None or not plan.has("customer_id"):
            return
        every = self.staged["customers"]
        once = self._store(one_row_each(every), "customers_once", self.folder / _WORK)
        repeats = _rows(every) - _rows(once)
        if repeats:
            self.report.add("customers", "repeated_customers", repeats, _rows(every))
            self.staged["customers"] = once

    def check(self) -> None:
        self.progress("checking")
        lines = self.staged.get("transactions")
        if lines is not None:
            self._check_transactions(lines, self.plans["transactions"])
        else:
            self.period = self.settings.period
        for name, plan in self.plans.items():
            table = self.staged[name]
            if name == "transactions":
                table = table if self.kept is None else self.kept
            else:
                check_times(table, plan, self.settings, self.report)
            check_table(table, plan, self.report)
        raise_all(self.report.problems, DataError)
        if self.kept is not None:
            by_line = "amount" not in order_columns(self.plans["transactions"])
            check_lines(self.kept, self.staged, self.report, by_line=by_line)

    def _check_transactions(self, lines: ir.Table, plan: TablePlan) -> None:
        check_judged(lines, plan, self.report)
        check_times(lines, plan, self.settings, self.report)
        raise_all(self.report.problems, DataError)
        self.period, self.compared = check_period(lines, plan, self.settings, self.report)
        if self.period is None:
            return
        self.dropped, self.amounts = check_dropped(
            lines, plan, self.period, self.compared, self.report
        )
        self.kept = kept_lines(lines, start=self.period[0], end=self.period[1])

    def write(self) -> Findings:
        assert self.period is not None
        self.progress("building")
        ids = self._customer_ids()
        for name, plan in self.plans.items():
            table = self.kept if name == "transactions" else self.staged[name]
            assert table is not None
            final = arranged(finished(table, plan, ids), plan)
            self.tables[name] = self._store(final, name, self.folder)
        months: tuple[Month, ...] = ()
        if self.kept is not None:
            orders = mark_occasions(build_orders(self.tables["transactions"]))
            by = [name for name in _ORDERS_SORTED_BY if name in orders.columns]
            self.tables["orders"] = self._store(orders.order_by(by), "orders", self.folder)
            self._write_compared(ids)
        facts = gather_facts(self.tables, self.staged, self.plans, self.period)
        if self.kept is not None:
            check_heavy(self.tables["orders"], int(facts["orders"]), self.report)
            facts |= {f"sales_{code}": total for code, total in self.amounts.items()}
            months = gather_months(
                self.staged["transactions"],
                self.tables["orders"],
                period=self.period,
                facts=facts,
            )
        return Findings(
            checks=tuple(self.report.checks),
            balance=tuple(self._balance(name) for name in self.plans),
            facts={**facts, **self.masked, **facts_of_checks(self.report.checks)},
            period=self.period,
            compared=self.compared,
            months=months,
        )

    def _write_compared(self, ids: ir.Table | None) -> None:
        """Write the orders of the period to compare with; their lines are not kept."""
        if self.compared is None:
            return
        start, end = self.compared
        plan = self.plans["transactions"]
        lines = kept_lines(self.staged["transactions"], start=start, end=end)
        orders = build_orders(finished(lines, plan, ids)).order_by("order_id")
        self._store(orders, ORDERS_COMPARED, self.folder)

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
        read = self.read_rows[name]
        kept = _rows(self.tables[name])
        repeats = sum(
            check.count
            for check in self.report.checks
            if check.table == name and check.code in _REPEATS
        )
        dropped = repeats + (self.dropped if name == "transactions" else 0)
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
        # Looking for repeated texts takes half of the writing: not worth it for what is read twice.
        passing = {"dictionary_size_limit": 1} if folder.name == _WORK else {}
        try:
            places = [plan.place for key, plan in self.plans.items() if key in name]
            with disk_space(places[0] if places else name):
                self.backend.to_parquet(table, str(path), compression="zstd", **passing)
        except (duckdb.Error, OSError) as error:
            raise DataError(
                problem("{table}: cannot be written: {reason}", table=name, reason=error)
            ) from error
        return self.backend.read_parquet(str(path), table_name=name)


def _holds_text(source: ir.Table, plan: TablePlan) -> bool:
    schema = source.schema()
    return any(schema[name].is_string() for item in plan.columns for name in item.every_source)


def _levelled(plan: TablePlan) -> bool:
    """Tell whether some values belong to the order: they are joined and shared out first."""
    return plan.orders is not None or bool(order_columns(plan))


def _rows(table: ir.Table) -> int:
    return int(collect_one(table.aggregate(rows=table.count()))["rows"])
