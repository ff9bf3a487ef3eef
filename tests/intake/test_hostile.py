"""Hostile files through the commands: loaded right, or one clear message and nothing left."""

from __future__ import annotations

import errno
import gzip
import io
import os
import shutil
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from ibis.backends.duckdb import Backend
from intake.desk import Desk

from loyalty_research.brand.document import load_document
from loyalty_research.cli import main
from loyalty_research.errors import BrandFileError, sentences
from loyalty_research.intake import totals_of
from loyalty_research.study import open_brand
from loyalty_research.study.files import unpacking

Cell = Callable[[int], object]
HEAD = "订单号,支付时间,会员号,实付金额,商品名称\n"


def day(place: int) -> str:
    return f"2024-01-{1 + place % 31:02d} 12:00:00"


def rows(
    count: int = 62,
    *,
    at: Cell = day,
    amount: Cell = lambda _: "10.50",
    buyer: Cell = lambda i: f"M{i % 9}",
    name: Cell = lambda _: "茶",
) -> str:
    lines = (f"A{i:04d},{at(i)},{buyer(i)},{amount(i)},{name(i)}\n" for i in range(count))
    return HEAD + "".join(lines)


def once(value: object, usual: Cell) -> Cell:
    """Return a column with one odd value."""
    return lambda i: value if i == 7 else usual(i)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", b"a,b\n" + b"0,0\n" * (20 << 20))
    return out.getvalue()


GOOD = rows().encode()
NEVER_BEGUN: dict[str, tuple[bytes, tuple[str, str]]] = {
    "cut off": (gzip.compress(rows(5000).encode())[:300], ("damaged or cut off", "已损坏")),
    "mixed encodings": (GOOD + "A,2024-01-01,M,1,中文\n".encode("gb18030"), ("mixes", "编码")),
    "ragged": (GOOD + b"A99,2024-01-01\n", ("line 64 has 2 cells", "64")),
    "NUL": (GOOD + b"A99,2024-01-01,M\0,1,x\n", ("NUL", "NUL")),
    "headings only": (HEAD.encode(), ("the table is empty", "表为空")),
    "empty": (b"", ("is empty", "空")),
    "heading twice": (GOOD.replace("商品名称".encode(), "订单号".encode()), ("twice", "重复")),
    "zip bomb": (bomb(), ("unpacks to far more", "解压")),
    "no dates at all": (rows(at=lambda i: f"第{i}天").encode(), ("no dates", "不是日期")),
    "no amounts at all": (rows(amount=lambda _: "十元").encode(), ("no numbers", "不是数字")),
}
NOT_OPENED = {
    "year 99999": (rows(at=once("99999-12-31", day)), ("'99999-12-31'", "data row 8")),
    "year 9999": (rows(at=once("9999-12-31", day)), ("9999-12-31", "1990-01-01 to")),
    "1e308": (rows(amount=once("1e308", lambda _: 10)), ("'1e308'", "finite amounts")),
    "NaN": (rows(amount=once("NaN", lambda _: 10)), ("'NaN'", "finite amounts")),
    "Infinity": (rows(amount=once("-Infinity", lambda _: 10)), ("'-Infinity'", "finite amounts")),
}


def nothing_left(desk: Desk) -> None:
    """Check that neither a brand nor a temporary file is there."""
    assert list((desk.home / "data" / "brands").iterdir()) == []
    assert [item for item in desk.cache.rglob("*") if item.is_file()] == []


def refused(desk: Desk, path: Path | str, ui: str = "en") -> str:
    """Begin a brand in vain; return what was told on stderr."""
    status = main(["--ui", ui, "new", "shop", "--transactions", str(path)])
    out, errors = desk.capture.readouterr()
    assert (status, out) == (2, "")
    assert "Traceback" not in errors
    return str(errors)


