"""Notebook parameters are checked before anything runs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from report.sandbox import code, notebook

from loyalty_research.errors import ParameterError
from loyalty_research.report.chapters import Chapter
from loyalty_research.report.parameters import declared, parse_settings, resolve

CELL = """\
brand = ""
bins = 5  # groups
share = 0.5
label = "a"
shown = True
limit = None
low = -1
"""


def chapter(source: str = CELL, name: str = "profile") -> Chapter:
    text = notebook(name, "甲", "A", [code("import os"), code(source, "parameters")])
    return Chapter(name, {"zh": "甲", "en": "A"}, Path(f"1_{name}.ipynb"), text.encode())


def given(*settings: tuple[str | None, str, Any]) -> dict[str, Any]:
    return resolve([chapter()], brand="tiny", from_brand={}, from_command=settings)["profile"]


def test_the_cell_is_read_without_running_it() -> None:
    assert declared(chapter()) == {
        "brand": "",
        "bins": 5,
        "share": 0.5,
        "label": "a",
        "shown": True,
        "limit": None,
        "low": -1,
    }


def test_the_command_wins_over_the_brand_file_and_brand_is_set() -> None:
    found = resolve(
        [chapter()],
        brand="tiny",
        from_brand={"profile": {"bins": 4, "label": "b"}},
        from_command=[("profile", "bins", 3)],
    )
    assert found == {"profile": {"bins": 3, "brand": "tiny", "label": "b"}}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("share", 1, 1.0),
        ("share", 0.25, 0.25),
        ("limit", 7, 7),
        ("limit", "x", "x"),
        ("label", dt.date(2024, 1, 31), "2024-01-31"),
        ("shown", False, False),
    ],
)
def test_values_that_fit(name: str, value: object, kept: object) -> None:
    found = given((None, name, value))[name]
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bins", 5.0),
        ("bins", True),
        ("bins", "5"),
        ("bins", None),
        ("share", True),
        ("shown", 1),
        ("label", 3),
        ("label", ["a"]),
        ("limit", {"a": 1}),
    ],
)
def test_wrong_types_name_notebook_parameter_found_and_allowed(name: str, value: object) -> None:
    with pytest.raises(ParameterError) as caught:
        given((None, name, value))
    message = str(caught.value)
    assert "1_profile.ipynb" in message
    assert repr(name) in message
    assert f"found {value!r}" in message
    assert "allowed: " in message


def test_a_misspelt_name_suggests_the_nearest() -> None:
    with pytest.raises(ParameterError, match=r"'bin' is unknown.*did you mean 'bins'"):
        given((None, "bin", 5))


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        resolve(
            [chapter()],
            brand="tiny",
            from_brand={"profil": {"bins": 5}, "profile": {"bins": "x"}},
            from_command=[(None, "nothing", 1), ("profile", "brand", "other")],
        )
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    "source",
    ["bins = [1]", "bins = f()", "import os", "a.b = 1", "bins =", "a = b = 1"],
)
def test_a_parameters_cell_holds_scalars_only(source: str) -> None:
    with pytest.raises(ParameterError, match=r"1_profile\.ipynb: parameters cell"):
        declared(chapter(source))


def test_settings_of_the_command_line_are_yaml_scalars() -> None:
    assert parse_settings(["profile.bins=4", "label=b c", "share=1e-2", "shown=false"]) == [
        ("profile", "bins", 4),
        (None, "label", "b c"),
        (None, "share", "1e-2"),
        (None, "shown", False),
    ]


@pytest.mark.parametrize("text", ["bins", "=5", ".bins=5", "bins=[1", "bins: 5"])
def test_settings_that_are_none(text: str) -> None:
    with pytest.raises(ParameterError):
        parse_settings([text])
