"""The JSON Schema of programme files, for editors, and the page that documents their keys.

    python -m loyalty_research.programmes.json_schema

writes ``data/programmes/programme.schema.json`` and ``docs/programme-file.md``; both are made from
:mod:`loyalty_research.programmes.schema` and its docstrings.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from loyalty_research.brand.fields import Section
from loyalty_research.brand.home import find_home
from loyalty_research.programmes.load import FOLDER
from loyalty_research.programmes.schema import Programme

SCHEMA_FILE = FOLDER / "programme.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def programme_schema() -> dict[str, Any]:
    """Return the JSON Schema of a programme file.

    It says what each key may hold; that names stand for something and that rules do not clash is
    checked when a file is read.
    """
    made = Programme.model_json_schema()
    for section in sections():
        place = made if section is Programme else made["$defs"].get(section.__name__)
        if place is not None:
            _describe(place, section)
    return {"$schema": DIALECT, **_tidy(made)}


def sections() -> list[type[Section]]:
    """Return the sections of a programme file, the file itself first, each before its parts."""
    found: list[type[Section]] = []
    waiting: list[type[Section]] = [Programme]
    while waiting:
        section = waiting.pop(0)
        if section not in found:
            found.append(section)
            waiting += [
                part
                for field in section.model_fields.values()
                for part in _models_in(field.annotation)
            ]
    return found


def said_of_keys(section: type[BaseModel]) -> dict[str, str]:
    """Return what the docstrings of a section and its bases say of each key."""
    said: dict[str, str] = {}
    for base in reversed(section.__mro__):
        _, _, listed = (base.__doc__ or "").partition("Parameters\n")
        for names, text in re.findall(r"(?m)^ {4}(\w[\w, ]*)\n((?: {8,}\S.*\n?|\n)+)", listed):
            for name in names.split(", "):
                said[name] = " ".join(text.split())
    return {name: text for name, text in said.items() if name in section.model_fields}


def summary_of(section: type[BaseModel]) -> str:
    """Return what the docstring of a section says before its keys, in one paragraph."""
    return " ".join((section.__doc__ or "").partition("Parameters\n")[0].split())


def _describe(place: dict[str, Any], section: type[BaseModel]) -> None:
    place["description"] = _unmarked(summary_of(section))
    for name, text in said_of_keys(section).items():
        place["properties"][name]["description"] = _unmarked(text)


def _unmarked(text: str) -> str:
    return text.replace("``", "`")


def _tidy(value: Any) -> Any:
    """Return a schema with bounds by their own names, without titles that repeat the keys."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    tidy = {
        _BOUNDS.get(key, key): _tidy(item)
        for key, item in value.items()
        if key != "title" or not isinstance(item, str)
    }
    if "patternProperties" in tidy:
        tidy["additionalProperties"] = False
    return tidy


def _models_in(annotation: Any) -> list[type[Section]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, Section) else []
    parts = getattr(annotation, "__args__", ())
    return [model for part in parts for model in _models_in(part)]


def schema_text() -> str:
    """Return the schema as it is written to its file."""
    return json.dumps(programme_schema(), indent=2, ensure_ascii=False) + "\n"


def main(home: Path | None = None) -> None:
    """Write the schema and the page of keys."""
    from loyalty_research.programmes.key_page import PAGE, key_page

    base = home or find_home()
    for path, text in ((SCHEMA_FILE, schema_text()), (PAGE, key_page())):
        (base / path).write_text(text, encoding="utf-8")
        print(path.as_posix())


if __name__ == "__main__":
    main()
