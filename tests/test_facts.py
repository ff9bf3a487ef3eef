"""Published figures: the file is whole, and every mistake in one is told."""

from __future__ import annotations

import ast
import operator
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from loyalty_research.brand import Facts, load_brand_file, load_facts
from loyalty_research.brand.fact_periods import parse_period
from loyalty_research.brand.facts import FACTS_FILE
from loyalty_research.errors import BrandFileError, ParameterError
from loyalty_research.study import open_brand
from loyalty_research.study.fingerprint import brand_fingerprint

ROOT = Path(__file__).resolve().parents[1]
HAN = re.compile(r"[\u4e00-\u9fff]")
REJECTED = ("worldmetrics", "gilin.com", "thevenomblog", "consultingtimes", "grokipedia")
_STEPS = {ast.Div: operator.truediv, ast.Mult: operator.mul}


POINT = ("series", "tea_stores", "points", 0)
ROW = {"period": "2024Q1", "value": 7, "source": "T1"}


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load_facts(ROOT)


@pytest.fixture
def data() -> dict[str, Any]:
    return {
        "brands": {"tea": {"name": {"zh": "茶", "en": "Tea"}, "fiscal_year_ends": 9}},
        "measures": {
            "stores": {
                "name": {"zh": "门店数", "en": "Stores"},
                "definition": {"zh": "期末门店数。", "en": "Stores at the end."},
                "unit": "count",
                "family": "stores",
            }
        },
        "series": {
            "tea_stores": {
                "brand": "tea",
                "measure": "stores",
                "points": [{"period": "2024Q1", "value": 7, "source": "T1"}],
            }
        },
        "sources": {"T1": {"title": "Tea", "grade": "A", "url": "https://tea.example/1"}},
    }


def _load(data: dict[str, Any], home: Path) -> Facts:
    path = home / FACTS_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_facts(home)


def _worked_out(formula: str) -> float:
    def value(node: ast.expr) -> float:
        if isinstance(node, ast.BinOp):
            return _STEPS[type(node.op)](value(node.left), value(node.right))
        assert isinstance(node, ast.Constant)
        return float(node.value)

    return value(ast.parse(formula, mode="eval").body)


def test_figures_as_published(facts: Facts) -> None:
    latest = facts.point("luckin_monthly_customers", "2026Q1")
    assert (latest.value, latest.amount, latest.grade) == (93.1, 93_100_000, "C")
    assert facts.point("mixue_stores", "2025-06").amount == 53_014
    assert facts.point("nayuki_monthly_repurchase_rate", "2024").amount == 0.24
    assert facts.point("costco_fee_income", "FY2025Q4").amount == 1_724_000_000
    over = facts.point("mixue_stores", "2024-09")
    assert (over.bound, over.is_plain) == ("over", False)


def test_what_is_worked_out_follows_its_formula(facts: Facts) -> None:
    """A value has as many digits as it is printed with."""
    checked = 0
    for series in facts.series.values():
        for point in series.points:
            if point.derived and point.bound != "about":
                digits = len(f"{point.value:g}".partition(".")[2])
                assert round(_worked_out(point.derived), digits) == point.value, point
                checked += 1
    assert checked >= 8


def test_figures_from_before_the_restatement_are_flagged(facts: Facts) -> None:
    early = [
        point
        for series in facts.series_of("luckin")
        for point in series.points
        if point.period.last < 2020 * 12
    ]
    assert len(early) == 3
    assert all(point.caution == "pre_restatement" and not point.is_plain for point in early)


def test_every_text_stands_in_both_languages(facts: Facts) -> None:
    texts = [text for item in facts.measures.values() for text in (item.name, item.definition)]
    texts += [item.what for item in facts.unknown]
    texts += [
        note
        for series in facts.series.values()
        for note in (series.note, *(point.note for point in series.points))
        if note is not None
    ]
    assert len(texts) > 120
    for text in texts:
        assert HAN.search(text.zh), text
        assert not HAN.search(text.en), text
        assert not re.search(r"[\u4e00-\u9fff][,;:?]", text.zh), text


def test_every_source_is_used_and_none_rejected() -> None:
    data = yaml.safe_load((ROOT / FACTS_FILE).read_text("utf-8"))
    used = {point["source"] for row in data["series"].values() for point in row["points"]}
    used |= {row["source"] for row in data["indices"].values() if "source" in row}
    assert used == set(data["sources"])
    assert {row["measure"] for row in data["series"].values()} == set(data["measures"])
    for item in data["sources"].values():
        assert not any(host in item["url"] for host in REJECTED), item


