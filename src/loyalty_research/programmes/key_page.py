"""The page that documents the keys of programme files, made from the schema and its docstrings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from loyalty_research.brand.fields import Bilingual, Section
from loyalty_research.programmes.json_schema import (
    programme_schema,
    said_of_keys,
    sections,
    summary_of,
)
from loyalty_research.programmes.schema import Programme

PAGE = Path("docs", "programme-file.md")
_PATTERNS = {
    "^[a-z]": "name of small letters, digits and _",
    r"^\d{4}": "year, month or day such as 2024-12-31",
    "^([01]": "time such as 07:00",
    "^https": "address of a page",
}
_INTRODUCTION = """# What may stand in a programme file?

Written by `python -m loyalty_research.programmes.json_schema` from the schema; nothing here is
typed by hand.

A loyalty programme is a file `data/programmes/<programme>.yaml`. Unknown keys are refused, and all
mistakes are told at once. Texts in both languages are written `{ zh: …, en: … }`; a name may be one
text for both. Numbers are read as they are typed. [ledger.md](ledger.md) says what each key does in
a replay. A first line `# yaml-language-server: $schema=programme.schema.json` lets an editor check
and complete the keys.

The smallest programme that can be replayed, with a point for a currency unit and money off:

```yaml
# yaml-language-server: $schema=programme.schema.json
name: Points
operator: My shop
market: My town
trade: grocery
currency: EUR
origin: proposal
wallets:
  points: { name: Points }
earn:
  - { id: purchase, name: A point for a euro, wallets: [points], points: 1, whole: true }
rewards:
  - { id: one_off, name: One euro off, wallet: points, points: 100, kind: cash, value: 1, cost: 1 }
```
"""


def key_page() -> str:
    """Return the page: a table of keys for every section of a programme file."""
    schema = programme_schema()
    parts = [_INTRODUCTION]
    for section in sections():
        if section is not Bilingual:
            place = schema if section is Programme else schema["$defs"][section.__name__]
            parts.append("\n".join(_table(section, place)) + "\n")
    return "\n".join(parts)


def _table(section: type[Section], place: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {section.__name__}" if section is not Programme else "## The file"
    yield ""
    yield summary_of(section).replace("``", "`")
    yield ""
    yield "| key | what may stand there | if left out | what it says |"
    yield "|---|---|---|---|"
    said = said_of_keys(section)
    required = place.get("required", [])
    for name, field in place["properties"].items():
        cells = (
            f"`{name}`",
            _allowed(field),
            _default(section, name, required),
            said.get(name, ""),
        )
        yield "| " + " | ".join(cell.replace("``", "`").replace("|", "or") for cell in cells) + " |"


def _allowed(field: Mapping[str, Any]) -> str:
    """Return what a key may hold, in words."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return "text in both languages" if name == "Bilingual" else f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        told = [_allowed(item) for item in field["anyOf"] if item.get("type") != "null"]
        return " or ".join(dict.fromkeys(told))
    if "enum" in field or "const" in field:
        return ", ".join(f"`{item}`" for item in field.get("enum", [field.get("const")]))
    kind = field.get("type")
    if kind == "array":
        items = field.get("prefixItems") or [field["items"]]
        several = _allowed(items[0])
        return f"two of: {several}" if "prefixItems" in field else f"list of: {several}"
    if kind == "object":
        named = field.get("patternProperties") or {"": field["additionalProperties"]}
        (inner,) = named.values()
        return f"by name: {_allowed(inner)}"
    return _plain(field)


def _plain(field: Mapping[str, Any]) -> str:
    kind = {"integer": "whole number", "boolean": "`true` or `false`"}.get(
        field["type"], "text" if field["type"] == "string" else str(field["type"])
    )
    if field.get("format") == "date":
        return "day such as 2024-12-31"
    for start, words in _PATTERNS.items():
        if str(field.get("pattern", "")).startswith(start):
            return words
    bounds = [
        f"{word} {field[key]}"
        for key, word in (("exclusiveMinimum", "above"), ("minimum", "from"), ("maximum", "to"))
        if key in field
    ]
    return " ".join([kind, *bounds])


def _default(section: type[BaseModel], name: str, required: list[str]) -> str:
    if name in required:
        return "must be given"
    value = section.model_fields[name].get_default(call_default_factory=True)
    if value is None or value in ((), {}) or isinstance(value, BaseModel):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
