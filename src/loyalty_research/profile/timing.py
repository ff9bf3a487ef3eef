"""When customers buy: weekday and hour, kinds of days, weeks, and years beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Finding, TableView, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    drawable,
    stater,
    valid_orders,
    within,
)
from loyalty_research.profile.dayparts import (
    daypart_finding,
    daypart_table,
    dayparts_of,
    named_hours,
)
from loyalty_research.profile.special_days import day_totals, every_day, persons_on
from loyalty_research.profile.timing_days import (
    NewYear,
    days_of_weeks,
    kinds_of,
    new_year_of,
    weeks_of,
    years_of,
)
from loyalty_research.profile.timing_views import timing_charts, timing_tables
from loyalty_research.results import Result
from loyalty_research.stats import Estimate
from loyalty_research.stats.calendar import KNOWN_YEARS, day_kind

_SECTION = "timing"


def timing(
    orders: Any,
    *,
    period: Any,
    calendar: str = "none",
    week_start: int | None = None,
    fiscal_year_start: int = 1,
) -> Result:
    """Count orders by weekday and hour, by kind of day and week, and months beside last year's.

    Parameters
    ----------
    orders
        One row an order: ordered_at (local time), net_sales. Orders before the period serve the
        comparison with the year before. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).
    calendar
        ``cn`` for public holidays and the lunar new year of mainland China; ``none`` for neither.
    week_start
        First day of the week, 0 for Monday; None asks the brand.
    fiscal_year_start
        Month the fiscal year begins with, 1 to 12.

    Returns
    -------
    Result
        Frames ``summary`` (weekday: orders, share, order value), ``hours`` (weekday x hour),
        ``dayparts`` (breakfast from 5, lunch from 10, afternoon from 14, evening from 17, night
        from 21 to 5), ``weeks`` (fiscal weeks of seven days), ``kinds`` (with ``calendar="cn"``:
        sales a day by kind of day) and ``years`` (where a year earlier is known: months beside the
        same months, near the lunar new year also beside the days as far from it).

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where the calendar is unknown.

    Notes
    -----
    Weekday 0 is Monday. Where every order is stamped at midnight only the weekday is known, and
    the hour is withheld. Public holidays are those of the State Council's notices; years without
    one are ``unknown``. Kinds of days differ in season and weekday: nothing is said of causes.
    """
    _check(calendar)
    days = as_days(period)
    everything = valid_orders(orders)
    table = within(everything, days)
    state = stater(table, _SECTION, days)
    hours = collect(orders_by_hour(table), sort_by=["weekday", "hour"])
    total = int(hours["orders"].sum())
    hours["share"] = hours["orders"] / max(total, 1)
    first = state.context.week_start if week_start is None else week_start
    hours["daypart"] = hours["hour"].map(named_hours())
    frames = {"summary": _weekdays(hours, total, first), "hours": hours}
    findings = [_peak(state, frames, total)]
    parts: tuple[TableView, ...] = ()
    if total and set(hours["hour"]) != {0}:
        frames["dayparts"] = dayparts_of(hours)
        findings.append(daypart_finding(state, frames["dayparts"], total))
        parts = (daypart_table(total, days),)
    until = everything.filter(everything.day <= ibis.literal(days.end))
    if total:
        known = _known_days(until, days)
        daily = known[known["day"] >= days.start].reset_index(drop=True)
        weeks = weeks_of(daily, week_start=first, fiscal_year_start=fiscal_year_start)
        in_week = persons_on(table, days_of_weeks(weeks))
        frames["weeks"] = weeks.assign(persons=_persons(weeks["fiscal_week"], in_week))
        sales = known.set_index("day")["net_sales"]
        years = years_of(sales, days, lunar=calendar == "cn")
        if len(years):
            in_month = persons_on(until, {day: day.isoformat()[:7] for day in known["day"]})
            frames["years"] = years.assign(
                persons=_persons(years["month"], in_month),
                persons_before=_persons(years["month_before"], in_month),
            )
        if calendar == "cn":
            kinds = kinds_of(daily)
            on_kind = persons_on(table, {day: day_kind(day) for day in daily["day"]})
            frames["kinds"] = kinds.assign(persons=_persons(kinds["day_kind"], on_kind))
            findings.append(_holidays(state, frames["kinds"], total))
            found = new_year_of(sales, known.set_index("day")["orders"], days)
            findings += [_new_year(state, found)] if found else []
    return Result(
        name="timing",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=tuple(findings),
        charts=drawable(timing_charts(frames, findings, total, days, first), state.context),
        tables=(*timing_tables(frames, total, days), *parts),
        context=state.context,
        table=orders_by_hour(table),
    )


def _check(calendar: Any) -> None:
    if calendar not in {"none", "cn"}:
        raise ParameterError(
            problem("calendar: found {found!r}; allowed: none, cn", found=calendar)
        )


def _persons(names: pd.Series[Any], counts: Mapping[str, int]) -> list[int]:
    return [counts.get(str(name), 0) for name in names]


def _known_days(until: ir.Table, days: Days) -> pd.DataFrame:
    """Return one row a day from the first that is known to the last of the period."""
    totals = collect(day_totals(until), sort_by=["day"])
    first = min(days.start, pd.Timestamp(totals["day"].iloc[0]).date())
    return every_day(totals, Days(first, days.end))


def _weekdays(hours: pd.DataFrame, total: int, first: int) -> pd.DataFrame:
    by_day = hours.groupby("weekday", as_index=False)[["orders", "net_sales"]].sum()
    by_day["share"] = by_day["orders"] / max(total, 1)
    by_day["order_value"] = by_day["net_sales"] / by_day["orders"]
    return by_day.sort_values("weekday", key=lambda day: (day - first) % 7, ignore_index=True)


def _peak(state: Stater, frames: dict[str, pd.DataFrame], total: int) -> Finding:
    hours, by_day = frames["hours"], frames["summary"]
    if not total or set(hours["hour"]) == {0}:
        return state.withheld(
            "timing_peak",
            "no_time_of_day" if total else "not_computable",
            definition="orders",
            base=total,
            base_unit="orders",
        )
    clock = hours.groupby("hour")["orders"].sum()
    weekend = float(by_day.loc[by_day["weekday"] >= 5, "share"].sum())
    return state(
        "timing_peak",
        float(clock.max()) / total,
        unit="share",
        definition="orders",
        method="count",
        base=total,
        base_unit="orders",
        subject="timing",
        values={
            "hour": Value(int(clock.index.to_numpy()[clock.argmax()]), "hour"),
            "weekend": Value(weekend, "share"),
        },
    )


def _holidays(state: Stater, kinds: pd.DataFrame, total: int) -> Finding:
    """State sales a day on public holidays against working days."""
    rows = {str(row["day_kind"]): row for row in kinds.to_dict("records")}
    common: dict[str, Any] = {"definition": "day_kind", "base": total, "base_unit": "orders"}
    if set(rows) == {"unknown"}:
        first, last = KNOWN_YEARS
        values = {"first": Value(str(first), "text"), "last": Value(str(last), "text")}
        return state.withheld("timing_holidays", "calendar_unknown", values=values, **common)
    plain = float(rows["working_day"]["sales_per_day"]) if "working_day" in rows else 0.0
    if "public_holiday" not in rows or plain <= 0:
        return state.withheld("timing_holidays", "no_holiday", **common)
    holiday = rows["public_holiday"]
    return state(
        "timing_holidays",
        float(holiday["sales_per_day"]) / plain,
        unit="number",
        method="count",
        subject="timing_holidays",
        values={
            "holidays": Value(int(holiday["days"]), "days"),
            "working_days": Value(int(rows["working_day"]["days"]), "days"),
            "sales_per_day": Value(float(holiday["sales_per_day"]), "money"),
        },
        **common,
    )


def _new_year(state: Stater, found: NewYear) -> Finding:
    return state(
        "timing_new_year",
        Estimate(found.aligned, None, None, found.orders),
        unit="change",
        definition="yoy",
        method="count",
        base_unit="orders",
        subject="timing_new_year",
        values={
            "by_date": Value(found.by_date, "change"),
            "weeks": Value(found.weeks, "count"),
            "first": Value(found.span.start.isoformat(), "date"),
            "last": Value(found.span.end.isoformat(), "date"),
            "day": Value(found.day.isoformat(), "date"),
            "before": Value(found.before.isoformat(), "date"),
        },
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