def test_counts_of_members_are_told_apart(facts: Facts) -> None:
    names = {name for name, item in facts.measures.items() if item.family == "customers"}
    assert names >= {
        "monthly_transacting_customers",
        "quarterly_active_members",
        "active_members_90_days",
        "registered_members",
        "cumulative_customers",
    }
    texts = [facts.measures[name].definition.zh for name in names]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("code", "ends", "kind", "first", "last"),
    [
        ("2024", 12, "year", (2024, 1), (2024, 12)),
        ("2024H2", 12, "half", (2024, 7), (2024, 12)),
        ("2024Q3", 12, "quarter", (2024, 7), (2024, 9)),
        ("2024Q3", 9, "quarter", (2024, 7), (2024, 9)),
        ("2024-02", 12, "month", (2024, 2), (2024, 2)),
        ("2024M1-9", 12, "months", (2024, 1), (2024, 9)),
        ("FY2024", 9, "fiscal_year", (2023, 10), (2024, 9)),
        ("FY2026Q1", 9, "fiscal_quarter", (2025, 10), (2025, 12)),
        ("FY2026Q1", 1, "fiscal_quarter", (2025, 2), (2025, 4)),
        ("FY2025", 2, "fiscal_year", (2024, 3), (2025, 2)),
    ],
)
def test_period_codes(code: str, ends: int, kind: str, first: tuple, last: tuple) -> None:
    found = parse_period(code, fiscal_year_ends=ends)
    months = [year * 12 + month - 1 for year, month in (first, last)]
    assert (found.kind, found.first, found.last) == (kind, *months)
    assert found.later(24).months == (kind, months[0] + 24, months[1] + 24)
    again = parse_period(found.later(24).code, fiscal_year_ends=ends)
    assert again == found.later(24)
    assert found.later(12).year_before == found.months


@pytest.mark.parametrize("code", ["Q3 2024", "2024Q5", "2024-13", "24Q1", "FY24", "2024M1-12", ""])
def test_other_codes_are_refused(code: str) -> None:
    with pytest.raises(ValueError, match="2024Q3"):
        parse_period(code)


def test_all_mistakes_at_once(data: dict[str, Any], tmp_path: Path) -> None:
    row = data["series"]["tea_stores"]
    row["points"] += [
        {"period": "2024Q1", "value": 8, "source": "T1"},
        {"period": "spring", "value": 8, "source": "T9"},
    ]
    data["series"]["again"] = {**row, "points": row["points"][:1]}
    data["series"]["other"] = {**row, "brand": "coffee", "points": row["points"][:1]}
    data["unknown"] = [{"brand": "cocoa", "what": {"zh": "会员数", "en": "Members"}}]
    with pytest.raises(BrandFileError) as caught:
        _load(data, tmp_path)
    told = str(caught.value)
    for words in (
        "series.tea_stores.points.1.period: found 2024Q1 a second time",
        "series.tea_stores.points.2.period: found 'spring'; allowed: 2024",
        "series.tea_stores.points.2.source: found 'T9'; allowed: T1",
        "series.again: brand and measure are those of series.tea_stores",
        "series.other.brand: found 'coffee'; allowed: tea",
        "unknown.0.brand: found 'cocoa'; allowed: tea",
    ):
        assert words in told
    assert len(caught.value.problems) == 6
    assert all("performance.yaml" in str(item) for item in caught.value.problems)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("sources", "T1", "grade"), "D", "sources.T1.grade: found 'D'; allowed: A, B, C"),
        (("sources", "T1", "url"), "tea", "sources.T1.url: found 'tea'"),
        (("sources", "T1", "date"), "spring", "sources.T1.date: found 'spring'"),
        (("sources", "T1", "adress"), "x", "sources.T1.adress: unknown key"),
        (("measures", "stores", "unit"), "money", "brands.tea.currency: missing"),
        (("measures", "stores", "unit"), "pounds", "measures.stores.unit: found 'pounds'"),
        (("measures", "stores", "name"), {"zh": "店"}, "measures.stores.name.en: missing"),
        (("brands", "tea", "fiscal_year_ends"), 13, "brands.tea.fiscal_year_ends: found 13"),
        (("measures", "stores", "unit"), "pints", "allowed: persons, count, share, change, money"),
        (("measures", "stores", "unit"), "share", "points.0.value: found 7; allowed: a share from"),
        (("measures", "stores", "per_store"), "no", "measures.stores.per_store: found 'no'"),
        (POINT, {"period": "2024Q1", "value": 7}, "series.tea_stores.points.0.source: missing"),
        (POINT, {**ROW, "source": "T2"}, "points.0.source: found 'T2'; allowed: T1"),
        (POINT, {**ROW, "unit": "cups"}, "series.tea_stores.points.0.unit: unknown key"),
        (POINT, {**ROW, "measure": "cups"}, "series.tea_stores.points.0.measure: unknown key"),
        (POINT, {**ROW, "value": -7}, "points.0.value: found -7; allowed: 0 or more"),
    ],
)
def test_a_mistake_names_key_found_and_allowed(
    data: dict[str, Any], tmp_path: Path, place: tuple[str, ...], value: Any, words: str
) -> None:
    item = data
    for key in place[:-1]:
        item = item[key]
    item[place[-1]] = value
    with pytest.raises(BrandFileError) as caught:
        _load(data, tmp_path)
    assert words in str(caught.value)


