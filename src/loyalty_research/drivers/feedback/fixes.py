"""Complaints before and after a day on which the brand changed something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from loyalty_research.brand.fixes import Fix
from loyalty_research.drivers.feedback.fixes_statements import fix_statements
from loyalty_research.drivers.feedback.fixes_views import fix_charts, fix_tables
from loyalty_research.drivers.feedback.heard import BASE, Heard, hear, nothing
from loyalty_research.drivers.feedback.interrupted import (
    LEAST_COMPLAINTS,
    LEAST_WEEKS,
    Segmented,
    difference_of,
    fit_segments,
)
from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Value
from loyalty_research.results import Result
from loyalty_research.stats import holm

_SECTION = "before_after"


@dataclass(frozen=True, slots=True)
class _Series:
    """Weeks before and after a fix: comments, and those that complain of some aspect."""

    fix: Fix
    aspect: str
    hits: np.ndarray
    others: np.ndarray
    base: np.ndarray
    before: int
    starts: tuple[dt.date, ...]


def before_after(
    feedback: Any, *, fixes: Sequence[Fix | Mapping[str, Any]] | None = None, period: Any = None
) -> Result:
    """Set complaints of an aspect after a dated change beside those before it, week by week.

    Parameters
    ----------
    feedback, period
        As of :func:`~loyalty_research.drivers.feedback.complaint_shares`.
    fixes
        What was changed: ``name``, first day ``on``, and ``aspects``; None for those of the brand
        file.

    Returns
    -------
    Result
        Frames ``summary`` (by fix and aspect: shares before and after, change in level and in
        slope, and the change of the other aspects in the same weeks) and ``weeks`` (of the first
        series: comments, share, fitted line, and the line before gone on with).

    Raises
    ------
    ParameterError
        Where a fix is no fix: an unknown aspect, no day.

    Notes
    -----
    Segmented quasi-binomial regression on weeks counted from the day of the fix; see
    ``fit_segments``. Told where no level change is rejected (Holm over fixes and aspects). All
    other aspects together, over the same weeks, are the comparison series: where they change
    alike, the change is not of this aspect. What else happened in that week is not ruled out, so
    a change coincides with a fix and is no effect.

    References
    ----------
    Wagner et al. 2002; Bernal, Cummins & Gasparrini 2017; Newey & West 1987.
    """
    if (empty := nothing(feedback, _SECTION)) is not None:
        return empty
    known = _fixes(feedback, fixes)
    heard = hear(feedback, _SECTION, period=period)
    if heard.reason:
        return heard.withheld(_SECTION, "feedback_fix")
    if not known:
        return _without(heard, "no_fix", {})
    inside = [fix for fix in known if heard.days.start < fix.on <= heard.days.end]
    if not inside:
        return _without(heard, "fix_outside", {"on": Value(known[0].on.isoformat(), "date")})
    series = [_series(heard, fix, aspect) for fix in inside for aspect in fix.aspects]
    fitted = [(item, fit_segments(item.hits, item.base, item.before)) for item in series]
    told = [(item, fit) for item, fit in fitted if fit is not None]
    if not told:
        weeks = min(series[0].before, len(series[0].base) - series[0].before)
        values = {
            "weeks": Value(weeks, "count"),
            "needed": Value(LEAST_WEEKS, "count"),
            "complaints": Value(int(series[0].hits[: series[0].before].sum()), "count"),
            "least": Value(LEAST_COMPLAINTS, "count"),
        }
        return _without(heard, "few_weeks", values)
    frames = {"summary": _summary(told), "weeks": _weeks(*told[0])}
    return heard.result(
        _SECTION,
        frames,
        fix_statements(heard, frames["summary"]),
        charts=fix_charts(heard, frames),
        tables=fix_tables(heard),
        references=("wagner2002", "bernal2017", "newey1987", "holm1979"),
    )


def _fixes(feedback: Any, fixes: Sequence[Fix | Mapping[str, Any]] | None) -> tuple[Fix, ...]:
    if fixes is None:
        return tuple(getattr(getattr(feedback, "file", None), "fixes", ()))
    try:
        return tuple(item if isinstance(item, Fix) else Fix.model_validate(item) for item in fixes)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ParameterError(
            problem(
                "fixes: {key}: found {found!r}; allowed: {allowed}",
                key=".".join(str(part) for part in first["loc"]) or "fix",
                found=str(first["input"])[:60],
                allowed=first["msg"].removeprefix("Value error, ").removeprefix("Input should be "),
            )
        ) from None


def _without(heard: Heard, reason: str, values: Mapping[str, Value]) -> Result:
    gone = heard.state.withheld(
        "feedback_fix",
        reason,
        definition="level_change",
        base=len(heard.reviews),
        base_unit=BASE,
        values=values,
    )
    return heard.result(_SECTION, {"summary": pd.DataFrame()}, (gone,))


def _series(heard: Heard, fix: Fix, aspect: str) -> _Series:
    """Count comments and complaints by whole weeks from the day of a fix, both ways."""
    day = pd.Timestamp(fix.on)
    offset = (heard.reviews["day"] - day).dt.days.to_numpy()
    before = (fix.on - heard.days.start).days // 7
    after = ((heard.days.end - fix.on).days + 1) // 7
    week = offset // 7 + before
    inside = np.asarray((week >= 0) & (week < before + after))
    place = heard.aspects.index(aspect)
    others = np.asarray(np.delete(heard.complains, place, axis=1).any(axis=1))
    length = before + after

    def count(rows: np.ndarray) -> np.ndarray:
        return np.asarray(np.bincount(week[rows & inside], minlength=length), dtype=float)

    starts = tuple(fix.on + dt.timedelta(days=7 * (item - before)) for item in range(length))
    return _Series(
        fix=fix,
        aspect=aspect,
        hits=count(heard.complains[:, place]),
        others=count(others),
        base=count(np.ones(len(week), dtype=bool)),
        before=before,
        starts=starts,
    )


def _summary(told: list[tuple[_Series, Segmented]]) -> pd.DataFrame:
    rows = []
    for item, fit in told:
        early, late = slice(None, item.before), slice(item.before, None)
        other = fit_segments(item.others, item.base, item.before)
        apart = None if other is None else difference_of(fit, other)
        rows.append(
            {
                "fix_zh": item.fix.name.zh,
                "fix_en": item.fix.name.en,
                "on": item.fix.on.isoformat(),
                "aspect": item.aspect,
                "weeks_before": item.before,
                "weeks_after": len(item.base) - item.before,
                "before": item.hits[early].sum() / item.base[early].sum(),
                "after": item.hits[late].sum() / item.base[late].sum(),
                "level": fit.level.value,
                "level_low": fit.level.low,
                "level_high": fit.level.high,
                "slope": fit.slope.value,
                "slope_low": fit.slope.low,
                "slope_high": fit.slope.high,
                "dispersion": fit.dispersion,
                "p_value": fit.p_value,
                "others": np.nan if other is None else other.level.value,
                "others_low": np.nan if other is None else other.level.low,
                "others_high": np.nan if other is None else other.level.high,
                "apart": np.nan if apart is None else apart.value,
                "apart_low": np.nan if apart is None else apart.low,
                "apart_high": np.nan if apart is None else apart.high,
                "reviews": int(item.base.sum()),
            }
        )
    frame = pd.DataFrame(rows)
    return frame.assign(told=holm(frame["p_value"].to_numpy()))


def _weeks(item: _Series, fit: Segmented) -> pd.DataFrame:
    """Return the share of a series in blocks of four weeks, so that it can be seen, and its fit."""
    week = np.arange(len(item.base)) - item.before
    frame = pd.DataFrame(
        {
            "block": week // 4,
            "hits": item.hits,
            "reviews": item.base,
            "fitted": fit.fitted * item.base,
            "continued": fit.continued * item.base,
        }
    )
    whole = frame.groupby("block", as_index=False).sum()
    whole = whole[whole["reviews"] > 0].reset_index(drop=True)
    for name in ("hits", "fitted", "continued"):
        whole[name] = whole[name] / whole["reviews"]
    rows = [
        whole.assign(line=line, share=whole[column])
        for line, column in (("observed", "hits"), ("fitted", "fitted"), ("continued", "continued"))
    ]
    long = pd.concat(rows, ignore_index=True)
    long["week"] = long["block"] * 4 + 2
    drop = (long["line"] == "continued") & (long["block"] < 0)
    return long.loc[~drop, ["week", "line", "share", "reviews"]].reset_index(drop=True)
