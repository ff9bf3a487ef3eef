"""What customers write about, and how much of it is complaint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.drivers.feedback.complaints_statements import complaint_statements
from loyalty_research.drivers.feedback.complaints_views import complaint_charts, complaint_tables
from loyalty_research.drivers.feedback.heard import Heard, hear, persons
from loyalty_research.drivers.feedback.shares import share_of_reviews
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, difference, holm

_SECTION = "complaint_shares"


def complaint_shares(feedback: Any, *, period: Any = None) -> Result:
    """Tell what comments are about, and how many of those on an aspect complain of it.

    Parameters
    ----------
    feedback
        A brand, its table of feedback, a frame, or a
        :class:`~loyalty_research.drivers.feedback.Reading`.
    period
        A brand's period or (first day, last day).

    Returns
    -------
    Result
        Frames ``summary`` (by aspect: comments naming it, their share of all, comments complaining
        of it, their share of those naming it and of all), ``sources`` and ``brands`` where the
        table tells several, and ``quality``: how well aspects and complaints are read.

    Raises
    ------
    MissingTableError
        Where the brand has no feedback.

    Notes
    -----
    The base is comments in words, Chinese or English; a comment counts once for an aspect however
    often it names it. Who wrote them are the sampled units. A source is set against all others
    (Holm over sources), brands on the days that all of them have comments on and from the base
    limit on.
    """
    heard = hear(feedback, _SECTION, period=period)
    if heard.reason:
        return heard.withheld(_SECTION, "feedback_top")
    summary = _summary(heard)
    ranked = summary.sort_values("of_all", ascending=False, kind="stable", ignore_index=True)
    frames = {"summary": summary, "ranked": ranked}
    frames |= _sources(heard) | _brands(heard)
    quality = heard.reading.quality
    if len(quality):
        frames["quality"] = quality.reset_index(drop=True)
    return heard.result(
        _SECTION,
        frames,
        complaint_statements(heard, frames),
        charts=complaint_charts(heard, frames),
        tables=complaint_tables(heard, frames),
    )


def _summary(heard: Heard) -> pd.DataFrame:
    rows = []
    for place, aspect in enumerate(heard.aspects):
        named, bad = heard.names[:, place], heard.complains[:, place]
        share = share_of_reviews(named, heard.person)
        of_all = share_of_reviews(bad, heard.person)
        rate = share_of_reviews(bad[named], heard.person[named])
        rows.append(
            {
                "aspect": aspect,
                "people": len(np.unique(heard.person[named])),
                "reviews": int(named.sum()),
                "share": share.value,
                "share_low": share.low,
                "share_high": share.high,
                "complaints": int(bad.sum()),
                "of_all": of_all.value,
                "of_all_low": of_all.low,
                "of_all_high": of_all.high,
                "rate": rate.value,
                "rate_low": rate.low,
                "rate_high": rate.high,
            }
        )
    frame = pd.DataFrame(rows)
    numbers = frame.columns[4:].difference(["complaints"])
    frame[numbers] = frame[numbers].astype(float)
    return frame.sort_values("reviews", ascending=False, kind="stable").reset_index(drop=True)


def _sources(heard: Heard) -> dict[str, pd.DataFrame]:
    """Return the share of comments that complain, by source, beside all other sources."""
    source = heard.reviews["source"]
    names = sorted(source.dropna().unique())
    rows = []
    for name in names if len(names) > 1 else ():
        own = (source == name).to_numpy()
        here = share_of_reviews(heard.unhappy[own], heard.person[own])
        rest = source.notna().to_numpy() & ~own
        others = share_of_reviews(heard.unhappy[rest], heard.person[rest])
        rows.append({"source": name, **_apart(heard, own, here, others)})
    if not rows:
        return {}
    frame = pd.DataFrame(rows)
    return {"sources": frame.assign(told=holm(frame["p_value"].to_numpy()))}


def _apart(heard: Heard, own: np.ndarray, here: Estimate, others: Estimate) -> dict[str, Any]:
    apart = difference(here, others)
    return {
        "people": len(np.unique(heard.person[own])),
        "reviews": int(own.sum()),
        "share": here.value,
        "share_low": here.low,
        "share_high": here.high,
        "apart": apart.value,
        "apart_low": apart.low,
        "apart_high": apart.high,
        "p_value": _chance(here, others),
    }


def _chance(one: Estimate, two: Estimate) -> float:
    """Return the two-sided p-value of no difference, by the widths of both intervals."""
    errors = [
        ((item.high or 0.0) - (item.low or 0.0)) / (2 * float(norm.ppf(0.975)))
        for item in (one, two)
    ]
    error = float(np.hypot(errors[0], errors[1]))
    if error <= 0 or one.value is None or two.value is None:
        return 1.0
    return float(2 * norm.sf(abs(one.value - two.value) / error))


def _brands(heard: Heard) -> dict[str, pd.DataFrame]:
    """Return complaints of several brands on the days that all have comments on."""
    every = heard.reading.reviews
    every = every[every["readable"].to_numpy(dtype=bool) & every["brand"].notna().to_numpy()]
    days = every.groupby("brand")["day"].agg(["min", "max"])
    if len(days) < 2:
        return {}
    first, last = days["min"].max(), days["max"].min()
    within = every[(every["day"] >= first) & (every["day"] <= last)]
    bad = heard.reading.mentions
    rows_bad = set(bad.loc[bad["polarity"] < 0, "row"])
    rows = []
    for brand, own in within.groupby("brand", sort=True):
        if len(own) < heard.context.base_limit:
            continue
        unhappy = own.index.isin(rows_bad) | (own["polarity"].to_numpy(dtype=int) < 0)
        people = persons(own)
        found = share_of_reviews(unhappy, people)
        rows.append(
            {
                "brand": str(brand),
                "people": len(np.unique(people)),
                "reviews": len(own),
                "share": found.value,
                "share_low": found.low,
                "share_high": found.high,
                "first": first.date().isoformat(),
                "last": last.date().isoformat(),
            }
        )
    return {"brands": pd.DataFrame(rows)} if len(rows) > 1 else {}
