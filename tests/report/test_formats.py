"""Formats a client opens: what each holds, that bytes do not change, and that one may fail."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import open_page
from PIL import Image
from report.small import LOGO, images_of, small_report, wording

from loyalty_research.errors import ParameterError
from loyalty_research.report import paper
from loyalty_research.report.figures import Drawing
from loyalty_research.report.formats import FORMATS, is_current, make_files, parse_formats
from loyalty_research.report.imprint import Imprint
from loyalty_research.report.joined import joined_page
from loyalty_research.report.material import Report

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PANGO = pytest.mark.skipif(not paper.is_available(), reason="Pango is not on this machine")
HAN = re.compile(r"[\u4e00-\u9fff]")
RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass(frozen=True)
class Made:
    report: Report
    images: Mapping[Drawing, bytes]
    files: Mapping[str, bytes]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The small report in every format, made once."""
    with wording():
        report = small_report(tmp_path_factory.mktemp("small"))
        images = images_of(report)
        files, notes = make_files(report, images, FORMATS)
        assert [note for note in notes if note.status == "failed"] == []
        yield Made(report, images, files)


def document(made: Made, language: str) -> Any:
    from docx import Document

    return Document(io.BytesIO(made.files[f"tiny_{language}.docx"]))


def deck(made: Made, language: str) -> Any:
    from pptx import Presentation

    return Presentation(io.BytesIO(made.files[f"tiny_{language}.pptx"]))


def texts_of(slide: Any) -> list[str]:
    shown = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    for shape in slide.shapes:
        if shape.has_table:
            shown += [cell.text for row in shape.table.rows for cell in row.cells]
    return shown


def test_a_list_of_formats_is_put_in_order() -> None:
    assert parse_formats("pptx, HTML,docx,docx") == ("html", "docx", "pptx")


def test_unknown_formats_are_all_named_with_what_is_allowed() -> None:
    with pytest.raises(ParameterError) as caught:
        parse_formats("html,wrod,docs")
    first, second = map(str, caught.value.problems)
    assert first == "--format: found 'wrod'; allowed: html, single, docx, pdf, pptx"
    assert second.endswith("; did you mean 'docx'?")
    with pytest.raises(ParameterError, match="found nothing"):
        parse_formats(" , ")


def test_every_language_has_a_file_of_its_own(made: Made) -> None:
    assert {"tiny_zh.html", "tiny_en.html", "tiny_zh.docx", "tiny_en.pptx"} <= set(made.files)


def test_the_same_report_gives_the_same_bytes(made: Made) -> None:
    again, _ = make_files(replace(made.report, languages=("zh",)), made.images, FORMATS)
    assert len(again) == (4 if paper.is_available() else 3)
    assert {name for name in again if again[name] != made.files[name]} == set()


