"""Write ``editorial.yaml``: how it works, and everything of the last report that can be edited."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from loyalty_research.brand import shown
from loyalty_research.errors import ReportError, problem
from loyalty_research.language import catalogue

MARK = "# ==== "
_EMPTY = "findings: {}\n\nsections: {}\n\nparagraphs: []\n\nrecommendations: []\n"


def write_editorial(path: Path, report: Path, *, language: str) -> int:
    """Write or refresh a brand's ``editorial.yaml``; what a person wrote stays as it is.

    Parameters
    ----------
    path
        The file.
    report
        Folder of the brand's report.
    language
        Language of the explanations: ``zh`` or ``en``.

    Returns
    -------
    int
        Number of findings listed.

    Raises
    ------
    ReportError
        Where there is no report to edit yet.
    """
    try:
        findings = json.loads((report / "findings.json").read_text(encoding="utf-8"))
        manifest = json.loads((report / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReportError(
            problem(
                "{place}: no report to edit; make it first: loyalty report {brand}",
                place=shown(report),
                brand=report.name,
            )
        ) from error
    words = catalogue(language)
    own = words["editorial.head"] + "\n\n" + _EMPTY
    if path.is_file():
        own = path.read_text(encoding="utf-8").split(f"\n{MARK}")[0].rstrip("\n") + "\n"
    stated = [item for item in findings if item["status"] == "stated"]
    sections = [name for chapter in manifest["chapters"] for name in chapter["results"]]
    lines = [
        own,
        f"{MARK}{words['editorial.list']}",
        *_commented(_sections(sections)),
        *_commented(_findings(stated, language)),
    ]
    text = "\n".join(lines) + "\n"
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
    return len(stated)


def _sections(keys: Iterable[str]) -> list[str]:
    names = dict.fromkeys(key.partition("_")[2] for key in keys)
    return ["sections:", *(f"  {name}: {{hide: true}}" for name in names)]


def _findings(findings: Iterable[Mapping[str, Any]], language: str) -> list[str]:
    lines = ["findings:"]
    for item in findings:
        seen = {name: item[name] for name in ("estimate", "low", "high") if item[name] is not None}
        printed = ", ".join(f"{name}: {value!r}" for name, value in seen.items())
        lines += [
            f"  # {' '.join(item[f'text_{language}'].split())}",
            f"  {item['id']}:",
            *([f"    seen: {{{printed}}}"] if "estimate" in seen else []),
            "    hide: false",
        ]
    return lines


def _commented(lines: Iterable[str]) -> list[str]:
    return [f"# {line}" for line in lines]
