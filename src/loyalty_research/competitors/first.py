"""How long the first reward takes, and which levels are reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.common import (
    NAMES,
    both,
    name_of,
    names,
    reached_persons,
    rewards_of,
    stated,
    telling,
)
from loyalty_research.competitors.compare import Comparison
from loyalty_research.competitors.replays import Outcome
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, product_limit, proportion

_SECTION = "competitor_first"
_HALF = 0.5


def first_rewards(comparison: Comparison) -> Result:
    """Tell how long customers would have saved for a first reward, and which levels they reach.

    Parameters
    ----------
    comparison
        Of :func:`compare`.

    Returns
    -------
    Result
        Frame ``summary``: one row a programme: customers, reached, share and its interval,
        median_days (missing where fewer than half get there), rewards (a year and customer);
        ``levels``: one row a programme and level: members, share.

    Notes
    -----
    A reward is reached on the first day whose points in hand would pay for any reward of the
    programme. Median by Kaplan and Meier over days since the first order of the year, customers
    without a reward followed to its end. A level counts for whoever held it, or a higher one, on
    any day of the year; levels with a fee are not reached by buying.
    """
    known = [item for item in telling(comparison.outcomes) if item.programme.rewards]
    if comparison.shop is None or not known:
        return result(comparison, _SECTION, {})
    frame = pd.DataFrame([first_row(item) for item in known])
    frame = frame.sort_values(["share", "id"], ascending=[False, True]).reset_index(drop=True)
    levels = pd.DataFrame([row for item in known for row in _levels(item)], columns=_LEVEL_COLUMNS)
    base = len(comparison.shop.spend)
    return result(
        comparison,
        _SECTION,
        {"summary": frame, "levels": levels},
        findings=[_finding(comparison, item, frame) for item in known],
        charts=(_chart(comparison, frame, base),) if len(frame) > 1 else (),
        tables=_tables(comparison, levels, base),
    )


_LEVEL_COLUMNS = [
    *NAMES,
    "level",
    "level_zh",
    "level_en",
    "threshold",
    "metric",
    "customers",
    "members",
    "share",
]


def first_row(outcome: Outcome) -> dict[str, Any]:
    """Return how many customers reach a reward, and by which day half do."""
    people = outcome.customers
    reached = people["first_days"].notna()
    share = proportion(int(reached.sum()), len(people))
    return {
        **names(outcome),
        "customers": len(people),
        "reached": int(reached.sum()),
        "others": int((~reached).sum()),
        "share": share.value,
        "share_low": share.low,
        "share_high": share.high,
        "median_days": _median_days(people),
        "rewards": float(rewards_of(outcome).mean()),
    }


def _median_days(people: pd.DataFrame) -> float:
    """Return the day by which half have a reward; missing where that is never seen."""
    member = people["followed_days"].notna()
    reached = people.loc[member, "first_days"]
    day = reached.fillna(people.loc[member, "followed_days"])
    if day.empty:
        return np.nan
    found = product_limit(
        day.to_numpy(), reached.notna().to_numpy(dtype=float), reached.isna().to_numpy(dtype=float)
    )
    below = np.flatnonzero(found.survival <= _HALF)
    return float(found.days[below[0]]) if len(below) else np.nan


def _levels(outcome: Outcome) -> Iterator[dict[str, Any]]:
    tiers = outcome.programme.tiers
    free = [level for level in tiers.levels if not level.fee] if tiers else []
    if tiers is None or len(free) < 2 or outcome.level:
        return
    people = outcome.customers
    for place, level in enumerate(tiers.levels):
        if level.fee:
            continue
        members = int((people["top_level"] >= place).sum())
        yield {
            **names(outcome),
            "level": level.id,
            "level_zh": level.name.zh,
            "level_en": level.name.en,
            "threshold": float(level.threshold) if level.threshold is not None else np.nan,
            "metric": tiers.metric,
            "customers": len(people),
            "members": members,
            "share": members / len(people) if len(people) else np.nan,
        }


def _finding(comparison: Comparison, outcome: Outcome, frame: pd.DataFrame) -> Finding:
    row = frame[frame["id"] == outcome.id].iloc[0]
    days = float(row["median_days"])
    template = "competitor_first" if np.isnan(days) else "competitor_first_half"
    values = {"name": both(name_of(outcome))}
    if days == 0:
        template = "competitor_first_day"
    elif days > 0:
        values["days"] = Value(days, "days")
    return stated(
        comparison,
        _SECTION,
        template,
        Estimate(row["share"], row["share_low"], row["share_high"], int(row["customers"])),
        id=f"competitor_first_{outcome.id}",
        unit="share",
        definition="first_reward",
        method="wilson",
        subject=f"competitor_first_{outcome.id}",
        values=values,
    )


def _chart(comparison: Comparison, frame: pd.DataFrame, base: int) -> Chart:
    best, last = frame.iloc[0], frame.iloc[-1]
    return Chart(
        name="first",
        key="competitors.first",
        kind="bars",
        frame="summary",
        encode={
            "x": "name_{language}",
            "y": "share",
            "low": "share_low",
            "high": "share_high",
            "unit": "share",
            "horizontal": True,
            "annotate": True,
            "y_label": "share_of_customers",
            "height": max(0.7, 0.09 * len(frame) + 0.35),
        },
        values={
            "name": Value({"zh": best["name_zh"], "en": best["name_en"]}, "bilingual"),
            "share": Value(float(best["share"]), "share"),
            "last": Value({"zh": last["name_zh"], "en": last["name_en"]}, "bilingual"),
            "least": Value(float(last["share"]), "share"),
            "count": Value(len(frame), "programmes"),
        },
        definitions=("first_reward",),
        base=base,
        base_unit="customers",
        period=comparison.days.iso,
        persons=reached_persons(),
        notes=("as_they_were",),
    )


def _tables(comparison: Comparison, levels: pd.DataFrame, base: int) -> Iterator[TableView]:
    shared: dict[str, Any] = {"base": base, "base_unit": "customers"}
    yield TableView(
        name="first",
        key="competitors.first",
        frame="summary",
        columns=(
            Column("name_{language}", heading="programme"),
            Column("share", "share", low="share_low", high="share_high", heading="reached_reward"),
            Column("median_days", "days", heading="median_days_first"),
            Column("rewards", "number", heading="rewards_a_year"),
        ),
        definitions=("first_reward",),
        period=comparison.days.iso,
        persons=reached_persons(),
        notes=("as_they_were", "median_unreached"),
        **shared,
    )
    if levels.empty:
        return
    yield TableView(
        name="levels",
        key="competitors.levels",
        frame="levels",
        columns=(
            Column("name_{language}", heading="programme"),
            Column("level_{language}", heading="programme_level"),
            Column("threshold", "rounded"),
            Column("metric", "label:tier_metric", heading="tier_metric"),
            Column("members", "customers", heading="level_members"),
            Column("share", "share", heading="share_of_customers"),
        ),
        definitions=(),
        period=comparison.days.iso,
        persons=(
            Persons(
                "members",
                names=("level", "level_zh", "level_en"),
                rows="nested",
                by=NAMES,
                hides=("members", "share"),
            ),
        ),
        notes=("as_they_were", "level_thresholds"),
        **shared,
    )
