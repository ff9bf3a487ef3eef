"""Named worlds: files of parameters beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib.resources import files
from typing import Any

import yaml
from pydantic import ValidationError

from loyalty_research.errors import ParameterError, Problem, problem
from loyalty_research.worlds.parameters import Parameters

_PRESETS = files("loyalty_research.worlds").joinpath("presets")


def names() -> list[str]:
    """Return the names of the worlds there are, sorted."""
    return sorted(item.name.removesuffix(".yaml") for item in _PRESETS.iterdir())


def load(name: str, changes: Mapping[str, Any]) -> Parameters:
    """Return the parameters of a named world, changed.

    Parameters
    ----------
    name
        Of a file beside this module.
    changes
        Values by key; sections are changed key by key, lists are replaced.

    Raises
    ------
    ParameterError
        Where there is no such world, or a change is not allowed; lists every problem.
    """
    known = names()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        raise ParameterError(
            problem(
                "world {name!r}: there is: {known}{near}",
                name=name,
                known=", ".join(known),
                near=f"; did you mean {near[0]!r}?" if near else "",
            )
        )
    document = yaml.safe_load(_PRESETS.joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    return parameters_of(f"world {name}", merged(document, changes))


def parameters_of(place: str, document: Mapping[str, Any]) -> Parameters:
    """Return ``document`` checked; ``place`` is what messages call it."""
    problems: list[Problem] = []
    try:
        return Parameters.model_validate(document)
    except ValidationError as error:
        problems += [_told(place, item) for item in error.errors(include_url=False)]
    raise ParameterError(*problems)


def _told(place: str, item: Any) -> Problem:
    key = ".".join(str(part) for part in item["loc"]) or "parameters"
    if item["type"] == "extra_forbidden":
        return problem("{place}: {key}: unknown key", place=place, key=key)
    if item["type"] == "missing":
        return problem("{place}: {key}: missing", place=place, key=key)
    return problem(
        "{place}: {key}: found {found}; allowed: {allowed}",
        place=place,
        key=key,
        found=_short(item["input"]),
        allowed=item["msg"].removeprefix("Value error, ").removeprefix("Input should be "),
    )


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        return "what stands there"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def merged(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``document`` with ``changes``, sections key by key."""
    result = dict(document)
    for key, value in changes.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = merged(old, value)
        else:
            result[key] = value
    return result
