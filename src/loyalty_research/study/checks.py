"""Check typed tables: keys, ranges, references, period, orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import ibis.expr.types as ir

from loyalty_research.engine import collect_one
from loyalty_research.errors import Problem, problem
from loyalty_research.study import reductions as count
from loyalty_research.study.levels import count_repeated
from loyalty_research.study.plan import TablePlan
from loyalty_research.study.quality import Action, Check, check

_CUTS = ("discount", "coupon_discount", "platform_discount")
_TRAITS = (
    "amount_not_positive",
    "quantity_zero",
    "quantity_negative",
    "quantity_missing",
    "unidentified",
    "product_missing",
)
_ORDER_TRAITS = (
    "order_unpaid",
    "order_several_customers",
    "order_several_stores",
    "order_several_staff",
    "order_several_times",
)


@dataclass(slots=True)
class Report:
    """Checks made so far, and the problems that forbid to go on."""

    public: bool
    checks: list[Check] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        table: str,
        code: str,
        found: float | None,
        base: float,
        *,
        column: str = "",
        example: object = None,
        action: Action | None = None,
        harmless: bool = False,
    ) -> None:
        """Note a check; the example only where identifiers are public, or it is ``harmless``."""
        shown = example is not None and (self.public or harmless)
        text = str(example) if shown else None
        self.checks.append(
            check(table, code, found, base, column=column, example=text, action=action)
        )


def check_table(table: ir.Table, plan: TablePlan, report: Report) -> None:
    """Check the key and the ranges of a typed table."""
    minimums = {
        item.name: item.column.minimum for item in plan.columns if item.column.minimum is not None
    }
    limits = {item.name: item.at_most for item in plan.columns if item.at_most is not None}
    row = collect_one(count.count_values(table, minimums=minimums, limits=limits))
    rows = int(row["rows"])
    for name, least in minimums.items():
        below = int(row[f"{name}__below"] or 0)
        code = "negative_discount" if name in _CUTS else "below_minimum"
        report.add(plan.name, code, below, rows, column=name)
        if below:
            report.problems.append(
                problem(
                    "{place}: column {name}: {count} of {rows} value(s) below {least:g}, smallest "
                    "{found:g}; allowed: {least:g} or more{hint}",
                    place=plan.place,
                    name=name,
                    count=f"{below:,}",
                    rows=f"{rows:,}",
                    least=least,
                    found=row[f"{name}__least"],
                    hint=" (a price cut is a positive number)" if name in _CUTS else "",
                )
            )
    for name in limits:
        above, most = row[f"{name}__above"], row[f"{name}__most"]
        report.add(
            plan.name,
            "above_limit",
            above,
            rows,
            column=name,
            example=f"{most:g}" if most is not None else None,
        )
    _check_key(table, plan, rows, report)
    if plan.ignored:
        report.add(
            plan.name,
            "columns_ignored",
            len(plan.ignored),
            len(plan.ignored) + len(plan.columns),
            example=", ".join(plan.ignored),
        )


def _check_key(table: ir.Table, plan: TablePlan, rows: int, report: Report) -> None:
    key = plan.table.key
    if not key or not all(plan.has(name) for name in key):
        return
    row = collect_one(count.count_repeats(table, key=key))
    repeats = int(row["repeats"] or 0)
    report.add(plan.name, "duplicate_key", repeats, rows, column=", ".join(key))
    if repeats:
        example = f", such as {row['example']!r}" if report.public else ""
        report.problems.append(
            problem(
                "{place}: {count} of {rows} row(s) repeat the {key} of another{example}; allowed: "
                "each once",
                place=plan.place,
                count=f"{repeats:,}",
                rows=f"{rows:,}",
                key=" + ".join(key),
                example=example,
            )
        )


def check_lines(
    kept: ir.Table, tables: Mapping[str, ir.Table], report: Report, *, by_line: bool
) -> None:
    """Check the kept lines, the products they name and the orders they make.

    Parameters
    ----------
    kept
        Lines that count and lie in the period.
    tables
        The other tables, typed.
    report
        Takes the checks.
    by_line
        Whether amounts are taken as the lines' own: it is then looked whether they are.
    """
    row = collect_one(count.count_line_traits(kept))
    rows = int(row["rows"])
    for code in _present(_TRAITS, row):
        report.add("transactions", code, row[code], rows, example=row[f"{code}_example"])
    repeats = collect_one(count.count_equal_rows(kept))["repeats"]
    report.add("transactions", "equal_rows", repeats, rows)
    products = tables.get("products")
    if products is not None and "product_id" in kept.columns:
        found = collect_one(count.count_orphans(kept, products, on="product_id"))
        report.add(
            "transactions", "unknown_product", found["orphans"], rows, example=found["example"]
        )
        if "category" in products.columns:
            bare = collect_one(count.count_without_category(kept, products))
            report.add("transactions", "no_category", bare["lines"], rows, example=bare["example"])
    orders = collect_one(count.count_order_traits(kept))
    if by_line:
        repeated, several = count_repeated(kept)
        report.add("transactions", "amount_repeated", repeated, several, column="amount")
    for code in _present(_ORDER_TRAITS, orders):
        report.add(
            "transactions", code, orders[code], orders["orders"], example=orders[f"{code}_example"]
        )


def _present(codes: Sequence[str], row: Mapping[str, object]) -> Iterator[str]:
    return (code for code in codes if code in row)
