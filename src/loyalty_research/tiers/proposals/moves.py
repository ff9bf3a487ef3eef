"""The pyramid and its flows under the present and the best-judged design, and who gains."""

from __future__ import annotations

import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import proportion
from loyalty_research.tiers.common import empty, result
from loyalty_research.tiers.proposals.groups import by_group, level_names
from loyalty_research.tiers.proposals.moves_views import move_charts, move_tables
from loyalty_research.tiers.proposals.options import Option, Proposals
from loyalty_research.tiers.proposals.shared import simulated
from loyalty_research.tiers.simulation import Simulation

SECTION = "programme_moves"


def moves(proposals: Proposals) -> Result:
    """Tell how levels fill and flow under the present and the best-judged design, and who gains.

    Parameters
    ----------
    proposals
        Of :func:`proposals`.

    Returns
    -------
    Result
        Frames ``pyramid`` (a row an option and level: members at the start and end, and share),
        ``flows`` (level at the start by level at the end) and ``groups`` (who gets more and who
        less, by level, life-cycle stage and spend). Responses stand at their medians; counts are
        of the customers simulated.
    """
    made = proposals.replays
    if proposals.reason or not proposals.best:
        return empty(made, SECTION)
    pairs = [(proposals.options[place], proposals.middle[place]) for place in (0, proposals.best)]
    frames = {
        "pyramid": pd.concat([_pyramid(*pair) for pair in pairs], ignore_index=True),
        "flows": pd.concat([_flows(*pair) for pair in pairs], ignore_index=True),
        "groups": by_group(proposals),
    }
    return result(
        made,
        SECTION,
        {"summary": frames["pyramid"], **frames},
        findings=[_finding(proposals, frames["groups"])],
        charts=move_charts(proposals, frames),
        tables=move_tables(proposals, frames["pyramid"]),
    )


def _pyramid(option: Option, made: Simulation) -> pd.DataFrame:
    """Return members by level at the start and at the end."""
    people, names = made.customers, level_names(option)
    members = int(people["member"].sum())
    rows = []
    for level, text in names.items():
        if level == "none":
            continue
        end = int((people["member"] & (people["tier"] == level)).sum())
        start = int((people["tier_start"] == level).sum())
        rows.append(
            option.named()
            | {
                "tier": level,
                "level_zh": text["zh"],
                "level_en": text["en"],
                "label_zh": f"{option.short['zh']} · {text['zh']}",
                "label_en": f"{option.short['en']} · {text['en']}",
                "before": start,
                "members": end,
                "share": end / members if members else 0.0,
            }
        )
    return pd.DataFrame(rows)


def _flows(option: Option, made: Simulation) -> pd.DataFrame:
    """Return members at both ends by level at the start and at the end, with shares by start."""
    people, names = made.customers, level_names(option)
    both = people[people["member"] & (people["tier_start"] != "none")]
    counted = both.groupby(["tier_start", "tier"]).size()
    rows = []
    levels = [level for level in names if level != "none"]
    for start in levels:
        whole = int((both["tier_start"] == start).sum())
        for end in levels:
            count = int(counted.get((start, end), 0))
            if not whole:
                continue
            rows.append(
                option.named()
                | {
                    "tier": start,
                    "other_tier": end,
                    "level_zh": names[start]["zh"],
                    "level_en": names[start]["en"],
                    "other_zh": names[end]["zh"],
                    "other_en": names[end]["en"],
                    "members": count,
                    "level_members": whole,
                    "share": count / whole,
                }
            )
    return pd.DataFrame(rows)


def _finding(proposals: Proposals, groups: pd.DataFrame) -> Finding:
    own = groups[groups["kind"] == "band"]
    sums = own[["customers", "better", "worse"]].sum()
    return simulated(
        proposals,
        "programme_winners",
        proportion(int(sums["better"]), int(sums["customers"])),
        section=SECTION,
        unit="share",
        definition="simulated_winners",
        method="wilson",
        values={
            "other": proposals.chosen.called,
            "programme": proposals.options[0].called,
            "worse": Value(float(sums["worse"] / sums["customers"]), "share"),
        },
    )
