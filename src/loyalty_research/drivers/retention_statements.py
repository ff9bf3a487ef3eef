"""What is stated of next purchases: what beats recency alone, and what is withheld because not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from loyalty_research.drivers.common import DriverStater
from loyalty_research.drivers.retention_cuts import Plan
from loyalty_research.drivers.retention_judge import calibration_slope
from loyalty_research.drivers.retention_judged import Judged
from loyalty_research.drivers.retention_models import FULL
from loyalty_research.findings import Finding, Value
from loyalty_research.stats import Estimate, proportion


@dataclass(frozen=True, slots=True)
class Found:
    """What judging brought.

    Parameters
    ----------
    plan
        The cuts.
    judged
        Forecasts and what came.
    frames
        Of the result.
    told
        Features that add something beyond chance.
    """

    plan: Plan
    judged: Judged
    frames: dict[str, pd.DataFrame]
    told: tuple[str, ...]


def activity_findings(state: DriverStater, found: Found) -> tuple[Finding, ...]:
    """State who bought again, which predictor told it, and what features add."""
    return (
        _base(state, found),
        _over_recency(state, found),
        _beyond_rhythm(state, found),
        *_features(state, found),
        _calibration(state, found),
    )


def _terms(found: Found) -> dict[str, Value]:
    return {
        "weeks": Value(found.plan.weeks, "count"),
        "history": Value(found.plan.history, "days"),
        "cuts": Value(len(found.judged.cuts), "count"),
    }


def _base(state: DriverStater, found: Found) -> Finding:
    last = found.judged.cuts[-1]
    return state(
        "activity_again",
        proportion(int(last.active.sum()), len(last.active)),
        unit="share",
        definition="next_activity",
        method="wilson",
        subject="activity_again",
        task="retain",
        values={**_terms(found), "cut": Value(last.day.isoformat(), "date")},
    )


def _over_recency(state: DriverStater, found: Found) -> Finding:
    """State how well the best predictor told buyers, where it beats recency alone."""
    judged, used = found.judged, found.judged.used
    recency = judged.areas.areas["recency"]
    values = {**_terms(found), "recency": Value(recency.value, "number")}
    if used == "recency":
        return state.withheld(
            "activity_predicted",
            "recency_enough",
            definition="auc",
            base=recency.base,
            values=values,
        )
    over = judged.areas.over[used]
    return state(
        "activity_predicted",
        judged.areas.areas[used],
        unit="number",
        definition="auc",
        method="bootstrap",
        subject="activity_predicted",
        task="retain",
        values=values
        | {
            "predictor": Value(used, "label:predictor"),
            "over": Value(over.value, "number"),
            "over_low": Value(over.low, "number"),
            "over_high": Value(over.high, "number"),
        },
    )


def _beyond_rhythm(state: DriverStater, found: Found) -> Finding:
    """State what all features together add to the customer-base model, or that they add nothing."""
    judged, used = found.judged, found.judged.used
    base = judged.areas.areas["recency"].base
    if "rhythm" not in judged.chances:
        return state.withheld(
            "activity_beyond", "rhythm_not_identified", definition="next_activity", base=base
        )
    area = judged.areas.areas["rhythm"].value
    values = {**_terms(found), "rhythm": Value(area, "number")}
    added = judged.features_add() if used in FULL and judged.beats(used, "rhythm") else None
    if added is None:
        return state.withheld(
            "activity_beyond",
            "rhythm_enough",
            definition="next_activity",
            base=base,
            values=values,
        )
    return state(
        "activity_beyond",
        added,
        unit="share",
        definition="log_score",
        method="linearisation",
        subject="activity_beyond",
        values=values
        | {
            "predictor": Value(used, "label:predictor"),
            "area": Value(judged.areas.areas[used].value, "number"),
        },
    )


def _features(state: DriverStater, found: Found) -> Iterator[Finding]:
    """State the features that add something, with the chances at both ends of each."""
    ranked = found.frames["importance"]
    base = found.judged.areas.areas["recency"].base
    others = ranked[ranked["feature"] != "rhythm"]
    if not found.told:
        yield state.withheld(
            "activity_feature",
            "no_feature_adds",
            definition="feature_importance",
            base=base,
            values={"features": Value(len(others), "count")},
        )
        return
    curves = found.frames["dependence"].set_index(["feature", "quantile"])["chance"]
    name = found.told[0]
    row: dict[Any, Any] = ranked.set_index("feature").loc[name].to_dict()
    yield state(
        "activity_feature",
        Estimate(row["added"], row["added_low"], row["added_high"], base),
        unit="share",
        definition="feature_importance",
        method="leave_one_out",
        subject="activity_feature",
        values={
            "feature": Value(name, "label:feature"),
            "low_chance": Value(float(curves[name, 0.05]), "share"),
            "high_chance": Value(float(curves[name, 0.95]), "share"),
            "told": Value(len(found.told), "count"),
            "features": Value(len(others), "count"),
        },
    )


def _calibration(state: DriverStater, found: Found) -> Finding:
    judged, used = found.judged, found.judged.used
    chance = judged.chances[used]
    slope = calibration_slope(chance, judged.active, judged.customer)
    return state(
        "activity_calibrated",
        slope,
        unit="number",
        definition="calibration_slope",
        method="sandwich",
        subject="activity_calibrated",
        reason="" if slope.value is not None else "not_computable",
        values={
            "predictor": Value(used, "label:predictor"),
            "predicted": Value(float(chance.mean()), "share"),
            "observed": Value(float(judged.active.mean()), "share"),
        },
    )
