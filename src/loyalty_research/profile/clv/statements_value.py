"""What the section on customer value states of the time ahead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.profile.clv.choice import GONE
from loyalty_research.profile.clv.value import Forecast, fifths
from loyalty_research.profile.common import Stater
from loyalty_research.stats import Estimate, share_of


def valued_findings(
    state: Stater, forecast: Forecast, groups: pd.DataFrame, sales: pd.Series
) -> tuple[Finding, ...]:
    """State what is expected, how it is spread, and which good customers are probably gone."""
    return (
        _spend(state, forecast),
        _value(state, forecast, groups),
        _concentration(state, forecast, sales),
        *_at_risk(state, forecast, sales),
    )


def _spend(state: Stater, forecast: Forecast) -> Finding:
    amounts = forecast.amounts
    base = amounts.slope.base
    if amounts.slope.value is None:
        return state.withheld(
            "clv_spend", "clv_spend_not_fitted", definition="clv_spend", base=base
        )
    dependent = amounts.method == "gamma_gamma_by_band"
    return state(
        "clv_spend_depends" if dependent else "clv_spend",
        amounts.slope,
        unit="change",
        definition="clv_spend",
        method="least_squares",
        subject="clv_spend",
        values={"mean": Value(amounts.level.value, "money")},
    )


def _value(state: Stater, forecast: Forecast, groups: pd.DataFrame) -> Finding:
    whole = groups[groups["group"] == "all"].iloc[0]
    terms, base = forecast.terms, len(forecast.customers)
    return state(
        "clv_value" if terms.margin is None else "clv_value_margin",
        Estimate(whole["value"], whole["value_low"], whole["value_high"], base),
        unit="money",
        definition="clv",
        method="holdout_and_delta",
        subject="clv_value",
        values={
            "model": Value(forecast.model.name, "label:clv_model"),
            "weeks": Value(terms.weeks, "count"),
            "orders": Value(float(whole["orders"]), "occasions"),
            "orders_low": Value(float(whole["orders_low"]), "count"),
            "orders_high": Value(float(whole["orders_high"]), "count"),
            "people": Value(base, "customers"),
            "discount": Value(terms.discount, "share"),
            "margin": Value(terms.margin, "share"),
        },
    )


def _concentration(state: Stater, forecast: Forecast, sales: pd.Series) -> Finding:
    rows = forecast.customers
    value = rows["value"].to_numpy()
    past = _past(forecast, sales)
    top = fifths(value, past) == 1
    return state(
        "clv_concentration",
        share_of(np.where(top, value, 0.0), value),
        unit="share",
        definition="clv",
        method="ratio",
        subject="clv_concentration",
        task="retain",
        values={
            "people": Value(int(top.sum()), "customers"),
            "past": Value(float(past[top].sum() / past.sum()) if past.sum() > 0 else None, "share"),
        },
    )


def _at_risk(state: Stater, forecast: Forecast, sales: pd.Series) -> Iterator[Finding]:
    """State the net sales of the best fifth of the period who have probably left."""
    if not forecast.tells_alive:
        return
    past = _past(forecast, sales)
    rows = forecast.customers
    best = fifths(past, rows["value"].to_numpy()) == 1
    away = best & (rows["p_alive"].to_numpy() < GONE)
    stake = float(past[away].sum())
    yield state(
        "clv_at_risk",
        share_of(np.where(away, past, 0.0), past),
        unit="share",
        definition="p_alive",
        method="ratio",
        base=int(away.sum()),
        subject="clv_at_risk",
        task="win_back",
        group="clv_at_risk",
        at_stake=stake,
        values={"people": Value(int(away.sum()), "customers"), "sales": Value(stake, "money")},
    )


def _past(forecast: Forecast, sales: pd.Series) -> np.ndarray:
    return forecast.customers["customer_id"].map(sales).fillna(0.0).to_numpy(dtype=float)
