"""Results of the chapter on drivers that together say all its sentences."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from drivers.feedback.told import feedback_results
from drivers.survey_shops import grouped, related, with_tasks
from drivers.test_index import joined
from drivers.test_scores import MODEL, answers, brand_of
from drivers.test_stage_moves import seasonal
from drivers.test_survey import SECTIONS
from drivers.test_weighting import answered_by
from proofs._retention_worlds import PERIOD, shop

import loyalty_research as lr
from loyalty_research.drivers import retention
from loyalty_research.drivers.index import loyalty_index
from loyalty_research.drivers.maxdiff import benefit_values
from loyalty_research.drivers.paths import compare_groups, fit_pls
from loyalty_research.drivers.scores import survey_scores
from loyalty_research.drivers.survey import check_survey, load_model, weigh_respondents
from loyalty_research.results import Result
from loyalty_research.study import Brand


@cache
def drivers_results() -> tuple[Result, ...]:
    """Return results on a real survey, on made ones, and on shops with and without effects."""
    mobile = lr.open_brand("mobile")
    made = [analysis(mobile, period=mobile.period) for analysis in SECTIONS]
    made += [survey_scores(mobile), lr.attempt(loyalty_index, mobile)]
    made += [survey_scores(brand_of(named(answers())), model=MODEL, segments=["income"])]
    later = answers()
    half = later["answered_on"] > "2024-03-31"
    later.loc[half, "loyalty3"] = np.clip(later.loc[half, "loyalty3"] - 3, 1, 10)
    made += [survey_scores(brand_of(named(later)), model=MODEL, segments=["income"])]
    model = load_model(MODEL)
    for frame in (
        careless(),
        factors(400, apart=0.5),
        factors(60, apart=0.2),
        strained(),
        crossed(),
    ):
        made += [analysis(frame, model) for analysis in SECTIONS]
    made += [fit_pls(strained(), model, consistent=True, draws=60)]
    timed = model.model_copy(update={"duration": "seconds"})
    seconds = np.where(np.arange(300) < 4, 20.0, 300.0)
    made += [check_survey(careless().assign(seconds=seconds), timed)]
    made += [check_survey(asked(share), model) for share in (1.0, 0.2)]
    made += [lr.attempt(part, mobile) for part in (benefit_values, compare_groups)]
    made += [benefit_values(frame, model) for frame in tasked()]
    made += [
        compare_groups(brand_of(frame), model, permutations=499)
        for frame in (grouped(), grouped(first=0.8, second=0.1), grouped(unlike=True))
    ]
    made += [weigh_respondents(answered_by(keep), model) for keep in (bool, lambda days: days > 8)]
    weights = np.append(np.nan, np.linspace(1, 3, 199))
    made += [check_survey(related(200).assign(weight=weight), model) for weight in (weights, None)]
    made += [loyalty_index(joined(pull=pull), model=MODEL) for pull in (0.9, 0.0)]
    parts = (retention.next_activity, retention.lapse_times)
    for kind, seed in (("planted", 5), ("alike", 2), ("steady", 3), ("rhythm", 4)):
        orders = shop(seed, customers=900, kind=kind)
        made += [part(orders, period=PERIOD) for part in parts]
    many = shop(5, customers=2500, kind="steady")
    made += [retention.stage_moves(many, period=PERIOD)]
    made += [retention.stage_moves(seasonal(1), period=("2021-01-01", "2023-12-28"))]
    made += [retention.stage_moves(seasonal(1, years=2), period=("2021-04-01", "2022-12-29"))]
    made += feedback_results()
    return tuple(made)


def tasked() -> list[pd.DataFrame]:
    """Return surveys with best-worst tasks: one benefit ahead or two close, respondents alike or
    not, some tasks left out.
    """
    alike = with_tasks(related(300))
    alike.loc[:3, "bw1_best"] = None
    unlike = with_tasks(related(200), differ=1.2)
    return [alike, unlike, with_tasks(related(60), differ=0.8, seed=8)]


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return answers by an attribute whose levels the catalogues know."""
    levels = {"north": "Under 15K", "south": "other"}
    return frame.assign(income=frame["region"].map(levels)).drop(columns="region")


def asked(share: float) -> Brand:
    """Return a shop whose best customers, a share of all, have answered."""
    whole = joined(n=400)
    lines = whole.transactions.to_pandas()
    best = lines["customer_id"].value_counts().index
    survey = whole.survey.to_pandas()
    survey = survey[survey["customer_id"].isin(best[: int(share * len(best))])]
    return Brand.from_frames(
        transactions=lines, survey=survey, currency="CNY", identifiers="public", period=PERIOD
    )


def factors(n: int, *, apart: float) -> pd.DataFrame:
    """Return answers of constructs that are told apart well, with some halo between them."""
    rng = np.random.default_rng(8)
    model = load_model(MODEL)
    halo = rng.standard_normal(n)
    frame = pd.DataFrame({"respondent_id": np.arange(n)})
    for place, construct in enumerate(model.constructs.values()):
        own = (1 - apart) ** 0.5 * halo + apart**0.5 * rng.standard_normal(n)
        for item in construct.indicators:
            noise = 0.45 * rng.standard_normal(n)
            frame[item] = np.clip(np.rint(5 + place % 3 + 1.3 * (own + noise)), 1, 10)
    return frame


def strained(n: int = 80) -> pd.DataFrame:
    """Return answers that hardly hang together: consistent PLS goes out of bounds."""
    rng = np.random.default_rng(n)
    items = list(load_model(MODEL).items)
    drawn = 0.7 * rng.standard_normal((n, 1)) + 0.8 * rng.standard_normal((n, len(items)))
    answers = np.clip(np.rint(5.5 + drawn), 1, 10)
    return pd.DataFrame(answers, columns=items).assign(respondent_id=np.arange(n))


def crossed(n: int = 500) -> pd.DataFrame:
    """Return answers whose outcome goes with the difference of two items of one construct."""
    frame = factors(n, apart=0.5)
    model = load_model(MODEL)
    first = list(next(iter(model.constructs.values())).indicators)
    for item in model.constructs[model.outcome].indicators:
        frame[item] = np.clip(5 + 2 * (frame[first[0]] - frame[first[1]]), 1, 10)
    return frame


def careless() -> pd.DataFrame:
    """Return answers of one opinion, some of them straight lines and some left out."""
    frame = answers(300)
    items = list(load_model(MODEL).items)
    rng = np.random.default_rng(3)
    opinion = 6 + 2 * rng.standard_normal(len(frame))
    frame[items] = np.clip(
        np.rint(opinion[:, None] + 0.5 * rng.standard_normal((300, len(items)))), 1, 10
    )
    frame.loc[:5, items] = 7
    frame.loc[6:9, items[:2]] = np.nan
    return frame
