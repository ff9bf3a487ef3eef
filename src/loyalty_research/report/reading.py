"""An executed notebook as the blocks of a page, in one language."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from loyalty_research.report.chapters import Chapter, source_of, tags_of
from loyalty_research.report.prose import split_headings
from loyalty_research.report.runs import Run
from loyalty_research.report.worker import ERROR_TAG

LANGUAGES = ("zh", "en")
MIME = "application/vnd.loyalty-research+json"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page: a heading, prose below it, a shown result, or where the run stopped.

    ``open`` holds the keys of results that answer nothing, a line each.
    """

    kind: Literal["heading", "prose", "result", "stopped", "open"]
    text: str = ""
    level: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a chapter: its anchor, heading, and whether the run came that far."""

    anchor: str
    title: str
    reached: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page of a chapter shows."""

    title: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...] = field(default=())
    failing: str = ""
    """Heading of the section that failed; empty where none did."""


def cells_of(chapter: Chapter, run: Run) -> list[dict[str, Any]]:
    """Return the executed cells without what papermill added; the source's cells where lost."""
    try:
        cells = json.loads(run.notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError):
        cells = chapter.cells
    return [cell for cell in cells if ERROR_TAG not in tags_of(cell)]


def keys_of(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of the results a code cell has shown."""
    for output in cell.get("outputs", ()):
        pointer = output.get("data", {}).get(MIME)
        if pointer is not None:
            yield pointer["result"]


def in_language(cell: Mapping[str, Any], language: str) -> bool:
    """Tell whether a prose cell belongs to the page of ``language``."""
    tags = tags_of(cell)
    return cell["cell_type"] == "markdown" and language in tags and "teach" not in tags


def read(chapter: Chapter, run: Run, stored: tuple[str, ...], language: str) -> Reading:
    """Walk the executed notebook of a chapter in order.

    Parameters
    ----------
    chapter
        The chapter; its title stands in where the notebook has no first heading.
    run
        Its execution.
    stored
        Keys of the results in the store.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Reading
        Prose of one language and all results up to where the run stopped.
    """
    title, failing = "", ""
    blocks: list[Block] = []
    sections: list[Section] = []
    shown: set[str] = set()
    failed = run.outcome.status != "ok"
    stopped = False
    for cell in cells_of(chapter, run):
        if in_language(cell, language):
            for level, heading, below in split_headings(source_of(cell)):
                if level == 1 and not title:
                    title = heading
                elif level:
                    anchor = f"s{len(sections) + 1}" if level <= 2 else ""
                    if anchor:
                        sections.append(Section(anchor, heading, reached=not stopped))
                    if not stopped:
                        blocks.append(Block("heading", heading, max(level, 2), anchor))
                if below and not stopped:
                    blocks.append(Block("prose", below))
        elif cell["cell_type"] == "code" and not stopped:
            for key in keys_of(cell):
                if key in stored:
                    shown.add(key)
                    blocks.append(Block("result", key))
            if failed and cell.get("id") and cell["id"] == run.outcome.cell:
                stopped = True
                failing = sections[-1].title if sections else title
                blocks.append(Block("stopped"))
    if failed and not stopped:  # the worker left no notebook: what was stored comes at the end
        blocks += [Block("result", key) for key in stored if key not in shown]
        blocks.append(Block("stopped"))
    return Reading(title or chapter.title[language], tuple(blocks), tuple(sections), failing)
