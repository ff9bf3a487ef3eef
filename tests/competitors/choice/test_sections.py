"""The sections of choices: numbers are those of the models, and what is missing is said."""

from __future__ import annotations

import numpy as np
import pytest
from competitors.choice.panels import SECTIONS, choice_results, opened, panel, tables

import loyalty_research as lr
from loyalty_research.competitors import brand_switching
from loyalty_research.competitors.choice import brand_choice


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


def test_one_brand_is_said() -> None:
    for result in choice_results()[6:]:
        assert [finding.status for finding in result.findings] == ["withheld"]
        assert not result.charts


@pytest.mark.parametrize("section", SECTIONS)
def test_missing_tables_are_named(section) -> None:
    result = lr.attempt(section, opened(None, None))
    assert result.findings[0].reason == "needs_table"
    assert result.findings[0].values["table"].value == "market"


def test_choice_sets_are_not_needed_to_count_moves() -> None:
    market, _ = tables(panel(11, households=40, bought=8).occasions)
    only = opened(market, None)
    assert len(brand_switching(only).summary()) == 4
    assert lr.attempt(brand_choice, only).findings[0].values["table"].value == "choice_sets"
