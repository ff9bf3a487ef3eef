"""Read a brand file and list everything that is wrong with it at once."""

from __future__ import annotations

import os
import types
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from loyalty_research.brand.colour import check_colour
from loyalty_research.brand.document import load_document
from loyalty_research.brand.home import BRAND_FILE, brand_folder, shown
from loyalty_research.brand.logo import check_logo
from loyalty_research.brand.mapping import check_tables
from loyalty_research.brand.schema import BrandFile
from loyalty_research.errors import BrandFileError, Problem, problem, raise_all


def load_brand_file(path_or_name: str | os.PathLike[str]) -> BrandFile:
    """Read and check a brand file.

    Parameters
    ----------
    path_or_name
        Name of a brand, or the path of a file ending in ``.yaml``.

    Returns
    -------
    BrandFile
        The file as checked, frozen settings.

    Raises
    ------
    BrandFileError
        With every problem of the file: each names the file, the key, what was found and what is
        allowed.
    """
    named = os.fspath(path_or_name)
    if named.endswith((".yaml", ".yml")):
        path = Path(named).absolute()
    else:
        path = brand_folder(named) / BRAND_FILE
    data = load_document(path)
    problems = [*_named(path, _schema_problems(data, path)), *_named(path, check_tables(data))]
    problems += [*_named(path, check_colour(data)), *_named(path, check_logo(data, path.parent))]
    raise_all(problems, BrandFileError)
    return BrandFile.model_validate(data, context={"path": path})


def _named(path: Path, found: Iterator[Problem]) -> Iterator[Problem]:
    for item in found:
        yield problem("{file}: " + item.template, file=shown(path), **item.fields)


def _schema_problems(data: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    try:
        BrandFile.model_validate(data, context={"path": path})
    except ValidationError as error:
        for item in error.errors(include_url=False):
            yield _translate(item)


def _translate(item: Any) -> Problem:
    place = [str(part) for part in item["loc"] if part != "[key]"]
    key = ".".join(place)
    kind = item["type"]
    if kind == "extra_forbidden":
        return _unknown_key(place)
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


def _unknown_key(place: list[str]) -> Problem:
    allowed = _keys_at(place[:-1])
    near = get_close_matches(place[-1], allowed, n=3, cutoff=0.6)
    return problem(
        "{key}: unknown key; {word}: {allowed}",
        key=".".join(place),
        word="nearest allowed" if near else "allowed",
        allowed=", ".join(near or allowed),
    )


def _keys_at(place: list[str]) -> list[str]:
    """Return the keys allowed in the section at ``place``."""
    current: Any = BrandFile
    for part in place:
        model = _model_in(current)
        if model is not None and part in model.model_fields:
            current = model.model_fields[part].annotation
        else:
            arguments = [item for item in get_args(current) if item is not Ellipsis]
            current = arguments[-1] if arguments else current
    model = _model_in(current)
    return list(model.model_fields) if model is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is Annotated:
        return _model_in(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return next((found for item in get_args(annotation) if (found := _model_in(item))), None)
    return None
