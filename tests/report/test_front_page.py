"""The page over all brands."""

from __future__ import annotations

import json
from pathlib import Path

from loyalty_research.report.deliver import MADE_BY
from loyalty_research.report.front_page import update_front_page


def delivered(folder: Path, brand: str, **more: object) -> None:
    place = folder / brand
    place.mkdir(parents=True)
    manifest = {
        "made_by": MADE_BY,
        "brand": brand,
        "languages": ["zh", "en"],
        "titles": {"zh": f"{brand} 的报告", "en": f"Report of <{brand}>"},
        "period": ["2024-01-01", "2024-12-31"],
        "report_date": "2025-02-03",
        "simulated": False,
        "files": {"zh/index.html": "", "en/index.html": "", f"{brand}_en.docx": ""},
    }
    (place / "manifest.json").write_text(json.dumps(manifest | more), encoding="utf-8")


def test_it_lists_every_report_with_links_and_marks(tmp_path: Path) -> None:
    delivered(tmp_path, "north")
    delivered(tmp_path, "south", simulated=True)
    (tmp_path / "other").mkdir()
    page = update_front_page(tmp_path)
    assert page is not None
    text = page.read_text(encoding="utf-8")
    assert text.index('id="north"') < text.index('id="south"')
    for expected in (
        "Report of &lt;north&gt;",
        "1 Jan 2024 to 31 Dec 2024",
        "Date of report 3 Feb 2025",
        'href="north/en/index.html"',
        'href="south/south_en.docx"',
    ):
        assert expected in text, expected
    south = text.partition('id="south"')[2]
    assert "Simulated data" in south
    assert "模拟数据" in south
    assert "Simulated data" not in text.partition('id="south"')[0]
    assert "other" not in text


def test_it_is_written_again_only_where_something_is_new(tmp_path: Path) -> None:
    delivered(tmp_path, "north")
    page = update_front_page(tmp_path)
    assert page is not None
    first = page.stat().st_mtime_ns, page.stat().st_ino
    update_front_page(tmp_path)
    assert (page.stat().st_mtime_ns, page.stat().st_ino) == first
    delivered(tmp_path, "south")
    update_front_page(tmp_path)
    assert "south" in page.read_text(encoding="utf-8")


def test_a_report_made_again_is_listed_anew(tmp_path: Path) -> None:
    delivered(tmp_path, "north", render_key="a")
    page = update_front_page(tmp_path)
    assert page is not None
    path = tmp_path / "north" / "manifest.json"
    changed = json.loads(path.read_text(encoding="utf-8")) | {"simulated": True, "render_key": "b"}
    path.write_text(json.dumps(changed), encoding="utf-8")
    update_front_page(tmp_path)
    assert "Simulated data" in page.read_text(encoding="utf-8")


def test_a_page_of_another_origin_is_left_alone(tmp_path: Path) -> None:
    delivered(tmp_path, "north")
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    assert update_front_page(tmp_path) is None
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "mine"


def test_without_a_report_there_is_no_page(tmp_path: Path) -> None:
    assert update_front_page(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
