"""Attitude and behaviour: reported together only where both tell of the next weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import loyalty_research as lr
from loyalty_research.drivers.index import judge_parts, loyalty_index
from loyalty_research.drivers.survey.load import load_model
from loyalty_research.study import Brand

MODEL = "ecsi_shop"
PERIOD = ("2023-01-02", "2024-06-30")
DAYS = 546


def joined(seed: int = 2, *, n: int = 700, pull: float = 0.0, linked: bool = True) -> Brand:
    """Return customers with a rate of their own; attitude moves purchases of the last year."""
    rng = np.random.default_rng(seed)
    rate, attitude = rng.gamma(1.5, 1 / 40, n), rng.normal(size=n)
    parts = []
    for start, end, factor in ((0, 455, np.ones(n)), (455, DAYS, np.exp(pull * attitude))):
        count = rng.poisson(rate * factor * (end - start))
        who = np.repeat(np.arange(n), count)
        parts.append(pd.DataFrame({"customer_id": who, "day": rng.integers(start, end, len(who))}))
    lines = pd.concat(parts, ignore_index=True)
    lines["order_id"] = np.arange(len(lines))
    lines["ordered_at"] = pd.Timestamp(PERIOD[0]) + pd.to_timedelta(lines.pop("day"), unit="D")
    lines["amount"] = 10.0
    items = load_model(MODEL).items
    scores = 7 + 1.5 * (0.8 * attitude[:, None] + 0.6 * rng.normal(size=(n, len(items))))
    survey = pd.DataFrame(np.clip(np.rint(scores), 1, 10), columns=list(items))
    survey["respondent_id"] = np.arange(n)
    if linked:
        survey["customer_id"] = np.arange(n)
    return Brand.from_frames(
        transactions=lines, survey=survey, currency="CNY", identifiers="public", period=PERIOD
    )


def test_both_tell_more_than_either() -> None:
    result = loyalty_index(joined(pull=0.9), model=MODEL)
    summary = result.summary().set_index("kind")
    assert set(summary.index) == {"true", "latent", "spurious", "low"}
    assert summary["respondents"].sum() == 700
    assert summary["share"].sum() == pytest.approx(1)
    assert summary.loc["true", "next_days"] > summary.loc["spurious", "next_days"]
    assert summary.loc["latent", "next_days"] > summary.loc["low", "next_days"]
    assert [item.status for item in result.findings] == ["stated"]


def test_attitude_that_tells_nothing_is_left_out() -> None:
    result = loyalty_index(joined(pull=0.0), model=MODEL)
    found = {item.id: item for item in result.findings}
    assert found["index_kinds"].reason == "part_enough"
    assert found["index_part"].status == "stated"
    assert result.summary()["kind"].tolist() == ["behaviour_high", "behaviour_low"]


def test_false_claims_are_as_rare_as_said() -> None:
    """Behaviour alone decides what comes: both together pass in at most 2.5 % of shops."""
    claims = 0
    for seed in range(60):
        rng = np.random.default_rng([7, seed])
        rate = rng.gamma(1.5, 1.0, 200)
        rows = pd.DataFrame(
            {
                "attitude": rng.normal(size=200),
                "occasions": rng.poisson(4 * rate),
                "bought": rng.poisson(rate),
            }
        )
        claims += bool(judge_parts(rows).set_index("part").loc["both", "better"])
    assert claims <= 4  # 2.5 % of 60 exceed this in fewer than 2 of 100 cases


def test_not_linked_is_said() -> None:
    result = loyalty_index(joined(linked=False), model=MODEL)
    assert [item.reason for item in result.findings] == ["not_linked"]
    few = loyalty_index(joined(n=80), model=MODEL)
    assert [item.reason for item in few.findings] == ["few_linked"]


def test_a_missing_survey_is_one_sentence() -> None:
    brand = joined()
    bare = Brand.from_frames(
        transactions=brand.transactions.to_pandas(), currency="CNY", period=PERIOD
    )
    result = lr.attempt(loyalty_index, bare, model=MODEL)
    assert [item.reason for item in result.findings] == ["needs_table"]
