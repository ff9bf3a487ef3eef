"""Sections that answer nothing stand together at the end of a page."""

from __future__ import annotations

import dataclasses

import pandas as pd

from loyalty_research.engine.context import DEFAULT_CONTEXT
from loyalty_research.findings import Finding
from loyalty_research.report.arrange import gather
from loyalty_research.report.editorial import Editorial
from loyalty_research.report.reading import Block, Reading, Section
from loyalty_research.results import Result

KEYS = ("001_board", "002_tiers", "003_staff", "004_rfm", "005_facts")
NAMES = {key: key.partition("_")[2] for key in KEYS}
FINDING = Finding(
    id="f",
    template="f",
    chapter="profile",
    section="s",
    subject="s",
    estimate=0.5,
    unit="share",
    base=100,
    base_unit="customers",
    definition="d",
    period=("2025-01-01", "2025-12-31"),
    method="none",
)
WITHHELD = dataclasses.replace(FINDING, estimate=None, status="withheld", reason="needs_table")


def result(name: str, *findings: Finding) -> Result:
    frames = {"summary": pd.DataFrame()}
    return Result(name, "profile", name, frames, findings=findings, context=DEFAULT_CONTEXT)


RESULTS = {
    "001_board": result("board", FINDING, WITHHELD),
    "002_tiers": result("tiers", WITHHELD),
    "003_staff": result("staff", WITHHELD),
    "004_rfm": result("rfm", FINDING),
    "005_facts": result("facts"),
}


def reading() -> Reading:
    blocks = [Block("prose", "lead")]
    for number, key in enumerate(KEYS, 1):
        blocks += [
            Block("heading", key, 2, f"s{number}"),
            Block("prose", "why"),
            Block("result", key),
        ]
    sections = tuple(Section(f"s{number}", key) for number, key in enumerate(KEYS, 1))
    return Reading("t", tuple(blocks), sections)


def gathered(editorial: Editorial | None = None) -> Reading:
    return gather(reading(), RESULTS, editorial or Editorial(), NAMES, title="Open")


def test_what_is_missing_is_said_together_at_the_end() -> None:
    found = gathered()
    assert [block.text for block in found.blocks if block.kind != "prose"] == [
        *("001_board", "001_board", "004_rfm", "004_rfm"),
        *("Open", "002_tiers\n003_staff"),
    ]
    assert [section.anchor for section in found.sections] == ["s1", "s4", "open"]


def test_a_section_that_says_nothing_is_left_out() -> None:
    assert not any(block.text == "005_facts" for block in gathered().blocks)


def test_a_section_an_editor_wrote_about_stays() -> None:
    editorial = Editorial.model_validate({"paragraphs": [{"place": "staff", "text_en": "Soon."}]})
    found = gathered(editorial)
    assert [section.anchor for section in found.sections] == ["s1", "s3", "s4", "open"]


def test_the_section_where_a_run_stopped_stays() -> None:
    page = reading()
    stopped = dataclasses.replace(page, blocks=(*page.blocks[:6], Block("stopped")))
    found = gather(stopped, RESULTS, Editorial(), NAMES, title="Open")
    assert [block.text for block in found.blocks if block.kind == "heading"] == [
        "001_board",
        "002_tiers",
    ]
