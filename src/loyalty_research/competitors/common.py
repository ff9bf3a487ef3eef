"""What every section of the comparison shares: names of programmes, groups of customers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.brand import Bilingual
from loyalty_research.competitors import sections
from loyalty_research.competitors.compare import Comparison
from loyalty_research.competitors.replays import Outcome
from loyalty_research.findings import Finding, Persons, TableView, Value
from loyalty_research.results import Result

GROUPS = {"light": (0.15, 0.25), "median": (0.45, 0.55), "heavy": (0.85, 0.95)}
"""Customers around the 20th, 50th and 90th percentile of yearly spend, by their rank."""
NAMES = ("id", "name_zh", "name_en")
"""Columns that name an outcome; see :func:`names`."""
MARK = "*"
"""Behind the name of a programme whose rewards are published with a maximum only."""


def stated(comparison: Comparison, section: str, template: str, *args: Any, **rest: Any) -> Finding:
    """State a finding about replays; see :func:`~loyalty_research.competitors.sections.stated`.

    Other companies' rules on real purchases are assumed, not observed: nobody was paid by them.
    """
    return sections.stated(_assumed(comparison), section, template, *args, **rest)


def withheld(
    comparison: Comparison, section: str, template: str, reason: str, **rest: Any
) -> Finding:
    """Return a finding about replays that says why its number is not given."""
    return sections.withheld(_assumed(comparison), section, template, reason, **rest)


def _assumed(comparison: Comparison) -> Comparison:
    if comparison.context.evidence != "observed":
        return comparison
    context = dataclasses.replace(comparison.context, evidence="assumed")
    return dataclasses.replace(comparison, context=context)


def published_result(
    comparison: Comparison,
    section: str,
    frames: Mapping[str, pd.DataFrame],
    *,
    findings: Iterable[Finding] = (),
    tables: Iterable[TableView] = (),
) -> Result:
    """Return a section that tells what is published: real even where the brand's rows are not."""
    made = sections.result(comparison, section, frames, findings=findings, tables=tables)
    context = dataclasses.replace(made.context, evidence="published", provenance="", public=True)
    return dataclasses.replace(made, context=context)


def name_of(outcome: Outcome) -> Bilingual:
    """Return a programme's name; where membership is bought, who sells it and the paid level."""
    if not outcome.level or outcome.programme.tiers is None:
        return outcome.programme.name
    name = outcome.programme.operator
    level = next(item for item in outcome.programme.tiers.levels if item.id == outcome.level)
    return Bilingual(zh=f"{name.zh}·{level.name.zh}", en=f"{name.en}, {level.name.en}")


def names(outcome: Outcome) -> dict[str, str]:
    """Return the columns that name an outcome; marked where its value is an upper bound."""
    name, mark = name_of(outcome), MARK if outcome.known == "at_most" else ""
    return {"id": outcome.id, "name_zh": f"{name.zh}{mark}", "name_en": f"{name.en}{mark}"}


def reached_persons() -> tuple[Persons, ...]:
    """Tell that those who reach a reward, and those who do not, are parts of the customers."""
    shown = ("share", "share_low", "share_high", "median_days")
    return (
        Persons("reached", names=NAMES, rows="share", of="customers", rates=shown),
        Persons("others", names=NAMES, rows="share", of="customers", hides=shown),
    )


def telling(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the outcomes that say something of their own.

    Left out are paid levels that pay nothing (their fee stands with the paid memberships), and
    those that pay what a cheaper level of the same programme pays.
    """
    told: list[Outcome] = []
    for outcome in sorted(outcomes, key=lambda item: item.fee):
        cheaper = [item for item in told if item.programme is outcome.programme]
        if outcome.fee and outcome.reward is None:
            continue
        if any(item.customers["value"].equals(outcome.customers["value"]) for item in cheaper):
            continue
        told.append(outcome)
    return sorted(told, key=lambda item: item.id)


def rewards_of(outcome: Outcome) -> pd.Series[Any]:
    """Return the rewards each customer took; missing for cash, whose steps are no rewards."""
    counted = outcome.customers["redemptions"].astype(float)
    is_cash = outcome.reward is not None and outcome.reward.kind == "cash"
    return counted * np.nan if is_cash else counted


def both(text: Bilingual) -> Value:
    """Return a text in both languages as a value that sentences print."""
    return Value({"zh": text.zh, "en": text.en}, "bilingual")


def notes_of(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return what must be said under every figure and table of replays."""
    bound = ("upper_bound",) if any(item.known == "at_most" for item in outcomes) else ()
    unknown = ("rewards_counted",) if any(item.known == "unknown" for item in outcomes) else ()
    return ("as_they_were", *bound, *unknown)


def ranks(spend: pd.Series[Any]) -> np.ndarray:
    """Return the rank of each customer by spend, as a share between 0 and 1; ties share one."""
    return ((spend.rank(method="average") - 0.5) / max(len(spend), 1)).to_numpy(dtype=float)


def in_group(spend: pd.Series[Any], group: str) -> np.ndarray:
    """Tell which customers stand around the percentile of a group."""
    low, high = GROUPS[group]
    place = ranks(spend)
    return (place >= low) & (place < high)
