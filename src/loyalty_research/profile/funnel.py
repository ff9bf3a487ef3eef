"""From a visit to an order: how many get to each step, what a day looks like, who refers."""

from __future__ import annotations

import datetime as dt
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
    Stater,
    as_days,
    drawable,
    identified,
    stater,
    valid_orders,
    within,
)
from loyalty_research.profile.funnel_referral import (
    acts_frame,
    customer_acts,
    refer_finding,
    referred_finding,
)
from loyalty_research.profile.funnel_views import funnel_charts, funnel_tables
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, proportion, ratio

_SECTION = "funnel"
_STEPS = ("view", "cart", "purchase")
_COUNTS = {"view": "visits", "cart": "carts", "purchase": "purchases"}
_MOST_PATHS = 6


def funnel(brand: Any, *, period: Any, window_days: int = 1) -> Result:
    """Report the way from a visit to a cart and an order, the commonest paths, and referrals.

    Parameters
    ----------
    brand
        A brand with orders and events (customer_id, at, kind: view, cart, share, refer, check_in).
    period
        The brand's period or (first day, last day).
    window_days
        Days within which a cart and an order still belong to a visit; 1 for the same day.

    Returns
    -------
    Result
        Frames ``summary`` (step: customers and visits that got there, share of the step before),
        ``paths`` (what a customer's day held: customers, days) and ``acts`` (who shared, referred
        or checked in: customers, spend). Without events the one finding says so.

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where ``window_days`` is not a number of days from 1.

    Notes
    -----
    A visit is a customer's day with a view. It got to the cart where a cart follows within the
    window, and to the order where an order follows that cart within the window; orders are those of
    the table of orders, through whatever channel. Visits too late to be followed for the window are
    left out. Intervals of shares of visits take customers as the sampled units (linearisation), of
    shares of customers Wilson's. What goes together is described; nothing is said of causes.
    """
    if not isinstance(window_days, int) or isinstance(window_days, bool) or window_days < 1:
        raise ParameterError(
            problem(
                "window_days: found {found!r}; allowed: a whole number from 1", found=window_days
            )
        )
    days = as_days(period)
    orders = within(valid_orders(brand.orders, "customer_id"), days)
    state = stater(orders, _SECTION, days)
    if not brand.has("events"):
        return _withheld(state, "no_events")
    require_columns(brand.events, ["customer_id", "at", "kind"], name="events")
    events = events_within(brand.events, start=days.start.isoformat(), end=days.end.isoformat())
    held = customer_days(events, orders=orders)
    last = days.end - dt.timedelta(days=window_days - 1)
    reached = visits_reached(held, window_days=window_days, last=last.isoformat())
    people = collect(reached, sort_by=["customer_id"])
    if people.empty:
        return _withheld(state, "not_computable")
    acts = collect(customer_acts(events, orders=orders), sort_by=["customer_id"])
    frames = {
        "summary": _steps(people),
        "paths": _paths(collect(day_paths(held), sort_by=["path"]), len(people)),
        "acts": acts_frame(acts),
    }
    return Result(
        name="funnel",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=(
            _order_finding(state, frames["summary"], people),
            _path_finding(state, frames["paths"], len(people)),
            refer_finding(state, frames["acts"], len(people)),
            referred_finding(state, brand, orders),
        ),
        charts=drawable(funnel_charts(frames, days), state.context),
        tables=funnel_tables(frames, len(people), days),
        context=state.context,
        table=reached,
    )


def _withheld(state: Stater, reason: str) -> Result:
    return Result(
        name="funnel",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"step": []})},
        findings=(state.withheld("funnel_order", reason, definition="funnel"),),
        context=state.context,
    )


@reduction
def events_within(events: ir.Table, *, start: str, end: str) -> ir.Table:
    """Return events of a period: customer_id, day, kind in lower case."""
    stamp = events.at
    rows = events.select(
        "customer_id",
        day=stamp if stamp.type().is_date() else stamp.date(),
        kind=events.kind.strip().lower(),
    )
    return rows.filter(
        rows.customer_id.notnull(), rows.day >= ibis.date(start), rows.day <= ibis.date(end)
    )


@reduction
def customer_days(events: ir.Table, *, orders: ir.Table) -> ir.Table:
    """Return one row a day of a customer with events: viewed, carted, bought (0 or 1).

    Days with an order and no event are there as well; customers without any event are not.
    """
    none = ibis.literal(0, type="int64")
    seen = events.select(
        "customer_id",
        "day",
        viewed=(events.kind == "view").cast("int64"),
        carted=(events.kind == "cart").cast("int64"),
        bought=none,
    )
    known = identified(orders)
    bought = known.select(
        customer_id=known.customer_id.cast(events.customer_id.type()),
        day=known.day.cast("date"),
        viewed=none,
        carted=none,
        bought=ibis.literal(1, type="int64"),
    )
    rows = seen.union(bought.semi_join(events, "customer_id"))
    return rows.group_by("customer_id", "day").aggregate(
        viewed=rows.viewed.max(), carted=rows.carted.max(), bought=rows.bought.max()
    )


