"""Files that cannot be trusted: refused in one sentence, with nothing left behind."""

from __future__ import annotations

import errno
import gzip
import io
import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loyalty_research.study.files import unpacking

GOOD = "a,b\n" + "".join(f"{i},值{i}\n" for i in range(2000))


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("_", "."), content)
    return out.getvalue()


def encrypted() -> bytes:
    """A zip whose entry says that it is encrypted."""
    content = bytearray(archive(a_csv=b"a,b\n1,2\n"))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


NOISE = os.urandom(50_000).hex().encode()
CASES: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "empty": (b"", ("is empty",)),
    "only blank lines": (b"\n\n  \n", ("is empty",)),
    "only a mark": (b"\xef\xbb\xbf", ("is empty",)),
    "headings only": ("订单号,金额\n".encode(), ("the table is empty",)),
    "truncated gz": (half(gzip.compress(GOOD.encode())), ("damaged or cut off",)),
    "gz of rubbish": (b"\x1f\x8b" + NOISE[:200], ("damaged or cut off",)),
    "truncated zst": (
        half(pa.compress(NOISE, codec="zstd", asbytes=True)),
        ("damaged or cut off",),
    ),
    "truncated zip": (half(archive(a_csv=NOISE)), ("damaged or cut off",)),
    "zip with a broken member": (
        archive(a_csv=NOISE).replace(b"PK\x05\x06", b"PK\x05\x06", 1)[:60]
        + bytes(200)
        + archive(a_csv=NOISE)[260:],
        ("damaged or cut off",),
    ),
    "empty zip": (archive(), ("holds no file",)),
    "encrypted zip": (encrypted(), ("password",)),
    "zip bomb": (archive(a_csv=b"a,b\n" + b"0,0\n" * (20 << 20)), ("unpacks to far more",)),
    "gz bomb": (gzip.compress(b"a,b\n" + b"0,0\n" * (20 << 20)), ("unpacks to far more",)),
    "zst bomb": (
        pa.compress(b"a,b\n" + b"0,0\n" * (20 << 20), codec="zstd", asbytes=True),
        ("unpacks to far more",),
    ),
    "zip of zips": (archive(a_zip=archive(b_csv=b"a,b\n1,2\n")), ("a.zip", "is zip", "allowed")),
    "gz of gz": (gzip.compress(gzip.compress(b"a,b\n1,2\n")), ("is gzip", "allowed")),
    "PDF": (b"%PDF-1.7 " + NOISE, ("is PDF", "CSV")),
    "gb18030 after utf-8": (
        "a,b\n1,这是一行中文文字\n".encode() + "2,这是另一行文字\n".encode("gb18030"),
        ("mixes encodings", "byte 33"),
    ),
    "utf-8 after gb18030": (
        "a,b\n1,这是一行中文文\n".encode("gb18030") * 10 + "2,这是另外一行中文字。\n".encode(),
        ("byte",),
    ),
    "neither": (b"a,b\n1,\xff\xfe\xfa\n", ("byte 6", "utf-8, gb18030", "encoding:")),
    "cut in a character": (GOOD.encode()[:-6], ("mixes encodings", "byte")),
    "NUL": (b"a,b\n1,\0\n", ("NUL",)),
    "UTF-16 without a mark": ("a,b\n1,2\n".encode("utf-16-le"), ("NUL", "utf-16-le")),
    "short row": (b"a,b,c\n1,2,3\n4,5\n", ("line 3", "2 cells", "heading 3")),
    "last field missing, far down": (
        b"a,b,c\n" + b"1,2,3\n" * 5000 + b'"x\ny",1\n',
        ("line 5,002", "2 cells", "heading 3"),
    ),
    "long row": (b"a,b\n1,2\n3,4,5\n", ("line 3", "3 cells", "heading 2")),
    "long row far down": (b"a,b\n" + b"1,2\n" * 999 + b"3,4,5\n", ("line 1,001", "3 cells")),
    "value beside the headings": (b"a,b,,\n" + b"1,2,,\n" * 999 + b"3,4,,5\n", ("line 1,001",)),
    "unclosed quote": (b'a,b\n1,"x\n2,y\n3,z\n', ("line 2", "quote")),
    "unclosed quote far down": (
        b"a,b\n" + b"1,2\n" * 999 + b'3,"x\n' + b'4,"y"\n' * 9,
        ("line 1,001", "quote"),
    ),
    "headings twice": (b"a,b,a\n1,2,3\n", ("'a'", "twice")),
    "XML spreadsheet": (
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        ("XML spreadsheet", ".xlsx"),
    ),
    "web page without a table": (b"<html><body>Please log in</body></html>", ("without a table",)),
    "workbook that is rubbish": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NOISE, ("damaged",)),
    "Parquet that is cut off": (b"PAR1" + NOISE, ("Parquet",)),
    "SQLite that is rubbish": (b"SQLite format 3\0" + NOISE, ("SQLite",)),
    "DuckDB that is rubbish": (b"12345678DUCK" + NOISE, ("DuckDB",)),
    "no line breaks": (b"x" * (70 << 20), ("record of more than 64 MB",)),
}


