"""Who will move to another stage of the life cycle in the next weeks."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.drivers.common import CHAPTER, DriverStater, empty, stater
from loyalty_research.drivers.retention_cuts import SAMPLE, Plan, check_plan, plan_cuts, read_cut
from loyalty_research.drivers.retention_features import customer_features
from loyalty_research.drivers.retention_moves_fit import (
    Moves,
    best_shift,
    each_stage,
    fit_stages,
    livelier,
    moves_at,
    quieter,
    shifted,
)
from loyalty_research.drivers.retention_moves_judge import (
    JudgedMoves,
    expected_number,
    judge_moves,
    score_table,
    tenths,
    window_table,
)
from loyalty_research.drivers.retention_moves_views import (
    FoundMoves,
    moves_charts,
    moves_findings,
    moves_tables,
)
from loyalty_research.drivers.retention_stages import STAGES
from loyalty_research.profile.common import Days, as_days, drawable, valid_orders
from loyalty_research.results import Result

_SECTION = "stage_moves"
LEAST = 200
"""Customers that a cut needs."""
_YEAR = dt.timedelta(weeks=52)
_ENOUGH = 0.75
"""Share of the usual history that a cut of the year before must be able to look back to."""


def stage_moves(
    orders: Any, *, period: Any, weeks: int | None = None, sample: int = SAMPLE
) -> Result:
    """Tell who will stand in a quieter stage of the life cycle after the next weeks.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).
    weeks
        Length of what is forecast; None for a quarter (13 weeks), or a sixth of a shorter period.
    sample
        Customers at a cut that forecasts are fitted to and judged on, at most.

    Returns
    -------
    Result
        ``table``: one row a customer with a purchase in the history, lazy: customer_id, stage
        (``active``, ``cooling``, ``dormant``, ``lost``), stage_next (the likeliest after the
        weeks), chance_quieter, chance_livelier, forecast_weeks, net_sales; None where the forecast
        may not be used. Frames ``summary`` (by stage: expected numbers), ``scores`` (by predictor:
        Brier score and skill), ``windows`` (forecast and what came), ``calibration`` (by tenths),
        ``tried`` (recalibrations).

    Raises
    ------
    DataError
        Where a column is missing.
    ParameterError
        Where weeks or sample cannot be.

    Notes
    -----
    Whoever buys in none of the last days of the weeks stands at least in a stage afterwards, so
    many days as the quantile of the own gap: the chance of none, by the customer-base model (NBD
    or BG/NBD), goes through splines fitted to the cuts before. Rolling origin: three windows are
    judged, against base rates by stage and recency alone. A shift of the log odds by the window
    before, or by the same weeks of the year before where these can look back to three quarters of
    the usual history, is used where it was better beyond chance over the windows it could be tried
    on, and worse beyond chance at none. The forecast may be used where it is better than base
    rates and recency alone (log score, interval and every window), and the ratio of what came to
    what was forecast at every window, and the slope, lie within 0.8 and 1.25. Every cut looks back
    to the first day of the period, so that stages are those of
    :func:`~loyalty_research.profile.lifecycle`.

    References
    ----------
    Brier 1950, Monthly Weather Review 78(1), 1-3; Cox 1958; Fader, Hardie & Lee 2005.
    """
    check_plan(weeks, sample)
    table = valid_orders(orders, "customer_id")
    days = as_days(period)
    state = stater(table, _SECTION, days)
    plan = plan_cuts(days, weeks=weeks)
    if plan is None:
        return _withheld(state, "activity_period_too_short")
    reader = _Reader(table, plan, days, sample)
    cuts = [reader.moves(day) for day in plan.cuts]
    known = [item for item in cuts if item is not None]
    least = min((item.cut.total for item in known), default=0)
    if len(known) == len(cuts) and least < LEAST:
        return _withheld(state, "activity_base_too_small", least)
    last = reader.moves(plan.end)
    if last is None or len(known) < len(cuts):
        return _withheld(state, "rhythm_not_identified")
    judged = judge_moves(
        known,
        year_ago=[reader.year_before(day) for day in plan.cuts[1:]],
        ahead_has_year=reader.reaches(plan.end - _YEAR),
    )
    found = _found(reader, known, judged, last)
    return Result(
        name=_SECTION,
        chapter=CHAPTER,
        section=_SECTION,
        frames=found.frames,
        findings=moves_findings(state, found),
        charts=drawable(moves_charts(found, days), state.context),
        tables=moves_tables(found, days),
        references=("brier1950", "cox1958", "fader2005bgnbd"),
        context=state.context,
        table=ibis.memtable(found.people) if found.usable else None,
    )


def _withheld(state: DriverStater, reason: str, base: int = 0) -> Result:
    finding = state.withheld("moves_quieter", reason, definition="quieter_stage", base=base)
    return empty(_SECTION, state.context, finding)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the customers of a day."""

    table: ir.Table
    plan: Plan
    days: Days
    sample: int

    def moves(self, day: dt.date) -> Moves | None:
        sample = None if day >= self.plan.end else self.sample
        whole = dataclasses.replace(self.plan, history=self._back(day))
        cut = read_cut(self.table, whole, day, make=customer_features, sample=sample)
        return moves_at(cut, weeks=self.plan.weeks) if len(cut.customers) else None

    def reaches(self, day: dt.date) -> bool:
        return self.plan.weeks <= 52 and self._back(day) >= _ENOUGH * self.plan.history

    def _back(self, day: dt.date) -> int:
        return (day - self.days.start).days + 1

    def year_before(self, day: dt.date) -> Moves | None:
        return self.moves(day - _YEAR) if self.reaches(day - _YEAR) else None


