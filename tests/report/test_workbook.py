"""tables.xlsx: what the pages show, as typed cells in both languages."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from report.sandbox import Sandbox
from results.analyses import shop_results, supermarket_results

from loyalty_research.engine import Context
from loyalty_research.findings import Chart, Column, TableView
from loyalty_research.language import Translator
from loyalty_research.report.chapters import Chapter
from loyalty_research.report.material import Part, Report
from loyalty_research.report.runs import Outcome, Run
from loyalty_research.report.sheet_writer import HEADS_AT
from loyalty_research.report.sheets import NAME_LIMIT, result_sheets, sheet_name
from loyalty_research.report.workbook import all_sheets, workbook_bytes
from loyalty_research.results import Result, ResultStore, StoredResult
from loyalty_research.results.columns import columns_of
from loyalty_research.results.hidden import MARK

FIRST = HEADS_AT + 3
PERIOD = ("2024-01-01", "2024-12-31")
PREFIXES = ("label:", "@", "text")
NASTY = ["=1+1", "+86 21", "-5 off", "@cmd", "=HYPERLINK(0)", "http://x", "007", "a" * 40_000]


def stored(results: Mapping[str, Result], folder: Path) -> dict[str, StoredResult]:
    store = ResultStore(folder / "store")
    for result in results.values():
        store.write(result)
    return {result.key: result for result in store}


def report_of(results: Mapping[str, Result], folder: Path) -> Report:
    content = json.dumps({"cells": [], "metadata": {}}).encode()
    title = {"zh": "顾客画像", "en": "Customer profile"}
    chapter = Chapter("profile", title, Path("1_profile.ipynb"), content)
    run = Run(folder, Outcome("profile", "key", "ok", "2025-01-01", {}))
    part = Part(chapter, run, stored(results, folder))
    names = {"zh": "上海 甜品", "en": "Sweets"}
    return Report("tiny", {}, names, "2025-01-01", (part,), ("en",))


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def column_under(page, zh: str, en: str, rows: int) -> list:
    """Return the first column of numbers below two headings."""
    for column in range(1, page.max_column + 1):
        heads = [page.cell(HEADS_AT + place, column).value for place in (1, 2)]
        if heads == [zh, en] and page.cell(HEADS_AT + 3, column).value not in ("中文", "English"):
            return [page.cell(FIRST + 1 + row, column).value for row in range(rows)]
    raise AssertionError((page.title, zh, en))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory):
    report = report_of(supermarket_results(), tmp_path_factory.mktemp("book"))
    return report, workbook_bytes(report)


def test_every_cell_of_numbers_is_the_frames(book) -> None:
    report, content = book
    pages = opened(content)
    compared = 0
    figures = tables = 0
    for result in report.parts[0].results.values():
        zh, en = (Translator(name, result.context) for name in ("zh", "en"))
        made = list(result_sheets(result, {}, figures=figures, tables=tables))
        figures += sum(sheet.name.startswith("图") for sheet in made)
        tables += sum(sheet.name.startswith("表") for sheet in made)
        by_title = {sheet.titles["en"]: sheet.name for sheet in made}
        for view in [*result.charts, *result.tables]:
            if en.title(view) not in by_title:  # a figure whose numbers stand in a table
                assert isinstance(view, Chart)
                continue
            page = pages[by_title[en.title(view)]]
            frame = result.frames[view.frame]
            assert page.cell(2, 1).value == zh.title(view)
            assert page.cell(3, 1).value == en.title(view)
            for column in columns_of(view, frame):
                if column.unit.startswith(PREFIXES) or column.unit in ("date", "month"):
                    continue
                heads = column.heading(zh), column.heading(en)
                shown = column_under(page, *heads, len(frame))
                wanted = frame[column.name].astype(float)
                bounds = [(column.low, "下限", "low"), (column.high, "上限", "high")]
                for name, last, end in [(column.name, "", ""), *bounds]:
                    if not name:
                        continue
                    if last:
                        pair = f"{heads[0]}（{last}）", f"{heads[1]} ({end})"
                        shown, wanted = column_under(page, *pair, len(frame)), frame[name]
                    factor = 100 if column.unit == "percentage_point" else 1
                    for have, want in zip(shown, wanted.astype(float), strict=True):
                        told = have not in (None, MARK)
                        assert told != math.isnan(want)
                        assert not told or have == pytest.approx(want * factor, rel=1e-11)
                        compared += told
    assert compared > 1000
    assert figures > 4
    assert tables > 10


def test_the_contents_lead_to_every_sheet(book) -> None:
    report, content = book
    pages = opened(content)
    contents = pages.worksheets[0]
    links = [row[0].hyperlink.location for row in contents.iter_rows() if row[0].hyperlink]
    assert links == [f"'{name}'!A1" for name in pages.sheetnames[1:]]
    assert pages.sheetnames[1:] == [sheet.name for sheet in all_sheets(report)]
    assert len({name.lower() for name in pages.sheetnames}) == len(pages.sheetnames)
    assert all(0 < len(name) <= NAME_LIMIT for name in pages.sheetnames)
    back = f"'{pages.sheetnames[0]}'!A1"
    assert all(page.cell(1, 1).hyperlink.location == back for page in pages.worksheets[1:])


@pytest.mark.parametrize("text", ["a/b:c*?[d]\\e", "'quoted'", "长" * 40, "History of 7"])
def test_names_of_sheets_are_valid(text: str) -> None:
    name = sheet_name(text)
    assert 0 < len(name) <= NAME_LIMIT
    assert not set("[]:*?/\\'") & set(name)


def test_two_books_of_one_report_are_the_same_bytes(book, monkeypatch) -> None:
    report, content = book
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert workbook_bytes(report) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert opened(content).properties.created == dt.datetime(2025, 1, 1)


def test_findings_and_definitions_stand_in_both_languages(book) -> None:
    report, content = book
    pages = opened(content)
    findings, definitions = pages.worksheets[1], pages.worksheets[-1]
    sentences = {row[0]: row[1] for row in findings.iter_rows(min_row=FIRST + 1, values_only=True)}
    for placed in report.findings:
        zh, en = (Translator(name, placed.context) for name in ("zh", "en"))
        assert sentences[zh.finding(placed.finding)] == en.finding(placed.finding)
    used = {
        name
        for result in report.parts[0].results.values()
        for view in result.tables
        for name in view.definitions
    }
    own = [Translator(name, report.context) for name in ("zh", "en")]
    rows = {row[:4] for row in definitions.iter_rows(min_row=FIRST + 1, values_only=True)}
    for name in used:
        texts = [words.text(f"{kind}.{name}") for kind in ("term", "definition") for words in own]
        assert tuple(texts) in rows


@pytest.mark.parametrize("shop", ["five_customers", "empty", "bare"])
def test_small_and_empty_shops_have_a_workbook(shop: str, tmp_path: Path) -> None:
    pages = opened(workbook_bytes(report_of(shop_results(shop), tmp_path)))
    assert len(pages.sheetnames) > 3


def made_result(evidence: str = "observed") -> Result:
    count = len(NASTY)
    frame = pd.DataFrame(
        {
            "text": NASTY,
            "share": [0.5, *[float("nan")] * (count - 1)],
            "net_sales": [1234.5, float("inf"), *[-1.0] * (count - 2)],
            "month": ["2024-02", None, *["2024-03"] * (count - 2)],
            "value": [0.012, 3.0, 7, 2.5, 1, 9, 20.0, -0.5],
            "unit": ["percentage_point", "days", "hour", "days", "share", "orders", "number",
                     "change"],
        }
    )  # fmt: skip
    columns = (
        Column("text"),
        Column("share", "share"),
        Column("net_sales", "money"),
        Column("month", "month"),
        Column("value", "@unit"),
    )
    view = TableView("notices", "data.notices", "summary", columns, 50, "orders", PERIOD)
    context = Context(
        brand="t", currency="CNY", evidence=evidence, provenance="=Source", public=True
    )
    return Result("made", "profile", "x", {"summary": frame}, tables=(view,), context=context)


def test_texts_stay_texts_and_numbers_have_their_format(tmp_path: Path) -> None:
    pages = opened(workbook_bytes(report_of({"made": made_result()}, tmp_path)))
    page = next(page for page in pages if page.title.startswith("表1"))
    for sheet in pages:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    cells = [page.cell(FIRST + 1 + row, 1) for row in range(len(NASTY))]
    assert [cell.value for cell in cells] == [text[:32767] for text in NASTY]
    assert all(cell.data_type == "s" for cell in cells)
    assert [cell.quotePrefix for cell in cells] == [True] * 5 + [False] * 3

    def row(number: int) -> list:
        return [page.cell(FIRST + 1 + number, column).value for column in range(2, 7)]

    assert row(0) == [0.5, 1234.5, dt.datetime(2024, 2, 1), 1.2, "个百分点 percentage points"]
    assert row(1) == [None, None, None, 3, "天 days"]
    formats = [page.cell(FIRST + 1, column).number_format for column in range(2, 6)]
    assert formats == ["0.0%", "#,##0.00", "yyyy-mm", "0.0"]
    mixed = [page.cell(FIRST + 1 + place, 5).number_format for place in range(1, len(NASTY))]
    assert mixed == ["#,##0", "0", "#,##0.0", "0.0%", "#,##0", "0.00", "+0.0%;-0.0%;0.0%"]
    units = [page.cell(FIRST, column).value for column in range(2, 5)]
    assert units == ["%", "元 CNY", "月份 month"]


@pytest.mark.parametrize(("evidence", "marked"), [("synthetic", True), ("observed", False)])
def test_simulated_tables_say_so(evidence: str, marked: bool, tmp_path: Path) -> None:
    pages = opened(workbook_bytes(report_of({"made": made_result(evidence)}, tmp_path)))
    page = next(page for page in pages if page.title.startswith("表1"))
    for sheet in (pages.worksheets[0], pages.worksheets[1], page):
        texts = [str(row[0]) for row in sheet.iter_rows(max_row=10, values_only=True)]
        assert any(text.startswith("模拟数据：") for text in texts) is marked


def test_source_base_and_period_stand_below_a_table(book) -> None:
    report, content = book
    pages = opened(content)
    for result in report.parts[0].results.values():
        for view in result.tables:
            zh, en = (Translator(name, result.context) for name in ("zh", "en"))
            page = next(page for page in pages if page.cell(3, 1).value == en.title(view))
            below = [page.cell(row, 1).value for row in range(FIRST + 1, page.max_row + 1)]
            assert zh.source(view) in below
            assert en.source(view) in below


def test_the_report_delivers_it_and_its_first_pages_link_to_it(delivered: Sandbox) -> None:
    files = delivered.files()
    assert "tables.xlsx" in json.loads(files["manifest.json"])["files"]
    for language in ("zh", "en"):
        assert b'<a href="../tables.xlsx">' in files[f"{language}/index.html"]
    pages = opened(files["tables.xlsx"])
    assert any(page.cell(2, 1).value == "看板（5 组）" for page in pages)
