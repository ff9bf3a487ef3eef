"""Any table of text, written in any way, comes back as it was."""

from __future__ import annotations

import csv
import gzip
import io
import sqlite3
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty_research.study.files import FileOptions, convert

HEADINGS = ("会员号", "商品 name", "金额(元)")
ALPHABET = st.one_of(
    st.sampled_from("0123456789.-,;|\"'\n\t =/合计小总共Total 　"),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
    st.characters(min_codepoint=0x20, max_codepoint=0x7E),
    st.sampled_from("éשלע😀𠮷"),
)


def _untouched(text: str) -> bool:
    """Tell whether a cell has none of the marks that are taken off."""
    return text == text.strip() and not text.startswith(("'", "=")) and "\r" not in text


CELL = st.text(ALPHABET, max_size=8).filter(_untouched)
TABLE = st.lists(st.tuples(CELL, CELL).map(lambda two: ("0012", *two)), min_size=1, max_size=30)


def as_csv(rows, path: Path, *, encoding: str, separator: str, quoting: int) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator="\n")
    writer.writerows([HEADINGS, *rows])
    content = out.getvalue().encode(encoding)
    path.write_bytes(content)
    return content


def zip_of(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
    return out.getvalue()


def text_writer(encoding: str, separator: str, quoting: int, pack) -> object:
    def write(rows, path: Path) -> None:
        path.write_bytes(
            pack(as_csv(rows, path, encoding=encoding, separator=separator, quoting=quoting))
        )

    return write


def xlsx(rows, path: Path) -> None:
    book = openpyxl.Workbook()
    for number, row in enumerate([HEADINGS, *rows], 1):
        for column, value in enumerate(row, 1):
            if value:
                cell = book.active.cell(number, column)
                cell.value, cell.data_type = value, "s"
    book.save(path)


def xls(rows, path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("a")
    for number, row in enumerate([HEADINGS, *rows]):
        for column, value in enumerate(row):
            if value:
                sheet.write(number, column, value)
    book.save(str(path))


def parquet(rows, path: Path) -> None:
    columns = [[value or None for value in column] for column in zip(*rows, strict=True)]
    pq.write_table(pa.table([pa.array(c, pa.string()) for c in columns], names=HEADINGS), path)


def sqlite(rows, path: Path) -> None:
    base = sqlite3.connect(path)
    base.execute('create table t ("会员号" text, "商品 name" text, "金额(元)" text)')
    base.executemany("insert into t values (?, ?, ?)", [[v or None for v in row] for row in rows])
    base.commit()
    base.close()


def duck(rows, path: Path) -> None:
    with duckdb.connect(str(path)) as base:
        base.execute('create table t ("会员号" text, "商品 name" text, "金额(元)" text)')
        base.executemany(
            "insert into t values (?, ?, ?)", [[v or None for v in row] for row in rows]
        )


PACK = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": lambda content: pa.compress(content, codec="zstd", asbytes=True),
    "zip": zip_of,
}
WRITERS = {
    f"{encoding} {separator!r} {pack}": text_writer(encoding, separator, quoting, PACK[pack])
    for encoding, separator, quoting, pack in [
        ("utf-8", ",", csv.QUOTE_MINIMAL, "plain"),
        ("utf-8", ";", csv.QUOTE_ALL, "zip"),
        ("utf-8-sig", "\t", csv.QUOTE_MINIMAL, "gzip"),
        ("gb18030", ",", csv.QUOTE_ALL, "plain"),
        ("gb18030", "\t", csv.QUOTE_MINIMAL, "zstd"),
        ("utf-16", "|", csv.QUOTE_MINIMAL, "plain"),
    ]
}
WRITERS |= {"xlsx": xlsx, "xls": xls, "parquet": parquet, "sqlite": sqlite, "duckdb": duck}


@pytest.mark.parametrize("way", WRITERS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=TABLE)
def test_round_trip(desk, way, rows):
    path = desk.folder / "in"
    path.unlink(missing_ok=True)
    WRITERS[way](rows, path)
    done = convert([path], FileOptions(heading_row=None), place="x", target=desk.out / "t.parquet")
    found = pq.read_table(done.path)
    assert done.columns == HEADINGS
    expected = [tuple(value or None for value in row) for row in rows]
    assert [tuple(row.values()) for row in found.to_pylist()] == expected
