"""What these data cover, how good they are, and what they cannot answer."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pandas as pd

from loyalty_research.findings import Column, Finding, TableView, Value
from loyalty_research.profile.common import CHAPTER, Days, Stater, as_days
from loyalty_research.results import Result
from loyalty_research.stats import proportion

if TYPE_CHECKING:
    from loyalty_research.study import Brand

_SECTION = "data"
# Question, and the table (and column) that would answer it.
_QUESTIONS = (
    ("satisfaction", "survey", ""),
    ("complaints", "feedback", ""),
    ("programme", "points", ""),
    ("behaviour", "events", ""),
    ("share_of_wallet", "market", ""),
    ("new_customers", "customers", "joined_on"),
    ("who", "customers", ""),
    ("products", "products", ""),
    ("margin", "products", "cost"),
    ("campaigns", "exposures", ""),
    ("channel", "transactions", "channel"),
)
PARTS = ("unpaid", "not_goods", "without_order", "refunds", "returns", "freight")
"""What stands between the client's total and net sales, as the bridge names it."""
_FACTS = (
    ("lines", "lines"),
    ("orders", "orders"),
    ("customers", "customers"),
    ("net_sales", "money"),
    ("first_day", "date"),
    ("last_day", "date"),
)


def overview(brand: Brand) -> Result:
    """Report what a brand's data cover: base, period, quality, sources, open questions.

    Parameters
    ----------
    brand
        A brand as opened by :func:`loyalty_research.open_brand`.

    Returns
    -------
    Result
        Frames ``summary`` (facts), ``balance`` (rows read, kept, left out), ``checks``,
        ``reconciliation`` (from the client's own totals to net sales, by month),
        ``unanswered`` (questions whose table or column is missing), ``notices`` and ``sources``.
    """
    days = as_days(brand.period)
    quality = brand.quality
    facts = dict(quality.facts)
    state = Stater(brand.context, _SECTION, days.iso)
    orders = int(facts.get("orders") or 0)
    frames = {
        "summary": _facts(facts if brand.has("transactions") else {}),
        "balance": quality.balance,
        "checks": quality.found(),
        "reconciliation": _reconciliation(quality.bridge),
        "unanswered": _unanswered(brand),
        "notices": pd.DataFrame(
            [{"note_zh": item.zh, "note_en": item.en} for item in quality.notices],
            columns=["note_zh", "note_en"],
        ),
        "sources": pd.DataFrame(
            [
                {
                    "source": item.name,
                    "licence": item.licence,
                    "provenance_zh": item.provenance.zh,
                    "provenance_en": item.provenance.en,
                }
                for item in quality.sources
            ],
            columns=["source", "licence", "provenance_zh", "provenance_en"],
        ),
    }
    return Result(
        name="overview",
        chapter=CHAPTER,
        section=_SECTION,
        frames=frames,
        findings=(
            *(
                _findings(state, quality.balance, facts, orders)
                if brand.has("transactions")
                else _rows_used(state, quality.balance)
            ),
            *_reconciled(state, quality.bridge, orders),
        ),
        tables=_tables(frames, _base(brand, orders), days),
        context=state.context,
        table=None,
    )


def _base(brand: Brand, orders: int) -> tuple[int, str]:
    """Return how many orders the report rests on, or rows where the brand brings no lines."""
    if brand.has("transactions"):
        return orders, "orders"
    return int(brand.quality.balance["kept"].sum()), "lines"


def _rows_used(state: Stater, balance: pd.DataFrame) -> tuple[Finding, ...]:
    """State for each table of a brand without transactions how many of its rows are used."""
    found = (
        state(
            "data_rows_used",
            float(row["kept"]),
            unit="lines",
            definition="rows_used",
            method="count",
            base=int(row["read"]),
            base_unit="lines",
            subject=f"data_rows_{row['table']}",
            values={
                "table": Value(str(row["table"]), "label:table"),
                "dropped": Value(int(row["dropped"]), "lines"),
            },
        )
        for row in balance.to_dict("records")
    )
    return tuple(dataclasses.replace(item, id=item.subject) for item in found)


def _facts(facts: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {"fact": name, "value": str(facts[name]), "unit": unit}
        for name, unit in _FACTS
        if facts.get(name) is not None
    ]
    return pd.DataFrame(rows, columns=["fact", "value", "unit"])


def _reconciliation(bridge: pd.DataFrame) -> pd.DataFrame:
    """Return the bridge from the client's totals; empty where the client gives none."""
    given = bridge.reindex(columns=["client_sales", "client_orders", "client_members"])
    if not given.notna().to_numpy().any():
        return bridge.head(0)
    units = bridge["month"].map(lambda month: "label:whole" if month == "total" else "month")
    return bridge.assign(unit=units)


