"""What is said and shown of paths in groups of respondents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.drivers.survey.opening import SurveyStater
from loyalty_research.findings import Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import Days

_PERSONS = (
    Persons("respondents", names=("attribute", "level"), rows="apart"),
    Persons("others", names=("attribute", "level"), rows="apart"),
)


def group_findings(
    state: SurveyStater, frames: Mapping[str, pd.DataFrame], base: int, permutations: int
) -> tuple[Finding, ...]:
    """State which paths differ between groups, and what cannot be compared."""
    paths, scores = frames["summary"], frames["measurement"]
    compared = int((paths["measured"] != "unlike").sum())
    unlike = scores[scores["measured"] == "unlike"]
    common: dict[str, Any] = {"base": base, "unit": "count", "definition": "group_path"}
    counts = {
        "compared": Value(compared, "count"),
        "permutations": Value(permutations, "count"),
    }
    found = []
    if compared:
        found.append(_paths(state, paths, counts, common))
    if len(unlike):
        order = (unlike["same_scores"] - unlike["limit"]).to_numpy()
        worst = unlike.iloc[int(order.argmin())].to_dict()
        found.append(
            state(
                "groups_unlike",
                float(len(unlike)),
                method="micom",
                values={
                    "construct": _both(worst, "construct"),
                    "attribute": Value(str(worst["attribute"]), "label:attribute"),
                    "correlation": Value(float(worst["same_scores"]), "share"),
                    "limit": Value(float(worst["limit"]), "share"),
                    "left": Value(len(paths) - compared, "count"),
                    "paths": Value(len(paths), "count"),
                },
                **common,
            )
        )
    else:
        near = int((scores["measured"] == "near").sum())
        lowest = Value(float(scores["same_scores"].min()), "share")
        found.append(
            state(
                "groups_near" if near else "groups_measured",
                float(len(scores)),
                method="micom",
                values={"lowest": lowest} | ({"near": Value(near, "count")} if near else {}),
                **common,
            )
        )
    return tuple(found)


def _paths(
    state: SurveyStater, paths: pd.DataFrame, counts: dict[str, Value], common: dict[str, Any]
) -> Finding:
    told = paths[paths["told"]]
    if told.empty:
        return state("groups_alike", 0.0, method="permutation", values=counts, **common)
    row = told.iloc[int(told["difference"].abs().to_numpy().argmax())].to_dict()
    return state(
        "groups_differ",
        float(len(told)),
        method="permutation",
        values=counts
        | {
            "arrow": _both(row, "arrow"),
            "attribute": Value(str(row["attribute"]), "label:attribute"),
            "level": Value(str(row["level"]), "label:level"),
            "other": Value(str(row["other"]), "label:level"),
            "own": Value(float(row["own"]), "number"),
            "theirs": Value(float(row["theirs"]), "number"),
        },
        **common,
    )


def _both(row: Mapping[Any, Any], column: str) -> Value:
    return Value({"zh": str(row[f"{column}_zh"]), "en": str(row[f"{column}_en"])}, "bilingual")


def group_tables(
    frames: Mapping[str, pd.DataFrame], base: int, days: Days, permutations: int
) -> tuple[TableView, ...]:
    """Return the tables: paths of the groups, and whether they measure the same."""
    del frames
    common: dict[str, Any] = {
        "base": base,
        "base_unit": "respondents",
        "period": days.iso,
        "values": {"permutations": Value(permutations, "count")},
    }
    return (
        TableView(
            name="paths",
            key="groups.paths",
            frame="summary",
            columns=(
                Column("arrow_{language}", heading="arrow"),
                Column("level", "label:level"),
                Column("own", "number", heading="path_coefficient"),
                Column("other", "label:level", heading="compared_with"),
                Column("theirs", "number", heading="path_coefficient"),
                Column("p_value", "p_value"),
                Column("measured", "label:measured", heading="measured_alike"),
                Column("told", "label:yes_no", heading="beyond_chance"),
            ),
            definitions=("group_path",),
            notes=("permutations",),
            persons=(),
            **common,
        ),
        TableView(
            name="measurement",
            key="groups.measurement",
            frame="measurement",
            columns=(
                Column("construct_{language}", heading="construct"),
                Column("attribute", "label:attribute"),
                Column("level", "label:level"),
                Column("respondents", "count"),
                Column("other", "label:level", heading="compared_with"),
                Column("others", "count", heading="respondents"),
                Column("same_scores", "share"),
                Column("limit", "share", heading="same_scores_limit"),
                Column("measured", "label:measured", heading="measured_alike"),
            ),
            definitions=("group_path",),
            persons=_PERSONS,
            **common,
        ),
    )
