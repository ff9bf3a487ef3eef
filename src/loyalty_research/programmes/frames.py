"""Frames of a ledger from the arrays that the loop filled."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from loyalty_research.programmes import kernel_codes as codes
from loyalty_research.programmes.batches import Replayed
from loyalty_research.programmes.kernel_codes import E4, NEVER
from loyalty_research.programmes.kernel_state import Ints, Plan, months_of
from loyalty_research.programmes.plan_rows import level_ids
from loyalty_research.programmes.schema import Programme

OBSERVED = "observed"
"""Stands in ``rewards`` for redemptions that the orders themselves tell."""


def month_names(plan: Plan) -> list[str]:
    """Return the months of the period as ``YYYY-MM``."""
    first = int(plan.settings[0]["first_period_month"])
    numbers = range(first, first + months_of(plan))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]


def balances(programme: Programme, done: Replayed) -> pd.DataFrame:
    """Return customer_id, wallet, opening, earned, redeemed, expired, closing."""
    wallets = list(programme.wallets)
    names = done.customers.to_pandas()
    earned, redeemed, expired, closing = (done.accounts[:, :, n].ravel() for n in range(4))
    return pd.DataFrame(
        {
            "customer_id": names.repeat(len(wallets)).reset_index(drop=True),
            "wallet": np.tile(np.array(wallets, dtype=object), len(names)),
            "opening": np.zeros(len(earned), dtype=np.int64),
            "earned": earned,
            "redeemed": redeemed,
            "expired": expired,
            "closing": closing,
        }
    )


def tiers(programme: Programme, done: Replayed) -> pd.DataFrame:
    """Return customer_id, tier, since, until at the end of the period; no rows without levels."""
    levels = np.array(level_ids(programme), dtype=object)
    members = done.members if programme.tiers else done.members[:0]
    return pd.DataFrame(
        {
            "customer_id": done.customers[: len(members)].to_pandas(),
            "tier": levels[members["level"]],
            "since": _days(members["since"]),
            "until": _days(members["until"], members["until"] != NEVER),
        }
    )


def customers(programme: Programme, done: Replayed) -> pd.DataFrame:
    """Return one row a member: when they joined, what they bought, reached and redeemed."""
    levels = np.array(level_ids(programme), dtype=object)
    rows = done.members
    reached = rows["first_reward"] != 0
    return pd.DataFrame(
        {
            "customer_id": done.customers.to_pandas(),
            "joined_on": _days(rows["joined"]),
            "orders": rows["orders"],
            "net_sales": rows["net"] / E4,
            "tier": levels[rows["level"]],
            "top_tier": levels[rows["top"]],
            "first_reward_on": _days(rows["first_reward"], reached),
            "first_reward_orders": pd.array(rows["first_orders"], dtype="Int64").copy(),
            "first_redeemed_on": _days(rows["first_redeemed"], rows["first_redeemed"] != 0),
            "redemptions": rows["redemptions"],
            "value": rows["value"] / E4,
            "cost": np.where(rows["cost_unknown"] == 1, np.nan, rows["cost"] / E4),
        }
    ).assign(first_reward_orders=lambda frame: frame.first_reward_orders.where(reached))


def months(programme: Programme, plan: Plan, sums: Ints) -> pd.DataFrame:
    """Return month, wallet, earned, redeemed, expired, closing for every month and wallet."""
    closing = np.cumsum(sums[:, :, 0] - sums[:, :, 1] - sums[:, :, 2], axis=0)
    columns = {
        "earned": sums[:, :, 0],
        "redeemed": sums[:, :, 1],
        "expired": sums[:, :, 2],
        "closing": closing,
    }
    keys = {"month": month_names(plan), "wallet": list(programme.wallets)}
    return _long(keys, columns, keep_zeros=True)


def members(programme: Programme, plan: Plan, moves: Ints) -> pd.DataFrame:
    """Return month, tier, members at the month's end."""
    joined = moves.sum(axis=1)
    left = moves[:, 1:, :].sum(axis=2)
    standing = np.cumsum(joined - left, axis=0)
    keys = {"month": month_names(plan), "tier": list(level_ids(programme))}
    return _long(keys, {"members": standing})


def moves(programme: Programme, plan: Plan, moved: Ints) -> pd.DataFrame:
    """Return month, from_tier, to_tier, members; from_tier is empty for joining."""
    levels = list(level_ids(programme))
    froms = np.array(["", *levels], dtype=object)
    month, source, target = np.nonzero(moved)
    frame = pd.DataFrame(
        {
            "month": np.array(month_names(plan), dtype=object)[month],
            "from_tier": froms[source],
            "to_tier": np.array(levels, dtype=object)[target],
            "members": moved[month, source, target],
        }
    )
    return frame.sort_values(["month", "from_tier", "to_tier"], ignore_index=True)


