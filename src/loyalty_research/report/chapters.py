"""Chapters of a report: the notebooks of a home folder, read as they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loyalty_research.errors import Problem, ReportError, problem, raise_all

PARAMETERS_TAG = "parameters"
_SHOW = re.compile(r"\b(?:lr\.)?show\(")
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


@dataclass(frozen=True, slots=True)
class Chapter:
    """A notebook that makes a chapter.

    Parameters
    ----------
    name
        Short name: file name of its page, and what ``--chapter`` takes.
    title
        Title by language.
    path
        The notebook.
    content
        Its bytes: what is hashed is what is run.
    reads
        Folders of YAML files it reads besides the brand's own, relative to the home folder.
    """

    name: str
    title: Mapping[str, str]
    path: Path
    content: bytes
    reads: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """File name of the notebook."""
        return self.path.name

    @property
    def cells(self) -> list[dict[str, Any]]:
        """The notebook's cells, as plain values."""
        cells: list[dict[str, Any]] = json.loads(self.content)["cells"]
        return cells

    @property
    def expected(self) -> int:
        """How many results its code shows, counted by the calls; for the progress line."""
        return sum(
            len(_SHOW.findall(source_of(cell)))
            for cell in self.cells
            if cell["cell_type"] == "code"
        )


def source_of(cell: Mapping[str, Any]) -> str:
    """Return the text of a cell; a notebook file holds it as a string or as a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def tags_of(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the tags of a cell."""
    return tuple(cell.get("metadata", {}).get("tags", ()))


def load_chapters(home: Path) -> tuple[Chapter, ...]:
    """Read the chapters of ``home``, in the order of their file names.

    Parameters
    ----------
    home
        Folder with ``notebooks/``.

    Returns
    -------
    tuple of Chapter
        Notebooks without ``loyalty`` metadata are no chapters and are left out.

    Raises
    ------
    ReportError
        Where a notebook cannot be read, lacks a title, or two share a name.
    """
    problems: list[Problem] = []
    chapters: list[Chapter] = []
    for path in sorted((home / "notebooks").glob("*.ipynb")):
        try:
            chapter = _load(path)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(
                problem("{file}: not a readable notebook: {error}", file=path.name, error=error)
            )
            continue
        if chapter is None:
            continue
        if any(other.name == chapter.name for other in chapters):
            problems.append(
                problem(
                    "{file}: chapter {name!r} stands in two notebooks; allowed: one each",
                    file=path.name,
                    name=chapter.name,
                )
            )
        chapters.append(chapter)
    raise_all(problems, ReportError)
    if not chapters:
        raise ReportError(
            problem(
                "notebooks: no chapter found; a chapter is a notebook with the metadata "
                '"loyalty": {{"chapter": ..., "title": {{"zh": ..., "en": ...}}}}'
            )
        )
    return tuple(chapters)


def _load(path: Path) -> Chapter | None:
    content = path.read_bytes()
    data = json.loads(content)
    about = data["metadata"].get("loyalty")
    if about is None:
        return None
    name, title = about["chapter"], about["title"]
    if not _NAME.match(name) or name == "index":
        msg = f"chapter name {name!r}; allowed: small letters, digits and _, not 'index'"
        raise ValueError(msg)
    titles = {language: title[language] for language in ("zh", "en")}
    return Chapter(name, titles, path, content, tuple(about.get("reads", ())))
