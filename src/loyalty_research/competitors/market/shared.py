"""Section: which brands share their buyers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from loyalty_research.competitors.market.common import both, named, notes, stated, with_labels
from loyalty_research.competitors.market.duplication import Duplication, duplication
from loyalty_research.competitors.market.opened import Category, Markets
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "market_shared"
_PAIR = ("brand", "brand_zh", "brand_en", "other", "other_zh", "other_en")


def shared_buyers(markets: Markets) -> Result:
    """Tell which share of each brand's buyers buy each other brand, beside the duplication law.

    Parameters
    ----------
    markets
        Of :func:`open_markets`.

    Returns
    -------
    Result
        Per category a frame with one row a pair both ways (brand, other, shared, law, ratio) and
        one, ``<category>_pairs``, with the pairs that stand out against the model.

    Notes
    -----
    Law: b(k|j) = D b(k) with one D for the category. Pairs are judged against the NBD-Dirichlet,
    by Holm's test over all pairs of a category.
    """
    several = [item for item in markets.categories if len(item.panel.named) > 1]
    found = {
        item.id: duplication(item.panel, item.fit, seed=item.seed, least=markets.context.base_limit)
        for item in several
    }
    frames: dict[str, pd.DataFrame] = {}
    for item in several:
        frames[item.id] = _cells(item, found[item.id])
        frames[f"{item.id}_pairs"] = _pairs(item, found[item.id])
    return result(
        markets,
        _SECTION,
        frames,
        findings=[_finding(markets, item, found[item.id]) for item in several],
        charts=[_chart(markets, item, found[item.id]) for item in several],
        tables=[_table(markets, item) for item in several if len(frames[f"{item.id}_pairs"])],
        references=("goodhardt1966", "ehrenberg1988"),
    )


def _cells(category: Category, found: Duplication) -> pd.DataFrame:
    frame = with_labels(found.table, category, "brand", "other")
    rank = {name: place for place, name in enumerate(category.panel.named, start=1)}
    frame["number"] = frame["other"].map(rank)
    frame["shared_buyers"] = [
        _both(category, row["brand"], row["other"]) for row in frame.to_dict("records")
    ]
    for language in ("zh", "en"):
        numbers = frame["brand"].map(rank).astype(str)
        frame[f"row_{language}"] = numbers + " " + frame[f"brand_{language}"]
    starred = set()
    if len(found.pairs):
        beyond = found.pairs[found.pairs["verdict"].isin(["above", "below"])]
        starred = {frozenset(pair) for pair in zip(beyond["brand"], beyond["other"], strict=True)}
    pairs = zip(frame["brand"], frame["other"], strict=True)
    return frame.assign(stands_out=[frozenset(pair) in starred for pair in pairs])


def _both(category: Category, brand: str, other: str) -> int:
    counts, names = category.panel.counts, category.panel.brands
    return int(((counts[:, names.index(brand)] > 0) & (counts[:, names.index(other)] > 0)).sum())


def _pairs(category: Category, found: Duplication) -> pd.DataFrame:
    pairs = found.pairs
    if pairs.empty:
        return pairs
    beyond = pairs[pairs["verdict"].isin(["above", "below"])]
    frame = with_labels(beyond, category, "brand", "other")
    frame["shared_buyers"] = [
        _both(category, row["brand"], row["other"]) for row in beyond.to_dict("records")
    ]
    return frame.sort_values(
        ["ratio", "brand", "other"], ascending=[False, True, True]
    ).reset_index(drop=True)


def _finding(markets: Markets, category: Category, found: Duplication) -> Finding:
    pairs = found.pairs
    above = pairs[pairs["verdict"] == "above"] if len(pairs) else pairs
    common = {"coefficient": Value(found.coefficient, "number")}
    if len(above) == 0:
        return stated(
            markets, _SECTION, "market_law_holds", category, found.coefficient,
            unit="number", definition="duplication", method="duplication_law",
            base=len(category.panel.counts), subject="market_shared",
        )  # fmt: skip
    held = [_both(category, *pair) for pair in zip(above["brand"], above["other"], strict=True)]
    large = above[np.array(held) >= markets.context.base_limit]
    told = large if len(large) else above
    row = told.iloc[int(told["ratio"].to_numpy().argmax())]
    shared = _both(category, row["brand"], row["other"])
    table = found.table
    own = table[(table["brand"] == row["brand"]) & (table["other"] == row["other"])].iloc[0]
    return stated(
        markets,
        _SECTION,
        "market_partition",
        category,
        Estimate(row["ratio"], row["low"], row["high"], shared),
        unit="number",
        definition="duplication",
        method="duplication_law",
        subject="market_loyalty",
        values={
            **common,
            "brand": named(category, row["brand"]),
            "other": named(category, row["other"]),
            "share": Value(own["shared"], "share"),
            "pairs": Value(len(above), "count"),
        },
    )


def _chart(markets: Markets, category: Category, found: Duplication) -> Chart:
    pairs = found.pairs
    beyond = int(pairs["verdict"].isin(["above", "below"]).sum()) if len(pairs) else 0
    return Chart(
        name=category.id,
        key="competitors.market_shared" if beyond else "competitors.market_shared_alike",
        kind="matrix",
        frame=category.id,
        encode={
            "x": "number",
            "y": "row_{language}",
            "value": "shared",
            "unit": "share",
            "x_unit": "count",
            "y_unit": "text",
            "x_label": "other_brand_number",
            "y_label": "buyers_of_brand",
            "scale_label": "buy_also",
            "star": "stands_out",
        },
        values={
            "category": both(category.name),
            "coefficient": Value(found.coefficient, "number"),
            "pairs": Value(beyond, "count"),
            "brands": Value(len(category.panel.named), "count"),
        },
        definitions=("duplication",),
        base=category.panel.households,
        base_unit="customers",
        period=markets.days.iso,
        persons=(Persons("shared_buyers", names=_PAIR, rows="apart"),),
        notes=notes(category, *(("market_star",) if beyond else ()), "market_columns"),
    )


def _table(markets: Markets, category: Category) -> TableView:
    return TableView(
        name=f"{category.id}_pairs",
        key="competitors.market_pairs",
        frame=f"{category.id}_pairs",
        columns=(
            Column("brand_{language}", heading="competing_brand"),
            Column("other_{language}", heading="other_brand"),
            Column("shared_buyers", "count", heading="buyers_of_both"),
            Column("ratio", "number", low="low", high="high", heading="over_expected"),
        ),
        values={"category": both(category.name)},
        base=category.panel.households,
        base_unit="customers",
        period=markets.days.iso,
        persons=(Persons("shared_buyers", names=_PAIR, rows="apart"),),
        notes=notes(category),
    )
