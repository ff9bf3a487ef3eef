"""What is published: drawn by measure, compared with care, and never taken for simulated."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from loyalty_research.brand import Facts, load_facts
from loyalty_research.charts import draw
from loyalty_research.engine import Context
from loyalty_research.language import LANGUAGES, Translator
from loyalty_research.profile import performance
from loyalty_research.report.material import Report
from loyalty_research.report.verdict import Placed, decide
from loyalty_research.results import Result

ROOT = Path(__file__).resolve().parents[2]
SIMULATED = Context(brand="made", currency="EUR", evidence="synthetic", provenance="world:made")


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load_facts(ROOT)


def published(facts: Facts, brand: str, context: Context = SIMULATED) -> Result:
    made: Any = SimpleNamespace(context=context, facts=None)
    return performance(made, facts=facts.of(brand))


def mixed_axes(result: Result) -> list[str]:
    """Return the figures that draw more than one measure."""
    return [
        chart.name
        for chart in result.charts
        if len(set(result.frames[chart.frame]["measure"])) != 1
    ]


def of(result: Result, measure: str) -> Any:
    return next(item for item in result.findings if item.id == f"performance_{measure}")


def test_no_axis_has_two_definitions(facts: Facts) -> None:
    drawn = 0
    for brand in facts.brands:
        result = published(facts, brand)
        assert mixed_axes(result) == [], brand
        assert len({chart.frame for chart in result.charts}) == len(result.charts)
        drawn += len(result.charts)
    assert drawn >= 12


def test_a_mixed_axis_would_be_found(facts: Facts) -> None:
    """Chagee's registered and active members on one axis: what must not be."""
    result = published(facts, "chagee")
    registered = result.frames["series_registered_members"]
    other = registered.assign(measure="quarterly_active_members")
    frames = {**result.frames, "series_registered_members": pd.concat([registered, other])}
    mixed = Result("performance", "profile", "x", frames, charts=result.charts)
    assert mixed_axes(mixed) == ["registered_members"]


def test_change_on_the_year_before(facts: Facts) -> None:
    result = published(facts, "luckin")
    customers = of(result, "monthly_transacting_customers")
    assert customers.template == "performance_change"
    assert customers.estimate == pytest.approx(93.1 / 74.3 - 1)
    assert "2025Q1" in Translator("en").finding(customers)
    assert of(result, "net_revenue").template == "performance_latest"  # 2024Q4 is not published
    share = of(published(facts, "tims_china"), "digital_share_of_orders")
    assert (share.unit, share.estimate) == ("point_change", pytest.approx(0.04))


def test_a_rate_of_growth_is_not_compared_again(facts: Facts) -> None:
    growth = of(published(facts, "luckin"), "same_store_growth")
    assert growth.template == "performance_growth"
    assert growth.estimate == pytest.approx(-0.001)


@pytest.mark.parametrize(
    ("brand", "measure", "bound"),
    [
        ("luckin", "delivery_share", "over"),
        ("mcdonalds_global", "active_members_90_days", "nearly"),
    ],
)
def test_a_bound_is_told_in_words(facts: Facts, brand: str, measure: str, bound: str) -> None:
    finding = of(published(facts, brand), measure)
    assert finding.template == "performance_bound"
    text = Translator("en").finding(finding)
    assert f"{bound} " in text
    assert "no change is worked out" in text


def test_only_plain_figures_of_one_kind_are_drawn(facts: Facts) -> None:
    result = published(facts, "luckin")
    customers = result.frames["series_monthly_transacting_customers"]
    assert customers["period"].iloc[0] == "2021Q2"  # those before the restatement are listed only
    assert not customers["period"].str.startswith("FY").any()
    table = result.summary()
    listed = table[table["measure"] == "monthly_transacting_customers"]
    assert len(listed) == 24
    assert set(listed.loc[listed["caution"].notna(), "period"]) == {"2018Q2", "2019Q2"}
    stores = published(facts, "mixue").frames["series_stores"]
    assert stores["period"].tolist() == ["2024-06", "2024-12", "2025-06"]


