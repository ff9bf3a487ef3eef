"""Several files become one table."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty_research.study.files import FileOptions, convert


def test_columns_are_stacked_by_heading(desk):
    one, two = desk.write("1.csv", "a,b\n1,x\n"), desk.write("2.csv", "b,c,a\ny,z,2\n")
    assert desk.rows(one, two) == [("1", "x", None), ("2", "y", "z")]
    assert desk.last.columns == ("a", "b", "c")


def test_other_tables_are_refused(desk):
    one = desk.write("1.csv", "单号,会员,金额\n1,2,3\n")
    two = desk.write("2.csv", "商品,单价,类目\nx,1,y\n")
    message = desk.refused(one, two)
    for part in ("2.csv", "1.csv", "商品, 单价, 类目", "单号, 会员, 金额"):
        assert part in message


def test_rows_are_repeats_only_across_files(desk):
    one = desk.write("1.csv", "a,b\n1,x\n1,x\n2,\n3,z\n")
    two = desk.write("2.csv", "b,a\nx,1\n,2\nw,4\nz,3\nz,3\n")
    assert desk.rows(one, two) == [
        ("1", "x"),
        ("1", "x"),
        ("2", None),
        ("3", "z"),
        ("4", "w"),
        ("3", "z"),
    ]
    assert desk.last.repeats == 3
    assert [note.rows for note in desk.last.notes] == [4, 5]
    assert len(desk.rows(one)) == 4


def test_headings_only_in_one_of_several(desk):
    one, two = desk.write("1.csv", "a,b\n"), desk.write("2.csv", "a,b\n1,2\n")
    assert desk.rows(one, two) == [("1", "2")]


def test_types_of_parquet_are_brought_together(desk):
    one, two = desk.folder / "1.parquet", desk.folder / "2.parquet"
    pq.write_table(pa.table({"i": pa.array([1], pa.int32()), "m": [1.5], "n": [None]}), one)
    pq.write_table(
        pa.table({"i": pa.array([1, 2], pa.int64()), "m": ["1.5", "x"], "n": ["a", None]}), two
    )
    assert desk.rows(one, two) == [(1, "1.5", None), (1, "1.5", "a"), (2, "x", None)]


def test_limit_over_several_files(desk):
    one, two = desk.write("1.csv", "a,b\n1,x\n"), desk.write("2.csv", "a,c\n2,y\n3,z\n4,w\n")
    found = desk.convert(one, two, limit=2)
    assert (found.rows, found.columns) == (2, ("a", "b", "c"))


CELLS = st.sampled_from(["", "x", "y"])
FILES = st.lists(
    st.lists(st.tuples(st.just("k"), CELLS, CELLS), min_size=1, max_size=12), min_size=2, max_size=4
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files=FILES)
def test_each_row_stands_as_often_as_in_the_file_that_has_it_most(desk, files):
    paths = [
        desk.write(f"{number}.csv", "k,甲,乙\n" + "".join(",".join(row) + "\n" for row in rows))
        for number, rows in enumerate(files)
    ]
    expected: Counter[tuple[str | None, ...]] = Counter()
    for rows in files:
        expected |= Counter(tuple(cell or None for cell in row) for row in rows)
    done = convert(paths, FileOptions(), place="x", target=desk.out / "t.parquet")
    found = Counter(tuple(row.values()) for row in pq.read_table(done.path).to_pylist())
    assert found == expected
    assert done.repeats == sum(map(len, files)) - expected.total()


def test_too_little_memory_is_told(desk, monkeypatch):
    files = [
        desk.write(f"{number}.csv", "a,b\n" + "".join(f"{i},{i * 7}\n" for i in range(400_000)))
        for number in (1, 2)
    ]
    monkeypatch.setenv("LOYALTY_MEMORY", "1MB")
    assert "LOYALTY_MEMORY" in desk.refused(*files)
