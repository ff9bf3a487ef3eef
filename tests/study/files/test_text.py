"""Separated text: encodings, separators, compression, and rows that are no data."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pytest

HEADING = "订单号,会员,金额"
LINES = ["0012,张三,12.50", '0013,"李,四",8', "0014,王五,"]
TEXT = "\n".join([HEADING, *LINES]) + "\n"
ROWS = [("0012", "张三", "12.50"), ("0013", "李,四", "8"), ("0014", "王五", None)]


def zipped(content: bytes, name: str = "a.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


ENCODINGS = {
    "utf-8": ("utf-8", "utf-8"),
    "utf-8-sig": ("utf-8-sig", "utf-8"),
    "gb18030": ("gb18030", "gb18030"),
    "gbk": ("gbk", "gb18030"),
    "utf-16": ("utf-16", "utf-16"),
    "utf-16-be": ("utf-16-be", "utf-16"),
}
PACKERS: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.compress,
    "zstd": lambda content: pa.compress(content, codec="zstd", asbytes=True),
    "zip": zipped,
}


@pytest.mark.parametrize("compression", PACKERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_and_compressions_are_found_out(desk, encoding, compression):
    written, told = ENCODINGS[encoding]
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    path = desk.write("a.dat", PACKERS[compression]((mark + TEXT).encode(written)))
    assert desk.rows(path) == ROWS
    note = desk.last.notes[0]
    assert (note.kind, note.encoding, note.compression) == ("csv", told, compression)
    assert (note.separator, note.rows, note.heading_row) == (",", 3, 1)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found_out(desk, separator):
    text = "\n".join(["a{0}b{0}c", '1{0}"x{0}y"{0}2,5', "2{0}z{0}3,5"]).format(separator)
    expected = [("1", f"x{separator}y", "2,5"), ("2", "z", "3,5")]
    if separator == ",":
        text = text.replace("2,5", "2.5").replace("3,5", "3.5")
        expected = [("1", "x,y", "2.5"), ("2", "z", "3.5")]
    assert desk.rows(desk.write("a.txt", text)) == expected
    assert desk.last.notes[0].separator == separator


def test_what_the_brand_file_says_wins(desk):
    path = desk.write("a.csv", "é;b,c\nà;1,2\n".encode("cp1252"))
    assert desk.rows(path, encoding="cp1252", separator=";") == [("à", "1,2")]
    assert desk.last.columns == ("é", "b,c")


def test_late_chinese_is_still_read_as_gb18030(desk):
    ascii_lines = "".join(f"{i},x\n" for i in range(300_000))
    path = desk.write("a.csv", ("a,b\n" + ascii_lines + "1,中文\n").encode("gb18030"))
    assert path.stat().st_size > 2 << 20
    assert desk.rows(path)[-1] == ("1", "中文")
    assert desk.last.notes[0].encoding == "gb18030"


def test_title_explanation_blank_and_total_rows_are_left_out_and_counted(desk):
    text = (
        "销售明细表,,,\n统计日期：2024-01-01,,,\n\n"
        "单号,日期,商品,金额\n必填,格式：年-月-日,文字,单位元\n"
        "1,2024-01-01,小计算器,10\n小计,,,10\n,,,\n\n2,2024-01-02,合计表,20\n"
        "本页合计,,,20\n单号,日期,商品,金额\n3,2024-01-03,总计,5\n合 计：,,,35\nTotal\n"
    )
    found = desk.rows(desk.write("a.csv", text))
    assert [row[0] for row in found] == ["1", "2", "3"]
    assert [row[2] for row in found] == ["小计算器", "合计表", "总计"]
    note = desk.last.notes[0]
    assert (note.heading_row, note.title_rows, note.explanation_rows) == (4, 2, 2)
    assert (note.total_rows, note.blank_rows, note.rows) == (4, 2, 3)


def test_totals_and_blanks_far_below_the_head(desk):
    body = "".join(f"{i},名{i}\n" + ("小计,\n\n" if i % 100 == 99 else "") for i in range(1000))
    assert len(desk.rows(desk.write("a.csv", "编号,名称\n" + body))) == 1000
    note = desk.last.notes[0]
    assert (note.total_rows, note.blank_rows) == (10, 10)


def test_a_product_named_like_a_sum_stays(desk):
    names = ["小计算器", "合计器", "总计划", "Total Care", "totally", "共计划", "合计家园店"]
    path = desk.write("a.csv", "名称,价\n" + "".join(f"{name},1\n" for name in names))
    assert [row[0] for row in desk.rows(path)] == names


@pytest.mark.parametrize(
    "name",
    [
        "合计",
        "小计：",
        "总计:",
        "本页合计",
        "本日小计",
        "Total",
        "Grand Total",
        "subtotal",
        "合　计",
    ],
)
def test_sums_are_known_by_their_leading_cell(desk, name):
    path = desk.write("a.csv", f"名称,门店,价\n甲,杭州,1\n,{name},9\n{name},,9\n乙,{name},1\n")
    assert [row[0] for row in desk.rows(path)] == ["甲", "乙"]
    assert desk.last.notes[0].total_rows == 2


def test_heading_row_and_skip_rows_as_given(desk):
    path = desk.write("a.csv", "2024-01,2024-02\n说明,说明\n1,2\n3,4\n")
    assert "heading" in desk.refused(desk.write("b.csv", "1,2024-01-01\n2,2024-01-02\n"))
    assert desk.rows(path, heading_row=1, skip_rows=(2,)) == [("1", "2"), ("3", "4")]
    assert desk.last.notes[0].explanation_rows == 1


def test_headings_are_trimmed_but_kept_as_written(desk):
    path = desk.write("a.csv", '\ufeff收货地址 ,\t订单付款时间　,"金额(元)",="编号"\n甲,乙,1,2\n')
    desk.rows(path)
    assert desk.last.columns == ("收货地址", "订单付款时间", "金额(元)", "编号")


def test_wrappers_of_cells_are_taken_off_and_nothing_else(desk):
    path = desk.write("a.csv", 'a,b,c,d\n"\t6917","=""0012""",\'0031, x \n007,1e5,-,无\n')
    assert desk.rows(path) == [("6917", "0012", "0031", " x "), ("007", "1e5", "-", "无")]


