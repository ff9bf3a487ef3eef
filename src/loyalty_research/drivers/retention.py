"""Who will buy again: forecasts from features before the cut, judged on the weeks after it."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd

from loyalty_research.drivers.common import CHAPTER, DriverStater, empty, stater
from loyalty_research.drivers.retention_cox import CoxModel, fit_cox
from loyalty_research.drivers.retention_cuts import (
    SAMPLE,
    Cut,
    Plan,
    check_plan,
    plan_cuts,
    read_cut,
)
from loyalty_research.drivers.retention_features import Maker, customer_features
from loyalty_research.drivers.retention_judge import calibration_table
from loyalty_research.drivers.retention_judged import (
    Judged,
    add_alone,
    dependence,
    importance,
    judge,
)
from loyalty_research.drivers.retention_lapse import lapse_times
from loyalty_research.drivers.retention_models import FULL, fit_models, not_everywhere
from loyalty_research.drivers.retention_moves import stage_moves
from loyalty_research.drivers.retention_statements import Found, activity_findings
from loyalty_research.drivers.retention_views import activity_charts, activity_tables
from loyalty_research.profile.common import as_days, drawable, valid_orders
from loyalty_research.results import Result

__all__ = [
    "CoxModel",
    "customer_features",
    "fit_cox",
    "lapse_times",
    "next_activity",
    "stage_moves",
]
_SECTION = "next_activity"
LEAST = 200
"""Customers that a cut needs."""


def next_activity(
    orders: Any,
    *,
    period: Any,
    weeks: int | None = None,
    features: Maker | None = None,
    sample: int = SAMPLE,
) -> Result:
    """Tell what predicts who buys in the next weeks.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales; discounts, store_id and channel are
        used where there. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).
    weeks
        Length of what is forecast; None for a quarter (13 weeks), or a sixth of a shorter period.
    features
        What makes further features: ``make(orders, start=, cut=, recent=)`` returns those of
        :func:`customer_features` and more columns, one row a customer, from the orders it is given.
    sample
        Customers at a cut that models are fitted to and judged on, at most.

    Returns
    -------
    Result
        ``table``: one row a customer with a purchase in the history, lazy (customer_id, chance of
        a purchase in the next weeks, net_sales). Frames ``summary`` (one row a predictor: area
        under the curve and log score, with intervals), ``calibration`` (forecast and observed by
        tenths), ``importance``, and where features matter ``dependence``.

    Raises
    ------
    DataError
        Where a column is missing, or a feature rests on rows after the cut.
    ParameterError
        Where weeks or sample cannot be.

    Notes
    -----
    Rolling origin: at four cuts, each a window before the next, features look back equally far;
    three cuts are forecast by models fitted to the cuts before. Recency alone, the customer-base
    model (NBD or BG/NBD), a logit with ridge penalty and boosted trees are compared by the log
    score, with customers as the sampled units. A predictor counts as better where the interval of
    its gain leaves out 0 (at 97.5 % for logit and trees, one of which is chosen) and it gained at
    every cut. A feature is stated where models fitted without it are worse beyond chance (Holm).
    All of it is association.

    References
    ----------
    Cox 1958; Breiman 2001; Friedman 2001; Lei et al. 2018.
    """
    check_plan(weeks, sample)
    table = valid_orders(orders, "customer_id")
    days = as_days(period)
    state = stater(table, _SECTION, days)
    plan = plan_cuts(days, weeks=weeks)
    if plan is None:
        return _withheld(state, "activity_period_too_short")
    make = features or customer_features
    cuts = [read_cut(table, plan, cut, make=make, sample=sample) for cut in plan.cuts]
    least = min(len(cut.active) for cut in cuts)
    if least < LEAST:
        return _withheld(state, "activity_base_too_small", least)
    judged = judge(cuts)
    if judged is None:
        return _withheld(state, "activity_one_sided", least)
    last = read_cut(table, plan, plan.end, make=make, sample=None)
    found, people = _found(plan, cuts, judged, last)
    return Result(
        name=_SECTION,
        chapter=CHAPTER,
        section=_SECTION,
        frames=found.frames,
        findings=activity_findings(state, found),
        charts=drawable(activity_charts(found, days), state.context),
        tables=activity_tables(found, days),
        references=("cox1958", "breiman2001", "friedman2001", "lei2018"),
        context=state.context,
        table=None if people is None else ibis.memtable(people),
    )


def _withheld(state: DriverStater, reason: str, base: int = 0) -> Result:
    finding = state.withheld("activity_predicted", reason, definition="next_activity", base=base)
    return empty(_SECTION, state.context, finding)


def _found(
    plan: Plan, cuts: list[Cut], judged: Judged, last: Cut
) -> tuple[Found, pd.DataFrame | None]:
    used = judged.used
    ranked = importance(judged, name=judged.full)
    if used in FULL:
        ranked = add_alone(judged, ranked, name=used)
    else:  # nothing is said of features of a model that the rhythm alone does without
        ranked = ranked.assign(beyond_chance=False)
    frames = {
        "summary": _summary(judged),
        "calibration": calibration_table(judged.chances[used], judged.active),
        "importance": ranked,
    }
    told = [name for name in ranked.loc[ranked["beyond_chance"], "feature"] if name != "rhythm"]
    if told:
        frames["dependence"] = dependence(judged.models[-1][used], judged.cuts[-1], told)
    return Found(plan, judged, frames, tuple(told)), _ahead(cuts, judged, last)


def _summary(judged: Judged) -> pd.DataFrame:
    rows = []
    for name in judged.chances:
        area, over = judged.areas.areas[name], judged.areas.over.get(name)
        better = None if name == "recency" else judged.skill(name, "recency")
        rows.append(
            {
                "predictor": name,
                "area": area.value,
                "area_low": area.low,
                "area_high": area.high,
                "over": over.value if over else np.nan,
                "over_low": over.low if over else np.nan,
                "over_high": over.high if over else np.nan,
                "loss": judged.loss(name),
                "gain": better.value if better else np.nan,
                "gain_low": better.low if better else np.nan,
                "gain_high": better.high if better else np.nan,
                "used": name == judged.used,
            }
        )
    return pd.DataFrame(rows)


def _ahead(cuts: list[Cut], judged: Judged, last: Cut) -> pd.DataFrame | None:
    """Return the chance of each customer to buy in the weeks after the last day."""
    fitted = fit_models(cuts, names=(judged.used,), leave_out=not_everywhere([*cuts, last]))
    if fitted is None or judged.used not in fitted:
        return None
    return pd.DataFrame(
        {
            "customer_id": last.customers["customer_id"],
            "chance": fitted[judged.used].predict(last.features),
            "net_sales": last.customers["net_sales"].to_numpy(dtype=float),
        }
    )
