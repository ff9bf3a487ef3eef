"""Brands of a made market from Parquet, beside the bare grouped counts; prints JSON.

``python benchmarks/market.py [--households 1000000] [--brands 50] [--bought 20] [--rounds 3]``

Times are CPU seconds of the process, so that what else the machine does matters little.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir

from loyalty_research.competitors.market import Panel
from loyalty_research.competitors.market.measures import brand_measures
from loyalty_research.competitors.market.purchases import panels
from loyalty_research.engine import connect


def write_purchases(path: Path, *, households: int, brands: int, bought: int) -> None:
    """Write made purchases to Parquet: not a model of any market, only its size and shape.

    Parameters
    ----------
    path
        Parquet file to write.
    households, brands
        How many; some brands are bought by far more households than others.
    bought
        Purchases a household on average; households differ, and keep to a few brands.
    """
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set memory_limit = '2GB'")
        connection.execute(
            f"""
            copy (
                with drawn as (
                    select
                        floor((hash(4 * i) / 18446744073709551616.0) ** 1.5 * {households})::bigint
                            as household,
                        hash(4 * i + 1) % 4 as turn
                    from range({households * bought}) as t(i)
                )
                select
                    household as household_id,
                    'brand ' || floor(
                        (hash(7 * household + turn) / 18446744073709551616.0) ** 2 * {brands}
                    )::integer as brand
                from drawn
            ) to '{path}' (format parquet)
            """
        )


def bare_counts(purchases: ir.Table) -> None:
    """Count purchases by household and brand in the engine, and take the counts out."""
    counts = purchases.group_by("household_id", "brand").aggregate(purchases=purchases.count())
    counts.to_pyarrow()


def brand_table(purchases: ir.Table) -> Panel:
    """Count, and set out every measure of every brand with its intervals."""
    (panel,) = panels(purchases, households=None)
    brand_measures(panel, seed=1)
    return panel


def main() -> None:
    """Write purchases, run both several times in turn, and tell the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("households", 1_000_000), ("brands", 50), ("bought", 20), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    size = vars(parser.parse_args())
    rounds = size.pop("rounds")
    told: dict[str, float] = dict(size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "purchases.parquet"
        write_purchases(path, **size)
        purchases = connect(temp_directory=folder).read_parquet(path)
        times: dict[str, list[float]] = {"bare": [], "measures": []}
        for _ in range(rounds):
            times["bare"].append(_seconds(bare_counts, purchases))
            times["measures"].append(_seconds(brand_table, purchases))
    told |= {f"{name}_cpu_seconds": statistics.median(each) for name, each in times.items()}
    told["ratio"] = told["measures_cpu_seconds"] / told["bare_cpu_seconds"]
    told["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(told))


def _seconds(function: Callable[[ir.Table], Any], purchases: ir.Table) -> float:
    start = time.process_time()
    function(purchases)
    return time.process_time() - start


if __name__ == "__main__":
    main()
