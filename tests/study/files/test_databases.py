"""Parquet, SQLite, DuckDB and a real PostgreSQL server."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SERVERS = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
PASSWORD = "s3cret/pass@word"
QUOTED = "s3cret%2Fpass%40word"


def test_parquet_stays_as_typed(desk):
    table = pa.table(
        {
            "id": pa.array([412345678901234567, 2]),
            "at": pa.array([dt.datetime(2024, 1, 2, tzinfo=dt.UTC), None]),
            "paid": pa.array([Decimal("1.25"), None], pa.decimal128(18, 4)),
            "城市": pa.array(["杭州", "\t上海"]).dictionary_encode(),
        }
    )
    path = desk.folder / "a.parquet"
    pq.write_table(table, path)
    found = pq.read_table(desk.convert(path).path)
    assert found.drop(["城市"]).equals(table.drop(["城市"]))
    assert found["城市"].to_pylist() == ["杭州", "\t上海"]
    assert found["城市"].type == pa.string()
    assert desk.convert(path, limit=1).rows == 1


def test_sqlite(desk):
    path = desk.folder / "店's.db"
    with sqlite3.connect(path) as base:
        base.execute('create table "订 单" (id integer, paid real, name text, mixed, empty)')
        base.execute("insert into \"订 单\" values (412345678901234567, 1.5, '007', 1, null)")
        base.execute("insert into \"订 单\" values (2, 2, '', 'x', null)")
        base.execute("create view v as select 1 as a")
    base.close()
    assert "v, 订 单" in desk.refused(path)
    message = desk.refused(path, table="订单")
    assert "did you mean '订 单'?" in message
    assert desk.rows(path, table="订 单") == [
        (412345678901234567, 1.5, "007", "1", None),
        (2, 2.0, "", "x", None),
    ]
    assert (desk.last.notes[0].kind, desk.last.notes[0].sheet) == ("sqlite", "订 单")
    assert desk.rows(path, table="v") == [(1,)]


def test_duckdb(desk):
    path = desk.folder / "a.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute(
            "create table t as select 7::bigint as id, 1.25::decimal(18,4) as paid, 'x' as s"
        )
    before = path.read_bytes()
    assert desk.rows(path) == [(7, Decimal("1.2500"), "x")]
    assert path.read_bytes() == before
    assert desk.last.notes[0].kind == "duckdb"


def test_a_view_may_not_read_other_files(desk):
    secret, path = desk.write("secret.csv", "a\nhidden\n"), desk.folder / "a.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute(f"create view v as select * from read_csv('{secret}')")
    assert "hidden" not in desk.refused(path)


def test_an_unknown_driver_says_what_to_install(desk):
    message = desk.refused("postgresql://u:p@h/b", table="t") if not _driver() else ""
    assert not message or "loyalty-research[postgres]" in message
    assert "foo" in desk.refused("foo://u:pass@h/b", table="t")


def test_the_driver_is_missing(desk, monkeypatch):
    import ibis

    def missing(_address):
        raise ImportError("No module named 'psycopg'")

    monkeypatch.setattr(ibis, "connect", missing)
    message = desk.refused(f"postgresql://u:{QUOTED}@h/b", table="t")
    assert "pip install 'loyalty-research[postgres]'" in message
    assert QUOTED not in message


def _driver() -> bool:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return False
    return True


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """The port of a server of our own, stopped at the end."""
    if not SERVERS:
        pytest.skip("PostgreSQL's initdb is not installed")
    programs = SERVERS[0]
    root = os.geteuid() == 0
    runuser = shutil.which("runuser", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if root and not runuser:
        pytest.skip("initdb refuses root, and there is no runuser")
    as_user = [str(runuser), "-u", "postgres", "--"] if root else []
    home = Path(subprocess.check_output([*as_user, "mktemp", "-d"], text=True, cwd="/").strip())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, cwd="/", stdout=subprocess.DEVNULL)

    given = subprocess.run(
        [*as_user, "tee", f"{home}/password"],
        input=PASSWORD,
        text=True,
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
    )
    assert given.returncode == 0
    run(
        f"{programs}/initdb",
        "-D",
        f"{home}/data",
        "-U",
        "me",
        "--auth=scram-sha-256",
        f"--pwfile={home}/password",
        "-E",
        "UTF8",
        "--no-sync",
    )
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {home} -c fsync=off"
    run(
        f"{programs}/pg_ctl",
        "-D",
        f"{home}/data",
        "-o",
        options,
        "-l",
        f"{home}/log",
        "-w",
        "start",
    )
    try:
        yield port
    finally:
        run(f"{programs}/pg_ctl", "-D", f"{home}/data", "-m", "immediate", "stop")
        run("rm", "-rf", str(home))


def test_postgresql(desk, server, monkeypatch):
    psycopg = pytest.importorskip("psycopg")
    address = f"postgresql://me:{QUOTED}@127.0.0.1:{server}/postgres"
    with psycopg.connect(address) as base:
        base.execute(
            """create table "订单" as select i::bigint as id, '会员' || i as name,
            (i / 4.0)::numeric(18,4) as paid, '2024-01-02 03:04:05'::timestamp as at,
            date '2024-01-02' as day from generate_series(1, 120000) as s(i)"""
        )
    found = desk.rows(address, table="订单")
    assert len(found) == 120_000
    assert sorted(found)[0] == (
        1,
        "会员1",
        Decimal("0.2500"),
        dt.datetime(2024, 1, 2, 3, 4, 5),
        dt.date(2024, 1, 2),
    )
    note = desk.last.notes[0]
    assert (note.kind, note.sheet, note.rows) == ("database", "订单", 120_000)
    assert note.file == f"postgresql://me@127.0.0.1:{server}/postgres"
    assert desk.convert(address, table="订单", limit=5).rows == 5
    desk.last.path.unlink()

    wrong = f"postgresql://me:{QUOTED}x@127.0.0.1:{server}/postgres"
    message = desk.refused(wrong, table="订单")
    assert "authentication" in message
    for secret in (PASSWORD, QUOTED):
        assert secret not in message
        assert secret not in repr(desk.last)
    assert "订单" in desk.refused(address, table="订")

    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert (
        desk.convert(f"postgresql://me@127.0.0.1:{server}/postgres", table="订单").rows == 120_000
    )


def test_types_of_postgresql(desk, server):
    psycopg = pytest.importorskip("psycopg")
    address = f"postgresql://me:{QUOTED}@127.0.0.1:{server}/postgres"
    with psycopg.connect(address) as base:
        base.execute(
            """create table kinds as select true as flag, 1.5::float8 as number, 2::int as whole,
            'a4e1f0f8-0000-4000-8000-000000000001'::uuid as uuid, '{"a": 1}'::jsonb as json,
            array['x', 'y'] as list, timestamptz '2024-01-02 03:04:05+08' as at,
            time '03:04:05' as hour, 3::numeric as free, null::text as nothing, 'c'::char(3) as c"""
        )
    (found,) = desk.rows(address, table="kinds")
    row = dict(zip(desk.last.columns, found, strict=True))
    assert (row["flag"], row["number"], row["whole"], row["free"]) == (True, 1.5, 2, "3")
    assert row["at"] == dt.datetime(2024, 1, 1, 19, 4, 5, tzinfo=dt.UTC)
    assert row["uuid"] == "a4e1f0f8-0000-4000-8000-000000000001"
    assert row["hour"] == "03:04:05"
    assert row["nothing"] is None


def test_postgresql_that_does_not_answer(desk):
    pytest.importorskip("psycopg")
    message = desk.refused(f"postgresql://me:{QUOTED}@127.0.0.1:1/b", table="t")
    assert "cannot be opened" in message
    assert QUOTED not in message
