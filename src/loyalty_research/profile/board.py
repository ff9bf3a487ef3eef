"""The board: where the base and its sales stand, and what moved them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.engine import collect, collect_one
from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Finding
from loyalty_research.profile.board_indicators import (
    day_before,
    indicator_findings,
    order_totals,
    repeat_retention,
    unit_totals,
)
from loyalty_research.profile.board_months import (
    change_findings,
    halves_of,
    month_totals,
    months_of,
    steps_of,
)
from loyalty_research.profile.board_views import board_charts, board_tables
from loyalty_research.profile.common import (
    CHAPTER,
    as_days,
    customer_totals,
    drawable,
    stater,
    valid_orders,
    within,
)
from loyalty_research.results import Result

_SECTION = "board"
_ACTIVE_DAYS = 90


def board(orders: Any, *, period: Any, active_days: int = _ACTIVE_DAYS) -> Result:
    """Report the indicators of a period, month by month, and split the change of sales.

    Parameters
    ----------
    orders
        One row an order: order_id, customer_id, ordered_at, net_sales; optional units, unit_sales.
        Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).
    active_days
        Length in days of the active window, and of the two windows compared by the repeat
        retention.

    Returns
    -------
    Result
        Frames ``summary`` (one row an indicator: value, low, high, unit, base, status, reason),
        ``months``, ``decomposition`` (month against the month before, where both lie in the period
        with all their days) and ``halves`` (first and last half of the period).

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where the period or ``active_days`` is wrong.

    Notes
    -----
    Formulas as in the definitions printed with the report. Ratios of sums take the customer as the
    sampled unit (linearisation), shares of customers Wilson's interval. The change of sales splits
    additively by log-mean weights; unidentified sales are a line of their own.

    References
    ----------
    Brown, Cai & DasGupta 2001; Ang 2005.
    """
    _check(active_days)
    table = valid_orders(orders, "customer_id")
    days = as_days(period)
    inside = within(table, days)
    state = stater(table, _SECTION, days)
    totals = collect_one(order_totals(inside))
    customers = collect(customer_totals(inside), sort_by=["customer_id"])
    units = collect_one(unit_totals(inside)) if "units" in inside.columns else None
    kept = repeat_retention(table, days, active_days)
    active = int((customers["last_day"] > day_before(days, active_days)).sum())
    findings = indicator_findings(state, days, totals, customers, units, kept, active, active_days)
    months = months_of(inside, days)
    halves = halves_of(inside, days)
    steps = steps_of(months)
    change = change_findings(state, inside, days, halves)
    frames = {
        "summary": _summary(findings),
        "months": months,
        "decomposition": steps,
        "halves": halves,
    }
    return Result(
        name="board",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=(*findings, *change),
        charts=drawable(board_charts(frames, len(customers), days), state.context),
        tables=board_tables(len(customers), days),
        references=("brown2001", "ang2005lmdi"),
        context=state.context,
        table=month_totals(inside),
    )


def _check(active_days: Any) -> None:
    whole = isinstance(active_days, int) and not isinstance(active_days, bool)
    if not whole or active_days < 1:
        raise ParameterError(
            problem(
                "active_days: found {found!r}; allowed: a whole number of days from 1",
                found=active_days,
            )
        )


def _summary(findings: list[Finding]) -> pd.DataFrame:
    """One row an indicator; a saturated rate is still printed, its finding is not."""
    rows = []
    for item in findings:
        printed = item.values  # noqa: PD011  a finding, no frame
        shown = printed.get("share") if item.reason == "saturated" else None
        rows.append(
            {
                "indicator": item.id.removeprefix("board_"),
                "value": shown.value if shown else item.estimate,
                "low": item.low,
                "high": item.high,
                "unit": "share" if shown else item.unit,
                "base": item.base,
                "base_unit": item.base_unit,
                "status": item.status,
                "reason": item.reason,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.astype({"value": float, "low": float, "high": float})
