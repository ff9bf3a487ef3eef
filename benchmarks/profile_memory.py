"""The sections of the profile over lines on disk; prints its own peak memory as JSON."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from loyalty_research import profile
from loyalty_research.engine import connect
from loyalty_research.study import build_orders
from loyalty_research.study.orders import mark_occasions

PERIOD = ("2024-01-01", "2024-12-31")


def main(lines: Path) -> None:
    """Build orders once, run every section that needs no other table, print memory and time."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=lines.parent) as folder:
        connection = connect(temp_directory=folder)
        stored = Path(folder) / "orders.parquet"
        built = mark_occasions(build_orders(connection.read_parquet(lines)))
        connection.to_parquet(built.order_by("customer_id", "day", "order_id"), stored)
        orders = connection.read_parquet(stored, table_name="orders")
        classes = profile.rfm(orders, as_of=PERIOD[1], start=PERIOD[0])
        for section in (
            profile.board,
            profile.concentration,
            profile.retention,
            profile.lifecycle,
            profile.migration,
            profile.timing,
            profile.store_loyalty,
            profile.stores,
        ):
            section(orders, period=PERIOD)
        del classes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak_bytes": peak, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
