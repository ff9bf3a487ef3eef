"""Prices of other households: by hand, without one's own, and what a model finds with them."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from competitors.choice import tills
from competitors.choice.panels import SECTIONS
from competitors.choice.tills import till_results

import loyalty_research as lr
from loyalty_research.competitors import brand_switching
from loyalty_research.competitors.choice import (
    brand_choice,
    fit_logit,
    make_design,
    repeat_sources,
)
from loyalty_research.competitors.choice.store_weeks import days_of_category, prices_of_weeks
from loyalty_research.competitors.choice.tills import LEAST_KEPT
from loyalty_research.engine import collect
from loyalty_research.language import LANGUAGES, Translator
from loyalty_research.results.disclosure import protected


def prices(frame: pd.DataFrame, *brands: str) -> pd.DataFrame:
    rows = tills.table(frame)
    found = prices_of_weeks(days_of_category(rows), rows, brands=brands or ("1", "2", "3"))
    return collect(found, sort_by=["occasion_id", "brand"])


def by_hand(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    """The same, line by line."""
    lines = frame.assign(week=frame["day"].dt.to_period("W"))
    usual = {
        name: own["amount"].sum() / own["quantity"].sum()
        for name, own in lines.groupby("product_id")
    }
    found = {}
    for (household, day), own in lines.groupby(["household_id", "day"]):
        store, week = own["store_id"].min(), own["week"].iloc[0]
        prices = {}
        for brand in ("1", "2", "3"):
            there = [
                line for line in lines.itertuples()
                if (line.store_id, line.week, line.brand) == (store, week, brand)
                and line.household_id != household
            ]  # fmt: skip
            if there:
                worth = sum(line.quantity * usual[line.product_id] for line in there)
                prices[brand] = sum(line.amount for line in there) / worth
        if len(prices) > 1:
            found |= {(f"{household}|{day.date()}", name): one for name, one in prices.items()}
    return found


def test_prices_are_those_of_others_by_hand() -> None:
    frame = tills.lines(1, households=12, weeks=5)
    found = prices(frame)
    told = {(row.occasion_id, row.brand): row.price for row in found.itertuples()}
    expected = by_hand(frame)
    assert told.keys() == expected.keys()
    assert len(told) > 20
    assert np.allclose([told[key] for key in expected], list(expected.values()), rtol=1e-4)


def test_ones_own_purchases_are_not_ones_price() -> None:
    frame = tills.lines(2, households=12, weeks=5)
    assert len(prices(frame)) > 20
    assert prices(frame[frame["household_id"] == frame["household_id"].iloc[0]]).empty


def test_unlike_packs_at_usual_prices_are_all_at_one() -> None:
    frame = tills.lines(3, households=30, weeks=6)
    worth = frame["product_id"].str.split().str[1].map(tills.PACKS)
    usual = frame.assign(amount=(worth * frame["quantity"]).astype(float))
    found = prices(usual)
    assert len(found) > 50
    assert np.allclose(found["price"], 1.0, atol=1e-6)


def test_lines_without_a_quantity_have_no_price() -> None:
    frame = tills.lines(4, households=30, weeks=6)
    none = frame.assign(quantity=frame["quantity"].where(frame["brand"] != "1", 0))
    assert "1" not in set(prices(none)["brand"])
    assert set(prices(none)["brand"]) == {"2", "3"}


def test_a_day_with_two_brands_or_stores_is_no_occasion() -> None:
    frame = tills.lines(5, households=40, weeks=6)
    first = frame.iloc[[0]]
    two = pd.concat([frame, first.assign(brand="2" if first["brand"].item() != "2" else "3"),
                     frame.iloc[[9]].assign(store_id="elsewhere")])  # fmt: skip
    one, other = tills.till(frame).coverage, tills.till(two).coverage
    assert one is not None
    assert other is not None
    assert one.days == one.occasions == other.days
    assert other.occasions == one.occasions - 2


@functools.cache
def responding() -> tills.Till:
    return tills.till(tills.lines(6, response=-2.5))


def test_shelf_prices_are_learnt_from_others() -> None:
    found = responding()
    assert found.coverage is not None
    assert found.occasions is not None
    assert found.coverage.kept > 0.95
    assert found.coverage.filled > 0.95
    weight = fit_logit(make_design(found.occasions, carry="loyalty")).estimate("price")
    assert weight.high < 0
    assert weight.value == pytest.approx(-2.5, abs=0.7)


def test_where_prices_play_no_part_none_is_found() -> None:
    found = tills.till(tills.lines(7)).occasions
    assert found is not None
    weight = fit_logit(make_design(found, carry="loyalty")).estimate("price")
    assert weight.low < 0 < weight.high


def test_a_quiet_shop_has_too_few_prices_and_says_how_few() -> None:
    made = tills.choices(tills.lines(8, households=20, stores=10, weeks=20, bought=0.15))
    coverage = made.tills[0].coverage
    assert coverage is not None
    assert coverage.kept < LEAST_KEPT
    assert made.till is None
    result = brand_choice(made)
    (finding,) = result.findings
    assert (finding.status, finding.reason) == ("withheld", "store_weeks_none")
    assert finding.as_dict()["values"]["kept"]["value"] == pytest.approx(coverage.kept)
    assert result.frames["store_weeks"]["kept"].tolist() == [coverage.kept]
    assert [table.name for table in result.tables] == ["store_weeks"]
    assert [item.reason for item in repeat_sources(made).findings] == ["store_weeks_none"]


def test_the_first_category_with_enough_prices_is_taken() -> None:
    quiet = tills.lines(8, households=20, stores=10, weeks=20, bought=0.15)
    made = tills.choices(quiet, tills.lines(6, response=-2.5))
    assert made.till is made.tills[1]


def test_a_category_of_one_brand_is_said() -> None:
    frame = tills.lines(9, households=20, weeks=6)
    made = tills.choices(frame[frame["brand"] == "1"])
    assert made.tills[0].coverage is None
    for section in SECTIONS:
        assert [item.status for item in section(made).findings] == ["withheld"]


def test_lines_without_quantities_are_named() -> None:
    frame = tills.lines(9, households=20, weeks=6).drop(columns="quantity")
    found = lr.attempt(brand_choice, tills.choices(frame)).findings[0]
    assert found.reason == "needs_column"
    told = [item["value"] for item in found.as_dict()["values"].values()]
    assert {"transactions", "quantity"} <= set(told)


def test_switching_of_tills_finds_what_is_planted_and_nothing_else() -> None:
    plain, sticky = (
        brand_switching(tills.choices(tills.lines(10, carry_over=value))).summary()
        for value in (0.0, 1.5)
    )
    assert (sticky["excess_low"] > 0).all()
    assert (plain["excess_low"] < 0).any()
    assert (plain["excess_high"] > 0).all()


def test_every_section_of_tills_can_be_told() -> None:
    for result in till_results():
        shown = protected(result)
        for language in LANGUAGES:
            words = Translator(language, shown.context)
            for item in shown.findings:
                assert "{" not in words.finding(item)
            for view in (*shown.charts, *shown.tables):
                assert "{" not in words.title(view)
                assert all("{" not in note for note in words.notes(view))
        for chart in shown.charts:
            for language in LANGUAGES:
                texts = result.plot(chart.name, language=language).axes[0].get_yticklabels()
                words = [text.get_text() for text in texts]
                if chart.name in ("elasticities", "parts"):
                    assert words[0].startswith("厂商" if language == "zh" else "maker")


def test_the_category_stands_under_every_figure_of_the_model() -> None:
    for result in till_results()[1:3]:
        for view in (*result.charts, *result.tables):
            if view.name != "store_weeks":
                assert "choice_store_weeks" in view.notes
                told = Translator("en", result.context).notes(view)
                assert any(note.startswith("Tea, within this chain") for note in told)
