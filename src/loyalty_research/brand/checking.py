"""Mistakes of a YAML document as problems: key, what was found and what is allowed."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from loyalty_research.brand.home import shown
from loyalty_research.errors import Problem, problem


def model_problems(
    model: type[BaseModel], data: Mapping[str, Any], *, path: Path
) -> Iterator[Problem]:
    """Yield what is wrong with ``data`` as a document of ``model``; ``path`` is its file."""
    try:
        model.model_validate(data, context={"path": path})
    except ValidationError as error:
        for item in error.errors(include_url=False):
            yield _translate(item, model)


def in_file(path: Path, found: Iterator[Problem]) -> Iterator[Problem]:
    """Yield problems with the name of their file in front."""
    for item in found:
        yield problem("{file}: " + item.template, file=shown(path), **item.fields)


def unknown_key(place: list[str], allowed: list[str]) -> Problem:
    """Return the problem of a key that is not allowed, with the nearest that are."""
    near = get_close_matches(place[-1], allowed, n=3, cutoff=0.6)
    return problem(
        "{key}: unknown key; {word}: {allowed}",
        key=".".join(place),
        word="nearest allowed" if near else "allowed",
        allowed=", ".join(near or allowed),
    )


def _translate(item: Any, model: type[BaseModel]) -> Problem:
    place = [str(part) for part in item["loc"] if part != "[key]"]
    key = ".".join(place)
    kind = item["type"]
    if kind == "extra_forbidden":
        return unknown_key(place, _keys_at(place[:-1], model))
    if kind == "missing":
        return problem("{key}: missing", key=key)
    if kind == "literal_error":
        allowed = item["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
    elif kind == "value_error":
        allowed = str(item["ctx"]["error"])
    else:
        message = item["msg"]
        allowed = message[0].lower() + message[1:]
    return problem(
        "{key}: found {found}; allowed: {allowed}",
        key=key or "the file",
        found=_brief(item["input"]),
        allowed=allowed,
    )


def _brief(value: object, limit: int = 60) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", exclude_none=True)
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]} ..."


def _keys_at(place: list[str], model: type[BaseModel]) -> list[str]:
    """Return the keys allowed in the section at ``place``."""
    current: Any = model
    for part in place:
        section = _model_in(current)
        if section is not None and part in section.model_fields:
            current = section.model_fields[part].annotation
        else:
            arguments = [item for item in get_args(current) if item is not Ellipsis]
            current = arguments[-1] if arguments else current
    section = _model_in(current)
    return list(section.model_fields) if section is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is Annotated:
        return _model_in(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return next((found for item in get_args(annotation) if (found := _model_in(item))), None)
    return None