def test_trailing_empty_columns_are_no_columns(desk):
    path = desk.write("a.csv", "a,b,,\n1,2,,\n3,4,,\n")
    assert desk.rows(path) == [("1", "2"), ("3", "4")]
    assert desk.rows(desk.write("b.csv", "a,b\n1,2,,\n3,4,,\n")) == [("1", "2"), ("3", "4")]


def test_numbers_that_lost_their_digits_are_told(desk):
    whole = "".join(
        f"41234567890123456{i % 10},4.12346E+17,{4 + i}00000000000000000,x\n" for i in range(5)
    )
    path = desk.write("a.csv", "完整,科学,补零,文字\n" + whole)
    desk.rows(path)
    assert desk.last.notes[0].lost_digits == ("科学", "补零")


def test_limit_reads_only_the_beginning(desk):
    path = desk.write("a.csv", "a,b\n" + "1,2\n" * 400_000 + '"broken')
    assert desk.convert(path, limit=7).rows == 7
    assert desk.convert(path, path, limit=7).rows == 7
    desk.last.path.unlink()
    assert "quote" in desk.refused(path)


def test_line_breaks_quotes_and_right_to_left_text_inside_cells(desk):
    text = 'a,b\r\n"x\r\ny","say ""hi"""\r\n"שלום","مرحبا"\r\n'
    assert desk.rows(desk.write("a.csv", text)) == [("x\r\ny", 'say "hi"'), ("שלום", "مرحبا")]


def test_stray_quotes_inside_cells_are_read_the_careful_way(desk):
    path = desk.write("a.csv", "a,b\n" + "1,x\n" * 500 + '2,5" 管\n"3","y"\n')
    assert desk.rows(path)[-2:] == [("2", '5" 管'), ("3", "y")]


def test_control_signs_are_taken_out(desk):
    path = desk.write("in.csv", "会员号,商品\nA\x0b1,茶\x07叶\x1f\nA2,一\t二\n")
    assert desk.rows(path) == [("A1", "茶叶"), ("A2", "一\t二")]


def test_a_field_of_ten_megabytes(desk):
    big = "长" * (10 << 20 >> 1)
    path = desk.write("a.csv", f'a,b\n1,2\n3,"{big}\n{big[:9]}"\n4,5\n')
    found = desk.rows(path)
    assert [row[0] for row in found] == ["1", "3", "4"]
    assert found[1][1] == f"{big}\n{big[:9]}"


def test_members_of_an_archive_are_stacked(desk):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../2.csv", "a,b\n3,4\n")
        archive.writestr("d/1.csv", "a,b\n1,2\n")
        archive.writestr("__MACOSX/._1.csv", "junk")
    assert desk.rows(desk.write("a.zip", out.getvalue())) == [("3", "4"), ("1", "2")]
    assert not (desk.out.parent.parent / "2.csv").exists()


def test_progress_ends_at_the_size(desk):
    from loyalty_research.study.files import FileOptions, convert

    path, seen = desk.write("a.csv", "a,b\n" + "1,2\n" * 900_000), []
    convert(
        [path],
        FileOptions(),
        place="x",
        target=desk.out / "t.parquet",
        progress=lambda read, total: seen.append((read, total)),
    )
    size = path.stat().st_size
    assert seen[-1] == (size, size)
    assert seen == sorted(seen)
    assert len(seen) > 2


def test_the_first_line_of_excel_that_names_the_separator(desk):
    path = desk.write("a.csv", "sep=;\na;b\n1;2,5\n3;4,5\n")
    assert desk.rows(path) == [("1", "2,5"), ("3", "4,5")]
    assert desk.last.notes[0].title_rows == 1
