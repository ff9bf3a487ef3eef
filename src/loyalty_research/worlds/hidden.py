"""What no shop sees: traits of customers, and what was behind every gap between purchases."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from loyalty_research.worlds.history import Gaps, History
from loyalty_research.worlds.random import Floats


def traits(history: History) -> pa.Table:
    """Return one row a customer who could have come: rate, churn, attitude, membership."""
    people = history.people
    rhythm = people.rhythm
    assert rhythm is not None
    joined = np.full(len(people), -1) if history.accounts is None else history.accounts.joined
    columns = {
        "customer_id": people.index + 1,
        "entry": people.entry,
        "rate": rhythm.rate,
        "z": rhythm.z,
        "dropout": rhythm.dropout,
        "lifetime": rhythm.lifetime,
        "trend": rhythm.trend,
        "level": people.level,
        "sensitivity": people.sensitivity,
        "attitude": people.attitude,
        "intent": people.intent,
        "ever_joins": people.joins_at >= 0,
        "joined": joined >= 0,
        "alive": history.alive,
        "purchases": history.purchases,
    }
    for number, row in enumerate(history.reach.reached, start=1):
        columns[f"reached_{number}"] = row == 1
    return pa.table(columns)


def gaps(history: History) -> pa.Table:
    """Return one row a gap that begins with a purchase of somebody who has not left.

    Times are operational days; ``pause`` is the part given back for purchases moved forward,
    ``rate`` the base rate, ``factor`` what the programme made of it, ``points``, ``tier``,
    ``reward`` and ``member`` the covariates behind the factor.
    """
    rows = [_rows(history, item) for item in history.gaps]
    if not rows:
        return pa.table({"customer_id": np.zeros(0, dtype=np.int64)})
    return pa.table({name: np.concatenate([row[name] for row in rows]) for name in rows[0]})


def _rows(history: History, item: Gaps) -> dict[str, Floats]:
    ones = np.ones(len(item.rows))
    pressure = item.pressure
    return {
        "customer_id": history.people.index[item.rows] + 1,
        "number": np.full(len(item.rows), item.number),
        "begins": item.begins,
        "ends": item.ends,
        "closed": item.closed,
        "pause": item.pause,
        "rate": item.rate,
        "factor": ones if pressure is None else pressure.pressing * pressure.other,
        "member": 0 * ones if pressure is None else pressure.member,
        "points": 0 * ones if pressure is None else pressure.points,
        "tier": 0 * ones if pressure is None else pressure.tier,
        "reward": 0 * ones if pressure is None else pressure.reward,
    }
