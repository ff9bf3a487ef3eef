"""The board: where the base and its sales stand, and what moved them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Finding
from loyalty_research.profile.board_compare import Comparison
from loyalty_research.profile.board_indicators import indicator_findings, repeat_retention
from loyalty_research.profile.board_members import member_counts, member_findings
from loyalty_research.profile.board_months import (
    change_findings,
    halves_of,
    month_totals,
    months_of,
    steps_of,
)
from loyalty_research.profile.board_moves import (
    change_columns,
    comparison_frame,
    frame_name,
    move_findings,
    with_changes,
)
from loyalty_research.profile.board_periods import (
    compared_days,
    comparisons_of,
    inputs_of,
    second_of,
)
from loyalty_research.profile.board_second import second_finding, second_frame
from loyalty_research.profile.board_side import side_of
from loyalty_research.profile.board_views import board_charts, board_tables
from loyalty_research.profile.common import (
    CHAPTER,
    as_days,
    drawable,
    stater,
    valid_orders,
    within,
)
from loyalty_research.results import Result

_SECTION = "board"
_ACTIVE_DAYS = 90
_NUMBERS = ("value", "low", "high", "change", "change_low", "change_high")


def board(
    orders: Any,
    *,
    period: Any,
    compare: Any = None,
    compared_orders: Any = None,
    customers: Any = None,
    active_days: int = _ACTIVE_DAYS,
) -> Result:
    """Report the indicators of a period, what they are compared with, and what moved sales.

    Parameters
    ----------
    orders
        One row an order: order_id, customer_id, ordered_at, net_sales; optional units, unit_sales.
        Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).
    compare
        Earlier period to compare with, of the same length or as many whole months; None compares
        the last whole month of the period with the month before and the same month a year before,
        where the period holds them.
    compared_orders
        Orders of ``compare``, with the same customer_id; None where ``orders`` holds them.
    customers
        One row a customer: customer_id, and joined_on and cancelled_on where known.
    active_days
        Length in days of the active window, and of the two windows compared by the repeat
        retention.

    Returns
    -------
    Result
        Frames ``summary`` (one row an indicator: value, low, high, unit, base, status, reason, and
        change, change_low, change_high, change_unit where a period is compared),
        ``months``, ``decomposition`` (month against the month before, where both lie in the period
        with all their days), ``halves`` (first and last half of the period), ``second_purchase``
        (share back within 30, 60 and 90 days of the first purchase) and ``comparison_<kind>`` (one
        row an indicator: now, then, change with bounds and p value).

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where a period or ``active_days`` is wrong.

    Notes
    -----
    Formulas as in the definitions printed with the report. Ratios of sums take the customer as the
    sampled unit (linearisation), shares of customers Wilson's interval. The change of sales splits
    additively by log-mean weights; unidentified sales are a line of their own. The second purchase
    is a Kaplan-Meier estimate over customers known to be new: first purchases are observed, or the
    join date lies in the period, or the orders reach back further than 99 % of gaps last. Changes
    between periods are linearised over the customers of both; those stated go beyond chance at
    95 % over all indicators together (Holm). Rates that grow with the length of a period are
    compared at equal lengths only.

    References
    ----------
    Brown, Cai & DasGupta 2001; Ang 2005; Kaplan & Meier 1958; Holm 1979.
    """
    _check(active_days)
    table = valid_orders(orders, "customer_id")
    days = as_days(period)
    then = compared_days(compare, compared_orders, days)
    inside = within(table, days)
    state = stater(table, _SECTION, days)
    inputs = inputs_of(table, compared_orders, customers, days, active_days)
    side = side_of(table, days)
    buyers = len(side.customers)
    second = second_of(inputs, days)
    compared = comparisons_of(state, inputs, (side, second), then)
    kept = repeat_retention(table, days, active_days)
    findings = [
        *indicator_findings(
            state, days, side.totals, side.customers, side.units, kept, active_days
        ),
        second_finding(state, second, side.customers, days),
        *member_findings(state, member_counts(inputs.members, days)),
    ]
    stated = {item.id.removeprefix("board_") for item in findings if item.status == "stated"}
    comparisons = [item.only(stated) for item in compared.comparisons]
    months, halves = months_of(inside, days), halves_of(inside, days)
    frames = {
        "summary": _summary(findings, comparisons),
        "months": months,
        "decomposition": steps_of(months),
        "halves": halves,
        "second_purchase": second_frame(second),
        **{frame_name(item): comparison_frame(item, findings) for item in comparisons},
    }
    year_before = any(item.key == "yoy" for item in comparisons)
    change = change_findings(state, inside, days, halves, year_before=year_before)
    moves = move_findings(state, comparisons[:1], frames)
    return Result(
        name="board",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=(*with_changes(findings, comparisons), *compared.refused, *moves, *change),
        charts=drawable(board_charts(frames, buyers, days), state.context),
        tables=board_tables(buyers, days, comparisons, second, state.context.base_limit),
        references=("brown2001", "ang2005lmdi", "kaplan1958", "holm1979"),
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


def _summary(findings: list[Finding], comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """One row an indicator; a saturated rate is still printed, its finding is not."""
    changes = next((item.changes for item in comparisons if not item.month), None)
    rows = []
    for item in findings:
        name = item.id.removeprefix("board_")
        printed = item.values  # noqa: PD011  a finding, no frame
        shown = printed.get("share") if item.reason == "saturated" else None
        rows.append(
            {
                "indicator": name,
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
        if changes is not None:
            rows[-1] |= change_columns(name, changes)
    frame = pd.DataFrame(rows)
    numbers = [name for name in _NUMBERS if name in frame]
    return frame.astype(dict.fromkeys(numbers, float))
