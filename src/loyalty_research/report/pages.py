"""Chapters and verdict as HTML pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, Literal

import jinja2
from markupsafe import Markup

import loyalty_research
from loyalty_research.findings import Chart
from loyalty_research.language import Translator, translator
from loyalty_research.report.arrange import arrange, gather
from loyalty_research.report.figures import Drawing
from loyalty_research.report.fonts import embedded_fonts
from loyalty_research.report.front import front_page
from loyalty_research.report.imprint import cover_rows, footer_text
from loyalty_research.report.material import Part, Report
from loyalty_research.report.prose import inline_html, to_html
from loyalty_research.report.reading import Block, Reading, read
from loyalty_research.report.unanswered import unanswered
from loyalty_research.results import StoredResult
from loyalty_research.results.html import result_body

FONT_MARK = "/*FONT*/"


@cache
def environment() -> jinja2.Environment:
    """Return the templates."""
    folder = files("loyalty_research.report").joinpath("templates")
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _sheet(name: str) -> str:
    return files("loyalty_research.report").joinpath("templates", name).read_text("utf-8")


def style_of(report: Report, *sheets: str) -> Markup:
    """Return the style sheets, ``style.css`` first, with the brand's colour."""
    text = "".join(_sheet(name) for name in ("style.css", *sheets))
    colour = report.imprint.colour
    if colour:
        text += (
            f":root{{--head:{colour};--link:{colour};--accent:{colour};--accent-soft:{colour}}}\n"
        )
    return Markup(text)


def drawings(report: Report, formats: Sequence[str] = ("html",)) -> list[Drawing]:
    """Return every figure the formats show: phones have a narrow one, Office files a PNG."""
    kinds: set[tuple[bool, Literal["svg", "png"]]] = set()
    for name in formats:
        kinds.add((False, "png" if name in {"docx", "pptx"} else "svg"))
        if name == "html":
            kinds.add((True, "svg"))
    return [
        Drawing(str(part.run.store), key, chart.name, language, narrow, image)
        for part in report.parts
        for key, result in part.results.items()
        for chart in result.charts
        for language in report.languages
        for narrow, image in sorted(kinds)
    ]


def render(report: Report, images: Mapping[Drawing, bytes]) -> dict[str, str]:
    """Render all pages.

    Parameters
    ----------
    report
        What to print.
    images
        SVG of every drawing of :func:`drawings`.

    Returns
    -------
    dict
        HTML by path within the report folder.
    """
    pages = {"index.html": _chooser(report)}
    for language in report.languages:
        words = translator(language, report.context)
        pages[f"{language}/index.html"] = _verdict(report, words)
        for part in report.parts:
            pages[f"{language}/{part.chapter.name}.html"] = _chapter(report, part, words, images)
    faces = embedded_fonts(pages)
    return {path: text.replace(FONT_MARK, faces[path], 1) for path, text in pages.items()}


def report_title(report: Report, words: Translator) -> str:
    """Return the title of the report: the brand file's, else one made from the brand's name."""
    name = report.names.get(words.language, report.brand)
    return report.titles.get(words.language) or words.text("report.title", brand=name)


def reading_of(part: Part, language: str) -> Reading:
    """Return what a chapter's page shows in ``language``."""
    stored = tuple(part.names or part.results)
    reading = read(part.chapter, part.run, stored, language)
    title = translator(language).text("report.unanswered")
    reading = gather(reading, part.results, part.editorial, part.names, title=title)
    return arrange(reading, part.editorial, part.names, language=language)


def failure_text(part: Part, reading: Reading, words: Translator) -> str:
    """Return in which section a chapter stopped, and why."""
    reason = reason_of(part, words)
    if reading.failing:
        return words.text("report.stopped_in", section=reading.failing, reason=reason)
    return words.text("report.stopped", reason=reason)


def reason_of(part: Part, words: Translator) -> str:
    """Return why a chapter stopped, without a full stop."""
    outcome = part.run.outcome
    if outcome.cause in ("timeout", "kernel", "worker"):
        return words.text(f"report.cause.{outcome.cause}", seconds=f"{outcome.seconds:g}")
    return outcome.message.rstrip("。. ")


def _common(report: Report, words: Translator, page: str) -> dict[str, Any]:
    parts = [
        (f"{part.chapter.name}.html", reading_of(part, words.language).title)
        for part in report.parts
    ]
    links = [("index.html", words.text("report.verdict")), *parts]
    others = [language for language in report.languages if language != words.language]
    other = None
    if others:
        name = translator(others[0]).text("report.language")
        other = {"href": f"../{others[0]}/{page}", "lang": others[0], "text": name}
    return {
        "lang": "zh-CN" if words.language == "zh" else "en",
        "t": words.text,
        "words": words,
        "report": report,
        "rows": cover_rows(report, words),
        "imprint": footer_text(report, words, report_title(report, words)),
        "report_title": report_title(report, words),
        "links": [{"href": href, "text": text, "current": href == page} for href, text in links],
        "other": other,
        "style": style_of(report),
        "version": loyalty_research.__version__,
    }


