"""The schema for editors and the page of keys: made from the code, current, and true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from programmes.files import ROOT, load, small

from loyalty_research.brand.document import load_document
from loyalty_research.brand.fields import Bilingual
from loyalty_research.programmes.json_schema import (
    SCHEMA_FILE,
    programme_schema,
    said_of_keys,
    schema_text,
    sections,
)
from loyalty_research.programmes.key_page import PAGE, key_page
from loyalty_research.programmes.load import FOLDER, list_programmes

jsonschema = pytest.importorskip("jsonschema")


def problems(data: dict[str, Any]) -> list[str]:
    """Return where a document does not fit the schema; days as an editor reads them."""
    plain = json.loads(json.dumps(data, default=str))
    checker = jsonschema.Draft202012Validator(programme_schema())
    return [error.json_path for error in checker.iter_errors(plain)]


def test_what_is_written_is_current() -> None:
    again = "run: python -m loyalty_research.programmes.json_schema"
    assert (ROOT / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text(), again
    assert (ROOT / PAGE).read_text(encoding="utf-8") == key_page(), again


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(programme_schema())
    text = schema_text()
    assert '"ge"' not in text  # bounds have the names that editors know
    assert '"gt"' not in text


@pytest.mark.parametrize("name", list_programmes(ROOT))
def test_every_file_fits(name: str) -> None:
    assert problems(load_document(ROOT / FOLDER / f"{name}.yaml")) == []


def test_what_does_not_fit_is_told() -> None:
    assert problems(small()) == []
    data = small()
    data["origin"] = "made_up"
    data["earn"][0]["pts"] = 1
    data["rewards"][0]["cost"] = -1
    data["wallets"]["Points"] = {"name": "Points"}
    assert sorted(problems(data)) == ["$.earn[0]", "$.origin", "$.rewards[0].cost", "$.wallets"]


def test_every_key_is_explained() -> None:
    missing = {
        section.__name__: sorted(set(section.model_fields) - set(said_of_keys(section)))
        for section in sections()
        if section is not Bilingual
    }
    assert {name: keys for name, keys in missing.items() if keys} == {}


def test_the_example_of_the_page_can_be_read(tmp_path: Path) -> None:
    text = key_page().partition("```yaml\n")[2].partition("```")[0]
    data = yaml.safe_load(text)
    assert problems(data) == []
    assert load(data, tmp_path).rewards[0].id == "one_off"
