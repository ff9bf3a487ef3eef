"""One programme over the supermarket's lines: the ledger, and the reference of its tests.

``ledger.py ours`` and ``ledger.py reference`` print seconds for the same lines, rules and policy;
``ledger.py memory YEARS FOLDER`` the peak memory over as many years of the same customers. As JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import loyalty_research as lr
from loyalty_research.engine import connect
from loyalty_research.programmes.schema import Programme

HERE = Path(__file__).resolve().parent
PROGRAMME = "grocery_tiers_example"
POLICY = "at_once"
TERMS = {"fuel": ["FUEL"]}
COLUMNS = ("order_id", "line_id", "customer_id", "ordered_at", "amount", "quantity", "product_id")


def programme() -> Programme:
    """Return levels, earning by category, expiry and a reward: what most programmes have."""
    return lr.programmes.load_programme(PROGRAMME)


def supermarket() -> tuple[Any, Any, tuple[dt.date, dt.date]]:
    """Return the lines, the products and the period of the sample brand."""
    brand = lr.open_brand("supermarket")
    return brand.transactions, brand.products, (brand.period.start, brand.period.end)


def replayed(lines: Any, products: Any, period: tuple[dt.date, dt.date]) -> Any:
    """Replay and return the ledger, all frames but the postings made."""
    return lr.programmes.replay(
        lines, programme(), products=products, period=period, redemption=POLICY, terms=TERMS
    )


def ours() -> dict[str, float]:
    """Time the ledger twice: with its compilation, and once it is compiled."""
    lines, products, period = supermarket()
    start = time.perf_counter()
    ledger = replayed(lines, products, period)
    first = time.perf_counter() - start
    start, used = time.perf_counter(), time.process_time()
    ledger = replayed(lines, products, period)
    totals = _totals(ledger.balances)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    return {"first": first, "seconds": seconds, "cpu_seconds": used, **totals}


def reference() -> dict[str, float]:
    """Time the reference over all customers; making Python rows of the lines is not timed."""
    sys.path.append(str(HERE.parent / "tests"))
    from programmes.reference import replay

    lines, products, period = supermarket()
    own = [name for name in COLUMNS if name in lines.columns]
    rows = lines.filter(lines.customer_id.notnull()).select(*own).to_pyarrow().to_pylist()
    pairs = products.select("product_id", "category").to_pyarrow().to_pylist()
    categories = {pair["product_id"]: pair["category"] for pair in pairs}
    start, used = time.perf_counter(), time.process_time()
    found = replay(
        rows, programme(), products=categories, period=period, redemption=POLICY, terms=TERMS
    )
    seconds, used = time.perf_counter() - start, time.process_time() - used
    totals = {
        name: sum(row[name] for row in found.balances) for name in ("earned", "redeemed", "expired")
    }
    times = {"seconds": seconds, "cpu_seconds": used}
    return {**times, "lines": len(rows), "customers": len(found.customers), **totals}


def memory(factor: int, folder: Path) -> dict[str, float]:
    """Replay ``factor`` years, each the sample's moved by a year, and tell the peak memory."""
    stored = folder / f"lines-{factor}.parquet"
    if not stored.exists():
        raise SystemExit(f"{stored}: missing; `ledger.py years {factor} {folder}` makes it")
    connection = connect(temp_directory=str(folder))
    lines = connection.read_parquet(stored)
    products = connection.read_parquet(folder / "products.parquet")
    begun = json.loads((folder / "period.json").read_text(encoding="utf-8"))
    first, last = (dt.date.fromisoformat(day) for day in begun)
    start = time.perf_counter()
    ledger = replayed(lines, products, (first.replace(year=first.year - factor + 1), last))
    return {
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "seconds": time.perf_counter() - start,
        **_totals(ledger.balances),
    }


def years(factor: int, folder: Path) -> dict[str, float]:
    """Write the lines of ``factor`` years, the products and the period."""
    import ibis

    folder.mkdir(parents=True, exist_ok=True)
    lines, products, period = supermarket()
    lines = lines.select(*(name for name in COLUMNS if name in lines.columns))
    moved = [
        lines.mutate(
            order_id=lines.order_id.cast("string") + f"-{year}",
            ordered_at=lines.ordered_at - ibis.interval(years=year),
        )
        for year in range(factor)
    ]
    ibis.union(*moved).to_parquet(folder / f"lines-{factor}.parquet")
    products.select("product_id", "category").to_parquet(folder / "products.parquet")
    days = [day.isoformat() for day in period]
    (folder / "period.json").write_text(json.dumps(days), encoding="utf-8")
    return {"lines": float(lines.count().execute()) * factor}


def _totals(balances: Any) -> dict[str, float]:
    sums = balances[["earned", "redeemed", "expired"]].sum()
    return {
        "customers": float(balances["customer_id"].nunique()),
        **{name: float(value) for name, value in sums.items()},
    }


def main(task: str, *rest: str) -> None:
    """Do one task and print its numbers."""
    if task in ("memory", "years"):
        run = {"memory": memory, "years": years}[task]
        found = run(int(rest[0]), Path(rest[1]))
    else:
        found = {"ours": ours, "reference": reference}[task]()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
