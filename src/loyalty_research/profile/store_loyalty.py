"""How much of a customer's spend stays in one store."""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from loyalty_research.engine import collect, reduction
from loyalty_research.findings import Chart, Persons, Value
from loyalty_research.profile.common import (
    CHAPTER,
    as_days,
    drawable,
    identified,
    present,
    stater,
    valid_orders,
    within,
)
from loyalty_research.results import Result
from loyalty_research.stats import share_of

_SECTION = "stores"


def store_loyalty(orders: Any, *, period: Any) -> Result:
    """Estimate the share of a customer's spend in the main store.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales, store_id. Ibis, pandas, polars or
        Arrow.
    period
        A brand's period or (first day, last day).

    Returns
    -------
    Result
        Frame ``summary``: customers by tenth of the share, and their net sales. Without a
        ``store_id`` column the one finding says so.

    Notes
    -----
    Main store: the store with the customer's largest net sales. Customers with one order have a
    share of 100 % by construction and are left out.
    """
    days = as_days(period)
    table = valid_orders(orders, "customer_id")
    state = stater(table, _SECTION, days)
    base: dict[str, Any] = {"name": "stores", "chapter": CHAPTER, "section": _SECTION}
    if "store_id" not in table.columns:
        missing = state.withheld("store_main_share", "no_store", definition="main_store")
        frame = pd.DataFrame({"band": [], "customers": [], "net_sales": []})
        return Result(**base, frames={"summary": frame}, findings=(missing,), context=state.context)
    totals = main_store(within(table, days))
    people = collect(totals, sort_by=["customer_id"])
    people = people[(people["orders"] >= 2) & (people["net_sales"] > 0)]
    sales = people["net_sales"].to_numpy(dtype=float)
    main = people["main_sales"].to_numpy(dtype=float)
    share = main / sales
    bands = np.clip((share * 10).astype(int), 0, 9)
    counts = np.bincount(bands, minlength=10)
    summary = pd.DataFrame(
        {
            "band": np.arange(10),
            "customers": counts,
            "share_customers": counts / max(len(people), 1),
            "net_sales": np.bincount(bands, weights=sales, minlength=10),
        }
    )
    faithful = float((share >= 0.9).mean()) if len(share) else None
    values = {
        "faithful": Value(faithful, "share"),
        "stores": Value(float(people["stores"].median()) if len(people) else None, "count"),
    }
    finding = state(
        "store_main_share",
        share_of(main, sales),
        unit="share",
        definition="main_store",
        method="linearised_ratio",
        subject="stores",
        values=values,
    )
    chart = Chart(
        name="main_share",
        key="stores.main_share",
        kind="bars",
        frame="summary",
        encode={
            "x": "band",
            "x_unit": "label:tenth",
            "y": "share_customers",
            "unit": "share",
            "x_label": "main_store_share",
            "y_label": "share_customers",
        },
        values=values | {"share": Value(finding.estimate, "share")},
        definitions=("main_store",),
        persons=(Persons(names=("band",)),),
        base=len(people),
        base_unit="customers",
        period=days.iso,
    )
    return Result(
        **base,
        frames={"summary": summary},
        findings=(finding,),
        charts=drawable([chart] if len(people) else [], state.context),
        context=state.context,
        table=totals,
    )


@reduction
def main_store(orders: ir.Table) -> ir.Table:
    """Return one row an identified customer: net sales, those of the main store, stores, orders."""
    known = identified(orders)
    known = known.filter(present(known.store_id))
    stores = known.group_by("customer_id", "store_id").aggregate(
        net_sales=known.net_sales.sum(), orders=known.count()
    )
    return stores.group_by("customer_id").aggregate(
        main_sales=stores.net_sales.max(),
        stores=stores.count(),
        orders=stores.orders.sum(),
        net_sales=stores.net_sales.sum(),
    )
