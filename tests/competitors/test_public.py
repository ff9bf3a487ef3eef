"""Published figures side by side: one definition a panel, a split that adds up, stated limits."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from competitors.public import file, load, next_quarter, opened, public_results

from loyalty_research.brand import Facts, load_facts
from loyalty_research.charts import draw
from loyalty_research.competitors import public_performance
from loyalty_research.competitors.public_split import growth_split, not_split
from loyalty_research.findings import Finding
from loyalty_research.language import LANGUAGES, Translator

EXACT = 1e-12


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    return load(file(), tmp_path)


@pytest.fixture(scope="module")
def published() -> Facts:
    return load_facts()


def mixed(frame: pd.DataFrame) -> list[str]:
    """Return the panels with more than one measure, brand or unit."""
    kinds = frame.groupby("panel_en")[["measure", "brand", "unit"]].nunique()
    return kinds[(kinds != 1).any(axis=1)].index.tolist()


def test_a_change_is_stores_times_customers_per_store(facts: Facts) -> None:
    (row,) = growth_split(facts.in_trade("tea")).to_dict("records")
    assert (row["brand"], row["when"], row["before_when"]) == ("splits", "2025Q1", "2024Q1")
    assert row["basis"] == "year_before"
    assert row["total_part"] == pytest.approx(math.log(1.8), abs=EXACT)
    assert row["stores_part"] == pytest.approx(math.log(1.5), abs=EXACT)
    assert row["per_store_part"] == pytest.approx(math.log((1800 / 150) / (1000 / 100)), abs=EXACT)
    # opening and closing stores averaged: 155 against 90
    assert row["stores_part_mean"] == pytest.approx(math.log(155 / 90), abs=EXACT)
    assert row["stores_part_mean"] + row["per_store_part_mean"] == pytest.approx(math.log(1.8))


def test_without_a_year_before_the_period_before_is_taken(tmp_path) -> None:
    split = growth_split(load(next_quarter(), tmp_path).in_trade("tea"))
    (row,) = split[split["brand"] == "splits"].to_dict("records")
    assert (row["basis"], row["before_when"]) == ("period_before", "2024Q4")
    assert row["stores_part"] == pytest.approx(math.log(150 / 160), abs=EXACT)
    assert np.isnan(row["stores_part_mean"])  # the stores of the third quarter are not known


def test_published_splits_add_up(published: Facts) -> None:
    split = growth_split(published.of(brand) for brand in published.brands)
    assert {"luckin", "chagee"} <= set(split["brand"])
    total = split["total_part"]
    np.testing.assert_allclose(split["stores_part"] + split["per_store_part"], total, atol=EXACT)
    np.testing.assert_allclose(np.exp(total), split["flow"] / split["flow_before"], rtol=EXACT)
    mean = split.dropna(subset=["stores_part_mean"])
    parts = mean["stores_part_mean"] + mean["per_store_part_mean"]
    np.testing.assert_allclose(parts, mean["total_part"], atol=EXACT)
    assert 0 < len(mean) < len(split)  # opening stores are not always published


def test_a_split_uses_figures_as_published(published: Facts) -> None:
    split = growth_split([published.of("luckin")]).set_index("when")
    row = split.loc["2025Q4"]
    for column, series, period in (
        ("flow", "luckin_monthly_customers", "2025Q4"),
        ("flow_before", "luckin_monthly_customers", "2024Q4"),
        ("stores", "luckin_stores", "2025Q4"),
        ("stores_before", "luckin_stores", "2024Q4"),
    ):
        assert row[column] == published.point(series, period).amount
    # its revenue is the company's, not that of all stores
    assert set(split["measure"]) == {"monthly_transacting_customers"}


def test_without_the_same_period_a_year_earlier_the_one_before_is_used(published: Facts) -> None:
    split = growth_split([published.of("chagee")])
    assert set(split["basis"]) == {"period_before"}
    assert split["when"].tolist() == ["2025Q2", "2025Q3", "2025Q4"]
    assert set(growth_split([published.of("luckin")])["basis"]) == {"year_before"}


@pytest.mark.parametrize("key", ["bound", "caution"])
def test_bounds_and_what_does_not_compare_are_never_split(tmp_path: Path, key: str) -> None:
    data = file()
    data["series"]["splits_customers"]["points"][0][key] = {
        "bound": "over",
        "caution": "not_comparable",
    }[key]
    assert growth_split(load(data, tmp_path).in_trade("tea")).empty


def test_each_brand_without_a_split_has_its_reason(facts: Facts) -> None:
    brands = facts.in_trade("tea")
    missing = not_split(brands, growth_split(brands)).set_index("brand")["reason"]
    assert missing.to_dict() == {
        "bare": "neither",
        "shops": "no_flow",
        "sales": "no_stores",
        "apart": "no_pair",
    }


def test_no_panel_has_two_definitions() -> None:
    seen = 0
    for result in public_results():
        for chart in result.charts:
            if chart.kind == "panels":
                frame = result.frames[chart.frame]
                assert mixed(frame) == [], chart.name
                seen += frame["panel_en"].nunique()
    assert seen >= 25


def test_a_mixed_panel_would_be_found() -> None:
    coffee = next(item for item in public_results() if "panels_customers" in item.frames)
    frame = coffee.frames["panels_customers"]
    assert mixed(frame.assign(panel_en="all")) == ["all"]


def test_panels_keep_a_scale_each(published: Facts) -> None:
    result = public_performance(opened("coffee", "luckin"), facts=published)
    chart = next(item for item in result.charts if item.name == "panels_stores")
    for narrow in (False, True):
        figure = draw(chart, result.frames[chart.frame], Translator("zh"), narrow=narrow)
        bars = [[bar.get_height() for bar in axes.patches] for axes in figure.axes]
        heights = [np.nanmax(several) for several in bars]
        assert heights == [33_596, 1_022]
        tops = [axes.get_ylim()[1] for axes in figure.axes]
        assert all(top < 1.5 * height for top, height in zip(tops, heights, strict=True))
        assert [axes.get_title(loc="left").split("\n")[0] for axes in figure.axes] == [
            "瑞幸咖啡",
            "Tims 天好咖啡（中国）",
        ]


def test_peers_are_those_of_the_trade_with_the_brand_itself_first(facts: Facts) -> None:
    result = public_performance(opened("tea", "shops"), facts=facts)
    brands = list(dict.fromkeys(result.summary()["brand"]))
    assert set(brands) == {"splits", "bare", "shops", "sales", "apart"}
    stores = result.summary().query("measure == 'stores'")
    assert stores["brand"].tolist() == ["shops", "splits", "apart"]
    assert stores["own"].tolist() == [True, False, False]
    newest = stores.set_index("brand")["period"]
    assert newest.to_dict() == {"shops": "2025Q1", "splits": "2025Q1", "apart": "2024Q4"}


def test_scores_stand_apart_with_their_sector(facts: Facts) -> None:
    result = public_performance(opened("tea"), facts=facts)
    assert "score" not in set(result.summary()["measure"])
    newest = result.frames["newest_tea_index"]
    assert newest["brand"].tolist() == ["mean", "apart"]
    assert newest["period"].unique().tolist() == ["2025"]
    finding = next(item for item in result.findings if item.template == "public_index")
    assert finding.estimate == 71  # the mean of the sector is no brand
    assert _printed(finding, "mean") == 75


def test_only_scores_with_a_note_are_marked(published: Facts) -> None:
    history = public_performance(opened("coffee"), facts=published).frames["history"]
    scores = history.set_index("name_en")["scores"]
    assert scores["Dunkin'"] == "2012: 79, 2013: 80, 2018: 78*, 2019: 78*"
    assert scores["KFC (US)"] == "2025: 77"
    assert (history["scores"].str.contains(r"\*") == history["note_en"].notna()).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_scores_whose_publisher_forbids_it_are_not_shown(published: Facts, language) -> None:
    result = public_performance(opened("coffee", "luckin"), facts=published)
    finding = next(item for item in result.findings if item.id == "public_index_c_csi_coffee")
    assert (finding.status, finding.estimate) == ("withheld", None)
    text = Translator(language, result.context).finding(finding)
    assert "C-CSI" in text
    assert "Chnbrand" in text
    assert ("同意" if language == "zh" else "consent") in text
    assert not any("ccsi" in series or "c_csi" in series for series in published.series)


def test_a_trade_without_published_figures_is_a_stated_limit(published: Facts) -> None:
    result = public_performance(opened("music"), facts=published)
    (finding,) = result.findings
    assert (finding.status, finding.reason) == ("withheld", "no_public_figures")
    assert (result.charts, result.tables) == ((), ())


def test_a_project_without_the_file_says_the_same(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "data" / "brands").mkdir(parents=True)
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    (finding,) = public_performance(opened("coffee")).findings
    assert finding.reason == "no_public_figures"


def test_second_hand_figures_are_counted_and_marked(published: Facts) -> None:
    result = public_performance(opened("coffee", "luckin"), facts=published)
    overview = result.findings[0]
    second_hand = int((result.summary()["grade"] == "C").sum())
    assert _printed(overview, "second_hand") == second_hand > 0
    split = next(item for item in result.findings if item.id == "public_split_luckin")
    assert _printed(split, "grade") == "C"  # 2026Q1 is an analyst's page
    assert "check before print" in Translator("en").finding(split)
    assert {item.evidence for item in result.findings} == {"published"}
    assert all("public_real" in chart.notes for chart in result.charts if chart.kind == "panels")


def _printed(finding: Finding, name: str) -> object:
    return dict(finding.values)[name].value


def test_every_figure_leads_to_its_source() -> None:
    for result in public_results():
        if "sources" in result.frames:
            known = set(result.frames["sources"]["number"])
            for name in ("summary", "scores"):
                assert set(result.frames[name]["number"]) <= known
