"""Where brands stand, from lines to sentences; strengths and gaps; what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from competitors.market import made
from competitors.position.placed import comments, opened, promoted, ratings, some_brand

import loyalty_research as lr
from loyalty_research.competitors import market, position
from loyalty_research.competitors.position.comments import against_others, common_window
from loyalty_research.competitors.position.gaps import driver_gaps
from loyalty_research.errors import MissingTableError
from loyalty_research.language import translator
from loyalty_research.study import Brand


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return promoted(made.purchases(21, 400), "B2", 0.8)


@pytest.fixture(scope="module")
def panel(rows):
    return position.open_positions(opened(rows)[0], brand=opened(rows)[1])[0]


def test_counts_are_those_of_the_rows(rows, panel) -> None:
    told = rows["promoted"].map({True: "promoted:yes", False: "promoted:no"})
    slow = pd.crosstab(rows["brand"], told)
    for column in slow:
        assert panel.counts[column].to_dict() == slow[column].to_dict()
    sizes = rows.groupby("household_id").size()
    light, heavy = (sizes.sort_values().iloc[int(np.ceil(len(sizes) * part)) - 1] for part in
                    (1 / 3, 2 / 3))  # fmt: skip
    kinds = sizes.map(lambda n: "light" if n <= light else "heavy" if n > heavy else "medium")
    slow = pd.crosstab(rows["brand"], "weight:" + rows["household_id"].map(kinds))
    for column in slow:
        assert panel.counts[column].to_dict() == slow[column].to_dict()
    bought = rows.groupby("brand")["household_id"].nunique()
    assert dict(zip(panel.brands, panel.buyers, strict=True)) == bought.to_dict()
    assert panel.households == rows["household_id"].nunique() == len(panel.units)


def test_the_promoted_brand_is_told(rows) -> None:
    markets, brand = opened(rows)
    result = position.brand_positions(markets, brand=brand)
    first, *_ = result.findings
    assert first.template == "position_first"
    told = {name: value.value for name, value in first.values.items()}  # noqa: PD011
    assert (told["attribute"]["en"], told["brand"]["en"]) == ("On promotion", "B2")
    own = rows[rows["brand"] == "B2"]["promoted"].mean()
    assert first.estimate == pytest.approx(own)
    assert first.low < own < first.high
    assert told["average"] == pytest.approx(rows["promoted"].mean())
    frame = result.frames["category_1"]
    assert frame.set_index("name").loc["B2", "kind"] == "apart"


def test_nothing_is_read_into_brands_bought_alike() -> None:
    markets, brand = opened(promoted(made.purchases(22, 300), "none", 0.0))
    result = position.brand_positions(markets, brand=brand)
    assert [finding.template for finding in result.findings] == ["position_first_unread"]
    for language, says in (("en", "no axis may be read"), ("zh", "不作解读")):
        text = translator(language, result.context).finding(result.findings[0])
        assert says in text
    assert set(result.frames["category_1"]["kind"]) == {"within", "attribute"}
    assert result.charts[0].key.endswith("_none")
    for language in ("zh", "en"):
        figure = result.plot("category_1", language=language)
        assert figure.axes[0].get_aspect() == 1


def test_a_brand_with_few_buyers_has_no_place(rows) -> None:
    few = rows.head(12).assign(brand="B9", household_id=[f"x{n}" for n in range(12)])
    markets, brand = opened(pd.concat([rows, few], ignore_index=True))
    found = position.open_positions(markets, brand=brand)[0]
    assert found.few == ("B9",)
    assert "B9" not in found.brands
    assert not any(name == "B9" for name in found.counts.index)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows.assign(brand="B1"), "position_one_brand"),
        (
            lambda rows: rows.groupby(["household_id", "brand"]).head(1)
            .groupby("household_id").head(1).drop(columns="promoted"),
            "position_no_attribute",
        ),
        (lambda rows: rows.head(40), "position_one_brand"),
    ],
)  # fmt: skip
def test_what_cannot_be_mapped_says_why(rows, change, reason) -> None:
    markets, brand = opened(change(rows))
    result = position.brand_positions(markets, brand=brand)
    assert [finding.reason for finding in result.findings] == [reason]
    assert result.charts == ()
    for language in ("zh", "en"):
        assert translator(language, result.context).finding(result.findings[0])


def test_a_brand_without_a_market_names_the_table() -> None:
    brand = Brand.from_frames(
        survey=pd.DataFrame({"respondent_id": ["1"]}),
        currency="CNY",
        identifiers="public",
        period=made.PERIOD,
    )
    markets = market.open_markets(brand, period=made.PERIOD)
    with pytest.raises(MissingTableError, match="market"):
        position.brand_positions(markets, brand=brand)
    shown = lr.attempt(position.brand_positions, markets, brand=brand)
    assert shown.findings[0].status == "withheld"


def test_strengths_are_shares_by_counting() -> None:
    given = comments({"Ours": 0.4, "Theirs": 0.1, "Third": 0.12})
    window = common_window(given, least=30)
    frame = against_others(window, least=30).set_index("brand")
    within = given.reviews["day"].between(window.first, window.last).to_numpy()
    bad = (given.mentions["polarity"] < 0).to_numpy()
    own = (given.reviews["brand"] == "Ours").to_numpy()
    assert frame.loc["Ours", "rate"] == pytest.approx(bad[within & own].mean())
    assert frame.loc["Ours", "others"] == pytest.approx(bad[within & ~own].mean())
    assert frame["verdict"].to_dict() == {
        "Ours": "weakness", "Theirs": "strength", "Third": "strength"
    }  # fmt: skip
    result = position.brand_strengths(some_brand(), period=made.PERIOD, comments=given)
    assert [finding.template for finding in result.findings] == [
        "strengths_weakness",
        "strengths_strength",
    ]
    for language in ("zh", "en"):
        assert all(
            translator(language, result.context).finding(finding) for finding in result.findings
        )
        result.plot("strengths", language=language)


def test_days_that_brands_do_not_share_are_left_out() -> None:
    given = comments({"Ours": 0.2, "Theirs": 0.2})
    late = given.reviews["brand"] == "Theirs"
    given.reviews.loc[late, "day"] += pd.Timedelta(days=400)
    window = common_window(given, least=30)
    assert window.brands == ()
    result = position.brand_strengths(some_brand(), period=made.PERIOD, comments=given)
    assert [finding.reason for finding in result.findings] == ["strengths_one_brand"]


def test_alike_brands_have_no_strength() -> None:
    given = comments({"Ours": 0.2, "Theirs": 0.2})
    result = position.brand_strengths(some_brand(), period=made.PERIOD, comments=given)
    assert [finding.template for finding in result.findings] == ["strengths_alike"]


def test_gap_to_the_best_competitor() -> None:
    given = ratings(1.5)
    gaps = driver_gaps(given, own={"Ours"}, least=30).set_index("driver")
    row = gaps.loc["quality"]
    frame = given.frame

    def mean(name: str) -> float:
        own = frame[frame["brand"] == name]
        return float((own["quality"] * own["weight"]).sum() / own["weight"].sum())

    assert row["best"] == "A"
    assert row["gap"] == pytest.approx(mean("ours") - mean("A"))
    assert (row["verdict"], gaps.loc["value", "verdict"]) == ("behind", "alike")
    assert row["gap_low"] < -1.5 < row["gap_high"]


@pytest.mark.parametrize(("shift", "verdict"), [(1.5, "behind"), (0.0, "alike"), (-1.5, "ahead")])
def test_gaps_are_told_in_both_languages(shift, verdict) -> None:
    brand = some_brand()
    own = ratings(shift, own=brand.context.brand or "ours")
    result = position.brand_strengths(brand, period=made.PERIOD, answers=own)
    assert {finding.template for finding in result.findings} == {f"driver_gap_{verdict}"}
    for language in ("zh", "en"):
        assert all(
            translator(language, result.context).finding(finding) for finding in result.findings
        )


def test_too_few_answers_are_said() -> None:
    own = ratings(0.0)
    own.frame = own.frame[own.frame["brand"] != "ours"]
    result = position.brand_strengths(some_brand(), period=made.PERIOD, answers=own)
    assert [finding.reason for finding in result.findings] == ["gaps_few"]


def test_without_several_brands_the_column_is_named() -> None:
    shown = lr.attempt(position.brand_strengths, some_brand(), period=made.PERIOD)
    assert shown.findings[0].reason == "needs_column"
    assert "brand" in translator("en", shown.context).finding(shown.findings[0])
