"""The figures and tables of complainers who bought again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value


def recovery_charts(
    frames: Mapping[str, pd.DataFrame], common: Mapping[str, Any], values: Mapping[str, Value]
) -> tuple[Chart, ...]:
    """Describe the figure."""
    share = frames["summary"].set_index("group")["share"]
    return (
        Chart(
            name="groups",
            key="complainers_stayed.groups",
            kind="bars",
            frame="summary",
            encode={
                "x": "group",
                "x_unit": "label:answered",
                "y": "share",
                "unit": "share",
                "low": "share_low",
                "high": "share_high",
                "horizontal": True,
                "annotate": True,
                "y_label": "share_bought_after_complaint",
                "height": 0.55,
            },
            values={
                "answered": Value(float(share["answered"]), "share"),
                "unanswered": Value(float(share["unanswered"]), "share"),
                "window": values["window"],
                "landmark": values["landmark"],
            },
            definitions=("stayed_after_complaint",),
            persons=(Persons("customers", names=("group",), rates=("share",)),),
            **common,
        ),
    )


def recovery_tables(
    common: Mapping[str, Any], values: Mapping[str, Value]
) -> tuple[TableView, ...]:
    """Describe the table."""
    return (
        TableView(
            name="strata",
            key="complainers_stayed.strata",
            frame="strata",
            columns=(
                Column("stratum", "text", heading="purchase_days_before"),
                Column("answered", "count", heading="complainers_answered"),
                Column("answered_share", "share"),
                Column("unanswered", "count", heading="complainers_unanswered"),
                Column("unanswered_share", "share"),
            ),
            values=values,
            definitions=("stayed_after_complaint",),
            persons=(
                Persons("answered", names=("stratum",), rates=("answered_share",)),
                Persons("unanswered", names=("stratum",), rates=("unanswered_share",)),
            ),
            **common,
        ),
    )
