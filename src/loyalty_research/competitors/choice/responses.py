"""Section: price, promotion and carry-over in the choice of a brand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.competitors.choice.carried import Carried
from loyalty_research.competitors.choice.common import (
    marked,
    named,
    view,
    with_labels,
    withheld,
)
from loyalty_research.competitors.choice.coverage import (
    coverage_findings,
    coverage_frames,
    coverage_tables,
)
from loyalty_research.competitors.choice.design import make_design
from loyalty_research.competitors.choice.draws import Told
from loyalty_research.competitors.choice.logit import fit_logit
from loyalty_research.competitors.choice.opened import Choices
from loyalty_research.competitors.choice.response_views import (
    WEIGHTS,
    by_model,
    response_charts,
    response_tables,
)
from loyalty_research.competitors.market.common import both
from loyalty_research.competitors.sections import result, stated
from loyalty_research.findings import Finding, Value
from loyalty_research.results import Result
from loyalty_research.stats import Estimate

_SECTION = "brand_choice"
_REFERENCES = ("mcfadden1974", "guadagni1983", "kamakura1989", "dube2010")


def brand_choice(choices: Choices) -> Result:
    """Tell with which prices, promotions and earlier purchases the choice of a brand goes.

    Parameters
    ----------
    choices
        Of :func:`open_choices`.

    Returns
    -------
    Result
        Frame ``summary``: one row a brand: buyers, own price elasticity, change of its chance for a
        price a tenth higher after a purchase of it (loyal) and after one of another (others), and
        their difference, with intervals (where prices are known); ``cross``: one row a pair of
        brands: elasticity; ``models``: one row a model: weights with intervals, classes,
        log_likelihood, bic.

    Raises
    ------
    MissingTableError
        Where the brand has no tables ``market`` and ``choice_sets``, and no category of its tills.

    Notes
    -----
    See :func:`fit_carried`, :func:`price_response`. Of a retailer's categories the first is taken
    in which prices of other households reach far enough; ``store_weeks`` has one row a category.
    """
    choices.require("market", "choice_sets")
    if choices.refusal:
        return result(
            choices,
            _SECTION,
            coverage_frames(choices),
            findings=(
                *coverage_findings(choices, _SECTION),
                withheld(choices, _SECTION, "choice_carry_over", choices.refusal),
            ),
            tables=coverage_tables(choices),
        )
    carried, told = choices.carried, choices.told
    shared = view(choices, carried.design.households)
    models = _models(carried)
    frames = coverage_frames(choices) | {
        "models": models,
        "summary": with_labels(_summary(carried, told), choices),
    }
    if "elasticity" in told.found:
        frames["cross"] = with_labels(_cross(carried, told), choices, "brand", "price_of")
    return result(
        choices,
        _SECTION,
        frames,
        findings=(*coverage_findings(choices, _SECTION), *_findings(choices, frames, told)),
        charts=marked(choices, response_charts(choices, frames, shared)),
        tables=(*marked(choices, response_tables(frames, shared)), *coverage_tables(choices)),
        references=_REFERENCES,
    )


def buyers(carried: Carried) -> np.ndarray:
    """Return how many households have a purchase after one of each brand, shape (j,)."""
    own = carried.occasions
    return np.array(
        [len(np.unique(own.household[own.before == place])) for place in range(len(own.brands))]
    )


def _models(carried: Carried) -> pd.DataFrame:
    own = carried.occasions
    rows = []
    for name in ("none", "last", "loyalty"):
        fit = fit_logit(make_design(own, carry=name))
        found = {item: fit.estimate(item) for item in WEIGHTS if item in fit.names}
        rows.append(_row(f"logit_{name}", 1, found, fit.log_likelihood, fit.bic))
    free = carried.free
    found = {item: free.estimate(item) for item in WEIGHTS if item in free.names}
    rows.append(_row("classes", free.classes, found, free.log_likelihood, free.bic))
    left = Estimate(carried.left, None, None, free.households)
    rows.append(_row("shuffled", free.classes, {"carry_over": left}, None, None))
    rows.append(_row("taken", free.classes, {"carry_over": carried.estimate()}, None, None))
    return pd.DataFrame(rows).assign(households=free.households)


def _row(
    model: str,
    classes: int,
    found: dict[str, Estimate],
    log_likelihood: float | None,
    bic: float | None,
) -> dict[str, Any]:
    row: dict[str, Any] = {"model": model, "classes": classes}
    for name in WEIGHTS:
        one = found.get(name)
        for end, value in zip(
            ("", "_low", "_high"),
            (one.value, one.low, one.high) if one else (None, None, None),
            strict=True,
        ):
            row[f"{name}{end}"] = np.nan if value is None else value
    return row | {
        "log_likelihood": np.nan if log_likelihood is None else log_likelihood,
        "bic": np.nan if bic is None else bic,
    }


def _summary(carried: Carried, told: Told) -> pd.DataFrame:
    frame = pd.DataFrame({"brand": list(carried.occasions.brands), "buyers": buyers(carried)})
    if "elasticity" not in told.found:
        return frame
    low, high = told.interval("elasticity")
    frame = frame.assign(
        elasticity=np.diag(told.found["elasticity"]),
        elasticity_low=np.diag(low),
        elasticity_high=np.diag(high),
    )
    for name in ("loyal", "others", "apart"):
        low, high = told.interval(name)
        frame = frame.assign(**{name: told.found[name], f"{name}_low": low, f"{name}_high": high})
    return frame


def _cross(carried: Carried, told: Told) -> pd.DataFrame:
    low, high = told.interval("elasticity")
    many = buyers(carried)
    return pd.DataFrame(
        [
            {
                "brand": brand,
                "price_of": other,
                "buyers": int(many[place]),
                "elasticity": told.found["elasticity"][place, column],
                "elasticity_low": low[place, column],
                "elasticity_high": high[place, column],
            }
            for place, brand in enumerate(carried.occasions.brands)
            for column, other in enumerate(carried.occasions.brands)
        ]
    )


def _findings(choices: Choices, frames: dict[str, pd.DataFrame], told: Told) -> Iterator[Finding]:
    models = by_model(frames)
    taken = models["taken"]
    base = choices.carried.design.households
    common: dict[str, Any] = {"definition": "choice_weight", "method": "choice_classes"}
    yield stated(
        choices, _SECTION, "choice_carry_over",
        Estimate(taken["carry_over"], taken["carry_over_low"], taken["carry_over_high"], base),
        unit="number", task="retain",
        values={
            "alike": Value(models["logit_last"]["carry_over"], "number"),
            "classes": Value(int(taken["classes"]), "count"),
            "free": Value(models["classes"]["carry_over"], "number"),
            "shuffled": Value(models["shuffled"]["carry_over"], "number"),
            "odds": Value(float(np.exp(taken["carry_over"])), "times"),
            "agreed": Value(told.agreed, "share"),
        },
        **common,
    )  # fmt: skip
    if "promoted" in choices.carried.held.names:
        row = models["classes"]
        yield stated(
            choices, _SECTION, "choice_promoted",
            Estimate(row["promoted"], row["promoted_low"], row["promoted_high"], base),
            unit="number",
            values={"odds": Value(float(np.exp(row["promoted"])), "times")},
            **common,
        )  # fmt: skip
    if "elasticity" in told.found:
        yield from _price_findings(choices, frames["summary"], base)


def _price_findings(choices: Choices, frame: pd.DataFrame, base: int) -> Iterator[Finding]:
    row = frame.iloc[int(np.argmin(frame["elasticity"]))]
    least = frame.iloc[int(np.argmax(frame["elasticity"]))]
    till = choices.till
    category = {} if till is None else {"category": both(till.category.name)}
    template = "choice_elasticity" if till is None else "till_elasticity"
    if ((frame["elasticity_low"] <= 0) & (frame["elasticity_high"] >= 0)).all():
        template = "choice_elasticity_none"
    yield stated(
        choices, _SECTION, template,
        Estimate(row["elasticity"], row["elasticity_low"], row["elasticity_high"], base),
        unit="number", definition="price_elasticity", method="choice_classes",
        subject="brand_choice",
        values={
            **category,
            "brand": named(choices, row["brand"]),
            "least": named(choices, least["brand"]),
            "least_elasticity": Value(least["elasticity"], "number"),
        },
    )  # fmt: skip
    first = frame.iloc[0]
    yield stated(
        choices, _SECTION, "choice_loyal_price",
        Estimate(first["apart"], first["apart_low"], first["apart_high"], base),
        unit="point_change", definition="price_rise", method="choice_classes",
        values={
            "brand": named(choices, first["brand"]),
            "loyal": Value(first["loyal"], "point_change"),
            "others": Value(first["others"], "point_change"),
        },
    )  # fmt: skip
