"""Section: where a brand's repeat purchases come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.choice.carried import Carried
from loyalty_research.competitors.choice.common import (
    NAMES,
    marked,
    named,
    order,
    view,
    with_labels,
    withheld,
)
from loyalty_research.competitors.choice.draws import Told
from loyalty_research.competitors.choice.opened import Choices
from loyalty_research.competitors.choice.responses import buyers
from loyalty_research.competitors.choice.split import TERMS
from loyalty_research.competitors.market import fit_dirichlet_households
from loyalty_research.competitors.sections import result, stated
from loyalty_research.errors import DataError
from loyalty_research.findings import Chart, Column, Finding, TableView, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "repeat_sources"
_REFERENCES = ("shapley1953", "kamakura1989", "dube2010", "goodhardt1984")
_PARTS = ("chance", *TERMS, "repeat")


def repeat_sources(choices: Choices) -> Result:
    """Split each brand's repeat rate into preference, price and promotion, and carry-over.

    Parameters
    ----------
    choices
        Of :func:`open_choices`.

    Returns
    -------
    Result
        Frame ``summary``: one row a brand: buyers, observed (repeat rate counted), chance,
        preference, price, carry_over (parts, with intervals), repeat (their sum, with its
        interval), dirichlet (what the NBD-Dirichlet has for a brand of its size); ``parts``: one
        row a brand and part, in percentage points.

    Raises
    ------
    MissingTableError
        Where the brand has no tables ``market`` and ``choice_sets``.

    Notes
    -----
    See :func:`split_repeat`. Given a purchase of a brand, the next is of it as well with
    chance (a + 1) / (S + 1) in the NBD-Dirichlet with weight a of the brand.
    """
    choices.require("market", "choice_sets")
    if choices.refusal:
        return result(
            choices, _SECTION, {},
            findings=(withheld(choices, _SECTION, "repeat_sources", choices.refusal),),
        )  # fmt: skip
    carried, told = choices.carried, choices.told
    frame = with_labels(_summary(carried, told), choices)
    shared = view(choices, carried.design.households)
    return result(
        choices,
        _SECTION,
        {"summary": frame, "parts": _parts(frame)},
        findings=tuple(_findings(choices, frame)),
        charts=marked(choices, (_chart(choices, frame, shared),)),
        tables=marked(choices, (_table(shared),)),
        references=_REFERENCES,
    )


def _summary(carried: Carried, told: Told) -> pd.DataFrame:
    own = carried.occasions
    brands = range(len(own.brands))
    again = [own.before == place for place in brands]
    frame = pd.DataFrame(
        {
            "brand": list(own.brands),
            "buyers": buyers(carried),
            "after": [int(part.sum()) for part in again],
            "observed": [
                float((own.chosen[part] == place).mean()) if part.any() else np.nan
                for place, part in enumerate(again)
            ],
        }
    )
    low, high = told.interval("split")
    for place, name in enumerate(_PARTS):
        frame[name] = told.found["split"][:, place]
        frame[f"{name}_low"], frame[f"{name}_high"] = low[:, place], high[:, place]
    return frame.assign(dirichlet=_dirichlet(carried))


def _dirichlet(carried: Carried) -> np.ndarray:
    own = carried.occasions
    counts = np.zeros((own.households, len(own.brands)), dtype=int)
    np.add.at(counts, (own.household, own.chosen), 1)
    try:
        fit = fit_dirichlet_households(counts, brands=own.brands)
    except (DataError, np.linalg.LinAlgError):
        return np.full(len(own.brands), np.nan)
    return np.asarray((fit.alpha + 1) / (fit.S + 1))


def _parts(frame: pd.DataFrame) -> pd.DataFrame:
    names = list(_PARTS[:-1])
    long = frame.melt([*NAMES, "buyers"], names, var_name="part", value_name="points")
    long["points"] *= 100
    return long.sort_values(["brand", "part"], ignore_index=True)


def _findings(choices: Choices, frame: pd.DataFrame) -> Iterator[Finding]:
    base = choices.carried.design.households
    for place in range(min(len(frame), 3)):
        row: dict[Any, Any] = frame.iloc[place].to_dict()
        if not np.isfinite(row["repeat"]):
            continue
        yield stated(
            choices, _SECTION, "repeat_sources",
            Estimate(row["carry_over"], row["carry_over_low"], row["carry_over_high"], base),
            unit="percentage_point", definition="repeat_purchase", method="choice_shapley",
            task="retain", id=f"repeat_sources_{place + 1}",
            values={
                "brand": named(choices, row["brand"]),
                "observed": Value(row["observed"], "share"),
                "chance": Value(row["chance"], "percentage_point"),
                "preference": Value(row["preference"], "point_change"),
                "price": Value(row["price"], "point_change"),
                "repeat": Value(row["repeat"], "share"),
            },
        )  # fmt: skip


def _chart(choices: Choices, frame: pd.DataFrame, shared: dict[str, Any]) -> Chart:
    first = frame.iloc[0]
    return Chart(
        name="parts",
        key="competitors.repeat_parts",
        kind="matrix",
        frame="parts",
        encode={
            "x": "part",
            "y": "brand_{language}",
            "value": "points",
            "unit": "number",
            "x_unit": "label:repeat_part",
            "y_unit": "text",
            "y_label": "points_of_repeat",
            "x_order": list(_PARTS[:-1]),
            "y_order": order(frame),
            "centre": 0.0,
            "height": max(0.7, 0.1 * len(frame) + 0.3),
        },
        values={
            "brand": named(choices, first["brand"]),
            "repeat": Value(first["repeat"], "share"),
            "preference": Value(first["preference"], "point_change"),
            "price": Value(first["price"], "point_change"),
            "carry_over": Value(first["carry_over"], "point_change"),
            "chance": Value(first["chance"], "percentage_point"),
        },
        notes=("repeat_parts", "choice_association"),
        **shared,
    )


def _table(shared: dict[str, Any]) -> TableView:
    def column(name: str, unit: str, heading: str) -> Column:
        return Column(name, unit, low=f"{name}_low", high=f"{name}_high", heading=heading)

    return TableView(
        name="sources",
        key="competitors.repeat_sources",
        frame="summary",
        columns=(
            Column("brand_{language}", heading="competing_brand"),
            Column("observed", "share", heading="bought_again"),
            column("repeat", "share", "bought_again_model"),
            Column("chance", "point_change", heading="part_chance"),
            column("preference", "share", "part_preference"),
            column("price", "share", "part_price"),
            column("carry_over", "share", "part_carry_over"),
            Column("dirichlet", "share", heading="bought_again_size"),
        ),
        notes=("repeat_parts", "repeat_interval", "repeat_dirichlet", "choice_association"),
        **shared,
    )
