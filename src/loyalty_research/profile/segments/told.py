"""The statements about segments."""

from __future__ import annotations

import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Stater
from loyalty_research.profile.segments.choose import Choice
from loyalty_research.profile.segments.describe import FEW
from loyalty_research.profile.segments.evidence import METHODS, NUMBERS
from loyalty_research.profile.segments.moves import moved_beyond_noise
from loyalty_research.stats import Estimate


def continuum_finding(state: Stater, choice: Choice, base: int, features: int) -> Finding:
    """State that customers vary on a continuum, and how much structureless data shows as much."""
    return state(
        "segments_continuum",
        choice.p_value,
        unit="share",
        definition="segments",
        method="copula_surrogates",
        base=base,
        subject="segments",
        values={
            "compared": Value(choice.compared, "count"),
            "stability": Value(float(choice.observed.stability.max()), "number"),
            "reason": Value(choice.reason, "label:segment_reason"),
            "features": Value(features, "count"),
        },
    )


def found_finding(state: Stater, choice: Choice, base: int) -> Finding:
    """State the number of segments with its evidence."""
    place = METHODS.index(choice.method), NUMBERS.index(choice.segments)
    return state(
        "segments_found",
        float(choice.segments),
        unit="count",
        definition="segments",
        method="copula_surrogates",
        base=base,
        subject="segments",
        values={
            "stability": Value(float(choice.observed.stability[place]), "number"),
            "stability_limit": Value(float(choice.stability_limit[place]), "number"),
            "p_value": Value(choice.p_value, "share"),
            "compared": Value(choice.compared, "count"),
            "method": Value(choice.method, "label:segment_line"),
        },
    )


def largest_finding(state: Stater, summary: pd.DataFrame) -> Finding:
    """State the segment with the largest net sales."""
    segments = summary[summary["segment"] != FEW]
    row = segments.iloc[int(segments["net_sales"].to_numpy().argmax())]
    share = Estimate(
        float(row["share_sales"]),
        float(row["share_sales_low"]),
        float(row["share_sales_high"]),
        int(row["customers"]),
    )
    return state(
        "segments_largest",
        share,
        unit="share",
        definition="segments",
        method="linearised_ratio",
        subject="segments_largest",
        task="retain",
        group=str(row["segment"]),
        at_stake=float(row["net_sales"]),
        values={
            "segment": Value(str(row["segment"]), "label:traits"),
            "people": Value(int(row["customers"]), "customers"),
            "share_customers": Value(float(row["share_customers"]), "share"),
            "sales": Value(float(row["net_sales"]), "money"),
            "order_value": Value(float(row["order_value"]), "money"),
        },
    )


def moved_finding(state: Stater, moves: pd.DataFrame) -> Finding:
    """State how many more changed segment than would seem to without any change."""
    definition = "segment_moves"
    if len(moves) < state.context.base_limit:
        return state.withheld(
            "segments_moved", "base_too_small", definition=definition, base=len(moves)
        )
    excess, moved, seems = moved_beyond_noise(moves)
    values = {"moved": Value(moved, "share"), "seems": Value(seems, "share")}
    if excess.low is None or excess.low <= 0:
        return state.withheld(
            "segments_moved",
            "no_moves_beyond_noise",
            definition=definition,
            base=len(moves),
            values=values,
        )
    return state(
        "segments_moved",
        excess,
        unit="percentage_point",
        definition=definition,
        method="linearised_ratio",
        subject="segments_moved",
        values=values,
    )
