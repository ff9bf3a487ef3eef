"""The present programme and candidates side by side: what each gives, to how many, at what cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.programmes.complexity import complexity
from loyalty_research.results import Result
from loyalty_research.stats import proportion
from loyalty_research.tiers.attain import waiting
from loyalty_research.tiers.common import (
    buyers,
    empty,
    given,
    has_values,
    named,
    result,
    state,
    withheld,
)
from loyalty_research.tiers.compare_views import comparison_tables
from loyalty_research.tiers.replays import AT_ONCE, Replays, Run
from loyalty_research.tiers.rewards import outstanding, points, rate_of

_SECTION = "programme_comparison"
_NUMBERS = (
    "above_base", "first_reward", "days", "rate", "value", "cost", "fees", "left",
    "expired_share",
)  # fmt: skip


def compare(
    brand: Any,
    programmes: Any = None,
    *,
    replays: Replays | None = None,
    redemption: str = AT_ONCE,
    period: Any = None,
) -> Result:
    """Set programmes side by side on the purchases as they were.

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
        Frame ``summary``: a row a programme: members, share above the base level, share that
        reaches a first reward and median days to it, reward rate, value of rewards, known cost,
        items of unknown cost, points left at face value, share of points expired, rules a member
        must know. Where nothing was replayed, one finding says what is missing.

    Notes
    -----
    No behaviour is assumed to change: a programme that gives more here does not for that reason
    sell more.
    """
    made = given(brand, programmes, replays, redemption=redemption, period=period)
    if not made.runs:
        return empty(made, _SECTION, (_nothing(made),))
    summary = pd.DataFrame([row(made, run) for run in made.runs])
    summary = summary.astype(dict.fromkeys(_NUMBERS, float))
    return result(
        made,
        _SECTION,
        {"summary": summary},
        findings=_findings(made, summary),
        tables=comparison_tables(made, summary),
    )


def row(made: Replays, run: Run) -> dict[str, Any]:
    """Return the measures of one programme."""
    members = run.ledger.customers
    own = waiting(made, run)
    got = own[own["reached"]]
    base = run.levels[0][0]
    above = members["tier"].isin([name for name, _, _ in run.levels if name != base])
    return run.named() | {
        "status_zh": run.short["zh"],
        "status_en": run.short["en"],
        "members": len(members),
        "buyers": len(own),
        "levels": len(run.levels) if run.programme.tiers is not None else 0,
        "above": int(above.sum()),
        "above_base": float(above.mean()) if len(members) and len(run.levels) > 1 else np.nan,
        "reached": len(got),
        "first_reward": len(got) / len(own) if len(own) and run.programme.rewards else np.nan,
        "days": float(got["days"].median()) if len(got) else np.nan,
        **_money(run),
        "rules": int(complexity(run.programme).total),
    }


def _money(run: Run) -> dict[str, Any]:
    moved, cost = points(run), run.ledger.cost
    moved = moved[moved["kind"] != "qualifying"]
    held = float((moved["opening"] + moved["earned"]).sum())
    return {
        "rate": rate_of(run).value if has_values(run) else np.nan,
        "value": float(buyers(run)["value"].sum()) if has_values(run) else np.nan,
        "cost": _total(cost[cost["kind"] != "fee"]),
        "fees": -_total(cost[cost["kind"] == "fee"]),
        "unknown_costs": int(cost.loc[~cost["known"].astype(bool), "item"].nunique()),
        "left": outstanding(run),
        "expired_share": float(moved["expired"].sum()) / held if held > 0 else np.nan,
    }


def _total(cost: pd.DataFrame) -> float:
    """Return the sum of what is known; missing where nothing is."""
    known = cost["amount"].dropna()
    return float(known.sum()) if len(known) else np.nan


def _nothing(made: Replays) -> Finding:
    table, columns = made.missing
    return withheld(
        made,
        "programme_comparison",
        made.reason,
        section=_SECTION,
        definition="reward_rate",
        values={
            "table": Value(table, "text"),
            "columns": Value(columns, "text"),
            "programmes": _named(made),
        },
    )


def _findings(made: Replays, summary: pd.DataFrame) -> list[Finding]:
    found = [_summed_up(made, run, own) for run, own in _rows(made, summary)]
    if made.cards:
        found.append(
            withheld(
                made,
                "programme_cards_only",
                "programme_card_only",
                section=_SECTION,
                definition="reward_rate",
                values={"programmes": _named(made)},
            )
        )
    return found


def _named(made: Replays) -> Value:
    names = {
        "zh": "、".join(item.name.zh for item in made.cards),
        "en": ", ".join(item.name.en for item in made.cards),
    }
    return Value(names, "bilingual")


def _rows(made: Replays, summary: pd.DataFrame) -> list[tuple[Run, pd.Series[Any]]]:
    return [(run, summary.iloc[place]) for place, run in enumerate(made.runs)]


def _summed_up(made: Replays, run: Run, own: pd.Series[Any]) -> Finding:
    """State the share that reaches a reward, and the rate where something was redeemed."""
    common: dict[str, Any] = {
        "about": (run,),
        "section": _SECTION,
        "unit": "share",
        "definition": "programme_reach",
        "method": "wilson",
    }
    if not run.programme.rewards:
        return withheld(
            made,
            "programme_comparison",
            "no_rewards",
            section=_SECTION,
            about=(run,),
            definition="programme_reach",
            values={"programme": named(run)},
        )
    rated = bool(own["value"] > 0)
    return state(
        made,
        "programme_side" if rated else "programme_side_unrated",
        proportion(int(own["reached"]), int(own["buyers"])),
        values={
            "programme": named(run),
            **({"rate": Value(float(own["rate"]), "share")} if rated else {}),
        },
        **common,
    )
