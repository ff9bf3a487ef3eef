"""Made transaction lines for timing: not a model of any shop, only its size and shape."""

from __future__ import annotations

from pathlib import Path

import duckdb


def write_lines(path: Path, *, lines: int, customers: int) -> None:
    """Write ``lines`` lines of ``customers`` customers to Parquet, three lines an order.

    Parameters
    ----------
    path
        Parquet file to write; an existing one is kept.
    lines, customers
        How many; customers buy at unlike rates.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set memory_limit = '3GB'")
        # Squaring a uniform number makes a few customers buy much oftener than most. Each number is
        # hashed from an integer of its own: hash(i, 1) and hash(i, 2) move together, and every
        # customer would buy on one day only.
        connection.execute(
            f"""
            copy (
                with orders as (
                    select
                        i // 3 as order_id,
                        hash(4 * (i // 3)) / 18446744073709551616.0 as u,
                        hash(4 * (i // 3) + 1) / 18446744073709551616.0 as v,
                        hash(4 * (i // 3) + 2) / 18446744073709551616.0 as s,
                        hash(4 * i + 3) / 18446744073709551616.0 as w
                    from range({lines}) as t(i)
                )
                select
                    order_id,
                    least(floor(u * u * {customers}), {customers} - 1)::bigint as customer_id,
                    timestamp '2024-01-01'
                        + to_seconds(floor(v * 365 * 86400)::bigint) as ordered_at,
                    round(1 + 40 * w, 2)::decimal(18, 4) as amount,
                    floor(s * 40)::bigint as store_id
                from orders
            ) to '{part}' (format parquet)
            """
        )
    part.replace(path)
