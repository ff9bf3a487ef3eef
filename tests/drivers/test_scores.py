"""Scores: the printed digits, weights, what is not asked, differences that are there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from loyalty_research.drivers.score_estimates import recommend_points
from loyalty_research.drivers.scores import (
    compare_scores,
    mean_score,
    net_score,
    share_score,
    survey_scores,
)
from loyalty_research.drivers.survey.load import load_model
from loyalty_research.errors import ParameterError
from loyalty_research.stats import proportion
from loyalty_research.study import Brand

MODEL = "ecsi_shop"


def test_published_digits() -> None:
    now = net_score(promoters=50, passives=30, detractors=20)
    assert now.value == 30
    assert now.error == pytest.approx(7.810, abs=5e-4)
    assert (now.low, now.high) == (pytest.approx(14.69, abs=5e-3), pytest.approx(45.31, abs=5e-3))
    before = net_score(promoters=45, passives=30, detractors=25)
    change = compare_scores(before, now)
    assert change.value == pytest.approx(10)
    assert change.error == pytest.approx(11.3, abs=0.05)
    assert (change.low, change.high) == (
        pytest.approx(-12.09, abs=5e-3),
        pytest.approx(32.09, abs=5e-3),
    )
    assert change.p_value == pytest.approx(0.375, abs=5e-4)


def test_answers_and_counts_agree() -> None:
    answers = np.repeat([10.0, 9, 8, 7, 6, 1, np.nan], [30, 20, 10, 20, 15, 5, 7])
    found = mean_score(recommend_points(answers), least=-100, most=100)
    want = net_score(promoters=50, passives=30, detractors=20)
    assert (found.value, found.base, found.effective) == (want.value, 100, 100)
    assert found.error == pytest.approx(want.error)


def test_weights_count_as_often() -> None:
    x = np.array([1.0, 5, 9, 10])
    twice = mean_score(np.repeat(x, [1, 1, 1, 3]), least=1, most=10)
    weighed = mean_score(x, np.array([1.0, 1, 1, 3]), least=1, most=10)
    assert weighed.value == pytest.approx(twice.value)
    assert weighed.effective == pytest.approx(36 / 12)
    assert weighed.base == 4
    equal = share_score(np.array([1.0, 0, 0, 1, 1]), np.full(5, 7.0))
    wilson = proportion(3, 5)
    assert (equal.low, equal.high) == (pytest.approx(wilson.low), pytest.approx(wilson.high))


@pytest.mark.parametrize("counts", [(0, 0, 0), (-1, 2, 3), (np.nan, 1, 1)])
def test_counts_that_cannot_be(counts) -> None:
    with pytest.raises(ParameterError, match="net_score"):
        net_score(promoters=counts[0], passives=counts[1], detractors=counts[2])


def answers(n: int = 600, *, seed: int = 4) -> pd.DataFrame:
    """Return answers to every item; respondents of the north recommend by two points more."""
    rng = np.random.default_rng(seed)
    items = load_model(MODEL).items
    frame = pd.DataFrame({item: np.clip(rng.normal(7, 1.5, n).round(), 1, 10) for item in items})
    north = rng.random(n) < 0.5
    frame["loyalty3"] = np.clip(frame["loyalty3"] + 2 * north, 1, 10)
    frame["respondent_id"] = np.arange(n)
    frame["region"] = np.where(north, "north", "south")
    days = pd.Timestamp("2024-01-05") + pd.to_timedelta(rng.integers(0, 170, n), unit="D")
    frame["answered_on"] = days.astype(str)
    return frame


def brand_of(frame: pd.DataFrame) -> Brand:
    """Return a brand of a survey alone."""
    period = ("2024-01-01", "2024-12-31")
    return Brand.from_frames(currency="CNY", survey=frame, identifiers="public", period=period)


def test_segments_and_quarters() -> None:
    frame = answers()
    result = survey_scores(brand_of(frame), model=MODEL, segments=["region"])
    found = {item.id: item for item in result.findings}
    points = recommend_points(frame["loyalty3"].to_numpy())
    assert found["score_nps"].estimate == pytest.approx(points.mean(), abs=0.05)
    assert found["score_segment"].status == "stated"
    apart = points[frame["region"] == "north"].mean() - points[frame["region"] == "south"].mean()
    by = result.frames["segments"].set_index("level")
    assert by.loc["north", "apart"] == pytest.approx(apart, abs=0.05)
    assert by["respondents"].sum() == len(frame)
    assert result.frames["quarters"]["quarter"].tolist() == ["2024Q1", "2024Q2"]
    assert result.frames["quarters"]["respondents"].sum() == len(frame)
    assert found["score_change"].reason == "no_difference"


def test_weights_reach_the_score() -> None:
    frame = answers()
    frame["weight"] = np.where(frame["region"] == "north", 3.0, 1.0)
    result = survey_scores(brand_of(frame), model=MODEL, segments=["region"])
    points = recommend_points(frame["loyalty3"].to_numpy())
    want = np.average(points, weights=frame["weight"])
    row = result.frames["summary"].set_index("score").loc["nps"]
    assert row["value"] == pytest.approx(want, abs=0.05)
    assert row["effective"] == pytest.approx(
        frame["weight"].sum() ** 2 / (frame["weight"] ** 2).sum()
    )


def test_what_is_not_asked_is_named() -> None:
    model = load_model(MODEL)
    silent = model.model_copy(update={"scores": {"satisfaction": "satisfaction1"}})
    plain = answers().drop(columns=["region", "answered_on"])
    result = survey_scores(brand_of(plain), model=silent)
    reasons = {item.id: item.reason for item in result.findings if item.status == "withheld"}
    assert reasons["score_nps"] == "not_asked"
    assert reasons["score_repurchase"] == "not_asked"
    other = survey_scores(brand_of(answers()), model=model.model_copy(update={"scores": {}}))
    assert [item.reason for item in other.findings] == ["not_asked"]


def test_a_brand_says_what_is_missing() -> None:
    plain = answers().drop(columns=["region", "answered_on"])
    reasons = {
        item.id: item.reason for item in survey_scores(brand_of(plain), model=MODEL).findings
    }
    assert reasons["score_segment"] == "no_segments_linked"
    assert reasons["score_change"] == "no_interview_day"


def test_weights_of_zero() -> None:
    frame = answers().assign(weight=0.0)
    result = survey_scores(brand_of(frame), model=MODEL)
    assert [item.reason for item in result.findings] == ["no_survey_weight"]
