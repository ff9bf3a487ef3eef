"""openretailscience's RFM over the same Parquet lines: seconds, as JSON."""

from __future__ import annotations

import json
import sys
import time

import ibis
from openretailscience.segmentation.rfm import RFMSegmentation


def main(lines: str) -> None:
    """Time the peer's RFM from raw lines to its frame."""
    table = ibis.duckdb.connect().read_parquet(lines)
    named = table.select(
        "customer_id",
        transaction_id="order_id",
        transaction_date="ordered_at",
        unit_spend=table.amount.cast("float64"),
    )
    start = time.perf_counter()
    frame = RFMSegmentation(named, current_date="2024-12-31").df
    print(json.dumps({"lines": time.perf_counter() - start, "customers": len(frame)}))


if __name__ == "__main__":
    main(sys.argv[1])
