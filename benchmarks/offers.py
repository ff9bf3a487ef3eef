"""Pairs and what to offer next on made customers; prints times and its own peak memory as JSON.

``python benchmarks/offers.py [--customers 1000000] [--items 1000] [--bought 20]``
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from loyalty_research.engine import connect
from loyalty_research.profile import offers

PERIOD = ("2024-01-01", "2024-12-31")


def write_lines(path: Path, *, customers: int, items: int, bought: int) -> None:
    """Write made lines to Parquet: not a model of any shop, only its size and shape.

    Parameters
    ----------
    path
        Parquet file to write.
    customers, items
        How many; some items are bought by far more customers than others.
    bought
        Lines a customer on average; customers differ.
    """
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set memory_limit = '2GB'")
        connection.execute(
            f"""
            copy (
                with drawn as (
                    select
                        hash(4 * i) / 18446744073709551616.0 as u,
                        hash(4 * i + 1) / 18446744073709551616.0 as v,
                        hash(4 * i + 2) / 18446744073709551616.0 as w
                    from range({customers * bought}) as t(i)
                )
                select
                    least(floor(u ** 1.5 * {customers}), {customers} - 1)::bigint as customer_id,
                    date '2024-01-01' + floor(v * 366)::integer as ordered_at,
                    least(floor(w ** 2 * {items}), {items} - 1)::bigint as product_id,
                    5.00::decimal(18, 4) as amount
                from drawn
            ) to '{path}' (format parquet)
            """
        )


def main() -> None:
    """Write lines, run both analyses over them, and tell how long and how much memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("customers", 1_000_000), ("items", 1000), ("bought", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    size = vars(parser.parse_args())
    told: dict[str, float] = dict(size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.parquet"
        write_lines(path, **size)
        told["peak_bytes_before"] = _peak()
        lines = connect(temp_directory=folder).read_parquet(path)
        for name, most in (("next_products", None), ("pairs", 100)):
            start = time.perf_counter()
            options = {} if most is None else {"most": most}
            result = getattr(offers, name)(lines, period=PERIOD, level="product", **options)
            told[f"{name}_seconds"] = time.perf_counter() - start
            told[f"{name}_peak_bytes"] = _peak()
            if name == "next_products":
                recommender = result.recommender
                told["nonzero"] = int(recommender.purchases.days.nnz)
                start = time.perf_counter()
                told["recommended_rows"] = len(recommender.recommend(k=3))
                told["recommend_seconds"] = time.perf_counter() - start
                told["recommend_peak_bytes"] = _peak()
                del recommender, result
    print(json.dumps(told))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
