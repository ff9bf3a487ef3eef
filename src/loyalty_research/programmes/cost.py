"""What a replayed programme costs: rewards, benefits, fees received, settlements with partners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.programmes.schema import Benefit, Programme

__all__ = ["CostSummary", "cost_by_month", "cost_of", "cost_summary"]

KINDS = ("reward", "benefit", "fee", "settlement")
COLUMNS = (
    "month",
    "item",
    "item_zh",
    "item_en",
    "kind",
    "tier",
    "uses",
    "value",
    "amount",
    "known",
    "missing",
)
POINTS_USED = ("订单记录的积分抵扣", "Points used, as the orders tell")
"""Names of redemptions that the orders tell, not a reward of the programme."""
_YEAR = 12
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CostSummary:
    """Totals of what a programme costs, in currency units.

    Parameters
    ----------
    members
        All who are members at any time of the period.
    net_sales
        To members, in the period.
    reward_value
        Face value of the rewards redeemed, as far as known.
    at_most
        Whether a value among them is a published maximum: the reward rate is an upper bound then.
    known_cost
        Sum of the items whose cost is known; fees and what partners pay lower it.
    unknown
        Items whose cost is not known and stands in no total.
    """

    members: int
    net_sales: float
    reward_value: float
    at_most: bool
    known_cost: float
    unknown: tuple[str, ...]

    @property
    def cost_per_member(self) -> float | None:
        """Known cost by members; None without members."""
        return self.known_cost / self.members if self.members else None

    @property
    def reward_rate(self) -> float | None:
        """Effective reward rate: face value of the rewards redeemed by net sales to members."""
        return self.reward_value / self.net_sales if self.net_sales > 0 else None


def cost_of(ledger: Any) -> pd.DataFrame:
    """Tell what a replayed programme costs over its period, item by item.

    Parameters
    ----------
    ledger
        As ``programmes.replay`` returns it.

    Returns
    -------
    pandas.DataFrame
        One row an item and level: item (id of the reward, benefit, level or partner), item_zh,
        item_en, kind (``reward``, ``benefit``, ``fee``, ``settlement``), tier (level; empty for
        all), uses, value (face value to the members), amount (cost, in currency units; below zero
        what comes in; NaN where unknown), known, missing (what is not known: ``cost``,
        ``take_up``, ``price``, ``birthdays``, several with ``+``).

    Notes
    -----
    Benefits: possible uses x take_up x cost of one. Possible uses are orders, members at the end
    of each month (a year's benefit one twelfth of them), birthdays, levels reached, and joinings.
    Fees are spread over the months they are paid for. A reward at a partner costs its own ``cost``
    or else the points at the price of settlement; points a partner issues bring in what it pays for
    them. What is unknown is listed and stands in no total.
    """
    frame = cost_by_month(ledger)
    keys = ["item", "item_zh", "item_en", "kind", "tier", "known", "missing"]
    amounts = ["uses", "value", "amount"]
    summed = frame.groupby(keys, sort=False)[amounts].sum(min_count=1).reset_index()
    return summed[[name for name in COLUMNS if name != "month"]]


def cost_by_month(ledger: Any) -> pd.DataFrame:
    """Tell what a replayed programme costs, month by month.

    Parameters
    ----------
    ledger
        As ``programmes.replay`` returns it.

    Returns
    -------
    pandas.DataFrame
        As :func:`cost_of`, with ``month`` (``YYYY-MM``) in front.
    """
    rows = [*_rewards(ledger), *_benefits(ledger), *_fees(ledger), *_issued(ledger)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame = frame.astype({"uses": float, "value": float, "amount": float, "known": bool})
    order = frame["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    return (
        frame.assign(order=order.astype(float))
        .sort_values(["month", "order"], kind="stable")
        .drop(columns="order")
        .reset_index(drop=True)
    )


def cost_summary(ledger: Any) -> CostSummary:
    """Return totals of what a replayed programme costs.

    Parameters
    ----------
    ledger
        As ``programmes.replay`` returns it.
    """
    frame = cost_of(ledger)
    taken = set(ledger.rewards["reward"])
    rewards = [reward for reward in ledger.programme.rewards if reward.id in taken]
    unknown = frame.loc[~frame["known"], "item"]
    return CostSummary(
        members=len(ledger.customers),
        net_sales=float(ledger.activity["net_sales"].sum()),
        reward_value=float(ledger.rewards["value"].sum()),
        at_most=any(reward.value_is == "at_most" for reward in rewards),
        known_cost=float(frame.loc[frame["known"], "amount"].sum()),
        unknown=tuple(dict.fromkeys(unknown)),
    )


def _rewards(ledger: Any) -> Iterator[Row]:
    """Yield what was redeemed; at a partner without a cost of its own, at the settlement price."""
    rewards = {reward.id: reward for reward in ledger.programme.rewards}
    for row in ledger.rewards.to_dict("records"):
        reward = rewards.get(row["reward"])
        if reward is None:
            name = (row["month"], row["reward"], *POINTS_USED)
            uses = float(row["redemptions"])
            yield (*name, "reward", "", uses, np.nan, np.nan, False, "cost")
            continue
        partner = ledger.programme.partners.get(reward.partner or "")
        head = (row["month"], reward.id, reward.name.zh, reward.name.en)
        valued = reward.value is not None or reward.percent is not None
        body = ("", float(row["redemptions"]), float(row["value"]) if valued else np.nan)
        if partner is None or reward.cost is not None or reward.percent is not None:
            cost = _number(row["cost"])
            yield (*head, "reward", *body, cost, not np.isnan(cost), _missing(cost=cost))
            continue
        points = Decimal(int(row["points"])) / ledger.units[reward.wallet]
        price = partner.gets_per_point
        amount = float(points * price) if price is not None else np.nan
        yield (*head, "settlement", *body, amount, price is not None, _missing(price=amount))


def _benefits(ledger: Any) -> Iterator[Row]:
    for benefit in ledger.programme.benefits:
        for month, tier, possible in _possible(ledger, benefit):
            uses = _product(possible, benefit.take_up)
            amount = _product(uses, benefit.cost)
            counted = not np.isnan(possible)
            missing = _missing(
                cost=_number(benefit.cost),
                take_up=_number(benefit.take_up),
                birthdays=possible,
            )
            yield (
                month,
                benefit.id,
                benefit.name.zh,
                benefit.name.en,
                "benefit",
                tier,
                uses,
                _product(uses, benefit.value),
                amount,
                counted and not missing,
                missing,
            )


def _possible(ledger: Any, benefit: Benefit) -> Iterator[tuple[str, str, float]]:
    """Yield (month, level, possible uses); missing where the data do not tell birthdays."""
    frame, column = _uses(ledger, benefit.per)
    if benefit.tiers:
        frame = frame[frame["tier"].isin(benefit.tiers)]
    known = benefit.per != "birthday" or bool(ledger.activity["birthdays"].sum())
    share = 1 / _YEAR if benefit.per == "year" else 1.0
    for row in frame.to_dict("records"):
        yield row["month"], row["tier"], float(row[column]) * share if known else np.nan


def _uses(ledger: Any, per: str) -> tuple[pd.DataFrame, str]:
    if per in ("month", "year"):
        return ledger.members, "members"
    if per == "upgrade":
        moves = ledger.moves[_upward(ledger.programme, ledger.moves)]
        up = moves.groupby(["month", "to_tier"], sort=False)["members"].sum().reset_index()
        return up.rename(columns={"to_tier": "tier"}), "members"
    return ledger.activity, {"order": "orders", "birthday": "birthdays", "join": "joined"}[per]


def _upward(programme: Programme, moves: pd.DataFrame) -> np.ndarray:
    """Tell which moves reach a level above the one before; joining counts as the base level."""
    levels = programme.tiers.levels if programme.tiers else ()
    place = {level.id: number for number, level in enumerate(levels)}
    before = moves["from_tier"].map(place).fillna(0).to_numpy()
    after = moves["to_tier"].map(place).fillna(0).to_numpy()
    upward: np.ndarray = after > before
    return upward


def _fees(ledger: Any) -> Iterator[Row]:
    levels = ledger.programme.tiers.levels if ledger.programme.tiers else ()
    for level in levels:
        if level.fee is None:
            continue
        held = ledger.members[ledger.members["tier"] == level.id]
        for row in held.to_dict("records"):
            paid = -float(int(row["members"]) * level.fee.amount / level.fee.months)
            name = (row["month"], level.id, level.name.zh, level.name.en)
            yield (*name, "fee", level.id, float(row["members"]), np.nan, paid, True, "")


def _issued(ledger: Any) -> Iterator[Row]:
    """Yield what partners pay for the points they issue; of a rule, those that can be redeemed."""
    rules = {rule.id: rule for rule in ledger.programme.earn if rule.partner}
    spent = {reward.wallet for reward in ledger.programme.rewards}
    for row in ledger.earned.to_dict("records"):
        rule = rules.get(row["rule"])
        if rule is None or (row["wallet"] not in spent and len(rule.wallets) > 1):
            continue
        partner = ledger.programme.partners[rule.partner]
        points = Decimal(int(row["points"])) / ledger.units[row["wallet"]]
        price = partner.pays_per_point
        amount = -float(points * price) if price is not None else np.nan
        name = (row["month"], rule.partner, partner.name.zh, partner.name.en)
        uses = float(row["postings"])
        known = price is not None
        yield (*name, "settlement", "", uses, np.nan, amount, known, _missing(price=amount))


def _product(number: float, factor: Decimal | None) -> float:
    return np.nan if factor is None else number * float(factor)


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)


def _missing(**numbers: float) -> str:
    return "+".join(name for name, number in numbers.items() if np.isnan(number))
