"""Who changed segment from half to half, beside those who would seem to without any change."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import reduction
from loyalty_research.profile.common import Days, within
from loyalty_research.profile.segments.features import features_of
from loyalty_research.profile.segments.model import SegmentModel
from loyalty_research.stats import Estimate, ratio


@reduction
def alternate_weeks(orders: ir.Table, *, start: str, odd: bool) -> ir.Table:
    """Return the orders of every other week of the period, counted from its first day."""
    week = orders.day.delta(ibis.date(start), unit="day").cast("int64") // 7
    return orders.filter(week % 2 == int(odd))


def moves_of(brand: Any, orders: ir.Table, days: Days, model: SegmentModel) -> pd.DataFrame:
    """Return the segments of customers in the halves, and in alternate weeks, of a period.

    Only customers with enough purchases for a segment in each of the four.

    Returns
    -------
    pandas.DataFrame
        customer_id, first, last, odd, even: segments from 1.
    """
    first, last = days.halves()
    weeks = {
        odd: alternate_weeks(orders, start=days.start.isoformat(), odd=odd) for odd in (True, False)
    }
    parts = {
        "first": (within(orders, first), first),
        "last": (within(orders, last), last),
        "odd": (weeks[True], Days(days.start, last.end)),
        "even": (weeks[False], Days(days.start, last.end)),
    }
    frame: pd.DataFrame | None = None
    for name, (own, span) in parts.items():
        found = _segments(brand, own, span, model, halved=name in {"odd", "even"})
        found = found[found["segment"] > 0].rename(columns={"segment": name})
        frame = found if frame is None else frame.merge(found, on="customer_id")
    assert frame is not None
    return frame


def _segments(
    brand: Any, orders: ir.Table, span: Days, model: SegmentModel, *, halved: bool
) -> pd.DataFrame:
    features = features_of(
        brand, orders, span, early_before=model.early_before, channel=model.channel
    )
    if halved:  # alternate weeks are half the days of their span
        features["frequency"] *= 2
    return model.assign(features)


def moves_frame(moves: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Return one row a pair of segments: customers who moved, and those expected without change.

    Expected = the mean of both directions between odd and even weeks, in which nothing can have
    changed.
    """
    k = len(names)
    observed = _table(moves["first"], moves["last"], k)
    expected = (_table(moves["odd"], moves["even"], k) + _table(moves["even"], moves["odd"], k)) / 2
    rows = [
        {
            "origin": names[start],
            "target": names[end],
            "observed": int(observed[start, end]),
            "expected_same": float(expected[start, end]),
        }
        for start in range(k)
        for end in range(k)
    ]
    return pd.DataFrame(rows)


def moved_beyond_noise(moves: pd.DataFrame) -> tuple[Estimate, float, float]:
    """Return the share that moved less the share that seems to, and both shares.

    The interval takes customers as the sampled units: each counts in both shares.
    """
    moved = (moves["first"] != moves["last"]).to_numpy(dtype=float)
    seems = (moves["odd"] != moves["even"]).to_numpy(dtype=float)
    return ratio(moved - seems, np.ones(len(moves))), float(moved.mean()), float(seems.mean())


def _table(first: pd.Series, second: pd.Series, k: int) -> np.ndarray:
    places = (first.to_numpy() - 1) * k + second.to_numpy() - 1
    return np.bincount(places, minlength=k * k).reshape(k, k)
