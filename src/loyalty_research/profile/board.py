"""The board: where the base and its sales stand, and what moved them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, collect_one, reduction
from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    customer_totals,
    drawable,
    identified,
    month_index,
    month_text,
    present,
    stater,
    valid_orders,
    within,
)
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, proportion, ratio, ratio_sums, split_change

_SECTION = "board"
_ACTIVE_DAYS = 90
_SATURATED = 0.95
FACTORS = ("buyers", "orders_per_customer", "order_value")


def board(orders: Any, *, period: Any, active_days: int = _ACTIVE_DAYS) -> Result:
    """Report the indicators of a period, month by month, and split the change of sales.

    Parameters
    ----------
    orders
        One row an order: order_id, customer_id, ordered_at, net_sales; optional units, unit_sales.
        Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).
    active_days
        Length in days of the active window, and of the two windows compared by the repeat
        retention.

    Returns
    -------
    Result
        Frames ``summary`` (one row an indicator: value, low, high, unit, base, status, reason),
        ``months``, ``decomposition`` (month against the month before, where both lie in the period
        with all their days) and ``halves`` (first and last half of the period).

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where the period or ``active_days`` is wrong.

    Notes
    -----
    Formulas as in the definitions printed with the report. Ratios of sums take the customer as the
    sampled unit (linearisation), shares of customers Wilson's interval. The change of sales splits
    additively by log-mean weights; unidentified sales are a line of their own.

    References
    ----------
    Brown, Cai & DasGupta 2001; Ang 2005.
    """
    _check(active_days)
    table = valid_orders(orders, "customer_id")
    days = as_days(period)
    inside = within(table, days)
    state = stater(table, _SECTION, days)
    totals = collect_one(order_totals(inside))
    customers = collect(customer_totals(inside), sort_by=["customer_id"])
    units = collect_one(unit_totals(inside)) if "units" in inside.columns else None
    kept = _repeat_retention(table, days, active_days)
    active = int((customers["last_day"] > _as_column(days, active_days)).sum())
    findings = _findings(state, days, totals, customers, units, kept, active, active_days)
    months = _months(inside, days)
    halves = _halves(inside, days)
    steps = _steps(months)
    change = _change_finding(state, inside, days, halves)
    frames = {
        "summary": _summary(findings),
        "months": months,
        "decomposition": steps,
        "halves": halves,
    }
    return Result(
        name="board",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=(*findings, *change),
        charts=drawable(_charts(frames, len(customers), days), state.context),
        tables=_tables(len(customers), days),
        references=("brown2001", "ang2005lmdi"),
        context=state.context,
        table=month_totals(inside),
    )


def _check(active_days: Any) -> None:
    whole = isinstance(active_days, int) and not isinstance(active_days, bool)
    if not whole or active_days < 1:
        raise ParameterError(
            problem(
                "active_days: found {found!r}; allowed: a whole number of days from 1",
                found=active_days,
            )
        )


@reduction
def order_totals(orders: ir.Table) -> ir.Table:
    """Return one row: orders, identified orders, their net sales, squares of unidentified ones."""
    known = present(orders.customer_id)
    sales = orders.net_sales
    return orders.aggregate(
        orders=orders.count(),
        identified_orders=known.sum(),
        net_sales=sales.sum(),
        identified_sales=sales.sum(where=known),
        unidentified_squares=(sales * sales).sum(where=~known),
    )


@reduction
def unit_totals(orders: ir.Table) -> ir.Table:
    """Return one row: orders with countable units, their units, the net sales of those lines."""
    counted = orders.units > 0
    sums = {"unit_orders": counted.sum(), "units": orders.units.sum(where=counted)}
    if "unit_sales" in orders.columns:
        sums["unit_sales"] = orders.unit_sales.sum(where=counted)
    return orders.aggregate(**sums)


@reduction
def month_totals(orders: ir.Table) -> ir.Table:
    """Return one row a month: month_index, buyers, orders, identified orders, sales, days."""
    table = orders.mutate(month_index=month_index(orders.day))
    known = present(table.customer_id)
    return table.group_by("month_index").aggregate(
        buyers=table.customer_id.nunique(),
        orders=table.count(),
        identified_orders=known.sum(),
        net_sales=table.net_sales.sum(),
        identified_sales=table.net_sales.sum(where=known),
    )


@reduction
def kept_months(orders: ir.Table) -> ir.Table:
    """Return one row a month: customers who bought in it and in the month before."""
    known = identified(orders)
    months = known.select("customer_id", month_index=month_index(known.day)).distinct()
    before = months.select(before_customer=months.customer_id, next_index=months.month_index + 1)
    both = months.inner_join(
        before,
        [
            months.customer_id == before.before_customer,
            months.month_index == before.next_index,
        ],
    )
    return both.group_by("month_index").aggregate(kept=both.count())


def _as_column(days: Days, window: int) -> Any:
    first = days.end - dt.timedelta(days=window)
    return first if window < days.count else days.start - dt.timedelta(days=1)


def _repeat_retention(table: ir.Table, days: Days, window: int) -> Estimate | None:
    """Return the share of the buyers of the window before last who buy in the last one."""
    if days.count < 2 * window:
        return None
    last = Days(days.end - dt.timedelta(days=window - 1), days.end)
    before = Days(last.start - dt.timedelta(days=window), last.start - dt.timedelta(days=1))
    found = collect_one(
        kept_customers(within(table, Days(before.start, last.end)), split=last.start.isoformat())
    )
    return proportion(int(found["kept"] or 0), int(found["before"] or 0))


@reduction
def kept_customers(orders: ir.Table, *, split: str) -> ir.Table:
    """Return one row: customers who bought before ``split``, and of these, who bought after."""
    known = identified(orders)
    people = known.group_by("customer_id").aggregate(
        first_day=known.day.min(), last_day=known.day.max()
    )
    early = people.first_day < ibis.date(split)
    return people.aggregate(
        before=early.sum(), kept=(early & (people.last_day >= ibis.date(split))).sum()
    )


def _findings(
    state: Stater,
    days: Days,
    totals: dict[str, Any],
    customers: pd.DataFrame,
    units: dict[str, Any] | None,
    kept: Estimate | None,
    active: int,
    active_days: int,
) -> list[Finding]:
    buyers = len(customers)
    orders, known = int(totals["orders"]), int(totals["identified_orders"] or 0)
    sales = customers["net_sales"].to_numpy(dtype=float)
    counts = customers["orders"].to_numpy(dtype=float)
    occasions = customers["occasions"].to_numpy(dtype=float)
    return [
        state(
            "board_identified_share",
            known / orders if orders else None,
            unit="share",
            definition="identified_share",
            method="count",
            base=orders,
            base_unit="orders",
            subject="identified",
        ),
        _member_share(state, totals, orders, known),
        state(
            "board_active_customers",
            float(active),
            unit="customers",
            definition="active_member",
            method="count",
            base=buyers,
            subject="active",
            task="activate",
            values={
                "days": Value(min(active_days, days.count), "days"),
                "buyers": Value(buyers, "customers"),
                "share": Value(active / buyers if buyers else None, "share"),
            },
        ),
        _repurchase(state, days, occasions),
        _retention(state, kept, active_days),
        state(
            "board_purchase_frequency",
            ratio(occasions, np.ones(buyers)),
            unit="occasions_rate",
            definition="purchase_frequency",
            method="linearised_ratio",
            subject="frequency",
        ),
        state(
            "board_order_value",
            _order_value(totals, sales, counts, orders, known),
            unit="money",
            definition="order_value",
            method="linearised_ratio",
            base=orders,
            base_unit="orders",
            subject="order_value",
        ),
        state(
            "board_spend_per_customer",
            ratio(sales, np.ones(buyers)),
            unit="money",
            definition="spend_per_customer",
            method="linearised_ratio",
            subject="spend",
            values={
                "median": Value(float(np.median(sales)) if buyers else None, "money"),
            },
        ),
        state(
            "board_orders_per_customer",
            ratio(counts, np.ones(buyers)),
            unit="orders_rate",
            definition="orders_per_customer",
            method="linearised_ratio",
            subject="frequency",
        ),
        *_unit_findings(state, units),
    ]


def _member_share(state: Stater, totals: dict[str, Any], orders: int, known: int) -> Finding:
    if not orders or known in {0, orders}:
        reason = "all_identified" if known else "none_identified" if orders else "not_computable"
        return state.withheld(
            "board_member_share_of_sales",
            reason,
            definition="member_share_of_sales",
            base=orders,
            base_unit="orders",
        )
    return state(
        "board_member_share_of_sales",
        float(totals["identified_sales"]) / float(totals["net_sales"]),
        unit="share",
        definition="member_share_of_sales",
        method="count",
        base=orders,
        base_unit="orders",
        subject="member_share",
    )


def _repurchase(state: Stater, days: Days, occasions: np.ndarray) -> Finding:
    estimate = proportion(int((occasions >= 2).sum()), len(occasions))
    values = {
        "share": Value(estimate.value, "share"),
        "days": Value(days.count, "days"),
        "base_customers": Value(len(occasions), "customers"),
    }
    common: dict[str, Any] = {
        "definition": "repurchase_rate",
        "base": len(occasions),
        "subject": "repurchase",
        "task": "retain",
        "values": values,
    }
    enough = len(occasions) >= state.context.base_limit
    if enough and estimate.value is not None and estimate.value > _SATURATED:
        return state.withheld("board_repurchase_rate", "saturated", **common)
    return state("board_repurchase_rate", estimate, unit="share", method="wilson", **common)


def _retention(state: Stater, kept: Estimate | None, window: int) -> Finding:
    values = {"days": Value(window, "days")}
    if kept is None:
        return state.withheld(
            "board_repeat_retention",
            "period_too_short",
            definition="repeat_retention",
            values=values,
        )
    return state(
        "board_repeat_retention",
        kept,
        unit="share",
        definition="repeat_retention",
        method="wilson",
        subject="retention",
        task="retain",
        values=values,
    )


def _order_value(
    totals: dict[str, Any], sales: np.ndarray, counts: np.ndarray, orders: int, known: int
) -> Estimate:
    """Estimate net sales per order; an unidentified order is a unit of its own."""
    loose = orders - known
    return ratio_sums(
        len(sales) + loose,
        x=float(orders),
        y=float(totals["net_sales"] or 0.0),
        xx=float(counts @ counts) + loose,
        yy=float(sales @ sales) + float(totals["unidentified_squares"] or 0.0),
        xy=float(sales @ counts)
        + float(totals["net_sales"] or 0.0)
        - float(totals["identified_sales"] or 0.0),
    )


def _unit_findings(state: Stater, units: dict[str, Any] | None) -> list[Finding]:
    names = (("board_units_per_order", "units_per_order"), ("board_unit_price", "unit_price"))
    count = int(units["unit_orders"] or 0) if units else 0
    if units is None or not count:
        # Without a single order the sum is missing; with orders, their quantities are.
        reason = "not_computable" if units and units["unit_orders"] is None else "no_quantity"
        return [state.withheld(name, reason, definition=definition) for name, definition in names]
    found = [
        state(
            "board_units_per_order",
            float(units["units"]) / count,
            unit="number",
            definition="units_per_order",
            method="count",
            base=count,
            base_unit="orders",
            subject="basket",
        )
    ]
    if units.get("unit_sales") is not None:
        found.append(
            state(
                "board_unit_price",
                float(units["unit_sales"]) / float(units["units"]),
                unit="money",
                definition="unit_price",
                method="count",
                base=count,
                base_unit="orders",
                subject="basket",
            )
        )
    return found


def _summary(findings: list[Finding]) -> pd.DataFrame:
    """One row an indicator; a saturated rate is still printed, its finding is not."""
    rows = []
    for item in findings:
        printed = item.values  # noqa: PD011  a finding, no frame
        shown = printed.get("share") if item.reason == "saturated" else None
        rows.append(
            {
                "indicator": item.id.removeprefix("board_"),
                "value": shown.value if shown else item.estimate,
                "low": item.low,
                "high": item.high,
                "unit": "share" if shown else item.unit,
                "base": item.base,
                "base_unit": item.base_unit,
                "status": item.status,
                "reason": item.reason,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.astype({"value": float, "low": float, "high": float})


def _months(inside: ir.Table, period: Days) -> pd.DataFrame:
    frame = collect(month_totals(inside), sort_by=["month_index"])
    kept = collect(kept_months(inside), sort_by=["month_index"]).set_index("month_index")["kept"]
    index = frame["month_index"].astype(int)
    buyers = frame.set_index("month_index")["buyers"].astype(float)
    # Where nobody bought the month before, nobody can come back.
    before = buyers.where(buyers > 0).reindex(index - 1).to_numpy()
    days = np.array([_days_of(number, period) for number in index], dtype=int)
    return pd.DataFrame(
        {
            "month": [month_text(number) for number in index],
            "days": days,
            "buyers": frame["buyers"],
            "orders": frame["orders"],
            "identified_orders": frame["identified_orders"],
            "net_sales": frame["net_sales"],
            "identified_sales": frame["identified_sales"],
            "sales_per_day": frame["net_sales"] / days,
            "order_value": frame["net_sales"] / frame["orders"],
            "orders_per_customer": frame["identified_orders"]
            / frame["buyers"].where(frame["buyers"] > 0),
            "repeat_retention": kept.reindex(index).fillna(0).to_numpy(dtype=float) / before,
        }
    )


def _factors(row: pd.Series) -> dict[str, float]:
    buyers, orders, sales = (
        float(row[name]) for name in ("buyers", "identified_orders", "identified_sales")
    )
    if min(buyers, orders, sales) <= 0:
        return {}
    return {
        "buyers": buyers,
        "orders_per_customer": orders / buyers,
        "order_value": sales / orders,
    }


def _split(first: pd.Series, last: pd.Series) -> dict[str, float]:
    """Parts of the change of sales; nan where a period has no identified sales."""
    before, after = _factors(first), _factors(last)
    parts = split_change(before, after) if before and after else dict.fromkeys(FACTORS, math.nan)
    loose = [float(row["net_sales"]) - float(row["identified_sales"]) for row in (first, last)]
    return {f"part_{name}": parts[name] for name in FACTORS} | {
        "part_unidentified": loose[1] - loose[0],
        "change": float(last["net_sales"]) - float(first["net_sales"]),
    }


def _days_of(month: int, period: Days) -> int:
    """Return how many days of a month lie in the period."""
    span = pd.Period(month_text(month), freq="M")
    first = max(span.start_time.date(), period.start)
    return (min(span.end_time.date(), period.end) - first).days + 1


def _steps(months: pd.DataFrame) -> pd.DataFrame:
    """Split the step of each month from the month before; a month cut short is not compared."""
    spans = [pd.Period(text, freq="M") for text in months["month"]]
    whole = [days == span.days_in_month for days, span in zip(months["days"], spans, strict=True)]
    rows = [
        {"month": months["month"].iloc[index]} | _split(months.iloc[index - 1], months.iloc[index])
        for index in range(1, len(months))
        if whole[index - 1] and whole[index] and spans[index - 1] + 1 == spans[index]
    ]
    columns = ["month", *(f"part_{name}" for name in FACTORS), "part_unidentified", "change"]
    return pd.DataFrame(rows, columns=columns)


def _halves(inside: ir.Table, days: Days) -> pd.DataFrame:
    rows = []
    for name, half in zip(("first", "last"), days.halves(), strict=True):
        part = within(inside, half)
        totals = collect_one(order_totals(part))
        rows.append(
            {
                "half": name,
                "start": half.start.isoformat(),
                "end": half.end.isoformat(),
                "buyers": collect_one(buyer_count(part))["buyers"],
                "identified_orders": totals["identified_orders"] or 0,
                "identified_sales": totals["identified_sales"] or 0.0,
                "net_sales": totals["net_sales"] or 0.0,
            }
        )
    return pd.DataFrame(rows)


@reduction
def buyer_count(orders: ir.Table) -> ir.Table:
    """Return one row: distinct identified customers."""
    return orders.aggregate(buyers=orders.customer_id.nunique())


@reduction
def half_sales(orders: ir.Table, *, first_end: str, last_start: str) -> ir.Table:
    """Return one row an identified customer: net sales of the first and of the last half."""
    known = identified(orders)
    return known.group_by("customer_id").aggregate(
        first=known.net_sales.sum(where=known.day <= ibis.date(first_end)),
        last=known.net_sales.sum(where=known.day >= ibis.date(last_start)),
    )


def _change_finding(
    state: Stater, inside: ir.Table, days: Days, halves: pd.DataFrame
) -> tuple[Finding, ...]:
    if days.count < 2 or min(halves["identified_sales"]) <= 0:
        return ()
    first, last = days.halves()
    sales = collect(
        half_sales(inside, first_end=first.end.isoformat(), last_start=last.start.isoformat()),
        sort_by=["customer_id"],
    ).fillna(0.0)
    found = ratio(sales["last"].to_numpy(), sales["first"].to_numpy())
    shifted = Estimate(
        _less_one(found.value), _less_one(found.low), _less_one(found.high), found.base, found.level
    )
    parts = _split(halves.iloc[0], halves.iloc[1])
    change = float(halves["identified_sales"].iloc[1] - halves["identified_sales"].iloc[0])
    finding = state(
        "board_sales_change",
        shifted,
        unit="change",
        definition="sales_decomposition",
        method="log_mean",
        subject="sales_change",
        values={
            "change": Value(change, "money_change"),
            "buyers": Value(parts["part_buyers"], "money_change"),
            "orders": Value(parts["part_orders_per_customer"], "money_change"),
            "value": Value(parts["part_order_value"], "money_change"),
            "first_start": Value(first.start.isoformat(), "date"),
            "first_end": Value(first.end.isoformat(), "date"),
            "last_start": Value(last.start.isoformat(), "date"),
            "last_end": Value(last.end.isoformat(), "date"),
        },
    )
    if days.count >= 730:
        return (finding,)
    season = state.withheld(
        "board_season",
        "one_year",
        definition="yoy",
        base=len(sales),
        values={"days": Value(days.count, "days")},
    )
    return finding, season


def _less_one(value: float | None) -> float | None:
    return None if value is None else value - 1


def _charts(frames: dict[str, pd.DataFrame], base: int, days: Days) -> tuple[Chart, ...]:
    months, steps = frames["months"], frames["decomposition"]
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    if len(months) < 2:
        return ()
    best = months.iloc[int(months["sales_per_day"].argmax())]
    worst = months.iloc[int(months["sales_per_day"].argmin())]
    charts = [
        Chart(
            name="months",
            key="board.months",
            kind="bars",
            frame="months",
            encode={
                "x": "month",
                "x_unit": "month",
                "y": "sales_per_day",
                "unit": "money",
                "y_label": "sales_per_day",
            },
            values={
                "best": Value(str(best["month"]), "month"),
                "best_sales": Value(float(best["sales_per_day"]), "money"),
                "worst": Value(str(worst["month"]), "month"),
                "worst_sales": Value(float(worst["sales_per_day"]), "money"),
            },
            definitions=("net_sales",),
            **common,
        )
    ]
    if len(steps) and steps["part_buyers"].notna().all():
        parts = [f"part_{name}" for name in FACTORS]
        if (steps["part_unidentified"] != 0).any():
            parts.append("part_unidentified")
        largest = steps.iloc[int(steps["change"].abs().argmax())]
        sums = {name: float(steps[name].abs().sum()) for name in parts}
        charts.append(
            Chart(
                name="decomposition",
                key="board.decomposition",
                kind="stacked",
                frame="decomposition",
                encode={
                    "x": "month",
                    "x_unit": "month",
                    "parts": parts,
                    "total": "change",
                    "unit": "money",
                    "y_label": "change_of_sales",
                    "height": 1.1,
                },
                values={
                    "month": Value(str(largest["month"]), "month"),
                    "change": Value(float(largest["change"]), "money_change"),
                    "main": Value(max(sums, key=lambda name: sums[name]), "label:part"),
                },
                definitions=("sales_decomposition",),
                **common,
            )
        )
    return tuple(charts)


def _tables(base: int, days: Days) -> tuple[TableView, ...]:
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    return (
        TableView(
            name="summary",
            key="board.summary",
            frame="summary",
            columns=(
                Column("indicator", "label:indicator"),
                Column("value", "@unit", low="low", high="high"),
                Column("base", "@base_unit"),
                Column("reason", "label:short_reason"),
            ),
            definitions=(
                "identified_share",
                "member_share_of_sales",
                "active_member",
                "repurchase_rate",
                "repeat_retention",
                "purchase_frequency",
                "order_value",
                "spend_per_customer",
                "orders_per_customer",
                "units_per_order",
                "unit_price",
            ),
            **common,
        ),
        TableView(
            name="months",
            key="board.months",
            frame="months",
            columns=(
                Column("month", "month"),
                Column("buyers", "count"),
                Column("orders", "count"),
                Column("net_sales", "money"),
                Column("order_value", "money"),
                Column("orders_per_customer", "number"),
                Column("repeat_retention", "share", heading="kept_from_month_before"),
            ),
            **common,
        ),
    )
