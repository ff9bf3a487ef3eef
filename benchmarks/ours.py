"""RFM of this project over Parquet lines: seconds from lines and from built orders, as JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from loyalty_research.engine import connect
from loyalty_research.profile import rfm
from loyalty_research.study import build_orders
from loyalty_research.study.orders import mark_occasions


def main(lines: Path, orders: Path) -> None:
    """Time RFM from raw lines, and from the orders a report builds once."""
    connection = connect()
    table = connection.read_parquet(lines)
    start = time.perf_counter()
    built = build_orders(table)
    first = rfm(built, as_of="2024-12-31", bins=10)
    from_lines = time.perf_counter() - start
    if not orders.exists():
        part = orders.with_suffix(".part")
        stored = mark_occasions(built).order_by("customer_id", "day", "order_id")  # as ingest does
        connection.to_parquet(stored, part)
        part.replace(orders)
    kept = connection.read_parquet(orders, table_name="orders")
    start = time.perf_counter()
    rfm(kept, as_of="2024-12-31", bins=10)
    from_orders = time.perf_counter() - start
    customers = int(first.summary()["customers"].sum())
    print(json.dumps({"lines": from_lines, "orders": from_orders, "customers": customers}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
