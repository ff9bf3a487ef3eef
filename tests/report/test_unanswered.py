"""Questions without an answer are told once a reason."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest

from loyalty_research.engine.context import DEFAULT_CONTEXT
from loyalty_research.findings import Finding
from loyalty_research.language import translator
from loyalty_research.report.unanswered import unanswered
from loyalty_research.results import Result

WITHHELD = Finding(
    id="f",
    template="f",
    chapter="drivers",
    section="s",
    subject="s",
    estimate=None,
    unit="text",
    base=0,
    base_unit="customers",
    definition="orders",
    period=("2025-01-01", "2025-12-31"),
    method="none",
    status="withheld",
    reason="needs_table",
    values={"table": "survey"},
)


def finding(name: str, **changes: object) -> Finding:
    return dataclasses.replace(
        WITHHELD, id=f"unanswered_{name}", template=f"unanswered_{name}", **changes
    )


def result(*findings: Finding) -> Result:
    frames = {"summary": pd.DataFrame()}
    return Result("r", "drivers", "s", frames, findings=findings, context=DEFAULT_CONTEXT)


FOUND = [
    result(finding("fit_pls")),
    result(finding("lapse_times", values={"table": "transactions"})),
    result(finding("performance_map")),
]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_sentence_for_each_reason(language: str) -> None:
    words = translator(language)
    told = unanswered(FOUND, words)
    assert [names for names, _ in told] == [
        ("unanswered_fit_pls", "unanswered_performance_map"),
        ("unanswered_lapse_times",),
    ]
    subjects = [words.text(f"subject.unanswered_{name}") for name in ("fit_pls", "performance_map")]
    assert all(len(re.findall(re.escape(text), told[0][1])) == 1 for text in subjects)
    assert subjects[0] not in told[1][1]


def test_a_sentence_of_the_editor_stands_by_itself() -> None:
    own = finding("performance_map", wording={"en": "Ask again in May."})
    told = unanswered([*FOUND, result(own)], translator("en"))
    assert told[-1][1] == "Ask again in May."