def activity(programme: Programme, plan: Plan, sums: Ints) -> pd.DataFrame:
    """Return month, tier, orders, net_sales, joined, birthdays by the level at that moment."""
    keys = {"month": month_names(plan), "tier": list(level_ids(programme))}
    columns = {
        "orders": sums[:, :, 0],
        "net_sales": sums[:, :, 1],
        "joined": sums[:, :, 2],
        "birthdays": sums[:, :, 3],
    }
    frame = _long(keys, columns)
    return frame.assign(net_sales=frame.net_sales / E4)


def rewards(programme: Programme, plan: Plan, taken: Ints) -> pd.DataFrame:
    """Return month, reward, redemptions, points, value, cost; cost is NaN where unknown."""
    keys = {
        "month": month_names(plan),
        "reward": [*(reward.id for reward in programme.rewards), OBSERVED],
    }
    columns = {
        name: taken[:, :, n]
        for n, name in enumerate(("redemptions", "points", "value", "cost", "unknown"))
    }
    frame = _long(keys, columns)
    cost = (frame.cost / E4).where(frame.unknown == 0)
    return frame.assign(value=frame.value / E4, cost=cost).drop(columns="unknown")


def earned(programme: Programme, plan: Plan, sums: Ints) -> pd.DataFrame:
    """Return month, rule, wallet, postings, points as posted: what returns took back apart."""
    pays = [(rule.id, wallet) for rule in programme.earn for wallet in rule.wallets]
    month, pay = np.nonzero(sums[:, :, 0])
    rules, wallets = (np.array([p[n] for p in pays], dtype=object) for n in (0, 1))
    frame = pd.DataFrame(
        {
            "month": np.array(month_names(plan), dtype=object)[month],
            "rule": rules[pay],
            "wallet": wallets[pay],
            "postings": sums[month, pay, 0],
            "points": sums[month, pay, 1],
        }
    )
    return frame.sort_values(["month", "rule", "wallet"], ignore_index=True)


def reminders(plan: Plan, counts: Ints) -> pd.DataFrame:
    """Return month, kind, count of the messages a programme would have sent."""
    keys = {"month": month_names(plan), "kind": list(codes.REMINDERS)}
    return _long(keys, {"count": counts})


def run_off(programme: Programme, plan: Plan, done: Replayed) -> pd.DataFrame:
    """Return what became of points by month of earning: those earned first are used first.

    Columns wallet, part (one of forty random parts of the customers), earned_month, age_months,
    earned (at age 0), redeemed, expired.
    """
    gone = np.moveaxis(done.book.left_by_age, 0, -1)
    entered = np.zeros(gone.shape[:-1], dtype=np.int64)
    entered[:, :, :, 0] = done.book.entered
    wallet, part, month, age = np.nonzero((entered != 0) | gone.any(axis=-1))
    where = (wallet, part, month, age)
    return pd.DataFrame(
        {
            "wallet": np.array(list(programme.wallets), dtype=object)[wallet],
            "part": part,
            "earned_month": np.array(month_names(plan), dtype=object)[month],
            "age_months": age,
            "earned": entered[where],
            "redeemed": gone[where][:, 0],
            "expired": gone[where][:, 1],
        }
    )


def _long(
    keys: dict[str, list[str]], columns: dict[str, Ints], *, keep_zeros: bool = False
) -> pd.DataFrame:
    """Return a row for each pair of keys, sorted by them; rows of zeros only are left out."""
    (first, firsts), (second, seconds) = keys.items()
    values = {name: array.ravel() for name, array in columns.items()}
    frame = pd.DataFrame(
        {
            first: np.repeat(np.array(firsts, dtype=object), len(seconds)),
            second: np.tile(np.array(seconds, dtype=object), len(firsts)),
            **values,
        }
    )
    if not keep_zeros:
        frame = frame[frame[list(values)].any(axis=1)]
    return frame.sort_values([first, second], ignore_index=True)


def _days(numbers: Ints, known: NDArray[np.bool_] | None = None) -> Iterable[np.datetime64]:
    days = numbers.astype("datetime64[D]")
    if known is not None:
        days = np.where(known, days, np.datetime64("NaT"))
    return days.astype("datetime64[s]")
