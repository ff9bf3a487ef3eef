"""Values as exports write them, read for what they mean or refused by name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import ibis
import pytest

from loyalty_research.study.casting import cast_table
from loyalty_research.study.plan import ColumnPlan
from loyalty_research.study.texts import step_by_step
from loyalty_research.tables import Column, Kind

BAD = "cannot be read"


def read(kind: Kind, given: dict[Any, Any], typed: str = "string", **rule: Any) -> dict[Any, Any]:
    """Return what each value of ``given`` is read as: a value, None where missing, or BAD."""
    table = ibis.duckdb.connect().create_table(
        "given", ibis.memtable({"x": list(given)}, schema={"x": typed})
    )
    plan = ColumnPlan(Column("c", kind), ("x",), **rule)
    with step_by_step():
        cast = cast_table(table, [plan], zone="Asia/Shanghai", kinds={}, keep={"x": "x"})
        rows = cast.to_pyarrow().to_pylist()
    return {row["x"]: BAD if row["c__bad"] else row["c"] for row in rows}


def test_amounts() -> None:
    written = {
        "12.5": 12.5, "¥1,234.50": 1234.5, "￥12": 12, "$5": 5, "€ 3": 3, "12元": 12,
        "1，234.5": 1234.5,
        "1 234.00": 1234, "RMB 12": 12, "１２.５": 12.5, "\u30007": 7, " 7\t": 7,
        "(12.50)": -12.5, "12.50-": -12.5, "-12.5": -12.5, "－12.5": -12.5, "-¥5": -5, "¥-5": -5,
        "-": None, "--": None, "/": None, "无": None, "NULL": None, "N/A": None, "": None,
        "1e308": BAD, "NaN": BAD, "Infinity": BAD, "1,23": BAD, "5,": BAD, "12a": BAD, "(5": BAD,
        "--5": BAD,
    }  # fmt: skip
    expected = {
        text: Decimal(str(value)) if isinstance(value, (int, float)) else value
        for text, value in written.items()
    }
    assert read("money", written) == expected


@pytest.mark.parametrize("value", [float("inf"), 1e308])
def test_typed_amounts_that_are_not_finite_are_refused(value: float) -> None:
    assert read("money", {value: BAD, 5.0: Decimal(5)}, "float64") == {value: BAD, 5.0: Decimal(5)}


def test_identifiers() -> None:
    written = {
        " A1 ": "A1", "12345.0": "12345", "12.00": "12", "００１２": "0012", "\t6917": "6917",
        "1.5": "1.5", "v1.0": "v1.0", "张三": "张三", "无": None, "": None,
    }  # fmt: skip
    assert read("id", written) == written


def test_times() -> None:
    evening = dt.datetime(2024, 3, 1, 18, 5)
    midnight = dt.datetime(2024, 3, 1)
    afternoon = dt.datetime(2024, 3, 1, 15, 5)
    written = {
        "2024/3/1 18:05": evening, "2024年3月1日 18时05分": evening, "202403011805": evening,
        "20240301180500": evening, "2024-03-01T18:05:00+08:00": evening,
        "2024-03-01T10:05:00Z": evening, "2024-03-01T18:05": evening,
        "2024-03-01 星期五 18:05": evening, "2024.03.01": midnight, "20240301": midnight,
        "2024年3月1日": midnight, "２０２４-０３-０１": midnight, "2024-03-01 下午 3:05": afternoon,
        "2024/3/1 下午3:05": afternoon, "2024-03-01 3:05 PM": afternoon,
        "2024-03-01 12:05 AM": dt.datetime(2024, 3, 1, 0, 5),
        "2024年3月1日 18时05分30秒": dt.datetime(2024, 3, 1, 18, 5, 30),
        "45352.75": dt.datetime(2024, 3, 1, 18), "-": None,
        "03/04/2024": BAD, "24-03-01": BAD, "2024-13-01": BAD, "2024-02-30": BAD, "abc": BAD,
        "0000-00-00": None, "infinity": BAD,
    }  # fmt: skip
    assert read("time", written) == written


@pytest.mark.parametrize(
    ("order", "text", "day"),
    [
        ("mdy", "03/04/2024", (2024, 3, 4)),
        ("mdy", "3/4/24 10:00", (2024, 3, 4)),
        ("dmy", "03/04/2024", (2024, 4, 3)),
        ("dmy", "13.04.2024", (2024, 4, 13)),
        ("ymd", "24/3/4", (2024, 3, 4)),
        ("mdy", "2024-03-04", (2024, 3, 4)),
    ],
)
def test_order_of_day_and_month(order: str, text: str, day: tuple[int, int, int]) -> None:
    assert read("date", {text: None}, date_order=order) == {text: dt.date(*day)}


def test_numbers_as_times() -> None:
    evening = dt.datetime(2024, 3, 1, 18)
    assert read("time", {45352.75: 0, 20240301.0: 0, 3.0: 0}, "float64") == {
        45352.75: evening,
        20240301.0: dt.datetime(2024, 3, 1),
        3.0: BAD,
    }
    seconds = {1709287200: evening, 0: None}
    assert read("time", seconds, "int64", epoch="seconds") == seconds
    thousandths = {"1709287200000": evening, "0": None}
    assert read("time", thousandths, epoch="milliseconds") == thousandths


def test_values_a_rule_lists_as_missing() -> None:
    days = {"1900-01-01": None, "2024-03-01": dt.date(2024, 3, 1)}
    assert read("date", days, missing=("1900-01-01",)) == days
    stamps = {dt.datetime(1900, 1, 1): None, dt.datetime(2024, 3, 1): dt.datetime(2024, 3, 1)}
    assert read("time", stamps, "timestamp", missing=("1900-01-01",)) == stamps
    assert read("money", {"999": None}, missing=("999",)) == {"999": None}
    assert read("text", {"无": "x"}, values={"无": "x"}) == {"无": "x"}
