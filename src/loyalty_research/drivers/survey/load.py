"""Read a survey model, and list everything that is wrong with it at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from loyalty_research.brand.checking import in_file, model_problems
from loyalty_research.brand.document import load_document
from loyalty_research.brand.home import find_home, shown
from loyalty_research.drivers.survey.model import SurveyModel
from loyalty_research.errors import (
    BrandFileError,
    Problem,
    SurveyModelError,
    problem,
    raise_all,
)

FOLDER = Path("data", "surveys")
"""Where survey models stand in the home folder."""


def list_models(home: Path | None = None) -> list[str]:
    """Return the names of all survey models, sorted: the files of ``data/surveys``.

    Parameters
    ----------
    home
        Folder that holds ``data/surveys``; None for that of the project in use.
    """
    return sorted(path.stem for path in ((home or find_home()) / FOLDER).glob("*.yaml"))


def load_model(name_or_path: str | os.PathLike[str], home: Path | None = None) -> SurveyModel:
    """Read and check a survey model.

    Parameters
    ----------
    name_or_path
        Name of a model of ``data/surveys``, or the path of a file ending in ``.yaml``.
    home
        Folder that holds ``data/surveys``; None for that of the project in use.

    Returns
    -------
    SurveyModel
        The file as checked, frozen.

    Raises
    ------
    SurveyModelError
        With every problem of the file: a construct with one item, an unknown construct in a path,
        a cycle, an item that stands twice, ... For an unknown name, with the models there are.
    """
    named = os.fspath(name_or_path)
    if named.endswith((".yaml", ".yml")):
        path = Path(named).absolute()
    else:
        path = _path_of(named, home or find_home())
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0  # reading it tells what is wrong
    return _load(path, changed)


@lru_cache(maxsize=32)
def _load(path: Path, _changed: int) -> SurveyModel:
    """Read the file; ``_changed`` tells one state of it from the next."""
    try:
        data = load_document(path)
    except BrandFileError as error:
        raise SurveyModelError(*error.problems) from error
    raise_all(in_file(path, model_problems(SurveyModel, data, path=path)), SurveyModelError)
    model = SurveyModel.model_validate(data, context={"path": path})
    raise_all(in_file(path, check_model(model)), SurveyModelError)
    return model


def check_model(model: SurveyModel) -> Iterator[Problem]:
    """Yield what is wrong between the parts of a model."""
    yield from _items(model)
    yield from _arrows(model)
    if model.maxdiff and (twice := sorted(set(model.maxdiff.every) & set(model.items))):
        yield problem(
            "maxdiff.columns: {twice} already item(s) of a construct; allowed: other columns",
            twice=", ".join(twice),
        )
    for key, found in (("outcome", model.outcome), ("explained", model.explained)):
        if found is not None and found not in model.paths:
            yield problem(
                "{key}: found {found!r}; allowed: a construct that a path leads to: {ends}",
                key=key,
                found=found,
                ends=", ".join(model.paths),
            )


def _items(model: SurveyModel) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for name, part in model.constructs.items():
        if (len(part.indicators) == 1) != part.single:
            yield problem(
                "constructs.{name}: {count} item(s); allowed: two or more, or one with single: true"
                " (its reliability cannot be judged then)",
                name=name,
                count=len(part.indicators),
            )
        for item in part.indicators:
            first = owner.setdefault(item, name)
            if first != name:
                yield problem(
                    "constructs.{name}.indicators.{item}: already an item of {first}; allowed: an "
                    "item belongs to one construct",
                    name=name,
                    item=item,
                    first=first,
                )


def _arrows(model: SurveyModel) -> Iterator[Problem]:
    known = set(model.constructs)
    for name, causes in model.paths.items():
        for found in (name, *causes):
            if found not in known:
                near = get_close_matches(found, known, n=1)
                yield problem(
                    "paths.{name}: unknown construct {found!r}{near}; allowed: {known}",
                    name=name,
                    found=found,
                    near=f"; did you mean {near[0]}?" if near else "",
                    known=", ".join(model.constructs),
                )
        if len(set(causes)) < len(causes):
            yield problem("paths.{name}: a construct stands twice; allowed: once each", name=name)
    lone = [c for c in model.constructs if c not in _named(model)]
    if lone:
        yield problem(
            "paths: no path leads to or from {lone}; allowed: every construct in some path",
            lone=", ".join(lone),
        )
    if round_trip := _cycle(model):
        yield problem(
            "paths: {trip} is a cycle; allowed: paths that never come back",
            trip=" -> ".join(round_trip),
        )


def _named(model: SurveyModel) -> set[str]:
    return {name for end, causes in model.paths.items() for name in (end, *causes)}


def _cycle(model: SurveyModel) -> list[str]:
    """Return the constructs of a cycle, the first repeated at the end; empty for none."""
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name][::-1]
        if name in done:
            return []
        for cause in model.paths.get(name, ()):
            if found := visit(cause, (*trail, name)):
                return found
        done.add(name)
        return []

    return next((found for name in model.paths if (found := visit(name, ()))), [])


def _path_of(name: str, home: Path) -> Path:
    known = list_models(home)
    if name in known:
        return home / FOLDER / f"{name}.yaml"
    near = get_close_matches(name, known, n=3)
    raise SurveyModelError(
        problem(
            "survey model {name!r}: not found in {folder}; there is: {known}{near}",
            name=name,
            folder=shown(home / FOLDER),
            known=", ".join(known) or "no survey model",
            near=f"; did you mean {', '.join(near)}?" if near else "",
        )
    )
