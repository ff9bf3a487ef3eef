"""Where each customer stands: new, growing, mature, or gone quiet by the own rhythm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.engine import collect
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    customer_totals,
    stater,
    valid_orders,
    within,
)
from loyalty_research.profile.lifecycle_rule import as_rule, compare_rule
from loyalty_research.profile.lifecycle_views import lifecycle_charts, lifecycle_tables
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, GammaPoisson, fit_gamma_poisson, proportion, share_of

_SECTION = "lifecycle"
STAGES = ("new", "growing", "mature", "cooling", "dormant", "lost")
_QUANTILES = {"cooling": 0.80, "dormant": 0.95, "lost": 0.99}
_MATURE = 4
_NEW_DAYS = 90


def lifecycle(
    orders: Any,
    *,
    period: Any,
    rule: Any = None,
    first_purchase_observed: bool | None = None,
) -> Result:
    """Put every customer into a stage by the customer's own rhythm.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).
    rule
        The client's own fixed days since the last purchase, ``{"active": 90, "dormant": 180,
        "lost": 365}`` or those of a brand file, shown beside; None for none.
    first_purchase_observed
        Whether a customer's first order in the data is the first ever: only then is anybody new.

    Returns
    -------
    Result
        Frames ``summary`` (stage: customers, net sales), ``chance`` (silent beyond a quantile,
        beside the share that would be there by chance); where a rule is given ``rule`` (stage:
        customers by the rule and by the own rhythm) and ``rules`` (stage by the rule x stage by
        the own rhythm).

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where the rule is not three numbers of days, active <= dormant < lost.

    Notes
    -----
    Silent beyond the 80, 95 or 99 % quantile of the customer's own gap: cooling, dormant, lost.
    The quantile is (alpha + T)((1 - q)^(-1 / (r + x)) - 1) with x purchases after the first, T
    days from the first to the last purchase, and r, alpha fitted on the base. Others are growing
    (two or three purchases), mature (four or more), or new (first purchase in the last 90 days).
    Random buying alone puts about 20, 5 and 1 % beyond these quantiles, exactly as many as the
    column ``by_chance`` says (a long gap is more likely to be looked at): only the excess over it
    says anything.

    By a rule, customers are active up to ``active`` days of silence, dormant from ``dormant`` on,
    lost from ``lost`` on, and in between otherwise. By the own rhythm, cooling customers stand in
    between, and whoever is not silent beyond the 80 % quantile is active.

    References
    ----------
    Ehrenberg 1959; Goodhardt & Ehrenberg 1967.
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
    chosen = as_rule(rule)
    rhythm = rhythm_of(customers, days)
    if len(customers) < state.context.base_limit:
        return _withheld(state, "base_too_small", len(customers))
    if not (rhythm["age"] > 0).any():
        return _withheld(state, "period_too_short", len(customers))
    model = fit_gamma_poisson(rhythm["count"].to_numpy(), rhythm["age"].to_numpy())
    if not model.converged:
        return _withheld(state, "rhythm_not_identified", len(customers))
    staged = stages_of(customers, rhythm, model, observed=observed)
    frames = {"summary": _summary(staged), "chance": _chance(staged, rhythm, model)}
    back = _won_back(inside, days, model)
    compared = compare_rule(state, staged, chosen, frames) if chosen is not None else ()
    return Result(
        name="lifecycle",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=(
            *_findings(state, staged, frames),
            *compared,
            _won_back_finding(state, back),
        ),
        charts=lifecycle_charts(frames, len(staged), days),
        tables=lifecycle_tables(frames, len(staged), days),
        references=("ehrenberg1959", "goodhardt1967"),
        context=state.context,
        table=customer_totals(inside),
    )


def _withheld(state: Stater, reason: str, base: int) -> Result:
    """Return the result that says why nobody is put into a stage."""
    return Result(
        name="lifecycle",
        chapter=CHAPTER,
        section=_SECTION,
        frames={"summary": pd.DataFrame({"stage": [], "customers": [], "net_sales": []})},
        findings=(
            state.withheld("lifecycle_silent", reason, definition="lifecycle_stage", base=base),
        ),
        context=state.context,
    )


def rhythm_of(customers: pd.DataFrame, days: Days) -> pd.DataFrame:
    """Return purchases after the first, and days between, since the first, and since the last."""
    first = pd.to_datetime(customers["first_day"])
    last = pd.to_datetime(customers["last_day"])
    end = pd.Timestamp(days.end)
    return pd.DataFrame(
        {
            "count": customers["occasions"] - 1,
            "between": (last - first).dt.days,
            "age": (end - first).dt.days,
            "silence": (end - last).dt.days,
        }
    )


