"""What the survey sections print, in either language, and what their figures draw."""

from __future__ import annotations

import re

import pytest
from drivers.test_survey import SECTIONS

import loyalty_research as lr
from loyalty_research.charts import draw
from loyalty_research.language import LANGUAGES, translator
from loyalty_research.results import Result
from loyalty_research.results.html import cell_texts, heading

HAN = r"[\u4e00-\u9fff]"
CAUSAL = {
    "zh": ("导致", "带来", "提升了", "造成", "使得", "促使"),
    "en": (" cause ", " causes ", " leads to", " boost", " thanks to "),
}


@pytest.fixture(scope="module")
def results() -> list[Result]:
    brand = lr.open_brand("mobile")
    return [analysis(brand, period=brand.period) for analysis in SECTIONS]


def printed(result: Result, language: str) -> list[str]:
    """Return every text a page prints of a result."""
    words = translator(language, result.context)
    texts = [words.finding(item) for item in result.findings]
    for view in (*result.charts, *result.tables):
        texts += [words.title(view), words.source(view), *words.notes(view)]
        texts += [text for pair in words.definitions(view) for text in pair]
    texts += [words.alt(chart) for chart in result.charts]
    for view in result.tables:
        texts += [heading(column, words) for column in view.columns]
        for row in result.frames[view.frame].to_dict("records"):
            texts += [cell_texts(column, row, words)[0] for column in view.columns]
    return texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_and_claims_no_effect(results, language) -> None:
    for result in results:
        for text in printed(result, language):
            assert text
            assert "{" not in text
            assert "nan" not in text.lower().split()
            assert not any(word in text for word in CAUSAL[language]), text
            if language == "en":
                assert not re.search(HAN, text), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_and_label_is_a_word(results, language) -> None:
    for result in results:
        words = translator(language, result.context)
        for view in result.tables:
            for column in view.columns:
                assert words.has(f"column.{column.heading or column.name}"), column
                if column.unit.startswith("label:"):
                    domain = column.unit.removeprefix("label:")
                    for code in result.frames[view.frame][column.name]:
                        assert words.has(f"label.{domain}.{code}"), (domain, code)


def test_the_figure_of_paths_draws_a_row_for_each(results) -> None:
    fit = results[2]
    (chart,) = [item for item in fit.charts if item.name == "paths"]
    for language in LANGUAGES:
        figure = draw(chart, fit.frames["summary"], translator(language, fit.context))
        (axes,) = figure.axes
        names = [label.get_text() for label in axes.get_yticklabels()]
        assert names == fit.paths[f"arrow_{language}"].to_list()
        drawn = sorted(
            float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o"
        )
        assert drawn == pytest.approx(sorted(fit.paths["value"]))


def test_every_result_cites_its_methods(results) -> None:
    for result in results:
        assert result.cite().count("@") == len(result.references) > 1


def test_the_failing_construct_says_what_follows(results) -> None:
    (told,) = [item for item in results[1].findings if item.id == "measurement_outcome_fails"]
    for language, words in (("zh", "只作参考"), ("en", "indications only")):
        assert words in translator(language, results[1].context).finding(told)
