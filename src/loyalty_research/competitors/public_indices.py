"""Satisfaction indices of a trade, as tidy frames: scores stay within index and sector."""

from __future__ import annotations

import pandas as pd

from loyalty_research.competitors.public_peers import Peers, told

_INDEX = (
    "index", "name_zh", "name_en", "publisher_zh", "publisher_en", "sector_zh", "sector_en",
    "country_zh", "country_en", "years", "withheld_zh", "withheld_en", "number",
)  # fmt: skip
_SCORES = (
    "index", "brand", "name_zh", "name_en", "is_average", "period", "value", "status", "grade",
    "number", "note_zh", "note_en",
)  # fmt: skip


def index_scores(peers: Peers, numbers: dict[str, int]) -> pd.DataFrame:
    """Return a row a brand and year of every index of the trade."""
    rows = [
        {
            "index": name,
            "brand": series.brand,
            "name_zh": series.name.zh,
            "name_en": series.name.en,
            "is_average": series.brand == item.average,
            **told(point, numbers),
        }
        for name, item in peers.indices.items()
        for series in peers.scores(item)
        for point in series.points
    ]
    return pd.DataFrame(rows, columns=list(_SCORES))


def score_history(scores: pd.DataFrame) -> pd.DataFrame:
    """Return a row a brand with its scores by year; ``*`` marks one with a note."""
    rows = []
    for _, own in scores.groupby(["index", "brand"], sort=False):
        told = [
            f"{row.period}: {row.value:g}{'*' if isinstance(row.note_en, str) else ''}"
            for row in own.itertuples()
        ]
        notes = {
            f"note_{language}": " ".join(own[f"note_{language}"].dropna().unique()) or None
            for language in ("zh", "en")
        }
        rows.append(
            {
                "name_zh": own["name_zh"].iloc[0],
                "name_en": own["name_en"].iloc[0],
                "scores": ", ".join(told),
                "grade": own["grade"].max(),
                "numbers": ", ".join(str(number) for number in own["number"].unique()),
                **{name: f"* {text}" if text else None for name, text in notes.items()},
            }
        )
    columns = ["name_zh", "name_en", "scores", "grade", "numbers", "note_zh", "note_en"]
    return pd.DataFrame(rows, columns=columns)


def newest_scores(scores: pd.DataFrame, index: str) -> pd.DataFrame:
    """Return the scores of the last year an index has, the highest first."""
    own = scores[scores["index"] == index]
    last = own[own["period"] == own["period"].max()]
    return last.sort_values(["value", "brand"], ascending=[False, True], ignore_index=True)


def index_rows(peers: Peers, numbers: dict[str, int]) -> pd.DataFrame:
    """Return a row an index: whose, of what, which years, or why it is not shown."""
    rows = []
    for name, item in peers.indices.items():
        years = sorted({p.period.code for s in peers.scores(item) for p in s.points})
        reason = item.withheld
        rows.append(
            {
                "index": name,
                **{f"{key}_{language}": getattr(getattr(item, key), language)
                   for key in ("name", "publisher", "sector", "country")
                   for language in ("zh", "en")},
                "years": ", ".join(years) or None,
                "withheld_zh": reason.zh if reason else None,
                "withheld_en": reason.en if reason else None,
                "number": numbers[item.source] if item.source else None,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(_INDEX)).astype({"number": "Int64"})
