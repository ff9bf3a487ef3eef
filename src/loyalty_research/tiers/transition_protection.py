"""What it costs to let nobody fall for a time: levels held instead of levels reached."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.profile.common import Days
from loyalty_research.programmes.schema import Programme
from loyalty_research.tiers.common import point_values
from loyalty_research.tiers.ledgers import joined_days, replay_on
from loyalty_research.tiers.replays import Replays, Run
from loyalty_research.tiers.simulation.design import costs_of
from loyalty_research.tiers.transition_points import redeemed_shares
from loyalty_research.tiers.transition_rows import has_levels

_WEEK = 7


def protection_of(
    brand: Any, made: Replays, other: Run, people: pd.DataFrame, months: int
) -> pd.Series[float]:
    """Return what protecting each member who falls costs, in currency units, by customer.

    Parameters
    ----------
    brand, made
        Purchases, and how they were replayed.
    other
        The design.
    people
        Of ``landing_of``.
    months
        Length of the protection.

    Returns
    -------
    pandas.Series
        Cost of the level held (cut to the design's top) less that of the level reached, on the
        purchases of the last months; where the period is shorter, in proportion.
    """
    falling = people[people["outcome"] == "falls"]
    if falling.empty or not has_levels(other):
        return pd.Series(dtype=float)
    places = sorted(set(falling["before"]) | set(falling["after"]))
    by_place = {place: held_cost(brand, made, other, int(place), months) for place in places}
    whose = falling["customer_id"]
    costs = pd.Series(0.0, index=pd.Index(whose))
    for place in places:
        own = by_place[place].reindex(whose).fillna(0.0).to_numpy()
        costs += own * ((falling["before"] == place).to_numpy().astype(float))
        costs -= own * ((falling["after"] == place).to_numpy().astype(float))
    return costs


def held_cost(brand: Any, made: Replays, other: Run, place: int, months: int) -> pd.Series[float]:
    """Return what points and benefits cost by customer, were everybody at one level throughout.

    Points at face value times the share that is redeemed in the design's replay; benefits at known
    cost and take-up.
    """
    days = last_months(made.days, months)
    rules = at_level(other.programme, place)
    ledger = replay_on(
        brand, rules, redemption=made.redemption, days=days, joined=joined_days(brand)
    )
    earned = ledger.balances.set_index("customer_id")
    points = (earned["earned"] * earned["wallet"].map(_unit_costs(other))).groupby(level=0).sum()
    level = costs_of(rules, margin=1.0, mean_order=1.0).by_level[0]
    orders = ledger.customers.set_index("customer_id")["orders"]
    weeks = days.count / _WEEK
    benefits = orders * float(level["each_cost"]) + float(level["week_cost"]) * weeks
    stretch = _asked(days, months).count / days.count
    return points.add(benefits, fill_value=0.0) * stretch


def _unit_costs(other: Run) -> dict[str, float]:
    """Return by wallet what a smallest unit costs; converted points count where they go to."""
    shares, units = redeemed_shares(other), other.ledger.units
    sources = {item.source_wallet for item in other.programme.conversions}
    return {
        name: 0.0 if name in sources else (worth or 0.0) * shares.get(name, 1.0) / units[name]
        for name, worth in point_values(other).items()
    }


def at_level(programme: Programme, place: int) -> Programme:
    """Return the design with one of its levels as the base that everybody holds, without a fee."""
    if programme.tiers is None:
        return programme
    level = programme.tiers.levels[place]
    free = {"threshold": 0, "requalify": None, "granted_by": (), "fee": None, "for_life_at": None}
    tiers = programme.tiers.model_copy(update={"levels": (level.model_copy(update=free),)})
    return programme.model_copy(update={"tiers": tiers})


def last_months(days: Days, months: int) -> Days:
    """Return the last months of a period, or all of it where it is shorter."""
    return Days(max(days.start, _asked(days, months).start), days.end)


def _asked(days: Days, months: int) -> Days:
    after = pd.Timestamp(days.end) + pd.Timedelta(days=1)
    return Days((after - pd.DateOffset(months=months)).date(), days.end)
