"""Generated purchases come to the same totals through every format a brand may bring."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sqlite3
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from intake.desk import Desk

from loyalty_research.intake import Choices, Request, start_brand

HEADS = ("订单号", "支付时间", "会员号", "实付金额", "商品名称")
Row = tuple[str, str, str, str, str]
FIRST = dt.datetime(2024, 1, 1, 9, 30)
ORDERS, DAYS = 24, 60
NAME = st.text("茶糖葉\"',;|\n\t 0=", min_size=1, max_size=8).map(lambda text: f"品{text}完")


@st.composite
def purchases(draw: st.DrawFn) -> list[Row]:
    """Draw orders whose numbers and buyers begin with zeros; some have no buyer."""
    buyers = draw(st.lists(st.integers(1, 9999), min_size=3, max_size=6, unique=True))
    rows: list[Row] = []
    for place in range(ORDERS):
        at = FIRST + dt.timedelta(days=place * DAYS // ORDERS, minutes=draw(st.integers(0, 600)))
        known = [f"00{number}" for number in buyers]
        who = known[place] if place < len(known) else draw(st.sampled_from([*known, ""]))
        for _ in range(draw(st.integers(1, 2))):
            paid = Decimal(draw(st.integers(1, 10**7))) / 100
            row = (f"000{place:05d}", f"{at:%Y-%m-%d %H:%M:%S}", who, f"{paid:.2f}", draw(NAME))
            if row not in rows:
                rows.append(row)
    return rows


def text(rows: Sequence[Row], separator: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows([HEADS, *rows])
    return out.getvalue()


def text_writer(encoding: str, separator: str) -> Callable[[Sequence[Row], Path], None]:
    return lambda rows, path: path.write_bytes(text(rows, separator).encode(encoding)) and None


def xlsx(rows: Sequence[Row], path: Path) -> None:
    """Write texts as texts, amounts as numbers, times as times."""
    book = openpyxl.Workbook()
    book.active.append(HEADS)
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            cell = book.active.cell(number, column)
            if column == 2:
                cell.value = dt.datetime.fromisoformat(value)
            elif column == 4:
                cell.value = float(value)
            elif value:
                cell.value, cell.data_type = value, "s"
    book.save(path)


def xls(rows: Sequence[Row], path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("订单")
    for number, row in enumerate([HEADS, *rows]):
        for column, value in enumerate(row):
            sheet.write(number, column, float(value) if number and column == 3 else value)
    book.save(str(path))


def typed(rows: Sequence[Row]) -> pa.Table:
    number, at, who, paid, name = zip(*rows, strict=True)
    columns = [
        pa.array(number),
        pa.array([dt.datetime.fromisoformat(item) for item in at], pa.timestamp("us")),
        pa.array([item or None for item in who], pa.string()),
        pa.array([Decimal(item) for item in paid], pa.decimal128(12, 2)),
        pa.array(name),
    ]
    return pa.table(columns, names=HEADS)


def parquet(rows: Sequence[Row], path: Path) -> None:
    pq.write_table(typed(rows), path)


def duck(rows: Sequence[Row], path: Path) -> None:
    with duckdb.connect(str(path)) as base:
        base.register("given", typed(rows))
        base.execute("create table orders as select * from given")


def sqlite(rows: Sequence[Row], path: Path) -> None:
    base = sqlite3.connect(path)
    names = ", ".join(f'"{name}" text' for name in HEADS)
    base.execute(f"create table orders ({names})")
    base.executemany("insert into orders values (?, ?, ?, ?, ?)", rows)
    base.commit()
    base.close()


WRITERS: dict[str, Callable[[Sequence[Row], Path], None]] = {
    "utf-8.csv": text_writer("utf-8", ","),
    "gb18030.csv": text_writer("gb18030", ";"),
    "utf-16.txt": text_writer("utf-16", "\t"),
    "book.xlsx": xlsx,
    "book.xls": xls,
    "table.parquet": parquet,
    "base.duckdb": duck,
    "base.sqlite": sqlite,
}


@pytest.mark.parametrize("name", WRITERS)
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=purchases())
def test_every_format_comes_to_the_same_totals(desk: Desk, name: str, rows: list[Row]):
    path = desk.files / name
    path.unlink(missing_ok=True)
    WRITERS[name](rows, path)
    request = Request(
        "shop",
        {"transactions": (str(path),)},
        choices=Choices("Asia/Shanghai"),
        force=True,
    )
    started = start_brand(request, lambda key, **_fields: key)
    assert started.problems == ()
    assert started.totals is not None
    found = (started.totals.orders, started.totals.net_sales, started.totals.buyers)
    assert found == (
        len({row[0] for row in rows}),
        float(sum(Decimal(row[3]) for row in rows)),
        len({row[2] for row in rows if row[2]}),
    )