def stages_of(
    customers: pd.DataFrame, rhythm: pd.DataFrame, model: GammaPoisson, *, observed: bool
) -> pd.DataFrame:
    """Add the stage and the silence of every customer by the own rhythm."""
    occasions = customers["occasions"].to_numpy()
    stage = np.where(occasions >= _MATURE, "mature", "growing").astype(object)
    if observed:
        stage[rhythm["age"].to_numpy() < _NEW_DAYS] = "new"
    count = rhythm["count"].to_numpy(dtype=float)
    between = rhythm["between"].to_numpy(dtype=float)
    silence = rhythm["silence"].to_numpy(dtype=float)
    for name, quantile in _QUANTILES.items():
        stage[silence > model.predictive_gap(count, between, quantile)] = name
    return customers.assign(stage=stage, silence=silence)


def _won_back(inside: Any, days: Days, model: GammaPoisson) -> Estimate | None:
    """Estimate the share of those dormant 90 days before the end who bought since."""
    split = days.end - dt.timedelta(days=_NEW_DAYS)
    if (split - days.start).days < _NEW_DAYS:
        return None
    before = Days(days.start, split)
    early = collect(customer_totals(within(inside, before)), sort_by=["customer_id"])
    late = collect(
        customer_totals(within(inside, Days(split + dt.timedelta(days=1), days.end))),
        sort_by=["customer_id"],
    )
    rhythm = rhythm_of(early, before)
    limit = model.predictive_gap(
        rhythm["count"].to_numpy(dtype=float),
        rhythm["between"].to_numpy(dtype=float),
        _QUANTILES["dormant"],
    )
    dormant = early.loc[rhythm["silence"].to_numpy() > limit, "customer_id"]
    return proportion(int(dormant.isin(late["customer_id"]).sum()), len(dormant))


def _won_back_finding(state: Stater, back: Estimate | None) -> Finding:
    values = {"days": Value(_NEW_DAYS, "days")}
    if back is None:
        return state.withheld(
            "lifecycle_won_back", "period_too_short", definition="winback_rate", values=values
        )
    return state(
        "lifecycle_won_back",
        back,
        unit="share",
        definition="winback_rate",
        method="wilson",
        subject="won_back",
        task="win_back",
        values=values,
    )


def _summary(staged: pd.DataFrame) -> pd.DataFrame:
    sales = staged["net_sales"].to_numpy(dtype=float)
    rows = []
    for name in STAGES:
        inside = (staged["stage"] == name).to_numpy()
        if not inside.any():
            continue
        share = share_of(np.where(inside, sales, 0.0), sales)
        rows.append(
            {
                "stage": name,
                "customers": int(inside.sum()),
                "share_customers": float(inside.mean()),
                "net_sales": float(sales[inside].sum()),
                "share_sales": share.value,
                "share_sales_low": share.low,
                "share_sales_high": share.high,
                "silence": float(np.median(staged["silence"][inside])),
            }
        )
    return pd.DataFrame(rows)


def _chance(staged: pd.DataFrame, rhythm: pd.DataFrame, model: GammaPoisson) -> pd.DataFrame:
    """Measure who is silent beyond each quantile, beside random buying's own share."""
    count = rhythm["count"].to_numpy(dtype=float)
    between = rhythm["between"].to_numpy(dtype=float)
    silence = rhythm["silence"].to_numpy(dtype=float)
    age = rhythm["age"].to_numpy(dtype=float)
    rows = []
    for name, quantile in _QUANTILES.items():
        limit = model.predictive_gap(count, between, quantile)
        beyond = silence > limit
        rows.append(
            {
                "stage": name,
                "limit": float(np.median(limit)),
                "customers": int(beyond.sum()),
                "share_customers": float(beyond.mean()),
                "by_chance": float(model.silent_by_chance(age, quantile).mean()),
                "net_sales": float(staged["net_sales"][beyond].sum()),
            }
        )
    return pd.DataFrame(rows)


def _findings(
    state: Stater, staged: pd.DataFrame, frames: Mapping[str, pd.DataFrame]
) -> tuple[Finding, ...]:
    sales = staged["net_sales"].to_numpy(dtype=float)
    silent = staged["stage"].isin(["dormant", "lost"]).to_numpy()
    chance = frames["chance"]
    by_chance = float(chance.loc[chance["stage"] == "dormant", "by_chance"].iloc[0])
    stake = float(sales[silent].sum())
    return (
        state(
            "lifecycle_dormant",
            float(silent.sum()),
            unit="customers",
            definition="lifecycle_stage",
            method="gamma_poisson",
            base=len(staged),
            subject="dormant",
            task="win_back",
            values={"sales": Value(stake, "money")},
        ),
        state(
            "lifecycle_silent",
            share_of(np.where(silent, sales, 0.0), sales),
            unit="share",
            definition="lifecycle_stage",
            method="gamma_poisson",
            base=int(silent.sum()),
            subject="overdue",
            task="win_back",
            group="silent",
            at_stake=stake,
            values={
                "people": Value(int(silent.sum()), "customers"),
                "share_people": Value(float(silent.mean()), "share"),
                "by_chance": Value(by_chance, "share"),
                "sales": Value(stake, "money"),
            },
        ),
    )
