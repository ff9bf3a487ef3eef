"""What stands on the cover and in the footer: for whom, by whom, in which colour."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loyalty_research.brand import Bilingual, BrandFile
from loyalty_research.brand.logo import logo_kind
from loyalty_research.language import Translator

if TYPE_CHECKING:
    from loyalty_research.report.material import Report

HEAD = "#08436e"
"""Colour of headings and rules where the brand file names none."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """The ``report`` section of a brand file, with the logo read.

    Parameters
    ----------
    client, prepared_by, confidentiality
        Text by language; empty for none.
    version
        Of the report; empty for none.
    colour
        ``#rrggbb``; empty for the project's own colours.
    logo, logo_kind
        Bytes of the picture, and ``png`` or ``svg``; empty for none.
    """

    client: Mapping[str, str] = field(default_factory=dict)
    prepared_by: Mapping[str, str] = field(default_factory=dict)
    confidentiality: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    colour: str = ""
    logo: bytes = b""
    logo_kind: str = ""

    @property
    def head(self) -> str:
        """Colour of headings and rules, ``#rrggbb``."""
        return self.colour or HEAD

    @property
    def logo_address(self) -> str:
        """The logo as a ``data:`` address; empty for none."""
        if not self.logo:
            return ""
        kind = {"png": "png", "svg": "svg+xml"}[self.logo_kind]
        return f"data:image/{kind};base64,{base64.b64encode(self.logo).decode('ascii')}"


def imprint_of(file: BrandFile) -> Imprint:
    """Return the imprint that a checked brand file asks for."""
    spec = file.report
    logo = (file.folder / spec.logo).read_bytes() if spec.logo else b""
    return Imprint(
        client=_texts(spec.client),
        prepared_by=_texts(spec.prepared_by),
        confidentiality=_texts(spec.confidentiality),
        version=spec.version or "",
        colour=(spec.colour or "").lower(),
        logo=logo,
        logo_kind=logo_kind(logo) if logo else "",
    )


def cover_rows(report: Report, words: Translator) -> list[tuple[str, str]]:
    """Return label and text of what the cover states, in the language of ``words``."""
    imprint, language = report.imprint, words.language
    period = words.period(report.period) if report.period else ""
    rows = [
        ("client", imprint.client.get(language, "")),
        ("period", period),
        ("source", report.source),
        ("prepared_by", imprint.prepared_by.get(language, "")),
        ("date", words.value(report.date, "date")),
        ("version", imprint.version),
        ("confidentiality", imprint.confidentiality.get(language, "")),
    ]
    return [(words.text(f"report.{name}"), text) for name, text in rows if text]


def footer_text(report: Report, words: Translator, title: str) -> str:
    """Return the line at the foot of every page: title, who made it, version, confidentiality."""
    imprint, language = report.imprint, words.language
    version = imprint.version and words.text("report.version_short", version=imprint.version)
    parts = (
        title,
        imprint.prepared_by.get(language, ""),
        version,
        imprint.confidentiality.get(language, ""),
    )
    return " · ".join(part for part in parts if part)


def _texts(given: Bilingual | None) -> dict[str, str]:
    return {} if given is None else {"zh": given.zh, "en": given.en}
