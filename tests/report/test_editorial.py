"""What a person changes in a report: read, checked, applied, told apart from what is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loyalty_research.engine.context import DEFAULT_CONTEXT
from loyalty_research.errors import BrandFileError
from loyalty_research.findings import Finding, Value
from loyalty_research.language import translator
from loyalty_research.report.arrange import arrange
from loyalty_research.report.editorial import (
    Editorial,
    additions,
    check_editorial,
    edited_findings,
    filled_editorial,
    load_editorial,
    moved,
)
from loyalty_research.report.reading import Block, Reading, Section


def _finding(name: str, estimate: float | None = 0.4, **more: Any) -> Finding:
    given: dict[str, Any] = {
        "id": name,
        "template": "board_repurchase_rate",
        "chapter": "profile",
        "section": "board",
        "subject": name,
        "estimate": estimate,
        "low": 0.35,
        "high": 0.45,
        "unit": "share",
        "base": 200,
        "base_unit": "customers",
        "definition": "repurchase_rate",
        "period": ("2024-01-01", "2024-12-31"),
        "method": "wilson",
        "values": {"days": Value(366, "days"), "base_customers": Value(200, "customers")},
    }
    return Finding(**(given | more))


FINDINGS = {name: _finding(name) for name in ("one", "two", "three")}
CONTEXTS = dict.fromkeys(FINDINGS, DEFAULT_CONTEXT)


def _edited(**edits: Any) -> tuple[Finding, ...]:
    editorial = Editorial.model_validate({"findings": edits})
    texts = filled_editorial(editorial, FINDINGS, CONTEXTS)
    return edited_findings(texts, FINDINGS.values())


def _load(text: str, folder: Path) -> Editorial:
    path = folder / "editorial.yaml"
    path.write_text(text, encoding="utf-8")
    return load_editorial(path)


def test_without_a_file_nothing_is_changed(tmp_path: Path) -> None:
    assert load_editorial(tmp_path / "editorial.yaml") == Editorial()
    assert _edited() == tuple(FINDINGS.values())


def test_hidden_findings_go_and_ordered_ones_come_first() -> None:
    found = _edited(one={"hide": True}, three={"order": 1})
    assert [item.id for item in found] == ["three", "two"]


def test_a_text_takes_the_place_of_the_sentence_in_its_language_only() -> None:
    found = _edited(two={"text_zh": "复购率为{two.estimate}（{two.interval}），基数{two.base}。"})
    two = next(item for item in found if item.id == "two")
    zh = translator("zh").finding(two)
    assert "40.0%" in zh
    assert zh.startswith("复购率为")
    assert translator("en").finding(two) == translator("en").finding(FINDINGS["two"])


def test_a_text_may_print_another_findings_number() -> None:
    (first, *_) = _edited(one={"text_en": "Half of {two.estimate} against {one.high}"})
    assert translator("en").finding(first) == "Half of 40.0% against 45.0%"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("findings: {ones: {hide: true}}", "findings: found 'ones'"),
        ("sections: {bord: {hide: true}}", "nearest: board"),
        ("findings: {one: {text_en: 'x {two.mean}'}}", "two.mean"),
        ("findings: {one: {text_en: 'x {lone'}}", "findings.one.text_en"),
        ("paragraphs: [{place: boards, text_en: x}]", "paragraphs.0.place"),
    ],
)
def test_what_the_report_does_not_have_is_refused(text: str, words: str, tmp_path: Path) -> None:
    editorial = _load(text, tmp_path)
    with pytest.raises(BrandFileError) as caught:
        check_editorial(editorial, FINDINGS, ["board", "rfm"], tmp_path / "editorial.yaml")
    assert words in str(caught.value)
    assert "editorial.yaml" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["findings: {one: {hidden: true}}", "findings: {one: {hide: 1}}", "finding: {}"]
)
def test_unknown_and_wrong_keys_are_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(BrandFileError, match=r"editorial\.yaml: finding"):
        _load(text, tmp_path)


def test_typed_numbers_are_listed_as_additions_and_printed_ones_are_not() -> None:
    editorial = Editorial.model_validate(
        {
            "findings": {"one": {"text_zh": "{one.estimate}，约合 1,200 人"}},
            "recommendations": [{"text_en": "Try it with {two.base} first"}],
        }
    )
    assert additions(editorial) == [
        {"place": "findings.one", "language": "zh", "typed_numbers": ["1,200"]}
    ]


@pytest.mark.parametrize(
    ("seen", "now", "expected"),
    [
        ({"estimate": 0.40, "low": 0.35, "high": 0.45}, 0.44, []),
        ({"estimate": 0.40, "low": 0.35, "high": 0.45}, 0.46, ["one"]),
        ({"estimate": 0.40}, 0.40, []),
        ({"estimate": 0.40}, 0.41, ["one"]),
        ({"estimate": 0.40}, None, ["one"]),
    ],
)
def test_findings_that_left_their_interval_are_told(
    seen: dict[str, float], now: float | None, expected: list[str]
) -> None:
    editorial = Editorial.model_validate({"findings": {"one": {"text_en": "x", "seen": seen}}})
    assert moved(editorial, {"one": _finding("one", now)}) == expected


def test_sections_are_left_out_moved_and_given_paragraphs() -> None:
    blocks = [Block("prose", "lead")]
    for number, key in enumerate(("001_board", "002_rfm", "003_stores"), 1):
        blocks += [Block("heading", key, 2, f"s{number}"), Block("result", key)]
    sections = tuple(Section(f"s{number}", "x") for number in (1, 2, 3))
    reading = Reading("t", tuple(blocks), sections)
    editorial = Editorial.model_validate(
        {
            "sections": {"board": {"hide": True}, "stores": {"order": 1, "text_en": "Mind this."}},
            "paragraphs": [{"place": "rfm", "text_en": "Own words."}],
        }
    )
    names = {key: key.partition("_")[2] for key in ("001_board", "002_rfm", "003_stores")}
    found = arrange(reading, editorial, names, language="en")
    assert [(block.kind, block.text) for block in found.blocks] == [
        ("prose", "lead"),
        ("heading", "003_stores"),
        ("prose", "Mind this."),
        ("result", "003_stores"),
        ("heading", "002_rfm"),
        ("result", "002_rfm"),
        ("prose", "Own words."),
    ]
    assert [section.anchor for section in found.sections] == ["s3", "s2"]
