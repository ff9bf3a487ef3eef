"""What the section on customer value states, and what it withholds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_research.findings import Finding, Value
from loyalty_research.profile.clv.choice import GONE, Candidate, Choice
from loyalty_research.profile.clv.scores import BASELINES, score, total_error
from loyalty_research.profile.clv.windows import Windows
from loyalty_research.profile.common import Stater
from loyalty_research.stats import Estimate

_LARGE = 0.05


@dataclass(frozen=True, slots=True)
class Judged:
    """What the holdout judged.

    Parameters
    ----------
    choice
        The candidates and the model used.
    counts
        One row a customer of the base.
    windows
        Weeks of warm-up, calibration and holdout.
    later
        Customers first seen in the calibration who are left out; 0 where first purchases are
        observed.
    rhythm
        How much more uneven than chance purchases are spread.
    """

    choice: Choice
    counts: pd.DataFrame
    windows: Windows
    later: int
    rhythm: Estimate

    @property
    def actual(self) -> np.ndarray:
        """Purchase days in the holdout (n,)."""
        return self.counts["holdout_orders"].to_numpy(dtype=float)

    @property
    def base(self) -> int:
        """Number of customers."""
        return len(self.counts)

    def mae(self, name: str) -> float:
        """Return the mean absolute error of a candidate."""
        return score(self.choice.forecast_of(name), self.actual)["mae"]


def judged_findings(state: Stater, judged: Judged) -> tuple[Finding, ...]:
    """State the base, the holdout's verdict, and what the models could not tell."""
    return (
        _base(state, judged),
        _verdict(state, judged),
        _total(state, judged),
        *_unused(state, judged),
        *_misfit(state, judged),
        *_rhythm(state, judged),
        _alive(state, judged),
    )


def _base(state: Stater, judged: Judged) -> Finding:
    windows = judged.windows
    return state(
        "clv_base_acquired" if windows.observed else "clv_base_established",
        float(judged.base),
        unit="customers",
        definition="clv_holdout",
        method="count",
        base=judged.base,
        subject="clv_base",
        values={
            "warm_up": Value(windows.warm_up, "count"),
            "calibration": Value(windows.calibration, "count"),
            "holdout": Value(windows.holdout, "count"),
            "split": Value(windows.split.isoformat(), "date"),
            "later": Value(judged.later, "customers"),
        },
    )


def _verdict(state: Stater, judged: Judged) -> Finding:
    choice = judged.choice
    other = next(name for name in BASELINES if name != choice.baseline)
    return state(
        "clv_better" if choice.beats else "clv_not_better",
        choice.gain,
        unit="number",
        definition="clv_holdout",
        method="holdout",
        subject="clv_holdout",
        values={
            "model": Value(choice.used, "label:clv_model"),
            "mae": Value(judged.mae(choice.used), "number"),
            "baseline": Value(choice.baseline, "label:clv_model"),
            "baseline_mae": Value(judged.mae(choice.baseline), "number"),
            "other": Value(other, "label:clv_model"),
            "other_mae": Value(judged.mae(other), "number"),
            "holdout": Value(judged.windows.holdout, "count"),
        },
    )


def _total(state: Stater, judged: Judged) -> Finding:
    off = total_error(judged.choice.forecast, judged.actual)
    large = off.value is not None and abs(off.value) >= _LARGE
    return state(
        "clv_total_off" if large and total_is_off(judged) else "clv_total",
        off,
        unit="change",
        definition="clv_holdout",
        method="ratio",
        subject="clv_total",
        values={
            "predicted": Value(float(judged.choice.forecast.sum()), "occasions"),
            "actual": Value(float(judged.actual.sum()), "occasions"),
            "model": Value(judged.choice.used, "label:clv_model"),
        },
    )


def total_is_off(judged: Judged) -> bool:
    """Tell whether the holdout's total lies outside what the model gives 95 % to."""
    found = judged.choice.model.expected_total(judged.counts, periods=judged.windows.holdout)
    bought = float(judged.actual.sum())
    return not float(found["low"].iloc[0]) <= bought <= float(found["high"].iloc[0])


