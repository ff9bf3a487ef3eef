"""Simulated worlds opened as brands: ``world:bakery?seed=7&customers=20000``.

A world is written once, as a brand's folder in the cache; from there on it is a brand like any
other. Nothing heavy is imported where it stands there already.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml

from loyalty_research.brand import BrandFile, cache_folder, load_brand_file
from loyalty_research.brand.home import BRAND_FILE
from loyalty_research.errors import ParameterError, problem, raise_all
from loyalty_research.study.cache import complete_folder, remove_stale, touch
from loyalty_research.study.digest import code_digest

WORLD = "world:"
_FLAGS = ("null",)
_CODE = ("worlds", "stats/seeds.py", "stats/calendar.py")
_PACKAGES = ("lunardate", "numpy", "pyarrow", "scipy")
_LONGEST = 60


def is_world(name: str) -> bool:
    """Tell whether ``name`` asks for a simulated world."""
    return name.startswith(WORLD)


def brand_file(name: str) -> BrandFile:
    """Return the brand file of a brand, or of a world, whose tables are then made.

    Parameters
    ----------
    name
        Name of a brand, or ``world:NAME?key=value&...``: the keys are those of
        :func:`loyalty_research.worlds.make`, with dots for keys within sections
        (``programme.rule_change=true``), and ``null=true`` for the same world without effects.

    Raises
    ------
    BrandFileError
        Where the brand is missing or its file wrong.
    ParameterError
        Where there is no such world, or a value is not allowed.
    """
    return load_brand_file(str(world_folder(name) / BRAND_FILE) if is_world(name) else name)


def world_folder(name: str) -> Path:
    """Return the folder of a world's tables and brand file, written where it is missing."""
    world, changes = _asked(name)
    folder = cache_folder() / "worlds" / _made_by() / _folder_name(world, changes)
    if not (folder / BRAND_FILE).is_file():
        with complete_folder(folder) as work:
            _write(world, changes, work)
        remove_stale(folder)
    touch(folder)
    return folder


def file_in_world(source: str) -> str:
    """Return the file of a table of a world, such as ``world:bakery?seed=7#transactions``.

    A brand file may name it as a source: a brand whose rows are simulated, with a file of its own.

    Raises
    ------
    ParameterError
        Where there is no such world or table, or a value is not allowed.
    """
    name, _, table = source.partition("#")
    folder = world_folder(name)
    known = sorted(path.stem for path in folder.glob("*.parquet"))
    if table not in known:
        raise ParameterError(
            problem(
                "{source}: found the table {table!r}; allowed after #: {known}",
                source=source,
                table=table,
                known=", ".join(known),
            )
        )
    return str(folder / f"{table}.parquet")


def _asked(name: str) -> tuple[str, dict[str, Any]]:
    world, _, query = name.removeprefix(WORLD).partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    raise_all(_mistakes(name, query, pairs), ParameterError)
    changes: dict[str, Any] = {}
    for key, value in sorted(pairs):
        *sections, last = key.split(".")
        place = changes
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = yaml.safe_load(value)
    return world, changes


def _mistakes(name: str, query: str, pairs: list[tuple[str, str]]) -> Iterator[Any]:
    keys = [key for key, _ in pairs]
    if not all("=" in part for part in query.split("&") if query):
        yield problem(
            "{name}: found {query}; allowed: key=value, joined by &", name=name, query=query
        )
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield problem("{name}: {key} is given more than once", name=name, key=key)
    for key in sorted(keys):
        if any(other.startswith(f"{key}.") for other in keys):
            yield problem("{name}: {key} is given as a whole and in part", name=name, key=key)


def _folder_name(world: str, changes: dict[str, Any]) -> str:
    """Return the name the brand has: readable where it is short."""
    words = [f"{key}{value}" for key, value in changes.items() if not isinstance(value, dict)]
    name = "-".join(["world", world, *words])
    plain = re.fullmatch(r"[A-Za-z0-9_-]+", name) and len(words) == len(changes)
    if plain and len(name) <= _LONGEST:
        return name
    mark = hashlib.sha256(repr((world, changes)).encode()).hexdigest()[:12]
    start = re.sub(r"[^A-Za-z0-9_-]", "", world)[:20]
    return f"world-{start}-{mark}"


def _write(name: str, changes: dict[str, Any], folder: Path) -> None:
    import pyarrow.parquet as pq

    from loyalty_research import worlds
    from loyalty_research.worlds.as_brand import brand_document

    given = {key: value for key, value in changes.items() if key not in _FLAGS}
    world = worlds.null(name, **given) if changes.get("null") else worlds.make(name, **given)
    world.write(folder)
    files = {path: pq.read_metadata(path) for path in sorted(folder.glob("*.parquet"))}
    schemas = {
        path.stem: file.schema.to_arrow_schema() for path, file in files.items() if file.num_rows
    }
    address = _address(name, changes)
    document = brand_document(world, schemas, address=address)
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    (folder / BRAND_FILE).write_text(text, encoding="utf-8")


def _address(name: str, changes: dict[str, Any]) -> str:
    def flat(items: dict[str, Any], lead: str = "") -> Iterator[str]:
        for key, value in items.items():
            if isinstance(value, dict):
                yield from flat(value, f"{lead}{key}.")
            else:
                yield f"{lead}{key}={value}"

    query = "&".join(flat(changes))
    return f"{WORLD}{name}?{query}" if query else f"{WORLD}{name}"


@cache
def _made_by() -> str:
    """Return a short mark of what makes worlds: other code may make other worlds."""
    return code_digest(_CODE, _PACKAGES, suffixes=(".py", ".yaml"))[:16]
