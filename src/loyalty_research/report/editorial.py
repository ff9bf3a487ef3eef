"""What a person changes in a report: wording, order, what is left out, paragraphs of their own.

``editorial.yaml`` stands in the brand's folder. It changes how a report reads, never what was
computed: numbers enter a text as ``{finding_id.estimate}``; a number that is typed is kept, and
stands in the manifest as the consultant's addition.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

from loyalty_research.brand import shown
from loyalty_research.brand.document import load_document
from loyalty_research.engine.context import Context
from loyalty_research.errors import BrandFileError, Problem, problem, raise_all
from loyalty_research.findings import Finding
from loyalty_research.language import LANGUAGES, translator

FILE = "editorial.yaml"
VERDICT = "verdict"
_PARTS = ("estimate", "low", "high", "interval", "base", "at_stake", "period")
_NUMBER = re.compile(r"\d[\d.,]*")
_Number = StrictInt | StrictFloat
_Text = Annotated[StrictStr, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Seen(_Section):
    """The estimate a text was written for."""

    estimate: _Number
    low: _Number | None = None
    high: _Number | None = None


class _Texts(_Section):
    text_zh: _Text | None = None
    text_en: _Text | None = None

    def text(self, language: str) -> str | None:
        """Return the text in ``language``; None where it keeps the report's own."""
        found: str | None = getattr(self, f"text_{language}")
        return found


_T = TypeVar("_T", bound=_Texts)


class Edit(_Texts):
    """A finding or a section: left out, moved, or worded anew.

    Parameters
    ----------
    hide
        Whether it is left out everywhere.
    order
        Place among its like, lowest first; those without one keep their order after these.
    text_zh, text_en
        Of a finding, the sentence; of a section, a paragraph below its heading.
    seen
        The estimate the text was written for.
    """

    hide: StrictBool = False
    order: StrictInt | None = None
    seen: Seen | None = None


class Paragraph(_Texts):
    """A paragraph of one's own, on the first page or at the end of a section."""

    place: _Text = VERDICT


class Advice(_Texts):
    """A recommendation of one's own."""


class Editorial(_Section):
    """All changes a person made to a brand's report."""

    findings: dict[str, Edit] = Field(default_factory=dict)
    sections: dict[str, Edit] = Field(default_factory=dict)
    paragraphs: tuple[Paragraph, ...] = ()
    recommendations: tuple[Advice, ...] = ()

    def hides(self, section: str) -> bool:
        """Tell whether a section is left out."""
        edit = self.sections.get(section)
        return edit is not None and edit.hide

    def texts(self) -> Iterator[tuple[str, _Texts]]:
        """Yield every place that may carry a text."""
        for name, edit in self.findings.items():
            yield f"findings.{name}", edit
        for name, edit in self.sections.items():
            yield f"sections.{name}", edit
        for number, paragraph in enumerate(self.paragraphs):
            yield f"paragraphs.{number}", paragraph
        for number, advice in enumerate(self.recommendations):
            yield f"recommendations.{number}", advice


def load_editorial(path: Path) -> Editorial:
    """Read ``editorial.yaml``; nothing is changed where there is none.

    Raises
    ------
    BrandFileError
        With every key that is unknown or wrong.
    """
    if not path.is_file():
        return Editorial()
    data = {name: value for name, value in load_document(path).items() if value is not None}
    try:
        return Editorial.model_validate(data)
    except ValidationError as error:
        raise BrandFileError(
            *(
                problem(
                    "{file}: {key}: found {found}; allowed: {allowed}",
                    file=shown(path),
                    key=".".join(str(part) for part in item["loc"]),
                    found=repr(item["input"])[:60],
                    allowed=item["msg"][:1].lower() + item["msg"][1:],
                )
                for item in error.errors(include_url=False)
            )
        ) from error


def check_editorial(
    editorial: Editorial, findings: Mapping[str, Finding], sections: Iterable[str], path: Path
) -> None:
    """Refuse what names a finding, a section or a value that the report does not have.

    Raises
    ------
    BrandFileError
        With every such name, and the nearest that exists.
    """
    known = list(sections)
    problems: list[Problem] = []

    def unknown(key: str, name: str, allowed: Iterable[str]) -> None:
        near = get_close_matches(name, list(allowed), n=3, cutoff=0.5)
        problems.append(
            problem(
                "{file}: {key}: found {name!r}, which this report does not have; nearest: {near}",
                file=shown(path),
                key=key,
                name=name,
                near=", ".join(near) or "–",
            )
        )

    for name in editorial.findings:
        if name not in findings:
            unknown("findings", name, findings)
    for name in editorial.sections:
        if name not in known:
            unknown("sections", name, known)
    for number, paragraph in enumerate(editorial.paragraphs):
        if paragraph.place not in (VERDICT, *known):
            unknown(f"paragraphs.{number}.place", paragraph.place, (VERDICT, *known))
    for place, edit in editorial.texts():
        for language in LANGUAGES:
            text = edit.text(language)
            for mark in _marks(text) if text else ():
                name, _, part = mark.partition(".")
                if name not in findings:
                    unknown(f"{place}.text_{language}", name, findings)
                elif part not in _PARTS:
                    unknown(f"{place}.text_{language}", mark, [f"{name}.{item}" for item in _PARTS])
    raise_all(problems, BrandFileError)