def test_two_definitions_under_one_name_are_refused(data: dict[str, Any], tmp_path: Path) -> None:
    data["measures"]["cafes"] = {
        **data["measures"]["stores"],
        "definition": {"zh": "店", "en": "x"},
    }
    with pytest.raises(BrandFileError) as caught:
        _load(data, tmp_path)
    assert "measures.cafes.name.en: found 'Stores', the name of measures.stores" in str(
        caught.value
    )
    assert len(caught.value.problems) == 2  # in both languages


def test_one_period_under_two_codes_is_refused(data: dict[str, Any], tmp_path: Path) -> None:
    """The fiscal year of the brand ends in September: FY2024Q2 is the first quarter of 2024."""
    data["series"]["tea_stores"]["points"].append({**ROW, "period": "FY2024Q2"})
    with pytest.raises(BrandFileError, match="found FY2024Q2, which has the months of 2024Q1"):
        _load(data, tmp_path)
    data["brands"]["tea"]["fiscal_year_ends"] = 12
    assert len(_load(data, tmp_path).series["tea_stores"].points) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"measure": "stores"}, "indices.best.measure: found stores, count; allowed: a measure"),
        ({"measure": "cups"}, "indices.best.measure: found 'cups'; allowed: stores"),
        ({}, "indices.best: found neither; allowed: measure"),
        ({"withheld": {"zh": "不许", "en": "no"}}, "indices.best.source: missing"),
        ({"trades": [], "measure": "stores"}, "indices.best.trades: found"),
        ({"measure": "stores", "average": "te"}, "indices.best.average: found 'te'; allowed: tea"),
    ],
)
def test_an_index_names_its_scores_or_why_there_are_none(
    data: dict[str, Any], tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    texts = {key: {"zh": "茶", "en": "Tea"} for key in ("name", "publisher", "sector", "country")}
    data["indices"] = {"best": {**texts, "trades": ["tea"], **change}}
    with pytest.raises(BrandFileError) as caught:
        _load(data, tmp_path)
    assert words in str(caught.value)


def test_a_number_in_words_is_refused(data: dict[str, Any], tmp_path: Path) -> None:
    """ "over 100" is a bound of 100, never a value."""
    data["series"]["tea_stores"]["points"][0]["value"] = "over 100"
    with pytest.raises(BrandFileError, match=r"points\.0\.value.*found 'over 100'"):
        _load(data, tmp_path)


def test_asking_for_what_is_not_there(facts: Facts) -> None:
    with pytest.raises(ParameterError, match="series: found 'luckin_store'; allowed: luckin"):
        facts.point("luckin_store", "2024Q1")
    with pytest.raises(ParameterError, match="period: found '2019Q1'"):
        facts.point("luckin_stores", "2019Q1")
    with pytest.raises(ParameterError, match="brand: found 'lucking'; allowed: luckin"):
        facts.of("lucking")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the brand tea, whose file names published figures."""
    folder = tmp_path / "data" / "brands" / "tea"
    folder.mkdir(parents=True)
    file = {
        "name": "Tea",
        "trade": "tea",
        "currency": "CNY",
        "timezone": "UTC",
        "customers": {"unit": "person", "identifiers": "public"},
        "evidence": "observed",
        "facts": "tea",
        "tables": {
            "transactions": {
                "source": "lines.csv",
                "columns": {"order_id": "o", "ordered_at": "t", "amount": "a"},
            }
        },
    }
    (folder / "brand.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
    (folder / "lines.csv").write_text("o,t,a\n1,2024-01-01,3\n", encoding="utf-8")
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_a_brand_file_names_published_figures(data: dict[str, Any], home: Path) -> None:
    with pytest.raises(BrandFileError, match=r"there is no file data/facts/performance\.yaml"):
        load_brand_file("tea")
    _load(data, home)
    assert load_brand_file("tea").facts == "tea"
    told = open_brand("tea").facts
    assert told is not None
    assert [point.amount for point in told.series[0].points] == [7]
    data["brands"] = {"te": data["brands"]["tea"]}
    data["series"]["tea_stores"]["brand"] = "te"
    _load(data, home)
    with pytest.raises(BrandFileError, match=r"brand\.yaml: facts: found 'tea'; allowed: te"):
        load_brand_file("tea")


def test_a_changed_figure_runs_the_report_again_and_reads_no_table(
    data: dict[str, Any], home: Path
) -> None:
    def told() -> tuple[str, str]:
        found = brand_fingerprint("tea")
        return found.facts, found.key

    _load(data, home)
    before = told()
    assert told() == before
    data["brands"]["coffee"] = {"name": {"zh": "咖啡", "en": "Coffee"}}
    _load(data, home)
    assert told() == before  # nothing of this brand has changed
    data["sources"]["T1"]["grade"] = "B"
    _load(data, home)
    assert told()[0] != before[0]
    assert told()[1] == before[1]
    shutil.rmtree(home / "cache", ignore_errors=True)