@reduction
def visits_reached(held: ir.Table, *, window_days: int, last: str) -> ir.Table:
    """Return one row a customer: visits, and those that got to a cart and from it to an order.

    Columns: customer_id, visits, carts, purchases. Visits after ``last`` are left out.
    """
    onward = ibis.window(group_by="customer_id", order_by="day", preceding=0)
    nothing = ibis.null("date")
    rows = held.mutate(
        next_cart=(held.carted == 1).ifelse(held.day, nothing).min().over(onward),
        next_order=(held.bought == 1).ifelse(held.day, nothing).min().over(onward),
    )
    # The first cart to come is also the one with the earliest order after it.
    rows = rows.mutate(
        cart_order=(rows.carted == 1).ifelse(rows.next_order, nothing).min().over(onward)
    )
    visit = (rows.viewed == 1) & (rows.day <= ibis.date(last))
    in_cart = visit & (rows.next_cart.delta(rows.day, unit="day") < window_days)
    ordered = in_cart & (rows.cart_order.delta(rows.day, unit="day") < window_days)
    return rows.group_by("customer_id").aggregate(
        visits=rows.count(where=visit),
        carts=rows.count(where=in_cart),
        purchases=rows.count(where=ordered),
    )


@reduction
def day_paths(held: ir.Table) -> ir.Table:
    """Return one row a kind of day: path (1 view + 2 cart + 4 order), customers, days."""
    rows = held.mutate(path=held.viewed + 2 * held.carted + 4 * held.bought)
    rows = rows.filter(rows.path > 0)
    own = rows.group_by("customer_id", "path").aggregate(days=rows.count())
    return own.group_by("path").aggregate(customers=own.count(), days=own.days.sum())


def _steps(people: pd.DataFrame) -> pd.DataFrame:
    """Return one row a step; without any cart the order follows the visit."""
    steps = [step for step in _STEPS if step != "cart" or people["carts"].sum() > 0]
    visits = people["visits"].to_numpy(dtype=float)
    rows, before, viewers = [], visits, int((visits > 0).sum())
    for step in steps:
        here = people[_COUNTS[step]].to_numpy(dtype=float)
        reached = int((here > 0).sum())
        share, on, all_visits = (
            proportion(reached, viewers),
            ratio(here, before),
            ratio(here, visits),
        )
        rows.append(
            {
                "step": step,
                "customers": reached,
                "share": share.value,
                "share_low": share.low,
                "share_high": share.high,
                "visits": int(here.sum()),
                "share_visits": all_visits.value,
                "visits_low": all_visits.low,
                "visits_high": all_visits.high,
                "rate": np.nan if step == "view" else on.value,
                "rate_low": np.nan if step == "view" else on.low,
                "rate_high": np.nan if step == "view" else on.high,
            }
        )
        before = here
    frame = pd.DataFrame(rows)
    counted = ("step", "customers", "visits")
    return frame.astype({name: float for name in frame if name not in counted})


def _paths(found: pd.DataFrame, customers: int) -> pd.DataFrame:
    """Return the commonest kinds of days, and how many customers had one."""
    total = float(found["days"].sum()) or 1.0
    frame = found.sort_values(["days", "path"], ascending=[False, True]).head(_MOST_PATHS)
    shares = [proportion(int(count), customers) for count in frame["customers"]]
    bounds = {
        name: pd.Series([getattr(item, side) for item in shares], index=frame.index, dtype=float)
        for name, side in (("share", "value"), ("low", "low"), ("high", "high"))
    }
    named = [_named(int(code)) for code in frame["path"]]
    frame = frame.assign(path=named, **bounds, share_days=frame["days"] / total)
    return frame.reset_index(drop=True)


def _named(code: int) -> str:
    return "_".join(step for place, step in enumerate(_STEPS) if code >> place & 1)


def _order_finding(state: Stater, steps: pd.DataFrame, people: pd.DataFrame) -> Finding:
    viewers = int(steps["customers"].iloc[0])
    rows = {str(row["step"]): row for row in steps.to_dict("records")}
    if not viewers:
        return state.withheld("funnel_order", "no_views", definition="funnel", base=len(people))
    if "cart" not in rows:
        return state.withheld("funnel_order", "no_carts", definition="funnel", base=viewers)
    order = rows["purchase"]
    bounds = (order["visits_low"], order["visits_high"])
    low, high = (None if pd.isna(bound) else float(bound) for bound in bounds)
    return state(
        "funnel_order",
        Estimate(float(order["share_visits"]), low, high, viewers),
        unit="share",
        definition="funnel",
        method="linearised_ratio",
        subject="funnel",
        task="activate",
        values={
            "visits": Value(int(rows["view"]["visits"]), "count"),
            "to_cart": Value(float(rows["cart"]["rate"]), "share"),
            "to_order": Value(_known(order["rate"]), "share"),
        },
    )


def _known(value: Any) -> float | None:
    return float(value) if pd.notna(value) else None


def _path_finding(state: Stater, paths: pd.DataFrame, customers: int) -> Finding:
    if paths.empty:
        return state.withheld(
            "funnel_path", "not_computable", definition="funnel_path", base=customers
        )
    top = paths.iloc[0]
    return state(
        "funnel_path",
        proportion(int(top["customers"]), customers),
        unit="share",
        definition="funnel_path",
        method="wilson",
        subject="funnel_path",
        values={
            "path": Value(str(top["path"]), "label:funnel_path"),
            "share_days": Value(float(top["share_days"]), "share"),
        },
    )