def _found(reader: _Reader, known: list[Moves], judged: JudgedMoves, last: Moves) -> FoundMoves:
    """Return the forecast of the weeks ahead beside what judging brought."""
    curves = fit_stages(known, name="rhythm")
    shift = 0.0
    if judged.kind == "recent":
        window = judged.windows[-1]
        shift = best_shift(window.curves["rhythm"], window.moves)
    elif judged.kind == "season":
        before = reader.year_before(reader.plan.end)
        assert before is not None  # or the season could not have been chosen
        shift = best_shift(curves, before)
    reach = shifted(curves.reach(last), shift)
    people = _people(last, reach, reader.plan.weeks)
    frames = {
        "summary": _summary(people, judged),
        "scores": score_table(judged),
        "windows": window_table(judged),
        "calibration": tenths(judged),
        "tried": judged.tried,
    }
    return FoundMoves(reader.plan, judged, frames, people)


def _people(last: Moves, reach: np.ndarray, weeks: int) -> pd.DataFrame:
    names = np.array(STAGES, dtype=object)
    rows = last.cut.customers
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "stage": names[last.stages.now],
            "stage_next": names[each_stage(reach).argmax(axis=0)],
            "chance_quieter": quieter(reach, last.stages),
            "chance_livelier": livelier(reach, last.stages),
            "forecast_weeks": weeks,
            "net_sales": rows["net_sales"].to_numpy(dtype=float),
        }
    )


def _summary(people: pd.DataFrame, judged: JudgedMoves) -> pd.DataFrame:
    """Return expected numbers by stage, beside those of the last judged window."""
    window = judged.windows[-1]
    stages = window.moves.stages
    held = quieter(window.reach("rhythm", judged.kind), stages)
    drawn = len(stages.now) / window.moves.cut.total
    rows = []
    for number, name in enumerate(STAGES):
        own, before = people[people["stage"] == name], stages.now == number
        if own.empty:
            continue
        expected = expected_number(own["chance_quieter"].to_numpy(), judged)
        rows.append(
            {
                "stage": name,
                "customers": len(own),
                "net_sales": float(own["net_sales"].sum()),
                "quieter": expected.value,
                "quieter_low": expected.low,
                "quieter_high": expected.high,
                "livelier": float(own["chance_livelier"].sum()),
                "quieter_held": float(held[before].sum()) / drawn,
                "quieter_came": float((stages.after > stages.now)[before].sum()) / drawn,
            }
        )
    return pd.DataFrame(rows)
