"""Section: who switches to whom, and what of it a random order would show as well."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.choice.common import (
    named,
    order,
    view,
    with_labels,
    withheld,
)
from loyalty_research.competitors.choice.opened import Choices
from loyalty_research.competitors.sections import result, stated
from loyalty_research.competitors.switching import Switching, read_switching
from loyalty_research.competitors.switching_frames import (
    again_columns,
    moves_frame,
    summary_frame,
)
from loyalty_research.competitors.till_switching import till_switching
from loyalty_research.errors import DataError, MissingTableError
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "brand_switching"
_REFERENCES = ("massy1970", "frank1962")


def brand_switching(choices: Choices) -> Result:
    """Tell how often a brand is bought again, and where its buyers go next.

    Parameters
    ----------
    choices
        Of :func:`~loyalty_research.competitors.choice.open_choices`.

    Returns
    -------
    Result
        Frame ``summary``: one row a brand: buyers, after (purchases that follow one of it),
        retention, in a random order, excess, share now and in equilibrium, each with its interval;
        ``moves``: one row a pair of brands: share of the purchases after one that go to the other
        (not for a retailer's categories, which stand in ``category``).

    Raises
    ------
    MissingTableError
        Where the brand has no table ``market``, or it has no order in time.

    Notes
    -----
    See :func:`~loyalty_research.competitors.switching.read_switching`.
    """
    choices.require("market")
    if choices.tills:
        return till_switching(choices)
    try:
        found = read_switching(choices.market)
    except MissingTableError:
        raise
    except DataError:
        gone = withheld(choices, _SECTION, "brand_switching", "switching_no_value")
        return result(choices, _SECTION, {}, findings=(gone,))
    frame = with_labels(summary_frame(found), choices)
    moves = with_labels(moves_frame(found), choices, "brand", "to")
    shared = view(choices, found.households)
    return result(
        choices,
        _SECTION,
        {"summary": frame, "moves": moves},
        findings=_findings(choices, frame, found),
        charts=_charts(choices, frame, shared),
        tables=(_table(shared), _move_table(shared)),
        references=_REFERENCES,
    )


def _findings(choices: Choices, frame: pd.DataFrame, found: Switching) -> tuple[Finding, ...]:
    first: dict[Any, Any] = frame.iloc[0].to_dict()
    sure = frame[frame["excess_low"] > 0]
    return (
        stated(
            choices,
            _SECTION,
            "brand_switching",
            Estimate(first["excess"], first["excess_low"], first["excess_high"], found.households),
            unit="point_change",
            definition="repeat_purchase",
            method="shuffled_purchases",
            task="retain",
            subject="brand_choice",
            values={
                "brand": named(choices, first["brand"]),
                "retention": Value(first["retention"], "share"),
                "shuffled": Value(first["shuffled"], "share"),
                "sure": Value(len(sure), "count"),
                "brands": Value(len(frame), "count"),
            },
        ),
    )


def _charts(choices: Choices, frame: pd.DataFrame, shared: dict[str, Any]) -> tuple[Chart, ...]:
    names = order(frame)
    least, most = (frame.iloc[int(pick(frame["excess"]))] for pick in (np.argmin, np.argmax))
    first = frame.iloc[0]
    return (
        Chart(
            name="excess",
            key="competitors.switching_excess",
            kind="forest",
            frame="summary",
            encode={
                "y": "brand_{language}",
                "value": "excess",
                "low": "excess_low",
                "high": "excess_high",
                "unit": "point_change",
                "x_label": "repeat_beyond_random",
                "height": max(0.6, 0.1 * len(frame) + 0.3),
            },
            values={
                "brand": named(choices, most["brand"]),
                "most": Value(most["excess"], "percentage_point"),
                "other": named(choices, least["brand"]),
                "least": Value(least["excess"], "percentage_point"),
            },
            notes=("switching_shuffled", "switching_excess"),
            **shared,
        ),
        Chart(
            name="moves",
            key="competitors.switching_moves",
            kind="matrix",
            frame="moves",
            encode={
                "x": "to_{language}",
                "y": "brand_{language}",
                "value": "share",
                "unit": "share",
                "x_unit": "text",
                "y_unit": "text",
                "x_order": names,
                "y_order": names,
                "x_label": "brand_next",
                "y_label": "brand_before",
                "height": max(0.7, 0.1 * len(frame) + 0.3),
            },
            values={
                "brand": named(choices, first["brand"]),
                "share": Value(first["retention"], "share"),
                "brands": Value(len(frame), "count"),
            },
            notes=("switching_pairs",),
            **shared,
        ),
    )


def _table(shared: dict[str, Any]) -> TableView:
    return TableView(
        name="switching",
        key="competitors.switching",
        frame="summary",
        columns=(
            Column("brand_{language}", heading="competing_brand"),
            *again_columns(),
        ),
        notes=("switching_shuffled", "switching_excess", "switching_equilibrium"),
        **shared,
    )


def _move_table(shared: dict[str, Any]) -> TableView:
    return TableView(
        name="moves",
        key="competitors.switching_moves",
        frame="moves",
        columns=(
            Column("brand_{language}", heading="brand_before"),
            Column("to_{language}", heading="brand_next"),
            Column("pairs", "count", heading="pairs"),
            Column("shuffled_pairs", "number", heading="pairs_random"),
            Column("share", "share", heading="share_of_moves"),
        ),
        notes=("switching_pairs", "switching_shuffled"),
        **shared,
    )
