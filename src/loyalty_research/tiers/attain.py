"""Who reaches a first reward and each level of a programme, and how soon."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, product_limit, proportion
from loyalty_research.tiers.attain_views import attain_charts, attain_tables
from loyalty_research.tiers.common import buyers, empty, given, named, result, state
from loyalty_research.tiers.replays import AT_ONCE, Replays, Run, in_both

_SECTION = "programme_reach"
_POINTS = 28
"""Points of the curve at most, whole weeks apart."""
FIRST_REWARD = "first_reward"


def reach(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    redemption: str = AT_ONCE,
    period: Any = None,
) -> Result:
    """Tell which share of members reaches a first reward and each level, and after how long.

    Parameters
    ----------
    brand
        An opened brand.
    programmes
        Programmes; None for the brand's own and its candidates.
    replays
        What :func:`replays` returned; the other arguments are not looked at then.
    redemption, period
        As in :func:`replays`.

    Returns
    -------
    Result
        Frames ``summary`` (a row a programme and target, the first reward and every level above the
        base: members who reach it, share, median days and orders to the first reward) and ``curve``
        (share with a first reward by days of membership, and members added since the point before).
        Nothing where no programme was replayed.

    Notes
    -----
    Members with an order in the period. A reward is reached on the first day whose closing balance
    covers some reward's price. Members begin the period with nothing; who joins late is followed
    for a shorter time, which the curve respects and the shares do not.

    References
    ----------
    Kaplan & Meier 1958 (curve).
    """
    made = given(brand, programmes, replays, redemption=redemption, period=period)
    if not made.runs:
        return empty(made, _SECTION)
    summary = pd.concat([_targets(made, run) for run in made.runs], ignore_index=True)
    curve = pd.concat([_curve(made, run) for run in made.runs], ignore_index=True)
    frames = {"summary": summary, "curve": curve}
    return result(
        made,
        _SECTION,
        frames,
        findings=(item for run in made.runs for item in _findings(made, run, summary)),
        charts=attain_charts(made, frames),
        tables=attain_tables(made, frames),
        references=("kaplan1958",),
    )


def waiting(made: Replays, run: Run) -> pd.DataFrame:
    """Return the members with an order: days followed, and whether a first reward was reached."""
    own = buyers(run)
    start = pd.Timestamp(made.days.start)
    joined = pd.to_datetime(own["joined_on"])
    joined = joined.where(joined >= start, start)
    reached = pd.to_datetime(own["first_reward_on"])
    until = reached.fillna(pd.Timestamp(made.days.end))
    return own.assign(days=(until - joined).dt.days.clip(lower=0), reached=reached.notna())


def median_days(made: Replays, run: Run) -> float | None:
    """Return the days within which half of those who get there reach a first reward."""
    own = waiting(made, run)
    own = own[own["reached"]]
    return float(own["days"].median()) if len(own) else None


def _targets(made: Replays, run: Run) -> pd.DataFrame:
    own = waiting(made, run)
    got = own[own["reached"]]
    first = in_both("label.programme_target.first_reward")
    rows = []
    if run.programme.rewards:
        rows.append(
            _target(run, FIRST_REWARD, (first["zh"], first["en"]), len(got), len(own))
            | {
                "days": float(got["days"].median()) if len(got) else np.nan,
                "orders": float(got["first_reward_orders"].median()) if len(got) else np.nan,
            }
        )
    rank = {name: place for place, (name, _, _) in enumerate(run.levels)}
    top = own["top_tier"].map(rank).fillna(0)
    for place, (name, zh, en) in enumerate(run.levels):
        if place:
            reached = int((top >= place).sum())
            rows.append(_target(run, name, (zh, en), reached, len(own)))
    columns = ["days", "orders", "share", "low", "high"]
    frame = pd.DataFrame(rows, columns=[*_target(run, "", ("", ""), 0, 0), "days", "orders"])
    return frame.astype(dict.fromkeys(columns, float))


def _target(
    run: Run, target: str, name: tuple[str, str], reached: int, base: int
) -> dict[str, Any]:
    share = proportion(reached, base)
    return run.named() | {
        "target": target,
        "target_zh": name[0],
        "target_en": name[1],
        "reached": reached,
        "members": base,
        "share": share.value,
        "low": share.low,
        "high": share.high,
    }


def _curve(made: Replays, run: Run) -> pd.DataFrame:
    """Estimate the share with a first reward by days of membership."""
    own = waiting(made, run)
    columns = [*run.named(), "days", "share", "added"]
    if own.empty or not run.programme.rewards:
        return pd.DataFrame(columns=columns)
    counts = own.groupby("days")["reached"].agg(["sum", "count"])
    found = product_limit(
        counts.index.to_numpy(), counts["sum"].to_numpy(),
        (counts["count"] - counts["sum"]).to_numpy(),
    )  # fmt: skip
    step = 7 * max(1, math.ceil(len(found.days) / 7 / _POINTS))
    at = np.arange(0, len(found.days), step)
    events = counts["sum"].groupby(np.ceil(counts.index.to_numpy() / step) * step).sum()
    added = events.reindex(at, fill_value=0).to_numpy()
    frame = pd.DataFrame({"days": at, "share": 1 - found.survival[at], "added": added})
    return frame.assign(**run.named())[columns]


def _findings(made: Replays, run: Run, summary: pd.DataFrame) -> list[Finding]:
    own = summary[summary["programme"] == run.programme.id].set_index("target")
    common: dict[str, Any] = {
        "about": (run,),
        "section": _SECTION,
        "definition": "programme_reach",
        "unit": "share",
    }
    found = []
    if FIRST_REWARD in own.index:
        row: Any = own.loc[FIRST_REWARD]
        if not row["reached"]:
            found.append(_nobody(made, row, run, common))
        else:
            found.append(
                state(
                    made,
                    "programme_first_reward",
                    _estimate(row),
                    method="wilson",
                    values={
                        "programme": named(run),
                        "days": Value(float(row["days"]), "days"),
                        "orders": Value(float(row["orders"]), "orders_rate"),
                    },
                    **common,
                )
            )
    levels = own.drop(index=FIRST_REWARD, errors="ignore")
    for _, row in levels[levels["reached"] == 0].iterrows():
        found.append(_nobody(made, row, run, common))
    return found


def _nobody(made: Replays, row: pd.Series[Any], run: Run, common: dict[str, Any]) -> Finding:
    finding = state(
        made,
        "programme_unreached",
        _estimate(row),
        method="wilson",
        values={
            "programme": named(run),
            "target": Value({"zh": row["target_zh"], "en": row["target_en"]}, "bilingual"),
        },
        **common,
    )
    return dataclasses.replace(finding, id=f"{finding.id}_{row.name}")


def _estimate(row: pd.Series[Any]) -> Estimate:
    return Estimate(row["share"], row["low"], row["high"], int(row["members"]))
