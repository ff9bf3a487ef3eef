"""A report as an editor wants it: checked against what was computed, then applied once."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from loyalty_research.report.editorial import (
    FILE,
    Editorial,
    additions,
    check_editorial,
    edited_findings,
    filled_editorial,
    load_editorial,
    moved,
)
from loyalty_research.report.material import Part, Report


def edited_report(report: Report, folder: Path) -> tuple[Report, dict[str, Any]]:
    """Return the report with a brand's ``editorial.yaml`` applied, and what the manifest tells.

    Parameters
    ----------
    report
        As computed.
    folder
        The brand's folder.

    Returns
    -------
    tuple
        The report, and ``additions`` (texts with typed numbers), ``moved`` (findings that have
        left the interval they had when their text was written) and ``hidden``.

    Raises
    ------
    BrandFileError
        Where the file names what the report does not have.
    """
    path = folder / FILE
    editorial = load_editorial(path)
    findings = {item.finding.id: item.finding for item in report.findings}
    contexts = {item.finding.id: item.context for item in report.findings}
    sections = [result.name for part in report.parts for result in part.results.values()]
    check_editorial(editorial, findings, sections, path)
    texts = filled_editorial(editorial, findings, contexts)
    parts = tuple(_part(part, texts) for part in report.parts)
    told = {
        "additions": additions(editorial),
        "moved": moved(editorial, findings),
        "hidden": [
            *(name for name, edit in editorial.findings.items() if edit.hide),
            *(f"section {name}" for name, edit in editorial.sections.items() if edit.hide),
        ],
    }
    return dataclasses.replace(report, parts=parts, editorial=texts), told


def _part(part: Part, editorial: Editorial) -> Part:
    results = {
        key: dataclasses.replace(result, findings=edited_findings(editorial, result.findings))
        for key, result in part.results.items()
        if not editorial.hides(result.name)
    }
    names = {key: result.name for key, result in part.results.items()}
    return dataclasses.replace(part, results=results, names=names, editorial=editorial)
