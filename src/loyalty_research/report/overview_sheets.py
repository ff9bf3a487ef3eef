"""Sheets of the whole report: what the workbook is, all findings, all definitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from loyalty_research.language import Language, translator
from loyalty_research.report.material import Report
from loyalty_research.report.pages import definitions_of
from loyalty_research.report.sheet_columns import Cell, Head, Words, both, unit_text, words_of
from loyalty_research.report.sheets import Sheet
from loyalty_research.report.verdict import Placed
from loyalty_research.results.columns import typed

_FINDING_HEADS = (
    ("sentence", "zh"),
    ("sentence", "en"),
    ("estimate", ""),
    ("low_bound", ""),
    ("high_bound", ""),
    ("unit", ""),
    ("interval_level", ""),
    ("base", ""),
    ("base_unit", ""),
    ("first_day", ""),
    ("last_day", ""),
    ("definition", ""),
    ("grade", ""),
    ("at_stake", ""),
    ("finding_id", ""),
)


def contents_rows(report: Report, words: Words) -> Iterator[tuple[str, bool]]:
    """Yield what stands above the contents, and whether it warns: facts, simulation, hints."""
    for own in words.values():
        facts = []
        if report.period:
            facts.append(("period", own.period(report.period)))
        facts.append(("date", own.value(report.date, "date")))
        if report.source:
            facts.append(("source", report.source))
        colon, separator = own.text("report.colon"), own.text("report.separator")
        line = separator.join(f"{own.text(f'report.{key}')}{colon}{text}" for key, text in facts)
        yield line, False
    keys = ["report.simulated"] if report.simulated else []
    for key in [*keys, "workbook.hint"]:
        for own in words.values():
            yield own.text(key), key == "report.simulated"


def definitions_sheet(report: Report) -> Sheet:
    """Return the terms the report uses, each with its definition, in both languages."""
    words = words_of(report.context)
    names: dict[str, None] = {}
    for part in report.parts:
        names.update(dict.fromkeys(definitions_of(part)))
    rows = [
        tuple(
            Cell(own.text(f"{kind}.{name}"))
            for kind in ("term", "definition")
            for own in words.values()
        )
        for name in names
        if words["zh"].has(f"term.{name}") and words["zh"].has(f"definition.{name}")
    ]
    labels = [own.text("report.language") for own in words.values()]
    titles = _texts("definitions", words)
    return Sheet(
        name=both(*titles.values()),
        titles=titles,
        heads=tuple(_head(key, words, label) for key in ("term", "definition") for label in labels),
        rows=tuple(rows),
    )


def _texts(key: str, words: Words) -> dict[Language, str]:
    return {language: own.text(f"workbook.{key}") for language, own in words.items()}


def _head(key: str, words: Words, unit: str = "") -> Head:
    texts = _texts(key, words)
    return Head(texts["zh"], texts["en"], unit)


def findings_sheet(report: Report) -> Sheet:
    """Return every finding with its numbers and its sentence in both languages."""
    words = words_of(report.context)
    titles = _texts("findings", words)
    heads = []
    for key, language in _FINDING_HEADS:
        unit = translator(language).text("report.language") if language else ""
        if key == "at_stake":
            unit = unit_text("money", report.context)
        heads.append(_head(key, words, unit))
    return Sheet(
        name=both(*titles.values()),
        titles=titles,
        heads=tuple(heads),
        rows=tuple(_finding_row(item) for item in report.findings),
        notes=tuple(own.text("report.evidence_note") for own in words.values()),
        simulated=report.simulated,
    )


def _finding_row(item: Placed) -> tuple[Cell, ...]:
    finding = item.finding
    words = words_of(item.context)
    key = f"term.{finding.definition}"
    terms = [own.text(key) if own.has(key) else "" for own in words.values()]
    stated = finding.status == "stated"
    grades = [
        own.text(f"report.evidence.{finding.evidence}" if stated else "workbook.withheld")
        for own in words.values()
    ]
    numbers = (finding.estimate, finding.low, finding.high)
    return (
        *(Cell(own.finding(finding)) for own in words.values()),
        *(Cell(typed(number, finding.unit), finding.unit) for number in numbers),
        Cell(unit_text(finding.unit, item.context) or None),
        Cell(None if finding.low is None else finding.level, "level"),
        Cell(finding.base, "count"),
        Cell(unit_text(finding.base_unit, item.context) or None),
        *(Cell(dt.date.fromisoformat(day) if day else None, "date") for day in finding.period),
        Cell(both(*terms).strip() or None),
        Cell(both(*grades)),
        Cell(finding.at_stake, "money"),
        Cell(finding.id),
    )