def _verdict(report: Report, words: Translator) -> str:
    chapters = [
        {
            "href": f"{part.chapter.name}.html",
            "title": reading_of(part, words.language).title,
            "failed": reason_of(part, words) if part.run.outcome.status != "ok" else "",
        }
        for part in report.parts
    ]
    context = _common(report, words, "index.html") | front_page(report, words)
    template = environment().get_template("verdict.html")
    return template.render(**context, chapters=chapters)


def _chapter(report: Report, part: Part, words: Translator, images: Mapping[Drawing, bytes]) -> str:
    context = _common(report, words, f"{part.chapter.name}.html")
    return (
        environment()
        .get_template("chapter.html")
        .render(
            **context,
            **chapter_context(part, words, images),
            glossary=glossary(definitions_of(part), words),
            notebook=part.chapter.file,
        )
    )


def chapter_context(
    part: Part, words: Translator, images: Mapping[Drawing, bytes], *, narrow: bool = True
) -> dict[str, Any]:
    """Return what the body of a chapter is printed from: title, sections, blocks, failure."""
    reading = reading_of(part, words.language)
    blocks = [_block(block, part, words, images, narrow=narrow) for block in reading.blocks]
    return {
        "reading": reading,
        "title": _inline(reading.title),
        "failed": failure_of(part, reading, words),
        "sections": [
            {"anchor": item.anchor, "reached": item.reached, "html": _inline(item.title)}
            for item in reading.sections
        ],
        "blocks": [block for block in blocks if block],
    }


def failure_of(part: Part, reading: Reading, words: Translator) -> dict[str, str] | None:
    """Return why a chapter stopped and what it lacks; None where it is whole."""
    if part.run.outcome.status == "ok":
        return None
    missing = [section.title for section in reading.sections if not section.reached]
    listed = words.text("report.comma").join(missing)
    return {
        "text": failure_text(part, reading, words),
        "missing": words.text("report.not_reached", sections=listed) if missing else "",
    }


def _block(
    block: Block, part: Part, words: Translator, images: Mapping[Drawing, bytes], *, narrow: bool
) -> Markup:
    if block.kind == "heading":
        anchor = f' id="{block.anchor}"' if block.anchor else ""
        return Markup(f"<h{block.level}{anchor}>{inline_html(block.text)}</h{block.level}>")
    if block.kind == "prose":
        return Markup(to_html(block.text))
    if block.kind == "result":
        body = shown_result(part, part.results[block.text], words, images, narrow=narrow)
        return Markup(f'<div class="result" id="r-{escape(block.text)}">{body}</div>')
    if block.kind == "open":
        return _open(block, part, words)
    return Markup("")


def _open(block: Block, part: Part, words: Translator) -> Markup:
    items = [
        '<li class="withheld">'
        + "".join(f'<span id="f-{escape(name)}"></span>' for name in names)
        + f"{escape(text)}</li>"
        for names, text in unanswered((part.results[key] for key in block.text.split()), words)
    ]
    return Markup(f'<ul class="findings">{"".join(items)}</ul>')


def shown_result(
    part: Part,
    result: StoredResult,
    words: Translator,
    images: Mapping[Drawing, bytes],
    *,
    narrow: bool = True,
) -> str:
    """Return a stored result as HTML in the language of ``words``."""
    own = translator(words.language, result.context)

    def image(chart: Chart, small: bool) -> bytes:
        store = str(part.run.store)
        return images[Drawing(store, result.key, chart.name, words.language, small)]

    return result_body(result, own, image, narrow=narrow)


def definitions_of(part: Part) -> list[str]:
    """Return the ids of all definitions a chapter uses, in the order of use."""
    names: dict[str, None] = {}
    for result in part.results.values():
        for finding in result.findings:
            names[finding.definition] = None
        for chart in result.charts:
            names.update(dict.fromkeys(chart.definitions))
        for table in result.tables:
            names.update(dict.fromkeys(table.definitions))
    return [name for name in names if name]


def glossary(names: Iterable[str], words: Translator) -> list[dict[str, str]]:
    """Return id, term and text of definitions, those that have both."""
    return [
        {"id": name, "term": words.text(f"term.{name}"), "text": words.text(f"definition.{name}")}
        for name in names
        if words.has(f"term.{name}") and words.has(f"definition.{name}")
    ]


def _chooser(report: Report) -> str:
    entries = []
    for language in report.languages:
        words = translator(language, report.context)
        entries.append(
            {
                "lang": language,
                "title": report_title(report, words),
                "period": words.period(report.period) if report.period else "",
                "language": words.text("report.language"),
                "banner": words.text("report.simulated") if report.simulated else "",
            }
        )
    template = environment().get_template("chooser.html")
    return template.render(entries=entries, first=report.languages[0], style=style_of(report))


def _inline(text: str) -> Markup:
    return Markup(inline_html(text))
