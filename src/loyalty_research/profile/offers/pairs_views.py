"""The table and the figure of pairs."""

from __future__ import annotations

import pandas as pd

from loyalty_research.engine.context import Context
from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days

SHOWN, SHOWN_APART, DRAWN = 15, 5, 9
_BOTH = Persons(names=("item", "other_item"), rows="apart", rates=("support", "lift", "adjusted"))


def pair_tables(
    frame: pd.DataFrame, unit: str, top: pd.DataFrame, customers: int, days: Days, context: Context
) -> tuple[dict[str, pd.DataFrame], tuple[TableView, ...]]:
    """Return the pairs shown, the strongest of each side, and their table."""
    large = frame[frame["customers"] >= context.base_limit]
    together = large[large["together"]].head(SHOWN)
    apart = large[large["apart"]].sort_values(["adjusted_high", "place", "other"])
    shown = pd.concat([together, apart.head(SHOWN_APART)], ignore_index=True)
    if shown.empty:
        return {}, ()
    view = TableView(
        name="pairs",
        key="pairs.pairs",
        frame="shown",
        columns=(
            Column("item", unit, heading="item"),
            Column("other_item", unit, heading="other_item"),
            Column("customers", "customers", heading="bought_both"),
            Column("support", "share", low="support_low", high="support_high", heading="support"),
            Column("lift", "number", low="lift_low", high="lift_high", heading="lift"),
            Column(
                "adjusted",
                "number",
                low="adjusted_low",
                high="adjusted_high",
                heading="adjusted_lift",
            ),
        ),
        values={
            "shown": Value(len(together), "count"),
            "together": Value(int(frame["together"].sum()), "count"),
            "shown_apart": Value(len(shown) - len(together), "count"),
            "apart": Value(int(frame["apart"].sum()), "count"),
            "tested": Value(len(frame), "count"),
            "items": Value(len(top), "count"),
            "of": Value(int(top["of"].iloc[0]), "count"),
        },
        definitions=("support", "lift", "adjusted_lift"),
        base=customers,
        base_unit="customers",
        period=days.iso,
        persons=(_BOTH,),
    )
    return {"shown": shown}, (view,)


def pair_charts(
    frame: pd.DataFrame, unit: str, customers: int, days: Days, context: Context
) -> tuple[dict[str, pd.DataFrame], tuple[Chart, ...]]:
    """Return the adjusted lift among the items of the strongest pairs, as a matrix."""
    large = frame[frame["customers"] >= context.base_limit]
    beyond = large[large["together"] | large["apart"]]
    if beyond.empty:
        return {}, ()
    items = _first_items(beyond)
    inside = large[large["item"].isin(items) & large["other_item"].isin(items)]
    cells = inside[["item", "other_item", "customers", "adjusted"]].assign(
        beyond=inside["together"] | inside["apart"]
    )
    turned = cells.rename(columns={"item": "other_item", "other_item": "item"})
    matrix = pd.concat([cells, turned], ignore_index=True)
    best = beyond.iloc[0]
    chart = Chart(
        name="matrix",
        key="pairs.matrix" if best["together"] else "pairs.matrix_apart",
        kind="matrix",
        frame="matrix",
        encode={
            "x": "other_item",
            "x_unit": unit,
            "x_order": items,
            "y": "item",
            "y_unit": unit,
            "y_order": items,
            "value": "adjusted",
            "unit": "number",
            "scale_label": "adjusted_lift",
            "centre": 1.0,
            "star": "beyond",
            "star_unit": "label:yes_no",
            "height": 0.75 + 0.09 * len(items),
        },
        values={
            "first": Value(str(best["item"]), unit),
            "second": Value(str(best["other_item"]), unit),
            "adjusted": Value(float(best["adjusted"]), "number"),
            "plain": Value(float(best["lift"]), "number"),
            "items": Value(len(items), "count"),
        },
        definitions=("adjusted_lift",),
        base=customers,
        base_unit="customers",
        period=days.iso,
        persons=(_BOTH_CELLS,),
    )
    return {"matrix": matrix}, (chart,)


_BOTH_CELLS = Persons(names=("item", "other_item"), rows="apart", rates=("adjusted",))


def _first_items(rows: pd.DataFrame) -> list[str]:
    """Return the items of the strongest pairs, as many as a figure holds."""
    items: list[str] = []
    for pair in zip(rows["item"], rows["other_item"], strict=True):
        new = [item for item in pair if item not in items]
        if len(items) + len(new) > DRAWN:
            break
        items += new
    return items
