"""Section: who buys a maker again within the categories of a retailer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.choice.common import view
from loyalty_research.competitors.choice.opened import Choices
from loyalty_research.competitors.choice.tills import Till
from loyalty_research.competitors.market.common import NAMES, both, with_labels
from loyalty_research.competitors.sections import result, stated, withheld
from loyalty_research.competitors.switching import Switching, read_switching
from loyalty_research.competitors.switching_frames import again_columns, summary_frame
from loyalty_research.errors import DataError
from loyalty_research.findings import Chart, Column, Finding, Persons, TableView, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "brand_switching"
_MOST = 5
"""Brands of a category with a row of their own: several categories stand in one figure."""
_PERSONS = (Persons("buyers", names=(*NAMES, "category_zh", "category_en"), rows="apart"),)


def till_switching(choices: Choices) -> Result:
    """Tell how often a maker is bought again, in each category of a retailer.

    Parameters
    ----------
    choices
        With ``tills``.

    Returns
    -------
    Result
        Frame ``summary``: one row a category and brand with the columns of
        :func:`~loyalty_research.competitors.brand_switching`.

    Notes
    -----
    An occasion is a household's day with a purchase in the category; days on which it bought
    several brands have no order and are left out.
    """
    found: dict[str, Switching] = {}
    findings: list[Finding] = []
    for till in choices.tills:
        try:
            found[till.category.id] = read_switching(till.purchases, most=_MOST)
        except DataError:
            findings.append(_gone(choices, till))
    frames = {}
    if found:
        frames["summary"] = _summary(choices, found)
        findings[:0] = _findings(choices, frames["summary"], found)
    shared = view(choices, max((item.households for item in found.values()), default=0))
    shared["persons"] = _PERSONS
    return result(
        choices,
        _SECTION,
        frames,
        findings=findings,
        charts=_charts(frames["summary"], shared) if found else (),
        tables=(_table(shared),) if found else (),
        references=("massy1970", "frank1962"),
    )


def _summary(choices: Choices, found: dict[str, Switching]) -> pd.DataFrame:
    frames = []
    for till in choices.tills:
        if till.category.id not in found:
            continue
        frame = with_labels(summary_frame(found[till.category.id]), till.category)
        name = till.category.name
        frames.append(frame.assign(category=till.category.id, category_zh=name.zh,
                                   category_en=name.en))  # fmt: skip
    whole = pd.concat(frames, ignore_index=True)
    alone = len(frames) == 1
    for language, between in (("zh", "·"), ("en", ", ")):
        brand, category = whole[f"brand_{language}"], whole[f"category_{language}"]
        whole[f"row_{language}"] = brand if alone else category + between + brand
    return whole


def _findings(
    choices: Choices, frame: pd.DataFrame, found: dict[str, Switching]
) -> Iterator[Finding]:
    for till in choices.tills:
        own = frame[frame["category"] == till.category.id]
        if own.empty:
            continue
        first: dict[Any, Any] = own.iloc[0].to_dict()
        base = found[till.category.id].households
        yield stated(
            choices,
            _SECTION,
            "till_switching",
            Estimate(first["excess"], first["excess_low"], first["excess_high"], base),
            id=f"till_switching_{till.category.id}",
            unit="point_change",
            definition="repeat_purchase",
            method="shuffled_purchases",
            subject="brand_choice",
            values={
                "category": both(till.category.name),
                "brand": both(till.category.label(first["brand"])),
                "retention": Value(first["retention"], "share"),
                "shuffled": Value(first["shuffled"], "share"),
                "sure": Value(int((own["excess_low"] > 0).sum()), "count"),
                "brands": Value(len(own), "count"),
            },
        )


def _gone(choices: Choices, till: Till) -> Finding:
    return withheld(
        choices, _SECTION, "till_switching", "switching_no_value",
        id=f"till_switching_{till.category.id}", definition="repeat_purchase", base=0,
        subject="brand_choice", values={"category": both(till.category.name)},
    )  # fmt: skip


def _charts(frame: pd.DataFrame, shared: dict[str, Any]) -> tuple[Chart, ...]:
    least, most = (frame.iloc[int(pick(frame["excess"]))] for pick in (np.argmin, np.argmax))

    def row(one: pd.Series[Any]) -> Value:
        return Value({"zh": one["row_zh"], "en": one["row_en"]}, "bilingual")

    return (
        Chart(
            name="excess",
            key="competitors.switching_excess",
            kind="forest",
            frame="summary",
            encode={
                "y": "row_{language}",
                "value": "excess",
                "low": "excess_low",
                "high": "excess_high",
                "unit": "point_change",
                "x_label": "repeat_beyond_random",
                "height": max(0.6, 0.08 * len(frame) + 0.3),
            },
            values={
                "brand": row(most),
                "most": Value(most["excess"], "percentage_point"),
                "other": row(least),
                "least": Value(least["excess"], "percentage_point"),
            },
            notes=("market_chain", "switching_till", "switching_shuffled", "switching_excess"),
            **shared,
        ),
    )


def _table(shared: dict[str, Any]) -> TableView:
    return TableView(
        name="switching",
        key="competitors.switching",
        frame="summary",
        columns=(
            Column("category_{language}", heading="market_category"),
            Column("brand_{language}", heading="competing_brand"),
            *again_columns(),
        ),
        notes=("market_chain", "switching_till", "switching_shuffled", "switching_equilibrium"),
        **shared,
    )