@pytest.mark.parametrize("ui", ["en", "zh"])
@pytest.mark.parametrize("name", NEVER_BEGUN)
def test_a_file_that_cannot_be_read_begins_nothing(desk: Desk, name: str, ui: str):
    content, told = NEVER_BEGUN[name]
    path = desk.files / "in.csv"
    path.write_bytes(content)
    errors = refused(desk, path, ui)
    assert len(errors.splitlines()) == 1
    assert "in.csv" in errors
    assert told[ui == "zh"] in errors
    nothing_left(desk)


@pytest.mark.parametrize("name", NOT_OPENED)
def test_a_value_that_cannot_be_meant_is_named_with_its_row_or_range(desk: Desk, name: str):
    text, told = NOT_OPENED[name]
    status, out, _ = desk.new("shop", "--transactions", desk.write("in.csv", text))
    assert status == 2
    assert "The brand cannot be opened yet" in out
    assert [part for part in (*told, "in.csv", "missing") if part not in out] == []
    assert main(["--ui", "en", "check", "shop"]) == 2
    errors = desk.capture.readouterr().err
    assert [part for part in told if part not in errors] == []
    assert not list(desk.cache.glob("brands/shop/*"))


LOADED = {
    "a field of ten megabytes": rows(name=once("茶" * 3_500_000, lambda _: "茶")),
    "right-to-left text": rows(
        name=lambda _: "\u202eشاي\u202c", buyer=lambda i: f"\u200fعميل{i % 9}"
    ),
}


@pytest.mark.parametrize("name", LOADED)
def test_odd_text_is_loaded_right(desk: Desk, name: str):
    status, _, errors = desk.new("shop", "--transactions", desk.write("in.csv", LOADED[name]))
    assert (status, errors) == (0, "")
    found = totals_of(open_brand("shop"))
    assert found is not None
    assert (found.orders, found.net_sales, found.buyers) == (62, 651.0, 9)


def test_an_unpaid_order_without_a_date_is_no_sale(desk: Desk):
    text = rows(at=once("0000-00-00 00:00:00", day))
    lines = [
        f"{line},{'待付款' if ',0000' in line else '已完成'}" for line in text.splitlines()[1:]
    ]
    text = "\n".join([f"{HEAD.strip()},订单状态", *lines])
    status, _, errors = desk.new("shop", "--transactions", desk.write("in.csv", text))
    assert (status, errors) == (0, "")
    assert open_brand("shop").quality.facts["orders"] == 61


def test_a_folder_and_a_link_that_leaves(desk: Desk):
    desk.write("in.csv", rows())
    assert "is a folder" in refused(desk, desk.files)
    nothing_left(desk)
    link = desk.brand_file("shop").with_name("link.csv")
    link.parent.mkdir()
    link.symlink_to(desk.files / "in.csv")
    assert "leaves the brand's folder" in refused(desk, link)
    assert [item.name for item in link.parent.iterdir()] == ["link.csv"]


def raising(error: int) -> Callable[..., object]:
    def refuse(*_given: object, **_more: object) -> object:
        raise OSError(error, os.strerror(error))

    return refuse


