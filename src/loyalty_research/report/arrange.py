"""A chapter's page as its reader and its editor want it.

Sections that could answer nothing are gathered at the end, and an editor leaves sections out, moves
them and adds paragraphs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loyalty_research.report.editorial import Editorial
from loyalty_research.report.reading import Block, Reading, Section
from loyalty_research.results import StoredResult

OPEN = "open"  # anchor of the section that gathers what could not be answered


@dataclass(frozen=True, slots=True)
class _Group:
    """A section: its heading, and the names of the results shown in it."""

    blocks: tuple[Block, ...]
    names: tuple[str, ...]


def gather(
    reading: Reading,
    results: Mapping[str, StoredResult],
    editorial: Editorial,
    names: Mapping[str, str],
    *,
    title: str,
) -> Reading:
    """Return ``reading`` with the sections that answer nothing gathered under one heading.

    Parameters
    ----------
    reading
        The page as the notebook gives it.
    results
        Stored results by key.
    editorial
        Sections an editor wrote about stay where they are.
    names
        Name of each stored result by key, those an editor left out included.
    title
        Heading of the gathered sentences, which say what is missing for each question.

    Returns
    -------
    Reading
        A section whose results neither show nor say anything is left out.
    """
    head, groups = _groups(reading.blocks, names)
    kept: list[Block] = []
    asked: list[str] = []
    for group in groups:
        keys = [block.text for block in group.blocks if block.kind == "result"]
        if _answers(group, [results[key] for key in keys if key in results], editorial):
            kept += group.blocks
        else:
            asked += [key for key in keys if results[key].findings]
    anchors = {block.anchor for block in kept}
    sections = [item for item in reading.sections if item.anchor in anchors or not item.reached]
    if asked:
        kept += [Block("heading", title, 2, OPEN), Block("open", "\n".join(asked))]
        sections.append(Section(OPEN, title))
    return dataclasses.replace(reading, blocks=(*head, *kept), sections=tuple(sections))


def _answers(group: _Group, results: Sequence[StoredResult], editorial: Editorial) -> bool:
    """Tell whether a section has more to show than what the data could not tell."""
    if not results or any(block.kind == "stopped" for block in group.blocks):
        return True
    if any(name in editorial.sections for name in group.names) or any(
        paragraph.place in group.names for paragraph in editorial.paragraphs
    ):
        return True
    return any(
        result.charts or result.tables or any(f.status == "stated" for f in result.findings)
        for result in results
    )


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