@pytest.mark.parametrize("case", CASES)
def test_refused_in_one_sentence(desk, case):
    content, told = CASES[case]
    message = desk.refused(desk.write("in.csv", content))
    assert "\n" not in message
    assert "in.csv" in message
    assert [part for part in told if part not in message] == []


def test_all_problems_of_all_files_at_once(desk):
    files = [desk.write("1.csv", b""), desk.write("2.csv", "a\n1\n"), desk.write("3.csv", b"%PDF")]
    message = desk.refused(*files)
    assert [line.count("csv") for line in message.splitlines()] == [1, 1]
    assert "1.csv" in message.splitlines()[0]


def test_a_folder(desk):
    assert "folder" in desk.refused(desk.folder)


def test_a_file_that_is_gone(desk):
    assert "No such file" in desk.refused(desk.folder / "gone.csv")


def test_a_file_that_may_not_be_read(desk, monkeypatch):
    path = desk.write("a.csv", GOOD)
    path.chmod(0)
    if os.access(path, os.R_OK):  # the superuser may read anything
        refuse = OSError(errno.EACCES, os.strerror(errno.EACCES))
        monkeypatch.setattr(Path, "open", lambda *_args, **_more: (_ for _ in ()).throw(refuse))
    assert "Permission denied" in desk.refused(path)


@pytest.mark.parametrize("change", ["longer", "same size"])
def test_a_file_that_changes_while_it_is_read(desk, monkeypatch, change):
    path = desk.write("a.csv", GOOD)
    counting, size = unpacking._Counting.readinto, path.stat().st_size

    def spoil(self, buffer):
        count = counting(self, buffer)
        if change == "longer" and path.stat().st_size == size:
            with path.open("ab") as stream:
                stream.write(b"x,y,z\n")
        elif change == "same size":
            os.utime(path, ns=(1, 1))
        return count

    monkeypatch.setattr(unpacking._Counting, "readinto", spoil)
    assert "changed while it was read" in desk.refused(path)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk(desk, monkeypatch, error):
    def full(*_args, **_more):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    message = desk.refused(desk.write("a.csv", GOOD))
    assert "disk is full" in message
    assert "LOYALTY_CACHE" in message


def test_what_stood_in_the_target_stays_where_reading_fails(desk):
    target = desk.out / "table.parquet"
    desk.convert(desk.write("a.csv", GOOD))
    before = target.read_bytes()
    with pytest.raises(AssertionError, match=r"table\.parquet"):
        desk.refused(desk.write("b.csv", b"a,b\n1\n"))
    assert target.read_bytes() == before


def test_the_table_is_private(desk):
    done = desk.convert(desk.write("a.csv", GOOD))
    assert done.path.stat().st_mode & 0o077 == 0


def test_an_encoding_that_is_none(desk):
    message = desk.refused(desk.write("a.csv", GOOD), encoding="klingon")
    assert "'klingon'" in message
    assert "gb18030" in message
    assert "encoding" in desk.refused(desk.write("a.csv", GOOD), encoding="base64")


def test_a_given_encoding_that_is_wrong(desk):
    message = desk.refused(desk.write("a.csv", "a,b\n1,中文\n".encode("gb18030")), encoding="utf-8")
    assert "byte 6" in message
    assert "utf-8" in message
