"""How fast customers fall silent beyond their own rhythm, and what goes with it."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd

from loyalty_research.drivers.common import CHAPTER, DriverStater, empty, stater
from loyalty_research.drivers.retention_cox import CoxModel, fit_cox
from loyalty_research.drivers.retention_features import RHYTHM
from loyalty_research.drivers.retention_lapse_rows import BANDS, Followed, follow
from loyalty_research.drivers.retention_lapse_views import lapse_charts, lapse_tables
from loyalty_research.engine import collect
from loyalty_research.errors import DataError
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import as_days, drawable, valid_orders
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, ProductLimit, difference, holm, product_limit

_SECTION = "lapse_times"
_LEAST = 100
_LEAST_EVENTS = 20
_STEP = 7
_STRATA = 10


def lapse_times(orders: Any, *, period: Any, joined: Any = None) -> Result:
    """Follow the customers of the first half of a period until they are silent for too long.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).
    joined
        One row a customer: customer_id, joined_on, which starts the clock of the Cox model; None
        for the first purchase where it is observed, else for the day following begins.

    Returns
    -------
    Result
        ``table``: one row a customer followed, lazy. Frames ``summary`` (by thirds of purchases
        before: lapsed in the time followed, and by chance, with intervals), ``curves`` (share not
        lapsed by week) and ``hazards`` (hazard ratios, and whether they are proportional).

    Raises
    ------
    DataError
        Where a column is missing.

    Notes
    -----
    Lapsed: silent beyond the 99 % quantile of the own gap (gamma-Poisson, as known after the first
    half), dated on the day the quantile was passed; who comes back later has lapsed before.
    Kaplan and Meier's estimate, beside that of customers who go on buying at random at their own
    rates, drawn from the same model: only what lies above it says that anybody left. Customers are
    followed from the day on which their features were measured; with a clock that started before,
    they enter the risk set with that delay. Cox: strata by tenths of the quantile of the own gap,
    with frequency and recency in the model, so that customers of alike rhythm are compared; Holm
    over all other features.

    References
    ----------
    Kaplan & Meier 1958; Cox 1972; Grambsch & Therneau 1994.
    """
    table = valid_orders(orders, "customer_id")
    days = as_days(period)
    state = stater(table, _SECTION, days)
    followed = follow(table, days)
    if isinstance(followed, str):
        return _withheld(state, followed, 0)
    rows = followed.rows
    if len(rows) < max(_LEAST, state.context.base_limit):
        return _withheld(state, "base_too_small", len(rows))
    if not rows["event"].any():
        return _withheld(state, "nobody_lapsed", len(rows))
    clock = _clock(joined, state, followed)
    model = _fitted(followed, clock)
    frames = {"summary": _summary(followed), "curves": _curves(followed)}
    if model is not None:
        frames["hazards"] = _hazards(model)
    return Result(
        name=_SECTION,
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=(
            *_findings(state, followed, frames["summary"]),
            _hazard_finding(state, followed, model, clock is not None),
        ),
        charts=drawable(lapse_charts(frames, followed, days), state.context),
        tables=lapse_tables(frames, followed, days),
        references=("kaplan1958", "cox1972", "grambsch1994"),
        context=state.context,
        table=ibis.memtable(rows[["customer_id", "time", "event", "band", "net_sales"]]),
    )


def _withheld(state: DriverStater, reason: str, base: int) -> Result:
    finding = state.withheld("lapse_share", reason, definition="lapse", base=base)
    return empty(_SECTION, state.context, finding)


def _limit(time: pd.Series[Any], event: pd.Series[Any]) -> ProductLimit:
    counts = pd.crosstab(time, event).reindex(columns=[0, 1], fill_value=0)
    day = counts.index.to_numpy(dtype=int)
    return product_limit(day, counts[1].to_numpy(), counts[0].to_numpy())


def _pair(rows: pd.DataFrame) -> tuple[ProductLimit, ProductLimit]:
    """Return the estimate of what came, and of what random buying gives."""
    return _limit(rows["time"], rows["event"]), _limit(rows["by_chance"], rows["chance_event"])


def _groups(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    parts = [(name, rows[rows["band"] == name]) for name in BANDS]
    return [("all", rows), *((name, part) for name, part in parts if len(part))]


def _summary(followed: Followed) -> pd.DataFrame:
    found = []
    for name, rows in _groups(followed.rows):
        real, chance = (item.reached_by(followed.days) for item in _pair(rows))
        beyond = difference(real, chance)
        found.append(
            {
                "band": name,
                "customers": len(rows),
                "net_sales": float(rows["net_sales"].sum()),
                "lapsed": real.value,
                "lapsed_low": real.low,
                "lapsed_high": real.high,
                "by_chance": chance.value,
                "beyond": beyond.value,
                "beyond_low": beyond.low,
                "beyond_high": beyond.high,
            }
        )
    return pd.DataFrame(found)


def _curves(followed: Followed) -> pd.DataFrame:
    """Return the share not lapsed by week, of all and by random buying, then of each third."""
    places = np.arange(0, followed.days + 1, _STEP)
    parts = []
    for name, rows in _groups(followed.rows):
        real, chance = _pair(rows)
        series = [(name, real), *([("by_chance", chance)] if name == "all" else [])]
        for label, item in series:
            share = [1 - (item.reached_by(int(day)).value or 0.0) for day in places]
            parts.append(pd.DataFrame({"series": label, "day": places, "staying": share}))
    return pd.concat(parts, ignore_index=True)


def _clock(joined: Any, state: DriverStater, followed: Followed) -> np.ndarray | None:
    """Return the days each customer was known for at the landmark; None where it is not told."""
    rows = followed.rows
    if joined is not None:
        frame = joined if isinstance(joined, pd.DataFrame) else _collected(joined)
        dates = pd.to_datetime(frame.set_index("customer_id")["joined_on"])
        known = (pd.Timestamp(followed.landmark) - dates).dt.days
        found = known.reindex(rows["customer_id"]).to_numpy(dtype=float)
        found = np.where(np.isfinite(found), np.maximum(found, 0), np.nan)
        return found if np.isfinite(found).mean() >= 0.9 else None
    if state.context.first_purchase_observed:
        return rows["tenure"].to_numpy(dtype=float)
    return None


def _collected(joined: Any) -> pd.DataFrame:
    table = joined.select("customer_id", "joined_on").filter(joined.joined_on.notnull())
    return collect(table, sort_by=["customer_id"])


def _fitted(followed: Followed, clock: np.ndarray | None) -> CoxModel | None:
    """Fit the hazards of features that do not only say how often; None where events are few."""
    rows = followed.rows
    names = [name for name in followed.features if name not in RHYTHM]
    scaled = {}
    for name in names:
        values = rows[name].to_numpy(dtype=float)
        if float(values.std()) > 1e-9:
            scaled[name] = (values - values.mean()) / values.std()
    allowed = np.log(rows["allowed"].to_numpy(dtype=float))
    rhythm = {"allowed": allowed, **{name: rows[name] for name in ("frequency", "recency")}}
    frame = pd.DataFrame(scaled | rhythm).assign(
        time=rows["time"].astype(float),
        event=rows["event"],
        stratum=_strata(allowed, rows["event"]),
    )
    entry = None
    if clock is not None:
        frame = frame.assign(entry=clock, time=frame["time"] + clock)
        frame, entry = frame[np.isfinite(frame["entry"])], "entry"
    if int(frame["event"].sum()) < _LEAST_EVENTS * max(len(scaled), 1) or not scaled:
        return None
    try:
        return fit_cox(
            frame,
            time="time",
            event="event",
            columns=[*scaled, *rhythm],
            entry=entry,
            strata="stratum",
        )
    except DataError:
        return None


def _strata(values: np.ndarray, event: pd.Series[Any]) -> np.ndarray:
    """Return tenths of values, or fewer parts where events are few."""
    parts = max(1, min(_STRATA, int(event.sum()) // _LEAST_EVENTS))
    edges = np.unique(np.quantile(values, np.arange(1, parts) / parts))
    return (values[:, None] > edges).sum(axis=1)


def _hazards(model: CoxModel) -> pd.DataFrame:
    table = model.table.rename(columns={"column": "feature"})
    table = table[~table["feature"].isin([*RHYTHM, "allowed"])]
    passed = holm(table["p_value"].to_numpy())
    sound = passed & table["proportional"].to_numpy(dtype=bool)
    verdict = np.select([sound, passed], ["told", "drifts"], "not_told")
    return table.assign(verdict=verdict).sort_values("p_value", ignore_index=True)


def _findings(
    state: DriverStater, followed: Followed, summary: pd.DataFrame
) -> tuple[Finding, ...]:
    row = summary.iloc[0]
    lapsed = followed.rows["event"] == 1
    values = {
        "days": Value(followed.days, "days"),
        "by_chance": Value(float(row["by_chance"]), "share"),
        "landmark": Value(followed.landmark.isoformat(), "date"),
        "lapsed": Value(float(row["lapsed"]), "share"),
    }
    base = int(row["customers"])
    if not row["beyond_low"] > 0:
        told = state.withheld(
            "lapse_beyond", "no_excess_lapse", definition="lapse", base=base, values=values
        )
    else:
        told = state(
            "lapse_beyond",
            Estimate(row["beyond"], row["beyond_low"], row["beyond_high"], base),
            unit="percentage_point",
            definition="lapse",
            method="kaplan_meier",
            subject="lapse_beyond",
            task="retain",
            values=values,
        )
    share = state(
        "lapse_share",
        Estimate(row["lapsed"], row["lapsed_low"], row["lapsed_high"], base),
        unit="share",
        definition="lapse",
        method="kaplan_meier",
        subject="lapse_share",
        task="win_back",
        group="lapse",
        at_stake=float(followed.rows.loc[lapsed, "net_sales"].sum()),
        values=values | {"people": Value(int(lapsed.sum()), "customers")},
    )
    return share, told


def _hazard_finding(
    state: DriverStater, followed: Followed, model: CoxModel | None, delayed: bool
) -> Finding:
    base = len(followed.rows)
    if model is None:
        return state.withheld("lapse_hazard", "few_lapses", definition="hazard_ratio", base=base)
    table = _hazards(model)
    told = table[table["verdict"] == "told"]
    drifts = table[table["verdict"] == "drifts"]
    values = {
        "features": Value(len(table), "count"),
        "drifts": Value(len(drifts), "count"),
        "clock": Value("delayed" if delayed else "landmark", "label:lapse_clock"),
    }
    if told.empty:
        reason = "hazards_drift" if len(drifts) else "no_feature_hazard"
        return state.withheld(
            "lapse_hazard", reason, definition="hazard_ratio", base=base, values=values
        )
    row = told.iloc[0]
    return state(
        "lapse_hazard",
        Estimate(row["ratio"], row["ratio_low"], row["ratio_high"], base),
        unit="number",
        definition="hazard_ratio",
        method="cox",
        subject="lapse_hazard",
        values=values
        | {
            "feature": Value(str(row["feature"]), "label:feature"),
            "told": Value(len(told), "count"),
        },
    )
