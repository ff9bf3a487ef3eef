"""Working copies of the notebooks in one language; what a user has changed is kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from loyalty_research.report.chapters import PARAMETERS_TAG, Chapter, source_of, tags_of

LANGUAGES = ("zh", "en")
_NOTE = "working_copy"
_LANGUAGE = re.compile(r"""^(language\s*=\s*)(["'])\w*\2""", re.MULTILINE)

Notebook = dict[str, Any]


def working_copies(
    chapters: Iterable[Chapter], folder: Path, *, language: str, say: Callable[[str], None]
) -> Path:
    """Write the working copies that are missing or out of date and unchanged by the user.

    Parameters
    ----------
    chapters
        The notebooks.
    folder
        Where the copies stand, under the notebooks' own names.
    language
        ``zh`` or ``en``.
    say
        Prints a line for the user: what was made, and which copy no longer fits its notebook.

    Returns
    -------
    pathlib.Path
        `folder`.

    Notes
    -----
    A copy notes the digests of the notebook it was made from and of itself as made. A copy whose
    cells differ from what was made holds the user's work, and is never written over.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for chapter in chapters:
        path = folder / chapter.file
        copy = in_language(json.loads(chapter.content), language)
        shown = f"{folder.parent.name}/{folder.name}/{chapter.file}"
        if not path.exists():
            _write(path, copy)
            say(f"{shown}: made from notebooks/{chapter.file}")
            continue
        state = _state(path, copy)
        if state == "old":
            _write(path, copy)
            say(
                f"{shown}: made again, as notebooks/{chapter.file} has changed and the copy had not"
            )
        elif state == "both changed":
            say(
                f"{shown}: kept with your changes, though notebooks/{chapter.file} has changed "
                "since; rename the copy to get a new one"
            )
    return folder


def in_language(notebook: Notebook, language: str) -> Notebook:
    """Return a notebook with one language's prose and the ``language`` parameter set to it.

    Parameters
    ----------
    notebook
        The notebook as plain values; it is left as it is.
    language
        ``zh`` or ``en``.
    """
    copy = deepcopy(notebook)
    others = set(LANGUAGES) - {language}
    copy["cells"] = [cell for cell in copy["cells"] if not others & set(tags_of(cell))]
    for cell in copy["cells"]:
        if PARAMETERS_TAG in tags_of(cell):
            cell["source"] = _LANGUAGE.sub(rf"\g<1>\g<2>{language}\g<2>", source_of(cell))
    about = copy.setdefault("metadata", {}).setdefault("loyalty", {})
    about[_NOTE] = {
        "language": language,
        "of": digest(notebook),
        "made": digest(copy),
    }
    return copy


def digest(notebook: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a notebook's cells without their outputs."""
    cells = [(cell["cell_type"], source_of(cell), tags_of(cell)) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _state(path: Path, fresh: Notebook) -> str:
    """Return ``fresh``, ``old``, ``changed`` or ``both changed``."""
    try:
        found = json.loads(path.read_bytes())
        note = found["metadata"]["loyalty"][_NOTE]
        of, untouched = note["of"], note["made"] == digest(found)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "changed"  # not ours to judge, so not ours to write over
    if of == fresh["metadata"]["loyalty"][_NOTE]["of"]:
        return "fresh" if untouched else "changed"
    return "old" if untouched else "both changed"


def _write(path: Path, notebook: Notebook) -> None:
    draft = path.with_name(f".{path.name}.new")
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
