"""Results as HTML fragments."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

from loyalty_research.engine import Context
from loyalty_research.findings import Chart, Column, Finding, TableView
from loyalty_research.language import Translator, catalogue
from loyalty_research.results import Result
from loyalty_research.results.html import findings_html, heading, result_html, table_html

PERIOD = ("2024-01-01", "2024-12-31")
FRAME = pd.DataFrame(
    {
        "name": ["<i>&", None],
        "value": [0.5, float("nan")],
        "day": pd.to_datetime(["2024-02-03", None]),
        "low": [0.4, None],
        "high": [0.6, None],
        "unit": ["share", "money"],
        "text_zh": ["甲", "乙"],
        "text_en": ["a", "b"],
    }
)


@pytest.fixture(autouse=True)
def wording(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add the wording these tests print."""
    added = {
        "table.x.title": "A <title>",
        "chart.x.title": 'A "figure"',
        "chart.x.alt": 'It "shows" <this>',
        "finding.x": "Half: {estimate}{interval}.",
        "column.share": "Share",
    }
    words = {name: catalogue(name) | added for name in ("zh", "en")}
    module = sys.modules[
        "loyalty_research.language.translator"
    ]  # the package has a function so called
    monkeypatch.setattr(module, "catalogue", words.__getitem__)


def view(*columns: Column) -> TableView:
    return TableView("x", "x", "summary", columns, 50, "customers", PERIOD)


def finding() -> Finding:
    return Finding(
        "x", "x", "c", "s", "x", 0.5, "share", 50, "customers", "repurchase_rate", PERIOD, "count"
    )


def test_cells_take_their_unit_from_the_row_and_their_text_from_the_language() -> None:
    columns = (
        Column("name"),
        Column("value", "@unit", low="low", high="high"),
        Column("day", "date"),
        Column("text_{language}"),
    )
    html = table_html(view(*columns), FRAME, Translator("en"))
    assert "<td>&lt;i&gt;&amp;</td>" in html
    assert '<td class="number">50.0% <span class="interval">(40.0%–60.0%)</span></td>' in html
    assert "<td>3 Feb 2024</td><td>a</td>" in html
    assert '<tr><td>–</td><td class="number">–</td><td>–</td><td>b</td></tr>' in html
    assert "A &lt;title&gt;" in html
    assert "<td>甲</td>" in table_html(view(*columns), FRAME, Translator("zh"))


def test_a_heading_falls_back_to_the_name_of_the_column() -> None:
    assert heading(Column("share"), Translator("en")) == "Share"
    assert heading(Column("value", heading="share"), Translator("en")) == "Share"
    assert heading(Column("nothing_like_it"), Translator("en")) == "nothing_like_it"


def test_a_finding_shows_its_grade_and_base() -> None:
    html = findings_html([finding()], Translator("en"))
    assert "Half: 50.0%." in html
    assert ">observed</span>" in html
    assert "base 50 customers" in html
    assert findings_html([], Translator("en")) == ""


def test_a_result_displays_itself_in_the_language_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    encode = {"x": "unit", "y": "share", "unit": "share"}
    chart = Chart("x", "x", "bars", "summary", encode, 50, "customers", PERIOD)
    result = Result(
        "x",
        "c",
        "s",
        {"summary": pd.DataFrame({"unit": ["a", "b"], "share": [0.4, 0.6]})},
        (finding(),),
        (chart,),
        (view(Column("unit")),),
        context=Context(provenance="<source>", public=True),
    )
    html = result_html(result, "en")
    assert 'lang="en"' in html
    assert 'alt="It &quot;shows&quot; &lt;this&gt;"' in html
    assert html.count("data:image/svg+xml;base64,") == 1
    assert "<source>" not in html
    assert html == result_html(result, "en")
    monkeypatch.setenv("LOYALTY_LANGUAGE", "zh")
    assert 'lang="zh"' in result._repr_html_()
