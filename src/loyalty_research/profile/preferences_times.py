"""When each category is bought: months against its own mean, and parts of the day."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import t

from loyalty_research.engine import collect, reduction
from loyalty_research.findings import Chart, Finding, Persons, Value
from loyalty_research.profile.common import Days, Stater, month_index, month_text
from loyalty_research.profile.dayparts import DAYPARTS, NIGHT, daypart_of
from loyalty_research.stats import Estimate

_GROUPS = 20
_LEAST_MONTHS = 3
# A category's sales are told elsewhere: one hidden cell alone could be worked out from the others.
_HOURS = Persons(
    names=("category", "daypart"), rows="apart", margins=("category",), rates=("share",)
)


@reduction
def category_months(lines: ir.Table, *, groups: int) -> ir.Table:
    """Return one row a category, month and group of customers: net_sales, customers.

    Columns: category, month_index, customer_group, net_sales, customers.
    """
    rows = lines.filter(lines.category.notnull(), lines.amount > 0)
    rows = rows.mutate(month_index=month_index(rows.day))
    own = rows.group_by("customer_id", "category", "month_index").aggregate(
        net_sales=rows.amount.sum()
    )
    # Any identifier becomes a dense number, so that the groups are the same everywhere.
    place = ibis.dense_rank().over(ibis.window(order_by="customer_id"))
    own = own.mutate(place=place)
    own = own.mutate(customer_group=own.place % groups)
    return own.group_by("category", "month_index", "customer_group").aggregate(
        net_sales=own.net_sales.sum(), customers=own.count()
    )


@reduction
def category_dayparts(lines: ir.Table) -> ir.Table:
    """Return one row a category and part of the day: net_sales, customers, timed.

    ``timed`` counts lines not stamped at midnight.
    """
    rows = lines.filter(lines.category.notnull(), lines.amount > 0)
    stamp = rows.ordered_at
    hour = ibis.literal(0).cast("int64") if stamp.type().is_date() else stamp.hour().cast("int64")
    rows = rows.mutate(hour=hour)
    rows = rows.mutate(daypart=daypart_of(rows.hour))
    own = rows.group_by("customer_id", "category", "daypart").aggregate(
        net_sales=rows.amount.sum(), timed=(rows.hour != 0).cast("int64").sum()
    )
    return own.group_by("category", "daypart").aggregate(
        net_sales=own.net_sales.sum(), customers=own.count(), timed=own.timed.sum()
    )


def seasons_frame(lines: ir.Table, days: Days, categories: list[str]) -> pd.DataFrame:
    """Return one row a category and whole month: customers, index with interval, beyond_chance.

    Index = net sales a day of the month / net sales a day over all whole months of the period.
    Intervals from a jackknife over twenty groups of customers; beyond chance at 95 % over all cells
    together (Bonferroni).
    """
    columns = [
        "category",
        "month",
        "month_number",
        "customers",
        "index",
        "low",
        "high",
        "beyond_chance",
    ]
    months = _whole_months(days)
    if len(months) < _LEAST_MONTHS or not categories:
        return pd.DataFrame(columns=columns)
    found = collect(
        category_months(lines, groups=_GROUPS),
        sort_by=["category", "month_index", "customer_group"],
    )
    length = np.array([calendar.monthrange(month // 12, month % 12 + 1)[1] for month in months])
    critical = float(t.ppf(1 - 0.025 / (len(categories) * len(months)), _GROUPS - 1))
    rows = []
    for category in categories:
        own = found[found["category"] == category]
        cube = own.pivot_table(
            index="customer_group", columns="month_index", values="net_sales", aggfunc="sum"
        )
        sales = cube.reindex(index=range(_GROUPS), columns=months).astype(float).fillna(0.0)
        people = own.groupby("month_index")["customers"].sum().reindex(months).fillna(0)
        index, error = _jackknife(sales.to_numpy(), length)
        half = float(t.ppf(0.975, _GROUPS - 1)) * error
        for place, month in enumerate(months):
            rows.append(
                {
                    "category": category,
                    "month": month_text(month),
                    "month_number": month % 12 + 1,
                    "customers": int(people.iloc[place]),
                    "index": index[place],
                    "low": index[place] - half[place],
                    "high": index[place] + half[place],
                    "beyond_chance": bool(abs(index[place] - 1) > critical * error[place]),
                }
            )
    return pd.DataFrame(rows, columns=columns)


def _jackknife(sales: np.ndarray, length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the index of each month and its standard error; ``sales`` is group by month."""

    def index(total: np.ndarray) -> np.ndarray:
        mean = total.sum(axis=-1, keepdims=True) / length.sum()
        return np.divide(total / length, mean, out=np.full(total.shape, np.nan), where=mean > 0)

    whole = sales.sum(axis=0)
    without = index(whole - sales)
    count = len(sales)
    spread = ((without - without.mean(axis=0)) ** 2).sum(axis=0) * (count - 1) / count
    return index(whole), np.sqrt(spread)


