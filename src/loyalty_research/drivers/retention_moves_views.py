"""What is stated and shown of moves between stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from loyalty_research.drivers.common import DriverStater
from loyalty_research.drivers.retention_cuts import Plan
from loyalty_research.drivers.retention_moves_judge import JudgedMoves, expected_number
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import Days
from loyalty_research.stats import Estimate

LIKELY = 0.5
_SILENT = ("cooling", "dormant", "lost")
_RATES = ("predicted", "observed")


@dataclass(frozen=True, slots=True)
class FoundMoves:
    """What judging brought, and the forecast of the weeks ahead.

    Parameters
    ----------
    plan
        The cuts.
    judged
        Forecasts of the judged windows and what came.
    frames
        Of the result.
    people
        One row a customer: stage, stage_next, chance_quieter, chance_livelier, net_sales.
    """

    plan: Plan
    judged: JudgedMoves
    frames: dict[str, pd.DataFrame]
    people: pd.DataFrame

    @property
    def reason(self) -> str:
        """Why the forecast may not be used; empty where it may."""
        if not (self.judged.beats("recency") and self.judged.beats("stage")):
            return "moves_recency_enough"
        return "" if self.judged.calibrated else "moves_not_calibrated"

    @property
    def usable(self) -> bool:
        """Whether the forecast is calibrated, and better than base rates and recency alone."""
        return not self.reason


def moves_findings(state: DriverStater, found: FoundMoves) -> tuple[Finding, ...]:
    """State how many are expected to move, and how far such forecasts could be relied on."""
    return (
        _quieter(state, found),
        _skill(state, found),
        _calibration(state, found),
        _recalibration(state, found),
    )


def _terms(found: FoundMoves) -> dict[str, Value]:
    ratios = found.judged.ratios
    return {
        "weeks": Value(found.plan.weeks, "count"),
        "cuts": Value(len(found.judged.windows), "count"),
        "lowest": Value(min(ratios), "number"),
        "highest": Value(max(ratios), "number"),
    }


def _quieter(state: DriverStater, found: FoundMoves) -> Finding:
    people, moves = found.people, found.frames["summary"]
    common: dict[str, Any] = {"definition": "quieter_stage", "base": len(people)}
    if not found.usable:
        slope = found.judged.slope.value
        values = _terms(found) | {"slope": Value(slope, "number")}
        return state.withheld("moves_quieter", found.reason, values=values, **common)
    likely = people["chance_quieter"] >= LIKELY
    sales = float(people.loc[likely, "net_sales"].sum())
    silent = people["stage"].isin(_SILENT)
    return state(
        "moves_quieter",
        expected_number(people["chance_quieter"].to_numpy(), found.judged),
        unit="customers",
        method="stage_chances",
        subject="moves_quieter",
        task="retain",
        group="moves_quieter",
        at_stake=sales,
        values={
            **_terms(found),
            "likely": Value(int(likely.sum()), "customers"),
            "sales": Value(sales, "money"),
            "held": Value(round(float(moves["quieter_held"].sum())), "customers"),
            "came": Value(round(float(moves["quieter_came"].sum())), "customers"),
            "back": Value(round(float(people.loc[silent, "chance_livelier"].sum())), "customers"),
        },
        **common,
    )


def _skill(state: DriverStater, found: FoundMoves) -> Finding:
    """State the gain over base rates by stage, and over recency alone."""
    row: dict[Any, Any] = found.frames["scores"].set_index("predictor").loc["rhythm"].to_dict()
    base = found.judged.slope.base
    gain = found.judged.gain("recency")
    values = _terms(found) | {
        "gain": Value(gain.value, "share"),
        "gain_low": Value(gain.low, "share"),
        "gain_high": Value(gain.high, "share"),
    }
    common: dict[str, Any] = {"definition": "brier_skill", "values": values}
    if not (found.judged.beats("recency") and found.judged.beats("stage")):
        return state.withheld("moves_skill", "moves_recency_enough", base=base, **common)
    return state(
        "moves_skill",
        Estimate(row["skill"], row["skill_low"], row["skill_high"], base),
        unit="share",
        method="linearisation",
        subject="moves_skill",
        **common,
    )


def _calibration(state: DriverStater, found: FoundMoves) -> Finding:
    chance, came, _ = found.judged.pooled("rhythm")
    slope = found.judged.slope
    return state(
        "moves_calibrated",
        slope,
        unit="number",
        definition="calibration_slope",
        method="sandwich",
        subject="moves_calibrated",
        reason="" if slope.value is not None else "not_computable",
        values=_terms(found)
        | {
            "predicted": Value(float(chance.mean()), "share"),
            "observed": Value(float(came.mean()), "share"),
        },
    )


def _recalibration(state: DriverStater, found: FoundMoves) -> Finding:
    """State whether a shift by the window or the year before made later forecasts better."""
    tried = found.frames["tried"]
    common: dict[str, Any] = {"definition": "recalibration", "base": found.judged.slope.base}
    used = tried[tried["used"]]
    if used.empty:
        return state.withheld(
            "moves_recalibrated", "moves_plain_enough", values=_terms(found), **common
        )
    row: dict[Any, Any] = used.iloc[0].to_dict()
    return state(
        "moves_recalibrated",
        Estimate(row["gain"], row["gain_low"], row["gain_high"], common["base"]),
        unit="share",
        method="linearisation",
        subject="moves_recalibrated",
        values={
            "kind": Value(row["kind"], "label:recalibration"),
            "windows": Value(row["windows"], "count"),
            "before": Value(row["ratio_plain"], "number"),
            "after": Value(row["ratio"], "number"),
        },
        **common,
    )


def moves_charts(found: FoundMoves, days: Days) -> tuple[Chart, ...]:
    """Describe the figure: forecast and observed by tenths of the chance."""
    frame = found.frames["calibration"]
    first, last = frame.iloc[0], frame.iloc[-1]
    return (
        Chart(
            name="calibration",
            key="stage_moves.calibration",
            kind="bars",
            frame="calibration",
            encode={
                "x": "tenth",
                "y": list(_RATES),
                "unit": "share",
                "x_label": "tenth_of_chance",
                "y_label": "share_moved",
            },
            values={
                "low_predicted": Value(float(first["predicted"]), "share"),
                "low_observed": Value(float(first["observed"]), "share"),
                "high_predicted": Value(float(last["predicted"]), "share"),
                "high_observed": Value(float(last["observed"]), "share"),
            },
            definitions=("quieter_stage",),
            persons=(Persons("rows", names=("tenth",), rows="apart", rates=_RATES),),
            base=found.judged.slope.base,
            base_unit="customers",
            period=days.iso,
        ),
    )


def moves_tables(found: FoundMoves, days: Days) -> tuple[TableView, ...]:
    """Describe the tables."""
    common: dict[str, Any] = {
        "base": found.judged.slope.base,
        "base_unit": "customers",
        "period": days.iso,
        "values": {"weeks": Value(found.plan.weeks, "count")},
    }
    tables = [_scores(common), _windows(common)]
    if found.usable:
        tables.insert(0, _moves(common | {"base": len(found.people)}))
    return tuple(tables)


def _moves(common: dict[str, Any]) -> TableView:
    expected = Column(
        "quieter", "count", low="quieter_low", high="quieter_high", heading="expected_quieter"
    )
    return TableView(
        name="moves",
        key="stage_moves.moves",
        frame="summary",
        columns=(
            Column("stage", "label:stage"),
            Column("customers", "customers"),
            Column("net_sales", "money"),
            expected,
            Column("livelier", "count", heading="expected_livelier"),
            Column("quieter_held", "count", heading="quieter_held"),
            Column("quieter_came", "count", heading="quieter_came"),
        ),
        persons=(
            Persons(
                names=("stage",),
                rates=("quieter", "livelier", "quieter_held", "quieter_came"),
                adds=("customers", "net_sales"),
            ),
        ),
        **common,
    )


def _scores(common: dict[str, Any]) -> TableView:
    return TableView(
        name="scores",
        key="stage_moves.scores",
        frame="scores",
        columns=(
            Column("predictor", "label:predictor"),
            Column("skill", "share", low="skill_low", high="skill_high", heading="brier_skill"),
            Column("slope", "number", low="slope_low", high="slope_high", heading="slope"),
        ),
        definitions=("brier_skill", "calibration_slope"),
        persons=(),
        **common,
    )


def _windows(common: dict[str, Any]) -> TableView:
    return TableView(
        name="windows",
        key="stage_moves.windows",
        frame="windows",
        columns=(
            Column("cut", "date", heading="forecast_made_on"),
            Column("customers", "customers", heading="could_move"),
            Column("predicted", "share", heading="forecast_share"),
            Column(
                "observed", "share", low="observed_low", high="observed_high", heading="observed"
            ),
            Column("ratio", "number", low="ratio_low", high="ratio_high", heading="came_ratio"),
            Column("slope", "number", low="slope_low", high="slope_high", heading="slope"),
        ),
        persons=(Persons(names=("cut",), rows="apart", rates=("predicted", "observed", "ratio")),),
        **common,
    )
