"""Whether a brand's logo stands in its folder, and is a picture and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree

from loyalty_research.errors import Problem, problem

LARGEST = 1_000_000
"""Bytes; every page carries the logo."""
_PNG = b"\x89PNG\r\n\x1a\n"
_ACTIVE = {"script", "foreignobject", "iframe", "object", "embed", "handler", "listener"}
_INSIDE = ("#", "data:image/png", "data:image/jpeg")
_ADDRESS = re.compile(r"url\(\s*['\"]?\s*(?!#)|@import", re.IGNORECASE)


def logo_kind(content: bytes) -> Literal["png", "svg", ""]:
    """Return what a logo is by its bytes; empty where it is neither."""
    if content.startswith(_PNG):
        return "png"
    return "svg" if b"<svg" in content[:2000] else ""


def check_logo(data: Mapping[str, Any], folder: Path) -> Iterator[Problem]:
    """Yield what is wrong with the logo of ``report``.

    Parameters
    ----------
    data
        The brand file as read; what is no text is left to the schema.
    folder
        Of the brand; the logo must stand in it.
    """
    report = data.get("report")
    name = report.get("logo") if isinstance(report, Mapping) else None
    if not isinstance(name, str) or not name:
        return
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        yield problem(
            "report.logo: found {found}; allowed: a file in the brand's folder", found=name
        )
    elif not path.is_file():
        yield problem("report.logo: found {found}; there is no such file", found=name)
    elif path.stat().st_size > LARGEST:
        yield problem(
            "report.logo: found {found} of {size} bytes; allowed: at most {most} bytes",
            found=name,
            size=path.stat().st_size,
            most=LARGEST,
        )
    else:
        yield from _wrong_content(name, path.read_bytes())


def _wrong_content(name: str, content: bytes) -> Iterator[Problem]:
    kind = logo_kind(content)
    if not kind:
        yield problem("report.logo: found {found}; allowed: a PNG or an SVG picture", found=name)
    if kind != "svg":
        return
    why = _unsafe(content)
    if why:
        yield problem(
            "report.logo: found {found} with {what}; allowed: an SVG picture without scripts and "
            "without references to other files",
            found=name,
            what=why,
        )


def _unsafe(content: bytes) -> str:
    """Return the first thing in an SVG that runs or fetches; empty where there is none."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return "<!DOCTYPE>"
    try:
        tree = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError):
        return "broken XML"
    for element in tree.iter():
        tag = _local(element.tag).lower()
        if tag in _ACTIVE:
            return f"<{tag}>"
        if tag == "style" and _ADDRESS.search(element.text or ""):
            return "<style>"
        for named, value in element.attrib.items():
            attribute = _local(named).lower()
            outside = attribute in {"href", "src"} and not value.strip().startswith(_INSIDE)
            if attribute.startswith("on") or outside or _ADDRESS.search(value):
                return f"{attribute}={value[:40]!r}"
    return ""


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]
