"""What comments are about, how complaints move, which words are new, which sentences are quoted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drivers.feedback.made import PERIOD, START, comments, shop

import loyalty_research as lr
from loyalty_research.drivers import feedback
from loyalty_research.drivers.feedback.shares import share_of_reviews
from loyalty_research.errors import MissingTableError
from loyalty_research.stats import proportion
from loyalty_research.study import Brand

CLOSE = 1e-9


@pytest.fixture(scope="module")
def said() -> pd.DataFrame:
    return comments(2, waiting=(0.4, 0.1), new_word=0.25)


@pytest.fixture(scope="module")
def brand(said) -> Brand:
    return shop(said)


def stated(result) -> dict:
    return {item.template: item for item in result.findings if item.status == "stated"}


def value(finding, name: str):
    return finding.as_dict()["values"][name]["value"]


def reasons(result) -> set[str]:
    return {item.reason for item in result.findings if item.status == "withheld"}


def test_shares_take_persons_as_the_sampled_units() -> None:
    rng = np.random.default_rng(1)
    person = rng.integers(0, 80, 300)
    mood = rng.random(80) < 0.3
    found = share_of_reviews(mood[person], person)
    hit = mood[person].astype(float)
    p = hit.mean()
    apart = [(hit[person == item] - p).sum() for item in np.unique(person)]
    error = np.sqrt(len(apart) / (len(apart) - 1) * np.sum(np.square(apart))) / len(hit)
    z = 1.959963984540054
    logit = np.log(p / (1 - p)) + np.array([-1, 1]) * z * error / (p * (1 - p))
    assert (found.low, found.high) == pytest.approx(1 / (1 + np.exp(-logit)))
    alone = share_of_reviews(mood[person], np.arange(300))
    assert alone == proportion(int(hit.sum()), 300)
    assert alone.high - alone.low < 0.7 * (found.high - found.low)


def test_aspects_and_complaints_are_those_written(said, brand) -> None:
    frame = feedback.complaint_shares(brand, period=PERIOD).summary().set_index("aspect")
    for aspect in ("waiting", "service", "product"):
        assert frame.loc[aspect, "reviews"] == len(said)
        assert frame.loc[aspect, "complaints"] == said[f"bad_{aspect}"].sum()
        assert frame.loc[aspect, "rate"] == pytest.approx(said[f"bad_{aspect}"].mean())
    assert frame.loc["membership", "reviews"] == 0
    found = stated(feedback.complaint_shares(brand, period=PERIOD))
    assert value(found["feedback_top"], "aspect") == "waiting"
    whole = said[["bad_waiting", "bad_service", "bad_product"]].any(axis=1).mean()
    assert value(found["feedback_top"], "unhappy") == pytest.approx(whole)


def test_a_source_that_complains_more_is_told_and_equal_ones_are_not(said) -> None:
    even = said.assign(source=np.where(np.arange(len(said)) % 2, "甲", "乙"))
    assert "no_difference" in reasons(feedback.complaint_shares(even, period=PERIOD))
    apart = said.assign(source=np.where(said["bad_service"], "甲", "乙"))
    found = stated(feedback.complaint_shares(apart, period=PERIOD))["feedback_source"]
    assert abs(found.estimate) > 0.3


def test_brands_are_compared_on_common_days_and_above_the_base(said) -> None:
    several = said.assign(brand="frames", feedback_id=said["feedback_id"].astype(str))
    better = comments(5, n=400, waiting=(0.02, 0.02), service=(0.02, 0.02))
    better = better.assign(brand="对手", feedback_id="b" + better["feedback_id"].astype(str))
    few = better.head(20).assign(brand="小店", feedback_id=lambda f: "c" + f["feedback_id"])
    late = better[better["posted_at"] > START + pd.Timedelta(weeks=50)]
    made = shop(pd.concat([several, late, few], ignore_index=True))
    result = feedback.complaint_shares(made, period=PERIOD)
    frame = result.frames["brands"].set_index("brand") if "brands" in result.frames else None
    assert frame is None  # the small shop leaves no common days
    made = shop(pd.concat([several, late], ignore_index=True))
    result = feedback.complaint_shares(made, period=PERIOD)
    frame = result.frames["brands"].set_index("brand")
    inside = (
        several["posted_at"].dt.normalize().between(frame["first"].iloc[0], frame["last"].iloc[0])
    )
    assert frame.loc["frames", "reviews"] == inside.sum() < len(several)
    assert value(stated(result)["feedback_brands"], "most") == "frames"
    # The brand's own figures leave the others' comments out.
    assert stated(result)["feedback_read"].base == len(several)


def test_brands_of_other_names_are_refused_by_name(said) -> None:
    several = said.assign(brand=np.where(said["bad_service"], "甲", "乙"))
    result = feedback.complaint_shares(shop(several), period=PERIOD)
    assert reasons(result) == {"several_brands"}
    assert "甲" in value(result.findings[0], "brands")


def test_no_table_is_said_once() -> None:
    lines = pd.DataFrame({"order_id": [1], "ordered_at": ["2024-03-01"], "amount": [9.5]})
    made = Brand.from_frames(transactions=lines, currency="CNY")
    with pytest.raises(MissingTableError, match="feedback"):
        feedback.complaint_shares(made)
    attempted = lr.attempt(feedback.complaint_shares, made)
    assert value(attempted.findings[0], "table") == "feedback"
    for section in (
        feedback.typical_quotes,
        feedback.complaint_trend,
        feedback.emerging_topics,
        feedback.before_after,
        feedback.resolution_times,
        feedback.complainers_stayed,
    ):
        result = lr.attempt(section, made)
        assert not result.findings
        assert not result.charts
        assert not result.tables


SECTIONS = (
    feedback.complaint_shares,
    feedback.typical_quotes,
    feedback.complaint_trend,
    feedback.emerging_topics,
    feedback.before_after,
    feedback.resolution_times,
    feedback.complainers_stayed,
)


@pytest.mark.parametrize("section", SECTIONS)
def test_signs_only_are_too_few_comments(said, section) -> None:
    signs = said.head(200).assign(text="👍👍👍", rating=np.nan)
    assert reasons(section(shop(signs), period=PERIOD)) == {"few_reviews"}


def test_a_trend_is_told_where_there_is_one(said, brand) -> None:
    found = stated(feedback.complaint_trend(brand, period=PERIOD))["feedback_trend"]
    assert value(found, "aspect") == "waiting"
    assert found.high < -0.15
    frame = feedback.complaint_trend(brand, period=PERIOD).frames["months"]
    own = frame[(frame["aspect"] == "waiting") & (frame["month"] == "2023-03")].iloc[0]
    month = said[said["posted_at"].dt.strftime("%Y-%m") == "2023-03"]
    assert own["share"] == pytest.approx(month["bad_waiting"].mean(), rel=CLOSE)


def test_without_a_trend_none_is_told() -> None:
    told = sum(
        bool(stated(feedback.complaint_trend(comments(seed, n=500), period=PERIOD)))
        for seed in range(10)
    )
    assert told <= 3  # 5 % of ten more than three times: once in a thousand


def test_one_month_has_no_trend(said) -> None:
    month = said[said["posted_at"] < "2023-02-01"]
    short = (PERIOD[0], "2023-01-31")
    assert reasons(feedback.complaint_trend(month, period=short)) == {"few_months"}
    assert reasons(feedback.emerging_topics(month, period=short)) == {"few_on_a_side"}


def test_a_new_word_is_found_and_old_ones_are_not(brand) -> None:
    result = feedback.emerging_topics(brand, period=PERIOD)
    words = result.summary().set_index("word")
    assert "榴莲" in words.index
    assert words.loc["榴莲", "early"] == 0
    assert {"咖啡", "店员"}.isdisjoint(words.index)


def test_words_of_few_persons_are_not_shown(said) -> None:
    one = said.copy()
    late = one.index[one["posted_at"] > "2024-11-01"][:40]
    one.loc[late, "text"] = one.loc[late, "text"] + "榴莲千层好香。"
    one.loc[late, "customer_id"] = np.resize([1, 2, 3], len(late))
    one["text"] = one["text"].where(
        one.index.isin(late), one["text"].str.replace("榴莲.*", "", regex=True)
    )
    shown = feedback.emerging_topics(shop(one), period=PERIOD).summary()
    assert shown.empty or "榴莲" not in set(shown["word"])


def test_new_words_are_rare_where_nothing_is_new() -> None:
    told = sum(
        bool(stated(feedback.emerging_topics(comments(seed, n=600), period=PERIOD)))
        for seed in range(10)
    )
    assert told <= 3


def test_quotes_are_short_masked_and_of_many_persons(said) -> None:
    told = said.copy()
    told.loc[told["bad_service"], "text"] = "店员态度很差，打13800138000找王小明。"
    frame = feedback.typical_quotes(shop(told), period=PERIOD).summary()
    assert frame.groupby("aspect").size().max() <= 2
    assert not frame["quote"].str.contains("138|王小明|〔").any()
    assert (frame["quote"].str.len() <= 40).all()
    few = told.assign(customer_id=np.resize([1, 2, 3], len(told)))
    assert reasons(feedback.typical_quotes(shop(few), period=PERIOD)) == {"no_quotes"}


def test_without_ratings_the_reading_is_judged_by_none_of_its_own(said) -> None:
    result = feedback.complaint_shares(shop(said.drop(columns="rating")), period=PERIOD)
    found = stated(result)
    own = result.frames.get("quality")
    assert own is None or "review" not in set(own["level"])
    assert found["feedback_read"].base == len(said)
