"""Who will buy again: forecasts from features before the cut, judged on the weeks after it."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd

from loyalty_research.drivers.common import CHAPTER, DriverStater, empty, stater
from loyalty_research.drivers.retention_cox import CoxModel, fit_cox
from loyalty_research.drivers.retention_cuts import SAMPLE, Cut, Plan, plan_cuts, read_cut
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
from loyalty_research.drivers.retention_models import FULL, fit_models
from loyalty_research.drivers.retention_moves import (
    STAGES,
    Stages,
    buyers_quieter,
    move_table,
    quieter_chance,
    stages_at,
    what_came,
    with_check,
)
from loyalty_research.drivers.retention_statements import Found, activity_findings
from loyalty_research.drivers.retention_views import activity_charts, activity_tables
from loyalty_research.errors import ParameterError, problem
from loyalty_research.profile.common import as_days, drawable, valid_orders
from loyalty_research.results import Result

__all__ = ["CoxModel", "customer_features", "fit_cox", "lapse_times", "next_activity"]
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
    """Tell what predicts who buys in the next weeks, and who will stand in a quieter stage.

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
        ``table``: one row a customer with a purchase in the history, lazy (customer_id, stage,
        chance of a purchase in the next weeks, chance of a quieter stage, net_sales). Frames
        ``summary`` (one row a predictor: area under the curve and log score, with intervals),
        ``calibration`` (forecast and observed by tenths), ``importance``, where features matter
        ``dependence``, and ``moves`` (expected numbers by stage, beside those of the last cut).

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
    _check(weeks, sample)
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


def _check(weeks: Any, sample: Any) -> None:
    for name, value, low, high in (("weeks", weeks, 1, 104), ("sample", sample, 500, 1_000_000)):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and low <= value <= high):
            raise ParameterError(
                problem(
                    "{name}: found {found!r}; allowed: a whole number from {low} to {high}",
                    name=name,
                    found=value,
                    low=low,
                    high=high,
                )
            )


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
    people = _ahead(plan, cuts, judged, last, frames)
    return Found(plan, judged, frames, tuple(told), last.total, people), people


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


def _ahead(
    plan: Plan, cuts: list[Cut], judged: Judged, last: Cut, frames: dict[str, pd.DataFrame]
) -> pd.DataFrame | None:
    """Add the moves expected after the last day to the frames, and return them by customer."""
    fitted = fit_models(cuts, names=(judged.used,))
    known = fitted is not None and judged.used in fitted
    if not known or (judged.used == "rhythm" and last.rhythm is None):
        return None
    found = [stages_at(cut, weeks=plan.weeks) for cut in (*cuts[-2:], last)]
    stages = [item for item in found if item is not None]
    if len(stages) < len(found):
        return None
    assert fitted is not None
    past, then, now = stages
    held = cuts[-1]
    chance_then = judged.chances[judged.used][judged.cut == judged.cut.max()]
    quieter_then = quieter_chance(then, chance_then, buyers_quieter(past, cuts[-2].active))
    chance = fitted[judged.used].predict(last.features)
    quieter = quieter_chance(now, chance, buyers_quieter(then, held.active))
    frames["moves"] = with_check(
        move_table(now, chance, quieter, _sales(last)),
        move_table(then, chance_then, quieter_then, _sales(held)),
        what_came(then, held.active),
        drawn=len(held.active) / held.total,
    )
    return _people(last, now, chance, quieter)


def _sales(cut: Cut) -> np.ndarray:
    return cut.customers["net_sales"].to_numpy(dtype=float)


def _people(last: Cut, stages: Stages, chance: np.ndarray, quieter: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": last.customers["customer_id"],
            "stage": np.array(STAGES, dtype=object)[stages.now],
            "chance": chance,
            "quieter": quieter,
            "net_sales": _sales(last),
        }
    )
