"""Surveys follow their structural model, whichever kind it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from loyalty_research import worlds
from loyalty_research.errors import ParameterError
from loyalty_research.worlds.world import World

QUIET = {"feedback": None, "events": None, "market": None, "programme": None}
CLOSE = 3.5


def asked(**survey: object) -> World:
    return worlds.make("bakery", seed=9, customers=6000, survey={"share": 0.9, **survey}, **QUIET)


@pytest.fixture(scope="module")
def common() -> World:
    return asked()


def constructs(world: World) -> pd.DataFrame:
    return world.hidden["survey"].to_pandas().drop(columns="customer_id")


def items(world: World) -> pd.DataFrame:
    table = world.tables["survey"].to_pandas()
    return table.drop(columns=["respondent_id", "customer_id"])


@pytest.mark.parametrize("model", ["common_factor", "composite"])
def test_paths_are_those_planted(model: str) -> None:
    world = asked(model=model)
    scores = constructs(world)
    for name, construct in world.parameters.survey.constructs.items():
        assert scores[name].std() == pytest.approx(1, abs=CLOSE / np.sqrt(len(scores)))
        if construct.paths:
            x = scores[list(construct.paths)].to_numpy()
            found, left, *_ = np.linalg.lstsq(x, scores[name].to_numpy(), rcond=None)
            errors = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * left / len(x))
            for value, error, source in zip(found, errors, construct.paths, strict=True):
                assert value == pytest.approx(
                    world.truth[f"path_{source}_{name}"].value, abs=CLOSE * error
                )


def test_an_item_of_a_common_factor_has_its_loading(common: World) -> None:
    scores, answers = constructs(common), items(common)
    for name, construct in common.parameters.survey.constructs.items():
        for number, loading in enumerate(construct.loadings, start=1):
            found = np.corrcoef(scores[name], answers[f"{name}{number}"])[0, 1]
            # Rounding and the ends of the scale take a little away.
            assert loading - 0.06 < found < loading + 0.02, (name, number)


def test_items_of_a_common_factor_share_nothing_else(common: World) -> None:
    scores, answers = constructs(common), items(common)
    residual = answers.sub(answers.mean())
    for column in answers:
        score = scores[column.rstrip("0123456789")]
        residual[column] -= np.polyval(np.polyfit(score, residual[column], 1), score)
    related = residual.corr().to_numpy()[np.triu_indices(residual.shape[1], 1)]
    assert abs(related).max() < 0.08


def test_a_composite_is_the_sum_of_its_items() -> None:
    world = asked(model="composite", sd=0.9)
    scores, answers = constructs(world), items(world)
    for name, construct in world.parameters.survey.constructs.items():
        own = answers[[f"{name}{number + 1}" for number in range(len(construct.loadings))]]
        assert np.corrcoef(own.sum(axis=1), scores[name])[0, 1] > 0.93, name
        if own.shape[1] > 1:
            related = own.corr().to_numpy()[np.triu_indices(own.shape[1], 1)]
            planted = world.parameters.survey.composite_correlation
            assert related.mean() == pytest.approx(planted, abs=0.07), name


def test_attitude_goes_with_behaviour(common: World) -> None:
    customers = common.hidden["customers"].to_pandas().set_index("customer_id")
    answered = common.hidden["survey"].to_pandas().set_index("customer_id").join(customers)
    planted = common.parameters.survey.attitude
    assert np.corrcoef(answered["image"], answered["attitude"])[0, 1] == pytest.approx(
        planted, abs=CLOSE / np.sqrt(len(answered))
    )
    related = np.corrcoef(customers["z"], customers["attitude"])[0, 1]
    assert related == pytest.approx(
        common.parameters.people.attitude_rate_correlation, abs=CLOSE / np.sqrt(len(customers))
    )


def test_answers_are_on_the_scale(common: World) -> None:
    answers = items(common)
    assert answers.min().min() == 1
    assert answers.max().max() == 10
    assert len(answers) == pytest.approx(0.9 * 6000, abs=CLOSE * np.sqrt(6000 * 0.09))


@pytest.mark.parametrize(
    ("construct", "said"),
    [
        ({"paths": {"love": 0.5}, "loadings": [0.8]}, "love"),
        ({"paths": {"image": 0.9, "quality": 0.9}, "loadings": [0.8]}, "no more than the whole"),
    ],
)
def test_impossible_models_are_refused(construct: dict, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        worlds.make("bakery", survey={"constructs": {"loyalty": construct}})
