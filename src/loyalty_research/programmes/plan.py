"""A programme as the whole numbers that the ledger's loop reads."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from loyalty_research.programmes import kernel_codes as codes
from loyalty_research.programmes import kernel_state as state
from loyalty_research.programmes import plan_rows
from loyalty_research.programmes.asks import asks_of
from loyalty_research.programmes.kernel_codes import NONE
from loyalty_research.programmes.kernel_state import Ints, Plan, Records
from loyalty_research.programmes.schema import Programme

_EPOCH = dt.date(1970, 1, 1)
_YEARS_BEFORE, _YEARS_AFTER = 5, 110
"""How far the calendar reaches beyond the period: an end after it counts as none."""


def day_number(day: dt.date) -> int:
    """Return a day as days since 1 January 1970."""
    return (day - _EPOCH).days


def make_plan(
    programme: Programme,
    *,
    period: tuple[dt.date, dt.date],
    redemption: str = "none",
    paid: str | None = None,
    joined: bool = False,
    week_start: int = 0,
) -> Plan:
    """Return a programme as numbers.

    Parameters
    ----------
    programme
        As checked by :func:`load_programme`.
    period
        First and last day of the replay.
    redemption
        Policy: ``none``, ``at_once``, ``observed``, or the id of a reward.
    paid
        Level that members are given on joining; None for the base.
    joined
        Whether the day of joining comes from a table.
    week_start
        0 for Monday.
    """
    asks = asks_of(programme)
    denominators, numerators = plan_rows.rates(programme)
    days, month_starts = _calendar(period)
    settings = plan_rows.table_of(
        state.SETTINGS,
        [
            {
                **_policy(programme, redemption, paid),
                **_tiers(programme),
                **_days(period),
                "joined": joined,
                "week_start": week_start,
                "row_pays": len(programme.earn),
                "row_wallets": len(programme.earn) + len(numerators),
                "row_prizes": len(programme.earn) + len(numerators) + len(programme.wallets),
            }
        ],
    )
    return Plan(
        settings=settings,
        rules=plan_rows.rules(programme, asks),
        pays=plan_rows.pays(programme, denominators),
        wallets=plan_rows.wallets(programme),
        levels=plan_rows.levels(programme),
        grants=plan_rows.grants(programme),
        swaps=plan_rows.swaps(programme),
        prizes=plan_rows.prizes(programme, asks),
        by_level=_by_level(programme, numerators),
        days=days,
        month_starts=month_starts,
    )


def _days(period: tuple[dt.date, dt.date]) -> dict[str, int]:
    start, end = period
    return {
        "first_day": day_number(dt.date(start.year - _YEARS_BEFORE, 1, 1)),
        "first_month": (start.year - _YEARS_BEFORE) * 12,
        "start": day_number(start),
        "end": day_number(end),
        "first_period_month": start.year * 12 + start.month - 1,
    }


def _calendar(period: tuple[dt.date, dt.date]) -> tuple[Records, Ints]:
    """Return month and day of the month by day, and the first day of every month."""
    first = np.datetime64(f"{period[0].year - _YEARS_BEFORE:04d}-01-01")
    last = np.datetime64(f"{period[1].year + _YEARS_AFTER:04d}-01-01")
    days = np.arange(first, last)
    months = days.astype("datetime64[M]")
    calendar = np.zeros(len(days), dtype=state.CALENDAR_DAY)
    calendar["month"] = months.astype(np.int64) + 1970 * 12
    calendar["of_month"] = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    starts = np.arange(first.astype("datetime64[M]"), last.astype("datetime64[M]") + 1)
    return calendar, starts.astype("datetime64[D]").astype(np.int64)


def _policy(programme: Programme, redemption: str, paid: str | None) -> dict[str, int]:
    rewards = [reward.id for reward in programme.rewards]
    target = rewards.index(redemption) if redemption in rewards else NONE
    redeemable = [wallet.kind != "qualifying" for wallet in programme.wallets.values()]
    return {
        "paid": plan_rows.level_ids(programme).index(paid) if paid else 0,
        "policy": codes.POLICIES.index(redemption) if target == NONE else codes.TARGET,
        "target": target,
        "observed_wallet": redeemable.index(True) if any(redeemable) else NONE,
    }


def _tiers(programme: Programme) -> dict[str, Any]:
    tiers = programme.tiers
    if tiers is None:
        return {"metric": NONE, "metric_wallet": NONE, "window_months": 12}
    wallet = list(programme.wallets).index(tiers.wallet) if tiers.wallet else NONE
    return {
        "metric": codes.METRICS.index(tiers.metric),
        "metric_wallet": wallet,
        "window": codes.WINDOWS.index(tiers.window.kind),
        "window_months": tiers.window.months,
        "period_end": tiers.upgrade == "period_end",
        "validity": codes.VALIDITY.index(tiers.validity.kind),
        "windows": tiers.validity.windows,
        "validity_months": tiers.validity.months or 0,
        "soft_landing": tiers.soft_landing,
        "grace": tiers.grace_days,
    }


def _by_level(programme: Programme, numerators: Ints) -> Ints:
    """Return what depends on the level: rules, payments, wallets and rewards below one another."""
    levels = plan_rows.level_ids(programme)

    def fitting(chosen: tuple[str, ...]) -> list[bool]:
        return [not chosen or level in chosen for level in levels]

    rows: list[Any] = [fitting(rule.where.tiers) for rule in programme.earn]
    rows += numerators.tolist()
    rows += [
        [level in wallet.expiry.never_for for level in levels]
        for wallet in programme.wallets.values()
    ]
    rows += [fitting(reward.where.tiers) for reward in programme.rewards]
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(levels))
