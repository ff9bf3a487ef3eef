"""Views of the map of brands: the map, its places, its axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from loyalty_research.competitors.market import Markets
from loyalty_research.competitors.market.common import both, named, notes
from loyalty_research.competitors.position.opened import Position
from loyalty_research.findings import Chart, Column, Persons, TableView, Value

_NAMES = ("name", "name_zh", "name_en", "kind")


def map_chart(markets: Markets, item: Position, frame: pd.DataFrame) -> Chart:
    """Return the map of a category's brands."""
    axes = item.drawn.axes
    read = [name if place < axes else f"{name}_unread" for place, name in enumerate(("1", "2"))]
    return Chart(
        name=item.category.id,
        key=f"competitors.brand_positions_{('none', 'one', 'two')[axes]}",
        kind="brand_map",
        frame=item.category.id,
        encode={
            "x": "x",
            "y": "y",
            "name": "name_{language}",
            "kind": "kind",
            "kind_unit": "label:position_kind",
            "told": "told",
            "long": "long",
            "short": "short",
            "angle": "angle",
            "x_label": f"position_axis_{read[0]}",
            "y_label": f"position_axis_{read[1]}",
            "height": 1.25,
        },
        values=_values(item, frame),
        definitions=("brand_position",),
        persons=(Persons("buyers", names=_NAMES, rows="apart"),),
        notes=_notes(item, "position_map", "position_read"),
        **_shared(markets, item),
    )


def _values(item: Position, frame: pd.DataFrame) -> dict[str, Value]:
    apart = frame[frame["kind"] == "apart"]
    row = item.brands.index(_furthest(apart, item.drawn.axes)) if len(apart) else 0
    return {
        "brand": named(item.category, item.brands[row]),
        "apart": Value(len(apart), "count"),
        "brands": Value(len(item.brands), "count"),
        "first": Value(float(item.found.shares[0]), "share"),
        "plane": Value(float(item.found.shares[:2].sum()), "share"),
        **_told(item),
    }


def _told(item: Position) -> dict[str, Value]:
    """Return what the notes print."""
    return {
        "category": both(item.category.name),
        "few": Value(len(item.few), "count"),
        "described": Value(item.households, "customers"),
        "all": Value(item.all_households, "customers"),
    }


def _furthest(rows: pd.DataFrame, axes: int) -> str:
    """Return the brand furthest from the average along the axes that may be read."""
    away = (rows[["x", "y"][:axes]] ** 2).sum(axis=1)
    return str(rows["name"].iloc[int(away.to_numpy().argmax())])


def map_table(markets: Markets, item: Position) -> TableView:
    """Return the table of places, quality and contributions of brands and attributes."""
    second = len(item.found.eigenvalues) > 1
    return TableView(
        name=f"{item.category.id}_places",
        key="competitors.position_places",
        frame=item.category.id,
        columns=(
            Column("name_{language}", heading="position_point"),
            Column("kind", "label:position_kind", heading="position_kind"),
            Column("buyers", "count", heading="position_buyers"),
            Column("x", "number", heading="position_x"),
            *([Column("y", "number", heading="position_y")] if second else []),
            Column("quality", "share", heading="position_quality"),
            Column("contribution_x", "share", heading="position_contribution_x"),
            *(
                [Column("contribution_y", "share", heading="position_contribution_y")]
                if second
                else []
            ),
        ),
        values=_told(item),
        definitions=("brand_position",),
        persons=(Persons("buyers", names=_NAMES, rows="apart"),),
        notes=_notes(item, "position_quality"),
        **_shared(markets, item),
    )


def axes_table(markets: Markets, several: Sequence[Position]) -> TableView:
    """Return the table that tells which axes may be read."""
    return TableView(
        name="axes",
        key="competitors.position_axes",
        frame="axes",
        columns=(
            Column("category_{language}", heading="market_category"),
            Column("axis", "count", heading="position_axis"),
            Column("households", "count", heading="position_households"),
            Column("share", "share", heading="position_inertia"),
            Column("p_value", "p_value", heading="position_p"),
            Column("clear", "count", heading="position_clear"),
            Column("read", "label:position_read", heading="position_read"),
        ),
        persons=(
            Persons("households", names=("category_zh", "category_en", "axis"), rows="apart"),
        ),
        notes=("position_read",),
        base=max(item.households for item in several),
        base_unit="customers",
        period=markets.days.iso,
    )


def _notes(item: Position, *more: str) -> tuple[str, ...]:
    described = item.households < item.all_households
    return notes(
        item.category,
        *more,
        *(("position_few",) if item.few else ()),
        *(("position_described",) if described and _has_customers(item) else ()),
    )


def _has_customers(item: Position) -> bool:
    return any(one.group not in ("weight", "promoted", "daytime") for one in item.attributes)


def _shared(markets: Markets, item: Position) -> dict[str, Any]:
    return {
        "base": item.households,
        "base_unit": "customers",
        "period": markets.days.iso,
    }