def test_a_file_that_may_not_be_read(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    path = desk.write("in.csv", rows())
    usual = Path.open

    def deny(self: Path, *given: object, **more: object) -> object:  # root may read anything
        refuse = raising(errno.EACCES) if self == path else usual
        return refuse(self, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", deny)
    errors = refused(desk, path)
    assert "in.csv" in errors
    assert "Permission denied" in errors
    nothing_left(desk)


def test_a_file_that_changes_while_it_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    path, counting = desk.write("in.csv", rows()), unpacking._Counting.readinto

    def spoil(self: object, buffer: object) -> int:
        os.utime(path, ns=(1, 1))
        return counting(self, buffer)  # type: ignore[arg-type]

    monkeypatch.setattr(unpacking._Counting, "readinto", spoil)
    assert "changed while it was read" in refused(desk, path)
    nothing_left(desk)


@pytest.mark.parametrize(
    ("owner", "name"),
    [(pq.ParquetWriter, "write_table"), (Backend, "to_parquet"), (Path, "write_text")],
)
def test_a_full_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch, owner: type, name: str):
    path = desk.write("in.csv", rows())
    monkeypatch.setattr(owner, name, raising(errno.ENOSPC))
    errors = refused(desk, path)
    assert "disk is full" in errors or "No space left" in errors
    assert "nothing was kept" in errors
    nothing_left(desk)


def test_a_disk_that_fills_up_while_the_brand_is_opened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    assert desk.new("shop", "--transactions", desk.write("in.csv", rows()))[0] == 0
    shutil.rmtree(desk.cache)
    monkeypatch.setattr(Backend, "to_parquet", raising(errno.ENOSPC))
    assert main(["--ui", "zh", "check", "shop"]) == 2
    assert "磁盘已满" in desk.capture.readouterr().err
    assert not list(desk.cache.glob("brands/*"))


@pytest.mark.parametrize("ui", ["en", "zh"])
def test_a_cache_that_is_no_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch, ui: str):
    path = desk.write("in.csv", rows())
    monkeypatch.setenv("LOYALTY_CACHE", str(path))
    assert "LOYALTY_CACHE" in refused(desk, path, ui)
    assert list((desk.home / "data" / "brands").iterdir()) == []


def test_a_file_where_the_brand_should_be(desk: Desk):
    place = desk.brand_file("shop").parent
    place.write_text("mine", encoding="utf-8")
    assert "data/brands/shop/brand.yaml: cannot be" in refused(desk, desk.write("in.csv", rows()))
    assert place.read_text("utf-8") == "mine"


@pytest.mark.parametrize("command", [["check"], ["check", "--json"], ["report"]])
def test_a_source_spoiled_later(desk: Desk, command: list[str]):
    (desk.home / "notebooks").symlink_to(Path(__file__).parents[2] / "notebooks")
    path = desk.write("in.csv", rows())
    assert desk.new("shop", "--transactions", path)[0] == 0
    path.write_bytes(GOOD + b"A99,2024-01-01\n")
    kept = sorted(desk.cache.glob("brands/shop/*"))
    status = main(["--ui", "en", command[0], "shop", *command[1:]])
    out, errors = desk.capture.readouterr()
    assert status == 2
    assert "line 64 has 2 cells" in out + errors
    assert "Traceback" not in out + errors
    assert sorted(desk.cache.glob("brands/shop/*")) == kept
    assert not (desk.home / "reports" / "shop" / "en").exists()


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{name}'] * 9)}]\n" for name, after in pairwise("abcdefghij")
)
DOCUMENTS = {
    "a mass of aliases": (LAUGHS + "name: *j\ntables: *j\n", ("more than 100,000 values", "别名")),
    "an alias of itself": ("name: &a {zh: *a, en: x}\n", ("refers to itself", "引用了自身")),
    "a tag": ("name: !!python/object/apply:os.system ['true']\n", ("the tag !!python", "标签")),
    "a tag of an object": ("name: !!python/object:os.x {}\n", ("the tag !!python", "标签")),
    "depth": ("name: " + "[" * 20_000 + "\n", ("nested too deeply", "嵌套层数过多")),
}


@pytest.mark.parametrize("ui", ["en", "zh"])
@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("file", ["brand.yaml", "editorial.yaml"])
def test_a_document_that_is_a_trap(desk: Desk, file: str, name: str, ui: str):
    text, told = DOCUMENTS[name]
    path = desk.brand_file("shop").with_name(file)
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BrandFileError) as caught:
        load_document(path)
    (line,) = sentences(caught.value, ui)
    assert told[ui == "zh"] in line
    assert f"data/brands/shop/{file}" in line
    if file == "brand.yaml":
        assert main(["--ui", ui, "check", "shop"]) == 2
        assert line in desk.capture.readouterr().err
