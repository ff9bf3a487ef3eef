"""The sections of choices: numbers are those of the models, and what is missing is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from competitors.choice.panels import SECTIONS, choice_results, opened, panel, tables

import loyalty_research as lr
from loyalty_research.competitors import brand_switching
from loyalty_research.competitors.choice import brand_choice
from loyalty_research.competitors.choice.responses import _price_findings
from loyalty_research.language import translator


def test_parts_of_the_table_add_up_and_the_figure_shows_them() -> None:
    sources = choice_results()[2]
    frame = sources.summary()
    parts = ["chance", "preference", "price", "carry_over"]
    assert np.allclose(frame[parts].sum(axis=1), frame["repeat"])
    shown = sources.frames["parts"].pivot(index="brand", columns="part", values="points")
    assert np.allclose(shown.loc[frame["brand"], parts], 100 * frame[parts])


def test_intervals_hold_the_estimates() -> None:
    for result in choice_results():
        for frame in result.frames.values():
            for name in frame.columns:
                if f"{name}_low" in frame and name != "excess":
                    known = frame.dropna(subset=[name, f"{name}_low"])
                    assert (known[f"{name}_low"] <= known[name] + 1e-9).all(), name
                    assert (known[f"{name}_high"] >= known[name] - 1e-9).all(), name


def test_without_prices_there_are_no_elasticities() -> None:
    result = choice_results()[4]
    assert "cross" not in result.frames
    assert [chart.name for chart in result.charts] == ["carry_over"]
    assert not any(finding.template == "choice_elasticity" for finding in result.findings)


def test_prices_by_lot_tell_no_elasticity() -> None:
    result = choice_results()[10]
    (said,) = [item for item in result.findings if "elasticity" in item.template]
    assert said.template == "choice_elasticity_none"
    assert said.low < 0 < said.high


def test_one_brand_is_said() -> None:
    for result in choice_results()[6:9]:
        assert [finding.status for finding in result.findings] == ["withheld"]
        assert not result.charts


@pytest.mark.parametrize(
    ("change", "sections"),
    [
        (lambda market, sets: (market[market["sequence"] == 1], sets), SECTIONS),
        (lambda market, sets: (market, sets.assign(price=0.0)), SECTIONS[1:]),
        (lambda market, sets: (market, without_bought(market, sets)), SECTIONS[1:]),
    ],
    ids=["one_purchase", "prices_of_zero", "without_the_brand_bought"],
)
def test_what_says_nothing_is_withheld_with_its_reason(change, sections) -> None:
    found = opened(*change(*tables(panel(11, households=40, bought=8).occasions)))
    for section in sections:
        result = section(found)
        assert [finding.status for finding in result.findings] == ["withheld"]
        assert not result.charts
        assert not result.tables
        for language in ("zh", "en"):
            assert "{" not in translator(language, result.context).finding(result.findings[0])


def without_bought(market: pd.DataFrame, sets: pd.DataFrame) -> pd.DataFrame:
    both = ["occasion_id", "brand"]
    return sets[~sets.set_index(both).index.isin(market.set_index(both).index)]


def test_a_brand_that_nobody_bought_is_not_among_those_on_offer_and_the_page_says_so() -> None:
    market, sets = tables(panel(11, households=40, bought=8, carry_over=1.0).occasions)
    never = sets.drop_duplicates("occasion_id").assign(brand="e", price=1.0)
    result = brand_choice(opened(market, pd.concat([sets, never])))
    plain = choice_results()[1]
    assert np.allclose(result.summary()["elasticity"], plain.summary()["elasticity"])
    note = translator("en", result.context).text("note.choice_models")
    assert "nobody bought" in note
    assert all("choice_models" in table.notes for table in result.tables if table.name == "models")


@pytest.mark.parametrize("section", SECTIONS)
def test_missing_tables_are_named(section) -> None:
    result = lr.attempt(section, opened(None, None))
    assert result.findings[0].reason == "needs_table"
    assert result.findings[0].as_dict()["values"]["table"]["value"] == "market"


def test_choice_sets_are_not_needed_to_count_moves() -> None:
    market, _ = tables(panel(11, households=40, bought=8).occasions)
    only = opened(market, None)
    assert len(brand_switching(only).summary()) == 4
    told = lr.attempt(brand_choice, only).findings[0].as_dict()
    assert told["values"]["table"]["value"] == "choice_sets"


@pytest.mark.parametrize(
    ("high", "template"), [(0.1, "choice_elasticity_none"), (-0.1, "choice_elasticity")]
)
def test_elasticities_are_ranked_only_where_one_differs_from_nothing(high, template) -> None:
    result = choice_results()[1]
    choices = opened(*tables(panel(11, households=40, bought=8).occasions))
    frame = result.summary().assign(elasticity=-0.5, elasticity_low=-1.0, elasticity_high=high)
    first = next(_price_findings(choices, frame, 40))
    assert first.template == template
    for language in ("zh", "en"):
        assert translator(language, choices.context).finding(first)
