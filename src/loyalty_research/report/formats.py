"""The formats a report is delivered in, and what becomes of one that fails."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from loyalty_research.errors import LoyaltyError, ParameterError, problem

if TYPE_CHECKING:
    from loyalty_research.report.figures import Drawing
    from loyalty_research.report.material import Report

FORMATS = ("html", "single", "docx", "pdf", "pptx")
"""Folder of pages; one page to send; Word; PDF; PowerPoint."""
_MODULES = {"single": "single", "docx": "word", "pdf": "paper", "pptx": "slides"}
_ENDINGS = {"single": "html"}


class UnavailableError(LoyaltyError):
    """A format needs what the machine does not have; the others are whole without it."""


@dataclass(frozen=True, slots=True)
class Note:
    """What became of a format that is not as asked.

    Parameters
    ----------
    format
        Which one.
    status
        ``failed``; ``unavailable`` on this machine; ``reduced`` where it was made with something
        left out.
    why
        Message in English; the command line words it in its own language.
    """

    format: str
    status: str
    why: str

    def as_dict(self) -> dict[str, str]:
        """Return the note as the manifest holds it."""
        return {"format": self.format, "status": self.status, "why": self.why}


def parse_formats(given: str) -> tuple[str, ...]:
    """Return the formats of a list such as ``html,docx``, in the order of :data:`FORMATS`.

    Raises
    ------
    ParameterError
        For an empty list or an unknown format; every unknown one is named.
    """
    names = [name.strip().lower() for name in given.split(",") if name.strip()]
    allowed = ", ".join(FORMATS)
    if not names:
        raise ParameterError(
            problem("--format: found nothing; allowed: {allowed}", allowed=allowed)
        )
    problems = []
    for name in dict.fromkeys(names):
        if name not in FORMATS:
            near = difflib.get_close_matches(name, FORMATS, n=1)
            problems.append(
                problem(
                    "--format: found {found!r}; allowed: {allowed}{near}",
                    found=name,
                    allowed=allowed,
                    near=f"; did you mean {near[0]!r}?" if near else "",
                )
            )
    if problems:
        raise ParameterError(*problems)
    return tuple(name for name in FORMATS if name in names)


def file_name(brand: str, language: str, format: str) -> str:
    """Return the name of a format's file in the report folder."""
    return f"{brand}_{language}.{_ENDINGS.get(format, format)}"


def make_files(
    report: Report, images: Mapping[Drawing, bytes], formats: Sequence[str]
) -> tuple[dict[str, bytes], list[Note]]:
    """Make the formats that are one file a language.

    Parameters
    ----------
    report
        What is printed.
    images
        Every drawing the formats ask for.
    formats
        Those wanted; ``html`` is passed over.

    Returns
    -------
    tuple
        Files by name, and notes on what failed: one format takes no other with it.
    """
    contents: dict[str, bytes] = {}
    notes: list[Note] = []
    for name in formats:
        if name not in _MODULES:
            continue
        try:
            module = import_module(f"loyalty_research.report.{_MODULES[name]}")
            made = {
                file_name(report.brand, language, name): module.make(report, language, images)
                for language in report.languages
            }
        except UnavailableError as error:
            notes.append(Note(name, "unavailable", str(error)))
        except Exception as error:
            if os.environ.get("LOYALTY_DEBUG") == "1":
                raise
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            notes.append(Note(name, "failed", first))
        else:
            contents |= made
            notes += _reduced(report, name)
    return contents, notes


def is_current(manifest: Mapping[str, Any]) -> bool:
    """Tell whether every format could be made no better now than when ``manifest`` was written."""
    notes = manifest.get("formats_not_as_asked", ())
    if any(note["status"] == "failed" for note in notes):
        return False
    if any(note["status"] == "unavailable" for note in notes):
        from loyalty_research.report.paper import is_available

        return not is_available()
    return True


def _reduced(report: Report, name: str) -> list[Note]:
    if name in {"docx", "pptx"} and report.imprint.logo_kind == "svg":
        why = problem("the logo is an SVG picture and left out; this format needs a PNG")
        return [Note(name, "reduced", str(why))]
    return []
