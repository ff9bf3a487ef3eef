"""What the sections on programmes share: statements, members, value of points, groups by spend."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.findings import Chart, Finding, TableView, Value
from loyalty_research.profile.common import Stater
from loyalty_research.results import Result
from loyalty_research.tiers.replays import AT_ONCE, Replays, Run, replays

CHAPTER = "tiers"
DECILES = 10


def given(
    brand: Any,
    programmes: Any,
    made: Replays | None,
    *,
    redemption: str = AT_ONCE,
    period: Any = None,
) -> Replays:
    """Return the replays that were handed over, or make them."""
    if made is not None:
        return made
    return replays(brand, programmes, redemption=redemption, period=period)


def state(
    made: Replays,
    template: str,
    estimate: Any,
    *,
    section: str,
    about: tuple[Run, ...] = (),
    **rest: Any,
) -> Finding:
    """Return a finding about one or two programmes.

    The rules of a programme that the brand does not run are hypothetical on its purchases, so that
    what they give is ``assumed``; on simulated purchases everything is ``synthetic``.
    """
    finding = Stater(made.context, section, made.days.iso)(template, estimate, **rest)
    evidence = finding.evidence
    if evidence == "observed" and not all(run.present for run in about):
        evidence = "assumed"
    name = "_".join((template, *(run.programme.id for run in about)))
    return dataclasses.replace(finding, id=name, chapter=CHAPTER, evidence=evidence)


def withheld(made: Replays, template: str, reason: str, *, section: str, **rest: Any) -> Finding:
    """Return a finding that says why its number is not given."""
    return state(
        made,
        template,
        None,
        section=section,
        unit="number",
        method="none",
        status="withheld",
        reason=reason,
        **rest,
    )


def result(
    made: Replays,
    section: str,
    frames: Mapping[str, pd.DataFrame],
    *,
    findings: Iterable[Finding] = (),
    charts: Iterable[Chart] = (),
    tables: Iterable[TableView] = (),
    references: tuple[str, ...] = (),
) -> Result:
    """Return a section's result."""
    return Result(
        name=section,
        chapter=CHAPTER,
        section=section,
        frames=frames,
        findings=tuple(findings),
        charts=tuple(charts),
        tables=tuple(tables),
        references=references,
        context=made.context,
    )


def empty(made: Replays, section: str, findings: Iterable[Finding] = ()) -> Result:
    """Return a result without figures; without findings its section leaves no trace."""
    frames = {"summary": pd.DataFrame({"programme": []})}
    return result(made, section, frames, findings=findings)


def notes(made: Replays, *more: str) -> tuple[str, ...]:
    """Return the notes under a view: no behaviour assumed, how points were redeemed, who joined."""
    policy = made.redemption if made.redemption in ("none", AT_ONCE, "observed") else "saving"
    joined = "recorded" if made.recorded else "first_order"
    return (f"replay_{policy}_{joined}", *more)


def value_notes(runs: tuple[Run, ...]) -> tuple[str, ...]:
    """Return what must be said of the face values of rewards."""
    rewards = [reward for run in runs for reward in run.programme.rewards]
    found = ["rewards_only"]
    if any(reward.value is None and reward.percent is None for reward in rewards):
        found.append("value_unknown")
    if any(reward.value_is == "at_most" for reward in rewards):
        found.append("value_at_most")
    return tuple(found)


def has_values(run: Run) -> bool:
    """Tell whether the face value of any reward is known."""
    rewards = run.programme.rewards
    return any(item.value is not None or item.percent is not None for item in rewards)


def no_value(made: Replays, runs: tuple[Run, ...]) -> str:
    """Return the reason why no value was given: by policy, for want of values, or of points."""
    if made.redemption == "none":
        return "redemption_none"
    return "nothing_redeemed" if all(has_values(run) for run in runs) else "value_not_known"


def named(run: Run) -> Value:
    """Return the name of a programme for a sentence."""
    return Value(dict(run.name), "bilingual")


def buyers(run: Run) -> pd.DataFrame:
    """Return the members with an order in the period, one row each."""
    frame = run.ledger.customers
    return frame[frame["orders"] > 0].reset_index(drop=True)


def deciles(spend: pd.Series[Any]) -> np.ndarray:
    """Return the tenth of the members each spend lies in, 1 lowest; equal spends share one."""
    if not len(spend):
        return np.array([], dtype=int)
    share = spend.rank(method="average", pct=True).to_numpy(dtype=float)
    return np.clip(np.ceil(np.round(share * DECILES, 9)), 1, DECILES).astype(int)


def point_values(run: Run) -> dict[str, float | None]:
    """Return what a point of each wallet is worth at face value; None where no reward tells.

    The best of the rewards with a known value, directly or through a conversion into another
    wallet. A percentage off has no value of its own and is left out.
    """
    programme = run.programme
    known: dict[str, float | None] = dict.fromkeys(programme.wallets)
    for reward in programme.rewards:
        if reward.value is not None and reward.percent is None:
            each = float(reward.value / reward.points)
            known[reward.wallet] = max(known.get(reward.wallet) or 0.0, each)
    for _ in programme.conversions:  # a chain is as long as there are conversions at most
        for item in programme.conversions:
            target = known.get(item.target_wallet)
            if target is not None:
                each = float(item.give / item.take) * target
                known[item.source_wallet] = max(known.get(item.source_wallet) or 0.0, each)
    return known
