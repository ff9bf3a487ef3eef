"""The figures and tables of segments."""

from __future__ import annotations

from typing import Any

import pandas as pd

from loyalty_research.findings import Chart, Column, Persons, TableView, Value
from loyalty_research.profile.common import Days
from loyalty_research.profile.segments.choose import Choice
from loyalty_research.profile.segments.evidence import METHODS, NUMBERS

_GROUPS = Persons(
    names=("segment",),
    key="segments",
    rates=("order_value", "occasions"),
    adds=("customers", "share_customers", "net_sales", "share_sales"),
)


def evidence_frame(choice: Choice) -> pd.DataFrame:
    """Return one row a method and number of segments: stability and fit beside their limits."""
    rows = [
        {
            "method": method,
            "segments": number,
            "stability": float(choice.observed.stability[place, column]),
            "stability_limit": float(choice.stability_limit[place, column]),
            "fit": float(choice.observed.fit[place, column]),
            "fit_limit": float(choice.fit_limit[place, column]),
            "passed": bool(choice.passed[place, column]),
        }
        for place, method in enumerate(METHODS)
        for column, number in enumerate(NUMBERS)
    ]
    return pd.DataFrame(rows)


def lines_frame(evidence: pd.DataFrame) -> pd.DataFrame:
    """Return the stabilities and their limits in rows: line, segments, stability."""
    parts = []
    for method in METHODS:
        own = evidence[evidence["method"] == method]
        for line, column in ((method, "stability"), (f"{method}_limit", "stability_limit")):
            stability = own[column].clip(lower=0.0).to_numpy()
            part = pd.DataFrame({"segments": own["segments"].to_numpy(), "stability": stability})
            parts.append(part.assign(line=line))
    return pd.concat(parts, ignore_index=True)


def evidence_chart(choice: Choice, base: int, days: Days) -> Chart:
    """Describe the figure of the stability by number of segments."""
    found = choice.segments > 1
    return Chart(
        name="evidence",
        key="segments.evidence" if found else "segments.continuum",
        kind="lines",
        frame="lines",
        encode={
            "x": "segments",
            "y": "stability",
            "unit": "number",
            "group": "line",
            "group_unit": "label:segment_line",
            "x_label": "segments",
            "y_label": "stability",
        },
        values={
            "segments": Value(choice.segments, "count"),
            "p_value": Value(choice.p_value, "share"),
            "compared": Value(choice.compared, "count"),
            "simulated": Value(choice.simulated, "count"),
        },
        definitions=("segment_stability", "segments"),
        persons=(),
        base=base,
        base_unit="customers",
        period=days.iso,
    )


def evidence_tables(base: int, days: Days) -> tuple[TableView, ...]:
    """Describe the tables that stand whether there are segments or not."""
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    return (
        TableView(
            name="features",
            key="segments.features",
            frame="features",
            columns=(
                Column("feature", "label:segment_feature"),
                Column("rule", "label:segment_feature_rule", heading="feature_rule"),
                Column("used", "label:yes_no", heading="feature_used"),
            ),
            persons=(),
            **common,
        ),
        TableView(
            name="evidence",
            key="segments.evidence",
            frame="evidence",
            columns=(
                Column("method", "label:segment_line", heading="segment_method"),
                Column("segments", "count", heading="segment_number"),
                Column("stability", "number"),
                Column("stability_limit", "number"),
                Column("fit", "number", heading="segment_fit"),
                Column("fit_limit", "number", heading="segment_fit_limit"),
                Column("passed", "label:yes_no", heading="segment_allowed"),
            ),
            definitions=("segment_stability", "segment_fit"),
            persons=(),
            **common,
        ),
    )


def sizes_table(base: int, days: Days) -> TableView:
    """Describe the table of the segments' sizes and sales."""
    return TableView(
        name="sizes",
        key="segments.sizes",
        frame="summary",
        columns=(
            Column("segment", "label:traits", heading="customer_segment"),
            Column("customers", "customers"),
            Column("share_customers", "share"),
            Column("net_sales", "money"),
            Column("share_sales", "share", low="share_sales_low", high="share_sales_high"),
            Column("order_value", "money", low="order_value_low", high="order_value_high"),
            Column("occasions", "occasions_rate", heading="median_occasions"),
        ),
        definitions=("segments", "order_value"),
        persons=(_GROUPS,),
        base=base,
        base_unit="customers",
        period=days.iso,
    )