def _marks(text: str) -> list[str]:
    """Return what stands in braces; a text with a lone brace has the whole text as its mark."""
    try:
        return [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        return [text]


def filled(
    text: str, findings: Mapping[str, Finding], contexts: Mapping[str, Context], language: str
) -> str:
    """Return ``text`` with the values of findings printed as the report prints them."""
    parts = []
    for literal, mark, _, _ in Formatter().parse(text):
        parts.append(literal)
        if mark is not None:
            name, _, part = mark.partition(".")
            parts.append(_printed(findings[name], part, contexts[name], language))
    return "".join(parts)


def _printed(finding: Finding, part: str, context: Context, language: str) -> str:
    words = translator(language, context)
    if part == "interval":
        return words.interval(finding.low, finding.high, finding.unit).strip()
    if part == "base":
        return words.value(finding.base, finding.base_unit)
    if part == "period":
        return words.period(finding.period)
    unit = "money" if part == "at_stake" else finding.unit
    return words.value(getattr(finding, part), unit)


def filled_editorial(
    editorial: Editorial, findings: Mapping[str, Finding], contexts: Mapping[str, Context]
) -> Editorial:
    """Return ``editorial`` with every text as it will be printed.

    Parameters
    ----------
    editorial
        As checked by :func:`check_editorial`.
    findings, contexts
        Every finding of the report and its context, by id.
    """

    def fill(edit: _T) -> _T:
        texts = {
            f"text_{language}": filled(text, findings, contexts, language)
            for language in LANGUAGES
            if (text := edit.text(language)) is not None
        }
        return edit.model_copy(update=texts)

    return Editorial(
        findings={name: fill(edit) for name, edit in editorial.findings.items()},
        sections={name: fill(edit) for name, edit in editorial.sections.items()},
        paragraphs=tuple(fill(item) for item in editorial.paragraphs),
        recommendations=tuple(fill(item) for item in editorial.recommendations),
    )


def edited_findings(editorial: Editorial, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings as the editor wants them: some left out, some moved, some worded anew.

    Parameters
    ----------
    editorial
        The changes, their texts filled.
    found
        Findings of one result, in the order shown.
    """
    kept = []
    for place, finding in enumerate(found):
        edit = editorial.findings.get(finding.id)
        if edit is not None and edit.hide:
            continue
        order = (1, place) if edit is None or edit.order is None else (0, edit.order)
        kept.append((order, place, _worded(finding, edit)))
    return tuple(finding for _, _, finding in sorted(kept, key=lambda item: item[:2]))


def _worded(finding: Finding, edit: Edit | None) -> Finding:
    if edit is None:
        return finding
    wording: dict[str, str] = {
        language: text for language in LANGUAGES if (text := edit.text(language)) is not None
    }
    return dataclasses.replace(finding, wording=wording) if wording else finding


def additions(editorial: Editorial) -> list[dict[str, Any]]:
    """Return the texts with typed numbers, for the manifest: where, language, numbers."""
    found = []
    for place, edit in editorial.texts():
        for language in LANGUAGES:
            text = edit.text(language)
            if text is None:
                continue
            literal = "".join(part for part, _, _, _ in Formatter().parse(text))
            numbers = _NUMBER.findall(literal)
            if numbers:
                found.append({"place": place, "language": language, "typed_numbers": numbers})
    return found


def moved(editorial: Editorial, findings: Mapping[str, Finding]) -> list[str]:
    """Return the ids whose estimate has left the interval it had when its text was written.

    A finding without an interval has moved when it is another number; one that is no longer
    stated has moved as well.
    """
    return [
        name
        for name, edit in editorial.findings.items()
        if edit.seen is not None and name in findings and _has_moved(edit.seen, findings[name])
    ]


def _has_moved(seen: Seen, finding: Finding) -> bool:
    now = finding.estimate
    if now is None:
        return True
    low = seen.estimate if seen.low is None else seen.low
    high = seen.estimate if seen.high is None else seen.high
    slack = 1e-9 * max(1.0, abs(seen.estimate))
    return not low - slack <= now <= high + slack
