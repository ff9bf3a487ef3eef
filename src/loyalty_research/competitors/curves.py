"""The reward rate along yearly spend: whom a programme pays, the light or the heavy customer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.common import NAMES, names, notes_of, ranks, telling
from loyalty_research.competitors.compare import Comparison
from loyalty_research.competitors.replays import Outcome
from loyalty_research.competitors.sections import result
from loyalty_research.findings import Chart, Persons, Value
from loyalty_research.results import Result

_SECTION = "competitor_curves"
_BINS = 10
_MOST_DRAWN = 6


def curves(comparison: Comparison) -> Result:
    """Draw the reward rate of programmes of the same trade along yearly spend.

    Parameters
    ----------
    comparison
        Of :func:`compare`.

    Returns
    -------
    Result
        Frame ``summary``: one row a programme and group of equal size by spend: bin (1 for the
        lightest), customers, spend (mean of the year) and rate. Empty where no value is known.

    Notes
    -----
    Customers are ranked by their spend of the year and cut into up to ten groups of equal size,
    each above the base limit; customers with equal spend stay together. The figure draws the six
    programmes with the highest overall rate; those that pay nothing, or whose values are not
    published, are left out.
    """
    paying = sorted(
        (item for item in telling(comparison.outcomes) if item.rate > 0),
        key=lambda item: (-item.rate, item.id),
    )
    if comparison.shop is None or not paying:
        return result(comparison, _SECTION, {})
    limits = comparison.context
    least = max(limits.base_limit, limits.disclosure_limit)
    bins = min(_BINS, len(comparison.shop.spend) // least)
    if bins < 3:
        return result(comparison, _SECTION, {})
    frame = pd.DataFrame([row for item in paying for row in _rows(item, bins)])
    drawn = frame[frame["id"].isin([item.id for item in paying[:_MOST_DRAWN]])]
    return result(
        comparison,
        _SECTION,
        {"summary": frame, "drawn": drawn.reset_index(drop=True)},
        charts=(_chart(comparison, drawn, paying),),
    )


def _rows(outcome: Outcome, bins: int) -> Iterator[dict[str, Any]]:
    people = outcome.customers
    place = np.minimum((ranks(people["net_sales"]) * bins).astype(int), bins - 1)
    for number, own in people.groupby(place):
        spent = float(own["net_sales"].sum())
        yield {
            **names(outcome),
            "bin": int(number) + 1,
            "customers": len(own),
            "spend": spent / len(own),
            "rate": float(own["value"].sum()) / spent if spent > 0 else np.nan,
        }


def _persons() -> tuple[Persons, ...]:
    return (
        Persons(
            "customers",
            names=("bin",),
            by=NAMES,
            rates=("rate", "spend"),
        ),
    )


def _chart(comparison: Comparison, drawn: pd.DataFrame, paying: list[Outcome]) -> Chart:
    top = drawn[drawn["bin"] == drawn["bin"].max()]
    best = top.iloc[int(top["rate"].to_numpy().argmax())]
    return Chart(
        name="curves",
        key="competitors.curves" if len(paying) > 1 else "competitors.curves_one",
        kind="lines",
        frame="drawn",
        encode={
            "x": "spend",
            "x_unit": "money",
            "y": "rate",
            "unit": "share",
            "group": "name_{language}",
            "x_label": "year_spend",
            "y_label": "reward_rate",
        },
        values={
            "name": Value({"zh": best["name_zh"], "en": best["name_en"]}, "bilingual"),
            "rate": Value(float(best["rate"]), "share"),
            "spend": Value(float(best["spend"]), "money"),
        },
        definitions=("reward_rate",),
        base=len(comparison.shop.spend) if comparison.shop else 0,
        base_unit="customers",
        period=comparison.days.iso,
        persons=_persons(),
        notes=notes_of(paying),
    )
