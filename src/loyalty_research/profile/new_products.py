"""New products: how many try them after the launch, and how many of those buy them again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction, require_columns
from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    drawable,
    stater,
    valid_orders,
)
from loyalty_research.profile.new_products_rows import (
    active_before,
    bought_days,
    launches_of,
    repeat_counts,
    sold_lines,
    trial_counts,
)
from loyalty_research.profile.new_products_views import MOST_DRAWN, launch_charts, launch_tables
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, ProductLimit, product_limit, proportion, ratio

_SECTION = "new_products"
_WEEK = 7


def new_products(brand: Any, *, period: Any, weeks: int = 8) -> Result:
    """Report the trial and the repeat purchase of products launched in the period.

    Parameters
    ----------
    brand
        A brand with transactions and products (launched_on; without it the first sale counts,
        where orders of a quarter before the period are known).
    period
        The brand's period or (first day, last day).
    weeks
        Weeks after the launch for the trial, weeks after the trial for the repeat, and weeks before
        the launch in which a customer was active.

    Returns
    -------
    Result
        Frames ``summary`` (product: launch, active customers, trial, buyers, repeat, net sales),
        ``trial`` and ``repeat`` (product x week: share so far, for the largest launches). Without
        dates of launch the one finding says so.

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where ``weeks`` is not a number of weeks from 1.

    Notes
    -----
    Trial: of the customers with a purchase in the weeks before the launch, the share who bought the
    product within the weeks after it (Wilson's interval); given where the launch lies that long
    before the end of the period, and as long after the first order known. Repeat: Kaplan-Meier over
    all buyers of the product, from the first purchase of it to the next on another day; who has not
    bought it again by the end is censored. Looked at are the twenty launches with the largest net
    sales; products sold before their date of launch are left out.
    """
    if not isinstance(weeks, int) or isinstance(weeks, bool) or weeks < 1:
        raise ParameterError(
            problem("weeks: found {found!r}; allowed: a whole number from 1", found=weeks)
        )
    days = as_days(period)
    orders = valid_orders(brand.orders, "customer_id")
    orders = orders.filter(orders.day <= ibis.literal(days.end))
    state = stater(orders, _SECTION, days)
    if not brand.has("products"):
        return _withheld(state, "no_launch")
    require_columns(brand.transactions, ["order_id", "product_id", "amount"], name="transactions")
    sold = sold_lines(brand.transactions, orders=orders)
    launches = launches_of(brand, sold, days, active_days=weeks * _WEEK)
    if launches is None or launches.empty:
        return _withheld(state, "no_launch" if launches is None else "none_launched")
    keys = ibis.memtable(launches[["product_id", "launched_on", "active_from"]])
    bought = bought_days(sold, launches=keys, end=days.end.isoformat())
    trial = collect(
        trial_counts(active_before(orders, launches=keys), bought=bought),
        sort_by=["product_id", "gap_days"],
    )
    repeat = collect(
        repeat_counts(bought, as_of=days.end.isoformat()), sort_by=["product_id", "gap_days"]
    )
    found = [
        _measured(row, trial, repeat, days=days, weeks=weeks) for row in launches.to_dict("records")
    ]
    frames = _frames(found, state, weeks=weeks)
    people = collect(
        new_sales(sold, bought=bought, start=days.start.isoformat()), sort_by=["customer_id"]
    )
    return Result(
        name="new_products",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=_findings(state, frames["summary"], people, weeks),
        charts=drawable(launch_charts(frames, weeks, days), state.context),
        tables=launch_tables(frames["summary"], weeks, len(people), days),
        context=state.context,
        table=bought,
    )


def _withheld(state: Stater, reason: str) -> Result:
    return Result(
        name="new_products",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"product": []})},
        findings=(state.withheld("new_product_trial", reason, definition="trial"),),
        context=state.context,
    )


@reduction
def new_sales(sold: ir.Table, *, bought: ir.Table, start: str) -> ir.Table:
    """Return one row a customer: net_sales from ``start`` on, and those of launched products."""
    rows = sold.filter(sold.day >= ibis.date(start))
    paid = rows.group_by("customer_id").aggregate(net_sales=rows.amount.sum())
    new = bought.group_by("customer_id").aggregate(new_sales=bought.amount.sum())
    both = paid.left_join(new, "customer_id")
    return both.select("customer_id", "net_sales", "new_sales")


@dataclass(frozen=True, slots=True)
class _Launch:
    """What is measured of one launch.

    ``tried`` is the number of active customers who had bought it by each week from 0; empty where
    the trial cannot be told.
    """

    product: str
    launched_on: dt.date
    net_sales: float
    active: int
    tried: tuple[int, ...]
    repeat: ProductLimit


def _measured(
    row: dict[Any, Any], trial: pd.DataFrame, repeat: pd.DataFrame, *, days: Days, weeks: int
) -> _Launch:
    tries = trial[trial["product_id"] == row["product_id"]]
    again = repeat[repeat["product_id"] == row["product_id"]]
    followed = (days.end - row["launched_on"]).days
    told = row["known_before"] and followed >= weeks * _WEEK
    by_week = tuple(
        int(tries.loc[tries["gap_days"] <= week * _WEEK, "customers"].sum())
        for week in range(weeks + 1)
        if told
    )
    return _Launch(
        product=row["product"],
        launched_on=row["launched_on"],
        net_sales=row["net_sales"],
        active=int(tries["customers"].sum()) if told else 0,
        tried=by_week,
        repeat=product_limit(
            *(again[name].to_numpy() for name in ("gap_days", "ended", "followed"))
        ),
    )


def _frames(found: list[_Launch], state: Stater, *, weeks: int) -> dict[str, pd.DataFrame]:
    limit = state.context.base_limit
    return {
        "summary": pd.DataFrame([_row(item, weeks) for item in found]),
        "trial": _curve(
            [
                (item.product, item.active, [count / item.active for count in item.tried])
                for item in [each for each in found if each.active >= limit][:MOST_DRAWN]
            ],
            state,
        ),
        "repeat": _curve(
            [
                (item.product, item.repeat.base, _reached(item.repeat, weeks))
                for item in [each for each in found if each.repeat.base >= limit][:MOST_DRAWN]
            ],
            state,
        ),
    }


def _row(item: _Launch, weeks: int) -> dict[str, Any]:
    told = bool(item.tried and item.active)
    trial = proportion(item.tried[-1], item.active) if told else Estimate(None, None, None, 0)
    repeat = item.repeat.reached_by(weeks * _WEEK)
    numbers = {
        "active": item.active if told else None,
        "tried": item.tried[-1] if told else None,
        "trial": trial.value,
        "trial_low": trial.low,
        "trial_high": trial.high,
        "buyers": item.repeat.base,
        "repeated": round(repeat.value * repeat.base) if repeat.value is not None else None,
        "repeat": repeat.value,
        "repeat_low": repeat.low,
        "repeat_high": repeat.high,
        "net_sales": item.net_sales,
    }
    filled = {name: np.nan if value is None else float(value) for name, value in numbers.items()}
    return {"product": item.product, "launched_on": item.launched_on.isoformat(), **filled}


def _reached(limit: ProductLimit, weeks: int) -> list[float]:
    """Return the share by the end of each week, as far as somebody was followed."""
    values = [limit.reached_by(week * _WEEK).value for week in range(weeks + 1)]
    return [value for value in values if value is not None]


def _curve(lines: list[tuple[str, int, list[float]]], state: Stater) -> pd.DataFrame:
    """Return the weekly points of each product's line.

    Where customers are persons, a point adds at least as many of them as may be told.
    """
    least = 0 if state.context.public else state.context.disclosure_limit
    rows = []
    for product, base, shares in lines:
        shown = 0
        for week, share in enumerate(shares):
            reached = round(share * base)
            if week and reached - shown < least:
                continue
            if not week and 0 < reached < least:
                share = reached = 0
            rows.append(
                {"product": product, "week": week, "share": share, "added": reached - shown}
            )
            shown = reached
    return pd.DataFrame(rows, columns=["product", "week", "share", "added"])


def _findings(
    state: Stater, summary: pd.DataFrame, people: pd.DataFrame, weeks: int
) -> tuple[Finding, ...]:
    sales = people[["net_sales", "new_sales"]].astype(float).fillna(0.0)
    share = state(
        "new_product_share",
        ratio(sales["new_sales"].to_numpy(), sales["net_sales"].to_numpy()),
        unit="share",
        definition="new_product",
        method="linearised_ratio",
        subject="new_product_share",
        values={
            "launches": Value(len(summary), "count"),
            "sales": Value(float(sales["new_sales"].sum()), "money"),
            "people": Value(int((sales["new_sales"] > 0).sum()), "customers"),
        },
    )
    return share, *(_of_largest(state, summary, kind, weeks) for kind in ("trial", "repeat"))


def _of_largest(state: Stater, summary: pd.DataFrame, kind: str, weeks: int) -> Finding:
    """State the trial or repeat of the launch with the largest sales, and the median of all."""
    of = {"trial": "active", "repeat": "buyers"}[kind]
    name = f"new_product_{kind}"
    enough = summary[(summary[of] >= state.context.base_limit) & summary[kind].notna()]
    if enough.empty:
        base = 0 if summary[of].isna().all() else int(summary[of].max())
        if 0 < base < state.context.base_limit:
            return state.withheld(name, "base_too_small", definition=kind, base=base)
        values = {"weeks": Value(weeks, "count")}
        return state.withheld(
            name, "launch_not_followed", definition=kind, base=base, values=values
        )
    top = enough.iloc[0]
    return state(
        name,
        Estimate(
            float(top[kind]), float(top[f"{kind}_low"]), float(top[f"{kind}_high"]), int(top[of])
        ),
        unit="share",
        definition=kind,
        method="wilson" if kind == "trial" else "product_limit",
        subject=name,
        task="activate",
        values={
            "product": Value(str(top["product"]), "label:product"),
            "launched": Value(str(top["launched_on"]), "date"),
            "weeks": Value(weeks, "count"),
            "launches": Value(len(enough), "count"),
            "median": Value(float(enough[kind].median()), "share"),
        },
    )
