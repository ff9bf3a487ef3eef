"""How much more members would have to buy for a programme to pay, no behaviour assumed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.stats import Estimate
from loyalty_research.tiers.common import named, state, withheld
from loyalty_research.tiers.optimisation.break_even import PUBLISHED_LIFT
from loyalty_research.tiers.replays import Replays, Run

SECTION = "programme_forecast"
ASSUMED_MARGIN = 0.30
"""Share of net sales where neither the brand file nor the caller gives one; a placeholder."""
_MARGINS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def lifts(made: Replays, margin: float) -> pd.DataFrame:
    """Return the lift in members' purchases that pays for each programme, from its ledger.

    Parameters
    ----------
    made
        As :func:`replays` returns it; the present programme first, where the brand runs one.
    margin
        Share of net sales.

    Returns
    -------
    pandas.DataFrame
        A row a programme other than the present: members, net_sales (of members), own_cost (known,
        net of fees), present_cost (of the programme the brand runs; 0 without one), extra_cost,
        lift (missing where the cost is not below the margin), unknown (items of unknown cost).

    Notes
    -----
    lift = (own cost - present cost) / (margin x net sales - own cost): a lift brings margin, and
    the programme's own cost along in the same proportion. Points left over are not counted.
    """
    present = made.main if made.main is not None and made.main.present else None
    before = _known(present) if present is not None else 0.0
    rows = []
    for run in designs(made):
        members, own = run.ledger.customers, _known(run)
        sales = float(members["net_sales"].sum())
        rows.append(
            run.named()
            | {
                "members": len(members),
                "net_sales": sales,
                "own_cost": own,
                "present_cost": before,
                "extra_cost": own - before,
                "lift": lift_of(own - before, own, margin * sales),
                "unknown": _unknown(run) + (_unknown(present) if present is not None else 0),
            }
        )
    return pd.DataFrame(rows)


def by_level(made: Replays, margin: float) -> pd.DataFrame:
    """Return the lift that pays for the whole cost of each level, in programmes with levels.

    Parameters
    ----------
    made, margin
        As in :func:`lifts`.

    Returns
    -------
    pandas.DataFrame
        A row a programme and level at the end: members, net_sales, own_cost, lift, plausible
        (``yes`` up to the 10 % that published effects hardly exceed). Rewards cost by the level
        held at the end, benefits and fees by the one held when they fell due.
    """
    rows = []
    for run in made.runs:
        if len(run.levels) < 2:
            continue
        members, cost = run.ledger.customers, run.ledger.cost
        for tier, name_zh, name_en in run.levels:
            own = members[members["tier"] == tier]
            fixed = cost[(cost["tier"] == tier) & cost["known"].astype(bool)]
            spent = float(own["cost"].fillna(0).sum() + fixed["amount"].sum())
            sales = float(own["net_sales"].sum())
            lift = lift_of(spent, spent, margin * sales)
            rows.append(
                run.named()
                | {
                    "tier": tier,
                    "level_zh": name_zh,
                    "level_en": name_en,
                    "members": len(own),
                    "net_sales": sales,
                    "own_cost": spent,
                    "lift": lift,
                    "plausible": plausible(lift),
                }
            )
    return pd.DataFrame(rows)


def by_margin(made: Replays) -> pd.DataFrame:
    """Return the lift that pays for each programme at margins from 10 % to 80 %.

    Parameters
    ----------
    made
        As in :func:`lifts`.

    Returns
    -------
    pandas.DataFrame
        A row a programme and margin: margin, lift, members. Margins that its cost uses up by half
        or more are left out: near them the lift goes to infinity.
    """
    frames = []
    for margin in _MARGINS:
        frame = lifts(made, margin)
        left = frame["own_cost"] <= margin * frame["net_sales"] / 2
        names = ["programme", "programme_zh", "programme_en", "members", "lift"]
        frames.append(frame.loc[left, names].assign(margin=margin))
    return pd.concat(frames, ignore_index=True)


def plausible(lift: float) -> str:
    """Return whether published effects of membership reach a lift: ``yes``, ``no``, ``no_lift``.

    Parameters
    ----------
    lift
        Share; missing where no lift is enough.
    """
    if not np.isfinite(lift):
        return "no_lift"
    return "yes" if lift <= PUBLISHED_LIFT else "no"


def margin_of(made: Replays, margin: float | None) -> tuple[float, bool]:
    """Return the margin to count with, and whether nobody gave one so that it is assumed.

    Parameters
    ----------
    made
        With the brand's own.
    margin
        As given; None for the brand's.
    """
    share = made.context.margin if margin is None else margin
    return (ASSUMED_MARGIN, True) if share is None else (share, False)


def lift_of(extra: float, own: float, margin: float) -> float:
    """Return extra / (margin - own); missing where nothing is left of it.

    Parameters
    ----------
    extra, own, margin
        In currency units: cost over the present programme's, whole cost, margin of the purchases.

    Examples
    --------
    >>> from loyalty_research.tiers.break_even import lift_of
    >>> lift_of(10.0, 20.0, 220.0)
    0.05
    """
    return extra / (margin - own) if margin > own else np.nan


def designs(made: Replays) -> tuple[Run, ...]:
    """Return the programmes that are set against the present one, or against none."""
    main = made.main
    return made.others if main is not None and main.present else made.runs


def present_name(made: Replays, nothing: dict[str, str]) -> Value:
    """Return the name of what programmes are set against."""
    main = made.main
    return named(main) if main is not None and main.present else Value(nothing, "bilingual")


def break_even_findings(
    made: Replays, frame: pd.DataFrame, margin: float, against: Value, section: str = SECTION
) -> list[Finding]:
    """State each programme's lift: what it needs, what it could lose, or that none is enough."""
    found = []
    for run, row in zip(designs(made), frame.to_dict("records"), strict=True):
        common: dict[str, Any] = {"section": section, "about": (run,), "definition": "break_even"}
        if not np.isfinite(row["lift"]):
            found.append(
                withheld(made, "programme_break_even", "cost_above_margin",
                         values={"programme": named(run)}, **common)
            )  # fmt: skip
            continue
        dearer = row["extra_cost"] >= 0
        found.append(
            state(
                made,
                "programme_break_even" if dearer else "programme_break_even_cheaper",
                Estimate(abs(float(row["lift"])), None, None, int(row["members"])),
                unit="share",
                method="ledger",
                values={
                    "programme": against,
                    "other": named(run),
                    "cost": Value(abs(float(row["extra_cost"])), "money"),
                    "margin": Value(margin, "share"),
                },
                **common,
            )
        )
    return found


def _known(run: Run) -> float:
    cost = run.ledger.cost
    return float(cost.loc[cost["known"].astype(bool), "amount"].sum())


def _unknown(run: Run) -> int:
    cost = run.ledger.cost
    return int(cost.loc[~cost["known"].astype(bool), "item"].nunique())
