"""Survey models as data, answers as numbers, checks, and what is said where they do not do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml

import loyalty_research as lr
from loyalty_research.drivers.importance import driver_importance, performance_map
from loyalty_research.drivers.measurement import measurement_model
from loyalty_research.drivers.paths import fit_pls
from loyalty_research.drivers.survey import check_survey, list_models, load_model, read_answers
from loyalty_research.drivers.survey.checks import careless, common_method
from loyalty_research.errors import MissingTableError, ParameterError, SurveyModelError

SECTIONS = (check_survey, measurement_model, fit_pls, driver_importance, performance_map)


def document() -> dict:
    """A model of two constructs, as it would stand in a file."""
    items = {f"{name}{i}": {"zh": "题", "en": "Item"} for name in "ab" for i in (1, 2, 3)}
    return {
        "name": {"zh": "例", "en": "Example"},
        "source": "made for this test",
        "scale": {"min": 1, "max": 7},
        "outcome": "b",
        "constructs": {
            name: {
                "name": {"zh": name, "en": name},
                "indicators": {item: text for item, text in items.items() if item[0] == name},
            }
            for name in "ab"
        },
        "paths": {"b": ["a"]},
    }


@pytest.fixture
def written(tmp_path):
    def write(data: dict):
        path = tmp_path / "example.yaml"
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        return load_model(path)

    return write


def survey(n: int = 80, seed: int = 1) -> pd.DataFrame:
    """Simulated answers from 1 to 7 to six items."""
    rng = np.random.default_rng(seed)
    first = rng.standard_normal(n)
    second = 0.6 * first + 0.8 * rng.standard_normal(n)
    scores = np.repeat([first, second], 3, axis=0).T + 0.7 * rng.standard_normal((n, 6))
    frame = pd.DataFrame(
        np.clip(np.rint(4 + scores), 1, 7), columns=["a1", "a2", "a3", "b1", "b2", "b3"]
    )
    return frame.assign(respondent_id=[f"r{i:03d}" for i in range(n)])


def test_shipped_models_are_right_and_cover_the_study() -> None:
    assert {"ecsi", "ecsi_shop", "retail_drivers"} <= set(list_models())
    for name in list_models():
        model = load_model(name)
        assert model.id == name
        assert len(set(model.items)) == len(model.items)
    drivers = load_model("retail_drivers").paths["satisfaction"]
    assert len(drivers) == 11


def test_every_mistake_of_a_model_is_listed_at_once(written) -> None:
    data = document()
    data["constructs"]["c"] = {
        "name": {"zh": "c", "en": "c"},
        "indicators": {"a1": {"zh": "题", "en": "x"}},
    }
    data["paths"] = {"b": ["a", "bb"], "a": ["b"]}
    data["outcome"] = "c"
    with pytest.raises(SurveyModelError) as error:
        written(data)
    text = str(error.value)
    for part in (
        "constructs.c: 1 item(s)",
        "already an item of a",
        "unknown construct 'bb'; did you mean b?",
        "no path leads to or from c",
        "is a cycle",
        "outcome: found 'c'",
    ):
        assert part in text
    assert text.count("example.yaml") == 6


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"scale": {"min": 5, "max": 1}}, "a max above the min"),
        ({"pahts": {}}, "nearest allowed: paths"),
        ({"constructs": {"a": {"name": {"zh": "a", "en": "a"}, "indicators": {}}}}, "constructs"),
        ({"paths": {"b": []}}, "paths.b"),
    ],
)
def test_wrong_values_are_named(written, change, told) -> None:
    with pytest.raises(SurveyModelError, match=told.replace("(", r"\(")):
        written(document() | change)


def test_an_unknown_model_names_those_there_are() -> None:
    with pytest.raises(SurveyModelError, match="did you mean ecsi"):
        load_model("ecsii")


def test_answers_are_cast_turned_and_kept_within_the_scale(written) -> None:
    data = document()
    data["constructs"]["a"]["indicators"]["a2"]["reversed"] = True
    model = written(data)
    frame = survey(3).astype(str)
    frame.loc[0, ["a1", "a2", "a3"]] = ["9", "2", "not asked"]
    found = read_answers(frame, model)
    assert np.isnan(found.matrix[0, [0, 2]]).all()
    assert found.matrix[0, 1] == 6
    assert (found.out_of_range, found.not_numbers) == (1, 1)
    assert found.complete.tolist() == [False, True, True]


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_an_item_that_hardly_varies_and_one_that_explains_all_are_no_error(written) -> None:
    flat = survey().assign(a1=4)
    flat.loc[0, "a1"] = 5
    same = survey()
    same[["b1", "b2", "b3"]] = same[["a1", "a2", "a3"]]
    for frame in (flat, same):
        told = fit_pls(frame, written(document()), draws=40)
        assert told.findings[0].status == "stated"


def test_missing_columns_are_named_and_the_chapter_goes_on(written) -> None:
    model = written(document())
    with pytest.raises(MissingTableError, match="a2, b1"):
        fit_pls(survey().drop(columns=["a2", "b1"]), model)
    result = lr.attempt(fit_pls, survey().drop(columns="a2"), model=model)
    (told,) = result.findings
    assert (told.status, told.chapter) == ("withheld", "drivers")
    assert told.as_dict()["values"]["columns"]["value"] == "a2"


def frames() -> dict[str, pd.DataFrame]:
    """Surveys that cannot be used, by the reason."""
    whole = survey()
    return {
        "items_unanswered": whole.assign(b1=np.nan, b2=np.nan, b3=np.nan),
        "items_constant": whole.assign(a1=4),
        "few_answers": whole.head(5),
        "no_survey_weight": whole.assign(weight=0),
    }


@pytest.mark.parametrize("analysis", SECTIONS, ids=lambda item: item.__name__)
@pytest.mark.parametrize("reason", list(frames()))
def test_what_cannot_be_used_is_said(written, analysis, reason) -> None:
    result = analysis(frames()[reason], written(document()))
    withheld = [item for item in result.findings if item.status == "withheld"]
    assert reason in {item.reason for item in withheld}
    for language in ("zh", "en"):
        words = lr.language.translator(language, result.context)
        assert all(words.finding(item) for item in result.findings)


def test_no_model_is_said_for_a_brand_and_refused_for_a_table() -> None:
    brand = lr.study.Brand.from_frames(
        currency="CNY",
        transactions=pd.DataFrame(
            {"order_id": ["1"], "ordered_at": ["2024-01-01"], "amount": [1.0], "customer_id": ["x"]}
        ),
        survey=survey(),
    )
    with pytest.raises(ParameterError, match="model: missing"):
        fit_pls(survey())
    assert brand.has("survey")


def test_straight_liners_and_the_fast_are_marked_not_deleted(written) -> None:
    model = written(document() | {"duration": "seconds"})
    frame = survey().assign(seconds=300.0)
    frame.loc[:3, ["a1", "a2", "a3", "b1", "b2", "b3"]] = 7
    frame.loc[4:5, "seconds"] = 20
    answers = read_answers(frame, model)
    marked = careless(answers)
    assert marked["straight"][:4].all()
    assert np.flatnonzero(marked["fast"]).tolist() == [4, 5]
    told = check_survey(frame, model)
    assert {"survey_straight", "survey_fast"} <= {item.id for item in told.findings}
    assert told.summary().set_index("check")["respondents"]["fast"] == 2
    assert answers.count == len(frame)


def test_gaps_are_shown_by_pattern(written) -> None:
    frame = survey()
    frame.loc[:4, ["a1", "b3"]] = np.nan
    frame.loc[7, "a2"] = np.nan
    told = check_survey(frame, written(document()))
    patterns = told.frames["patterns"].set_index("items")["respondents"].to_dict()
    assert patterns == {"a1, b3": 5, "a2": 1}
    rest = fit_pls(frame, written(document()), draws=40)
    assert len(rest.fit.answers) == len(frame) - 6


def test_one_factor_behind_everything_warns(written) -> None:
    model = written(document())
    rng = np.random.default_rng(3)
    common = rng.standard_normal(300)[:, None] * 2 + rng.standard_normal((300, 6)) * 0.5
    frame = pd.DataFrame(np.clip(np.rint(4 + common), 1, 7), columns=list(model.items))
    first, marker = common_method(read_answers(frame, model))
    assert first > 0.8
    assert marker > 0.5
    assert "survey_method_warns" in {item.id for item in check_survey(frame, model).findings}


def test_weights_of_the_survey_count(written) -> None:
    model, frame = written(document()), survey(200)
    weights = np.random.default_rng(5).integers(1, 4, size=200)
    weighted = fit_pls(frame.assign(weight=weights), model, draws=40).paths["value"][0]
    repeated = fit_pls(frame.loc[frame.index.repeat(weights)], model, draws=40).paths["value"][0]
    assert weighted == pytest.approx(repeated, abs=1e-6)
    assert weighted != pytest.approx(fit_pls(frame, model, draws=40).paths["value"][0], abs=1e-4)


def test_the_same_survey_gives_the_same_numbers() -> None:
    brand = lr.open_brand("mobile")
    first, second = (fit_pls(brand, draws=60).paths for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