def _reconciled(state: Stater, bridge: pd.DataFrame, orders: int) -> tuple[Finding, ...]:
    """State how far net sales are from the client's own total, where there is one."""
    known = bridge[bridge["client_sales"].notna()] if len(bridge) else bridge
    if not len(known):
        return ()
    total = known[known["month"] == "total"].iloc[0]
    months = known[known["month"] != "total"]
    share = None if pd.isna(total["remainder_share"]) else abs(float(total["remainder_share"]))
    widest = months["remainder_share"].abs().max()
    return (
        state(
            "data_reconciliation",
            share,
            unit="share",
            definition="reconciliation",
            method="count",
            base=orders,
            base_unit="orders",
            subject="data_reconciliation",
            values={
                "client": Value(float(total["client_sales"]), "money"),
                "sales": Value(float(total["net_sales"]), "money"),
                "months": Value(len(months), "months"),
                "widest": Value(None if pd.isna(widest) else float(widest), "share"),
            },
        ),
    )


def _unanswered(brand: Brand) -> pd.DataFrame:
    """Questions whose table is absent, or lacks the column."""
    rows = [
        {"question": question}
        for question, table, column in _QUESTIONS
        if not brand.has(table) or (column and column not in brand.table(table).columns)
    ]
    return pd.DataFrame(rows, columns=["question"])


def _findings(
    state: Stater, balance: pd.DataFrame, facts: dict[str, Any], orders: int
) -> tuple[Finding, ...]:
    lines = balance[balance["table"] == "transactions"].iloc[0]
    customers = int(facts.get("customers") or 0)
    found = [
        state(
            "data_base",
            float(orders),
            unit="orders",
            definition="orders",
            method="count",
            base=orders,
            base_unit="orders",
            values={
                "customers": Value(customers, "customers"),
                "sales": Value(facts.get("net_sales"), "money"),
            },
        ),
        state(
            "data_kept",
            float(lines["kept"] / lines["read"]) if lines["read"] else None,
            unit="share",
            definition="orders",
            method="count",
            base=int(lines["read"]),
            base_unit="lines",
            subject="data_kept",
            values={"dropped": Value(int(lines["dropped"]), "lines")},
        ),
    ]
    unpaid = int(facts.get("count_order_unpaid") or 0)
    if unpaid:
        found.append(
            state(
                "data_unpaid",
                float(unpaid),
                unit="orders",
                definition="orders",
                method="count",
                base=orders + unpaid,
                base_unit="orders",
                subject="data_unpaid",
            )
        )
    described = facts.get("customers_described")
    if described is not None:
        found.append(
            state(
                "data_attributes",
                proportion(int(described), customers),
                unit="share",
                definition="attribute_coverage",
                method="wilson",
                subject="attributes",
                values={
                    "people": Value(int(described), "customers"),
                    "sales_share": Value(facts.get("customers_described_sales_share"), "share"),
                },
            )
        )
    return tuple(found)


def _tables(
    frames: dict[str, pd.DataFrame], base: tuple[int, str], days: Days
) -> tuple[TableView, ...]:
    bridge = frames["reconciliation"]
    columns = {
        "summary": (Column("fact", "label:fact"), Column("value", "@unit")),
        "balance": (
            Column("table", "label:table"),
            Column("read", "count"),
            Column("kept", "count"),
            Column("dropped", "count"),
        ),
        "checks": (
            Column("table", "label:table"),
            Column("code", "label:check", heading="check"),
            Column("count", "count"),
            Column("share", "share"),
            Column("example", "text"),
            Column("action", "label:action"),
        ),
        "reconciliation": (
            Column("month", "@unit"),
            Column("client_sales", "money"),
            *(Column(part, "money_change") for part in PARTS if _any(bridge, part)),
            Column("remainder", "money_change"),
            Column("net_sales", "money"),
            Column("remainder_share", "share"),
            *(
                Column(name, "count")
                for ours in ("orders", "members")
                if _any(bridge, f"client_{ours}")
                for name in (f"client_{ours}", ours)
            ),
        ),
        "notices": (Column("note_{language}", "text", heading="note"),),
        "unanswered": (
            Column("question", "label:question"),
            Column("question", "label:needs", heading="needs"),
        ),
        "sources": (
            Column("source", "text"),
            Column("provenance_{language}", "text", heading="provenance"),
            Column("licence", "text"),
        ),
    }
    return tuple(
        TableView(
            name=name,
            key=f"data.{'facts' if name == 'summary' else name}",
            frame=name,
            columns=shown,
            persons=(),  # the whole base, lines, questions and sources
            base=base[0],
            base_unit=base[1],
            period=days.iso,
        )
        for name, shown in columns.items()
        if len(frames[name])
    )


def _any(frame: pd.DataFrame, column: str) -> bool:
    """Tell whether a column holds anything but missing values and zeros."""
    return column in frame and bool(frame[column].fillna(0).astype(float).ne(0).any())
