"""A survey of several brands: the chapter reads the answers about its own brand alone."""

from __future__ import annotations

import pandas as pd
import pytest
from drivers.survey_shops import MODEL, related, with_tasks

from loyalty_research import Brand
from loyalty_research.drivers.importance import driver_importance
from loyalty_research.drivers.maxdiff import benefit_values
from loyalty_research.drivers.scores import survey_scores
from loyalty_research.drivers.survey import check_survey, driver_answers, load_model
from loyalty_research.drivers.survey.rows import survey_rows
from loyalty_research.engine import as_table
from loyalty_research.language import LANGUAGES, translator

PERIOD = ("2024-01-01", "2024-12-31")


def brand_of(frame: pd.DataFrame) -> Brand:
    return Brand.from_frames(
        currency="CNY", survey=frame, name="ours", identifiers="public", period=PERIOD
    )


def several(names: tuple[str, ...]) -> pd.DataFrame:
    """Return answers of the same persons about each brand, unlike from brand to brand."""
    parts = [
        with_tasks(related(300, seed=3 + place), differ=0.5, seed=6 + place).assign(
            brand=name, rater_id=[f"r{number}" for number in range(300)]
        )
        for place, name in enumerate(names)
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(respondent_id=range(len(frame)))


@pytest.mark.parametrize(
    "section", [check_survey, driver_importance, benefit_values, survey_scores]
)
def test_only_own_answers_are_read(section) -> None:
    every = several(("Ours", "Theirs"))
    own = every[every["brand"] == "Ours"].drop(columns=["brand", "rater_id"])
    mixed, alone = (section(brand_of(rows), model=MODEL) for rows in (every, own))
    assert mixed.frames.keys() == alone.frames.keys()
    for name, frame in alone.frames.items():
        pd.testing.assert_frame_equal(mixed.frames[name], frame)


@pytest.mark.parametrize("section", [check_survey, driver_importance, benefit_values])
def test_none_called_as_this_one_is_said(section) -> None:
    result = section(brand_of(several(("Theirs", "Third"))), model=MODEL)
    assert {item.reason for item in result.findings} == {"several_survey_brands"}
    for language in LANGUAGES:
        words = translator(language, result.context)
        assert all("Theirs / Third" in words.finding(item) for item in result.findings)


def test_one_brand_needs_no_name_of_its_own() -> None:
    result = check_survey(brand_of(several(("Theirs",))), model=MODEL)
    assert not any(item.reason == "several_survey_brands" for item in result.findings)


def test_brands_and_answers_belong_together_without_respondent_ids() -> None:
    every = several(("Ours", "Theirs")).drop(columns="respondent_id")
    quality = next(iter(load_model(MODEL).constructs.values())).indicators
    every.loc[every["brand"] == "Theirs", list(quality)] = 2
    told = driver_answers(every, model=MODEL).frame
    first = next(iter(load_model(MODEL).constructs))
    assert (told.loc[told["brand"] == "Theirs", first] == 2).all()
    assert (told.loc[told["brand"] == "Ours", first] > 2).mean() > 0.9


def test_rows_come_in_one_order() -> None:
    frame = related(50).drop(columns="respondent_id")
    names = list(frame.columns[:2])
    straight, turned = (
        survey_rows(as_table(rows, name="survey"), names) for rows in (frame, frame[::-1])
    )
    pd.testing.assert_frame_equal(straight, turned)
