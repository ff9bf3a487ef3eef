"""YAML that is read safely: plain values only, no key twice, and no more than it seems."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from loyalty_research.brand.home import shown
from loyalty_research.errors import BrandFileError, Problem, problem

_MOST_VALUES = 100_000
_NO_CONSTRUCTOR = re.compile(r"could not determine a constructor for the tag '(.*)'")
_OWN_TAGS = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses a key that stands twice in a mapping."""

    def get_single_data(self) -> Any:
        node = self.get_single_node()
        if node is None:
            return None
        _values(node, {})
        return self.construct_document(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            if key_node.value == "on":  # a key of rules; YAML 1.1 would read it as true
                key_node.tag = _OWN_TAGS + "str"
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue
            line = key_node.start_mark.line + 1
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"key {key!r} stands twice, first in line {seen[key]}",
                    key_node.start_mark,
                )
            seen[key] = line
        return super().construct_mapping(node, deep=deep)


def _values(node: yaml.Node, known: dict[yaml.Node, int]) -> int:
    """Return how many values a node stands for; aliases count as often as they are used."""
    if node in known:
        if not known[node]:
            raise _refused(node, "it refers to itself")
        return known[node]
    known[node] = 0
    count = 1
    for part in _parts(node):
        count += _values(part, known)
        if count > _MOST_VALUES:
            raise _refused(node, f"its aliases stand for more than {_MOST_VALUES:,} values")
    known[node] = count
    return count


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _refused(node: yaml.Node, reason: str) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, reason, node.start_mark)


def load_document(path: Path) -> dict[str, Any]:
    """Return the mapping a YAML file holds.

    Raises
    ------
    BrandFileError
        Where the file cannot be read, is not UTF-8, is not YAML, holds a key twice, a tag or a
        mass of aliases, or is no mapping; names the line.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BrandFileError(
            problem(
                "{file}: cannot be read: {reason}", file=shown(path), reason=error.strerror or error
            )
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrandFileError(
            problem(
                "{file}, line {line}: not UTF-8; save the file as UTF-8",
                file=shown(path),
                line=raw[: error.start].count(b"\n") + 1,
            )
        ) from error
    try:
        data = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BrandFileError(_yaml_problem(path, text, error)) from error
    if not isinstance(data, dict):
        found = "nothing" if data is None else type(data).__name__
        raise BrandFileError(
            problem(
                "{file}: found {found}; allowed: keys and values, such as `currency: CNY`",
                file=shown(path),
                found=found,
            )
        )
    return data


def _yaml_problem(path: Path, text: str, error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    position = getattr(error, "position", None)
    if mark is not None:
        line = mark.line + 1
    else:
        line = text[: position if isinstance(position, int) else 0].count("\n") + 1
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    if isinstance(error, RecursionError):
        reason = "it is nested too deeply"
    if tag := _NO_CONSTRUCTOR.fullmatch(str(reason)):
        return problem(
            "{file}, line {line}: found the tag {tag}; allowed: plain keys and values",
            file=shown(path),
            line=line,
            tag=tag[1].replace(_OWN_TAGS, "!!"),
        )
    return problem(
        "{file}, line {line}: not readable as YAML: {reason}",
        file=shown(path),
        line=line,
        reason=reason,
    )
