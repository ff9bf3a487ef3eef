"""Workbooks, and what calls itself one."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt


def book(path: Path, **sheets: list[list[object]]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return made


def test_values_as_text(desk):
    path = desk.folder / "a.xlsx"
    day, time = dt.date(2024, 1, 2), dt.datetime(2024, 1, 2, 3, 4, 5)
    book(
        path,
        表=[
            ["文字", "整数", "小数", "日期", "时间", "真假", "空"],
            ["0012", 12, 0.1 + 0.2, day, time, True, None],
            ["x", -3.0, 12.50, dt.datetime(2024, 1, 2), dt.datetime(2024, 1, 2, 12), False, None],
            ['="a"', 13800138000, 0.00001, day, time, None, " "],
        ],
    )
    assert desk.rows(path) == [
        ("0012", "12", "0.3", "2024-01-02", "2024-01-02 03:04:05", "TRUE", None),
        ("x", "-3", "12.5", "2024-01-02", "2024-01-02 12:00:00", "FALSE", None),
        (
            desk.rows(path)[2][0],
            "13800138000",
            "0.00001",
            "2024-01-02",
            "2024-01-02 03:04:05",
            None,
            None,
        ),
    ]
    assert desk.last.notes[0].kind == "excel"


def test_title_totals_and_empty_first_rows(desk):
    path = desk.folder / "a.xlsx"
    rows = [[], ["销售明细"], ["门店：杭州"], ["单号", "日期", "金额"]]
    rows += [[f"A{i}", dt.date(2024, 1, i + 1), i] for i in range(20)]
    rows += [[None, None, None], ["合计", None, 190]]
    made = book(path, 表=rows)
    made["表"].merge_cells("A2:C2")
    made.save(path)
    assert len(desk.rows(path)) == 20
    note = desk.last.notes[0]
    assert (note.heading_row, note.title_rows, note.total_rows, note.blank_rows) == (4, 2, 1, 1)


def test_a_heading_of_two_merged_rows(desk):
    path = desk.folder / "a.xlsx"
    rows = [
        ["明细"],
        ["单号", "金额", None, "时间", "数量", None],
        [None, "应收", "实收", None, "买", "应收"],
        ["A1", 5, 4, "2024-01-01", 1, 2],
        [None, 6, 5, "2024-01-01", 1, 2],
    ]
    made = book(path, 表=rows)
    for merged in ("A1:F1", "A2:A3", "B2:C2", "D2:D3", "E2:F2", "A4:A5"):
        made["表"].merge_cells(merged)
    made.save(path)
    found = desk.rows(path)
    assert desk.last.columns == ("单号", "金额-应收", "实收", "时间", "买", "数量-应收")
    assert [row[0] for row in found] == ["A1", "A1"]


def test_sheets(desk):
    path = desk.folder / "a.xlsx"
    made = book(
        path,
        封面=[["某品牌数据"], ["联系人：张三"]],
        一月=[["a", "b"], ["1", "x"]],
        二月=[["b", "a"], ["y", "2"]],
        说明=[["列", "含义"], ["a", "编号"]],
        备份=[["a", "b"], ["9", "z"]],
    )
    made["备份"].sheet_state = "hidden"
    made.save(path)
    assert desk.rows(path) == [("1", "x"), ("2", "y")]
    read = {note.sheet: note.rows for note in desk.last.notes}
    assert read == {"封面": 0, "一月": 1, "二月": 1, "说明": 0, "备份": 0}
    assert {note.sheet for note in desk.last.notes if note.heading_row} == {"一月", "二月"}
    assert desk.rows(path, sheets=("备份",)) == [("9", "z")]
    desk.last.path.unlink()
    assert "'三月'" in desk.refused(path, sheets=("三月",))
    assert "说明" in desk.refused(path, sheets=("一月", "说明"))


def test_numbers_that_excel_has_cut(desk):
    path = desk.folder / "a.xlsx"
    book(
        path,
        表=[["单号", "手机", "文字号"], [412345678901234567, 13800138000, "412345678901234567"]],
    )
    desk.rows(path)
    assert desk.last.notes[0].lost_digits == ("单号",)


def test_old_workbooks(desk):
    made = xlwt.Workbook()
    sheet = made.add_sheet("甲")
    for column, name in enumerate(["会员", "金额", "日期"]):
        sheet.write(0, column, name)
    sheet.write(1, 0, "0012")
    sheet.write(1, 1, 12.0)
    sheet.write(1, 2, dt.date(2024, 1, 2), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    hidden = made.add_sheet("乙")
    hidden.visibility = 1
    hidden.write(0, 0, "x")
    path = desk.folder / "a.xls"
    made.save(str(path))
    assert desk.rows(path) == [("0012", "12", "2024-01-02")]
    assert [note.sheet for note in desk.last.notes] == ["甲", "乙"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_web_page_under_the_name_of_a_workbook(desk, encoding):
    page = (
        "<html><head><style>td{color:red}</style></head><body><table><tr><td>菜单</td></tr></table>"
        "<table><tr><th>会员</th><th>金额</th></tr><tr><td>张&amp;三<td>12.50</tr>"
        "<tr><td>李四</td><td>8</td></tr><tr><td>合计</td><td>20.5</td></tr></table></body></html>"
    )
    path = desk.write("a.xls", page.encode(encoding))
    assert desk.rows(path) == [("张&三", "12.50"), ("李四", "8")]
    note = desk.last.notes[0]
    assert (note.kind, note.encoding, note.total_rows) == ("excel", encoding, 1)


def test_text_under_the_name_of_a_workbook(desk):
    path = desk.write("a.xls", "会员\t金额\n张三\t1\n".encode("utf-16"))
    assert desk.rows(path) == [("张三", "1")]
    assert (desk.last.notes[0].kind, desk.last.notes[0].separator) == ("csv", "\t")


def test_a_workbook_inside_an_archive(desk):
    book(desk.folder / "a.xlsx", 表=[["a", "b"], ["1", "x"]])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(desk.folder / "a.xlsx", "导出/a.xlsx")
        archive.writestr("b.csv", "a,b\n2,y\n")
    assert desk.rows(desk.write("a.zip", out.getvalue())) == [("2", "y"), ("1", "x")]
    assert {note.kind for note in desk.last.notes} == {"csv", "excel"}


def test_a_workbook_with_a_password(desk):
    """Excel wraps an encrypted workbook in the container of the old format."""
    made = xlwt.Workbook()
    made.add_sheet("EncryptedPackage")
    path = desk.folder / "a.xlsx"
    made.save(str(path))
    content = path.read_bytes().replace(
        "Workbook".encode("utf-16-le"), "Wxrkbook".encode("utf-16-le")
    )
    content += "EncryptedPackage".encode("utf-16-le")
    assert "password" in desk.refused(desk.write("b.xlsx", content))


def test_cells_far_apart(desk):
    path = desk.folder / "a.xlsx"
    made = book(path, 表=[["a", "b"], ["1", "2"]])
    made["表"]["XFD1048576"] = "x"
    made.save(path)
    message = desk.refused(path)
    assert "1,048,576" in message
    assert "16,384" in message


def test_no_visible_sheet_and_empty_sheets(desk):
    book(desk.folder / "a.xlsx", 一=[], 二=[])
    assert "empty" in desk.refused(desk.folder / "a.xlsx")


def test_an_old_workbook_whose_sectors_run_in_circles(desk):
    made = xlwt.Workbook()
    sheet = made.add_sheet("甲")
    for row in range(2000):
        sheet.write(row, 0, f"名{row}")
    path = desk.folder / "a.xls"
    made.save(str(path))
    assert len(desk.rows(path, heading_row=1)) == 1999
    desk.last.path.unlink()
    content = bytearray(path.read_bytes())
    table = (int.from_bytes(content[76:80], "little") + 1) * 512
    content[table + 40 : table + 44] = (2).to_bytes(4, "little")
    assert "circles" in desk.refused(desk.write("b.xls", bytes(content)))


def test_a_reader_that_panics(desk, monkeypatch):
    class PanicException(BaseException):
        pass

    def panics(_self, _stream):
        raise PanicException("index out of bounds")

    from loyalty_research.study.files import workbook

    book(desk.folder / "a.xlsx", 表=[["a"], ["1"]])
    broken = type("Broken", (), {"from_filelike": panics})()
    monkeypatch.setattr(workbook, "CalamineWorkbook", broken)
    assert "damaged" in desk.refused(desk.folder / "a.xlsx")