def test_one_format_that_fails_takes_no_other_with_it(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loyalty_research.report import word

    def broken(*_: object) -> bytes:
        msg = "no ink\nsecond line"
        raise RuntimeError(msg)

    monkeypatch.delenv("LOYALTY_DEBUG", raising=False)
    monkeypatch.setattr(word, "make", broken)
    files, notes = make_files(made.report, made.images, ("single", "docx", "pptx"))
    assert sorted({name.rpartition(".")[2] for name in files}) == ["html", "pptx"]
    assert [note.as_dict() for note in notes] == [
        {"format": "docx", "status": "failed", "why": "no ink"}
    ]
    assert not is_current({"formats_not_as_asked": [note.as_dict() for note in notes]})


def test_without_pango_everything_else_is_made(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)  # its import fails
    files, notes = make_files(made.report, made.images, ("single", "pdf"))
    assert sorted(files) == ["tiny_en.html", "tiny_zh.html"]
    (note,) = notes
    assert (note.format, note.status) == ("pdf", "unavailable")
    assert all(word in note.why for word in ("apt-get install", "brew install", "Windows"))
    manifest = {"formats_not_as_asked": [note.as_dict()]}
    assert is_current(manifest)
    monkeypatch.undo()
    assert is_current(manifest) is not paper.is_available()


def test_an_svg_logo_is_left_out_of_office_files_and_said_so(made: Made) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    report = replace(made.report, imprint=Imprint(logo=svg, logo_kind="svg"))
    files, notes = make_files(report, made.images, ("single", "docx", "pptx"))
    assert [(note.format, note.status) for note in notes] == [
        ("docx", "reduced"),
        ("pptx", "reduced"),
    ]
    assert len(files) == 6
    assert b"data:image/svg+xml;base64,PHN2Zy" in files["tiny_en.html"]


def test_simulated_numbers_are_marked_in_every_format(tmp_path: Path) -> None:
    with wording():
        report = replace(small_report(tmp_path, evidence="synthetic"), languages=("en",))
        files, _ = make_files(report, images_of(report), ("single", "docx", "pptx"))
    assert "Simulated data" in files["tiny_en.html"].decode()
    mine = Made(report, {}, files)
    word = document(mine, "en")
    assert word.sections[0].header.paragraphs[0].text == "Simulated data"
    for slide in list(deck(mine, "en").slides)[1:]:
        assert any(text.startswith("Simulated data") for text in texts_of(slide))


def test_on_paper_what_is_simulated_is_said_on_the_cover_not_before_it(tmp_path: Path) -> None:
    with wording():
        report = replace(small_report(tmp_path, evidence="synthetic"), languages=("en",))
        page = joined_page(report, "en", images_of(report), paper=True)
    cover = page[page.index('<header class="cover">') : page.index("</header>")]
    assert 'class="banner"' in cover
    assert page.count('class="banner"') == 1


# One page


def test_a_single_page_is_small_and_carries_everything_once(made: Made) -> None:
    for language in ("zh", "en"):
        content = made.files[f"tiny_{language}.html"]
        page = content.decode()
        assert len(content) < 5_000_000
        assert "<script" not in page.lower()
        assert "default-src 'none'" in page
        assert page.count("data:image/svg+xml") == 1
        assert page.count("data:font/woff2") == 1
        assert "--accent:#7a1f3d" in page
        anchors = re.findall(r' id="([^"]+)"', page)
        assert len(anchors) == len(set(anchors))
        links = set(re.findall(r'href="([^"]+)"', page))
        assert {link for link in links if not link.startswith("#")} == set()
        assert {link[1:] for link in links} <= set(anchors)


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_a_single_page_asks_for_nothing_and_fits(
    made: Made, browser: Browser, tmp_path: Path, width: int
) -> None:
    for language in ("zh", "en"):
        path = tmp_path / f"{language}.html"
        path.write_bytes(made.files[f"tiny_{language}.html"])
        opened = open_page(browser, path, width)
        assert opened.requests == []
        assert opened.errors == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        assert opened.page.locator("h1").count() == 1
        opened.page.close()


# Word


def test_a_document_has_native_headings_tables_and_figures(made: Made) -> None:
    word = document(made, "en")
    styles: dict[str, list[str]] = {}
    for paragraph in word.paragraphs:
        styles.setdefault(paragraph.style.name, []).append(paragraph.text)
    assert styles["Heading 1"] == ["Verdict", "Customer profile", "Definitions"]
    assert "The board comes first" in styles["Heading 2"]
    assert len(styles["Heading 3"]) == 3  # recommendations
    assert styles["Title"] == ["Tiny: customer loyalty report"]
    captions = " ".join(styles["Caption"])
    assert "Board (5 bins)" in captions
    assert "The best class brings 50.0%" in captions
    sources = [text for text in styles["Small"] if "Tiny <test> & sons" in text]
    assert len(sources) == 2
    assert all("240" in text and "2024" in text for text in sources)
    assert "teach" not in "".join(paragraph.text for paragraph in word.paragraphs)


def test_a_table_repeats_its_head_and_aligns_numbers(made: Made) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    tables = document(made, "zh").tables
    board = next(table for table in tables if table.rows[0].cells[0].text == "指标")
    rows = [[cell.text for cell in row.cells] for row in board.rows]
    assert rows[1] == ["销售净额", "123.5 万元", "甲"]
    assert rows[2][1] == "42.1%\n（40.0%–44.0%）"
    assert "w:tblHeader" in board.rows[0]._tr.xml
    assert "w:tblHeader" not in board.rows[1]._tr.xml
    assert all("w:cantSplit" in row._tr.xml for row in board.rows)
    aligned = [cell.paragraphs[0].alignment for cell in board.rows[1].cells]
    assert aligned == [None, WD_ALIGN_PARAGRAPH.RIGHT, None]


def test_figures_of_a_document_are_sharp_and_described(made: Made) -> None:
    word = document(made, "en")
    shapes = list(word.inline_shapes)
    assert len(shapes) == 2  # logo and figure
    assert [shape._inline.docPr.get("descr") for shape in shapes] == [
        "Tiny Ltd",
        "Bars: the best class 50.0%",
    ]
    reference = shapes[1]._inline.graphic.graphicData.pic.blipFill.blip.embed
    image = Image.open(io.BytesIO(word.part.related_parts[reference].blob))
    assert image.width / shapes[1].width.inches >= 200


def test_a_document_names_fonts_of_both_scripts_and_its_language(made: Made) -> None:
    with zipfile.ZipFile(io.BytesIO(made.files["tiny_zh.docx"])) as archive:
        styles = archive.read("word/styles.xml").decode()
        main = archive.read("word/document.xml").decode()
        footer = "".join(
            archive.read(name).decode() for name in archive.namelist() if "footer" in name
        )
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    fonts = re.findall(r"<w:rFonts[^>]*>", styles)
    assert fonts
    assert all('w:eastAsia="Microsoft YaHei"' in tag for tag in fonts)
    assert not any("Theme" in tag for tag in fonts)
    assert 'w:val="zh-CN"' in styles
    assert "TOC \\o" in main
    assert " PAGE " in footer
    assert "仅供内部使用" in footer
    properties = document(made, "zh").core_properties
    assert (properties.author, properties.created.date().isoformat()) == (
        "某研究室",
        "2025-01-01",
    )


# PowerPoint


def test_a_deck_has_ten_to_twelve_slides_headed_by_numbers(made: Made) -> None:
    for language in ("zh", "en"):
        slides = list(deck(made, language).slides)
        assert 10 <= len(slides) <= 12
        titles = [slide.shapes.title.text_frame.text for slide in slides]
        verdict = made.report.verdict
        concluding = titles[1 : 2 + len(verdict.findings)]
        assert len(concluding) == 1 + len(verdict.findings) > 3
        assert all(re.search(r"\d", title) for title in concluding)
        assert all(titles)


def test_bars_are_charts_that_can_be_edited(made: Made) -> None:
    charts = [
        shape.chart
        for slide in deck(made, "en").slides
        for shape in slide.shapes
        if shape.has_chart
    ]
    assert len(charts) == 1
    (chart,) = charts
    assert list(chart.plots[0].categories) == ["Best", "Keep", "Rest"]
    assert list(chart.plots[0].series[0].values) == [50.0, 30.0, 20.0]
    bars = chart.plots[0].series[0]._element.find(".//{*}errBars")
    reach = [float(point.text) for point in bars.findall(".//{*}plus//{*}v")]
    assert reach == pytest.approx([5.0, 4.0, 3.0])
    assert chart.value_axis.minimum_scale == 0


def test_every_slide_names_its_source_and_keeps_inside(made: Made) -> None:
    presentation = deck(made, "en")
    for slide in list(presentation.slides)[1:]:
        assert any("Tiny <test> & sons" in text for text in texts_of(slide))
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= presentation.slide_width
            assert shape.top + shape.height <= presentation.slide_height


def test_text_of_a_deck_fits_its_boxes_and_has_a_chinese_font(made: Made) -> None:
    from loyalty_research.report.slide_page import Box, fitting_size

    inch = 914400
    for slide in deck(made, "zh").slides:
        for shape in slide.shapes:
            if not shape.has_text_frame or not shape.text_frame.text:
                continue
            paragraphs = shape.text_frame.paragraphs
            size = paragraphs[0].runs[0].font.size.pt
            box = Box(0, 0, shape.width / inch, shape.height / inch)
            texts = [paragraph.text for paragraph in paragraphs]
            assert fitting_size(texts, box, size) == size, texts
        xml = slide._element.xml
        runs = re.findall(r"<a:rPr.*?</a:rPr>", xml, re.DOTALL)
        assert runs
        assert all('<a:ea typeface="Microsoft YaHei"' in run for run in runs)


# PDF


@PANGO
def test_a_pdf_has_chinese_text_embedded_fonts_and_an_outline(made: Made) -> None:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(made.files["tiny_zh.pdf"]))
    texts = [page.extract_text() for page in reader.pages]
    assert len(texts) >= 4
    assert all(text.strip() for text in texts)
    everything = "\n".join(texts)
    for expected in ("看板是第一节", "仅供内部使用", "最好的一类占 50.0%", "123.5 万元"):
        assert expected in everything, expected
    assert re.search(r"目录\s+核心结论\W+3", texts[1])  # the page it stands on
    assert "核心结论" in texts[2]
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    assert titles == ["核心结论", "顾客画像", "口径表"]
    assert (reader.metadata.title, reader.metadata.author) == (
        "小店：顾客忠诚度诊断报告",
        "某研究室",
    )
    fonts = _fonts(reader)
    assert fonts
    assert all("Loyalty" in name and embedded for name, embedded in fonts)


def _fonts(reader: Any) -> set[tuple[str, bool]]:
    found = set()
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            below = font.get_object()["/DescendantFonts"][0].get_object()
            described = below["/FontDescriptor"].get_object()
            embedded = any(name in described for name in ("/FontFile", "/FontFile2", "/FontFile3"))
            found.add((below["/BaseFont"], embedded))
    return found


def test_the_logo_is_the_one_given(made: Made) -> None:
    with zipfile.ZipFile(io.BytesIO(made.files["tiny_en.pptx"])) as archive:
        media = [archive.read(name) for name in archive.namelist() if "/media/" in name]
    assert LOGO in media
