"""The look of the Word document: paper, fonts of both scripts, styles, language."""

from __future__ import annotations

from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

LATIN = "Arial"
EAST_ASIAN = "Microsoft YaHei"
"""微软雅黑: on every machine with Office; others take a Chinese font of their own for it."""
MUTED = "59636E"
_HEADINGS: dict[str, float] = {
    "Title": 26,
    "TOC Heading": 18,
    "Heading 1": 18,
    "Heading 2": 14,
    "Heading 3": 11.5,
}
_SPACING = {"Heading 1": (0, 10), "Heading 2": (16, 6), "Heading 3": (10, 4), "Title": (120, 30)}


def prepare(document: Document, language: str, colour: str) -> None:
    """Set paper, language, fonts and styles of a new document.

    Parameters
    ----------
    document
        Fresh from the default template.
    language
        ``zh`` or ``en``.
    colour
        ``#rrggbb`` of headings.
    """
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    styles = document.styles
    _defaults(styles.element, language)
    for name, size, colour_of in (
        ("Key", 14.0, colour),
        ("Small", 8.0, ""),
        ("Notice", 10.0, "#8A3B00"),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor.from_string((colour_of or f"#{MUTED}").removeprefix("#"))
    normal = styles["Normal"]
    normal.font.size = Pt(10)
    normal.paragraph_format.space_after = Pt(5)
    normal.paragraph_format.line_spacing = 1.3
    styles["Small"].paragraph_format.line_spacing = 1.15
    for name, size in _HEADINGS.items():
        style = styles[name]
        style.font.size, style.font.bold, style.font.italic = Pt(size), name != "Title", False
        style.font.color.rgb = RGBColor.from_string(colour.removeprefix("#").upper())
        before, after = _SPACING.get(name, (0, 12))
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(after)
        style.paragraph_format.line_spacing = 1.25
    caption = styles["Caption"]
    caption.font.size, caption.font.bold = Pt(10), True
    caption.font.color.rgb = RGBColor.from_string(colour.removeprefix("#").upper())
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before = Pt(10)
    for style in styles:
        if style.type in (WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.CHARACTER):
            _fonts(style.element.get_or_add_rPr())
    for properties in list(styles.element.iter(qn("w:rPr"))):  # those of tables too
        if properties.find(qn("w:rFonts")) is not None:
            _fonts(properties)
    _without_rule(styles["Title"].element)


def _defaults(root: Any, language: str) -> None:
    properties = root.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    _fonts(properties)
    found = properties.find(qn("w:lang"))
    tag = OxmlElement("w:lang") if found is None else found
    tag.set(qn("w:val"), "zh-CN" if language == "zh" else "en-GB")
    tag.set(qn("w:eastAsia"), "zh-CN")
    if found is None:
        properties.append(tag)


def _fonts(properties: Any) -> None:
    """Name one font for each script, in place of those of a theme."""
    found = properties.find(qn("w:rFonts"))
    if found is not None:
        properties.remove(found)
    fonts = OxmlElement("w:rFonts")
    for script, name in (
        ("ascii", LATIN),
        ("hAnsi", LATIN),
        ("eastAsia", EAST_ASIAN),
        ("cs", LATIN),
    ):
        fonts.set(qn(f"w:{script}"), name)
    properties.insert(0, fonts)


def _without_rule(style: Any) -> None:
    borders = style.find(qn("w:pPr")).find(qn("w:pBdr"))
    if borders is not None:
        borders.getparent().remove(borders)
