"""The client's own rule of fixed days, beside each customer's own rhythm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from loyalty_research.errors import ParameterError, problem
from loyalty_research.findings import Finding, Value
from loyalty_research.profile.common import Stater
from loyalty_research.stats import proportion

RULE = ("active", "dormant", "lost")
STAGES = ("active", "cooling", "dormant", "lost")
_SILENT = ("dormant", "lost")


def as_rule(rule: Any) -> dict[str, int] | None:
    """Return a rule, given as a mapping or as an object with its three days; None for None.

    Raises
    ------
    ParameterError
        Where it is not three whole numbers of days, active <= dormant < lost.
    """
    if rule is None:
        return None
    if isinstance(rule, Mapping):
        given = dict(rule)
    else:
        given = {name: getattr(rule, name, None) for name in RULE}
    values = [given.get(name) for name in RULE]
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    if (
        set(given) != set(RULE)
        or len(numbers) != len(RULE)
        or not 0 < numbers[0] <= numbers[1] < numbers[2]
    ):
        raise ParameterError(
            problem(
                "rule: found {found}; allowed: whole days, active <= dormant < lost, "
                "such as {{active: 90, dormant: 180, lost: 365}}",
                found=given,
            )
        )
    return dict(zip(RULE, numbers, strict=True))


def compare_rule(
    state: Stater,
    staged: pd.DataFrame,
    rule: Mapping[str, int],
    frames: dict[str, pd.DataFrame],
) -> tuple[Finding, ...]:
    """Set the rule beside the own rhythm: add frames ``rule`` and ``rules``, return the findings.

    Parameters
    ----------
    state, staged
        The section, and one row a customer: stage, silence in days, net_sales.
    rule
        Days of active, dormant and lost.
    frames
        Those of the result.
    """
    fixed = stage_by_rule(staged["silence"].to_numpy(), rule)
    own = _by_rhythm(staged["stage"])
    sales = staged["net_sales"].to_numpy(dtype=float)
    frames["rule"] = pd.DataFrame(
        {
            "stage": STAGES,
            "customers": [int((fixed == name).sum()) for name in STAGES],
            "net_sales": [float(sales[fixed == name].sum()) for name in STAGES],
            "own_rhythm": [int((own == name).sum()) for name in STAGES],
            "own_sales": [float(sales[own == name].sum()) for name in STAGES],
        }
    )
    pairs = [
        (first, second, (fixed == first) & (own == second)) for first in STAGES for second in STAGES
    ]
    frames["rules"] = pd.DataFrame(
        [
            {
                "by_rule": first,
                "by_rhythm": second,
                "customers": int(both.sum()),
                "net_sales": float(sales[both].sum()),
            }
            for first, second, both in pairs
            if both.any()
        ]
    )
    return (_missed(state, fixed, own, sales, rule),)


def stage_by_rule(silence: np.ndarray, rule: Mapping[str, int]) -> np.ndarray:
    """Return the stage of each customer by days of silence: up to active, from dormant, from lost.

    Whoever is silent for longer than ``active`` and not yet ``dormant`` stands in between, which is
    called ``cooling`` as in the own rhythm.
    """
    return np.select(
        [silence <= rule["active"], silence >= rule["lost"], silence >= rule["dormant"]],
        ["active", "lost", "dormant"],
        default="cooling",
    ).astype(object)


def _by_rhythm(stage: pd.Series[Any]) -> np.ndarray:
    return stage.where(stage.isin(STAGES), "active").to_numpy(dtype=object)


def _missed(
    state: Stater,
    fixed: np.ndarray,
    own: np.ndarray,
    sales: np.ndarray,
    rule: Mapping[str, int],
) -> Finding:
    """State whom the rule does not call dormant although their own rhythm does, and the reverse."""
    quiet = np.isin(own, _SILENT) & ~np.isin(fixed, _SILENT)
    early = np.isin(fixed, _SILENT) & ~np.isin(own, _SILENT)
    stake = float(sales[quiet].sum())
    return state(
        "lifecycle_rule",
        proportion(int((fixed == own).sum()), len(own)),
        unit="share",
        definition="lifecycle_rule",
        method="count",
        subject="lifecycle_rule",
        task="win_back",
        group="lifecycle_rule",
        at_stake=stake,
        values={
            **{name: Value(days, "days") for name, days in rule.items()},
            "quiet": Value(int(quiet.sum()), "customers"),
            "quiet_sales": Value(stake, "money"),
            "early": Value(int(early.sum()), "customers"),
            "early_sales": Value(float(sales[early].sum()), "money"),
        },
    )
