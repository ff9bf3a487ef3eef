"""Who changed the main channel from the first half to the second."""

from __future__ import annotations

import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Stater
from loyalty_research.stats import proportion

OTHER = "other"
"""Stands for all channels beyond the largest."""


def _main(people: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return each customer's channel of the largest net sales in a half."""
    bought = people[people[column] > 0]
    ordered = bought.sort_values(["customer_id", column, "channel"], ascending=[True, False, True])
    main = ordered.drop_duplicates("customer_id").set_index("customer_id")["channel"]
    return pd.DataFrame({"channel": main, "sales": bought.groupby("customer_id")[column].sum()})


def moves_between(people: pd.DataFrame, named: list[str]) -> pd.DataFrame:
    """Return one row a move between main channels: customers, net sales of both halves.

    ``people`` has one row a customer and channel; channels not ``named`` stand together.
    """
    both = _main(people, "first_sales").merge(
        _main(people, "last_sales"),
        left_index=True,
        right_index=True,
        suffixes=("_first", "_last"),
    )
    for name in ("channel_first", "channel_last"):
        both[name] = both[name].where(both[name].isin(named), OTHER)
    moves = both.groupby(["channel_first", "channel_last"], as_index=False).agg(
        observed=("sales_first", "size"),
        first_sales=("sales_first", "sum"),
        last_sales=("sales_last", "sum"),
    )
    moves["change"] = moves["last_sales"] - moves["first_sales"]
    order = {name: place for place, name in enumerate((*named, OTHER))}
    moves = moves.sort_values(
        ["channel_first", "channel_last"], key=lambda names: names.map(order), ignore_index=True
    )
    return moves.rename(columns={"channel_first": "from_channel", "channel_last": "to_channel"})


def moved_finding(state: Stater, moves: pd.DataFrame) -> Finding:
    """State how many changed their main channel, and the largest move."""
    away = moves[moves["from_channel"] != moves["to_channel"]]
    total, changed = int(moves["observed"].sum()), int(away["observed"].sum())
    if not changed and total >= state.context.base_limit:
        return state.withheld("channel_moved", "no_move", definition="main_channel", base=total)
    stake = float(away["first_sales"].sum() + away["last_sales"].sum())
    values = {"people": Value(changed, "customers"), "sales": Value(stake, "money")}
    if changed:
        order = ["observed", "from_channel", "to_channel"]
        largest = away.sort_values(order, ascending=[False, True, True])
        values |= {
            "origin": Value(str(largest["from_channel"].iloc[0]), "label:channel"),
            "target": Value(str(largest["to_channel"].iloc[0]), "label:channel"),
            "largest": Value(int(largest["observed"].iloc[0]), "customers"),
        }
    return state(
        "channel_moved",
        proportion(changed, total),
        unit="share",
        definition="main_channel",
        method="wilson",
        subject="channel_moved",
        task="retain",
        group="channel_moved",
        at_stake=stake,
        values=values,
    )
