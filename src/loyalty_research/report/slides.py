"""The report as a PowerPoint file: ten to twelve slides, each headed by what it concludes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pptx import Presentation

from loyalty_research.findings import Chart, Value
from loyalty_research.language import Translator, translator
from loyalty_research.report import slide_charts
from loyalty_research.report.archive import fixed
from loyalty_research.report.figures import Drawing
from loyalty_research.report.front import front_page, recommendation_rows
from loyalty_research.report.imprint import cover_rows, footer_text
from loyalty_research.report.material import Part, Report
from loyalty_research.report.pages import glossary, report_title
from loyalty_research.report.slide_page import Box, SlidePage, prepare
from loyalty_research.report.verdict import Placed
from loyalty_research.results import StoredResult

EVIDENCE_SLIDES = 5
"""Findings, then figures where there are fewer findings."""
_LEFT, _RIGHT = Box(0.6, 1.75, 7.7, 4.85), Box(8.55, 1.75, 4.2, 4.85)
_WHOLE = Box(0.6, 1.75, 12.15, 4.85)


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with the result and chapter it belongs to."""

    part: Part
    result: StoredResult
    chart: Chart


def make(report: Report, language: str, images: Mapping[Drawing, bytes]) -> bytes:
    """Return the report in one language as a PowerPoint file.

    Parameters
    ----------
    report
        What to print.
    language
        ``zh`` or ``en``.
    images
        PNG of every wide drawing, for the kinds of figures PowerPoint cannot draw itself.
    """
    return fixed(_Deck(report, translator(language, report.context), images).write())


