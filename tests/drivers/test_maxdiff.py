"""Values of benefits: against another implementation, recovered from choices, and refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drivers.survey_shops import MODEL, UTILITIES, related, with_tasks
from statsmodels.discrete.conditional_models import ConditionalLogit

import loyalty_research as lr
from loyalty_research import worlds
from loyalty_research.drivers.maxdiff import (
    Tasks,
    benefit_values,
    fit_benefits,
    fit_individuals,
    read_tasks,
)
from loyalty_research.drivers.survey import load_model
from loyalty_research.errors import MissingTableError

BLOCK = load_model(MODEL).maxdiff
CODES = list(BLOCK.benefits)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return with_tasks(related(300), differ=0.8)


@pytest.fixture(scope="module")
def tasks(frame) -> Tasks:
    return read_tasks(frame, BLOCK)


def test_the_same_as_a_conditional_logit_over_pairs(tasks) -> None:
    some = tasks.among(np.arange(300) < 60)
    rows, chosen, task = [], [], []
    units = np.eye(len(CODES))[:, :-1]
    for number, (row, place) in enumerate(np.argwhere(some.answered)):
        inside = np.flatnonzero(some.shown[row, place])
        for best in inside:
            for worst in inside[inside != best]:
                rows.append(units[best] - units[worst])
                pair = best == some.best[row, place] and worst == some.worst[row, place]
                chosen.append(int(pair))
                task.append(number)
    other = ConditionalLogit(np.array(chosen), np.array(rows), groups=np.array(task)).fit(
        method="newton", disp=0
    )
    fit = fit_benefits(some)
    apart = fit.worth[:-1] - fit.worth[-1]
    assert apart == pytest.approx(other.params, abs=1e-6)
    assert fit.log_likelihood == pytest.approx(other.llf, rel=1e-9)
    contrast = np.hstack([np.eye(len(CODES) - 1), -np.ones((len(CODES) - 1, 1))])
    assert contrast @ fit.naive @ contrast.T == pytest.approx(other.cov_params(), rel=1e-5)


def test_values_do_not_hang_on_the_order_of_benefits(tasks) -> None:
    order = np.random.default_rng(1).permutation(len(CODES))
    place = np.append(np.argsort(order), -1)
    turned = Tasks(tuple(np.array(CODES)[order]), tasks.shown[:, :, order], place[tasks.best],
                   place[tasks.worst])  # fmt: skip
    assert fit_benefits(turned).worth == pytest.approx(fit_benefits(tasks).worth[order])
    assert fit_benefits(tasks).worth.sum() == pytest.approx(0, abs=1e-9)


def test_a_weight_of_two_is_two_respondents(tasks) -> None:
    heavy = np.where(np.arange(300) < 100, 2.0, 1.0)
    weighted = Tasks(tasks.benefits, tasks.shown, tasks.best, tasks.worst, heavy / heavy.mean())
    twice = tasks.among(np.repeat(np.arange(300), heavy.astype(int)))
    assert fit_benefits(weighted).worth == pytest.approx(fit_benefits(twice).worth)


def test_shares_and_who_leads(tasks) -> None:
    fit = fit_benefits(tasks)
    low, high = fit.share_interval()
    assert fit.shares.sum() == pytest.approx(1)
    assert ((low > 0) & (low < fit.shares) & (fit.shares < high) & (high < 1)).all()
    assert not fit.leads(0)[0]
    assert fit.leads(0)[-1]
    assert not fit.leads(7)[:7].any()


def test_respondents_that_differ_widen_the_intervals(tasks) -> None:
    """Choices of a respondent go together, which the clusters see and single tasks do not."""
    fit = fit_benefits(tasks)
    assert (np.diag(fit.covariance) > 1.1 * np.diag(fit.naive)).all()
    alike = fit_benefits(read_tasks(with_tasks(related(300), differ=0.0), BLOCK))
    assert np.diag(alike.covariance) / np.diag(alike.naive) == pytest.approx(1, abs=0.25)


def test_without_respondent_ids_rows_come_in_one_order(frame) -> None:
    nameless = frame.drop(columns="respondent_id")
    straight, reversed_ = (read_tasks(some, BLOCK) for some in (nameless, nameless[::-1]))
    assert np.array_equal(straight.best, reversed_.best)
    assert np.array_equal(straight.shown, reversed_.shown)


def test_own_values_find_their_respondents(tasks) -> None:
    """Respondents of two kinds: those who were given other utilities get other values."""
    other = with_tasks(related(300), differ=0.0, seed=7)
    swap = {CODES[0]: CODES[7], CODES[7]: CODES[0]}
    turned = other.copy()
    for task in range(1, BLOCK.tasks + 1):
        for name in BLOCK.names(task):
            turned[name] = [
                ", ".join(swap.get(code, code) for code in text.split(", ")) for text in other[name]
            ]
    both = read_tasks(pd.concat([other, turned]).assign(respondent_id=range(600)), BLOCK)
    values = fit_individuals(both, fit_benefits(both)).worth
    first = values[:, 0] > values[:, 7]
    assert first[:300].mean() > 0.85
    assert first[300:].mean() < 0.15
    assert fit_individuals(tasks, fit_benefits(tasks)).spread.mean() > 0.3


def test_answers_that_cannot_be_read_are_counted() -> None:
    whole = with_tasks(related(40))
    items, best, worst = BLOCK.names(1)
    whole[items] = " ; ".join(CODES[:4])
    whole[best], whole[worst] = CODES[0], CODES[1]
    whole.loc[0, best] = CODES[6]  # not shown
    whole.loc[1, worst] = CODES[0]  # best and worst the same
    whole.loc[2, worst] = None
    whole.loc[3, [items, best, worst]] = None
    found = read_tasks(whole, BLOCK)
    assert (found.refused, found.unanswered, found.unknown) == (2, 1, ())
    assert not found.answered[:4, 0].any()
    assert found.answered[4:, 0].all()
    assert found.shown[5, 0].tolist() == [True] * 4 + [False] * 4
    assert found.best[5, 0] == 0
    assert found.worst[5, 0] == 1


def test_missing_columns_are_named(frame) -> None:
    with pytest.raises(MissingTableError, match="bw2_best"):
        benefit_values(frame.drop(columns="bw2_best"), MODEL)
    result = lr.attempt(benefit_values, frame.drop(columns="bw2_best"), model=MODEL)
    assert result.findings[0].status == "withheld"


def cases() -> dict[str, tuple[pd.DataFrame, dict]]:
    """Surveys whose benefits cannot be valued, by the reason."""
    whole = with_tasks(related(80))
    first = BLOCK.names(1)
    chosen = [name for task in range(1, BLOCK.tasks + 1) for name in BLOCK.names(task)[1:]]
    always = whole.copy()
    for task in range(1, BLOCK.tasks + 1):
        items, best, worst = BLOCK.names(task)
        top = always[items].str.contains(CODES[2])
        moved = always[best].where(always[best] != always[worst])
        always.loc[top & (always[worst] == CODES[2]), worst] = moved
        always.loc[top, best] = CODES[2]
    few = whole.assign(**dict.fromkeys(BLOCK.every, ""))
    few[list(first)] = whole[list(first)]
    return {
        "no_maxdiff": (whole, {"maxdiff": None}),
        "maxdiff_unknown": (whole.assign(bw1_best="free_lunch"), {}),
        "maxdiff_unanswered": (whole.assign(**dict.fromkeys(chosen, None)), {}),
        "maxdiff_apart": (always, {}),
        "maxdiff_few": (few, {}),
        "maxdiff_chance": (with_tasks(related(80), lot=True), {}),
        "no_survey_weight": (whole.assign(weight=0), {}),
        "negative_survey_weight": (whole.assign(weight=[-1.0] + [1.0] * 79), {}),
    }


@pytest.mark.parametrize("reason", list(cases()))
def test_what_cannot_be_valued_is_said(reason) -> None:
    whole, change = cases()[reason]
    result = benefit_values(whole, load_model(MODEL).model_copy(update=change))
    (told,) = result.findings
    assert (told.status, told.reason) == ("withheld", reason)
    assert result.benefits.empty
    assert not result.charts
    for language in ("zh", "en"):
        assert lr.language.translator(language, result.context).finding(told)


def test_values_come_as_a_plain_frame_and_near_the_truth(frame) -> None:
    result = benefit_values(frame, MODEL)
    values = result.benefits
    assert values.columns.tolist() == ["benefit", "value", "low", "high"]
    assert values["value"].is_monotonic_decreasing
    found = values.set_index("benefit")["value"]
    assert np.corrcoef(found[CODES], UTILITIES)[0, 1] > 0.98
    told = {item.id: item for item in result.findings}
    assert (
        told["maxdiff_foretold"].low
        > told["maxdiff_foretold"].as_dict()["values"]["chance"]["value"]
    )
    assert {"maxdiff_differ"} < set(told)
    assert result.summary()["first"].sum() == pytest.approx(1)
    counts = result.summary()
    assert counts["best"].sum() == counts["worst"].sum() == counts["shown"].sum() / 4


def test_respondents_alike_are_not_told_apart() -> None:
    result = benefit_values(with_tasks(related(300)), MODEL)
    assert "maxdiff_alike" in {item.id for item in result.findings}
    assert "first" not in result.summary()


@pytest.mark.parametrize("name", ["luckin", "mixue"])
def test_worlds_plant_benefits_that_are_found(name) -> None:
    made = worlds.make(name, seed=5, customers=3000, feedback=None, events=None, market=None)
    planted = pd.Series(made.parameters.survey.benefits.utilities)
    found = benefit_values(made.tables["survey"], MODEL).benefits.set_index("benefit")
    assert set(planted.index) == set(CODES)
    assert np.corrcoef(planted[CODES], found.loc[CODES, "value"])[0, 1] > 0.98
    assert made.truth[f"benefit_{CODES[0]}"].value == planted[CODES[0]]


def test_tasks_change_nothing_else_of_a_world() -> None:
    settings = {"seed": 5, "customers": 200, "feedback": None, "events": None, "market": None}
    made = worlds.make("luckin", **settings)
    asked = made.parameters.survey.model_copy(update={"benefits": None})
    bare = worlds.make("luckin", survey=asked.model_dump(), **settings)
    rest = [name for name in made.tables["survey"].schema.names if not name.startswith("bw")]
    assert made.tables["survey"].select(rest).to_pydict() == bare.tables["survey"].to_pydict()
    assert made.tables["transactions"].to_pydict() == bare.tables["transactions"].to_pydict()
