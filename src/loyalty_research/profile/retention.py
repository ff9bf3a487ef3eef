"""How soon customers come back, and who is overdue."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    customer_totals,
    drawable,
    early_share,
    identified,
    month_index,
    month_text,
    present,
    stater,
    valid_orders,
    within,
)
from loyalty_research.results import Result
from loyalty_research.stats import GapSurvival, gap_survival, share_of

_SECTION = "retention"
_GROUPS = 40
_OVERDUE = 0.95
_WINDOW = 30


def retention(orders: Any, *, period: Any, first_purchase_observed: bool | None = None) -> Result:
    """Estimate the repurchase cycle, name who is overdue, and build cohorts where they exist.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day); gaps still open on the last day are censored.
    first_purchase_observed
        Whether a customer's first order in the data is the first ever; None asks the brand.
        Cohorts need it: in a panel of established shoppers "first seen" is not "new".

    Returns
    -------
    Result
        Frames ``summary`` (quantiles of the gap), ``survival`` (days, share not back, bounds) and,
        where first purchases are observed, ``cohorts`` (month, age in months, share that buys).

    Raises
    ------
    DataError
        Where a column is missing.

    Notes
    -----
    A gap runs from one occasion (customer x day) to the next. Each customer weighs one: completed
    gaps share that weight, a customer with none enters with the open gap, censored. Overdue:
    silent on the last day for longer than 95 % of such gaps last.

    References
    ----------
    Kaplan & Meier 1958; Wang & Chang 1999.
    """
    table = valid_orders(orders, "customer_id")
    days = as_days(period)
    inside = within(table, days)
    state = stater(table, _SECTION, days)
    observed = (
        state.context.first_purchase_observed
        if first_purchase_observed is None
        else first_purchase_observed
    )
    customers = collect(customer_totals(inside), sort_by=["customer_id"])
    gaps = collect(
        gap_weights(inside, as_of=days.end.isoformat(), groups=_GROUPS),
        sort_by=["gap_days", "customer_group"],
    )
    survival = gap_survival(
        gaps["gap_days"].to_numpy(dtype=int),
        gaps["customer_group"].to_numpy(dtype=int),
        gaps["returned"].to_numpy(dtype=float),
        gaps["silent"].to_numpy(dtype=float),
        base=len(customers),
    )
    frames = {"summary": _summary(survival), "survival": _curve(survival)}
    findings = [*_findings(state, survival, customers, days)]
    charts = [*_survival_chart(survival, days)]
    if observed:
        frames["cohorts"] = _cohorts(table, days)
        charts += _cohort_chart(frames["cohorts"], days)
    else:
        findings.append(
            state.withheld(
                "retention_cohorts",
                "first_purchase_not_observed" if len(customers) else "not_computable",
                definition="new_customer",
                base=len(customers),
                values=early_share(customers, days),
            )
        )
    return Result(
        name="retention",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=tuple(findings),
        charts=drawable(charts, state.context),
        tables=(
            TableView(
                name="summary",
                key="retention.summary",
                frame="summary",
                columns=(
                    Column("share_back", "share"),
                    Column("days", "days", low="low", high="high", heading="within_days"),
                ),
                persons=(),  # quantiles of the whole base
                definitions=("repurchase_cycle",),
                base=len(customers),
                base_unit="customers",
                period=days.iso,
            ),
        ),
        references=("kaplan1958", "wang1999"),
        context=state.context,
        table=occasions(inside),
    )


@reduction
def occasions(orders: ir.Table) -> ir.Table:
    """Return one row an occasion: customer_id, day."""
    known = identified(orders)
    return known.select("customer_id", "day").distinct()


@reduction
def gap_weights(orders: ir.Table, *, as_of: str, groups: int) -> ir.Table:
    """Return weights of completed and open gaps by length and group of customers.

    Columns: gap_days, customer_group, returned, silent.
    """
    days = occasions(orders)
    by_customer = ibis.window(group_by="customer_id", order_by="day")
    whole = ibis.window(group_by="customer_id")
    last = ibis.date(as_of)
    rows = days.select(
        "customer_id",
        "day",
        after=days.day.lead(1).over(by_customer),
        visits=days.day.count().over(whole),
        # Any identifier becomes a dense number, so that the groups are the same everywhere.
        place=ibis.dense_rank().over(ibis.window(order_by="customer_id")),
    )
    closed = present(rows.after)
    # A sum of decimals does not depend on the order of adding; a sum of floats would.
    weight = (1.0 / (rows.visits - 1).cast("float64").nullif(0)).cast("decimal(18, 12)")
    zero = ibis.literal(0).cast("decimal(18, 12)")
    one = ibis.literal(1).cast("decimal(18, 12)")
    gaps = rows.select(
        customer_group=rows.place % groups,
        gap_days=closed.ifelse(
            rows.after.delta(rows.day, unit="day"), last.delta(rows.day, unit="day")
        ),
        returned=closed.ifelse(weight, zero),
        silent=(~closed & (rows.visits == 1)).ifelse(one, zero),
    )
    used = gaps.filter((gaps.returned > 0) | (gaps.silent > 0))
    return used.group_by("gap_days", "customer_group").aggregate(
        returned=used.returned.sum(), silent=used.silent.sum()
    )


@reduction
def cohort_activity(orders: ir.Table) -> ir.Table:
    """Return customers active by month of first purchase and age in months.

    Columns: cohort (month index), age, customers.
    """
    known = identified(orders)
    active = known.select("customer_id", month_index=month_index(known.day)).distinct()
    first = active.group_by("customer_id").aggregate(cohort=active.month_index.min())
    both = active.inner_join(first, "customer_id")
    rows = both.select("cohort", age=both.month_index - both.cohort)
    return rows.group_by("cohort", "age").aggregate(customers=rows.count())


def _summary(survival: GapSurvival) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"share_back": share, "days": item.value, "low": item.low, "high": item.high}
            for share, item in survival.quantiles.items()
        ]
    ).astype(float)


def _curve(survival: GapSurvival) -> pd.DataFrame:
    """Return the curve up to where 97 % are back, or to the last gap seen."""
    frame = pd.DataFrame(
        {
            "days": survival.days,
            "share_away": survival.survival,
            "low": survival.low,
            "high": survival.high,
        }
    )
    enough = np.flatnonzero(survival.survival <= 0.03)
    return frame.iloc[: int(enough[0]) + 1] if len(enough) else frame


def _findings(
    state: Stater, survival: GapSurvival, customers: pd.DataFrame, days: Days
) -> list[Finding]:
    median = survival.quantiles[0.5]
    within_window = survival.returned_by(_WINDOW) if survival.base else None
    short: dict[str, Any] = {}
    if survival.base >= state.context.base_limit and median.value is None:
        short = {"status": "withheld", "reason": "period_too_short"}
    found = [
        state(
            "cycle_median",
            median,
            unit="days",
            definition="repurchase_cycle",
            method="weighted_product_limit",
            subject="cycle",
            task="retain",
            values={
                "window": Value(_WINDOW, "days"),
                "within_window": Value(within_window.value if within_window else None, "share"),
            },
            **short,
        )
    ]
    limit = survival.quantiles[_OVERDUE].value
    if limit is None:
        return found
    last = pd.to_datetime(customers["last_day"])
    silent = (pd.Timestamp(days.end) - last).dt.days.to_numpy()
    overdue = silent > limit
    sales = customers["net_sales"].to_numpy(dtype=float)
    stake = float(sales[overdue].sum())
    found.append(
        state(
            "cycle_overdue",
            share_of(np.where(overdue, sales, 0.0), sales),
            unit="share",
            definition="overdue",
            method="weighted_product_limit",
            base=int(overdue.sum()),
            subject="overdue",
            task="win_back",
            group="overdue",
            at_stake=stake,
            values={
                "limit": Value(limit, "days"),
                "people": Value(int(overdue.sum()), "customers"),
                "share_people": Value(float(overdue.mean()), "share"),
                "sales": Value(stake, "money"),
            },
        )
    )
    return found


def _survival_chart(survival: GapSurvival, days: Days) -> list[Chart]:
    median = survival.quantiles[0.5]
    if median.value is None:
        return []
    back = survival.returned_by(_WINDOW)
    return [
        Chart(
            name="survival",
            key="retention.survival",
            kind="curve",
            frame="survival",
            encode={
                "x": "days",
                "x_unit": "days",
                "y": "share_away",
                "unit": "share",
                "low": "low",
                "high": "high",
                "step": True,
                "marks": [median.value],
                "x_label": "days_since_purchase",
                "y_label": "share_away",
            },
            values={
                "median": Value(median.value, "days"),
                "window": Value(_WINDOW, "days"),
                "back": Value(back.value, "share"),
            },
            definitions=("repurchase_cycle",),
            persons=(Persons("share_away", rows="curve"),),
            base=survival.base,
            base_unit="customers",
            period=days.iso,
        )
    ]


def _cohorts(table: ir.Table, days: Days) -> pd.DataFrame:
    """Share of each cohort that buys, by age; months not yet over are left out.

    Orders before the period say who is not new; a month in which nobody of a cohort buys is a
    share of zero, not a missing one.
    """
    history = table.filter(table.day <= ibis.literal(days.end))
    frame = collect(cohort_activity(history), sort_by=["cohort", "age"])
    keys = zip(frame["cohort"].astype(int), frame["age"].astype(int), strict=True)
    active = dict(zip(keys, frame["customers"].astype(int), strict=True))
    first = days.start.year * 12 + days.start.month - 1
    after = days.end + dt.timedelta(days=1)
    last = after.year * 12 + after.month - 2
    rows = [
        {
            "month": month_text(cohort),
            "age": age,
            "cohort_size": size,
            "customers": active.get((cohort, age), 0),
            "share": active.get((cohort, age), 0) / size,
        }
        for (cohort, start), size in active.items()
        if start == 0 and cohort >= first
        for age in range(last - cohort + 1)
    ]
    return pd.DataFrame(rows, columns=["month", "age", "cohort_size", "customers", "share"])


def _cohort_chart(cohorts: pd.DataFrame, days: Days) -> list[Chart]:
    next_month = cohorts[cohorts["age"] == 1]
    if next_month.empty:
        return []
    share = float(next_month["customers"].sum()) / float(next_month["cohort_size"].sum())
    return [
        Chart(
            name="cohorts",
            key="retention.cohorts",
            kind="matrix",
            frame="cohorts",
            encode={
                "x": "age",
                "y": "month",
                "y_unit": "month",
                "value": "share",
                "unit": "share",
                "x_label": "age_months",
                "y_label": "first_month",
                "height": 1.3,
            },
            values={"next": Value(share, "share")},
            definitions=("new_customer",),
            persons=(Persons(names=("month", "age"), rows="share", of="cohort_size"),),
            base=int(cohorts.loc[cohorts["age"] == 0, "customers"].sum()),
            base_unit="customers",
            period=days.iso,
        )
    ]
