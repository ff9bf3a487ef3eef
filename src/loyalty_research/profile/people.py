"""Who the customers are: attributes against value, as far as attributes are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from loyalty_research.engine import collect
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.profile.common import (
    CHAPTER,
    Days,
    Stater,
    as_days,
    customer_totals,
    stater,
    within,
)
from loyalty_research.results import Result
from loyalty_research.stats import Estimate, ratio

_SECTION = "people"
_LEFT_OUT = {
    "customer_id",
    "joined_on",
    "cancelled_on",
    "join_source",
    "staff_id",
    "tier",  # has a section of its own
    "birthday_month",
}
_MOST_LEVELS = 15


def people(brand: Any, *, period: Any) -> Result:
    """Compare spend between levels of each attribute, with the coverage that limits it.

    Parameters
    ----------
    brand
        A brand with transactions and customers.
    period
        The brand's period or (first day, last day).

    Returns
    -------
    Result
        Frame ``summary``: attribute, level, customers, share of the described, net sales a
        customer with interval. Without a table of customers the one finding says so.

    Notes
    -----
    Customers with a purchase in the period and a known level. Levels below the base limit are
    left out. Attributes go with each other and with spend; none is a cause here. The widest
    difference is stated where it goes beyond chance at 95 % over all pairs of levels together
    (Bonferroni): the widest of many is wide by chance alone.
    """
    days = as_days(period)
    state = stater(brand.orders, _SECTION, days)
    base: dict[str, Any] = {
        "name": "people",
        "chapter": CHAPTER,
        "section": _SECTION,
        "context": state.context,
    }
    if not brand.has("customers"):
        missing = state.withheld("people_spread", "no_customers_table", definition="attributes")
        empty = pd.DataFrame({"attribute": [], "level": []})
        return Result(**base, frames={"summary": empty}, findings=(missing,))
    totals = collect(customer_totals(within(brand.orders, days)), sort_by=["customer_id"])
    described = collect(brand.customers, sort_by=["customer_id"])
    known = totals.merge(described, on="customer_id", how="inner", validate="one_to_one")
    names = [
        name
        for name in described.columns
        if name not in _LEFT_OUT and 2 <= described[name].nunique() <= _MOST_LEVELS
    ]
    summary = _summary(known, names, state.context.base_limit)
    return Result(
        **base,
        frames={"summary": summary},
        findings=_findings(state, totals, known, summary),
        charts=_charts(summary, days),
        tables=_tables(summary, len(known), days),
        table=None,
    )


def _summary(known: pd.DataFrame, names: list[str], limit: int) -> pd.DataFrame:
    rows = []
    for name in names:
        sizes = known[name].value_counts()
        levels = sorted(sizes.index[sizes >= limit], key=_order)
        if len(levels) < 2:
            continue  # nothing to compare with
        for level in levels:
            group = known[known[name] == level]
            spend = ratio(group["net_sales"].to_numpy(dtype=float), np.ones(len(group)))
            rows.append(
                {
                    "attribute": name,
                    "level": str(level),
                    "customers": len(group),
                    "share_customers": len(group) / len(known),
                    "spend": spend.value,
                    "spend_low": spend.low,
                    "spend_high": spend.high,
                }
            )
    columns = ["attribute", "level", "customers", "share_customers"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*columns, "spend"])


def _order(level: Any) -> tuple[float, str]:
    """Sort ``Under 15K`` before ``15-24K`` before ``250K+``, and words after numbers."""
    text = str(level)
    digits = "".join(c if c.isdigit() else " " for c in text).split()
    if not digits:
        return (float("inf"), text)
    below = text.lower().startswith(("under", "<"))
    return (float(digits[0]) - (0.5 if below else 0.0), text)


def _findings(
    state: Stater, totals: pd.DataFrame, known: pd.DataFrame, summary: pd.DataFrame
) -> tuple[Finding, ...]:
    sales = float(totals["net_sales"].sum())
    coverage = {
        "described": Value(len(known), "customers"),
        "share": Value(len(known) / max(len(totals), 1), "share"),
        "share_sales": Value(float(known["net_sales"].sum()) / sales if sales else None, "share"),
    }
    if summary.empty:
        few = len(known) < state.context.base_limit
        return (
            state.withheld(
                "people_spread",
                "base_too_small" if few else "not_computable",
                definition="attributes",
                base=len(known),
            ),
        )
    spread = summary.groupby("attribute")["spend"].agg(lambda spend: spend.max() / spend.min())
    widest = str(spread.idxmax())
    rows = summary[summary["attribute"] == widest]
    high = rows.iloc[int(rows["spend"].to_numpy().argmax())]
    low = rows.iloc[int(rows["spend"].to_numpy().argmin())]
    if not _beyond_chance(summary, widest):
        return (
            state.withheld(
                "people_spread", "no_difference", definition="attributes", base=len(known)
            ),
        )
    return (
        state(
            "people_spread",
            Estimate(float(spread.max()), None, None, len(known)),
            unit="times",
            definition="attributes",
            method="linearised_ratio",
            subject="people",
            values=coverage
            | {
                "attribute": Value(widest, "label:attribute"),
                "high": Value(str(high["level"]), "label:level"),
                "high_spend": Value(float(high["spend"]), "money"),
                "low": Value(str(low["level"]), "label:level"),
                "low_spend": Value(float(low["spend"]), "money"),
            },
        ),
    )


def _beyond_chance(summary: pd.DataFrame, attribute: str) -> bool:
    """Tell whether an attribute's highest and lowest level differ beyond chance."""
    sizes = summary.groupby("attribute").size()
    pairs = int((sizes * (sizes - 1) // 2).sum())
    critical = float(norm.ppf(1 - 0.025 / pairs) / norm.ppf(0.975))
    rows = summary[summary["attribute"] == attribute].sort_values("spend")
    low, high = rows.iloc[0], rows.iloc[-1]
    margin = np.hypot(high["spend"] - high["spend_low"], low["spend"] - low["spend_low"])
    return bool(high["spend"] - low["spend"] > critical * margin)


def _charts(summary: pd.DataFrame, days: Days) -> tuple[Chart, ...]:
    """One figure: the attribute with the widest spread."""
    if summary.empty:
        return ()
    spread = summary.groupby("attribute")["spend"].agg(lambda spend: spend.max() / spend.min())
    widest = str(spread.idxmax())
    if not _beyond_chance(summary, widest):
        return ()  # its title would claim a difference
    rows = summary[summary["attribute"] == widest]
    high = rows.iloc[int(rows["spend"].to_numpy().argmax())]
    return (
        Chart(
            name="spend",
            key="people.spend",
            kind="bars",
            frame="summary",
            encode={
                "x": "level",
                "x_unit": "label:level",
                "y": "spend",
                "low": "spend_low",
                "high": "spend_high",
                "unit": "money",
                "horizontal": True,
                "y_label": "spend",
                "where": {"attribute": widest},
                "height": 1.1,
            },
            values={
                "attribute": Value(widest, "label:attribute"),
                "level": Value(str(high["level"]), "label:level"),
                "spend": Value(float(high["spend"]), "money"),
                "times": Value(float(spread.max()), "times"),
            },
            definitions=("attributes", "spend_per_customer"),
            base=int(rows["customers"].sum()),
            base_unit="customers",
            period=days.iso,
        ),
    )


def _tables(summary: pd.DataFrame, base: int, days: Days) -> tuple[TableView, ...]:
    if summary.empty:
        return ()
    return (
        TableView(
            name="attributes",
            key="people.attributes",
            frame="summary",
            columns=(
                Column("attribute", "label:attribute"),
                Column("level", "label:level"),
                Column("customers", "customers"),
                Column("share_customers", "share", heading="share_described"),
                Column("spend", "money", low="spend_low", high="spend_high"),
            ),
            persons=(Persons(names=("level",), by=("attribute",), rates=("spend",)),),
            definitions=("attributes", "spend_per_customer"),
            base=base,
            base_unit="customers",
            period=days.iso,
        ),
    )
