"""The section on customer value: forecasts judged on weeks held out, then what they expect."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd

from loyalty_research.engine import collect
from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.profile.clv.choice import Choice, choose, score_table
from loyalty_research.profile.clv.estimates import REFERENCES
from loyalty_research.profile.clv.holdout import count_windows, weekly_actual, weekly_expected
from loyalty_research.profile.clv.rhythm import measure_rhythm
from loyalty_research.profile.clv.scores import by_band, total_error
from loyalty_research.profile.clv.statements import (
    Judged,
    cell_name,
    judged_findings,
)
from loyalty_research.profile.clv.statements_value import valued_findings
from loyalty_research.profile.clv.value import (
    Forecast,
    Terms,
    forecast_customers,
    value_groups,
)
from loyalty_research.profile.clv.views import value_charts, value_tables
from loyalty_research.profile.clv.windows import Windows, split_weeks
from loyalty_research.profile.common import (
    CHAPTER,
    Stater,
    as_days,
    customer_totals,
    drawable,
    stater,
    valid_orders,
    within,
)
from loyalty_research.results import Result

SECTION = "customer_value"
LEAST = 100
"""Customers of the base, and purchase days of theirs, that a forecast needs."""
_MOST_WEEKS = 52


def customer_value(
    orders: Any,
    *,
    period: Any,
    horizon_weeks: int | None = None,
    margin: float | None = None,
    discount: float = 0.1,
    first_purchase_observed: bool | None = None,
) -> Result:
    """Forecast what customers will buy and be worth, by the model that weeks held out speak for.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).
    horizon_weeks
        Time ahead; None for as long as the holdout, at most 52 weeks: no further than was judged.
    margin
        Share of net sales that is left after the cost of goods; None takes the brand's, and where
        that is unknown, value is in net sales.
    discount
        Rate a year, 0.1 for 10 %.
    first_purchase_observed
        Whether a customer's first order in the data is the first ever; None asks the brand.

    Returns
    -------
    Result
        ``table``: one row a customer, lazy (customer_id, frequency, recency, T in weeks,
        expected_orders, amount, value, p_alive: missing where dropout is not identified). Frames
        ``summary`` (one row a model or baseline: how far it was off in the holdout), ``bands``
        (mean of the holdout by purchases in the calibration), ``weeks`` (purchase days by week,
        actual and expected), ``counts`` (customers by number of purchases, beside the model's),
        ``params`` and ``values`` (fifths of customers by value, with intervals).

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where horizon, margin or discount cannot be.

    Notes
    -----
    Whole weeks are counted back from the last day. Where first purchases are observed, the second
    half is the holdout; else a seventh is warm-up, who buys in it is the base, and the rest is
    halved. Candidates are the NBD with shrinkage, BG/NBD, MBG/NBD and Pareto/NBD; baselines are
    each customer's pace repeated, and its mean over RFM classes. A model with dropout is used where
    it forecasts the holdout nearer than the NBD beyond chance; of several, the one with the
    smallest root mean square error. Only then is p_alive told, and only where at least 30 customers
    have one below one half, of whom fewer than half bought in the holdout, beyond chance. The model
    chosen is fitted again up to the last day. Value is expected
    purchases, each discounted from its own day, times the expected amount, times the margin.

    Intervals of value add the parameters' error, what customers do by chance, the error of the
    mean amount and the square of the holdout's error of the total.

    References
    ----------
    Schmittlein, Morrison & Colombo 1987; Fader, Hardie & Lee 2005; Batislam et al. 2007; Goodhardt
    & Ehrenberg 1967.

    Examples
    --------
    ``lr.show(profile.clv.customer_value(b.orders, period=b.period))``
    """
    raise_all(_wrong(horizon_weeks, margin, discount), ParameterError)
    table = valid_orders(orders, "customer_id")
    days = as_days(period)
    state = stater(table, SECTION, days)
    observed = (
        state.context.first_purchase_observed
        if first_purchase_observed is None
        else first_purchase_observed
    )
    windows = split_weeks(days, first_purchase_observed=observed)
    if windows is None:
        return _withheld(state, "clv_period_too_short", 0)
    counts = count_windows(table, windows)
    if len(counts) < LEAST or counts["frequency"].sum() < LEAST:
        return _withheld(state, "clv_base_too_small", len(counts))
    choice = choose(counts, windows.holdout)
    if choice is None:
        return _withheld(state, "rhythm_not_identified", len(counts))
    totals = collect(customer_totals(within(table, days)), sort_by=["customer_id"])
    later = _first_seen_later(totals, windows)
    judged = Judged(choice, counts, windows, later, measure_rhythm(table, windows))
    frames = _judged_frames(judged, table)
    terms = Terms(
        weeks=horizon_weeks or min(windows.holdout, _MOST_WEEKS),
        discount=discount,
        margin=state.context.margin if margin is None else margin,
    )
    forecast = forecast_customers(table, windows, choice=choice, terms=terms)
    findings = judged_findings(state, judged)
    if forecast is not None:
        off = total_error(choice.forecast, counts["holdout_orders"].to_numpy(dtype=float)).value
        sales = totals.set_index("customer_id")["net_sales"]
        groups = value_groups(forecast, sales, off=off or 0.0)
        frames |= _valued_frames(forecast, groups)
        findings += valued_findings(state, forecast, groups, sales)
    limit = state.context.base_limit
    charts = value_charts(frames, judged, forecast, days, base_limit=limit)
    return Result(
        name=SECTION,
        chapter=CHAPTER,
        section=SECTION,
        frames=frames,
        findings=findings,
        charts=drawable(charts, state.context),
        tables=value_tables(judged, forecast, days),
        references=_references(choice, forecast),
        context=state.context,
        table=None if forecast is None else ibis.memtable(forecast.customers),
    )


def _withheld(state: Stater, reason: str, base: int) -> Result:
    """Return the result that says why nothing is forecast."""
    finding = state.withheld("clv_value", reason, definition="clv", base=base)
    return Result(
        name=SECTION,
        chapter=CHAPTER,
        section=SECTION,
        frames={"summary": pd.DataFrame({"model": [], "mae": []})},
        findings=(finding,),
        context=state.context,
    )


def _first_seen_later(totals: pd.DataFrame, windows: Windows) -> int:
    """Count who was first seen in the calibration, where that does not make them new."""
    if windows.observed:
        return 0
    first = pd.to_datetime(totals["first_day"])
    later = (first >= pd.Timestamp(windows.start)) & (first <= pd.Timestamp(windows.split))
    return int(later.sum())


def _judged_frames(judged: Judged, orders: Any) -> dict[str, pd.DataFrame]:
    choice, counts = judged.choice, judged.counts
    actual = counts["holdout_orders"].to_numpy(dtype=float)
    forecasts = {
        "predicted": choice.forecast,
        "repeated": choice.forecast_of("repeat_last"),
    }
    return {
        "summary": score_table(choice, counts),
        "bands": by_band(counts["frequency"].to_numpy(), actual, forecasts),
        "weeks": _weeks(judged, orders),
        "counts": choice.counts.table.assign(purchases=_cells(choice.counts.table)),
    }


def _cells(table: pd.DataFrame) -> list[str]:
    rows = zip(table["low"], table["high"], strict=True)
    return [cell_name(int(low), int(high)) for low, high in rows]


def _weeks(judged: Judged, orders: Any) -> pd.DataFrame:
    """Return purchase days by week and series: actual, the model on both sides of the split."""
    windows = judged.windows
    actual = weekly_actual(orders, windows)
    expected = weekly_expected(judged.choice.model, judged.counts["clock_start"], windows)
    split = windows.calibration
    week = actual["week"].to_numpy()
    parts = [
        ("actual", slice(None), actual["actual"].to_numpy(dtype=float)),
        ("fitted", slice(0, split), expected),
        ("predicted", slice(split, None), expected),
    ]
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "week": week[part],
                    "series": name,
                    "occasions": values[part],
                    "cumulative": np.cumsum(values)[part],
                }
            )
            for name, part, values in parts
        ],
        ignore_index=True,
    )


def _valued_frames(forecast: Forecast, groups: pd.DataFrame) -> dict[str, pd.DataFrame]:
    params = forecast.model.summary().assign(model=forecast.model.name)
    params[["standard_error", "low", "high"]] = params[["standard_error", "low", "high"]].where(
        ~params["at_bound"], np.nan
    )
    return {"params": params, "values": groups[groups["group"] != "all"].reset_index(drop=True)}


def _references(choice: Choice, forecast: Forecast | None) -> tuple[str, ...]:
    names = [name for name in choice.candidates if name in REFERENCES]
    if forecast is not None and forecast.amounts.method != "own_mean":
        names.append("gamma_gamma")
    keys = [key for name in names for key in REFERENCES[name]]
    return (*dict.fromkeys(keys), "chernoff1954", "greenwood1946")


def _wrong(horizon: Any, margin: Any, discount: Any) -> list[Problem]:
    found = []
    whole = isinstance(horizon, int) and not isinstance(horizon, bool)
    if horizon is not None and not (whole and 1 <= horizon <= 520):
        found.append(
            problem(
                "horizon_weeks: found {found!r}; allowed: whole weeks from 1 to 520", found=horizon
            )
        )
    if margin is not None and not (_is_number(margin) and 0 < margin <= 1):
        found.append(
            problem("margin: found {found!r}; allowed: above 0 and at most 1", found=margin)
        )
    if not (_is_number(discount) and 0 <= discount <= 1):
        found.append(
            problem("discount: found {found!r}; allowed: a rate a year from 0 to 1", found=discount)
        )
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
