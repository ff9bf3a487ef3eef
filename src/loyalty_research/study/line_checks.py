"""Check which lines count: why others do not, what they need, whom they name, and when."""

from __future__ import annotations

import datetime as dt

import ibis.expr.types as ir

from loyalty_research.engine import collect, collect_one
from loyalty_research.errors import Problem, problem
from loyalty_research.study import levels
from loyalty_research.study import reductions as count
from loyalty_research.study.checks import Report
from loyalty_research.study.period import Period, compared
from loyalty_research.study.plan import Settings, TablePlan
from loyalty_research.study.rows import ABOVE, LEFT_OUT, MASKED, NOBODY, WHOLE

_OLDEST, _FIRST, _LAST = "1800-01-01", "1990-01-01", "2099-12-31"
_MAY_BE_OLD = ("opened_on", "launched_on")
_MAY_COME = ("expires_on", "ends_on", "starts_on")
_MASKED_SHARE = 0.01
_STATUSES = 20
_HEAVY_ORDERS, _HEAVY_SHARE, _HEAVY_DAY = 200, 0.005, 20
_REASONS = (
    "not_of_brand",
    "not_a_sale",
    "not_goods",
    "lines_without_order",
    "compared_period",
    "outside_period",
)


def check_times(table: ir.Table, plan: TablePlan, settings: Settings, report: Report) -> None:
    """Refuse dates that cannot be meant: before 1990, or after the day of reading."""
    tomorrow = (settings.today + dt.timedelta(days=1)).isoformat()
    limits = {
        item.name: (
            _OLDEST if item.name in _MAY_BE_OLD else _FIRST,
            _LAST if item.name in _MAY_COME else tomorrow,
        )
        for item in plan.every_column
        if item.column.kind in ("time", "date")
    }
    if not limits:
        return
    only = LEFT_OUT if LEFT_OUT in table.columns else None
    row = collect_one(count.count_implausible(table, columns=limits, only=only))
    for name, (first, last) in limits.items():
        odd = int(row[name] or 0)
        report.add(plan.name, "implausible_time", odd, row["rows"], column=name)
        if odd:
            report.problems.append(
                problem(
                    "{place}: column {name}: {count} of {rows} date(s) cannot be meant, such as "
                    "{found}; allowed: {first} to {last}; list a date that stands for none under "
                    "missing, or correct the source",
                    place=plan.place,
                    name=name,
                    count=f"{odd:,}",
                    rows=f"{int(row['rows']):,}",
                    found=row[f"{name}__example"],
                    first=first,
                    last=last,
                )
            )


def check_levels(lines: ir.Table, plan: TablePlan, report: Report) -> None:
    """Refuse values said to be the order's own that differ on its lines."""
    names = [item.name for item in plan.columns if item.level == "order"]
    if not names:
        return
    row = collect_one(levels.contradicting_orders(lines, columns=names))
    for name in names:
        several = int(row[name] or 0)
        report.add(plan.name, "order_several_values", several, row["orders"], column=name)
        if levels.too_many(several, int(row["orders"])):
            report.problems.append(
                problem(
                    "{place}: column {name} has level: order, but {count} of {orders} order(s) "
                    "show several values; leave level out where each line has its own",
                    place=plan.place,
                    name=name,
                    count=f"{several:,}",
                    orders=f"{int(row['orders']):,}",
                )
            )


