"""Ways of bringing balances and levels over to a design, side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.tiers.common import point_values
from loyalty_research.tiers.replays import Run
from loyalty_research.tiers.transition_points import Balances
from loyalty_research.tiers.transition_rows import has_levels

OPTIONS = ("one_to_one", "equal_worth", "protected")
_CENT = 0.005


def options_of(
    other: Run, people: pd.DataFrame, balances: Balances, costs: pd.Series[float]
) -> pd.DataFrame:
    """Return a row a way: points as they are, at equal worth, and that with levels protected.

    Parameters
    ----------
    other
        The design.
    people
        Of ``landing_of``.
    balances
        Of ``balances_of``.
    costs
        Of protecting each member who falls.

    Returns
    -------
    pandas.DataFrame
        Columns option, members, falling, worth_less (members whose points are worth less, by
        more than rounding to a point takes), losing (either), worth_before, worth_after,
        liability_before, liability_after, protection, cost (change of the liability and
        protection), unknown_benefits.
    """
    rows = []
    for option in OPTIONS if has_levels(other) else OPTIONS[:2]:
        protected = option == "protected"
        row = _row(
            other, people, balances, "one_worth" if option == "one_to_one" else "equal_worth"
        )
        fallen = set() if protected else _falling(people)
        cost = float(costs.sum()) if protected else 0.0
        rows.append(
            other.named()
            | {"option": option, "members": len(people), "falling": len(fallen)}
            | row["sums"]
            | {
                "losing": len(fallen | row["poorer"]),
                "protection": cost,
                "cost": row["sums"]["liability_after"] - row["sums"]["liability_before"] + cost,
                "unknown_benefits": _unknown(other),
            }
        )
    return pd.DataFrame(rows)


def _row(other: Run, people: pd.DataFrame, balances: Balances, after: str) -> dict[str, Any]:
    each = balances.each[balances.each["customer_id"].isin(people["customer_id"])]
    by_person = each.groupby("customer_id")[["worth", after]].sum()
    grain = max([_CENT, *(worth for worth in point_values(other).values() if worth is not None)])
    poorer = by_person.index[by_person["worth"] - by_person[after] > grain]
    old = each["wallet"].map(balances.before).astype(float)
    new = each["target"].map(balances.after).astype(float)
    least = 1 if len(each) else 0
    return {
        "poorer": set(poorer),
        "sums": {
            "worth_less": len(poorer),
            "worth_before": float(each["worth"].sum(min_count=least)),
            "worth_after": float(each[after].sum(min_count=least)),
            "liability_before": float((each["worth"] * old).sum(min_count=least)),
            "liability_after": float((each[after] * new).sum(min_count=least)),
        },
    }


def _falling(people: pd.DataFrame) -> set[Any]:
    return set(people.loc[people["outcome"] == "falls", "customer_id"])


def _unknown(other: Run) -> int:
    """Count the benefits of levels whose cost or take-up is unknown."""
    benefits = other.programme.benefits
    return sum(item.cost is None or item.take_up is None for item in benefits)
