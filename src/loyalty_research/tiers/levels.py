"""How many members stand on each level of a programme, and where they would stand in another."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import proportion
from loyalty_research.tiers.common import empty, given, named, result, state
from loyalty_research.tiers.levels_views import level_charts, level_tables
from loyalty_research.tiers.replays import AT_ONCE, Replays, Run

_SECTION = "programme_levels"


def levels(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    redemption: str = AT_ONCE,
    period: Any = None,
) -> Result:
    """Count members by level at the end of the period, by month, and across programmes.

    Parameters
    ----------
    brand
        An opened brand.
    programmes
        Programmes; None for the brand's own and its candidates.
    replays
        What :func:`replays` returned, so that nothing is computed twice; the other arguments are
        not looked at then.
    redemption, period
        As in :func:`replays`.

    Returns
    -------
    Result
        Frames ``summary`` (a row a programme and level: members at the end of the period, share,
        moves up into it and down into it), ``months`` (the first programme with levels: members by
        month and level), and ``landing`` (main programme against each other: members of a level of
        the one by level of the other). Nothing where no programme was replayed.

    Notes
    -----
    Moves count moves, not members: one who rises twice counts twice.
    """
    made = given(brand, programmes, replays, redemption=redemption, period=period)
    main = made.main
    if main is None:
        return empty(made, _SECTION)
    summary = pd.concat([_standing(run) for run in made.runs], ignore_index=True)
    months = _months(next((run for run in made.runs if len(run.levels) > 1), main))
    landing = _landings(main, made.others)
    frames = {"summary": summary, "months": months, "landing": landing}
    return result(
        made,
        _SECTION,
        frames,
        findings=_findings(made, summary, landing),
        charts=level_charts(made, frames),
        tables=level_tables(made, frames),
    )


def _standing(run: Run) -> pd.DataFrame:
    """Count the members of each level at the end, and the moves into it."""
    final = _level_of(run)
    moves = run.ledger.moves
    rank = {name: place for place, (name, _, _) in enumerate(run.levels)}
    total = len(final)
    rows = []
    for place, (name, zh, en) in enumerate(run.levels):
        into = moves[moves["to_tier"] == name]
        origin = into["from_tier"].map(rank)  # missing for who joined
        members = int((final == name).sum())
        rows.append(
            run.named()
            | {
                "rank": place,
                "levelled": "yes" if len(run.levels) > 1 else "no",
                "tier": name,
                "level_zh": zh,
                "level_en": en,
                "label_zh": f"{run.short['zh']}·{zh}",
                "label_en": f"{run.short['en']}·{en}",
                "members": members,
                "all": total,
                "share": members / total if total else None,
                "ups": int(into.loc[origin < place, "members"].sum()),
                "downs": int(into.loc[origin > place, "members"].sum()),
            }
        )
    return pd.DataFrame(rows).astype({"share": float})


def _level_of(run: Run) -> pd.Series[Any]:
    """Return the level of every member at the end of the period; the base where none is told."""
    tier = run.ledger.customers.set_index("customer_id")["tier"].astype(object)
    known = {name for name, _, _ in run.levels}
    return tier.where(tier.isin(known), run.levels[0][0])


def _months(run: Run) -> pd.DataFrame:
    names = {name: (zh, en) for name, zh, en in run.levels}
    members = run.ledger.members
    month = sorted(members["month"].unique())
    grid = pd.MultiIndex.from_product([month, list(names)], names=["month", "tier"])
    counts = members.groupby(["month", "tier"])["members"].sum().reindex(grid, fill_value=0)
    frame = counts.reset_index()
    return frame.assign(
        level_zh=[names[tier][0] for tier in frame["tier"]],
        level_en=[names[tier][1] for tier in frame["tier"]],
    )


def _landings(main: Run, others: tuple[Run, ...]) -> pd.DataFrame:
    """Count the members of each level of the main programme by their level in each other one."""
    levelled = [other for other in others if len(main.levels) > 1 and len(other.levels) > 1]
    parts = [_landing(main, other) for other in levelled]
    columns = ["programme", "tier", "other_tier", "members", "share"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _landing(main: Run, other: Run) -> pd.DataFrame:
    pair = pd.DataFrame({"tier": _level_of(main), "other_tier": _level_of(other)}).dropna()
    counts = pair.value_counts()
    rows = []
    for name, zh, en in main.levels:
        whole = int((pair["tier"] == name).sum())
        for target, target_zh, target_en in other.levels:
            members = int(counts.get((name, target), 0))
            rows.append(
                other.named()
                | {
                    "tier": name,
                    "level_zh": zh,
                    "level_en": en,
                    "other_tier": target,
                    "other_zh": target_zh,
                    "other_en": target_en,
                    "members": members,
                    "level_members": whole,
                    "share": members / whole if whole else 0.0,
                }
            )
    return pd.DataFrame(rows)


def _findings(made: Replays, summary: pd.DataFrame, landing: pd.DataFrame) -> list[Finding]:
    found = []
    for run in made.runs:
        own = summary[summary["programme"] == run.programme.id]
        if len(own) > 1:
            found.append(_above_base(made, run, own))
    main = made.main
    for other in made.others if main is not None else ():
        own = landing[landing["programme"] == other.programme.id]
        if main is not None and len(own):
            found.append(_lost(made, main, other, own))
    return found


def _above_base(made: Replays, run: Run, own: pd.DataFrame) -> Finding:
    total, top = int(own["members"].sum()), own.iloc[-1]
    above = total - int(own.iloc[0]["members"])
    return state(
        made,
        "programme_above_base",
        proportion(above, total),
        about=(run,),
        section=_SECTION,
        unit="share",
        definition="programme_level",
        method="wilson",
        values={
            "programme": named(run),
            "top": Value({"zh": top["level_zh"], "en": top["level_en"]}, "bilingual"),
            "top_members": Value(int(top["members"]), "customers"),
            "top_share": Value(float(top["share"]), "share"),
        },
    )


def _lost(made: Replays, main: Run, other: Run, own: pd.DataFrame) -> Finding:
    """State how many who stand above the base of the main programme are at the other's base."""
    above = own[own["tier"] != main.levels[0][0]]
    members = int(above["members"].sum())
    fallen = int(above.loc[above["other_tier"] == other.levels[0][0], "members"].sum())
    return state(
        made,
        "programme_landing",
        proportion(fallen, members),
        about=(main, other),
        section=_SECTION,
        unit="share",
        definition="programme_level",
        method="wilson",
        values={"programme": named(main), "other": named(other)},
    )
