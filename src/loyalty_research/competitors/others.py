"""Programmes of other trades, at multiples of their trade's ticket: an illustration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.common import NAMES, notes_of
from loyalty_research.competitors.compare import Comparison
from loyalty_research.competitors.first import first_row
from loyalty_research.competitors.replays import Outcome
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.results import Result

_SECTION = "competitor_others"
_DRAWN = {0.5: "rate_half", 1.0: "rate_one", 2.0: "rate_two"}
"""Column of each multiple that is drawn."""


def others(comparison: Comparison) -> Result:
    """Set out programmes of other trades on baskets scaled to their trade's ticket.

    Parameters
    ----------
    comparison
        Of :func:`compare`.

    Returns
    -------
    Result
        Frame ``summary``: one row a programme and multiple: trade, multiple, order (the median
        order after scaling, in the brand's currency), customers, rate, share (of customers with a
        reward in reach), median_days, rewards (a year and customer). Empty where nothing could be
        scaled.

    Notes
    -----
    Amounts times one factor, so that the median order equals the multiple of the ticket; orders,
    their days and customers stay. Amounts of one trade in the programme of another mean nothing
    (a week's groceries are no coffee), so that no unscaled result exists.
    """
    known = comparison.scaled
    if comparison.shop is None or not known:
        return result(comparison, _SECTION, {})
    frame = pd.DataFrame([_row(comparison, item) for item in known])
    frame = frame.sort_values(["trade", "id", "multiple"]).reset_index(drop=True)
    wide = _wide(frame)
    base = len(comparison.shop.spend)
    return result(
        comparison,
        _SECTION,
        {"summary": frame, "rates": wide},
        charts=_charts(comparison, wide, base),
        tables=(_table(comparison, base),),
    )


def _row(comparison: Comparison, outcome: Outcome) -> dict[str, Any]:
    ticket = comparison.tickets[outcome.programme.trade][0]
    exchange = comparison.rates.factor(ticket.currency, comparison.context.currency or "")
    multiple = outcome.multiple or np.nan
    return {
        **first_row(outcome),
        "trade": outcome.programme.trade,
        "multiple": multiple,
        "order": ticket.point.amount * multiple * float(exchange),
        "rate": outcome.rate,
    }


def _wide(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row a programme that pays anything: its rate at each multiple that is drawn."""
    rows = []
    for _, own in frame[frame["rate"] > 0].groupby("id"):
        rates = dict(zip(own["multiple"], own["rate"], strict=True))
        drawn = {column: rates.get(multiple, np.nan) for multiple, column in _DRAWN.items()}
        named = own.sort_values("name_en").iloc[-1]  # that with the mark, where a rate has one
        rows.append({**named[list(NAMES)], **drawn})
    wide = pd.DataFrame(rows, columns=[*NAMES, *_DRAWN.values()])
    wide["customers"] = int(frame["customers"].max())
    return wide.sort_values(["rate_two", "id"], ascending=[False, True]).reset_index(drop=True)


def _charts(comparison: Comparison, wide: pd.DataFrame, base: int) -> tuple[Chart, ...]:
    if wide["rate_two"].isna().all():
        return ()
    best = wide.iloc[0]
    return (
        Chart(
            name="others",
            key="competitors.others" if len(wide) > 1 else "competitors.others_one",
            kind="bars",
            frame="rates",
            encode={
                "x": "name_{language}",
                "y": list(_DRAWN.values()),
                "unit": "share",
                "horizontal": True,
                "y_label": "reward_rate",
                "height": max(0.7, 0.2 * len(wide) + 0.4),
            },
            values={
                "name": Value({"zh": best["name_zh"], "en": best["name_en"]}, "bilingual"),
                "rate": Value(float(best["rate_two"]), "share"),
                "count": Value(len(wide), "programmes"),
            },
            definitions=("reward_rate", "ticket_multiple"),
            base=base,
            base_unit="customers",
            period=comparison.days.iso,
            persons=(Persons("customers", names=NAMES, rows="apart"),),
            notes=("illustrative", *notes_of(comparison.scaled)),
        ),
    )


def _table(comparison: Comparison, base: int) -> TableView:
    return TableView(
        name="others",
        key="competitors.others",
        frame="summary",
        columns=(
            Column("name_{language}", heading="programme"),
            Column("trade", "label:trade", heading="trade"),
            Column("multiple", "times", heading="ticket_multiple"),
            Column("order", "money", heading="median_order_scaled"),
            Column("rate", "share", heading="reward_rate"),
            Column("share", "share", low="share_low", high="share_high", heading="reached_reward"),
            Column("median_days", "days", heading="median_days_first"),
            Column("rewards", "number", heading="rewards_a_year"),
        ),
        definitions=("reward_rate", "ticket_multiple"),
        base=base,
        base_unit="customers",
        period=comparison.days.iso,
        persons=(
            Persons(
                "reached",
                names=(*NAMES, "multiple"),
                rows="share",
                of="customers",
                rates=("share", "share_low", "share_high", "median_days"),
            ),
        ),
        notes=("illustrative", *notes_of(comparison.scaled)),
    )
