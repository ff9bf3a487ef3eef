"""The whole report as one HTML document: the page to send, and what the PDF is made from."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup

import loyalty_research
from loyalty_research.language import Translator, translator
from loyalty_research.report.figures import Drawing
from loyalty_research.report.fonts import embedded_fonts
from loyalty_research.report.front import front_page
from loyalty_research.report.imprint import cover_rows, footer_text
from loyalty_research.report.material import Part, Report
from loyalty_research.report.pages import (
    FONT_MARK,
    chapter_context,
    definitions_of,
    environment,
    glossary,
    report_title,
    style_of,
)

_HEADING = re.compile(r"<(/?)h([1-5])(?=[ >])")
_ANCHOR = re.compile(r'( id="| aria-labelledby="|href="#)')
_DEFINITION = re.compile(r'href="[\w-]+\.html#def-')
_ADDRESS = re.compile(r'href="([\w-]+)\.html#')


def joined_page(
    report: Report, language: str, images: Mapping[Drawing, bytes], *, paper: bool = False
) -> str:
    """Return cover, contents, verdict, chapters and definitions as one HTML document.

    Parameters
    ----------
    report
        What to print.
    language
        ``zh`` or ``en``.
    images
        SVG of every wide drawing.
    paper
        Whether it is laid out in pages, with running feet and page numbers in the contents.
    """
    words = translator(language, report.context)
    title = report_title(report, words)
    front = environment().get_template("_verdict.html")
    names = dict.fromkeys(name for part in report.parts for name in definitions_of(part))
    page = (
        environment()
        .get_template("joined.html")
        .render(
            lang="zh-CN" if language == "zh" else "en",
            t=words.text,
            words=words,
            report=report,
            report_title=title,
            rows=cover_rows(report, words),
            imprint=footer_text(report, words, title),
            author=report.imprint.prepared_by.get(language, ""),
            style=style_of(report, "joined.css", *(["paper.css"] if paper else [])),
            version=loyalty_research.__version__,
            paper=paper,
            verdict=_within(front.render(t=words.text, **front_page(report, words)), "verdict"),
            chapters=[_chapter(part, words, images) for part in report.parts],
            glossary=glossary(names, words),
        )
    )
    return page.replace(FONT_MARK, embedded_fonts({"": page})[""], 1)


def _chapter(part: Part, words: Translator, images: Mapping[Drawing, bytes]) -> dict[str, object]:
    context = chapter_context(part, words, images, narrow=False)
    body = environment().get_template("_chapter.html").render(t=words.text, **context)
    return {
        "anchor": part.chapter.name,
        "title": context["title"],
        "sections": context["sections"] if len(context["sections"]) > 1 else [],
        "body": _within(body, part.chapter.name),
    }


def _within(html: str, name: str) -> Markup:
    """Return a page's body as a part of the document: headings one level down, own anchors."""
    html = _HEADING.sub(lambda found: f"<{found[1]}h{int(found[2]) + 1}", html)
    html = _ANCHOR.sub(lambda found: f"{found[1]}{name}-", html)
    html = _DEFINITION.sub('href="#def-', html)
    return Markup(_ADDRESS.sub(r'href="#\1-', html))
