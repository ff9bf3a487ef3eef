"""Worlds at scale, against writing as many uniformly random rows, and null worlds by the hundred.

``python benchmarks/generator.py scale [CUSTOMERS]`` writes a world of a million customers, two
years and about 50 lines each, with all its tables, and then a table of the columns of its lines and
as many rows of uniform random numbers, each in a process of its own; prints seconds, the ratio, and
the peak memory.

``python benchmarks/generator.py null [WORLDS]`` makes null worlds, tests in each whether the
groups of a column, or the halves of the period, differ at 5 %, and compares how often with 5 % by
an exact binomial test.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import stats

from loyalty_research import worlds

LEVEL = 0.05
BUSY = {"rate_scale": 7.0, "dropout": [0.5, 10.0]}
"""Makes 50 lines a customer."""
_ROWS = 1 << 20
_EPOCH = 1_672_531_200


def write_world(folder: Path, customers: int) -> int:
    """Write the bakery and return its transaction lines."""
    worlds.make("bakery", seed=1, customers=customers, timing=BUSY).write(folder)
    return int(pq.read_metadata(folder / "transactions.parquet").num_rows)


def write_random(folder: Path, rows: int) -> int:
    """Write as many rows of the same columns, every value uniformly random."""
    rng = np.random.default_rng(1)
    folder.mkdir(parents=True, exist_ok=True)
    writer = None
    for first in range(0, rows, _ROWS):
        table = _random(rng, min(_ROWS, rows - first))
        if writer is None:
            writer = pq.ParquetWriter(folder / "random.parquet", table.schema, compression="zstd")
        writer.write_table(table, row_group_size=_ROWS)
    assert writer is not None
    writer.close()
    return rows


def _random(rng: np.random.Generator, rows: int) -> pa.Table:
    cents = {name: rng.integers(0, 10_000, rows) for name in ("amount", "list_amount")}
    cents |= {name: rng.integers(0, 1000, rows) for name in ("discount", "coupon_discount")}
    words = {name: rng.integers(0, 3, rows).astype(np.int32) for name in ("coupon", "channel")}
    return pa.table(
        {
            "order_id": rng.integers(0, 1 << 40, rows),
            "line_id": rng.integers(1, 9, rows).astype(np.int16),
            "ordered_at": pa.array(
                (_EPOCH + rng.integers(0, 63_072_000, rows)).astype("datetime64[s]")
            ),
            "customer_id": rng.integers(0, 1_000_000, rows),
            "points_used": rng.integers(0, 300, rows).astype(np.int32),
            "product_id": rng.integers(0, 14, rows),
            "store_id": rng.integers(0, 8, rows).astype(np.int32),
            "quantity": rng.integers(1, 3, rows).astype(np.int16),
            **{name: _decimal(values) for name, values in cents.items()},
            **{
                name: pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(["a", "b", "c"]))
                for name, codes in words.items()
            },
        }
    )


def _decimal(cents: np.ndarray) -> pa.Array:
    words = np.zeros((len(cents), 2), dtype="<i8")
    words[:, 0] = cents * 100
    return pa.Array.from_buffers(pa.decimal128(18, 4), len(cents), [None, pa.py_buffer(words)])


def one_run(kind: str, count: int) -> dict[str, float]:
    """Do one of both in this process: rows, seconds and the peak memory."""
    with tempfile.TemporaryDirectory() as place:
        begun, busy = time.perf_counter(), time.process_time()
        rows = (write_world if kind == "world" else write_random)(Path(place) / "out", count)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "rows": rows,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "peak_mb": round(peak),
    }


def scale(customers: int) -> None:
    """Print both runs and their ratio."""
    world = _apart("world", customers)
    random = _apart("random", int(world["rows"]))
    ratio = {name: round(world[name] / random[name], 2) for name in ("seconds", "cpu_seconds")}
    print(json.dumps({"world": world, "random": random, "ratio": ratio}, indent=1))


def _apart(kind: str, count: int) -> dict[str, float]:
    command = [sys.executable, __file__, "run", str(count), "--kind", kind]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def compared(seed: int) -> dict[str, float]:
    """Return a p-value for every comparison in one null world."""
    world = worlds.null(seed=seed, customers=400)
    customers = world.tables["customers"].to_pandas().set_index("customer_id")
    hidden = world.hidden["customers"].to_pandas().set_index("customer_id")
    bought = hidden["purchases"].reindex(customers.index)
    found = {
        column: float(
            stats.kruskal(*(part for _, part in bought.groupby(customers[column]))).pvalue
        )
        for column in ("gender", "age_band", "place")
    }
    reached = hidden["reached_1"].reindex(customers.index)
    found["campaign"] = float(stats.mannwhitneyu(bought[reached], bought[~reached]).pvalue)
    joins = hidden["ever_joins"].reindex(customers.index)
    found["membership"] = float(stats.mannwhitneyu(bought[joins], bought[~joins]).pvalue)
    orders = world.tables["transactions"].to_pandas().drop_duplicates("order_id")
    orders = orders.dropna(subset="customer_id")
    day = (orders["ordered_at"] - pd.Timestamp(world.parameters.start)).dt.days
    side = np.where(day < world.clock.days / 2, -1, 1)
    moved = pd.Series(side, index=orders["customer_id"]).groupby(level=0).sum()
    found["halves"] = float(stats.ttest_1samp(moved, 0).pvalue)
    return found


def null(count: int) -> None:
    """Print how often chance passes the level, and whether that is more often than it should."""
    values = pd.DataFrame([compared(seed) for seed in range(1, count + 1)])
    for name in values:
        passed = int((values[name] < LEVEL).sum())
        more = stats.binomtest(passed, count, LEVEL, alternative="greater").pvalue
        print(f"{name:<12}{passed:>5} of {count}   p(more than {LEVEL:.0%}) = {more:.3f}")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["scale", "null", "run"])
    parser.add_argument("count", type=int, nargs="?")
    parser.add_argument("--kind", choices=["world", "random"], default="world")
    given = parser.parse_args()
    if given.what == "run":
        print(json.dumps(one_run(given.kind, given.count)))
    elif given.what == "scale":
        scale(given.count or 1_000_000)
    else:
        null(given.count or 200)


if __name__ == "__main__":
    main()
