"""A chapter's page as the editor wants it: sections left out, moved, with paragraphs added."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loyalty_research.report.editorial import Editorial
from loyalty_research.report.reading import Block, Reading


@dataclass(frozen=True, slots=True)
class _Group:
    """A section: its heading, and the names of the results shown in it."""

    blocks: tuple[Block, ...]
    names: tuple[str, ...]


def arrange(
    reading: Reading,
    editorial: Editorial,
    names: Mapping[str, str],
    *,
    language: str,
) -> Reading:
    """Return ``reading`` with an editor's changes of whole sections.

    Parameters
    ----------
    reading
        The page as the notebook gives it.
    editorial
        The changes, their texts filled; a section goes by the name of the first result it shows.
    names
        Name of each stored result, by key.
    language
        ``zh`` or ``en``.
    """
    head, groups = _groups(reading.blocks, names)
    kept = [group for group in groups if not _hidden(group, editorial)]
    ordered = sorted(enumerate(kept), key=lambda pair: _place(pair[1], editorial, pair[0]))
    blocks = list(head)
    for _, group in ordered:
        blocks += _with_texts(group, editorial, language)
    anchors = [block.anchor for block in blocks if block.anchor]
    sections = sorted(
        (
            section
            for section in reading.sections
            if section.anchor in anchors or not section.reached
        ),
        key=lambda section: (
            anchors.index(section.anchor) if section.anchor in anchors else len(anchors)
        ),
    )
    return dataclasses.replace(reading, blocks=tuple(blocks), sections=tuple(sections))


def _groups(blocks: Sequence[Block], names: Mapping[str, str]) -> tuple[list[Block], list[_Group]]:
    """Split a page at its headings; what stands before the first belongs to no section."""
    parts: list[list[Block]] = [[]]
    for block in blocks:
        if block.kind == "heading" and block.anchor:
            parts.append([])
        parts[-1].append(block)
    groups = [
        _Group(tuple(part), tuple(names[item.text] for item in part if item.kind == "result"))
        for part in parts[1:]
    ]
    return parts[0], groups


def _hidden(group: _Group, editorial: Editorial) -> bool:
    return bool(group.names) and all(editorial.hides(name) for name in group.names)


def _place(group: _Group, editorial: Editorial, position: int) -> tuple[int, int]:
    edit = editorial.sections.get(group.names[0]) if group.names else None
    return (1, position) if edit is None or edit.order is None else (0, edit.order)


def _with_texts(group: _Group, editorial: Editorial, language: str) -> list[Block]:
    """Return a section's blocks, an editor's paragraph below the heading and others at the end."""
    heading, rest = group.blocks[0], group.blocks[1:]
    edit = editorial.sections.get(group.names[0]) if group.names else None
    first = edit.text(language) if edit is not None else None
    own = [
        text
        for paragraph in editorial.paragraphs
        if paragraph.place in group.names and (text := paragraph.text(language))
    ]
    lead = [Block("prose", first)] if first else []
    return [heading, *lead, *rest, *(Block("prose", text) for text in own)]
