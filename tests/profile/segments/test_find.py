"""Planted kinds are found, named and assigned; without them nothing is claimed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from results.segment_shops import PERIOD, TESTS

from loyalty_research.errors import DataError, ParameterError
from loyalty_research.language import Translator
from loyalty_research.profile.segments import (
    SegmentModel,
    choose_segments,
    customer_features,
    find_segments,
)
from loyalty_research.profile.segments.agreement import adjusted_rand
from loyalty_research.profile.segments.describe import MARKED, names_of
from loyalty_research.profile.segments.moves import moved_beyond_noise, moves_frame
from loyalty_research.results.disclosure import protected
from loyalty_research.stats import ratio


def by_id(result) -> dict:
    return {item.id: item for item in result.findings}


def assigned(result) -> pd.Series:
    return result.table.execute().set_index("customer_id")["segment"].sort_index()


def test_planted_kinds_are_found(found, kinds) -> None:
    item = by_id(found)["segments_found"]
    assert item.status == "stated"
    assert item.estimate == 3
    codes = assigned(found)
    assert (codes != "few").all()
    labels = pd.factorize(codes)[0]
    assert adjusted_rand(kinds[codes.index], labels, segments=3) > 0.95


def test_sizes_and_sales_add_up(found, orders) -> None:
    summary = found.summary()
    assert summary["customers"].sum() == orders["customer_id"].nunique()
    assert summary["net_sales"].sum() == pytest.approx(orders["net_sales"].sum())
    assert summary["share_sales"].sum() == pytest.approx(1)
    codes = assigned(found)
    for row in summary.to_dict("records"):
        own = orders[orders["customer_id"].isin(codes.index[codes == row["segment"]])]
        assert row["customers"] == own["customer_id"].nunique()
        assert row["order_value"] == pytest.approx(own["net_sales"].mean())
    largest = by_id(found)["segments_largest"]
    assert largest.at_stake == pytest.approx(summary["net_sales"].max())
    assert largest.estimate == pytest.approx(summary["share_sales"].max())


def test_traits_are_differences_from_all_and_make_the_names(found) -> None:
    traits = found.frames["traits"]
    sizes = found.summary().set_index("segment")["customers"]
    for _, own in traits.groupby("feature"):
        # The means of the segments balance around the mean of all.
        assert (own["difference"] * own["segment"].map(sizes)).sum() == pytest.approx(0, abs=1e-6)
        assert (own["low"] < own["difference"]).all()
        assert (own["difference"] < own["high"]).all()
    for segment, own in traits.groupby("segment"):
        strong = own[own["difference"].abs() >= MARKED]
        order = strong["difference"].abs().sort_values(ascending=False).index
        side = np.where(strong["difference"] > 0, "high", "low")
        named = (strong["feature"] + "_" + side)[order].tolist()
        assert segment.split("+")[:3] == named[:3]
    codes = set(traits["segment"])
    assert any("weekend_high" in code and "order_value_high" in code for code in codes)
    assert any("on_offer_high" in code for code in codes)
    assert any("frequency_high" in code for code in codes)


def test_names_differ_even_where_traits_do_not() -> None:
    rows = [
        {"place": place, "feature": name, "difference": value, "marked": abs(value) >= MARKED}
        for place in range(2)
        for name, value in (("frequency", 0.9), ("weekend", 0.1))
    ]
    rows.append({"place": 2, "feature": "frequency", "difference": 0.1, "marked": False})
    names = names_of(pd.DataFrame(rows))
    assert len(set(names)) == 3
    assert names[2] == "middle"
    words = Translator("zh"), Translator("en")
    for word in words:
        assert len({word.value(name, "label:traits") for name in names}) == 3


def test_rows_in_another_order_change_nothing(found, orders) -> None:
    again = find_segments(orders.sample(frac=1, random_state=1), period=PERIOD, tests=TESTS)
    assert again.model == found.model
    for name, frame in found.frames.items():
        pd.testing.assert_frame_equal(again.frames[name], frame, check_exact=True)
    assert [item.as_dict() for item in again.findings] == [
        item.as_dict() for item in found.findings
    ]


def test_new_customers_are_assigned_by_a_model_from_json(found, orders) -> None:
    model = SegmentModel.from_dict(json.loads(json.dumps(found.model.as_dict())))
    assert model == found.model
    features = customer_features(
        orders, period=PERIOD, early_before=model.early_before, channel=model.channel
    )
    labels = model.assign(features.sample(frac=1, random_state=2)).set_index("customer_id")
    want = assigned(found).map({name: place + 1 for place, name in enumerate(model.names)})
    assert (labels["segment"].sort_index() == want).all()
    few = features.assign(occasions=4)
    assert (model.assign(few)["segment"] == 0).all()


def test_assigning_names_every_column_that_is_missing(found, orders) -> None:
    features = customer_features(orders, period=PERIOD)
    with pytest.raises(DataError) as caught:
        found.model.assign(features.drop(columns=["weekend", "silence"]))
    assert "weekend" in str(caught.value)
    assert "silence" in str(caught.value)
    with pytest.raises(DataError, match="weekend"):
        found.model.assign(features.assign(weekend=np.nan))


def test_unchanged_customers_are_not_said_to_move(found) -> None:
    item = by_id(found)["segments_moved"]
    assert item.status == "withheld"
    assert item.reason == "no_moves_beyond_noise"
    moves = found.frames["moves"]
    assert moves["observed"].sum() == pytest.approx(moves["expected_same"].sum())


def test_customers_who_change_their_kind_are_said_to_move(movers) -> None:
    item = by_id(movers)["segments_moved"]
    assert item.status == "stated"
    assert 0 < item.low < item.estimate < item.high < 0.3
    told = {name: value["value"] for name, value in item.as_dict()["values"].items()}
    assert told["moved"] - told["seems"] == pytest.approx(item.estimate)


def test_moves_beyond_noise_count_customers_in_both() -> None:
    rng = np.random.default_rng(3)
    parts = {name: rng.integers(1, 4, 300) for name in ("first", "odd")}
    changed = rng.random(300) < 0.3
    moves = pd.DataFrame(parts)
    moves["last"] = np.where(changed, moves["first"] % 3 + 1, moves["first"])
    moves["even"] = moves["odd"]
    moves.loc[:29, "even"] = moves.loc[:29, "odd"] % 3 + 1
    excess, moved, seems = moved_beyond_noise(moves)
    assert moved == pytest.approx(changed.mean())
    assert seems == pytest.approx(0.1)
    difference = changed.astype(float) - (np.arange(300) < 30)
    assert excess == ratio(difference, np.ones(300))
    frame = moves_frame(moves, ("a", "b", "c"))
    assert frame["observed"].sum() == 300
    assert frame["expected_same"].sum() == pytest.approx(300)
    matrix = frame.pivot(index="origin", columns="target", values="expected_same")
    assert (matrix == matrix.T).all(axis=None)


def test_traits_dealt_at_random_are_a_continuum(continuum) -> None:
    item = by_id(continuum)["segments_continuum"]
    assert item.status == "stated"
    assert continuum.model is None
    assert set(assigned(continuum)) <= {"continuum", "few"}
    assert {"evidence", "continuum"} & {chart.name for chart in continuum.charts}
    assert not {"traits", "moves"} & set(continuum.frames)


def test_few_customers_are_one_line(orders) -> None:
    result = find_segments(orders[orders["customer_id"] < 40], period=PERIOD)
    (item,) = result.findings
    assert (item.status, item.reason, item.base) == ("withheld", "few_for_segments", 40)
    assert result.charts == ()
    assert result.tables == ()
    nobody = find_segments(orders[orders["customer_id"] < 0], period=PERIOD)
    assert nobody.findings[0].reason == "few_for_segments"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("which", ["found", "continuum", "movers"])
def test_everything_is_told_in_words(which, language, request) -> None:
    result = request.getfixturevalue(which)
    words = Translator(language, result.context)
    texts = [words.finding(item) for item in result.findings]
    for chart in result.charts:
        texts += [words.title(chart), words.alt(chart)]
        assert chart.persons is not None
    for view in result.tables:
        texts.append(words.title(view))
        assert view.persons is not None
        for column in view.columns:
            texts.append(words.text(f"column.{column.heading or column.name}"))
    for frame, unit in (("summary", "label:traits"), ("features", "label:segment_feature_rule")):
        column = "segment" if frame == "summary" else "rule"
        texts += [words.value(code, unit) for code in result.frames[frame][column]]
    for text in texts:
        assert text
        assert not {"{", "_", "+"} & set(text), text
    assert protected(result).findings


def test_small_segments_are_hidden_where_identities_are_personal(found) -> None:
    summary = found.summary()
    few = summary.assign(customers=[4, *summary["customers"].iloc[1:]])
    shown = protected(replace(found, frames={**found.frames, "summary": few}))
    kept = shown.frames["summary"]
    assert 4 not in kept["customers"].tolist()


def test_the_same_rows_and_name_give_the_same_choice() -> None:
    rows = np.random.default_rng(9).normal(size=(100, 3))
    first = choose_segments(rows, name="one", tests=19)
    again = choose_segments(rows, name="one", tests=19)
    assert (first.observed.stability == again.observed.stability).all()
    assert (first.fit_limit == again.fit_limit).all()
    assert first.segments == 1


def test_the_number_of_comparisons_must_allow_the_level(orders) -> None:
    with pytest.raises(ParameterError, match="tests: found 20"):
        find_segments(orders, period=PERIOD, tests=20)
