"""A population made of a brand's history: rates, chances of being there, seasons, orders."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.special import gammaincinv

from loyalty_research.engine import collect, reduction
from loyalty_research.errors import DataError, ParameterError, problem
from loyalty_research.profile.common import Days, as_days, valid_orders
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.ledgers import joined_days
from loyalty_research.tiers.simulation.brand_past import BrandPast, own_keys
from loyalty_research.tiers.simulation.hashed import uniforms
from loyalty_research.tiers.simulation.population import Population

_WEEK = 7
_MONTHS = 12
_YEARS = 2
_WEEKS_AHEAD = 520
_RATE_NUMBER, _LEAVING_NUMBER = 0, 1


def population(
    brand: Any,
    *,
    margin: float | None = None,
    period: Any = None,
    present: Programme | None = None,
    seed: int = 1,
) -> Population:
    """Return the customers of a brand as a simulation begins with them.

    Parameters
    ----------
    brand
        Opened, with orders of identified customers.
    margin
        Share of net sales; None for the brand's own.
    period
        First and last day of the past; None for the brand's. The simulation begins the day after.
    present
        The programme that the brand ran in it; None for the brand's own. Its mean covariates are
        what the rates already hold.
    seed
        Of the draws of each customer's rate.

    Returns
    -------
    Population
        A row a customer with an order in the period.

    Raises
    ------
    DataError
        Without purchases, or too few repeat ones to fit a model.
    ParameterError
        For a margin of zero or above one.

    Notes
    -----
    Pareto/NBD, or the NBD where dropout is not identified: given being alive, a customer's rate is
    Gamma(r + x, alpha + T) and the risk of leaving Gamma(s, beta + T); both are drawn, so that
    customers differ as much as the model says they do. Rates count orders: those of purchase days
    times orders per purchase day. Seasons are months of the last two whole years, where there are
    as many, less the growth from the one to the other.

    References
    ----------
    Schmittlein, Morrison & Colombo 1987, Management Science 33(1), 1-24.
    """
    days = as_days(period if period is not None else brand.period)
    share = brand.context.margin if margin is None else margin
    if share is None:
        raise ParameterError(
            problem(
                "population: the brand file names no margin; give margin=, a share of net sales"
            )
        )
    orders = valid_orders(brand.orders, "customer_id")
    counts = _counts(orders, days)
    drawn = _drawn(orders, counts, days, seed)
    ids = pa.array(counts["customer_id"])
    joined = joined_days(brand)
    source = BrandPast(brand, days, ids, joined)
    start = days.end + dt.timedelta(days=1)
    from loyalty_research.tiers.simulation.terms import TERMS

    made = Population(
        ids=ids,
        keys=own_keys(ids),
        member=_members(ids, joined, days),
        birthday=_birthdays(brand, counts["customer_id"]),
        templates=source.templates(),
        season=_season(orders, days),
        start=start,
        margin=float(share),
        past=np.zeros((len(ids), len(TERMS))),
        source=source,
        currency=brand.context.currency,
        week_start=brand.context.week_start,
        evidence="synthetic" if brand.context.evidence == "synthetic" else "assumed",
        **drawn,
    )
    own = brand.programme if present is None else present
    if own is None or own.status != "replayable":
        return made
    from loyalty_research.tiers.simulation.observe import mean_covariates

    return made.with_past(mean_covariates(made, own))


@reduction
def order_counts(orders: ir.Table, *, start: str, end: str) -> ir.Table:
    """Return one row a customer with an order in a period: orders, days with one.

    Parameters
    ----------
    orders
        customer_id, day, net_sales.
    start, end
        First and last day.
    """
    kept = orders.filter(
        orders.customer_id.notnull(),
        orders.net_sales > 0,
        orders.day.between(ibis.date(start), ibis.date(end)),
    )
    return kept.group_by("customer_id").aggregate(orders=kept.count(), days=kept.day.nunique())


@reduction
def orders_by_month(orders: ir.Table, *, start: str, end: str) -> ir.Table:
    """Return orders by month of the calendar.

    Parameters
    ----------
    orders
        day.
    start, end
        First and last day.
    """
    kept = orders.filter(orders.day.between(ibis.date(start), ibis.date(end)))
    return kept.group_by(year=kept.day.year(), month=kept.day.month()).aggregate(
        orders=kept.count()
    )


def _counts(orders: ir.Table, days: Days) -> pd.DataFrame:
    start, end = days.iso
    found = collect(order_counts(orders, start=start, end=end), sort_by=["customer_id"])
    if found.empty:
        raise DataError(
            problem(
                "population: no purchases of identified customers between {start} and {end}",
                start=start,
                end=end,
            )
        )
    return found


def _drawn(orders: ir.Table, counts: pd.DataFrame, days: Days, seed: int) -> dict[str, np.ndarray]:
    """Return rate, alive and dropout of each customer, drawn from what the model says of them."""
    from loyalty_research.profile.clv import fit_nbd, fit_pareto_nbd, summarise_customers

    rows = summarise_customers(
        orders, calibration_end=days.end, start=days.start, cohort="acquired", unit="week"
    )
    rows = rows.set_index("customer_id").reindex(counts["customer_id"]).reset_index()
    rows[["frequency", "recency"]] = rows[["frequency", "recency"]].fillna(0.0)
    rows["T"] = rows["T"].fillna(days.count / _WEEK)
    model = fit_pareto_nbd(rows)
    leaving = model.dropout_identified
    if not leaving:
        model = fit_nbd(rows)
    params = model.params
    x, age = rows["frequency"].to_numpy(float), rows["T"].to_numpy(float)
    keys = own_keys(pa.array(counts["customer_id"]))
    often = float(counts["orders"].sum() / counts["days"].sum())
    u = uniforms(seed, keys, purpose="rate", number=_RATE_NUMBER)
    rate = gammaincinv(params["r"] + x, u) / (params["alpha"] + age) * often
    found = {"rate": np.maximum(rate, 1e-6), "alive": np.ones(len(x)), "dropout": np.zeros(len(x))}
    if leaving:
        u = uniforms(seed, keys, purpose="rate", number=_LEAVING_NUMBER)
        risk = gammaincinv(params["s"], u) / (params["beta"] + age)
        found |= {
            "alive": np.clip(model.p_alive(rows).to_numpy(float), 0.0, 1.0),
            "dropout": np.minimum(-np.expm1(-risk), 0.99),
        }
    return found


def _season(orders: ir.Table, days: Days) -> np.ndarray:
    """Return an index a week from the day after the period, by month of the year; 1 if too short.

    Months of the last two whole years, less the growth from the one to the other.
    """
    start, end = days.iso
    frame = collect(orders_by_month(orders, start=start, end=end), sort_by=["year", "month"])
    month = (frame["year"] * _MONTHS + frame["month"] - 1).to_numpy(int)
    whole = _whole_months(days)
    kept = np.isin(month, whole[-_YEARS * _MONTHS :])
    if len(whole) < _YEARS * _MONTHS or kept.sum() < _YEARS * _MONTHS:
        return np.ones(1)
    lengths = np.array([_length(number) for number in month[kept]])
    logs = np.log(frame["orders"].to_numpy(float)[kept] / lengths).reshape(_YEARS, _MONTHS)
    growth = (logs[1] - logs[0]).mean() / _MONTHS
    flat = logs - growth * np.arange(_YEARS * _MONTHS).reshape(_YEARS, _MONTHS)
    shares = np.exp(flat.mean(axis=0))
    by_month = np.empty(_MONTHS)
    by_month[month[kept][:_MONTHS] % _MONTHS] = shares / shares.mean()
    middle = [days.end + dt.timedelta(days=4 + _WEEK * week) for week in range(_WEEKS_AHEAD)]
    return np.array([by_month[day.month - 1] for day in middle])


def _whole_months(days: Days) -> list[int]:
    first = days.start.year * _MONTHS + days.start.month - 1 + (days.start.day > 1)
    after = days.end + dt.timedelta(days=1)
    return list(range(first, after.year * _MONTHS + after.month - 1))


def _length(month: int) -> int:
    return pd.Period(year=month // _MONTHS, month=month % _MONTHS + 1, freq="M").days_in_month


def _members(ids: pa.Array, joined: Any, days: Days) -> np.ndarray:
    """Return who is a member when the simulation begins; all where no table says."""
    if joined is None:
        return np.ones(len(ids), dtype=bool)
    known = joined.filter(joined.joined_on.cast("date") <= ibis.date(days.end.isoformat()))
    names = collect(known.select("customer_id").distinct(), sort_by=["customer_id"])
    return np.isin(np.array(ids.to_pylist()), names["customer_id"].to_numpy())


def _birthdays(brand: Any, ids: pd.Series[Any]) -> np.ndarray:
    if not brand.has("customers") or "birthday_month" not in brand.customers.columns:
        return np.zeros(len(ids), dtype=np.int64)
    table = brand.customers
    known = table.group_by("customer_id").aggregate(month=table.birthday_month.min())
    frame = collect(known, sort_by=["customer_id"]).set_index("customer_id")["month"]
    return frame.reindex(ids).fillna(0).to_numpy(np.int64)