def _whole_months(days: Days) -> list[int]:
    """Return the month indices that lie in a period from the first day to the last."""
    first = days.start.year * 12 + days.start.month - 1 + (days.start.day > 1)
    after = days.end + dt.timedelta(days=1)
    return list(range(first, after.year * 12 + after.month - 1))


def dayparts_frame(lines: ir.Table, categories: list[str]) -> pd.DataFrame:
    """Return one row a category and part of the day: customers, share of the category's net sales.

    Empty where no line carries a time of day.
    """
    found = collect(category_dayparts(lines), sort_by=["category", "daypart"])
    found = found[found["category"].isin(categories)]
    if not found["timed"].sum():
        found = found.head(0)
    sales = found["net_sales"].astype(float)
    whole = sales.groupby(found["category"]).transform("sum")
    return found.assign(net_sales=sales, share=sales / whole).reset_index(drop=True)


def season_finding(state: Stater, seasons: pd.DataFrame, customers: int) -> Finding:
    """State the month furthest above a category's own mean, where beyond chance."""
    name, definition = "preference_season", "season_index"
    if seasons.empty:
        reason = "period_too_short" if customers else "not_computable"
        return state.withheld(name, reason, definition=definition, base=customers)
    large = seasons[seasons["customers"] >= state.context.base_limit]
    stated = large[large["beyond_chance"].astype(bool)]
    if stated.empty:
        reason = "no_difference" if len(large) else "base_too_small"
        base = customers if len(large) else int(seasons["customers"].max())
        return state.withheld(name, reason, definition=definition, base=base)
    top = stated.iloc[int(np.abs(np.log(stated["index"].clip(lower=1e-9))).to_numpy().argmax())]
    return state(
        name,
        Estimate(
            float(top["index"]),
            max(float(top["low"]), 0.0),
            float(top["high"]),
            int(top["customers"]),
        ),
        unit="number",
        definition=definition,
        method="jackknife",
        subject=name,
        values={
            "category": Value(str(top["category"]), "label:category"),
            "month": Value(str(top["month"]), "month"),
            "cells": Value(len(seasons), "count"),
            "beyond": Value(int(seasons["beyond_chance"].sum()), "count"),
        },
    )


def time_charts(
    seasons: pd.DataFrame, dayparts: pd.DataFrame, found: Finding, base: int, days: Days
) -> tuple[Chart, ...]:
    """Describe both matrices."""
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    charts = []
    if len(seasons):
        stated = found.status == "stated"
        # Within a year the number of the month is enough, and narrower.
        short = seasons["month"].nunique() == seasons["month_number"].nunique()
        x, unit = ("month_number", "label:month_number") if short else ("month", "text")
        values = dict(found.values) | {"index": Value(found.estimate, "number")} if stated else {}
        charts.append(
            Chart(
                name="seasons",
                key="preferences.seasons" if stated else "preferences.seasons_none",
                kind="matrix",
                frame="seasons",
                encode={
                    "x": x,
                    "x_unit": unit,
                    "x_order": seasons[x].drop_duplicates().tolist(),
                    "y": "category",
                    "y_unit": "label:category",
                    "value": "index",
                    "unit": "number",
                    "y_order": seasons["category"].drop_duplicates().tolist(),
                    "annotate": short,
                    "scale_label": "season_index",
                    "centre": 1.0,
                    "star": "beyond_chance",
                    "star_unit": "label:yes_no",
                    "height": _height(seasons),
                },
                values=values or {"cells": Value(len(seasons), "count")},
                definitions=("season_index",),
                persons=(
                    Persons(
                        names=("category", x),
                        rows="apart",
                        margins=("category",),
                        rates=("index",),
                    ),
                ),
                **common,
            )
        )
    if len(dayparts):
        charts.append(_daypart_chart(dayparts, common))
    return tuple(charts)


def _height(frame: pd.DataFrame) -> float:
    return 0.4 + 0.08 * frame["category"].nunique()


def _daypart_chart(dayparts: pd.DataFrame, common: dict[str, Any]) -> Chart:
    sales = dayparts.groupby("category")["net_sales"].sum()
    categories = sales.sort_values(ascending=False, kind="stable").index.tolist()
    top = dayparts.iloc[int(dayparts["share"].to_numpy().argmax())]
    return Chart(
        name="dayparts",
        key="preferences.dayparts",
        kind="matrix",
        frame="dayparts",
        encode={
            "x": "daypart",
            "x_unit": "label:daypart_name",
            "y": "category",
            "y_unit": "label:category",
            "value": "share",
            "unit": "share",
            "x_order": [*DAYPARTS, NIGHT],
            "y_order": categories,
            "height": _height(dayparts),
        },
        values={
            "category": Value(str(top["category"]), "label:category"),
            "daypart": Value(str(top["daypart"]), "label:daypart"),
            "share": Value(float(top["share"]), "share"),
        },
        definitions=("daypart",),
        persons=(_HOURS,),
        **common,
    )
