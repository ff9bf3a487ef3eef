"""Connections are told apart, results leave sorted and rounded."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from ibis.backends import BaseBackend
from ibis.common.exceptions import IbisError

from loyalty_research.engine import (
    Context,
    as_table,
    attach_context,
    collect,
    collect_one,
    connect,
    context_of,
    query_count,
    require_columns,
)
from loyalty_research.engine.collect import round_significant
from loyalty_research.errors import DataError, ParameterError


def test_two_connections_are_two() -> None:
    one, two = connect(), connect()
    attach_context(one, Context(brand="one"))
    attach_context(two, Context(brand="two"))
    first = one.create_table("t", ibis.memtable({"a": [1]}))
    second = two.create_table("t", ibis.memtable({"a": [2]}))
    assert [context_of(table).brand for table in (first, second)] == ["one", "two"]
    assert [collect_one(table) for table in (first, second)] == [{"a": 1}, {"a": 2}]
    with pytest.raises(IbisError, match="different connections"):
        collect_one(first.cross_join(second))


def test_two_connections_that_spill_to_one_folder_do_not_disturb_each_other(
    tmp_path: Path,
) -> None:
    groups = "select i % 1500000 as k, min(hash(i)) as a, count(*) as n from range(3000000) t(i)"
    total = f"select count(*)::bigint, sum(n)::bigint from ({groups} group by k)"

    def run(backend: BaseBackend) -> tuple[int, int]:
        found: tuple[int, int] = backend.con.execute(total).fetchone()
        return found

    folder = tmp_path / "not" / "yet" / "made"
    backends = [connect(temp_directory=str(folder), memory_limit="60MB") for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        assert list(pool.map(run, backends)) == [(1_500_000, 3_000_000)] * 2


def test_nothing_is_downloaded() -> None:
    row = connect().con.execute("select current_setting('autoinstall_known_extensions')").fetchone()
    assert row == (False,)


def test_collect_sorts_and_turns_decimals_to_floats() -> None:
    table = ibis.memtable({"k": ["b", "a", "c"], "v": [2, 1, 3]})
    frame = collect(table.mutate(v=table.v.cast("decimal(18, 4)")), sort_by=["k"])
    assert frame["k"].tolist() == ["a", "b", "c"]
    assert frame["v"].tolist() == [1.0, 2.0, 3.0]
    assert frame["v"].dtype == np.float64


def test_collect_one_keeps_whole_numbers_whole() -> None:
    row = collect_one(ibis.memtable({"n": [2**53 + 1], "x": [0.5], "s": ["a"], "none": [None]}))
    assert row == {"n": 2**53 + 1, "x": 0.5, "s": "a", "none": None}
    assert isinstance(row["n"], int)


def test_queries_are_counted() -> None:
    before = query_count()
    collect_one(ibis.memtable({"n": [1]}))
    assert query_count() == before + 1


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.1 + 0.2, 0.3), (1 / 3, 0.333333333333), (123456789.123456789, 123456789.123), (0.0, 0.0)],
)
def test_twelve_significant_digits(value: float, rounded: float) -> None:
    assert round_significant(np.array([value]))[0] == rounded


def test_rounding_keeps_what_is_no_number() -> None:
    out = round_significant(np.array([np.nan, np.inf, 1e-320, 1e308]))
    assert math.isnan(out[0])
    assert out[1] == np.inf
    assert np.isfinite(out[2:]).all()


def test_as_table_refuses_what_is_no_table() -> None:
    assert as_table(pd.DataFrame({"a": [1]})).columns == ("a",)
    with pytest.raises(ParameterError, match=r"orders: found dict; allowed: .*pandas"):
        as_table({"a": [1]})


def test_require_columns_lists_all_that_miss() -> None:
    table = ibis.table({"a": "int64"}, name="t")
    with pytest.raises(DataError, match=r"orders: missing column\(s\) b, c; the table has a"):
        require_columns(table, ["a", "b", "c"])


@pytest.mark.parametrize("limit", ["lots", "-1GB", "800", ""])
def test_a_wrong_memory_limit_is_one_sentence(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setenv("LOYALTY_MEMORY", limit)
    with pytest.raises(ParameterError, match=r"LOYALTY_MEMORY: found .*800MB or 4GB"):
        connect()


def test_the_engine_keeps_what_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_MEMORY", "123MiB")
    kept = connect().raw_sql("select current_setting('memory_limit')").fetchone()
    assert kept == ("123.0 MiB",)
