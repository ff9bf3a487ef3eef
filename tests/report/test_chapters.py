"""Chapters are found by their metadata."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from report.sandbox import OTHER, PROFILE, code, notebook

from loyalty_research.errors import ReportError
from loyalty_research.report.chapters import load_chapters


def write(home: Path, **notebooks: str) -> Path:
    (home / "notebooks").mkdir()
    for name, text in notebooks.items():
        (home / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    return home


def test_chapters_come_in_the_order_of_their_files(tmp_path: Path) -> None:
    plain = json.loads(notebook("x", "甲", "X", [code("1")]))
    del plain["metadata"]["loyalty"]
    home = write(
        tmp_path,
        **{
            "2_b": notebook("profile", "甲", "P", PROFILE),
            "1_a": notebook("other", "乙", "O", OTHER),
            "0_scratch": json.dumps(plain),
        },
    )
    found = load_chapters(home)
    assert [chapter.name for chapter in found] == ["other", "profile"]
    assert [chapter.expected for chapter in found] == [1, 2]
    assert found[0].title == {"zh": "乙", "en": "O"}


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        json.dumps({"cells": [], "metadata": {"loyalty": {"chapter": "a"}}}),
        notebook("../a", "甲", "A", []),
        notebook("index", "甲", "A", []),
    ],
)
def test_a_notebook_that_cannot_be_a_chapter_is_named(tmp_path: Path, text: str) -> None:
    home = write(tmp_path, **{"1_bad": text})
    with pytest.raises(ReportError, match=r"1_bad\.ipynb"):
        load_chapters(home)


def test_two_chapters_of_one_name_are_refused(tmp_path: Path) -> None:
    same = notebook("a", "甲", "A", [])
    with pytest.raises(ReportError, match="'a' stands in two notebooks"):
        load_chapters(write(tmp_path, **{"1_a": same, "2_a": same}))


def test_no_chapter_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no chapter found"):
        load_chapters(tmp_path)
