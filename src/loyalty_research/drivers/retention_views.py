"""The figures and tables of next purchases."""

from __future__ import annotations

from typing import Any

from loyalty_research.drivers.retention_statements import Found
from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days


def activity_charts(found: Found, days: Days) -> tuple[Chart, ...]:
    """Describe the figures."""
    common: dict[str, Any] = {
        "base": found.judged.areas.areas["recency"].base,
        "base_unit": "customers",
        "period": days.iso,
    }
    charts = [_areas(found, common), _calibration(found, common), _importance(found, common)]
    if found.told:
        charts.append(_dependence(found, common))
    return tuple(charts)


def _areas(found: Found, common: dict[str, Any]) -> Chart:
    judged = found.judged
    used, areas = judged.used, judged.areas.areas
    return Chart(
        name="areas",
        key="next_activity.areas",
        kind="bars",
        frame="summary",
        encode={
            "x": "predictor",
            "x_unit": "label:predictor",
            "y": "area",
            "unit": "number",
            "low": "area_low",
            "high": "area_high",
            "horizontal": True,
            "annotate": True,
            "y_label": "auc",
            "height": 0.8,
        },
        values={
            "used": Value(used, "label:predictor"),
            "area": Value(areas[used].value, "number"),
            "recency": Value(areas["recency"].value, "number"),
            "cuts": Value(len(judged.cuts), "count"),
        },
        definitions=("auc", "next_activity"),
        persons=(),  # over the whole base
        **common,
    )


def _calibration(found: Found, common: dict[str, Any]) -> Chart:
    frame = found.frames["calibration"]
    first, last = frame.iloc[0], frame.iloc[-1]
    return Chart(
        name="calibration",
        key="next_activity.calibration",
        kind="bars",
        frame="calibration",
        encode={
            "x": "tenth",
            "y": ["predicted", "observed"],
            "unit": "share",
            "x_label": "tenth_of_chance",
            "y_label": "share_bought_again",
        },
        values={
            "low_predicted": Value(float(first["predicted"]), "share"),
            "low_observed": Value(float(first["observed"]), "share"),
            "high_predicted": Value(float(last["predicted"]), "share"),
            "high_observed": Value(float(last["observed"]), "share"),
            "used": Value(found.judged.used, "label:predictor"),
        },
        definitions=("next_activity",),
        persons=(_TENTHS,),
        **common,
    )


_TENTHS = Persons("rows", names=("tenth",), rows="apart", rates=("predicted", "observed"))


def _importance(found: Found, common: dict[str, Any]) -> Chart:
    frame = found.frames["importance"]
    top = frame.iloc[0]
    return Chart(
        name="importance",
        key="next_activity.importance",
        kind="bars",
        frame="importance",
        encode={
            "x": "feature",
            "x_unit": "label:feature",
            "y": "loss",
            "unit": "share",
            "low": "loss_low",
            "high": "loss_high",
            "horizontal": True,
            "y_label": "log_loss_rise",
        },
        values={
            "feature": Value(str(top["feature"]), "label:feature"),
            "loss": Value(float(top["loss"]), "share"),
            "second": Value(str(frame.iloc[min(1, len(frame) - 1)]["feature"]), "label:feature"),
            "second_loss": Value(float(frame.iloc[min(1, len(frame) - 1)]["loss"]), "share"),
            "predictor": Value(found.judged.full, "label:predictor"),
        },
        definitions=("feature_importance",),
        persons=(),  # over the whole base
        **common,
    )


def _dependence(found: Found, common: dict[str, Any]) -> Chart:
    frame = found.frames["dependence"]
    own = frame[frame["feature"] == found.told[0]]
    return Chart(
        name="dependence",
        key="next_activity.dependence",
        kind="lines",
        frame="dependence",
        encode={
            "x": "quantile",
            "x_unit": "share",
            "y": "chance",
            "unit": "share",
            "group": "feature",
            "group_unit": "label:feature",
            "x_label": "share_below",
            "y_label": "chance_to_buy",
        },
        values={
            "feature": Value(found.told[0], "label:feature"),
            "low_chance": Value(float(own["chance"].iloc[0]), "share"),
            "high_chance": Value(float(own["chance"].iloc[-1]), "share"),
        },
        definitions=("partial_dependence",),
        persons=(),  # means over the whole base
        **common,
    )


def activity_tables(found: Found, days: Days) -> tuple[TableView, ...]:
    """Describe the tables."""
    common: dict[str, Any] = {
        "base": found.judged.areas.areas["recency"].base,
        "base_unit": "customers",
        "period": days.iso,
        "values": {"weeks": Value(found.plan.weeks, "count")},
    }
    return _predictors(common), _features(found, common)


def _predictors(common: dict[str, Any]) -> TableView:
    return TableView(
        name="predictors",
        key="next_activity.predictors",
        frame="summary",
        columns=(
            Column("predictor", "label:predictor"),
            Column("area", "number", low="area_low", high="area_high", heading="auc"),
            Column("over", "number", low="over_low", high="over_high", heading="auc_over"),
            Column("loss", "number", heading="log_loss"),
            Column("gain", "share", low="gain_low", high="gain_high", heading="log_gain"),
        ),
        definitions=("log_score",),
        persons=(),
        **common,
    )


def _features(found: Found, common: dict[str, Any]) -> TableView:
    added = (
        (Column("added", "share", low="added_low", high="added_high", heading="added_alone"),)
        if "added" in found.frames["importance"]
        else ()
    )
    return TableView(
        name="features",
        key="next_activity.features",
        frame="importance",
        columns=(
            Column("feature", "label:feature"),
            Column("loss", "share", low="loss_low", high="loss_high", heading="shuffled_loss"),
            *added,
        ),
        persons=(),
        **common,
    )
