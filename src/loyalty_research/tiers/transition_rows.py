"""Where members of each present level stand under the thresholds of a design."""

from __future__ import annotations

import numpy as np
import pandas as pd

from loyalty_research.tiers.replays import Run

SECTION = "programme_transition"
OUTCOMES = ("falls", "keeps", "rises")


def landing_of(main: Run, other: Run) -> pd.DataFrame:
    """Return a row a member of both programmes at the end of the last day.

    Columns customer_id, before and after (places above the base, 0 for the base; before cut to the
    design's top), held (place in the present programme), outcome.
    In a design without levels whoever held one falls.
    """
    pair = pd.DataFrame({"held": _places(main), "after": _places(other)}).dropna().astype(int)
    before = pair["held"] if not has_levels(other) else pair["held"].clip(upper=_top(other))
    outcome = np.select(
        [pair["after"] > before, pair["after"] < before], ["rises", "falls"], "keeps"
    )
    return pair.assign(before=before, outcome=outcome).reset_index()


def has_levels(run: Run) -> bool:
    """Tell whether a programme has levels to hold; without, who held one loses it."""
    return len(run.levels) > 1


def landings(main: Run, other: Run, people: pd.DataFrame, costs: pd.Series[float]) -> pd.DataFrame:
    """Count the members of each present level by what becomes of it.

    Parameters
    ----------
    main, other
        The present programme and the design.
    people
        Of :func:`landing_of`.
    costs
        Of protecting each member who falls, in currency units, by customer.
    """
    each = people.assign(cost=people["customer_id"].map(costs))
    sums = each.groupby(["held", "outcome"])["cost"].agg(["size", "sum"])
    rows = []
    for place, (tier, zh, en) in enumerate(main.levels):
        whole = int((people["held"] == place).sum())
        for outcome in OUTCOMES:
            members, cost = sums.reindex([(place, outcome)], fill_value=0).iloc[0]
            rows.append(
                other.named()
                | {
                    "tier": tier,
                    "level_zh": zh,
                    "level_en": en,
                    "outcome": outcome,
                    "members": int(members),
                    "level_members": whole,
                    "share": members / whole if whole else 0.0,
                    "protection": float(cost)
                    if outcome == "falls" and has_levels(other)
                    else np.nan,
                }
            )
    return pd.DataFrame(rows)


def _top(run: Run) -> int:
    return len(run.levels) - 1


def _places(run: Run) -> pd.Series[int]:
    """Return the place of the level each member holds at the end, 0 for the base."""
    rank = {tier: place for place, (tier, _, _) in enumerate(run.levels)}
    tiers = run.ledger.customers.set_index("customer_id")["tier"]
    return tiers.map(rank).fillna(0).astype(int)
