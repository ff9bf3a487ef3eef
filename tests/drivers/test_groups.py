"""Paths of groups: differences planted are found, groups alike are not told apart, limits said."""

from __future__ import annotations

import pandas as pd
import pytest
from drivers.survey_shops import MODEL, grouped, related
from drivers.test_scores import brand_of

import loyalty_research as lr
from loyalty_research.drivers.paths import compare_groups
from loyalty_research.drivers.survey import load_model

FEW = 499


def compared(frame: pd.DataFrame, **change):
    model = load_model(MODEL).model_copy(update=change)
    return compare_groups(brand_of(frame), model, permutations=FEW)


def test_a_planted_difference_is_found() -> None:
    result = compared(grouped(first=0.8, second=0.1))
    paths = result.frames["summary"]
    assert set(paths["measured"]) <= {"same", "near"}
    assert paths["told"].sum() >= 6
    assert (paths.loc[paths["told"], "own"] > paths.loc[paths["told"], "theirs"]).all()
    found = {item.id: item for item in result.findings}
    assert found["groups_differ"].estimate == paths["told"].sum()
    assert found["groups_near"].estimate == 7


def test_groups_alike_are_not_told_apart() -> None:
    result = compared(grouped())
    assert not result.frames["summary"]["told"].any()
    assert "groups_alike" in {item.id for item in result.findings}


def test_what_is_not_measured_alike_is_not_compared() -> None:
    result = compared(grouped(unlike=True))
    paths = result.frames["summary"]
    led = (paths["cause"] == "image") | (paths["outcome"] == "image")
    assert (paths.loc[led, "measured"] == "unlike").all()
    assert not paths.loc[led, "told"].any()
    assert (paths.loc[~led, "measured"] != "unlike").all()
    scores = result.frames["measurement"].set_index("construct")
    assert scores.loc["image", "measured"] == "unlike"
    assert scores.loc["complaints", "measured"] == "same"  # a single item has one score only
    assert "groups_unlike" in {item.id for item in result.findings}


def test_of_three_levels_each_is_set_against_the_others() -> None:
    frame = grouped()
    frame.loc[frame.index % 3 == 0, "gender"] = "保密"
    three = compared(frame, groups={"gender": ()}).frames["summary"]
    assert three.drop_duplicates("level")[["level", "other"]].to_numpy().tolist() == [
        ["保密", "others"],
        ["女", "others"],
        ["男", "others"],
    ]
    two = compared(frame).frames["summary"]
    assert set(zip(two["level"], two["other"], strict=True)) == {("女", "男")}


@pytest.mark.parametrize(
    ("reason", "frame", "change"),
    [
        ("no_groups", grouped(), {"groups": {}}),
        ("groups_missing", grouped().drop(columns="gender"), {}),
        ("groups_missing", grouped().assign(gender="女"), {}),
        ("groups_small", related(80).assign(gender=["女", "男"] * 40), {}),
        ("few_answers", related(20).assign(gender=["女", "男"] * 10), {}),
    ],
)
def test_why_nothing_is_compared_is_said(reason, frame, change) -> None:
    result = compared(frame, **change)
    (told,) = result.findings
    assert (told.status, told.reason) == ("withheld", reason)
    for language in ("zh", "en"):
        assert lr.language.translator(language, result.context).finding(told)
