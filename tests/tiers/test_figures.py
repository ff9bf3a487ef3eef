"""What the figures of chapter 3 show, in both languages and on a phone."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from programme_shop import EACH, KINDS, easy, late, shop

from loyalty_research import tiers
from loyalty_research.charts import draw
from loyalty_research.language import translator

PIXEL = 1.0


@cache
def figures() -> dict[str, tuple[Any, Any, Any]]:
    """Return the figures of the shop by section and name."""
    made = tiers.replays(shop(), [easy(), late()])
    sections = (tiers.levels, tiers.reach, tiers.rewards, tiers.gains, tiers.reminders)
    results = [section(None, replays=made) for section in sections]
    return {
        f"{result.name}.{chart.name}": (chart, result.frames[chart.frame], result.context)
        for result in results
        for chart in result.charts
    }


def test_every_section_but_the_reminders_of_two_months_has_its_figures() -> None:
    assert list(figures()) == [
        "programme_levels.pyramid",
        "programme_levels.months",
        "programme_reach.curve",
        "programme_rewards.deciles",
        "programme_gains.deciles_late",
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("narrow", [False, True])
def test_legends_stay_inside_and_sentences_are_filled(language, narrow) -> None:
    for chart, frame, context in figures().values():
        words = translator(language, context)
        assert "{" not in words.title(chart) + words.alt(chart)
        figure = draw(chart, frame, words, narrow=narrow)
        for legend in figure.legends:
            box = legend.get_window_extent()
            assert box.x0 >= figure.bbox.x0 - PIXEL, chart.name
            assert box.x1 <= figure.bbox.x1 + PIXEL, chart.name


def test_the_pyramid_holds_all_members_of_each_programme() -> None:
    chart, frame, context = figures()["programme_levels.pyramid"]
    (axes,) = draw(chart, frame, translator("en", context)).axes
    widths = [bar.get_width() for bar in axes.containers[0]]
    assert widths == pytest.approx([0.7, 0.3, 0.4, 0.5, 0.1])


def test_gains_go_up_and_losses_down() -> None:
    chart, frame, context = figures()["programme_gains.deciles_late"]
    (axes,) = draw(chart, frame, translator("en", context)).axes
    up, down = ([bar.get_height() for bar in part] for part in axes.containers[:2])
    assert up == [0.0] * 5 + [1.0] * 5
    assert down == [0.0] + [-1.0] * 4 + [0.0] * 5


def test_months_add_up_to_the_members() -> None:
    chart, frame, context = figures()["programme_levels.months"]
    (axes,) = draw(chart, frame, translator("en", context)).axes
    heights = [[bar.get_height() for bar in part] for part in axes.containers]
    assert [sum(month) for month in zip(*heights, strict=True)] == [EACH * len(KINDS)] * 3
