"""Cost and liability of the options over the simulated time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.results import Result
from loyalty_research.tiers.common import empty, result
from loyalty_research.tiers.proposals.options import Option, Proposals
from loyalty_research.tiers.proposals.shared import common, option_column, simulated
from loyalty_research.tiers.simulation import Simulation, simulate
from loyalty_research.tiers.simulation.outcome import redeemed_shares

_SECTION = "programme_months"
_BLOCK, _QUARTER = 4, 13
"""Weeks."""


def months(proposals: Proposals) -> Result:
    """Tell what options cost by four weeks, and what points owe at quarter ends, simulated.

    Parameters
    ----------
    proposals
        Of :func:`proposals`.

    Returns
    -------
    Result
        Frames ``cost`` (a row an option and four weeks: rewards redeemed and benefits, not
        discounted) and ``liability`` (a row an option and quarter end: points held at their cost,
        by the redeemed share of the whole simulation). Responses stand at their medians; the
        present, the candidates and the best-judged design are shown.

    Notes
    -----
    Vouchers on reaching a level and on joining are not in the weeks; they are in the totals.
    """
    made = proposals.replays
    if proposals.reason:
        return empty(made, _SECTION)
    shown = _shown(proposals)
    frames = {
        "cost": pd.concat([_cost(proposals, *pair) for pair in shown], ignore_index=True),
        "liability": pd.concat([_liability(proposals, *pair) for pair in shown], ignore_index=True),
    }
    frames["quarters"] = _wide(frames["liability"], [item for item, _ in shown])
    views = _charts(proposals, frames) if frames["cost"]["block"].max() > 1 else ()
    return result(
        made,
        _SECTION,
        {"summary": frames["liability"], **frames},
        findings=[_finding(proposals, frames)],
        charts=views if proposals.customers >= made.context.base_limit else (),
        tables=(_table(proposals, [item for item, _ in shown]),),
    )


def _shown(proposals: Proposals) -> list[tuple[Option, Simulation]]:
    """Return the options drawn: all but the proposals that are not the best-judged."""
    pairs = enumerate(zip(proposals.options, proposals.middle, strict=True))
    return [
        pair
        for place, pair in pairs
        if pair[0].kind != "proposal" or place in (proposals.best, _first(proposals))
    ]


def _first(proposals: Proposals) -> int:
    """Return the place of the proposal with the highest gain; 0 for none."""
    places = [k for k, item in enumerate(proposals.options) if item.kind == "proposal"]
    return max(places, key=lambda place: proposals.judged["gain"].iloc[place], default=0)


def _cost(proposals: Proposals, option: Option, made: Simulation) -> pd.DataFrame:
    """Return cost by four weeks: of rewards, and of benefits by week and by order."""
    weeks = made.weeks
    kept = weeks[weeks["week"] < made.settings.periods // _BLOCK * _BLOCK]
    levels = made.done.weeks.shape[1] - 1
    fixed, each = (np.append(made.costs.by_level[name], 0.0) for name in ("week_cost", "each_cost"))
    place = np.tile(np.arange(levels + 1), len(kept) // (levels + 1))
    benefits = kept["customers"].to_numpy() * fixed[place] + kept["orders"].to_numpy() * each[place]
    spent = (kept["reward_cost"] + benefits) * proposals.factor
    summed = spent.groupby(kept["week"] // _BLOCK + 1).sum()
    frame = pd.DataFrame({"block": summed.index, "cost": summed.to_numpy()})
    return frame.assign(**option.named())


def _liability(proposals: Proposals, option: Option, made: Simulation) -> pd.DataFrame:
    """Return the liability at the start and at quarter ends, each from a run that long."""
    each = made.costs.point_cost * redeemed_shares(made.done) * proposals.factor
    rows = [{"week": 0, "liability": float(made.done.opening.sum(axis=0) @ each)}]
    washout = len(made.done.weeks) - made.settings.periods
    for end in range(_QUARTER, made.settings.periods, _QUARTER):
        if end <= washout:
            continue
        short = simulate(
            made.population,
            made.programme,
            responses=made.responses,
            periods=end - washout,
            seed=made.settings.seed,
            shares=made.shares,
        )
        rows.append({"week": end, "liability": float(short.done.closing.sum(axis=0) @ each)})
    rows.append(
        {"week": len(made.done.weeks), "liability": float(made.done.closing.sum(axis=0) @ each)}
    )
    return pd.DataFrame(rows).assign(**option.named())


def _finding(proposals: Proposals, frames: dict[str, pd.DataFrame]) -> Finding:
    place = proposals.best or 0
    item, first = proposals.options[place], proposals.options[0]
    liability, cost = frames["liability"], frames["cost"]

    def last(key: str) -> float:
        return float(liability[liability["option"] == key]["liability"].iloc[-1])

    def mean(key: str) -> float:
        return float(cost[cost["option"] == key]["cost"].mean())

    return simulated(
        proposals,
        "programme_months",
        last(item.key),
        section=_SECTION,
        base=proposals.customers,
        unit="money",
        definition="choice_cost",
        method="simulation",
        values={
            "other": item.called,
            "programme": first.called,
            "before": Value(last(first.key), "money"),
            "cost": Value(mean(item.key), "money"),
            "cost_before": Value(mean(first.key), "money"),
            "weeks": Value(proposals.terms.periods, "count"),
        },
    )


def _charts(proposals: Proposals, frames: dict[str, pd.DataFrame]) -> tuple[Chart, ...]:
    rest = common(proposals, middle=True)
    drawn = {"group": "option_{language}", "unit": "money", "x_unit": "count"}

    def most(frame: pd.DataFrame, column: str) -> dict[str, Value]:
        mean = frame.groupby("option")[column].mean()
        row = frame[frame["option"] == mean.idxmax()].iloc[0]
        names = {"zh": str(row["option_zh"]), "en": str(row["option_en"])}
        return {
            "most": Value(names, "bilingual"),
            "amount": Value(float(mean.max()), "money"),
        }

    cost = Chart(
        name="cost",
        key="programme_months.cost",
        kind="lines",
        frame="cost",
        encode={"x": "block", "y": "cost", "x_label": "four_weeks", "y_label": "cost_simulated",
                **drawn},
        definitions=("choice_cost",),
        **rest | {"values": rest["values"] | most(frames["cost"], "cost")},
    )  # fmt: skip
    liability = Chart(
        name="liability",
        key="programme_months.liability",
        kind="lines",
        frame="liability",
        encode={"x": "week", "y": "liability", "x_label": "weeks_simulated",
                "y_label": "liability_simulated", **drawn},
        definitions=("choice_liability",),
        **rest | {"values": rest["values"] | most(frames["liability"], "liability")},
    )  # fmt: skip
    return cost, liability


def _wide(liability: pd.DataFrame, shown: list[Option]) -> pd.DataFrame:
    """Return a row a quarter end, a column an option."""
    table = liability.pivot(index="week", columns="option", values="liability")
    return table[[item.key for item in shown]].reset_index()


def _table(proposals: Proposals, shown: list[Option]) -> TableView:
    return TableView(
        name="quarters",
        key="programme_months.liability",
        frame="quarters",
        columns=(
            Column("week", "count", heading="weeks_simulated"),
            *(option_column(item, "money") for item in shown),
        ),
        definitions=("choice_liability",),
        **common(proposals, middle=True),
    )