def _unused(state: Stater, judged: Judged) -> Iterator[Finding]:
    """Say of each model that ended at a bound, or nowhere, that it is not used, and why."""
    for name, item in judged.choice.candidates.items():
        values = {"model": Value(name, "label:clv_model")}
        if item.status == "boundary":
            found = state(
                "clv_boundary",
                float(1 - item.model.p_alive(judged.counts).mean()),
                unit="share",
                definition="p_alive",
                method="maximum_likelihood",
                base=judged.base,
                subject="clv_boundary",
                values=values | {"names": Value(", ".join(item.model.at_bound), "text")},
            )
        elif item.status in {"not_converged", "failed"}:
            found = state.withheld(
                "clv_boundary",
                "clv_not_settled",
                definition="p_alive",
                base=judged.base,
                values=values,
            )
        else:
            continue
        yield dataclasses.replace(found, id=f"{found.template}_{name}")


def _misfit(state: Stater, judged: Judged) -> Iterator[Finding]:
    if not judged.choice.misfit:
        return
    fit = judged.choice.counts
    table = fit.table
    away = (table["observed"] - table["expected"]) ** 2 / table["expected"].clip(lower=1e-9)
    worst = table.iloc[int(away.argmax())]
    yield state(
        "clv_misfit",
        float(worst["observed"] / worst["expected"] - 1),
        unit="change",
        definition="clv_fit",
        method="chi_square",
        base=judged.base,
        subject="clv_misfit",
        values={
            "model": Value(judged.choice.used, "label:clv_model"),
            "purchases": Value(cell_name(int(worst["low"]), int(worst["high"])), "text"),
            "observed": Value(int(worst["observed"]), "customers"),
            "expected": Value(float(worst["expected"]), "customers"),
        },
    )


def _rhythm(state: Stater, judged: Judged) -> Iterator[Finding]:
    """Say where purchases are spread more evenly, or come more in bursts, than models take them."""
    found = judged.rhythm
    if found.low is None or found.high is None or found.low <= 0 <= found.high:
        return
    yield state(
        "clv_rhythm_even" if found.high < 0 else "clv_rhythm_bursts",
        found,
        unit="change",
        definition="clv_rhythm",
        method="greenwood",
        subject="clv_rhythm",
        values={"model": Value(judged.choice.used, "label:clv_model")},
    )


def cell_name(low: int, high: int) -> str:
    """Print a cell of counts as ``0``, ``2–3``, ``12+``."""
    if high < 0:
        return f"{low}+"
    return str(low) if low == high else f"{low}–{high}"


def _alive(state: Stater, judged: Judged) -> Finding:
    """Give the share still there, or say why nobody can be told to have left."""
    choice = judged.choice
    item, gone = choice.with_dropout, choice.gone
    if item is None or gone is None:
        return state.withheld(
            "clv_alive", "dropout_unknown", definition="p_alive", base=judged.base
        )
    alive = item.model.p_alive(judged.counts).to_numpy()
    bought = judged.actual > 0
    rest = bought[alive >= GONE]
    values = {
        "model": Value(item.name, "label:clv_model"),
        "people": Value(gone.base, "customers"),
        "bought": Value(gone.value, "share"),
        "others": Value(float(rest.mean()) if len(rest) else None, "share"),
        "still": Value(float(bought.mean()), "share"),
        "left": Value(float(1 - alive.mean()), "share"),
        "holdout": Value(judged.windows.holdout, "count"),
    }
    if not choice.dropout_identified:
        return state.withheld(
            "clv_alive",
            _why_unknown(choice, item),
            definition="p_alive",
            base=judged.base,
            values=values,
        )
    return state(
        "clv_alive",
        float(alive.mean()),
        unit="share",
        definition="p_alive",
        method="maximum_likelihood",
        base=judged.base,
        subject="clv_alive",
        task="retain",
        values=values,
    )


def _why_unknown(choice: Choice, item: Candidate) -> str:
    if choice.dropout_used:
        return "dropout_not_borne_out"
    return "dropout_boundary" if item.status == "boundary" else "dropout_no_gain"