def test_time_runs_evenly_and_gaps_stay_empty(facts: Facts) -> None:
    revenue = published(facts, "luckin").frames["series_net_revenue"]
    months = pd.PeriodIndex(revenue["last_month"], freq="M")
    assert {step.n for step in months[1:] - months[:-1]} == {3}
    assert revenue.loc[revenue["value"].isna(), "period"].tolist() == ["2024Q4"]
    active = published(facts, "starbucks_us").frames["series_active_members_90_days"]
    assert active["period"].iloc[0] == "FY2019Q4"
    assert active["value"].notna().sum() == 6
    assert len(active) > 6


def test_published_figures_carry_no_mark_of_simulated_ones(facts: Facts) -> None:
    result = published(facts, "luckin")
    chart = result.charts[0]
    frame = result.frames[chart.frame]
    for language in LANGUAGES:
        mark = Translator(language).text("simulated")

        def texts(context: Context, own: str = language) -> list[str]:
            figure = draw(chart, frame, Translator(own, context))
            found = [item.get_text() for item in figure.texts]
            plt.close(figure)
            return found

        assert mark not in texts(result.context)
        assert mark in texts(SIMULATED)  # as any other figure of the brand has it
        assert Translator(language).text("note.public_real") in Translator(
            language, result.context
        ).notes(chart)
    real = published(facts, "luckin", Context(brand="real", currency="CNY", public=True))
    assert not any("public_real" in view.notes for view in (*real.charts, *real.tables))


def test_graded_as_published_and_kept_off_the_first_page(facts: Facts) -> None:
    result = published(facts, "luckin")
    assert {item.evidence for item in result.findings} == {"published"}
    assert all(item.low is None and item.at_stake is None for item in result.findings)
    assert result.context.currency == "CNY"  # that of the figures, not of the brand's rows
    placed = [Placed(item, "profile", result.context) for item in result.findings]
    verdict = decide(placed, has=lambda _: True, tables=None)
    assert (verdict.findings, verdict.numbers, verdict.headline) == ((), (), None)


def test_the_report_keeps_its_own_period_and_names_what_is_real(facts: Facts) -> None:
    told = published(facts, "luckin")
    own = dataclasses.replace(
        told.findings[0],
        id="own",
        evidence="synthetic",
        period=("2025-01-01", "2025-03-31"),
    )
    simulated = Result("own", "profile", "x", {}, findings=(own,), context=SIMULATED)

    def report(*results: Result) -> Report:
        chapter = SimpleNamespace(name="profile")
        part: Any = SimpleNamespace(chapter=chapter, results=dict(enumerate(results)))
        return Report("made", {}, {}, "2026-01-01", (part,), ("zh", "en"))

    both = report(simulated, told)
    assert both.period == ("2025-01-01", "2025-03-31")
    assert (both.simulated, both.published) == (True, True)
    assert not report(simulated).published
    assert not report(told).simulated


@pytest.mark.parametrize(("language", "words"), [("zh", "须核对"), ("en", "check before print")])
def test_a_source_at_second_hand_says_so(facts: Facts, language: Any, words: str) -> None:
    text = Translator(language).finding(of(published(facts, "luckin"), "stores"))
    assert words in text


def test_what_is_worked_out_says_so(facts: Facts) -> None:
    finding = of(published(facts, "chagee"), "registered_members")
    assert finding.template == "performance_change_derived"
    assert "222.0 / 1.367" in Translator("zh").finding(finding)


def test_sources_are_numbered_in_the_order_of_use(facts: Facts) -> None:
    result = published(facts, "luckin")
    assert result.frames["sources"]["number"].tolist() == list(range(1, 19))
    first_use = result.summary()["number"].drop_duplicates().tolist()
    assert first_use == sorted(first_use)


def test_a_brand_without_published_figures_has_an_empty_result() -> None:
    made: Any = SimpleNamespace(context=Context(), facts=None)
    result = performance(made)
    assert (result.findings, result.charts, result.tables) == ((), (), ())
    assert result.summary().empty
