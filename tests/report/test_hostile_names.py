"""Products, stores, staff and channels named like formulas and tags, or with a sign no font has.

In every file that is delivered they are text: no cell starts a formula, and no name is markup.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from report.sandbox import code, notebook, prose

import loyalty_research as lr
from loyalty_research import profile
from loyalty_research.language import LANGUAGES, Translator
from loyalty_research.language.spreadsheets import FORMULA_STARTS
from loyalty_research.report.chapters import Chapter
from loyalty_research.report.figures import draw_here
from loyalty_research.report.formats import FORMATS, make_files
from loyalty_research.report.imprint import Imprint
from loyalty_research.report.material import Report, load_part
from loyalty_research.report.pages import drawings, render
from loyalty_research.report.runs import Outcome, Run
from loyalty_research.report.workbook import workbook_bytes
from loyalty_research.results import MIME, Result, ResultStore
from loyalty_research.results.save import _csv
from loyalty_research.study.private import export_persons

PERIOD = ("2024-01-01", "2024-12-31")
COMMAND, TAG, EMOJI = "=cmd|' /C calc'!A0", "<script>alert(1)</script>&\"'", "奶茶🍵"
NAMES = [COMMAND, "+1", "-1", "@x", "=HYPERLINK(0)", TAG, EMOJI, "＝1+1"]
BRAND = {"zh": "=1+1 <b>小店</b>", "en": "=1+1 <b>shop</b>"}
ORDERS, CUSTOMERS = 700, 80


def made_brand() -> lr.Brand:
    rng, order = np.random.default_rng(3), np.arange(2 * ORDERS) // 2
    day = pd.to_timedelta(order % 360, unit="D") + pd.to_timedelta(10, unit="h")
    names = np.array(NAMES, dtype=object)
    lines = {
        "order_id": [f"O{place}" for place in order],
        "customer_id": [f"=C{place % CUSTOMERS}" for place in order],
        "ordered_at": pd.Timestamp(PERIOD[0]) + day,
        "amount": rng.integers(1000, 9000, len(order)) / 100,
        "quantity": 1,
        "product_id": np.arange(len(order)) % len(names),
        "store_id": names[order % len(names)],
        "staff_id": names[order % len(names)],
        "channel": names[order % len(names)],
    }
    goods = {"product_id": range(len(names)), "name": names, "category": names[::-1]}
    people = [f"=C{place}" for place in range(CUSTOMERS)]
    tier = names[np.arange(CUSTOMERS) % len(names)]
    return lr.Brand.from_frames(
        transactions=pd.DataFrame(lines),
        products=pd.DataFrame(goods),
        customers=pd.DataFrame({"customer_id": people, "tier": tier}),
        currency="CNY",
        identifiers="public",
        period=PERIOD,
        name="names",
    )


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    brand = made_brand()
    made = [
        profile.stores(brand.orders, period=brand.period),
        profile.staff(brand.orders, period=brand.period),
        profile.channels(brand.orders, period=brand.period),
        profile.tiers(brand, period=brand.period),
        profile.preferences(brand, period=brand.period),
    ]
    return {result.name: result for result in made}


@pytest.fixture(scope="module")
def report(results: dict[str, Result], tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("names")
    store = ResultStore(folder / "store")
    cells = [prose("# 画像", "zh"), prose("# Profile", "en")]
    for name, result in results.items():
        shown = {MIME: {"result": store.write(result)}}
        outputs = [{"output_type": "display_data", "data": shown, "metadata": {}}]
        cells += [
            prose(f"## {name}", "zh"),
            prose(f"## {name}", "en"),
            {**code("lr.show(result)"), "outputs": outputs},
        ]
    content = notebook("profile", "画像", "Profile", cells)
    (folder / "executed.ipynb").write_text(content, encoding="utf-8")
    title = {"zh": "画像", "en": "Profile"}
    chapter = Chapter("profile", title, Path("1_profile.ipynb"), content.encode())
    run = Run(folder, Outcome("profile", "k", "ok", "2025-01-01", {}))
    return Report(
        brand="names",
        titles={},
        names=BRAND,
        date="2025-01-01",
        parts=(load_part(chapter, run),),
        languages=LANGUAGES,
        tables=("transactions",),
        imprint=dataclasses.replace(Imprint(), client=BRAND, prepared_by=BRAND),
    )


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_no_cell_of_the_workbook_starts_a_formula(report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(report)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    texts = {cell.value: cell for cell in cells if isinstance(cell.value, str)}
    assert COMMAND in texts
    begun = [cell for text, cell in texts.items() if text.startswith(FORMULA_STARTS)]
    assert len(begun) >= 5
    assert all(cell.quotePrefix for cell in begun)


def test_no_cell_of_a_figures_data_starts_a_formula(results: dict[str, Result]) -> None:
    marked = 0
    for result in results.values():
        for chart in result.charts:
            for language in LANGUAGES:
                words = Translator(language, result.context)
                text = _csv(chart, result.frames[chart.frame], words).decode("utf-8-sig")
                cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
                begun = [cell for cell in cells if cell.startswith(FORMULA_STARTS)]
                assert all(map(is_number, begun))
                marked += sum(cell.startswith("'=") for cell in cells)
    assert marked > 0


def test_no_cell_of_an_export_of_persons_starts_a_formula(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "brands").mkdir(parents=True)
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    brand = made_brand()
    orders = brand.orders.select("customer_id", "channel", "store_id", "net_sales").distinct()
    path = export_persons(brand, orders, name="list", columns=["channel", "store_id", "net_sales"])
    text = path.read_bytes().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert len(cells) > CUSTOMERS
    assert all(is_number(cell) for cell in cells if cell.startswith(FORMULA_STARTS))
    assert f"'{COMMAND}" in cells


@pytest.mark.filterwarnings("ignore:Glyph .* missing")
def test_pages_and_office_files_hold_names_as_text(report: Report) -> None:
    from docx import Document
    from pptx import Presentation

    images = draw_here(drawings(report, FORMATS))
    for path, page in render(report, images).items():
        assert "<script>alert(1)" not in page, path
        assert "<b>小店" not in page, path
        assert "<b>shop" not in page, path
    files, notes = make_files(report, images, ("docx", "pptx", "single"))
    assert [note.status for note in notes if note.status == "failed"] == []
    for name, content in files.items():
        if name.endswith(".html"):
            assert b"<script>alert(1)" not in content
        elif name.endswith(".docx"):
            tables = Document(io.BytesIO(content)).tables
            cells = {cell.text for table in tables for row in table.rows for cell in row.cells}
            assert {COMMAND, TAG} <= cells
        elif name.endswith(".pptx"):
            slides = Presentation(io.BytesIO(content)).slides
            shapes = [shape for slide in slides for shape in slide.shapes]
            assert any(BRAND[name[-7:-5]] in s.text_frame.text for s in shapes if s.has_text_frame)
