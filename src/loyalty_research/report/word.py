"""The report as a Word document: native headings, tables and captions, to be edited."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

from docx import Document
from docx.enum.text import WD_BREAK
from docx.shared import Cm

from loyalty_research.findings import Finding
from loyalty_research.language import Translator, translator
from loyalty_research.report import word_markup as markup
from loyalty_research.report.archive import fixed
from loyalty_research.report.figures import Drawing
from loyalty_research.report.front import front_page, recommendation_rows
from loyalty_research.report.imprint import cover_rows, footer_text
from loyalty_research.report.material import Part, Report
from loyalty_research.report.pages import (
    definitions_of,
    failure_of,
    glossary,
    reading_of,
    report_title,
)
from loyalty_research.report.reading import Block
from loyalty_research.report.unanswered import unanswered
from loyalty_research.report.word_prose import write_prose
from loyalty_research.report.word_styles import prepare
from loyalty_research.report.word_views import ViewWriter


def make(report: Report, language: str, images: Mapping[Drawing, bytes]) -> bytes:
    """Return the whole report in one language as a Word document.

    Parameters
    ----------
    report
        What to print.
    language
        ``zh`` or ``en``.
    images
        PNG of every wide drawing.
    """
    return fixed(_Writer(report, translator(language, report.context), images).write())


class _Writer:
    def __init__(self, report: Report, words: Translator, images: Mapping[Drawing, bytes]) -> None:
        self.report, self.words, self.images = report, words, images
        self.title = report_title(report, words)
        self.document = Document()
        prepare(self.document, words.language, report.imprint.head)

    def write(self) -> bytes:
        self._properties()
        self._cover()
        self._contents()
        self._verdict()
        views = ViewWriter(self.document, self.words.language, self.images)
        for part in self.report.parts:
            self._chapter(part, views)
        self._glossary()
        out = io.BytesIO()
        self.document.save(out)
        return out.getvalue()

    def _properties(self) -> None:
        report, language = self.report, self.words.language
        properties = self.document.core_properties
        day = dt.datetime.fromisoformat(report.date)
        properties.title = self.title
        properties.author = report.imprint.prepared_by.get(language, "")
        properties.last_modified_by = properties.author
        properties.subject = report.imprint.client.get(language, "")
        properties.language = "zh-CN" if language == "zh" else "en-GB"
        properties.comments, properties.revision = "", 1
        properties.created = properties.modified = day
        properties.version = report.imprint.version

    def _cover(self) -> None:
        document, words = self.document, self.words
        section = document.sections[0]
        section.different_first_page_header_footer = True
        foot = section.footer.paragraphs[0]
        markup.footer(foot, footer_text(self.report, words, self.title), section)
        if self.report.simulated:
            section.header.paragraphs[0].add_run(words.text("report.simulated_short"))
            document.add_paragraph(words.text("report.simulated"), style="Notice")
        if self.report.imprint.logo_kind == "png":
            picture = markup.logo(document.add_paragraph(), self.report.imprint.logo)
            name = self.report.names.get(words.language, self.report.brand)
            markup.describe(picture, self.report.imprint.client.get(words.language) or name)
        document.add_paragraph(self.title, style="Title")
        markup.plain_table(document, cover_rows(self.report, words), (Cm(3.6), Cm(12.4)))

    def _contents(self) -> None:
        self._new_page()
        self.document.add_paragraph(self.words.text("report.whole_contents"), style="TOC Heading")
        entries = [(1, self.words.text("report.verdict"))]
        for part in self.report.parts:
            reading = reading_of(part, self.words.language)
            entries.append((1, reading.title))
            entries += [(2, item.title) for item in reading.sections if item.reached]
        entries.append((1, self.words.text("report.glossary")))
        markup.contents(self.document, entries)

    def _verdict(self) -> None:
        document, words = self.document, self.words
        front = front_page(self.report, words)
        self._part(words.text("report.verdict"))
        for text in front["warnings"]:
            document.add_paragraph(text, style="Notice")
        document.add_paragraph(front["headline"] or words.text("report.no_headline"), style="Key")
        if front["numbers"]:
            document.add_heading(words.text("report.numbers"), 2)
            markup.numbers(document, front["numbers"], words.text("report.separator"))
        document.add_heading(words.text("report.findings"), 2)
        for place, item in enumerate(front["findings"], start=1):
            markup.numbered(document, place, item["sentence"])
            if item["meaning"]:
                text = words.text("report.meaning") + words.text("report.colon") + item["meaning"]
                meaning = document.add_paragraph(text)
                meaning.paragraph_format.keep_with_next = True
                markup.indented(meaning)
            small = document.add_paragraph(style="Small")
            told = f"{small_print(item['placed'].finding, words)}  {item['stake']}"
            small.add_run(told.rstrip())
            markup.indented(small)
        if not front["findings"]:
            document.add_paragraph(words.text("report.no_findings"))
        for text in front["remarks"]:
            document.add_paragraph(text)
        self._recommendations(front["recommendations"])
        document.add_heading(words.text("report.cannot"), 2)
        for text in front["open"] or [words.text("report.nothing_open")]:
            document.add_paragraph(text, style="List Bullet")

    def _recommendations(self, items: list[dict[str, Any]]) -> None:
        document, words = self.document, self.words
        document.add_heading(words.text("report.recommendations"), 2)
        for place, item in enumerate(items, start=1):
            document.add_heading(f"{place}. {item['action']}", 3)
            rows = recommendation_rows(item, words)
            if rows:
                markup.plain_table(document, rows, (Cm(3.0), Cm(13.0)), lines=True)
        if not items:
            document.add_paragraph(words.text("report.no_recommendations"))

    def _chapter(self, part: Part, views: ViewWriter) -> None:
        reading = reading_of(part, self.words.language)
        self._part(reading.title)
        failed = failure_of(part, reading, self.words)
        if failed:
            for text in (self.words.text("report.failed"), failed["text"], failed["missing"]):
                if text:
                    self.document.add_paragraph(text, style="Notice")
        for block in reading.blocks:
            self._block(block, part, views)

    def _block(self, block: Block, part: Part, views: ViewWriter) -> None:
        if block.kind == "heading":
            self.document.add_heading(block.text, min(block.level, 3))
        elif block.kind == "prose":
            write_prose(self.document, block.text)
        elif block.kind == "open":
            stored = (part.results[key] for key in block.text.split())
            for _, text in unanswered(stored, self.words):
                self.document.add_paragraph(text, style="List Bullet")
        elif block.kind == "result":
            result = part.results[block.text]
            own = translator(self.words.language, result.context)
            for finding in result.findings:
                paragraph = self.document.add_paragraph(own.finding(finding), style="List Bullet")
                if finding.status == "stated":
                    markup.small_run(paragraph, f"  {small_print(finding, own)}")
            views.write(str(part.run.store), result, own)

    def _glossary(self) -> None:
        names = dict.fromkeys(name for part in self.report.parts for name in definitions_of(part))
        items = glossary(names, self.words)
        self._part(self.words.text("report.glossary"))
        rows = [(item["term"], item["text"]) for item in items]
        if rows:
            markup.plain_table(self.document, rows, (Cm(3.6), Cm(12.4)), lines=True)
        self.document.add_paragraph(self.words.text("report.evidence_note"), style="Small")

    def _part(self, title: str) -> None:
        heading = self.document.add_heading(title, 1)
        heading.paragraph_format.page_break_before = True

    def _new_page(self) -> None:
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def small_print(finding: Finding, words: Translator) -> str:
    """Return grade of evidence and base of a stated finding."""
    grade = words.text(f"report.evidence.{finding.evidence}")
    base = words.text("report.base", base=words.value(finding.base, finding.base_unit))
    return f"{grade}{words.text('report.separator')}{base}"
