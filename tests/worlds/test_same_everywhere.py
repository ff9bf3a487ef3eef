"""A world is the same in chunks of any size, and a customer the same among any number."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from loyalty_research import worlds
from loyalty_research.worlds.world import World

NAMES = ("bakery", "renewal")


@pytest.fixture(scope="module", params=NAMES)
def world(request: pytest.FixtureRequest) -> World:
    return worlds.make(request.param, seed=11, customers=150)


def same(one: pa.Table, two: pa.Table) -> bool:
    return bool(one.to_pydict() == two.to_pydict())


def test_chunks_change_nothing(world: World) -> None:
    parts = list(world.parts(chunk=37, truth=True))
    for name, table in {
        **world.tables,
        **{f"hidden_{k}": v for k, v in world.hidden.items()},
    }.items():
        again = pa.concat_tables([part[name] for part in parts if name in part])
        if name == "hidden_gaps":  # in the order of rounds within a chunk
            table, again = (
                item.sort_by([("customer_id", "ascending"), ("number", "ascending")])
                for item in (table, again)
            )
        assert same(table, again), name


def test_a_customer_is_the_same_among_many(world: World) -> None:
    more = worlds.make(world.name, seed=11, customers=400)
    for name in (
        "transactions",
        "customers",
        "points",
        "exposures",
        "feedback",
        "survey",
        "events",
    ):
        some, many = world.tables[name], more.tables[name]
        known = pc.less_equal(many["customer_id"], 150)
        few = some.filter(pc.is_valid(some["customer_id"]))
        assert len(few) > 0
        assert same(few, many.filter(known)), name


def test_another_seed_is_another_world(world: World) -> None:
    other = worlds.make(world.name, seed=12, customers=150)
    assert not same(world.tables["transactions"], other.tables["transactions"])


def test_files_hold_the_tables(world: World, tmp_path) -> None:
    world.write(tmp_path, chunk=64)
    assert {path.stem for path in tmp_path.iterdir()} == set(world.tables)
    for name, table in world.tables.items():
        assert same(pq.read_table(tmp_path / f"{name}.parquet"), table), name


def test_golden_customer() -> None:
    """Whole numbers of one customer of each family, the same on every machine."""
    for name, wanted in GOLDEN.items():
        lines = worlds.make(name, seed=7, customers=40).tables["transactions"]
        own = lines.filter(pc.equal(lines["customer_id"], 17)).slice(0, 4).to_pydict()
        found = [
            (at.isoformat(), int(amount * 100), product, store)
            for at, amount, product, store in zip(
                own["ordered_at"], own["amount"], own["product_id"], own["store_id"], strict=True
            )
        ]
        assert (len(lines), found) == wanted, name


GOLDEN = {
    "bakery": (
        1025,
        [
            ("2023-11-30T12:34:14", 1100, 5, 2),
            ("2024-01-01T08:21:11", 900, 4, 2),
            ("2024-04-21T11:17:00", 1800, 1, 2),
            ("2024-07-06T12:21:26", 600, 6, 2),
        ],
    ),
    "renewal": (1358, [("2023-12-16T19:52:28", 1500, 4, 3)]),
}
