"""Weights: margins are met, bounds are kept, what is lost is told, and bad input is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drivers.survey_shops import MODEL, related
from drivers.test_index import PERIOD, joined
from hypothesis import given, settings
from hypothesis import strategies as st

import loyalty_research as lr
from loyalty_research.drivers.measurement import measurement_model
from loyalty_research.drivers.paths import fit_pls
from loyalty_research.drivers.scores import survey_scores
from loyalty_research.drivers.survey import check_survey, load_model, rake, weigh_respondents
from loyalty_research.errors import ParameterError
from loyalty_research.study import Brand


def shares(levels: pd.Series, weights: np.ndarray) -> dict:
    return (pd.Series(weights).groupby(levels.to_numpy()).sum() / weights.sum()).to_dict()


def test_one_margin_is_post_stratification() -> None:
    levels = pd.DataFrame({"a": ["x"] * 30 + ["y"] * 10})
    found = rake(levels, {"a": {"x": 0.6, "y": 0.4}})
    assert found.weights[:30] == pytest.approx(0.6 / 0.75)
    assert found.weights[30:] == pytest.approx(0.4 / 0.25)
    assert found.effective == pytest.approx(40**2 / (30 * 0.64 + 10 * 2.56))
    assert found.design_effect == pytest.approx(40 / found.effective)
    assert (found.trimmed, found.gap) == (0, pytest.approx(0, abs=1e-9))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_every_margin_is_met_and_weights_have_mean_one(seed) -> None:
    rng = np.random.default_rng(seed)
    levels = pd.DataFrame({"a": rng.choice(list("xyz"), 400), "b": rng.choice(list("mf"), 400)})
    aims = {name: dict(zip(letters, rng.dirichlet(np.full(len(letters), 20.0)), strict=True))
            for name, letters in (("a", "xyz"), ("b", "mf"))}  # fmt: skip
    found = rake(levels, aims)
    assert found.weights.mean() == pytest.approx(1)
    assert found.weights.min() > 0
    for name, aim in aims.items():
        assert shares(levels[name], found.weights) == pytest.approx(aim, abs=1e-6)


def test_bounds_are_kept_and_what_is_missed_is_told() -> None:
    levels = pd.DataFrame({"a": ["x"] * 97 + ["y"] * 3})
    found = rake(levels, {"a": {"x": 0.5, "y": 0.4, "z": 0.1}}, most=4)
    assert found.weights.max() <= 4 + 1e-6
    assert found.trimmed == 3
    assert found.gap == pytest.approx(0.4 / 0.9 - 0.12, abs=1e-6)
    assert found.uncovered == {"a": pytest.approx(0.1)}


@pytest.mark.parametrize(
    ("levels", "targets", "start", "told"),
    [
        ({"a": ["x", "y"]}, {"b": {"x": 1.0}}, None, "no column"),
        ({"a": ["x", None]}, {"a": {"x": 1.0}}, None, "a level of it for every respondent"),
        ({"a": ["x", "y"]}, {"a": {"x": 1.0}}, [1.0, -1.0], "weights from 0 on"),
        ({"a": ["x", "y"]}, {"a": {"x": 1.0}}, [0.0, 0.0], "weights from 0 on"),
        ({"a": ["x", "y"]}, {}, None, "at least one margin"),
    ],
)
def test_what_cannot_be_raked_is_refused(levels, targets, start, told) -> None:
    given_start = None if start is None else np.array(start)
    with pytest.raises(ParameterError, match=told):
        rake(pd.DataFrame(levels), targets, start=given_start)


def answered_by(keep) -> Brand:
    """Return a shop of which only some customers have answered."""
    whole = joined(n=600, pull=0.9)
    lines = whole.transactions.to_pandas()
    often = lines["customer_id"].value_counts()
    survey = whole.survey.to_pandas()
    survey = survey[survey["customer_id"].map(often).fillna(0).map(keep)]
    return Brand.from_frames(
        transactions=lines, survey=survey, currency="CNY", identifiers="public", period=PERIOD
    )


def test_weights_bring_respondents_to_their_customers() -> None:
    rng = np.random.default_rng(2)
    brand = answered_by(lambda count: rng.random() < min(1.0, 0.15 + count / 60))
    result = weigh_respondents(brand, MODEL)
    margins = result.frames["margins"]
    assert margins["weighted"].to_numpy() == pytest.approx(margins["share"], abs=1e-6)
    assert abs(margins["answered"] - margins["share"]).max() > 0.03
    found = {item.id: item for item in result.findings}
    assert found["weights_made"].estimate < found["weights_made"].base
    scores = result.summary().set_index("score")
    # Who buys more thinks better of the shop: respondents rate it higher than customers would.
    assert scores.loc["outcome_mean", "weighted"] < scores.loc["outcome_mean", "plain"]
    assert result.weights["weight"].mean() == pytest.approx(1)


def test_customers_nobody_stands_for_are_told() -> None:
    result = weigh_respondents(answered_by(lambda count: count > 8), MODEL)
    assert "weights_uncovered" in {item.id for item in result.findings}
    assert not any("customer_id" in frame for frame in result.frames.values())


def test_without_a_link_it_is_said() -> None:
    result = weigh_respondents(related(200), MODEL)
    assert [item.reason for item in result.findings] == ["survey_not_linked"]


@pytest.mark.parametrize("analysis", [check_survey, measurement_model, fit_pls, survey_scores,
                                      weigh_respondents])  # fmt: skip
@pytest.mark.parametrize(
    ("reason", "weight"), [("no_survey_weight", 0.0), ("negative_survey_weight", -1.0)]
)
def test_weights_that_cannot_be_are_said(analysis, reason, weight) -> None:
    frame = related(200).assign(weight=1.0 if weight < 0 else 0.0)
    frame.loc[0, "weight"] = weight
    result = analysis(frame, model=load_model(MODEL))
    assert reason in {item.reason for item in result.findings if item.status == "withheld"}
    for language in ("zh", "en"):
        words = lr.language.translator(language, result.context)
        assert all(words.finding(item) for item in result.findings)


def test_weights_of_the_survey_are_told_and_empty_ones_too() -> None:
    frame = related(200)
    frame["weight"] = np.where(frame.index < 100, 3.0, 1.0)
    frame.loc[:9, "weight"] = np.nan
    told = {item.id: item for item in check_survey(frame, MODEL).findings}
    weights = frame["weight"].fillna(0)
    effective = weights.sum() ** 2 / (weights**2).sum()
    assert told["survey_weighted"].estimate == round(effective)
    assert told["survey_weighted"].as_dict()["values"]["out"]["value"] == 10
    empty = {item.id for item in check_survey(frame.assign(weight=np.nan), MODEL).findings}
    assert "survey_weights_empty" in empty
    assert "survey_weighted" not in empty
