"""The figures and the table of new products."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days

MOST_DRAWN = 6
"""Launches drawn: those with the largest net sales."""
_POINTS = Persons("added", names=("product", "week"), rows="apart")
_TRIAL = Persons(
    "tried",
    names=("product",),
    rows="share",
    of="active",
    rates=("trial",),
    hides=("tried", "trial", "trial_low", "trial_high"),
)
_BUYERS = Persons("buyers", names=("product",), rows="apart", rates=("repeat",))
_REPEAT = Persons(
    "repeated",
    names=("product",),
    rows="share",
    of="buyers",
    hides=("repeated", "repeat", "repeat_low", "repeat_high"),
)


def launch_charts(frames: Mapping[str, pd.DataFrame], weeks: int, days: Days) -> tuple[Chart, ...]:
    """Describe the curves of trial and repeat of the largest launches."""
    bases = {"trial": "active", "repeat": "buyers"}
    charts = (_curves(frames, kind, base, weeks, days) for kind, base in bases.items())
    return tuple(chart for chart in charts if chart is not None)


def _curves(
    frames: Mapping[str, pd.DataFrame], kind: str, of: str, weeks: int, days: Days
) -> Chart | None:
    points = frames[kind]
    if points.empty or not points["week"].max():
        return None
    ends = points.drop_duplicates("product", keep="last")
    ends = ends.sort_values(["share", "product"], ascending=[False, True])
    best, least = ends.iloc[0], ends.iloc[-1]
    drawn = frames["summary"][frames["summary"]["product"].isin(ends["product"])]
    return Chart(
        name=kind,
        key=f"new_products.{kind}",
        kind="lines",
        frame=kind,
        encode={
            "x": "week",
            "x_unit": "count",
            "y": "share",
            "unit": "share",
            "group": "product",
            "group_unit": "label:product",
            "x_label": {"trial": "weeks_since_launch", "repeat": "weeks_since_trial"}[kind],
            "y_label": {"trial": "share_tried", "repeat": "share_repeated"}[kind],
        },
        values={
            "products": Value(len(ends), "count"),
            "best": Value(str(best["product"]), "label:product"),
            "best_share": Value(float(best["share"]), "share"),
            "least": Value(str(least["product"]), "label:product"),
            "least_share": Value(float(least["share"]), "share"),
            "weeks": Value(weeks, "count"),
        },
        definitions=(kind,),
        base=int(drawn[of].max()),
        base_unit="customers",
        period=days.iso,
        persons=(_POINTS,),
    )


def launch_tables(
    summary: pd.DataFrame, weeks: int, customers: int, days: Days
) -> tuple[TableView, ...]:
    """Describe the table of launches."""
    return (
        TableView(
            name="launches",
            key="new_products.launches",
            frame="summary",
            columns=(
                Column("product", "label:product"),
                Column("launched_on", "date"),
                Column("active", "customers", heading="active_at_launch"),
                Column("trial", "share", low="trial_low", high="trial_high", heading="trial"),
                Column("buyers", "customers"),
                Column("repeat", "share", low="repeat_low", high="repeat_high", heading="repeat"),
                Column("net_sales", "money"),
            ),
            values={"weeks": Value(weeks, "count"), "launches": Value(len(summary), "count")},
            definitions=("new_product", "trial", "repeat"),
            base=customers,
            base_unit="customers",
            period=days.iso,
            persons=(_TRIAL, _BUYERS, _REPEAT),
        ),
    )
