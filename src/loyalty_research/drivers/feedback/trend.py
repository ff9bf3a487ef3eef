"""How the share of complaints moves from month to month, by aspect."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from loyalty_research.drivers.feedback.heard import BASE, Heard, hear, nothing
from loyalty_research.drivers.feedback.shares import share_of_reviews
from loyalty_research.drivers.feedback.trend_views import trend_charts, trend_tables
from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, holm

_SECTION = "complaint_trend"
LEAST_MONTHS = 6
"""Months with comments that a trend is told from."""
LEAST_COMPLAINTS = 20
"""Complaints of an aspect that a trend is told from."""


def complaint_trend(feedback: Any, *, period: Any = None) -> Result:
    """Tell how the share of comments that complain of each aspect moves over the months.

    Parameters
    ----------
    feedback, period
        As of :func:`~loyalty_research.drivers.feedback.complaint_shares`.

    Returns
    -------
    Result
        Frames ``summary`` (by aspect: fitted share in the first and the last month, the change and
        whether it is beyond chance), ``months`` (by month and aspect: comments, share) and
        ``leading`` (the months of the aspect told, or of the one most complained of). Without
        frames and findings for a brand without feedback, of which
        :func:`~loyalty_research.drivers.feedback.complaint_shares` tells.

    Notes
    -----
    logit p = a + b t over days, comments of one person clustered; the change is that of the fitted
    share from the middle of the first month to that of the last, linearised. Aspects are tested
    together (Holm). A line tells slow movement and no season: with less than two years a season
    may look like a trend.

    References
    ----------
    Liang & Zeger 1986, Biometrika 73(1), 13-22; Holm 1979.
    """
    if (empty := nothing(feedback, _SECTION)) is not None:
        return empty
    heard = hear(feedback, _SECTION, period=period)
    if heard.reason:
        return heard.withheld(_SECTION, "feedback_trend")
    months = _months(heard)
    if months["month"].nunique() < LEAST_MONTHS:
        gone = heard.state.withheld(
            "feedback_trend",
            "few_months",
            definition="complaint_share",
            base=len(heard.reviews),
            base_unit=BASE,
            values={
                "months": Value(int(months["month"].nunique()), "months"),
                "needed": Value(LEAST_MONTHS, "months"),
            },
        )
        return heard.result(_SECTION, {"summary": pd.DataFrame(), "months": months}, (gone,))
    frames = {"summary": _summary(heard), "months": months}
    frames["leading"] = _leading(frames)
    return heard.result(
        _SECTION,
        frames,
        _findings(heard, frames["summary"]),
        charts=trend_charts(heard, frames),
        tables=trend_tables(heard, frames),
        references=("liang1986", "holm1979"),
    )


def _months(heard: Heard) -> pd.DataFrame:
    rows = []
    for month, own in heard.reviews.groupby("month", sort=True).groups.items():
        inside = np.asarray(own)
        people = heard.person[inside]
        for place, aspect in enumerate(heard.aspects):
            share = share_of_reviews(heard.complains[inside, place], people)
            rows.append(
                {
                    "month": str(month),
                    "aspect": aspect,
                    "people": len(np.unique(people)),
                    "reviews": len(inside),
                    "share": share.value,
                    "share_low": share.low,
                    "share_high": share.high,
                }
            )
    return pd.DataFrame(rows)


def _summary(heard: Heard) -> pd.DataFrame:
    days = heard.reviews["day"]
    time = (days - days.min()).dt.days.to_numpy(dtype=float) / 365.25
    middles = [
        time[(heard.reviews["month"] == month).to_numpy()].mean()
        for month in (heard.reviews["month"].min(), heard.reviews["month"].max())
    ]
    rows = []
    for place, aspect in enumerate(heard.aspects):
        bad = heard.complains[:, place]
        if bad.sum() >= LEAST_COMPLAINTS and (~bad).sum() >= LEAST_COMPLAINTS:
            line = _line(bad, time, heard.person, (middles[0], middles[1]))
            rows.append({"aspect": aspect, "complaints": int(bad.sum()), **line})
    if not rows:
        return pd.DataFrame()
    frame = pd.DataFrame(rows)
    frame["told"] = holm(frame["p_value"].to_numpy())
    for name in ("", "_low", "_high"):
        frame[f"points{name}"] = (100 * frame[f"change{name}"]).round(1)
    return frame.sort_values("change", ascending=False, kind="stable").reset_index(drop=True)


def _line(
    bad: np.ndarray, time: np.ndarray, person: np.ndarray, ends: tuple[float, float]
) -> dict[str, float]:
    """Fit a line of log-odds; return the fitted shares at both ends and their difference."""
    x = np.column_stack([np.ones_like(time), time])
    fit = GLM(bad.astype(float), x, family=Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": person}
    )
    beta, covariance = np.asarray(fit.params), np.asarray(fit.cov_params())
    first, last = (float(expit(beta @ [1.0, end])) for end in ends)
    gradient = last * (1 - last) * np.array([1.0, ends[1]])
    gradient -= first * (1 - first) * np.array([1.0, ends[0]])
    error = float(np.sqrt(gradient @ covariance @ gradient))
    reach = float(norm.ppf(0.975)) * error
    change = last - first
    return {
        "first": first,
        "last": last,
        "change": change,
        "change_low": change - reach,
        "change_high": change + reach,
        "p_value": float(2 * norm.sf(abs(beta[1]) / np.sqrt(covariance[1, 1]))),
    }


def _leading(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the months of the aspect that moved most surely, or is most complained of."""
    summary, months = frames["summary"], frames["months"]
    if len(summary) and summary["told"].any():
        aspect = summary[summary["told"]].sort_values("p_value", kind="stable")["aspect"].iloc[0]
    else:
        aspect = months.groupby("aspect", sort=True)["share"].mean().idxmax()
    return months[months["aspect"] == aspect].reset_index(drop=True)


def _findings(heard: Heard, frame: pd.DataFrame) -> tuple[Finding, ...]:
    base = len(heard.reviews)
    told = frame[frame["told"]] if len(frame) else frame
    if told.empty:
        reason = "no_change" if len(frame) else "complaints_rare"
        values = {"needed": Value(LEAST_COMPLAINTS, "count"), "aspects": Value(len(frame), "count")}
        gone = heard.state.withheld(
            "feedback_trend",
            reason,
            definition="complaint_share",
            base=base,
            base_unit=BASE,
            values=values,
        )
        return (gone,)
    row = told.sort_values("p_value", kind="stable").iloc[0]
    return (
        heard.state(
            "feedback_trend",
            Estimate(row["change"], row["change_low"], row["change_high"], base),
            unit="point_change",
            definition="complaint_share",
            method="logit_trend",
            base_unit=BASE,
            subject="feedback_trend",
            task="retain",
            values={
                "aspect": Value(str(row["aspect"]), "label:feedback_aspect"),
                "first": Value(float(row["first"]), "share"),
                "last": Value(float(row["last"]), "share"),
                "told": Value(len(told), "count"),
                "aspects": Value(len(frame), "count"),
            },
        ),
    )
