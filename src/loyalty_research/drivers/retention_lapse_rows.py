"""When customers who were there on a day first stayed away for longer than their own rhythm."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.drivers.retention_features import design, features_at
from loyalty_research.engine import collect, reduction
from loyalty_research.errors import DataError
from loyalty_research.profile.common import Days, identified
from loyalty_research.stats import GammaPoisson, fit_gamma_poisson, seed_from

QUANTILE = 0.99
"""Of the own gap, beyond which a customer counts as gone: the stage lost."""
_LEAST = 2
_RECENT = 91
BANDS = ("seldom", "medium", "often")


@reduction
def first_silences(orders: ir.Table, *, limits: ir.Table, landmark: str, end: str) -> ir.Table:
    """Return when each customer was first silent for too long, in days from the landmark.

    Parameters
    ----------
    orders
        One row an order.
    limits
        One row a customer: customer_id, silence (days without a purchase at the landmark) and
        limit (days of silence that are too long).
    landmark, end
        First day that is not looked at, and last day that is.

    Returns
    -------
    ibis.expr.types.Table
        customer_id, lapsed (days to the first silence that a later purchase ended; missing for
        none), last (days to the last purchase); only customers with a purchase after the landmark.
    """
    known = identified(orders)
    rows = known.filter(known.day > ibis.date(landmark), known.day <= ibis.date(end))
    days = rows.select("customer_id", "day").distinct()
    days = days.join(limits, "customer_id")
    days = days.mutate(since=days.day.delta(ibis.date(landmark), unit="day"))
    before = days.since.lag(1).over(ibis.window(group_by="customer_id", order_by="since"))
    days = days.mutate(before=ibis.coalesce(before, -days.silence))
    too_long = days.since - days.before > days.allowed
    return days.group_by("customer_id").aggregate(
        lapsed=(days.before + days.allowed).min(where=too_long), last=days.since.max()
    )


@dataclass(frozen=True, slots=True)
class Followed:
    """Customers followed from a landmark on.

    Parameters
    ----------
    landmark
        The day up to which the rhythm was measured.
    days
        Days followed.
    rows
        One row a customer: customer_id, time (days to the lapse, or followed), event, band (of
        purchases before the landmark), by_chance (time of a lapse that random buying would give,
        with chance_event), net_sales, and the features of the landmark.
    features
        Names of the features.
    model
        The rhythm.
    """

    landmark: dt.date
    days: int
    rows: pd.DataFrame
    features: tuple[str, ...]
    model: GammaPoisson


def follow(orders: ir.Table, days: Days) -> Followed | str:
    """Follow the customers of the first half of a period through the second.

    Returns
    -------
    Followed or str
        Why nobody can be followed, otherwise.

    Notes
    -----
    Landmark analysis: rhythm, limits and features are those of the landmark, and only who is
    there then, with two purchases and no silence beyond the limit, is followed.
    """
    first, _ = days.halves()
    landmark, length = first.end, (days.end - first.end).days
    if length < _RECENT:
        return "period_too_short"
    frame = features_at(orders, start=days.start, cut=landmark, recent=_RECENT)
    if frame.empty:
        return "base_too_small"
    model = _rhythm(frame, landmark)
    if model is None:
        return "rhythm_not_identified"
    count, between, silence = _history(frame, landmark)
    limit = np.ceil(model.predictive_gap(count, between, QUANTILE))
    kept = (count >= _LEAST - 1) & (silence <= limit)
    frame = frame[kept].reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "customer_id": frame["customer_id"],
            "silence": silence[kept].astype(int),
            "allowed": np.minimum(limit[kept], 100_000).astype(int),
        }
    )
    if rows.empty:
        return "base_too_small"
    found = _times(orders, rows, landmark, days.end)
    chance = _by_chance(rows, model, count[kept], between[kept], length)
    seen = design(frame, cut=landmark)
    rows = pd.concat([rows, found, chance, seen], axis=1)
    rows["net_sales"] = frame["net_sales"].astype(float)
    rows["band"] = _bands(frame["occasions"].to_numpy(dtype=float))
    rows["tenure"] = (pd.Timestamp(landmark) - pd.to_datetime(frame["first_day"])).dt.days
    return Followed(landmark, length, rows, tuple(seen.columns), model)


def _rhythm(frame: pd.DataFrame, landmark: dt.date) -> GammaPoisson | None:
    age = (pd.Timestamp(landmark) - pd.to_datetime(frame["first_day"])).dt.days
    try:
        model = fit_gamma_poisson(
            frame["occasions"].to_numpy(dtype=float) - 1, age.to_numpy(dtype=float)
        )
    except DataError:
        return None
    return model if model.converged else None


def _history(frame: pd.DataFrame, landmark: dt.date) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return purchases after the first, days from first to last, and days of silence."""
    first, last = pd.to_datetime(frame["first_day"]), pd.to_datetime(frame["last_day"])
    return (
        frame["occasions"].to_numpy(dtype=float) - 1,
        (last - first).dt.days.to_numpy(dtype=float),
        (pd.Timestamp(landmark) - last).dt.days.to_numpy(dtype=float),
    )


def _times(orders: ir.Table, rows: pd.DataFrame, landmark: dt.date, end: dt.date) -> pd.DataFrame:
    """Return time and event of each row."""
    limits: Any = ibis.memtable(rows)
    found = collect(
        first_silences(orders, limits=limits, landmark=landmark.isoformat(), end=end.isoformat()),
        sort_by=["customer_id"],
    ).set_index("customer_id")
    found = found.reindex(rows["customer_id"]).reset_index(drop=True)
    length = (end - landmark).days
    last = found["last"].astype(float).fillna(-rows["silence"].astype(float))
    at = found["lapsed"].astype(float).fillna(last + rows["allowed"])
    event = at < length
    time = at.where(event, length).clip(lower=1)
    return pd.DataFrame({"time": time.astype(int), "event": event.astype(int)})


def _by_chance(
    rows: pd.DataFrame,
    model: GammaPoisson,
    count: np.ndarray,
    between: np.ndarray,
    length: int,
) -> pd.DataFrame:
    """Draw one future of each customer who goes on buying at random at the own rate.

    The rate is drawn given what was seen: Gamma(r + x, alpha + T + silence).
    """
    rng = np.random.default_rng(seed_from("lapse", "by_chance"))
    silence = rows["silence"].to_numpy(dtype=float)
    limit = rows["allowed"].to_numpy(dtype=float)
    rate = rng.gamma(model.r + count, 1 / (model.alpha + between + silence))
    before, lapsed = -silence, np.full(len(rows), np.inf)
    now = np.floor(rng.exponential(1 / rate)) + 1
    going = np.ones(len(rows), dtype=bool)
    while going.any():
        too_long = going & (now - before > limit) & (before + limit < length)
        lapsed[too_long] = (before + limit)[too_long]
        going &= ~too_long & (now < length)
        before = np.where(going, now, before)
        step = np.floor(rng.exponential(1 / rate)) + 1
        now = np.where(going, now + step, now)
    event = lapsed < length
    time = np.where(event, np.maximum(lapsed, 1), length)
    return pd.DataFrame({"by_chance": time.astype(int), "chance_event": event.astype(int)})


def _bands(occasions: np.ndarray) -> np.ndarray:
    """Return thirds of customers by purchases before the landmark, equal numbers together."""
    edges = np.quantile(occasions, [1 / 3, 2 / 3])
    return np.array(BANDS, dtype=object)[(occasions[:, None] > edges).sum(axis=1)]