def segment_charts(
    summary: pd.DataFrame, traits: pd.DataFrame, base: int, days: Days
) -> tuple[Chart, ...]:
    """Describe the figures of what sets segments apart and of their sizes."""
    common: dict[str, Any] = {"base": base, "base_unit": "customers", "period": days.iso}
    names = traits["segment"].drop_duplicates().tolist()
    features = traits["feature"].drop_duplicates().tolist()
    top = traits.iloc[int(traits["difference"].abs().to_numpy().argmax())]
    largest = summary.iloc[int(summary["net_sales"].to_numpy().argmax())]
    return (
        Chart(
            name="traits",
            key="segments.traits",
            kind="matrix",
            frame="traits",
            encode={
                "x": "segment",
                "x_unit": "label:traits",
                "y": "feature",
                "y_unit": "label:segment_feature",
                "value": "difference",
                "unit": "number",
                "x_order": names,
                "y_order": features,
                "centre": 0.0,
                "star": "marked",
                "star_unit": "label:yes_no",
                "height": 0.55 + 0.09 * len(features),
            },
            values={
                "segment": Value(str(top["segment"]), "label:traits"),
                "feature": Value(str(top["feature"]), "label:segment_feature"),
                "difference": Value(float(top["difference"]), "number"),
                "segments": Value(len(names), "count"),
            },
            definitions=("standardised_difference",),
            persons=(
                Persons(
                    names=("segment",),
                    by=("feature",),
                    key="segments",
                    rates=("difference", "mean"),
                ),
            ),
            **common,
        ),
        Chart(
            name="sizes",
            key="segments.sizes",
            kind="bars",
            frame="summary",
            encode={
                "x": "segment",
                "x_unit": "label:traits",
                "y": ["share_customers", "share_sales"],
                "unit": "share",
                "horizontal": True,
                "y_label": "share_of_total",
                "height": 0.5 + 0.12 * len(summary),
            },
            values={
                "segment": Value(str(largest["segment"]), "label:traits"),
                "share_customers": Value(float(largest["share_customers"]), "share"),
                "share_sales": Value(float(largest["share_sales"]), "share"),
            },
            definitions=("segments",),
            persons=(_GROUPS,),
            **common,
        ),
    )


def segment_tables(moved: int, base: int, days: Days) -> tuple[TableView, ...]:
    """Describe the tables of traits and moves; that of moves only where customers were compared."""
    common: dict[str, Any] = {"base_unit": "customers", "period": days.iso}
    traits = TableView(
        name="traits",
        key="segments.traits",
        frame="marked",
        columns=(
            Column("segment", "label:traits", heading="customer_segment"),
            Column("feature", "label:segment_feature"),
            Column("mean", "@unit", heading="segment_mean"),
            Column("mean_all", "@unit", heading="all_mean"),
            Column("difference", "number", low="low", high="high", heading="standardised"),
        ),
        definitions=("standardised_difference",),
        persons=(
            Persons(
                names=("segment", "feature"),
                rows="apart",
                key="segment_traits",
                rates=("mean", "difference"),
            ),
        ),
        base=base,
        **common,
    )
    if not moved:
        return (traits,)
    return (
        traits,
        TableView(
            name="moves",
            key="segments.moves",
            frame="moves",
            columns=(
                Column("origin", "label:traits", heading="from_segment"),
                Column("target", "label:traits", heading="to_segment"),
                Column("observed", "count"),
                Column("expected_same", "count"),
            ),
            definitions=("segment_moves",),
            persons=(
                Persons(
                    "observed",
                    names=("origin", "target"),
                    margins=("origin", "target"),
                    hides=("observed", "expected_same"),
                ),
            ),
            base=moved,
            **common,
        ),
    )
