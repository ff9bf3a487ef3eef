"""When customers buy: weekday and hour."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from loyalty_research.engine import collect, reduction
from loyalty_research.findings import Chart, Column, TableView, Value
from loyalty_research.profile.common import CHAPTER, as_days, drawable, stater, valid_orders, within
from loyalty_research.results import Result

_SECTION = "timing"


def timing(orders: Any, *, period: Any) -> Result:
    """Count orders by weekday and hour, in the brand's own time zone.

    Parameters
    ----------
    orders
        One row an order: ordered_at (local time), net_sales. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).

    Returns
    -------
    Result
        Frames ``summary`` (weekday: orders, share, order value) and ``hours`` (weekday x hour).

    Raises
    ------
    DataError
        Where a column is missing.

    Notes
    -----
    Weekday 0 is Monday. Where every order is stamped at midnight only the weekday is known, and
    the hour is withheld.
    """
    table = within(valid_orders(orders), as_days(period))
    days = as_days(period)
    state = stater(table, _SECTION, days)
    hours = collect(orders_by_hour(table), sort_by=["weekday", "hour"])
    total = int(hours["orders"].sum())
    hours["share"] = hours["orders"] / max(total, 1)
    by_day = hours.groupby("weekday", as_index=False)[["orders", "net_sales"]].sum()
    by_day["share"] = by_day["orders"] / max(total, 1)
    by_day["order_value"] = by_day["net_sales"] / by_day["orders"]
    common: dict[str, Any] = {"base": total, "base_unit": "orders", "period": days.iso}
    findings, charts = [], []
    if total and set(hours["hour"]) != {0}:
        clock = hours.groupby("hour")["orders"].sum()
        busiest = int(clock.index.to_numpy()[clock.argmax()])
        peak = hours.iloc[int(hours["orders"].argmax())]
        weekend = float(by_day.loc[by_day["weekday"] >= 5, "share"].sum())
        findings.append(
            state(
                "timing_peak",
                float(clock.max()) / total,
                unit="share",
                definition="orders",
                method="count",
                base=total,
                base_unit="orders",
                subject="timing",
                values={
                    "hour": Value(busiest, "hour"),
                    "weekend": Value(weekend, "share"),
                },
            )
        )
        charts.append(
            Chart(
                name="hours",
                key="timing.hours",
                kind="matrix",
                frame="hours",
                encode={
                    "x": "hour",
                    "x_unit": "count",
                    "y": "weekday",
                    "y_unit": "label:weekday",
                    "value": "share",
                    "unit": "share",
                    "annotate": False,
                    "scale_label": "share_orders",
                    "x_label": "hour",
                    "x_order": list(range(24)),
                    "y_order": list(range(7)),
                },
                values={
                    "weekday": Value(int(peak["weekday"]), "label:weekday"),
                    "hour": Value(int(peak["hour"]), "hour"),
                    "peak_hour": Value(busiest, "hour"),
                    "peak_share": Value(float(clock.max()) / total, "share"),
                    "weekend": Value(weekend, "share"),
                },
                definitions=("orders",),
                **common,
            )
        )
    else:
        findings.append(
            state.withheld(
                "timing_peak",
                "no_time_of_day" if total else "not_computable",
                definition="orders",
                base=total,
                base_unit="orders",
            )
        )
    return Result(
        name="timing",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": by_day, "hours": hours},
        findings=tuple(findings),
        charts=drawable(charts, state.context),
        tables=(
            TableView(
                name="weekdays",
                key="timing.weekdays",
                frame="summary",
                columns=(
                    Column("weekday", "label:weekday"),
                    Column("orders", "count"),
                    Column("share", "share", heading="share_orders"),
                    Column("order_value", "money"),
                ),
                definitions=("order_value",),
                **common,
            ),
        ),
        context=state.context,
        table=orders_by_hour(table),
    )


def _hour(stamp: ir.Column) -> ir.Value:
    """Return the hour of a time stamp; 0 for a date, which is midnight."""
    return ibis.literal(0).cast("int64") if stamp.type().is_date() else stamp.hour().cast("int64")


@reduction
def orders_by_hour(orders: ir.Table) -> ir.Table:
    """Return one row a weekday (0 = Monday) and hour: orders, net_sales."""
    rows = orders.select(
        "net_sales",
        weekday=orders.day.day_of_week.index().cast("int64"),
        hour=_hour(orders.ordered_at),
    )
    return rows.group_by("weekday", "hour").aggregate(
        orders=rows.count(), net_sales=rows.net_sales.sum()
    )
