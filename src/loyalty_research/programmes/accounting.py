"""What the points of a programme owe: deferred revenue under IFRS 15 and ASC 606."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from loyalty_research.programmes.accounting_deferral import (
    COLUMNS,
    Allocation,
    allocate,
    deferred_revenue,
)
from loyalty_research.programmes.accounting_months import (
    Pool,
    deferrals,
    liability_months,
    rates_by_month,
)
from loyalty_research.programmes.accounting_price import PointPrice, point_prices
from loyalty_research.programmes.accounting_statements import (
    SECTION,
    Owed,
    Statements,
    statements,
)
from loyalty_research.programmes.accounting_views import charts, tables
from loyalty_research.programmes.run_off import MIN_MONTHS, expected_redemption
from loyalty_research.programmes.run_off_triangle import triangle_of
from loyalty_research.results import Result

__all__ = ["Allocation", "allocate", "deferred_revenue", "liability"]

NAME, CHAPTER = "liability", "tiers"


def liability(
    ledger: Any | None, *, price_per_point: Mapping[str, Any] | Any | None = None
) -> Result:
    """Tell what the points of a replayed programme owe, month by month.

    Parameters
    ----------
    ledger
        As ``programmes.replay`` returns it; None, where nothing was replayed, gives a
        result that leaves no trace.
    price_per_point
        Value of a redeemed point to the member, in currency units, or by wallet. None takes the
        face value of what was redeemed by the points it took; where nothing of known value was,
        that of the reward with the highest value per point.

    Returns
    -------
    Result
        Frames ``summary`` (one row a month: opening, deferred, revenue, reestimate, closing, in
        currency units; members), ``wallets`` (one row a redeemable wallet: points outstanding and
        expected to be redeemed, price of a point, expected redemption with bounds, liability),
        ``ages`` (share of points redeemed and expired by months since earning) and ``cohorts``.
        Where nothing can be told, the one finding says why.

    Raises
    ------
    ParameterError
        For a ``price_per_point`` of an unknown wallet, or not above zero.

    Notes
    -----
    Each month's net sales to members are split between products and the points earned in that month
    by stand-alone selling prices (the month's contracts as one portfolio; points given without a
    purchase are treated alike). Every month of earning is then run off on its own: revenue is what
    was deferred x points redeemed / points expected to be redeemed in all. The expectation is
    made anew at the end of each month from what is known then
    (:func:`~loyalty_research.programmes.run_off.expected_redemption`); its changes act at once on
    all earlier revenue. Points that outlive the ages observed count as redeemed, since no breakage
    may be recognised that is not expected. A redemption that a policy made is not an observed one:
    the rate is the policy's then. Stored value is a deposit and not included, nor are points that
    must first be converted to another wallet.

    References
    ----------
    IFRS 15, B39-B47 and example 52; ASC 606-10-55-41 to 55-49 and example 52.
    """
    if ledger is None:
        return Result(NAME, CHAPTER, SECTION, {"summary": pd.DataFrame({"month": []})})
    prices = point_prices(ledger, price_per_point)
    said = Statements.of(ledger)
    reason = _reason(ledger, prices)
    if reason:
        return _result(said, {"summary": pd.DataFrame({"month": []})}, said.withheld(reason))
    owed = _owed(ledger, {name: price for name, price in prices.items() if price.value})
    if not any(len(one.pool.triangle.months) >= MIN_MONTHS for one in owed):
        short = {"summary": pd.DataFrame({"month": []})}
        return _result(said, short, said.withheld("run_off_short"))
    frames = _frames(ledger, owed)
    result = _result(said, frames, statements(said, owed, frames["summary"]))
    return dataclasses.replace(
        result,
        charts=charts(said, owed[0], frames),
        tables=tables(said, owed),
        references=("mack1993", "cameron2011"),
    )


def _reason(ledger: Any, prices: Mapping[str, PointPrice]) -> str:
    """Return why nothing can be told; empty where something can."""
    if not prices:
        return "no_redeemable_wallet"
    if ledger.redemption == "none":
        return "redemption_none"
    run_off = ledger.run_off
    if run_off.empty or not int(run_off.loc[run_off["wallet"].isin(prices), "redeemed"].sum()):
        return "nothing_redeemed"
    if not any(price.value for price in prices.values()):
        return "no_point_value"
    return ""


def _owed(ledger: Any, prices: Mapping[str, PointPrice]) -> tuple[Owed, ...]:
    """Return the wallets that points were earned in, the one that owes most first."""
    last, complete = _last_month(ledger.period)
    run_off = ledger.run_off
    rows = {name: run_off[run_off["wallet"] == name] for name in prices}
    rows = {name: own for name, own in rows.items() if int(own["earned"].sum())}
    first = min((str(own["earned_month"].min()) for own in rows.values()), default=last)
    pools = {}
    for name, own in rows.items():
        triangle = triangle_of(own, since=first, until=last, complete=complete)
        price = prices[name].value or Decimal(0)
        pools[name] = Pool(triangle, rates_by_month(triangle), ledger.units[name], price)
    sales = _sales(ledger, next(iter(pools.values())).triangle.months)
    deferred = deferrals(pools, sales)
    owed = [
        Owed(
            wallet=name,
            name=ledger.programme.wallets[name].name.model_dump(),
            pool=pool,
            price=prices[name],
            deferred=deferred[name],
            months=liability_months(pool, deferred[name]),
            expected=expected_redemption(rows[name], until=last, complete=complete),
        )
        for name, pool in pools.items()
    ]
    return tuple(sorted(owed, key=lambda one: -one.closing))


def _last_month(period: Any) -> tuple[str, bool]:
    """Return the last month of the period, and whether it is a whole one."""
    pair = (period.start, period.end) if hasattr(period, "end") else tuple(period)
    end = pd.Timestamp(pair[1]).date()
    whole = end.day == calendar.monthrange(end.year, end.month)[1]
    return dt.date.strftime(end, "%Y-%m"), whole


def _sales(ledger: Any, months: tuple[str, ...]) -> list[Decimal]:
    """Return net sales to members by month; nothing where returns exceed sales."""
    sums = ledger.activity.groupby("month")["net_sales"].sum()
    amounts = (round(float(sums.get(month, 0.0)), 4) for month in months)
    return [max(Decimal(str(amount)), Decimal(0)) for amount in amounts]


def _frames(ledger: Any, owed: tuple[Owed, ...]) -> dict[str, pd.DataFrame]:
    amounts = list(COLUMNS)
    months = owed[0].months[["month"]].copy()
    months[amounts] = sum(one.months[amounts] for one in owed)
    members = ledger.members.groupby("month")["members"].sum()
    months["members"] = months["month"].map(members).fillna(0).astype("int64")
    return {
        "summary": months,
        "flows": months.tail(24).assign(
            revenue_change=-months["revenue"], reestimate_change=-months["reestimate"]
        )[["month", "members", "deferred", "revenue_change", "reestimate_change"]],
        "wallets": pd.DataFrame([one.row() for one in owed]),
        "ages": _ages(owed[0]),
        "cohorts": pd.concat(
            [one.expected.cohorts.assign(wallet=one.wallet) for one in owed], ignore_index=True
        ),
    }


def _ages(one: Owed) -> pd.DataFrame:
    """Return what share of points is redeemed and expired by the end of each age."""
    ages = one.expected.ages
    ages = ages[ages["outstanding"] > 0].reset_index(drop=True)
    left = (1 - ages["redeem_share"] - ages["expire_share"]).cumprod().shift(fill_value=1.0)
    return ages.assign(
        redeemed_by=(left * ages["redeem_share"]).cumsum(),
        expired_by=(left * ages["expire_share"]).cumsum(),
    )


def _result(said: Statements, frames: dict[str, pd.DataFrame], findings: Any) -> Result:
    return Result(
        name=NAME,
        chapter=CHAPTER,
        section=said.section,
        frames=frames,
        findings=tuple(findings) if isinstance(findings, (list, tuple)) else (findings,),
        context=said.context,
    )
