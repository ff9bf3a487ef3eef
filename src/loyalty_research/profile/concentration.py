"""How much of the sales hangs on how few customers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from loyalty_research.engine import collect
from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    as_days,
    customer_totals,
    drawable,
    stater,
    valid_orders,
    within,
)
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, lorenz_curve, seed_from
from loyalty_research.stats import concentration as estimate_concentration

_SECTION = "concentration"
_SHARES = (0.1, 0.2, 0.5)
_LENGTHS = (1, 3, 6)  # months


def concentration(orders: Any, *, period: Any, replicates: int | None = None) -> Result:
    """Estimate the share of sales of the top 10, 20 and 50 % of customers, and the Gini.

    Parameters
    ----------
    orders
        One row an order: customer_id, ordered_at, net_sales. Ibis, pandas, polars or Arrow.
    period
        A brand's period or (first day, last day).
    replicates
        Bootstrap resamples of customers; None chooses by their number.

    Returns
    -------
    Result
        Frames ``summary`` (measure, value, low, high), ``lorenz`` (share_customers, share_sales)
        and ``lengths`` (the same measures over shorter periods that end on the same day).

    Raises
    ------
    DataError
        Where a column is missing.

    Notes
    -----
    Customers with at least one order in the period; who happens to buy, and how often,
    depends on the length of the period: compare equal lengths only. Customers whose sum is not
    positive are left out.

    References
    ----------
    Gastwirth 1972 (Gini); Efron 1979 (bootstrap).

    Examples
    --------
    >>> import pandas as pd
    >>> from loyalty_research import profile
    >>> df = pd.DataFrame(
    ...     {
    ...         "customer_id": range(40),
    ...         "ordered_at": pd.Timestamp("2024-01-05"),
    ...         "net_sales": [float(i + 1) for i in range(40)],
    ...     }
    ... )
    >>> r = profile.concentration(df, period=("2024-01-01", "2024-01-31"), replicates=50)
    >>> float(r.summary().loc[0, "value"].round(3))
    0.178
    """
    table = valid_orders(orders, "customer_id")
    days = as_days(period)
    sales = _sales(table, days)
    result = estimate_concentration(
        sales, shares=_SHARES, seed=seed_from(_SECTION, *days.iso), replicates=replicates
    )
    state = stater(table, _SECTION, days)
    by_name: dict[str, Estimate] = {
        f"top{round(share * 100)}": result.top[share] for share in _SHARES
    }
    by_name["gini"] = result.gini
    summary = pd.DataFrame(
        [
            {
                "measure": name,
                "value": item.value,
                "low": item.low,
                "high": item.high,
                "unit": "number" if name == "gini" else "share",
            }
            for name, item in by_name.items()
        ]
    )
    shares, held = lorenz_curve(sales) if len(sales) else ([0.0, 1.0], [0.0, 1.0])
    top20 = by_name["top20"]
    top_sales = (top20.value or 0.0) * float(sales.sum())
    lengths = _lengths(table, days, replicates)
    shortest = lengths.iloc[0]
    comparable = len(lengths) > 1
    findings = [
        state(
            "concentration_top20",
            top20,
            unit="share",
            definition="concentration",
            method="bootstrap",
            task="retain",
            group="top20",
            at_stake=top_sales,
            values={
                "sales": Value(top_sales, "money"),
                "people": Value(round(0.2 * len(sales)), "customers"),
                "gini": Value(result.gini.value, "number"),
            },
        ),
        state(
            "concentration_length",
            float(shortest["top20"]) if comparable and shortest["customers"] else None,
            unit="share",
            definition="concentration",
            method="bootstrap",
            base=int(shortest["customers"]),
            subject="concentration_length",
            values={
                "whole": Value(top20.value, "share"),
                "months": Value(int(shortest["months"]), "months"),
            },
            **({} if comparable else {"status": "withheld", "reason": "period_too_short"}),
        ),
    ]
    common: dict[str, Any] = {"base": len(sales), "base_unit": "customers", "period": days.iso}
    return Result(
        name="concentration",
        chapter=CHAPTER,
        section=_SECTION,
        frames={
            "summary": summary,
            "lorenz": pd.DataFrame({"share_customers": shares, "share_sales": held}),
            "lengths": lengths,
        },
        findings=tuple(findings),
        charts=drawable(
            [
                Chart(
                    name="lorenz",
                    key="concentration.lorenz",
                    kind="lorenz",
                    frame="lorenz",
                    encode={
                        "x": "share_customers",
                        "y": "share_sales",
                        "mark_x": 0.2,
                        "mark_y": top20.value or 0.0,
                    },
                    values={
                        "top10": Value(by_name["top10"].value, "share"),
                        "top20": Value(top20.value, "share"),
                        "top50": Value(by_name["top50"].value, "share"),
                        "gini": Value(result.gini.value, "number"),
                    },
                    definitions=("concentration",),
                    persons=(
                        Persons(
                            "share_customers",
                            rows="curve",
                            shares=(("top10", 0.1), ("top20", 0.2), ("top50", 0.5)),
                        ),
                    ),
                    **common,
                )
            ],
            state.context,
        ),
        tables=(
            TableView(
                name="summary",
                key="concentration.summary",
                frame="summary",
                columns=(
                    Column("measure", "label:concentration"),
                    Column("value", "@unit", low="low", high="high"),
                ),
                persons=(
                    Persons(
                        "",
                        names=("measure",),
                        rows="apart",
                        shares=(("top10", 0.1), ("top20", 0.2), ("top50", 0.5)),
                    ),
                ),
                **common,
            ),
            TableView(
                name="lengths",
                key="concentration.lengths",
                frame="lengths",
                columns=(
                    Column("months", "count"),
                    Column("customers", "customers"),
                    Column("top20", "share", low="low", high="high"),
                    Column("gini", "number"),
                ),
                persons=(
                    Persons(
                        names=("months",),
                        rows="nested",
                        rates=("top20", "gini"),
                        shares=(("top20", 0.2),),
                    ),
                ),
                **common,
            ),
        ),
        references=("gastwirth1972", "efron1979"),
        context=state.context,
        table=customer_totals(within(table, days)),
    )


def _sales(table: Any, days: Days) -> Any:
    frame = collect(customer_totals(within(table, days)), sort_by=["customer_id"])
    sales = frame["net_sales"].to_numpy(dtype=float)
    return sales[sales > 0]


def _lengths(table: Any, days: Days, replicates: int | None) -> pd.DataFrame:
    """Measure the last 1, 3 and 6 months and the whole period."""
    rows = []
    windows = [(months, Days(_months_before(days.end, months), days.end)) for months in _LENGTHS]
    usable = [(months, window) for months, window in windows if window.start > days.start]
    whole = round(days.count / 30.4375)
    for months, window in [*usable, (whole, days)]:
        sales = _sales(table, window)
        found = estimate_concentration(
            sales,
            shares=(0.2,),
            seed=seed_from(_SECTION, *window.iso),
            replicates=replicates,
        )
        top = found.top[0.2]
        rows.append(
            {
                "months": months,
                "customers": len(sales),
                "top20": top.value,
                "low": top.low,
                "high": top.high,
                "gini": found.gini.value,
            }
        )
    numbers = dict.fromkeys(["top20", "low", "high", "gini"], float)
    return pd.DataFrame(rows).astype(numbers)


def _months_before(end: dt.date, months: int) -> dt.date:
    """Return the first day of a window of whole months that ends on ``end``."""
    after = end + dt.timedelta(days=1)
    index = after.year * 12 + after.month - 1 - months
    year, month = divmod(index, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(after.day, last))
