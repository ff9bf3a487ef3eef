"""From executions to the report folder: figures, pages, notebooks, workbook, findings, manifest."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, cast

import loyalty_research
from loyalty_research.language import LANGUAGES, Language, translator
from loyalty_research.report import keys, workbook
from loyalty_research.report.build import Plan
from loyalty_research.report.chapters import Chapter
from loyalty_research.report.deliver import deliver
from loyalty_research.report.delivered import delivered_notebook
from loyalty_research.report.edited import edited_report
from loyalty_research.report.figures import Drawing, draw_all
from loyalty_research.report.formats import Note, make_files
from loyalty_research.report.imprint import imprint_of
from loyalty_research.report.material import Report, load_part
from loyalty_research.report.pages import (
    drawings,
    failure_text,
    reading_of,
    render,
    report_title,
)
from loyalty_research.report.runs import Run
from loyalty_research.study.period import as_period


def render_report(todo: Plan, ready: Sequence[tuple[Chapter, Run]], *, date: str, key: str) -> None:
    """Render and deliver a report; the engine is not asked.

    Parameters
    ----------
    todo
        The checked request.
    ready
        Chapters with their executions.
    date
        Date of the report, ISO.
    key
        Render key, kept in the manifest.
    """
    report, edited = edited_report(material(todo, ready, date=date), todo.file.folder)
    formats = todo.request.formats
    images = draw_all(drawings(report, formats), workers=os.cpu_count() or 1)
    contents, notes = make_files(report, images, formats)
    if "html" in formats:
        contents |= folder_of_pages(report, images)
    contents["findings.json"] = findings_document(report).encode()
    contents[workbook.NAME] = workbook.workbook_bytes(report)
    deliver(todo.place, contents, manifest_of(todo, report, key=key, notes=notes, edited=edited))


def folder_of_pages(report: Report, images: Mapping[Drawing, bytes]) -> dict[str, bytes]:
    """Return pages and notebooks by path."""
    contents = {path: text.encode() for path, text in render(report, images).items()}
    for language in report.languages:
        words = translator(language, report.context)
        for part in report.parts:
            text = delivered_notebook(part, words, images)
            contents[f"{language}/{part.chapter.file}"] = text.encode()
    return contents


def material(todo: Plan, ready: Sequence[tuple[Chapter, Run]], *, date: str) -> Report:
    """Gather what the pages are rendered from."""
    file = todo.file
    title = file.report.title
    period = as_period(todo.request.period) if todo.request.period else file.period
    return Report(
        brand=file.brand,
        titles={} if title is None else {"zh": title.zh, "en": title.en},
        names={"zh": file.name.zh, "en": file.name.en},
        date=date,
        parts=tuple(load_part(chapter, run) for chapter, run in ready),
        languages=cast("tuple[Language, ...]", todo.request.languages),
        tables=tuple(file.tables),
        stated_period=None if period is None else (str(period.start), str(period.end)),
        imprint=imprint_of(file),
    )


def findings_document(report: Report) -> str:
    """Return findings.json: every finding with its sentence in both languages, sorted by id."""
    items = []
    for item in sorted(report.findings, key=lambda placed: placed.finding.id):
        texts = {
            f"text_{language}": translator(language, item.context).finding(item.finding)
            for language in LANGUAGES
        }
        items.append(item.finding.as_dict() | texts)
    return json.dumps(items, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def manifest_of(
    todo: Plan,
    report: Report,
    *,
    key: str,
    notes: Sequence[Note] = (),
    edited: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what the report was made from, and what it leaves out and why."""
    return {
        "brand": report.brand,
        "report_date": report.date,
        "period": report.period,
        "languages": list(report.languages),
        "titles": {
            language: report_title(report, translator(language, report.context))
            for language in report.languages
        },
        "formats": list(todo.request.formats),
        "formats_not_as_asked": [note.as_dict() for note in notes],
        "render_key": key,
        "version": loyalty_research.__version__,
        "chapters": [
            {
                "name": part.chapter.name,
                "notebook": part.chapter.file,
                "notebook_sha256": keys.sha256(part.chapter.content),
                "execute_key": part.run.outcome.key,
                "status": part.run.outcome.status,
                "parameters": part.run.outcome.parameters,
                "results": list(part.results),
            }
            for part in report.parts
        ],
        "inputs": {
            "brand_file": todo.fingerprint.brand_file,
            "tables": todo.fingerprint.tables,
            "facts": todo.fingerprint.facts,
        },
        "code": {"computing": todo.code["package"], "rendering": keys.rendering_digest()},
        "locks": todo.code["locks"],
        "environment": todo.code["environment"] | keys.rendering_environment(),
        "simulated": report.simulated,
        "editorial": dict(edited or {}),
        "skipped": skipped(todo, report),
    }


def skipped(todo: Plan, report: Report) -> list[dict[str, str]]:
    """Return what the report leaves out: each with what it is and why."""
    words = translator("en", report.context)
    present = {part.chapter.name for part in report.parts}
    items = [
        {"chapter": chapter.name, "why": "not asked for"}
        for chapter in todo.chapters
        if chapter.name not in present
    ]
    for part in report.parts:
        if part.run.outcome.status != "ok":
            why = failure_text(part, reading_of(part, "en"), words)
            items.append({"chapter": part.chapter.name, "why": why})
    for placed in report.findings:
        finding = placed.finding
        if finding.status == "withheld":
            why = translator("en", placed.context).reason(finding)
            items.append({"finding": finding.id, "why": why})
    items += [
        {"finding": name, "why": "another statement with this id was shown before"}
        for name in report.clashes
    ]
    items += [{"question": name, "why": "no table"} for name in report.verdict.gaps]
    return items
