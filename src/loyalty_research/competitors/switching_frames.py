"""Switching as frames, and the columns of its tables."""

from __future__ import annotations

import pandas as pd

from loyalty_research.competitors.switching import REST, Switching
from loyalty_research.findings import Column


def summary_frame(found: Switching) -> pd.DataFrame:
    """Return one row a brand: buyers, after, share; retention, shuffled, excess, equilibrium."""
    own = {
        "retention": found.retention,
        "shuffled": found.retention - found.excess,
        "excess": found.excess,
        "equilibrium": found.equilibrium,
    }
    frame = pd.DataFrame(
        {
            "brand": list(found.brands),
            "buyers": found.buyers.astype(int),
            "after": found.counts.sum(axis=1).astype(int),
            "share": found.counts.sum(axis=1) / found.counts.sum(),
        }
    )
    for name, values in own.items():
        low, high = found.interval(name)
        frame = frame.assign(**{name: values, f"{name}_low": low, f"{name}_high": high})
    return frame[frame["brand"] != REST].reset_index(drop=True)


def moves_frame(found: Switching) -> pd.DataFrame:
    """Return one row a pair of brands: buyers, pairs, shuffled_pairs, share."""
    total = found.counts.sum(axis=1)
    rows = []
    for place, brand in enumerate(found.brands):
        for other, to in enumerate(found.brands):
            if REST in (brand, to) or not total[place]:
                continue
            rows.append(
                {
                    "brand": brand,
                    "to": to,
                    "buyers": int(found.buyers[place]),
                    "pairs": int(found.counts[place, other]),
                    "shuffled_pairs": float(found.shuffled[place, other]),
                    "share": float(found.counts[place, other] / total[place]),
                }
            )
    return pd.DataFrame(rows)


def again_columns() -> tuple[Column, ...]:
    """Return the columns that stand in every table of switching."""

    def column(name: str, unit: str, heading: str) -> Column:
        return Column(name, unit, low=f"{name}_low", high=f"{name}_high", heading=heading)

    return (
        Column("after", "count", heading="purchases_after"),
        column("retention", "share", "bought_again"),
        column("shuffled", "share", "bought_again_random"),
        column("excess", "point_change", "beyond_random"),
        Column("share", "share", heading="share_now"),
        column("equilibrium", "share", "share_equilibrium"),
    )