def check_join(lines: ir.Table, orders: ir.Table, plan: TablePlan, report: Report) -> int:
    """Check an order-level file against the lines; return how many orders have no line."""
    assert plan.orders is not None
    repeats = int(collect_one(count.count_repeats(orders, key=("order_id",)))["repeats"] or 0)
    report.add(plan.name, "duplicate_key", repeats, 0, column="orders.order_id")
    alone = collect_one(count.count_orphans(orders, lines, on="order_id"))
    missing = collect_one(count.count_orphans(lines, orders, on="order_id"))
    base = int(collect_one(orders.aggregate(rows=orders.count()))["rows"])
    added = plan.orders.has("amount")
    report.add(
        plan.name,
        "orders_without_lines",
        alone["orphans"],
        base,
        example=alone["example"],
        action=None if added else "dropped",
    )
    if repeats:
        report.problems.append(
            problem(
                "{place}: {count} of {rows} row(s) repeat the order_id of another; allowed: each "
                "once",
                place=plan.orders.place,
                count=f"{repeats:,}",
                rows=f"{base:,}",
            )
        )
    every = int(collect_one(lines.aggregate(rows=lines.count()))["rows"])
    if int(missing["orphans"]) == every:
        report.problems.append(
            problem(
                "{place}: no order_id of it stands in the order-level file; look whether both "
                "name the same number",
                place=plan.place,
            )
        )
    return int(alone["orphans"]) if added else 0


def check_judged(lines: ir.Table, plan: TablePlan, report: Report) -> None:
    """Check what the lines that count need, their customers, refunds and statuses."""
    flags = [name for name in (NOBODY, MASKED, ABOVE, WHOLE) if name in lines.columns]
    row = collect_one(count.count_flags(lines, flags=flags)) if flags else {}
    if NOBODY in flags:
        report.add(plan.name, "placeholder_customer", row[NOBODY], row["rows"])
        _check_masked(int(row[MASKED] or 0), int(row["known"] or 0), plan, report)
    if ABOVE in flags:
        report.add(plan.name, "refund_above_amount", row[ABOVE], row["rows"])
        report.add(plan.name, "refunded_in_full", row[WHOLE], row["rows"])
    needed = [item.name for item in plan.every_column if not item.column.nullable]
    missing = collect_one(count.count_missing(lines, columns=needed))
    for name in needed:
        lacking = int(missing[name] or 0)
        report.add(plan.name, "null_key", lacking, missing["rows"], column=name)
        if lacking:
            report.problems.append(_missing(plan, name, lacking, int(missing["rows"])))
    if plan.only and not missing["rows"]:
        report.problems.append(
            problem(
                "{place}: no line is left: only asks for {rules}; look which values these columns "
                "have",
                place=plan.place,
                rules="; ".join(f"{name}: {', '.join(some)}" for name, some in plan.only.items()),
            )
        )
    if plan.sale_status:
        _list_statuses(lines, plan, report)


def _missing(plan: TablePlan, name: str, lacking: int, rows: int) -> Problem:
    item = next(item for item in plan.every_column if item.name == name)
    return problem(
        "{place}: column {name} for {column}: {count} of {rows} value(s) missing; allowed: none",
        place=plan.place,
        name=" + ".join(item.sources),
        column=name,
        count=f"{lacking:,}",
        rows=f"{rows:,}",
    )


def _check_masked(masked: int, known: int, plan: TablePlan, report: Report) -> None:
    base = masked + known
    report.add(plan.name, "masked_customer", masked, base)
    if base and masked > base * _MASKED_SHARE:
        item = next(item for item in plan.every_column if item.name == "customer_id")
        report.problems.append(
            problem(
                "{place}: column {name} for customer_id: {count} of {rows} value(s) are hidden or "
                "encrypted, such as 138****1234, 张*, $$…, ##…; two customers may share one. "
                "Export the member number instead, or leave customer_id out: what needs it is "
                "then not answered",
                place=plan.place,
                name=" + ".join(item.sources),
                count=f"{masked:,}",
                rows=f"{base:,}",
            )
        )


def _list_statuses(lines: ir.Table, plan: TablePlan, report: Report) -> None:
    """List the statuses that are no sale, so that a forgotten one is seen."""
    found = collect(
        count.count_statuses(lines, sale_status=plan.sale_status), sort_by=["status"]
    ).sort_values(["rows", "status"], ascending=[False, True])
    rows = int(collect_one(lines.aggregate(rows=lines.count()))["rows"])
    for status, number in found.head(_STATUSES).itertuples(index=False):
        report.add(
            plan.name,
            "status_left_out",
            number,
            rows,
            column="status",
            example=status or "—",
            harmless=True,
        )


