"""Pairs of items that the same customers buy, beyond what buying much explains."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import CHAPTER, Days, Stater, as_days, drawable
from loyalty_research.profile.offers.items import Bought, bought, top_items
from loyalty_research.profile.offers.pairs_lift import LEAST_ODDS, RATE, pair_frame
from loyalty_research.profile.offers.pairs_rows import count_pairs
from loyalty_research.profile.offers.pairs_views import pair_charts, pair_tables
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "pairs"


def pairs(lines: Any, *, period: Any, level: str | None = None, most: int = 100) -> Result:
    """Find pairs of items that the same customers buy more often than buying much explains.

    Parameters
    ----------
    lines
        A brand with transactions (and products); or one row a line: customer_id, ordered_at,
        amount and the items' column (category, subcategory or product_id).
    period
        The brand's period or (first day, last day).
    level
        ``category``, ``subcategory`` or ``product``; None for products where at most 300 are sold,
        else subcategories where there are 12 to 1,000, else categories.
    most
        Items looked at: those with the most customers, among the items bought in the first and in
        the last tenth of the period. Two items that were on sale for a part of it only would be
        held by the same customers because these were there at the time.

    Returns
    -------
    Result
        Frame ``summary`` (one row a tested pair: customers, support, plain and adjusted lift with
        intervals by customer, p, q), ``shown`` (the pairs of the table) and ``matrix``. Pairs need
        not stand on one receipt: what counts is that one customer bought both in the period.

    Notes
    -----
    Adjusted lift compares with as many different items a customer as each bought, drawn by the
    items' own weights within bands of that number (conditional Poisson sampling; the number of
    items is the stratum, as in Mantel and Haenszel). Chosen at a false discovery rate of 5 %
    over all pairs tested, two-sided, and from an odds ratio of 1.25 against that comparison (or
    down from 0.8). An association: it does not tell that one is bought because of the other.
    """
    days = as_days(period)
    found = bought(lines, days, level=level)
    state = Stater(found.context, _SECTION, days.iso)
    top = top_items(found.lines, most=most, throughout=days)
    frame = _named(pair_frame(count_pairs(found.lines, top)), found, top) if len(top) else None
    base: dict[str, Any] = {"name": "pairs", "chapter": CHAPTER, "section": _SECTION}
    everybody = int(top["customers"].max()) if len(top) else 0
    if frame is None or frame.empty:
        gone = state.withheld("pairs_together", "few_pairs", definition="lift", base=everybody)
        return Result(
            **base,
            frames={"summary": pd.DataFrame({"item": [], "other_item": []})},
            findings=(gone,),
            context=state.context,
        )
    return _result(base, frame, found, top, state, days)


def _result(
    base: dict[str, Any],
    frame: pd.DataFrame,
    found: Bought,
    top: pd.DataFrame,
    state: Stater,
    days: Days,
) -> Result:
    customers = round(float(frame["customers"].iloc[0] / frame["support"].iloc[0]))
    finding = _finding(state, frame, top, found.unit, customers)
    frames, tables = pair_tables(frame, found.unit, top, customers, days, state.context)
    matrix, charts = pair_charts(frame, found.unit, customers, days, state.context)
    return Result(
        **base,
        frames={"summary": frame, **frames, **matrix},
        findings=(finding,),
        charts=drawable(charts, state.context),
        tables=tables,
        references=("benjamini1995", "mantel1959", "chen1994", "hong2013"),
        context=state.context,
    )


def _named(frame: pd.DataFrame, found: Bought, top: pd.DataFrame) -> pd.DataFrame:
    labels = found.labels(top["item"].tolist())
    names = frame.assign(
        item=[labels[place] for place in frame["place"]],
        other_item=[labels[place] for place in frame["other"]],
    )
    order = ["adjusted_low", "place", "other"]
    return names.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _finding(
    state: Stater, frame: pd.DataFrame, top: pd.DataFrame, unit: str, customers: int
) -> Finding:
    stated = frame[frame["together"] & (frame["customers"] >= state.context.base_limit)]
    values = {
        "items": Value(len(top), "count"),
        "of": Value(int(top["of"].iloc[0]), "count"),
        "tested": Value(len(frame), "count"),
        "together": Value(int(frame["together"].sum()), "count"),
        "apart": Value(int(frame["apart"].sum()), "count"),
        "plain": Value(float((frame["lift"] > 1).mean()), "share"),
        "least": Value(LEAST_ODDS, "number"),
        "rate": Value(RATE, "share"),
    }
    if stated.empty:
        return state.withheld(
            "pairs_together", "no_pair", definition="lift", base=customers, values=values
        )
    row = stated.iloc[0]
    return state(
        "pairs_together",
        Estimate(
            float(row["adjusted"]),
            float(row["adjusted_low"]),
            float(row["adjusted_high"]),
            customers,
        ),
        unit="number",
        definition="lift",
        method="conditional_sampling",
        subject="pairs",
        task="activate",
        values={
            "first": Value(str(row["item"]), unit),
            "second": Value(str(row["other_item"]), unit),
            "both": Value(int(row["customers"]), "customers"),
            "support": Value(float(row["support"]), "share"),
            "plain_lift": Value(float(row["lift"]), "number"),
            **values,
        },
    )
