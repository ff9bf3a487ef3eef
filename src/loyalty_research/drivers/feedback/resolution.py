"""How long complaints stay open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.drivers.feedback.heard import BASE, Heard, hear, nothing
from loyalty_research.drivers.feedback.resolution_views import resolution_charts, resolution_tables
from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, ProductLimit, product_limit

_SECTION = "resolution_times"
WITHIN = (1, 3, 7, 14)
"""Days by which the share resolved is told."""
_MAIN = 7


def resolution_times(feedback: Any, *, period: Any = None) -> Result:
    """Tell how soon complaints are resolved, with those still open censored.

    Parameters
    ----------
    feedback, period
        As of :func:`~loyalty_research.drivers.feedback.complaint_shares`.

    Returns
    -------
    Result
        Frames ``summary`` (days: share resolved within them), ``curve`` (by day) and ``aspects``
        (share within a week, by aspect complained of).

    Notes
    -----
    Kaplan and Meier over comments that complain of an aspect or are negative as a whole; one that
    is not resolved by the last day of the period is followed to that day. A comment resolved
    before it was posted is left out and counted. Who complains several times counts each time, so
    bounds take complaints as independent.

    References
    ----------
    Kaplan & Meier 1958.
    """
    if (empty := nothing(feedback, _SECTION)) is not None:
        return empty
    heard = hear(feedback, _SECTION, period=period)
    if heard.reason:
        return heard.withheld(_SECTION, "resolution_within")
    rows, wrong = complaint_days(heard)
    reason = _unusable(heard, rows, wrong)
    if reason:
        values = {"wrong": Value(wrong, BASE), "complaints": Value(len(rows) + wrong, BASE)}
        gone = heard.state.withheld(
            "resolution_within",
            reason,
            definition="resolution_time",
            base=len(rows),
            base_unit=BASE,
            values=values,
        )
        return heard.result(_SECTION, {"summary": pd.DataFrame()}, (gone,))
    curve = _curve(rows["days"], rows["ended"])
    frames = {
        "summary": _summary(curve),
        "curve": _steps(curve),
        "aspects": _aspects(heard, rows),
    }
    common = heard.common | {"base": len(rows)}
    return heard.result(
        _SECTION,
        frames,
        _findings(heard, curve, rows, wrong),
        charts=resolution_charts(frames, common),
        tables=resolution_tables(frames, common),
        references=("kaplan1958",),
    )


def complaint_days(heard: Heard) -> tuple[pd.DataFrame, int]:
    """Return each complaint's days to its resolution, or followed without one.

    Returns
    -------
    tuple
        Frame with place (in ``heard``), days, ended; and the number of complaints resolved before
        they were posted, which are not in it.
    """
    place = np.flatnonzero(heard.unhappy)
    own = heard.reviews.iloc[place]
    end = pd.Timestamp(heard.days.end)
    resolved = own["resolved_at"].dt.normalize()
    wrong = (own["resolved_at"] < own["posted_at"]).to_numpy()
    ended = (resolved.notna() & (resolved <= end)).to_numpy()
    until = resolved.where(ended, end)
    days = (until - own["day"]).dt.days.clip(lower=0).to_numpy()
    frame = pd.DataFrame({"place": place, "days": days, "ended": ended})
    return frame[~wrong].reset_index(drop=True), int(wrong.sum())


def _unusable(heard: Heard, rows: pd.DataFrame, wrong: int) -> str:
    if len(rows) + wrong == 0:
        return "no_complaints"
    if not heard.reviews["resolved_at"].notna().any():
        return "no_resolution"
    if rows["ended"].sum() == 0:
        return "resolved_too_early" if wrong else "none_resolved"
    return ""


def _curve(days: Any, ended: Any) -> ProductLimit:
    done = np.asarray(ended, dtype=bool)
    return product_limit(np.asarray(days), done.astype(int), (~done).astype(int))


def _summary(curve: ProductLimit) -> pd.DataFrame:
    rows = []
    for day in WITHIN:
        found = curve.reached_by(day)
        rows.append(
            {
                "within": day,
                "share": found.value,
                "share_low": found.low,
                "share_high": found.high,
                "followed": int(curve.at_risk[day]) if day < len(curve.at_risk) else 0,
            }
        )
    frame = pd.DataFrame(rows)
    numbers = ["share", "share_low", "share_high"]
    frame[numbers] = frame[numbers].astype(float)
    return frame


def _steps(curve: ProductLimit, most: int = 30) -> pd.DataFrame:
    rows = []
    for day in range(min(most, len(curve.days) - 1) + 1):
        found = curve.reached_by(day)
        rows.append(
            {
                "day": day,
                "share": found.value,
                "share_low": found.low,
                "share_high": found.high,
            }
        )
    return pd.DataFrame(rows).astype(float)


def _aspects(heard: Heard, rows: pd.DataFrame) -> pd.DataFrame:
    found = []
    for number, aspect in enumerate(heard.aspects):
        own = rows[heard.complains[rows["place"].to_numpy(), number]]
        if len(own) < heard.context.base_limit:
            continue
        share = _curve(own["days"], own["ended"]).reached_by(_MAIN)
        found.append(
            {
                "aspect": aspect,
                "people": len(np.unique(heard.person[own["place"].to_numpy()])),
                "complaints": len(own),
                "share": share.value,
                "share_low": share.low,
                "share_high": share.high,
            }
        )
    return pd.DataFrame(found)


def _findings(
    heard: Heard, curve: ProductLimit, rows: pd.DataFrame, wrong: int
) -> tuple[Finding, ...]:
    within = curve.reached_by(_MAIN)
    open_ = int((~rows["ended"]).sum())
    stated = heard.state(
        "resolution_within",
        Estimate(within.value, within.low, within.high, len(rows)),
        unit="share",
        definition="resolution_time",
        method="kaplan_meier",
        base_unit=BASE,
        subject="resolution_within",
        task="retain",
        values={
            "days": Value(_MAIN, "days"),
            "open": Value(open_, BASE),
        },
    )
    found = (stated, _median(heard, curve, rows))
    return (*found, _early(heard, wrong)) if wrong else found


def _early(heard: Heard, wrong: int) -> Finding:
    return heard.state(
        "resolution_wrong",
        float(wrong),
        unit="count",
        definition="resolution_time",
        method="count",
        base=int(heard.unhappy.sum()),
        base_unit=BASE,
        subject="resolution_wrong",
    )


def _median(heard: Heard, curve: ProductLimit, rows: pd.DataFrame) -> Finding:
    reached = np.flatnonzero(curve.survival <= 0.5)
    share = float(1 - curve.survival[-1])
    if not len(reached):
        return heard.state.withheld(
            "resolution_median",
            "half_not_resolved",
            definition="resolution_time",
            base=len(rows),
            base_unit=BASE,
            values={"share": Value(share, "share")},
        )
    done = rows.loc[rows["ended"], "days"]
    return heard.state(
        "resolution_median",
        float(reached[0]),
        unit="days",
        definition="resolution_time",
        method="kaplan_meier",
        base=len(rows),
        base_unit=BASE,
        subject="resolution_median",
        values={"slowest": Value(float(done.quantile(0.9)), "days")},
    )
