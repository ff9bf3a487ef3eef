"""What one programme would have paid the customers of a brand, replayed on their purchases."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd

from loyalty_research import programmes as ledgers
from loyalty_research.competitors.fitting import needs_lines, terms_for
from loyalty_research.competitors.scaling import multiplied
from loyalty_research.competitors.shop import Shop
from loyalty_research.programmes.schema import Programme, Reward

Known = Literal["exact", "at_most", "unknown"]
_SOME = 0.1
"""Share of customers who must be able to earn a reward for it to be saved for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a programme would have paid, customer by customer.

    Parameters
    ----------
    programme
        Whose rules.
    level
        The paid level all members have; empty where membership is free.
    reward
        The reward that members save for; None where nobody can earn any.
    known
        Whether the face value of that reward is published, as a maximum, or not at all.
    customers
        One row a customer of the year: customer_id, net_sales, value (face value of what was
        redeemed), held (face value of the points left), at_once (face value when every order takes
        the open reward of the highest value per point), redemptions, first_days (days from joining
        to the first reward in reach; missing for none), followed_days, top_level (place in the
        levels). Amounts in the brand's currency; at a multiple of a ticket those of the scaled
        baskets.
    fee
        Of the paid level for twelve months, in the brand's currency; 0 for none.
    multiple
        Of the ticket that baskets are scaled to; None where they are as they were.
    """

    programme: Programme
    level: str
    reward: Reward | None
    known: Known
    customers: pd.DataFrame = field(repr=False)
    fee: float = 0.0
    multiple: float | None = None

    @property
    def id(self) -> str:
        """Unique among the outcomes of a comparison."""
        return f"{self.programme.id}_{self.level}" if self.level else self.programme.id

    @property
    def rate(self) -> float:
        """Face value redeemed as a share of what all customers spent; NaN where not known."""
        spent = float(self.customers["net_sales"].sum())
        if self.known == "unknown" or spent <= 0:
            return np.nan
        return float(self.customers["value"].sum()) / spent


@dataclass(frozen=True, slots=True)
class Setting:
    """How a programme is replayed.

    Parameters
    ----------
    programme
        Whose rules.
    factor
        Units of its currency for one unit of the brand's, scaling included.
    exchange
        Units of its currency for one unit of the brand's.
    level
        Paid level of every member; empty for none.
    multiple
        Of the ticket scaled to; None for none.
    """

    programme: Programme
    factor: Decimal
    exchange: Decimal
    level: str = ""
    multiple: float | None = None


def paid_levels(programme: Programme) -> tuple[str, ...]:
    """Return the levels with a fee, as they stand; an empty name where membership is free."""
    levels = programme.tiers.levels if programme.tiers else ()
    priced = tuple(level.id for level in levels if level.fee)
    is_free = not levels or levels[0].fee is None
    return ("", *priced) if is_free else priced


def outcome_of(shop: Shop, setting: Setting) -> Outcome:
    """Replay a programme on a brand's year.

    Notes
    -----
    It runs twice: the first time tells which rewards are in reach. Then members save for one: of
    those that at least a tenth of the customers earned enough for, that with the highest face
    value per point; where no face value is known, the cheapest (:func:`saved_for`). Everyone joins
    with the first order of the year, with no points.
    """
    at_once = _replay(shop, setting, "at_once")
    order = shop.median_order * float(setting.factor)
    reward = saved_for(setting.programme, at_once, customers=len(shop.spend), order=order)
    ledger = at_once if reward is None else _replay(shop, setting, reward.id)
    return Outcome(
        programme=setting.programme,
        level=setting.level,
        reward=reward,
        known=known_value(reward),
        customers=_customers(shop, setting, ledger, at_once, reward),
        fee=_fee(setting),
        multiple=setting.multiple,
    )


def _replay(shop: Shop, setting: Setting, redemption: str) -> Any:
    lines = needs_lines(setting.programme)
    rows = shop.lines if lines else shop.orders
    if setting.factor != 1:
        rows = multiplied(rows, factor=setting.factor)
    return ledgers.replay(
        rows,
        setting.programme,
        period=(shop.days.start, shop.days.end),
        redemption=redemption,
        paid=setting.level or None,
        terms=terms_for(setting.programme, shop),
        products=shop.products if lines else None,
        week_start=shop.context.week_start,
    )


def saved_for(programme: Programme, ledger: Any, *, customers: int, order: float) -> Reward | None:
    """Return the reward members save for; None where nobody can earn any.

    Of rewards that at least a tenth of the customers earned enough for, that with the highest face
    value per point; where there is none, of those that most customers earned enough for.

    Parameters
    ----------
    programme
        Whose rewards.
    ledger
        A replay of it, for the points that customers earned.
    customers
        Of the year.
    order
        A usual order in the programme's currency, which ``percent`` is taken off.
    """
    earned = ledger.balances[["wallet", "earned"]]
    able = []
    for place, reward in enumerate(programme.rewards):
        price = float(reward.points) * ledger.units[reward.wallet]
        many = int(((earned["wallet"] == reward.wallet) & (earned["earned"] >= price)).sum())
        worth = _worth(reward, order) / float(reward.points)
        able.append((many, (-worth, float(reward.points), place), reward))
    common = [item for item in able if item[0] >= _SOME * customers]
    if common:
        return min(common, key=lambda item: item[1])[2]
    most = max((item[0] for item in able), default=0)
    return min((i for i in able if i[0] == most), key=lambda i: i[1])[2] if most else None


def known_value(reward: Reward | None) -> Known:
    """Return what is known of the face value of a reward."""
    if reward is None:
        return "exact"  # nothing is redeemed, whatever it would be worth
    if reward.percent is None and reward.value is None:
        return "unknown"
    return reward.value_is


def _worth(reward: Reward, order: float) -> float:
    if reward.percent is not None:
        return float(reward.percent) * order
    return float(reward.value or 0)


def _fee(setting: Setting) -> float:
    levels = setting.programme.tiers.levels if setting.programme.tiers else ()
    for level in levels:
        if level.id == setting.level and level.fee:
            yearly = float(level.fee.amount) * 12 / level.fee.months
            return yearly / float(setting.exchange)
    return 0.0


def _customers(
    shop: Shop, setting: Setting, ledger: Any, at_once: Any, reward: Reward | None
) -> pd.DataFrame:
    """Return one row a customer of the year; who never was a member got nothing."""
    exchange = float(setting.exchange)
    scale = float(setting.factor) / exchange
    frame = shop.spend[["customer_id", "orders", "net_sales"]].copy()
    frame["net_sales"] = frame["net_sales"] * scale
    own = ledger.customers.set_index("customer_id")
    members = own.reindex(frame["customer_id"])
    end = pd.Timestamp(shop.days.end)
    joined = pd.to_datetime(members["joined_on"])
    frame["redemptions"] = members["redemptions"].fillna(0).astype("int64").to_numpy()
    frame["value"] = (members["value"].fillna(0.0).astype(float) / exchange).to_numpy()
    first = pd.to_datetime(members["first_reward_on"])
    frame["first_days"] = (first - joined).dt.days.to_numpy(dtype=float)
    frame["followed_days"] = (end - joined).dt.days.to_numpy(dtype=float)
    frame["top_level"] = _places(setting.programme, members["top_tier"])
    other = at_once.customers.set_index("customer_id")["value"].reindex(frame["customer_id"])
    frame["at_once"] = (other.fillna(0.0).astype(float) / exchange).to_numpy()
    held = _held(ledger, reward, shop.median_order * float(setting.factor))
    frame["held"] = (held.reindex(frame["customer_id"]).fillna(0.0) / exchange).to_numpy()
    return frame


def _held(ledger: Any, reward: Reward | None, order: float) -> pd.Series[Any]:
    """Return the face value of the points each customer has left, at the rate of the reward."""
    if reward is None or known_value(reward) == "unknown":
        return pd.Series(dtype=float)
    balances = ledger.balances
    own = balances[balances["wallet"] == reward.wallet].set_index("customer_id")["closing"]
    points = own.clip(lower=0) / ledger.units[reward.wallet]
    return points * (_worth(reward, order) / float(reward.points))


def _places(programme: Programme, tiers: pd.Series[Any]) -> np.ndarray:
    """Return the place of each level, 0 for the lowest or none."""
    levels = programme.tiers.levels if programme.tiers else ()
    places = {level.id: place for place, level in enumerate(levels)}
    return tiers.map(places).fillna(0).astype("int64").to_numpy()