def check_dropped(
    lines: ir.Table,
    plan: TablePlan,
    period: tuple[str, str],
    other: tuple[str, str] | None,
    report: Report,
) -> tuple[int, dict[str, float]]:
    """Count what is dropped from the lines; return how many, and the amounts by reason."""
    start, end = period
    found = collect(
        count.count_reasons(lines, start=start, end=end, compared=other), sort_by=["reason"]
    ).set_index("reason")
    rows = int(found["rows"].sum())
    counts = found["rows"].to_dict()
    for code in _REASONS:
        if code in _expected(plan, other) or code in counts:
            example = found["example"].get(code)
            report.add(plan.name, code, counts.get(code, 0), rows, example=example)
    if not counts.get("kept"):
        report.problems.append(
            problem(
                "{place}: no line is left: {status} of {rows} are no sale by sale_status, "
                "{outside} lie outside {start} to {end}",
                place=plan.place,
                status=f"{counts.get('not_a_sale', 0):,}",
                rows=f"{rows:,}",
                outside=f"{counts.get('outside_period', 0) + counts.get('compared_period', 0):,}",
                start=start,
                end=end,
            )
        )
    sales = {str(code): float(total) for code, total in found["sales"].items()}
    return rows - int(counts.get("kept", 0)), sales


def _expected(plan: TablePlan, other: tuple[str, str] | None) -> set[str]:
    """Return the reasons that are told even where they concern no line."""
    told = {"outside_period"}
    told |= {"not_a_sale"} if plan.sale_status else set()
    told |= {"not_goods"} if plan.not_goods else set()
    told |= {"not_of_brand"} if plan.only else set()
    told |= {"lines_without_order"} if plan.orders is not None else set()
    return told | ({"compared_period"} if other is not None else set())


def check_period(
    lines: ir.Table, plan: TablePlan, settings: Settings, report: Report
) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """Return the period and the one to compare with.

    The period is the one given, else the first to the last day with a sale. There is none to
    compare with where none is wanted or the data do not cover it: up to one day in a hundred may
    lack at its ends, on which nothing was sold.
    """
    if settings.period is not None and settings.compare == "none":
        return settings.period, None
    row = collect_one(count.first_and_last(lines))
    if not row["lines"]:
        report.problems.append(
            problem(
                "{place}: no line has a status among sale_status: {status}",
                place=plan.place,
                status=", ".join(plan.sale_status),
            )
        )
        return settings.period, None
    first, last = str(row["first"])[:10], str(row["last"])[:10]
    period = settings.period or (first, last)
    own = Period(*(dt.date.fromisoformat(day) for day in period))
    other = compared(own, settings.compare)
    if other is None:
        return period, None
    lacking = _uncovered(other, dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    report.add(plan.name, "compared_uncovered", lacking, other.days)
    return period, None if lacking else other.iso


def _uncovered(other: Period, first: dt.date, last: dt.date) -> int:
    """Return how many days of a period the data do not reach; 0 for one in a hundred or fewer."""
    before = max(0, (min(first, other.end + dt.timedelta(days=1)) - other.start).days)
    after = max(0, (other.end - max(last, other.start - dt.timedelta(days=1))).days)
    return before + after if before + after > other.days // 100 else 0


def check_heavy(orders: ir.Table, total: int, report: Report) -> int | None:
    """Count customers with more orders than a person places; return the smallest of them."""
    if "customer_id" not in orders.columns:
        return None
    row = collect_one(
        count.heavy_customers(
            orders,
            at_least=_HEAVY_ORDERS,
            share=_HEAVY_SHARE,
            per_day=_HEAVY_DAY,
            total=total,
        )
    )
    people = collect_one(orders.aggregate(people=orders.customer_id.nunique()))["people"]
    report.add("transactions", "heavy_customer", row["customers"], people)
    return None if row["example"] is None else int(row["example"])
