"""Notebook parameters, checked before anything runs.

papermill only warns about a parameter that the notebook does not know. Here the notebook's
``parameters`` cell is parsed, not run: names, types and defaults come from it.
"""

from __future__ import annotations

import ast
import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from loyalty_research.errors import ParameterError, Problem, problem, raise_all
from loyalty_research.report.chapters import PARAMETERS_TAG, Chapter, source_of, tags_of

RUNNER_SETS = "brand"
"""The parameter that the report run sets itself."""
_WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    type(None): "null",
}

Scalar = str | int | float | bool | None


def declared(chapter: Chapter) -> dict[str, Scalar]:
    """Return the parameters of a chapter's notebook and their defaults.

    Raises
    ------
    ParameterError
        Where the cell is missing, or assigns anything but scalars.
    """
    cells = [cell for cell in chapter.cells if PARAMETERS_TAG in tags_of(cell)]
    if len(cells) != 1:
        raise ParameterError(
            problem(
                "{file}: found {n} cells tagged 'parameters'; allowed: one",
                file=chapter.file,
                n=len(cells),
            )
        )
    found: dict[str, Scalar] = {}
    try:
        statements = ast.parse(source_of(cells[0])).body
        for statement in statements:
            name, value = _assignment(statement)
            found[name] = value
    except (SyntaxError, ValueError) as error:
        raise ParameterError(
            problem(
                "{file}: parameters cell: {error}; allowed: lines of the form name = scalar",
                file=chapter.file,
                error=error,
            )
        ) from None
    return found


def _assignment(statement: ast.stmt) -> tuple[str, Scalar]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, node = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, node = statement.target, statement.value
    else:
        msg = f"line {statement.lineno} is no assignment"
        raise ValueError(msg)
    if not isinstance(target, ast.Name):
        msg = f"line {statement.lineno} does not assign to a name"
        raise ValueError(msg)
    try:
        value = ast.literal_eval(node)
    except ValueError:
        value = ...
    if value is not None and not isinstance(value, (str, int, float)):
        msg = f"{target.id} on line {statement.lineno} is no scalar"
        raise ValueError(msg)
    return target.id, value


def resolve(
    chapters: Sequence[Chapter],
    *,
    brand: str,
    from_brand: Mapping[str, Mapping[str, Any]],
    from_command: Sequence[tuple[str | None, str, Any]] = (),
) -> dict[str, dict[str, Scalar]]:
    """Return the parameters every chapter is run with; all problems are raised at once.

    Parameters
    ----------
    chapters
        All chapters of the home folder.
    brand
        Name of the brand, handed to every chapter.
    from_brand
        ``chapters:`` of the brand file: chapter, then name and value.
    from_command
        (chapter or None for every chapter that has it, name, value); these win.

    Returns
    -------
    dict
        By chapter: only what differs from the notebook's own lines, and ``brand``.

    Raises
    ------
    ParameterError
        For unknown chapters and parameters, and values of the wrong type.
    """
    known = {chapter.name: declared(chapter) for chapter in chapters}
    files = {chapter.name: chapter.file for chapter in chapters}
    problems: list[Problem] = []
    result: dict[str, dict[str, Scalar]] = {name: {} for name in known}

    def put(origin: str, chapter: str, name: str, value: Any) -> None:
        if chapter not in known:
            problems.append(_unknown(f"{origin}: chapter", chapter, known))
            return
        where = f"{origin}: {files[chapter]}: parameter"
        if name == RUNNER_SETS:
            problems.append(
                problem("{where} 'brand' is set by the run; allowed: leave it out", where=where)
            )
            return
        if name not in known[chapter]:
            names = [item for item in known[chapter] if item != RUNNER_SETS]
            problems.append(_unknown(where, name, names))
            return
        try:
            result[chapter][name] = _fit(value, known[chapter][name])
        except TypeError as error:
            problems.append(
                problem("{where} {name!r}: {error}", where=where, name=name, error=error)
            )

    for chapter, values in from_brand.items():
        for name, value in values.items():
            put("brand file, chapters", chapter, name, value)
    for only, name, value in from_command:
        targets = [only] if only is not None else [c for c in known if name in known[c]]
        if not targets:
            every = sorted({item for names in known.values() for item in names} - {RUNNER_SETS})
            problems.append(_unknown("command line: parameter", name, every))
        for chapter in targets:
            put("command line", chapter, name, value)
    raise_all(problems, ParameterError)
    for name, values in result.items():
        if RUNNER_SETS in known[name]:
            values[RUNNER_SETS] = brand
    return {name: dict(sorted(values.items())) for name, values in result.items()}


def _unknown(where: str, name: str, allowed: Any) -> Problem:
    near = difflib.get_close_matches(str(name), list(allowed), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return problem(
        "{where} {name!r} is unknown; allowed: {allowed}{hint}",
        where=where,
        name=name,
        allowed=", ".join(allowed) or "none",
        hint=hint,
    )


def _fit(value: Any, default: Scalar) -> Scalar:
    """Return ``value`` as the type of ``default``; TypeError where it is another."""
    if isinstance(value, (dt.date, dt.datetime)) and (default is None or isinstance(default, str)):
        return value.isoformat()
    wanted = type(default)
    if default is None:
        if value is None or isinstance(value, (str, int, float)):
            return value
    elif wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    elif type(value) is wanted:
        return value
    allowed = "a scalar" if default is None else _WORDS[wanted]
    kind = _WORDS.get(type(value), "a list or mapping")
    msg = f"found {value!r} ({kind}); allowed: {allowed}, such as {default!r}"
    raise TypeError(msg)


def parse_settings(texts: Sequence[str]) -> list[tuple[str | None, str, Any]]:
    """Parse ``[chapter.]name=value`` of the command line; values are YAML scalars.

    Raises
    ------
    ParameterError
        For every text without a name or ``=``, and every value that is not YAML.
    """
    import yaml

    problems: list[Problem] = []
    settings = []
    for text in texts:
        left, separator, right = text.partition("=")
        chapter, dot, name = left.strip().rpartition(".")
        if not separator or not name or (dot and not chapter):
            problems.append(
                problem(
                    "command line: parameter: found {text!r}; allowed: [chapter.]name=value",
                    text=text,
                )
            )
            continue
        try:
            settings.append((chapter or None, name, yaml.safe_load(right)))
        except yaml.YAMLError:
            problems.append(
                problem(
                    "command line: parameter {name!r}: found {value!r}; allowed: a YAML scalar",
                    name=name,
                    value=right,
                )
            )
    raise_all(problems, ParameterError)
    return settings