class _Deck:
    def __init__(self, report: Report, words: Translator, images: Mapping[Drawing, bytes]) -> None:
        self.report, self.words, self.images = report, words, images
        self.title = report_title(report, words)
        self.deck = Presentation()
        prepare(self.deck)
        self.front = front_page(report, words)
        self.foot = footer_text(report, words, self.title)
        if report.simulated:
            self.foot = f"{words.text('report.simulated_short')} · {self.foot}"

    def write(self) -> bytes:
        self._properties()
        self._cover()
        self._verdict()
        self._evidence()
        self._recommendations()
        self._open()
        self._definitions()
        out = io.BytesIO()
        self.deck.save(out)
        return out.getvalue()

    def _properties(self) -> None:
        properties, imprint = self.deck.core_properties, self.report.imprint
        language = self.words.language
        properties.title = self.title
        properties.author = imprint.prepared_by.get(language, "")
        properties.last_modified_by = properties.author
        properties.subject = imprint.client.get(language, "")
        properties.language = "zh-CN" if language == "zh" else "en-GB"
        properties.comments, properties.revision = "", 1
        day = dt.datetime.fromisoformat(self.report.date)
        properties.created = properties.modified = day

    def _page(self, title: str, source: str = "") -> SlidePage:
        page = SlidePage(self.deck, self.words.language, self.report.imprint.head)
        page.head(title)
        page.foot(self.foot, source or self._source())
        return page

    def _source(self) -> str:
        """Return the source line of slides that show no figure."""
        words, report = self.words, self.report
        period = words.period(report.period) if report.period else ""
        parts = [
            (words.text("report.source"), report.source),
            (words.text("report.period"), period),
        ]
        colon, separator = words.text("report.colon"), words.text("report.separator")
        return separator.join(f"{label}{colon}{text}" for label, text in parts if text)

    def _cover(self) -> None:
        page = SlidePage(self.deck, self.words.language, self.report.imprint.head)
        if self.report.imprint.logo_kind == "png":
            name = self.report.names.get(self.words.language, self.report.brand)
            alt = self.report.imprint.client.get(self.words.language) or name
            page.picture(self.report.imprint.logo, Box(0.9, 0.7, 3.2, 1.1), alt, left=True)
        page.cover(self.title)
        rows = cover_rows(self.report, self.words)
        colon = self.words.text("report.colon")
        page.text(Box(0.9, 4.35, 11.5, 2.2), [f"{label}{colon}{text}" for label, text in rows], 16)
        if self.report.simulated:
            page.text(Box(0.9, 6.65, 11.5, 0.5), [self.words.text("report.simulated")], 13)

    def _verdict(self) -> None:
        front, words = self.front, self.words
        page = self._page(front["headline"] or words.text("report.no_headline"))
        for place, item in enumerate(front["numbers"]):
            left, top = 0.6 + place % 3 * 4.1, 1.8 + place // 3 * 2.4
            page.number(Box(left, top, 3.95, 2.2), item, words.text("report.separator"))

    def _evidence(self) -> None:
        """One slide a finding; where there are fewer than five, figures not yet shown."""
        figures = list(self._figures())
        findings = self.front["findings"]
        for item in findings:
            placed = item["placed"]
            shown = _figure_of(placed, figures)
            if shown is not None:
                figures.remove(shown)
            self._finding(placed, item, shown)
        seen: set[str] = set()
        for shown in figures:
            if len(findings) + len(seen) == EVIDENCE_SLIDES:
                break
            if shown.chart.key not in seen:
                seen.add(shown.chart.key)
                self._figure(shown)

    def _finding(self, placed: Placed, item: Mapping[str, Any], shown: Shown | None) -> None:
        words, finding = translator(self.words.language, placed.context), placed.finding
        colon = words.text("report.colon")
        page = self._page(item["sentence"], _source_line(shown.chart, words) if shown else "")
        lines = [item["meaning"]] if item["meaning"] else []
        grade = words.text(f"report.evidence.{finding.evidence}")
        lines += [
            f"{words.text('report.grade')}{colon}{grade}",
            words.text("report.base", base=Value(finding.base, finding.base_unit)),
            *([item["stake"]] if item["stake"] else []),
        ]
        value = words.value(finding.estimate, finding.unit)
        interval = words.interval(finding.low, finding.high, finding.unit).strip()
        if shown is None:
            page.figure_value(_LEFT, value, interval)
        else:
            self._draw(page, shown, _LEFT)
            page.caption(Box(0.6, 1.45, 7.7, 0.45), words.title(shown.chart))
        page.text(_RIGHT, lines, 18, rule=True)

    def _figure(self, shown: Shown) -> None:
        words = translator(self.words.language, shown.result.context)
        page = self._page(words.title(shown.chart), _source_line(shown.chart, words))
        self._draw(page, shown, _LEFT)
        colon = words.text("report.colon")
        lines = [f"{term}{colon}{text}" for term, text in words.definitions(shown.chart)]
        page.text(_RIGHT, lines, 16, rule=True)

    def _draw(self, page: SlidePage, shown: Shown, box: Box) -> None:
        words = translator(self.words.language, shown.result.context)
        frame = shown.result.frames[shown.chart.frame]
        alt = words.alt(shown.chart)
        native = slide_charts.native(shown.chart, frame, words)
        if native is not None:
            page.chart(native, box, alt)
            return
        store = str(shown.part.run.store)
        drawing = Drawing(store, shown.result.key, shown.chart.name, words.language, image="png")
        page.picture(self.images[drawing], box, alt)

    def _recommendations(self) -> None:
        items, words = self.front["recommendations"], self.words
        label = words.text("report.recommendations")
        for place, item in enumerate(items, start=1):
            page = self._page(f"{label} {place}{words.text('report.colon')}{item['action']}")
            rows = recommendation_rows(item, words)
            if rows:
                page.table(_WHOLE, rows)
        if not items:
            self._page(label).text(_WHOLE, [words.text("report.no_recommendations")], 16)

    def _open(self) -> None:
        page = self._page(self.words.text("report.cannot"))
        front = self.front
        told = front["open"] or [self.words.text("report.nothing_open")]
        texts = [*front["warnings"], *front["remarks"], *told]
        page.text(_WHOLE, texts, 18, bullets=True)

    def _definitions(self) -> None:
        """Write the appendix: definitions of what the slides before state."""
        verdict = self.report.verdict
        placed = [*verdict.numbers, *verdict.findings]
        if verdict.headline is not None:
            placed.insert(0, verdict.headline)
        names = dict.fromkeys(item.finding.definition for item in placed)
        page = self._page(self.words.text("report.glossary"))
        rows = [(item["term"], item["text"]) for item in glossary(names, self.words)]
        page.table(_WHOLE, [*rows, _evidence_row(self.words)])

    def _figures(self) -> Iterator[Shown]:
        for part in self.report.parts:
            for result in part.results.values():
                for chart in result.charts:
                    yield Shown(part, result, chart)


def _figure_of(placed: Placed, figures: Sequence[Shown]) -> Shown | None:
    """Return the figure that belongs to a finding: of its result, of its definition first."""
    finding = placed.finding
    own = [
        shown
        for shown in figures
        if shown.part.chapter.name == placed.chapter
        and any(item.id == finding.id for item in shown.result.findings)
    ]
    fitting = [shown for shown in own if finding.definition in shown.chart.definitions]
    return next(iter([*fitting, *own]), None)


def _source_line(chart: Chart, words: Translator) -> str:
    """Return the source line of a figure, with what is said of hidden cells."""
    return " ".join((words.source(chart), *words.notes(chart)))


def _evidence_row(words: Translator) -> tuple[str, str]:
    label, _, text = words.text("report.evidence_note").partition(words.text("report.colon"))
    return label, text
